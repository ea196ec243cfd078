# SPDX-License-Identifier: MIT
"""Nonnegative features and deep ReLU layers: closed forms, thresholds and graphs, against optimisation."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

import theory
from simulations import losses
from simulations.errors import InputError
from simulations.geometry import (
    deep_collapse_threshold,
    graph_cost_ratio,
    relu_vanishing_threshold,
    solve,
    solve_model,
)

ENTROPY, SQUARED, DEEP = "relu-features", "relu-features-squared-error", "deep-relu-squared-error"


def projected(counts, weight_decay, feature_decay, dimension, seed, squared=False):
    """Least objective over W and one feature a sample, features bounded below by zero, from a start."""
    C, N = len(counts), sum(counts)
    labels = np.repeat(np.arange(C), counts)
    target = np.eye(C)[labels]
    start = np.abs(np.random.default_rng(seed).normal(size=(C + N) * dimension))

    def objective(flat):
        weight, features = flat[: C * dimension].reshape(C, -1), flat[C * dimension :].reshape(N, -1)
        logits = features @ weight.T
        if squared:
            value, slope = 0.5 * np.square(logits - target).sum() / N, (logits - target) / N
        else:
            shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
            chance = shifted / shifted.sum(axis=1, keepdims=True)
            value, slope = -np.log(chance[np.arange(N), labels]).mean(), (chance - target) / N
        value += (
            0.5 * weight_decay * np.square(weight).sum() + 0.5 * feature_decay * np.square(features).sum()
        )
        down = slope.T @ features + weight_decay * weight
        return value, np.concatenate([down.ravel(), (slope @ weight + feature_decay * features).ravel()])

    bounds = [(None, None)] * (C * dimension) + [(0.0, None)] * (N * dimension)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 3000, "ftol": 1e-14}
    )
    return float(found.fun)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize(
    ("counts", "weight_decay", "feature_decay"),
    [([3, 3, 3], 0.02, 0.02), ([8, 4, 1], 0.01, 0.02), ([7, 2], 0.05, 0.01), ([9, 3, 2, 1], 0.02, 0.02)],
)
def test_no_projected_run_finds_less_and_one_meets_it(counts, weight_decay, feature_decay, squared):
    found = solve_model(
        SQUARED if squared else ENTROPY, counts=counts, weight_decay=weight_decay, feature_decay=feature_decay
    )
    assert found.status == "optimal"
    assert found.gap <= 1e-12
    C = len(counts)
    values = [projected(counts, weight_decay, feature_decay, C + 1, seed, squared) for seed in range(8)]
    assert min(values) >= found.value - 1e-9
    assert min(values) == pytest.approx(found.value, rel=2e-6)
    assert np.all(found.class_means >= 0.0)
    gram = found.class_means @ found.class_means.T
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0.0, atol=1e-15)


def test_value_agrees_with_the_loss_file_and_the_gaps_with_the_theorem():
    counts, kappa = np.array([40, 10, 1]), 0.02
    found = solve_model(ENTROPY, counts=counts, weight_decay=0.04, feature_decay=0.01)
    assert found.status == "optimal"
    each = losses.get("cross-entropy").value(logits=found.logits, labels=np.arange(3))
    objective = counts @ each / 51 + 0.02 * np.square(found.weight).sum()
    objective += 0.005 * counts @ np.square(found.class_means).sum(axis=1)
    assert found.value == pytest.approx(objective, rel=1e-13)
    theorem = theory.get("dang-2024-relu-imbalanced")
    for c in range(2):
        gap = theorem.evaluate(
            C=3, total_samples=51, class_samples=int(counts[c]), weight_decay=0.04, feature_decay=0.01
        )
        assert found.details["logit_gaps"][c] == pytest.approx(float(gap), rel=1e-12)
        margins = np.delete(found.logits[c, c] - found.logits[c], c)
        np.testing.assert_allclose(margins, float(gap), rtol=1e-12)
    assert list(found.details["vanished"]) == [False, False, True]
    assert kappa >= relu_vanishing_threshold(count=1, total_count=51, num_classes=3)


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_a_class_vanishes_exactly_at_its_threshold(factor):
    kappa = factor * relu_vanishing_threshold(count=2, total_count=22, num_classes=3)
    found = solve_model(ENTROPY, counts=[10, 10, 2], weight_decay=kappa, feature_decay=kappa)
    assert found.status == "optimal"
    assert bool(found.details["vanished"][2]) == (factor > 1)
    assert not found.details["vanished"][:2].any()
    narrow = {"counts": [10, 10, 2], "weight_decay": kappa, "feature_decay": kappa, "feature_dim": 2}
    if factor > 1:
        assert solve_model(ENTROPY, **narrow).value == found.value
    else:
        with pytest.raises(InputError, match="feature_dim >= 3"):
            solve_model(ENTROPY, **narrow)


def test_the_constraint_costs_something_for_cross_entropy_and_nothing_for_squared_error():
    problem = {"counts": [5] * 4, "weight_decay": 0.01, "feature_decay": 0.01}
    signed, nonnegative = solve(**problem), solve_model(ENTROPY, **problem)
    assert signed.status == nonnegative.status == "optimal"
    assert nonnegative.value > signed.value + 0.01
    free = solve_model("deep-linear-squared-error", depth=1, **problem)
    assert solve_model(SQUARED, **problem).value == pytest.approx(free.value, rel=1e-13)


@pytest.mark.parametrize("tiny", [1e-12, 1e-150])
def test_tiny_decays_do_not_underflow(tiny):
    for name in (ENTROPY, SQUARED):
        found = solve_model(name, counts=[30, 1], weight_decay=tiny, feature_decay=tiny)
        assert found.status == "optimal"
        assert 0.0 < found.value < 1e-8
        assert abs(found.gap) <= 1e-9 * found.value


@pytest.mark.parametrize(("C", "depth", "n"), [(2, 2, 1), (3, 3, 4), (6, 3, 2), (5, 6, 1)])
def test_collapse_is_better_than_zero_exactly_below_the_threshold(C, depth, n):
    threshold = deep_collapse_threshold(num_classes=C, depth=depth, samples_per_class=n)
    assert threshold == pytest.approx(
        (depth - 1) ** (depth - 1) / (n * C ** (depth + 1) * depth ** (2 * depth))
    )
    for factor in (0.99, 1.01):
        decay = (factor * threshold) ** (1 / (depth + 1))
        found = solve_model(DEEP, counts=[n] * C, depth=depth, weight_decay=decay, feature_decay=decay)
        assert (found.details["collapse_value"] < 0.5) == (factor < 1)
        if factor < 1:  # a jump: the outputs appear at (L-1)/L
            assert found.details["collapse_output"] == pytest.approx((depth - 1) / depth, abs=0.06)
            value = theory.get("sukenik-2023-collapse-below").evaluate(
                C=C, layers=depth, samples_per_class=n, weight_decay=decay
            )
            assert found.details["collapse_value"] <= float(value) < 0.5


def network(means, layers, counts, decay):
    """Objective of a ReLU network, recomputed from its matrices."""
    hidden = means.T
    for layer in layers[:-1]:
        hidden = np.maximum(layer @ hidden, 0.0)
    out = (layers[-1] @ hidden).T
    paid = counts[0] * np.square(means).sum() + sum(np.square(layer).sum() for layer in layers)
    return 0.5 * np.square(out - np.eye(len(counts))).sum() / len(counts) + 0.5 * decay * paid


@pytest.mark.parametrize(
    ("C", "depth", "vertices"), [(6, 4, 4), (10, 5, 5), (13, 5, 5), (6, 3, None), (5, 6, None)]
)
def test_graphs_win_where_their_cost_ratio_is_below_one(C, depth, vertices):
    decay = (0.7 * deep_collapse_threshold(num_classes=C, depth=depth, samples_per_class=2)) ** (
        1 / (depth + 1)
    )
    found = solve_model(
        DEEP, counts=[2] * C, depth=depth, weight_decay=decay, feature_decay=decay, feature_dim=C + 2
    )
    assert found.status == "uncertified"
    assert found.value == pytest.approx(
        network(found.class_means, found.details["layers"], [2] * C, decay), rel=1e-13
    )
    assert found.details["lower_bound"] < found.value
    if vertices is None:
        assert found.details["structure"] == "collapse"
        assert found.value == pytest.approx(found.details["collapse_value"], rel=1e-12)
    else:
        assert found.details["structure"] == "graphs"
        assert vertices in found.details["blocks"]
        assert found.value < found.details["collapse_value"] - 1e-3


def test_cost_ratio_of_a_graph_from_its_matrices():
    for r, depth in ((4, 4), (5, 3), (6, 5)):
        edges = np.array([[v in edge for v in range(r)] for edge in combinations(range(r), 2)], dtype=float)
        m, D = len(edges), depth + 1
        np.testing.assert_allclose(np.maximum((edges - 0.5) @ edges.T, 0.0), np.eye(m))
        norms = [np.square(edges).sum(), *[r] * (depth - 2), np.square(edges - 0.5).sum(), m]
        assert graph_cost_ratio(vertices=r, depth=depth) == pytest.approx(
            math.prod(norms) ** (1 / D) / m, rel=1e-12
        )
        assert (graph_cost_ratio(vertices=r, depth=depth) < 1) == (depth >= 4)


def test_graphs_live_on_above_the_threshold_of_collapse():
    decay = (1.05 * deep_collapse_threshold(num_classes=10, depth=5)) ** (1 / 6)
    found = solve_model(DEEP, counts=[1] * 10, depth=5, weight_decay=decay, feature_decay=decay)
    assert found.details["collapse_value"] == 0.5
    assert found.details["structure"] == "graphs"
    assert found.value < 0.47


def test_no_random_relu_network_beats_the_lower_bound():
    counts, depth, decay = [1] * 3, 3, 0.03
    found = solve_model(DEEP, counts=counts, depth=depth, weight_decay=decay, feature_decay=decay)
    generator = np.random.default_rng(0)
    scale = np.array([0.3, 0.6, 0.9, 1.2])[:, None, None]
    for _ in range(200):
        means, *layers = generator.choice(scale) * generator.normal(size=(depth + 1, 3, 3))
        assert network(np.abs(means), layers, counts, decay) >= found.details["lower_bound"]
