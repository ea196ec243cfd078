# SPDX-License-Identifier: MIT
"""Deep unconstrained features: depth threshold, and pairs against collapse, on real matrices, both sides."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import theory


def descend(objective, start):
    return minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 4000, "ftol": 0, "gtol": 1e-11}
    ).fun


def deep_objective(shapes, decays, outer, relu):
    """x -> (loss of F_1 ... F_m X + penalties, gradient); the last factor holds the features.

    ``outer(Z)`` gives the loss of the outputs and its gradient; ``relu`` acts between the factors, not on X.
    """
    sizes = [a * b for a, b in shapes]

    def objective(x):
        parts = np.split(x, np.cumsum(sizes)[:-1])
        factors = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        before, active = [factors[-1]], []
        for n, factor in enumerate(reversed(factors[:-1])):
            out = factor @ before[-1]
            last = n == len(factors) - 2
            active.append(np.ones_like(out) if last or not relu else (out > 0).astype(float))
            before.append(out * active[-1])
        value, slope = outer(before[-1])
        gradients = []
        for factor, inputs, on in zip(factors[:-1], reversed(before[:-1]), reversed(active), strict=True):
            slope = slope * on
            gradients.append(slope @ inputs.T)
            slope = factor.T @ slope
        gradients.append(slope)
        for n, (factor, decay) in enumerate(zip(factors, decays, strict=True)):
            value += decay / 2 * np.sum(factor**2)
            gradients[n] = gradients[n] + decay * factor
        return value, np.concatenate([g.ravel() for g in gradients])

    return objective


def squared(Y):
    def outer(Z):
        return np.sum((Z - Y) ** 2) / (2 * Y.shape[1]), (Z - Y) / Y.shape[1]

    return outer


def cross_entropy(Z):
    """Mean cross-entropy of the columns of ``Z``, one sample a class."""
    p = np.exp(Z - Z.max(axis=0))
    total = p.sum(axis=0)
    value = np.mean(np.log(total) + Z.max(axis=0) - np.diag(Z))
    return value, (p / total - np.eye(len(Z))) / len(Z)


def squared_model(C, n, L, decays, seed, scale=1.0):
    """A descent of the squared-loss model from near the balanced collapsed point times ``scale``."""
    rng = np.random.default_rng(seed)
    Y = np.kron(np.eye(C), np.ones((1, n)))
    sizes = np.full(L + 1, (np.sqrt(n) * (L - 1) / L) ** (1 / (L + 1)))
    sizes *= np.prod(decays) ** (1 / (2 * L + 2)) / np.sqrt(decays)
    factors = [s * np.eye(C) for s in sizes[:-1]] + [sizes[-1] * Y / np.sqrt(n)]
    start = np.concatenate(
        [(scale * (f + 0.05 * np.abs(rng.standard_normal(f.shape)))).ravel() for f in factors]
    )
    return descend(deep_objective([f.shape for f in factors], decays, squared(Y), relu=True), start)


def best_direction(C, n, L, decays):
    """C times the least objective of one direction with balanced singular values."""
    g = (n * np.prod(decays)) ** (1 / (L + 1))

    def objective(x):
        return (1 - x) ** 2 / 2 + C * (L + 1) / 2 * g * x ** (2 / (L + 1))

    grid = np.linspace(1e-9, 1, 2001)
    near = grid[np.argmin(objective(grid))]
    found = minimize_scalar(objective, bounds=(max(near - 1e-3, 0), min(near + 1e-3, 1)), method="bounded")
    return min(0.5, found.fun)


@pytest.mark.parametrize(("C", "n", "L"), [(2, 1, 2), (2, 3, 3), (3, 2, 2)])
def test_sukenik_threshold_on_relu_models(C, n, L):
    threshold = theory.get("sukenik-2023-zero-above").evaluate(C=C, layers=L)
    shape = np.geomspace(0.5, 2, L + 1)
    shape /= np.prod(shape) ** (1 / (L + 1))
    for factor in (0.5, 0.9):  # below: collapse beats zero, at the value of the scalar problem
        decays = shape * (factor * threshold / n) ** (1 / (L + 1))
        found = min(squared_model(C, n, L, decays, seed) for seed in range(2))
        assert found < 0.5 - 1e-4
        assert found == pytest.approx(best_direction(C, n, L, decays), rel=1e-6)
    for factor in (1.001, 1.5):  # above: nothing beats zero
        decays = shape * (factor * threshold / n) ** (1 / (L + 1))
        runs = [squared_model(C, n, L, decays, seed, scale) for seed in range(2) for scale in (0.5, 1, 2)]
        assert min(runs) == pytest.approx(0.5, abs=1e-6) or min(runs) > 0.5


def test_sukenik_formula_below_the_threshold_is_the_objective_of_equal_decays():
    entry = theory.get("sukenik-2023-collapse-below")
    C, n, L, decay = 3, 4, 2, 0.02
    value = entry.evaluate(C=C, samples_per_class=n, layers=L, weight_decay=decay)
    product = np.sqrt(n) * (L - 1) / L
    s = product ** (1 / (L + 1))
    direct = C * ((1 - product / np.sqrt(n)) ** 2 / (2 * C) + decay / 2 * (L + 1) * s**2)
    assert value == pytest.approx(direct, rel=1e-12)
    assert best_direction(C, n, L, np.full(L + 1, decay)) <= value < 0.5


def structures(C, L, alpha):
    """Factors of the collapsed and of the paired solution (for C even) with the same singular values."""
    d = L + 1
    simplex = np.eye(C) - 1 / C
    pairs = np.zeros((C, C))
    pairs[: C - C % 2, : C - C % 2] = np.kron(np.eye(C // 2), np.array([[1.0, -1.0], [-1.0, 1.0]])) / 2
    s = alpha ** (1 / d)
    return [s * simplex] * d, [2 ** (1 / d) * s * pairs] * d


def odd_structure(C, L, alpha):
    """Pairs and one triple, C odd, with the singular values of the collapsed solution of gap alpha."""
    d, s = L + 1, alpha ** (1 / (L + 1))
    factor = np.zeros((C, C))
    factor[:-3, :-3] = np.kron(np.eye((C - 3) // 2), np.array([[1.0, -1.0], [-1.0, 1.0]])) / 2 * 2 ** (1 / d)
    factor[-3:, -3:] = (np.eye(3) - 1 / 3) * 1.5 ** (1 / d)
    return [s * factor] * d


def deep_value(factors, decay):
    Z = np.linalg.multi_dot(factors)
    return cross_entropy(Z)[0] + decay / 2 * sum(np.sum(f**2) for f in factors)


def best(C, L, decay, which):
    """The least objective over the scale, and the scale."""
    grid = np.geomspace(1e-3, 40, 400)
    values = [deep_value(structures(C, L, a)[which], decay) for a in grid]
    n = int(np.argmin(values))
    found = minimize_scalar(
        lambda a: deep_value(structures(C, L, a)[which], decay),
        bounds=(grid[max(n - 1, 0)], grid[min(n + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return found.fun, found.x


@pytest.mark.parametrize(("C", "L"), [(4, 3), (6, 2), (8, 2)])
@pytest.mark.parametrize("decay", [1e-4, 1e-2])
def test_garrod_keating_pairs_beat_collapse(C, L, decay):
    assert theory.get("garrod-keating-2024-low-rank").evaluate(C=C, layers=L) <= 1
    collapsed, alpha = best(C, L, decay, 0)
    assert alpha > 1
    for a in (0.5, 2.0, alpha, 12.0):
        one, other = structures(C, L, a)
        assert deep_value(other, decay) < deep_value(one, decay)
    assert best(C, L, decay, 1)[0] < collapsed
    factors = structures(C, L, alpha)[0]
    rng = np.random.default_rng(0)
    start = np.concatenate(
        [(f + 0.5 * rng.standard_normal(f.shape)).ravel() for f in structures(C, L, alpha)[1]]
    )
    free = descend(
        deep_objective([f.shape for f in factors], [decay] * (L + 1), cross_entropy, relu=False), start
    )
    assert free < collapsed


@pytest.mark.parametrize(
    ("C", "L", "wins"), [(5, 3, True), (7, 2, True), (7, 3, True), (5, 2, False), (5, 1, False)]
)
def test_garrod_keating_odd_classes(C, L, wins):
    """At the same singular values the regulariser decides where the loss is small, on both sides."""
    collapsed = structures(C, L, 12.0)[0]
    other = odd_structure(C, L, 12.0)
    assert cross_entropy(np.linalg.multi_dot(other))[0] < cross_entropy(np.linalg.multi_dot(collapsed))[0]
    for decay in (1e-4, 1e-2):
        assert (deep_value(other, decay) < deep_value(collapsed, decay)) == wins
    if wins:
        least, alpha = best(C, L, 1e-3, 0)
        assert alpha > 1
        assert deep_value(odd_structure(C, L, alpha), 1e-3) < least
        assert theory.get("garrod-keating-2024-low-rank-odd").prove is not None


@pytest.mark.parametrize(("C", "L"), [(4, 1), (6, 1), (8, 1)])
def test_garrod_keating_one_layer_is_the_other_side(C, L):
    entry = theory.get("garrod-keating-2024-low-rank")
    with pytest.raises(theory.HypothesisError):
        entry.evaluate(C=C, layers=L)
    for decay in (1e-4, 1e-2, 5e-2):
        assert best(C, L, decay, 1)[0] > best(C, L, decay, 0)[0]


def test_four_classes_and_two_layers_depend_on_the_decay():
    """Collapse is better than pairs where the decay is small, pairs where it is not, as the theorem says."""
    entry = theory.get("garrod-keating-2024-stationary")
    weak, alpha_weak = best(4, 2, 1e-3, 0)
    assert best(4, 2, 1e-3, 1)[0] > weak
    with pytest.raises(theory.HypothesisError):
        entry.evaluate(C=4, layers=2, t=alpha_weak)
    for decay in (0.08, 0.1, 0.12):
        strong, alpha = best(4, 2, decay, 0)
        assert strong < np.log(4)  # better than zero, so the best collapsed solution is not trivial
        assert alpha <= 3
        saving = entry.evaluate(C=4, layers=2, t=alpha)
        assert saving > 0
        assert strong - deep_value(structures(4, 2, alpha)[1], decay) == pytest.approx(saving, rel=1e-4)
        assert best(4, 2, decay, 1)[0] < strong


def graph_solution(r, L, s):
    """Factors of the graph solution, last layer first, with the outputs of collapse at ``s`` (L + 1,)."""
    edges = list(combinations(range(r), 2))
    C = len(edges)
    A = np.array([[float(v in edge) for v in range(r)] for edge in edges])
    q = (r ** (L - 1) / (2 * C ** (L - 2))) ** (1 / (L + 1))
    b, a, c1 = np.sqrt(q) * s[0], 2 * np.sqrt(q / r) * s[1], np.sqrt(q / 2) * s[-1]
    middle = [np.sqrt(q * C / r) * x * np.eye(r) for x in s[2:-1]]
    return [b * np.eye(C), a * (A - 0.5), *middle, c1 * A.T], q


@pytest.mark.parametrize(
    ("r", "L", "wins"), [(4, 4, True), (5, 4, True), (4, 6, True), (4, 3, False), (6, 3, False)]
)
def test_sukenik_2024_graph_solutions_of_relu_models(r, L, wins):
    """The same outputs through the ReLU network, at q times the regulariser, on both sides of q = 1."""
    rng = np.random.default_rng(r + L)
    s, decays = rng.uniform(0.5, 2, L + 1), rng.uniform(0.5, 2, L + 1)
    factors, q = graph_solution(r, L, s)
    C = len(factors[0])
    collapsed = [x * np.eye(C) for x in s]
    values = []
    for model in (factors, collapsed):
        objective = deep_objective([f.shape for f in model], decays, squared(np.eye(C)), relu=True)
        values.append(objective(np.concatenate([f.ravel() for f in model]))[0])
    loss = np.sum((np.prod(s) - 1) ** 2 * np.eye(C)) / (2 * C)
    regularisers = [value - loss for value in values]
    assert regularisers[1] == pytest.approx(C / 2 * np.sum(decays * s**2), rel=1e-9)
    assert regularisers[0] == pytest.approx(q * regularisers[1], rel=1e-9)
    assert (q < 1) == wins
    assert theory.get("sukenik-2024-low-rank").region
