# SPDX-License-Identifier: MIT
"""Spectral norms and duality in balls: exact references, useless hints, and refusals."""

import math
import random
from fractions import Fraction

import flint
import pytest

from theory.certificates.duality import DecayModel, dual_lower_bound, primal_upper_bound
from theory.certificates.spectral import (
    exact_matrix,
    float_above,
    float_below,
    lower_end,
    spectral_norm_bound,
    upper_end,
)


def identity(size):
    return [[float(i == j) for j in range(size)] for i in range(size)]


def random_rows(seed, size):
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(size)] for _ in range(size)]


def norm_from_below(rows, steps=400):
    """||Mx||/||x|| for one float x, squared and exact: never above the true square."""
    x = [1.0 + 0.1 * j for j in range(len(rows))]
    for _ in range(steps):
        image = [math.fsum(a * b for a, b in zip(row, x, strict=True)) for row in rows]
        x = [math.fsum(row[j] * y for row, y in zip(rows, image, strict=True)) for j in range(len(rows))]
        largest = max(map(abs, x))
        x = [entry / largest for entry in x]
    point = [Fraction(entry) for entry in x]
    image = [sum(Fraction(a) * b for a, b in zip(row, point, strict=True)) for row in rows]
    return sum(a * a for a in image) / sum(a * a for a in point)


def test_norms_that_are_known_exactly():
    ones = [[1.0] * 5 for _ in range(5)]
    assert upper_end(spectral_norm_bound(exact_matrix(ones))) == 5
    diagonal = [[float((i + 1) * (i == j)) for j in range(4)] for i in range(4)]
    assert upper_end(spectral_norm_bound(exact_matrix(diagonal), identity(4), identity(4))) == 4
    assert upper_end(spectral_norm_bound(exact_matrix([[0.0]]))) == 0
    rotation = [[0.6, -0.8], [0.8, 0.6]]  # as floats not quite a rotation
    assert upper_end(spectral_norm_bound(exact_matrix(rotation), rotation, identity(2))) >= 1 - Fraction(
        1, 2**50
    )


@pytest.mark.parametrize("seed", range(4))
def test_never_below_the_norm_and_close_with_good_hints(seed):
    numpy = pytest.importorskip("numpy")
    rows = random_rows(seed, 8)
    least = norm_from_below(rows)
    left, _, right = numpy.linalg.svd(numpy.array(rows))
    sharp = upper_end(spectral_norm_bound(exact_matrix(rows), left.tolist(), right.T.tolist()))
    assert least <= sharp**2 <= least * (1 + Fraction(1, 10**8))
    # Hints that are wrong, not orthogonal, or nonsense cost sharpness only.
    nonsense = [random_rows(seed + 9, 8), identity(8), [[1.0] * 8] * 8, [[1e300] * 8] * 8]
    nearly = [[entry * (1 + 1e-3) for entry in row] for row in left.tolist()]
    for hint in [*nonsense, nearly]:
        assert upper_end(spectral_norm_bound(exact_matrix(rows), hint, right.T.tolist())) ** 2 >= least


def test_a_wide_ball_is_bounded_for_all_its_matrices():
    wide = flint.arb_mat([[flint.arb(1, 0.5), flint.arb(0, 0.5)], [flint.arb(0), flint.arb(1)]])
    assert upper_end(spectral_norm_bound(wide, identity(2), identity(2))) ** 2 >= norm_from_below(
        [[1.5, 0.5], [0.0, 1.0]]
    )


def test_doors_round_outward():
    with flint.ctx.workprec(128):
        third = flint.arb(1) / 3
    assert lower_end(third) < Fraction(1, 3) < upper_end(third)
    assert Fraction(float_below(Fraction(1, 3))) < Fraction(1, 3) < Fraction(float_above(Fraction(1, 3)))
    assert float_below(Fraction(1, 2)) == float_above(Fraction(1, 2)) == 0.5
    assert float_below(Fraction(10**400)) == 1.7976931348623157e308
    assert float_above(Fraction(10**400)) == math.inf
    assert float_below(-Fraction(10**400)) == -math.inf
    with pytest.raises(ArithmeticError):
        lower_end(flint.arb("nan"))
    for rows in ([], [[1.0], [1.0, 2.0]], [[math.nan]], [[math.inf]]):
        with pytest.raises(ValueError, match="exact_matrix"):
            exact_matrix(rows)


def model(kind, bias_decay=None, **changes):
    numbers = {"counts": (2, 1), "weight_decay": Fraction(1, 100), "feature_decay": Fraction(1, 100)}
    return DecayModel(kind=kind, bias_decay=bias_decay, **{**numbers, **changes})


@pytest.mark.parametrize("bias_decay", [None, Fraction(0), Fraction(1, 2)])
@pytest.mark.parametrize("kind", ["entropic", "capped", "quadratic"])
def test_zero_rows_give_the_least_value_of_the_conjugate(kind, bias_decay):
    """At zero rows the bound is the least of the loss itself: zero, and the target's entropy if smoothed."""
    assert abs(dual_lower_bound(model(kind, bias_decay), [[0.0] * 2] * 2)) < Fraction(1, 10**30)
    smoothed = dual_lower_bound(model("entropic", bias_decay, smoothing=Fraction(1, 2)), [[0.0] * 2] * 2)
    assert float(smoothed) == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), rel=1e-14)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("entropic", [[0.0, -1e-9], [0.1, 0.0]]),  # a negative probability
        ("entropic", [[0.0, 1.0 + 1e-12], [0.1, 0.0]]),  # that of the true class would be
        ("capped", [[0.0, -1e-9], [0.1, 0.0]]),
        ("capped", [[0.0, 0.5 + 1e-12], [0.1, 0.0]]),
    ],
)
def test_rows_outside_the_domain_are_refused(kind, rows):
    with pytest.raises(ValueError, match="not proved to lie in the domain"):
        dual_lower_bound(model(kind), rows)
    # With a free bias the same rows are mixed into the domain; what comes out holds at W = H = 0.
    zero = [[0.0], [0.0]]
    free = model(kind, Fraction(0))
    assert dual_lower_bound(free, rows) <= primal_upper_bound(free, zero, zero, [0.0, 0.0])


def test_the_diagonal_is_not_taken_from_the_caller():
    """Only the wrong entries count where rows sum to zero: a wrong diagonal cannot raise the bound."""
    bounds = {
        dual_lower_bound(model("entropic"), [[d, 0.02], [0.03, -d]], identity(2), identity(2))
        for d in (0.0, 7.0, -1e9)
    }
    assert len(bounds) == 1


def test_bad_instances_and_shapes_are_refused():
    good = model("quadratic")
    with pytest.raises(ValueError, match="2 rows of 2"):
        dual_lower_bound(good, [[0.0, 0.0]])
    with pytest.raises(ValueError, match="2 rows of one length"):
        primal_upper_bound(good, [[0.0]], [[0.0]])
    with pytest.raises(ValueError, match="with a bias only"):
        primal_upper_bound(good, [[0.0]] * 2, [[0.0]] * 2, [0.0, 0.0])
    for change in (
        {"counts": (1,)},
        {"counts": (1, 0)},
        {"weight_decay": Fraction(0)},
        {"smoothing": Fraction(1)},
    ):
        with pytest.raises(ValueError, match="outside the ranges"):
            model("entropic", **change)
    with pytest.raises(ValueError, match="outside the ranges"):
        model("cubic")
