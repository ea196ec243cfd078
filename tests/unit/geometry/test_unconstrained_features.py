# SPDX-License-Identifier: MIT
"""The certified solver: planted optima, optimality recomputed outside it, thresholds, failure, bad input.

Statuses are asserted before values everywhere.
"""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from simulations.errors import InputError
from simulations.geometry import (
    NotConverged,
    balanced_optimum,
    minority_collapse_threshold,
    simplex_etf,
    solve,
    zero_threshold,
)

PROBLEMS = [
    ((10, 10, 10, 10), 5e-3, 5e-3, 4),
    ((500, 500, 50), 5e-3, 1e-5, 10),
    ((100, 50, 10, 5), 1e-2, 1e-4, 3),
    ((500,) * 5 + (100,) * 5, 1e-3, 1e-5, 16),
    ((7, 3), 1e-2, 1e-2, 1),
    (tuple(range(1, 21)), 1e-3, 1e-3, 20),
    ((1_000_000, 1000, 1, 1), 1e-6, 1e-6, 4),
    ((10, 9, 8), 1e-9, 1e-9, 5),
]


def naive_objective(counts, weight_decay, feature_decay, weight, means):
    """The objective sample by sample."""
    total = sum(counts)
    loss = sum(-n * log_softmax(weight @ means[c])[c] for c, n in enumerate(counts)) / total
    features = sum(n * means[c] @ means[c] for c, n in enumerate(counts))
    return loss + weight_decay / 2 * np.sum(weight**2) + feature_decay / 2 * features


@pytest.mark.parametrize(
    ("C", "n", "wd", "fd"), [(2, 3, 1e-2, 1e-2), (3, 10, 1e-4, 1e-2), (10, 50, 2e-3, 1e-5)]
)
def test_planted_balanced_optimum(C, n, wd, fd):
    found = solve(counts=[n] * C, weight_decay=wd, feature_decay=fd, feature_dim=C)
    planted = balanced_optimum(num_classes=C, samples_per_class=n, weight_decay=wd, feature_decay=fd)
    assert found.status == "optimal"
    assert found.value == pytest.approx(planted.value, rel=1e-12)
    np.testing.assert_allclose(found.logits, planted.logits, atol=1e-8 * planted.logit_gap)
    np.testing.assert_allclose(np.linalg.norm(found.weight, axis=1), planted.weight_norm, rtol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(found.class_means, axis=1), planted.feature_norm, rtol=1e-8)
    gram = found.weight @ found.weight.T / planted.weight_norm**2
    np.testing.assert_allclose(gram, simplex_etf(C) @ simplex_etf(C).T, atol=1e-8)


@pytest.mark.parametrize("counts", [(7, 3), (1000, 1), (4, 4)])
def test_planted_two_class_optimum(counts):
    """Plant the margin 2a: with two classes the rows are (a, -a) and (-a, a) whatever the counts, where the
    wrong-class probability x = 1/(1 + e^2a) and kappa = x sqrt(2/n) satisfy the optimality conditions."""
    n, a = sum(counts), 1.3
    kappa = np.sqrt(2.0 / n) / (1.0 + np.exp(2 * a))
    found = solve(counts=counts, weight_decay=2.0 * kappa, feature_decay=0.5 * kappa, feature_dim=3)
    assert found.status == "optimal"
    assert found.value == pytest.approx(np.log1p(np.exp(-2 * a)) + kappa * a * np.sqrt(2 * n), rel=1e-12)
    np.testing.assert_allclose(found.logits, [[a, -a], [-a, a]], atol=1e-8)


def test_scaled_gradient_is_kappa_times_the_polar_factor():
    found = solve(counts=[40, 40, 10], weight_decay=3e-3, feature_decay=3e-3, feature_dim=3)
    assert found.status == "optimal"
    root = np.sqrt([40.0, 40.0, 10.0])
    slope = (root / 90)[:, None] * (np.eye(3) - softmax(found.logits, axis=1))
    left, values, right = np.linalg.svd(root[:, None] * found.logits)
    assert values[1] > 1e-3
    np.testing.assert_allclose(slope, 3e-3 * left[:, :2] @ right[:2], atol=1e-12)


@pytest.mark.parametrize(("counts", "wd", "fd", "d"), PROBLEMS)
def test_optimality_recomputed_outside_the_solver(counts, wd, fd, d):
    found = solve(counts=counts, weight_decay=wd, feature_decay=fd, feature_dim=d)
    assert found.status == "optimal"
    C, n, sizes = len(counts), sum(counts), np.array(counts, dtype=float)
    assert found.weight.shape == found.class_means.shape == (C, d)
    assert found.logits.shape == (C, C)
    assert found.value == pytest.approx(
        naive_objective(counts, wd, fd, found.weight, found.class_means), rel=1e-10
    )
    assert -1e-14 <= found.gap <= 1e-9 * min(1.0, found.value)
    # stationarity in W and in every class mean
    wrong = softmax(found.class_means @ found.weight.T, axis=1) - np.eye(C)
    in_weight = (sizes[:, None] * wrong / n).T @ found.class_means + wd * found.weight
    in_means = sizes[:, None] / n * (wrong @ found.weight) + fd * sizes[:, None] * found.class_means
    assert np.linalg.norm(in_weight) <= 1e-7 * wd * np.linalg.norm(found.weight)
    assert np.linalg.norm(in_means) <= 1e-7 * fd * np.linalg.norm(sizes[:, None] * found.class_means)
    # dual feasibility and balance of the two penalties
    kappa = np.sqrt(wd * fd)
    assert np.linalg.norm(np.sqrt(sizes)[:, None] * wrong / n, 2) <= kappa * (1 + 1e-7)
    features = fd * np.sum(sizes[:, None] * found.class_means**2)
    assert features == pytest.approx(wd * np.sum(found.weight**2), rel=1e-7)


def test_gap_is_a_true_bound_even_for_a_starved_solve():
    problem = {"counts": [500, 500, 50], "weight_decay": 5e-3, "feature_decay": 1e-5, "feature_dim": 10}
    best = solve(**problem)
    assert best.status == "optimal"
    for budget in (1, 2, 3):
        starved = solve(**problem, max_iterations=budget)
        assert starved.status == "not-converged"
        assert starved.iterations <= budget
        assert starved.objective - starved.gap <= best.value <= starved.objective
        with pytest.raises(NotConverged, match="max_iterations"):
            _ = starved.value


@pytest.mark.parametrize("counts", [(20,) * 4, (50, 20, 5)])
def test_zero_is_optimal_exactly_from_its_threshold_on(counts):
    kappa = zero_threshold(counts)
    above = solve(counts=counts, weight_decay=1.0001 * kappa, feature_decay=1.0001 * kappa, feature_dim=2)
    assert above.status == "trivial"
    assert above.value == pytest.approx(np.log(len(counts)), rel=1e-14)
    assert not np.any(above.weight)
    below = solve(counts=counts, weight_decay=0.999 * kappa, feature_decay=0.999 * kappa, feature_dim=4)
    assert below.status == "optimal"
    assert np.linalg.norm(below.weight) > 0.01
    assert below.value < np.log(len(counts))


@pytest.mark.parametrize(
    ("factor", "collapsed"), [(0.97, False), (0.999, False), (1.001, True), (1.05, True)]
)
def test_minority_collapse_threshold_from_both_sides(factor, collapsed):
    counts = (500,) * 5 + (100,) * 5
    kappa = factor * minority_collapse_threshold(100, sum(counts))
    found = solve(counts=counts, weight_decay=kappa, feature_decay=kappa, feature_dim=10)
    assert found.status == "optimal"
    contrast = found.logits[5, 5] - found.logits[5, 6]
    spread = np.linalg.norm(found.weight[5] - found.weight[6])
    if collapsed:
        assert abs(contrast) < 1e-9
        assert spread < 1e-4
    else:
        assert contrast > 5e-3
        assert spread > 1e-2


def test_low_dimension_is_uncertified_with_a_valid_lower_bound():
    problem = {"counts": [10] * 6, "weight_decay": 5e-3, "feature_decay": 5e-3}
    full = solve(**problem, feature_dim=5)
    flat = solve(**problem, feature_dim=2)
    assert full.status == "optimal"
    assert flat.status == "uncertified"
    assert flat.weight.shape == (6, 2)
    assert flat.value > full.value
    assert flat.value - flat.gap == pytest.approx(full.value, rel=1e-9)
    # the planar optimum is the regular hexagon
    angles = np.sort(np.arctan2(*flat.weight.T))
    np.testing.assert_allclose(np.diff(angles), np.pi / 3, atol=1e-4)


def test_permuting_classes_permutes_the_solution():
    counts, order = np.array([60, 25, 10, 4]), np.array([2, 0, 3, 1])
    first = solve(counts=counts, weight_decay=2e-3, feature_decay=2e-3)
    second = solve(counts=counts[order], weight_decay=2e-3, feature_decay=2e-3)
    assert first.status == second.status == "optimal"
    assert second.value == pytest.approx(first.value, rel=1e-11)
    np.testing.assert_allclose(second.logits, first.logits[np.ix_(order, order)], atol=1e-6)


def test_only_the_product_of_the_decays_matters_for_the_logits():
    first = solve(counts=[30, 20, 10], weight_decay=1e-2, feature_decay=1e-4)
    second = solve(counts=[30, 20, 10], weight_decay=1e-4, feature_decay=1e-2)
    assert first.status == second.status == "optimal"
    assert second.value == pytest.approx(first.value, rel=1e-12)
    np.testing.assert_allclose(second.logits, first.logits, atol=1e-8)


GOOD = {"counts": [5, 5, 5], "weight_decay": 1e-3, "feature_decay": 1e-3, "feature_dim": 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": [5, 0, 5]}, "positive whole number"),
        ({"counts": [5, -1]}, "positive whole number"),
        ({"counts": [5.5, 2]}, "positive whole number"),
        ({"counts": [5, float("nan")]}, "positive whole number"),
        ({"counts": ["a", "b"]}, "counts"),
        ({"counts": [5]}, "two classes"),
        ({"counts": [[5, 5]]}, "one positive integer a class"),
        ({"weight_decay": 0.0}, "no minimiser exists"),
        ({"feature_decay": -1e-3}, "no minimiser exists"),
        ({"weight_decay": float("inf")}, "finite"),
        ({"feature_dim": 0}, "feature_dim"),
        ({"feature_dim": 2.5}, "feature_dim"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"loss": "cross-entorpy"}, "cross-entropy"),
    ],
)
def test_bad_input_is_refused_with_the_reason(change, message):
    with pytest.raises(InputError, match=message):
        solve(**{**GOOD, **change})
