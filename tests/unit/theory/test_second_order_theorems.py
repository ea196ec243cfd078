# SPDX-License-Identifier: MIT
"""Signs of the max-margin problem, the second variation of deep models, and what one direction can serve:
theorems against NumPy, random and searched configurations, finite differences and the solvers."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

import theory
from simulations.geometry import solve_model
from theory.lemmas.power_pair import FALL, LOWER, UPPER, low, turn
from theory.lemmas.schatten import power


def number(name, **values):
    return theory.get(name).evaluate(**values)


def root(matrix):
    """Of a matrix without negative eigenvalues but by rounding."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.where(values > 1e-12 * values[-1], values, 0.0)) @ vectors.T


# ---- signs of a square root, and the multipliers of the max-margin problem


@pytest.mark.parametrize("seed", range(6))
def test_entries_of_a_square_root_off_the_diagonal(seed):
    """Also where the matrix is not singular: s above sum a^2/y^2; and no longer without that structure."""
    generator = np.random.default_rng(seed)
    C = int(generator.integers(2, 9))
    y, a = np.exp(generator.normal(size=(2, C)))
    s = np.sum((a / y) ** 2) * generator.choice([1.0, 1.0 + 1e-6, 2.0])
    square = np.diag(y**2) - np.outer(a, a) / s
    values, vectors = np.linalg.eigh(square)
    S = root(square)
    sigma, along = np.sqrt(np.maximum(values, 0.0)), a @ vectors
    tail = (along**2 / (y[:, None, None] + sigma) / (y[None, :, None] + sigma)).sum(axis=2)
    rate = np.outer(a, a) / (s * np.add.outer(y, y))
    np.testing.assert_allclose(np.diag(y) - S, rate * (1 + tail / s), atol=1e-7 * y.max())
    assert np.all((np.diag(y) - S)[~np.eye(C, dtype=bool)] >= rate[~np.eye(C, dtype=bool)] * (1 - 1e-6))


def test_a_square_root_of_another_matrix_may_have_positive_entries():
    mixed = np.array([[2.0, -1.0, -0.9], [-1.0, 2.0, 0.6], [-0.9, 0.6, 2.0]])  # no M-matrix
    assert root(mixed)[1, 2] > 0.0
    n = 9
    assert number("m-matrix-square-root", C=4, samples_per_class=n) == pytest.approx(1 / (8 * math.sqrt(n)))


@pytest.mark.parametrize("seed", range(4))
def test_multipliers_written_out_are_those_of_the_solver(seed):
    generator = np.random.default_rng(seed)
    C = int(generator.integers(2, 7))
    counts, delta, m = np.exp(generator.normal(size=(3, C)))
    u, y = 1 / delta, delta / (np.sqrt(counts) * m)
    a, s = u * y**2, np.sum((u * y) ** 2)
    square = np.diag(y**2) - np.outer(a, a) / s
    assert np.abs(square @ u).max() < 1e-12 * y.max() ** 2
    values = np.linalg.eigvalsh(square)
    S, rest = root(square), np.diag(y) - root(square)
    multipliers = m[:, None] * np.outer(u, u) * rest
    found = solve_model("max-margin", counts=counts, scales=delta, margins=m)
    assert found.status == "optimal"
    off = ~np.eye(C, dtype=bool)
    assert multipliers.min() > -1e-12
    each = np.sqrt(counts)[:, None] * multipliers  # the solver's are of sqrt(n_c) times the margins
    np.testing.assert_allclose(each[off], found.details["multipliers"][off], rtol=1e-6)
    bound = 2 * np.sum((counts[:, None] * multipliers * m[:, None])[off])
    assert bound == pytest.approx(2 * found.value, rel=1e-8)
    assert bound == pytest.approx(2 * np.sum(1 / np.sqrt(values[1:])), rel=1e-6)
    asked_for = m[:, None] * u[:, None] * (S @ found.weight)
    np.testing.assert_allclose(found.class_means, asked_for, atol=1e-5 * np.abs(asked_for).max())


def test_the_multipliers_of_equal_classes():
    C, n = 5, 4
    found = solve_model("max-margin", counts=[n] * C)
    assert 2 * found.value == pytest.approx(number("max-margin-all-tight", C=C, samples_per_class=n, t=1.0))


# ---- one direction and a third class


def _pieces(generator, C, rank):
    left, right = (generator.normal(size=(rank, C)) for _ in range(2))
    return (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (left, right))


def _losses(logits):
    top = logits.max(axis=1)
    return np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - np.diag(logits)


def _third(values, left, right):
    """Loss of the classes that direction 0 does not serve, over C, and the theorem's bound of it."""
    C = left.shape[1]
    losses = _losses((left * values[:, None]).T @ right)
    skip = {int(np.argmax(right[0])), int(np.argmin(right[0]))}
    third = sum(x for c, x in enumerate(losses) if c not in skip) / C
    bound = number("third-class-loss", C=C, samples_per_class=1.0, norm_budget=float(values[1:].sum()))
    return third, bound


@pytest.mark.parametrize("C", [3, 4, 6, 11])
def test_third_classes_pay_whatever_the_first_direction_is(C):
    generator = np.random.default_rng(C)
    for _ in range(200):
        rank = int(generator.integers(2, C + 1))
        left, right = _pieces(generator, C, rank)
        values = np.exp(2 * generator.normal(size=rank))
        third, bound = _third(values, left, right)
        assert bound <= third * (1 + 1e-12)


@pytest.mark.parametrize(("C", "reach"), [(3, 1.001), (4, 1.8)])
def test_third_class_bound_is_not_beaten_by_a_search_and_nearly_met(C, reach):
    """The worst that a local search finds: three classes meet the bound, more have each other to fear too."""
    generator, least = np.random.default_rng(1), np.inf

    def ratio(flat):
        pieces = flat.reshape(4, C)
        pieces = pieces / np.linalg.norm(pieces, axis=1, keepdims=True)
        third, bound = _third(np.array([1e7, 1.0]), pieces[[0, 2]], pieces[[1, 3]])
        return third / bound

    thirds = C - 2
    start = np.zeros((4, C))
    start[0], start[1] = 1e-4, 1.0 - 1e-4  # all third classes just below the first, far above the last
    start[0, :2], start[1, :2] = (1.0, -1.0), (1.0, -1.0)
    start[2, 2:], start[3, 2:], start[3, 0] = 1.0, 1.0 / thirds, -1.0
    for _ in range(3):
        found = minimize(
            ratio, (start + 1e-7 * generator.normal(size=start.shape)).ravel(), method="Nelder-Mead"
        )
        least = min(least, found.fun)
    assert 1.0 - 1e-9 <= least <= reach


@pytest.mark.parametrize(("C", "layers"), [(3, 2), (4, 2), (5, 3), (8, 4)])
def test_two_singular_values_have_to_pay(C, layers):
    generator, p, n = np.random.default_rng(C), 2 / (layers + 1), 3
    tried, nearest = 0, np.inf
    shapes = [np.eye(C) - 1 / C]
    shapes += [
        x @ x.T for x in (generator.normal(size=(C, int(generator.integers(2, C)) + 1)) for _ in range(60))
    ]
    for shape in shapes:
        for scale in np.geomspace(0.5, 40.0, 12):
            loss = _losses(scale * shape).mean()
            values = np.linalg.svd(math.sqrt(n) * scale * shape, compute_uv=False)
            if 1e-12 < loss < 0.99 * (C - 2) / C * math.log(2):
                bound = number("deep-linear-two-directions", C=C, samples_per_class=n, layers=layers, L=loss)
                nuclear = math.sqrt(n) * (C - 1) * math.log((C - 1) / math.expm1(loss))
                assert nuclear**p < bound <= np.sum(values[values > 1e-9] ** p) * (1 + 1e-12)
                nearest, tried = min(nearest, np.sum(values[values > 1e-9] ** p) / bound), tried + 1
    assert tried >= 10
    assert nearest < 0.75 * C


# ---- second order at collapse


def _objective(logits, depth_factors, price):
    """Mean cross-entropy and (d/2) lambda sum s^{2/d}, one sample a class."""
    values = np.linalg.svd(logits, compute_uv=False)[:-1]  # centred: the last is 0
    return _losses(logits).mean() + depth_factors / 2 * price * np.sum(values ** (2 / depth_factors))


def _stationary(C, factors, alpha):
    """The decay at which collapse with this logit gap is stationary."""
    return alpha ** (1 - 2 / factors) * math.exp(-alpha) / (1 + (C - 1) * math.exp(-alpha))


def _second(C, factors, alpha, step):
    """The second derivative along ``step``, by differences of differences."""
    price, base, h = _stationary(C, factors, alpha), alpha * (np.eye(C) - 1 / C), 1e-3
    f = [_objective(base + k * h * step, factors, price) for k in (-2, -1, 0, 1, 2)]
    assert abs(8 * (f[3] - f[1]) - (f[4] - f[0])) / (12 * h) < 1e-8  # a stationary point
    return (-f[0] + 16 * f[1] - 30 * f[2] + 16 * f[3] - f[4]) / (12 * h * h)


def _centred(step):
    step = step - step.mean(axis=0)
    return step - step.mean(axis=1, keepdims=True)


@pytest.mark.parametrize(("C", "factors", "alpha"), [(3, 3, 2.0), (4, 3, 1.0), (5, 4, 4.0), (6, 3, 2.5)])
def test_second_variation_in_every_direction(C, factors, alpha):
    """Finite differences against the statement, and its bound with equality at diagonal 0."""
    generator, p = np.random.default_rng(C), 2 / factors
    wrong = math.exp(-alpha) / (1 + (C - 1) * math.exp(-alpha))
    lead = 1 - C * wrong
    for _ in range(6):
        step = _centred(generator.normal(size=(C, C)))
        even, odd = (step + step.T) / 2, (step - step.T) / 2
        loss = wrong * np.sum(step**2) / C + lead * (1 - lead) * np.mean(np.diag(step) ** 2)
        decay = wrong / alpha * (np.sum(odd**2) - (1 - p) * np.sum(even**2))
        assert _second(C, factors, alpha, step) == pytest.approx(loss + decay, rel=1e-5, abs=1e-8)
        least = (1 / C - (1 - p) / alpha) * np.sum(even**2) + (1 / C + 1 / alpha) * np.sum(odd**2)
        assert wrong * least <= loss + decay
    if C >= 4:
        pulled = np.zeros((C, C))
        pulled[0, 2] = pulled[1, 3] = pulled[2, 0] = pulled[3, 1] = 1
        pulled[0, 3] = pulled[1, 2] = pulled[3, 0] = pulled[2, 1] = -1
        rate = number("garrod-keating-2024-second-order", C=C, layers=factors - 1, t=alpha)
        assert _second(C, factors, alpha, pulled) == pytest.approx(8 * rate, rel=1e-5, abs=1e-8)


def _hessian_of_factors(C, factors, alpha):
    """Least eigenvalue of the full Hessian in W_d, ..., W_1 at balanced collapse, by differences."""
    price = _stationary(C, factors, alpha)
    one = alpha ** (1 / factors) * (np.eye(C) - 1 / C)
    point = np.concatenate([one.ravel()] * factors)

    def gradient(flat):
        layers = flat.reshape(factors, C, C)
        logits = np.linalg.multi_dot(layers)
        exps = np.exp(logits - logits.max(axis=1, keepdims=True))
        slope = (exps / exps.sum(axis=1, keepdims=True) - np.eye(C)) / C
        out = []
        for k in range(factors):
            before, after = np.eye(C), np.eye(C)
            for x in layers[:k]:
                before = before @ x
            for x in layers[k + 1 :]:
                after = after @ x
            out.append(before.T @ slope @ after.T + price * layers[k])
        return np.concatenate([x.ravel() for x in out])

    assert np.abs(gradient(point)).max() < 1e-12
    h, size = 1e-5, len(point)
    rows = [(gradient(point + h * e) - gradient(point - h * e)) / (2 * h) for e in np.eye(size)]
    return float(np.linalg.eigvalsh((np.array(rows) + np.array(rows).T) / 2)[0])


@pytest.mark.parametrize(("C", "layers"), [(4, 2), (5, 2), (4, 3)])
def test_the_full_hessian_changes_its_sign_at_the_threshold(C, layers):
    """In all layers together, not only in the logits."""
    threshold = number("garrod-keating-2024-saddle", C=C, layers=layers)
    assert threshold == pytest.approx(C * (layers - 1) / (layers + 1))
    below, above = (_hessian_of_factors(C, layers + 1, x * threshold) for x in (0.97, 1.03))
    assert below < -1e-4
    assert above > -1e-7


def test_for_three_classes_the_diagonal_keeps_collapse_a_minimum_below_it():
    assert _hessian_of_factors(3, 3, 0.95) > -1e-7  # C (L-1)/(L+1) = 1; no symmetric direction of diagonal 0


@pytest.mark.parametrize(
    ("C", "factors", "alpha", "t"), [(4, 3, 1.0, 0.05), (6, 4, 2.0, 0.2), (9, 3, 2.5, 0.05)]
)
def test_pulling_two_directions_apart_lowers_the_objective(C, factors, alpha, t):
    p, beta, price = 2 / factors, alpha - 2 * t, _stationary(C, factors, alpha)
    assert alpha * (math.exp(t) + math.exp(-t) - 2) < C * t**2 * (1 - p * (1 + t / beta) ** 2)
    pulled = np.zeros((C, C))
    pulled[0, 2] = pulled[1, 3] = pulled[2, 0] = pulled[3, 1] = t
    pulled[0, 3] = pulled[1, 2] = pulled[3, 0] = pulled[2, 1] = -t
    base = alpha * (np.eye(C) - 1 / C)
    assert _objective(base + pulled, factors, price) < _objective(base, factors, price)


def test_powers_of_two_numbers_pulled_apart():
    for p in (0.05, 0.4, 2 / 3, 0.99):
        for b in (0.01, 0.5, 20.0):
            for t in (1e-3, 0.3, 5.0):
                at = {power: p, low: b, turn: t}
                exact, bound = float((UPPER + LOWER).subs(at)), float(2 - FALL.subs(at))
                assert exact <= bound + 1e-12
    at = {power: 0.5, low: 1.0, turn: 0.01}
    assert float((2 - UPPER - LOWER).subs(at)) == pytest.approx(float(FALL.subs(at)), rel=0.03)
