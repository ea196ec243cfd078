# SPDX-License-Identifier: MIT
"""Softmax codes: margins certified from both sides, bounds true for every code, published configurations."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from simulations.errors import InputError
from simulations.geometry.models import _code_bounds as bounds
from simulations.geometry.models._codes import largest_cosine, loosen
from simulations.geometry.models.softmax_code import code_margins, margin_against_dimension, solve

GENERATOR = np.random.default_rng(7)


def random_code(C, d, cap=None):
    points = GENERATOR.normal(size=(C, d))
    if cap is not None:  # all in a cap: the origin is outside their hull
        points[:, 0] = np.abs(points[:, 0]) + cap
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def distance_by_slsqp(weight, k):
    """Distance of row k to the hull of the others by an independent method."""
    others = np.delete(weight, k, axis=0)
    n = len(others)
    found = minimize(
        lambda a: 0.5 * np.square(weight[k] - a @ others).sum(),
        np.full(n, 1.0 / n),
        jac=lambda a: -others @ (weight[k] - a @ others),
        bounds=[(0.0, 1.0)] * n,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1.0, "jac": lambda a: np.ones(n)},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    return np.sqrt(2.0 * found.fun)


@pytest.mark.parametrize(
    ("C", "d", "cap"), [(4, 2, None), (6, 3, None), (9, 3, 1.0), (5, 8, None), (3, 2, 2.0)]
)
def test_margins_are_distances_to_hulls(C, d, cap):
    weight = random_code(C, d, cap)
    found = code_margins(weight)
    assert (found.upper - found.lower).max() < 1e-10
    for k in range(C):
        assert found.lower[k] == pytest.approx(distance_by_slsqp(weight, k), abs=1e-5)
        if found.lower[k] > 0.0:
            hardmax = ((weight[k] - np.delete(weight, k, axis=0)) @ found.features[k]).min()
            assert hardmax == pytest.approx(found.lower[k], abs=1e-12)


def test_a_row_inside_the_hull_of_the_others_has_margin_zero():
    weight = np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9], [0.05, 0.02]])
    found = code_margins(weight)
    assert found.lower[3] == 0.0
    assert found.upper[3] < 1e-12
    assert found.lower[:3].min() > 0.1


def test_margins_of_many_equidistant_rows_are_narrow():
    """The 56 points of cosines 1/3, -1/3, -1: nonnegative least squares alone stops short here."""
    pairs = [(i, j) for i in range(8) for j in range(i)]
    rows = np.full((28, 8), -1.0)
    for k, (i, j) in enumerate(pairs):
        rows[k, [i, j]] = 3.0
    code = np.vstack([rows, -rows]) / np.sqrt(24.0)
    found = code_margins(code)
    assert found.lower == pytest.approx(2.0 / 3.0, abs=1e-10)
    assert found.upper == pytest.approx(2.0 / 3.0, abs=1e-10)


@pytest.mark.parametrize("cap", [None, 0.1, 3.0])
def test_bisectors_of_any_code_have_cosines_below_one_minus_its_margin(cap):
    """The inequality behind the upper bound, on codes of every kind, with no tolerance but rounding."""
    tightest = np.inf
    for _ in range(60):
        C, d = int(GENERATOR.integers(2, 9)), int(GENERATOR.integers(2, 5))
        weight = random_code(C, d, cap)
        found = code_margins(weight)
        margin = found.lower.min()
        if margin < 1e-6:
            continue
        middle = weight + found.features
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        gram = middle @ middle.T
        cosine = gram[~np.eye(C, dtype=bool)].max()
        assert cosine <= 1.0 - margin + 1e-12
        tightest = min(tightest, 1.0 - margin - cosine)
    assert tightest < 0.1


@pytest.mark.parametrize(
    ("C", "d", "cosine"),
    [
        (12, 3, 5**-0.5),
        (16, 5, 0.2),
        (27, 6, 0.25),
        (56, 7, 1 / 3),
        (240, 8, 0.5),
        (6, 3, 0.0),
        (9, 2, np.cos(2 * np.pi / 9)),
    ],
)
def test_cosine_bounds_are_attained_by_the_sharp_codes_and_not_beyond(C, d, cosine):
    bound, _ = bounds.cosine_bound(C, d)
    assert bound <= cosine + 1e-14
    assert bound == pytest.approx(cosine, abs=1e-11)


@pytest.mark.parametrize(("d", "degree"), [(3, 5), (4, 6), (8, 7), (24, 11)])
def test_the_polynomials_prove_what_they_should(d, degree):
    """f <= 0 on [-1, s], nonnegative coefficients by a second quadrature, and their quotient."""
    from scipy.integrate import quad
    from scipy.special import eval_gegenbauer

    s, alpha, even, order = 0.5 if d != 3 else 5**-0.5, 0.5 * (d - 3), degree % 2 == 0, (degree - 1) // 2

    def f(t):
        return float(
            (t - s) * bounds._kernel(np.array([t]), s, alpha, even, order)[0] ** 2 * (1 + t if even else 1)
        )

    def coefficient(l):
        g = lambda t: eval_gegenbauer(l, alpha + 0.5, t) / eval_gegenbauer(l, alpha + 0.5, 1.0)  # noqa: E731
        weight = lambda t: (1 - t * t) ** alpha  # noqa: E731
        return (
            quad(lambda t: weight(t) * f(t) * g(t), -1, 1)[0]
            / quad(lambda t: weight(t) * g(t) ** 2, -1, 1)[0]
        )

    scale = f(1.0)
    assert max(f(t) for t in np.linspace(-1.0, s, 301)) <= 1e-12 * scale
    coefficients = [coefficient(l) for l in range(degree + 1)]
    assert min(coefficients) > -1e-7 * scale
    assert bounds.code_size_bound(s, d, degree) == pytest.approx(scale / coefficients[0], rel=1e-5)
    known = {
        3: 12.0,
        8: 240.0,
        24: 196560.0,
    }  # icosahedron; kissing numbers (Levenshtein; Odlyzko & Sloane 1979)
    if d in known:
        assert bounds.code_size_bound(s, d, degree) == pytest.approx(known[d], rel=1e-9)


@pytest.mark.parametrize(
    ("C", "degrees", "source"),
    [
        (7, 77.8695421, "Schuette & van der Waerden 1951"),
        (8, 74.8584922, "Schuette & van der Waerden 1951"),
        (9, 70.5287794, "Schuette & van der Waerden 1951"),
        (10, 66.1468220, "Danzer 1986"),
        (14, 55.6705700, "Musin & Tarasov 2015"),
        (24, 43.6907671, "Robinson 1961"),
    ],
)
def test_best_packings_of_the_sphere_are_found_and_are_not_called_optimal(C, degrees, source):
    """Solved in the literature by other means: the margin is 1 - cos(angle), and our gap stays open."""
    found = solve(num_classes=C, feature_dim=3, starts=3)
    assert found.status == "uncertified"
    assert found.objective == pytest.approx(1.0 - np.cos(np.radians(degrees)), abs=1e-8), source
    assert 0.0 < found.gap < 0.1
    assert found.details["largest_cosine"] == pytest.approx(1.0 - found.objective, abs=1e-12)


@pytest.mark.parametrize(("C", "d"), [(12, 3), (16, 5)])
def test_codes_that_meet_their_bound_are_found_and_certified(C, d):
    found = solve(num_classes=C, feature_dim=d, seed=3)
    assert found.status == "optimal"
    assert found.closed_form is None
    assert abs(found.gap) < 1e-10
    assert not found.details["rattlers"].any()


def test_no_search_beats_the_bound():
    for C, d in ((5, 2), (11, 3), (13, 4), (15, 6)):
        found = solve(num_classes=C, feature_dim=d, starts=3, tolerance=1e-6)
        assert found.objective <= found.details["upper_bound"] + 1e-12
        assert np.linalg.norm(found.weight, axis=1) == pytest.approx(1.0)


def test_thirteen_points_need_many_starts():
    """Musin & Tarasov 2012: 57.1367 degrees, the strong thirteen spheres problem."""
    found = solve(num_classes=13, feature_dim=3, starts=20)
    assert found.status == "uncertified"
    assert found.objective == pytest.approx(1.0 - np.cos(np.radians(57.1367031)), abs=1e-8)


def test_a_row_that_leans_on_others_moves_away_and_the_best_code_stays():
    """A tetrahedron stays; a row that leans on one pole of a line ends halfway between the two."""
    tetrahedron = solve(num_classes=4, feature_dim=3).weight
    assert loosen(tetrahedron) == pytest.approx(tetrahedron)
    leaning = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.6, 0.8, 0.0]])
    moved = loosen(leaning)
    assert largest_cosine(moved) < 0.1
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1.0)


def test_margin_grows_with_dimension_until_the_simplex():
    rows = margin_against_dimension(8, range(1, 9), starts=4)
    assert [row["feature_dim"] for row in rows] == list(range(1, 9))
    margins = [row["margin"] for row in rows]
    assert all(low <= high + 1e-12 for low, high in pairwise(margins))
    assert [row["status"] for row in rows] == ["optimal", "optimal", "uncertified"] + ["optimal"] * 5
    assert margins[0] == 0.0
    assert margins[-1] == pytest.approx(8 / 7)


@pytest.mark.parametrize("weight", [[[1.0, 0.0]], [1.0, 2.0], [[1.0, np.nan], [0.0, 1.0]], "code"])
def test_margins_of_what_is_no_code_are_refused(weight):
    with pytest.raises(InputError, match="weight"):
        code_margins(weight)
