# SPDX-License-Identifier: MIT
"""The theorems behind the optimal geometry against solvers, their multipliers, and random configurations."""

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

import theory
from simulations import solve
from simulations.geometry import solve_model


def number(name, **values):
    return theory.get(name).evaluate(**values)


def operator_norm(matrix):
    return np.linalg.norm(matrix, 2)


# ---- squared error with a bias


@pytest.mark.parametrize("counts", [(4, 9, 16), (1, 5, 2, 30), (7, 3)])
def test_squared_error_with_a_costly_bias(counts):
    """From lambda_b = kappa sum n_c/(sqrt n_c - N kappa) on the bound is the minimum; below it, less."""
    sizes, N = np.array(counts, dtype=float), sum(counts)
    kappa = 0.4 * np.sqrt(min(counts)) / N
    decays = {"weight_decay": 2 * kappa, "feature_decay": kappa / 2}
    edge = kappa * np.sum(sizes / (np.sqrt(sizes) - N * kappa))
    for factor in (1.0, 3.0, 0.3):
        bias_decay = factor * edge
        found = solve(loss="squared-error", counts=counts, bias_decay=bias_decay, **decays)
        assert found.status == "optimal"
        given = {**decays, "bias_decay": bias_decay, "total_samples": N}
        bound = number("squared-error-bias-imbalanced", class_samples=sizes, **given).sum()
        if factor < 1:
            assert bound < found.objective * (1 - 1e-4)
            continue
        assert bound == pytest.approx(found.objective, rel=1e-8)
        np.testing.assert_allclose(found.bias, kappa / bias_decay * np.sqrt(sizes), rtol=1e-6)
        np.testing.assert_allclose(found.logits, np.diag(1 - N * kappa / np.sqrt(sizes)), atol=1e-6)


@pytest.mark.parametrize("counts", [(4, 9, 16), (1, 5, 2, 30)])
def test_squared_error_with_a_free_bias(counts):
    """The solver's bias is the class shares; the identity on random W, H and b."""
    sizes, N, C = np.array(counts, dtype=float), sum(counts), len(counts)
    found = solve(loss="squared-error", counts=counts, bias_decay=0.0, weight_decay=1e-3, feature_decay=1e-3)
    assert found.status == "optimal"
    shares = number("squared-error-free-bias", class_samples=sizes, total_samples=N)
    np.testing.assert_allclose(found.bias, shares, rtol=1e-6)
    labels, rng = np.repeat(np.arange(C), counts), np.random.default_rng(0)

    def objective(W, H, b):
        error = H @ W.T + b - np.eye(C)[labels]
        return 0.5 * np.square(error).sum() / N + 0.15 * np.square(W).sum() + 0.05 * np.square(H).sum()

    W, H, b = rng.normal(size=(C, 5)), rng.normal(size=(N, 5)), rng.normal(size=C)
    mean = H.mean(axis=0)
    saved = 0.5 * np.square(b + W @ mean - shares).sum() + 0.05 * N * mean @ mean
    assert objective(W, H, b) == pytest.approx(objective(W, H - mean, shares) + saved, rel=1e-12)


# ---- margins


def pulls(multipliers, scales):
    """The matrix of W -> g, g_c = sum_j lambda_cj (delta_c w_c - delta_j w_j)."""
    return np.diag(multipliers.sum(axis=1) * scales) - multipliers * scales


@pytest.mark.parametrize("seed", range(4))
def test_multipliers_of_the_max_margin_optimum(seed):
    """-V_cj/(sqrt n_c delta_j) is >= 0, a contraction, and gives the solver's value; features are g_c."""
    rng = np.random.default_rng(seed)
    C = 3 + seed
    counts, scales, margins = rng.integers(1, 60, C), rng.uniform(0.2, 4, C), rng.uniform(0.5, 2, C)
    inverse, root = 1 / scales, np.sqrt(counts)
    project = np.eye(C) - np.outer(inverse, inverse) / (inverse @ inverse)
    U, sigma, Vt = np.linalg.svd((root * margins * inverse)[:, None] * project)
    polar = U[:, :-1] @ Vt[:-1]
    multipliers = -polar / root[:, None] / scales
    np.fill_diagonal(multipliers, 0.0)
    assert multipliers.min() >= -1e-12
    matrix = pulls(multipliers, scales)
    assert operator_norm(root[:, None] * matrix) <= 1 + 1e-10
    least = 2 * np.sum(counts[:, None] * multipliers * margins[:, None])
    found = solve_model("max-margin", counts=counts, scales=scales, margins=margins)
    assert found.status == "optimal"
    assert least == pytest.approx(2 * found.objective, rel=1e-9)
    assert least == pytest.approx(2 * sigma.sum(), rel=1e-9)
    np.testing.assert_allclose(found.class_means, matrix @ found.weight, atol=1e-7)


def test_two_classes_with_margins():
    found = solve_model("max-margin", counts=(9, 4), margins=1.7)
    assert 2 * found.objective == pytest.approx(number("max-margin-least-norms", t=1.7, total_samples=13))
    found = solve_model("max-margin", counts=(9, 4), scales=(1.0, 2.0))
    assert found.objective == pytest.approx(np.sqrt(13 / 5), rel=1e-9)


# ---- the layer-peeled model and minority collapse


@pytest.mark.parametrize("budget", ["class", "sample"])
@pytest.mark.parametrize("counts", [(50, 20, 5, 5), (9, 1), (3, 3, 3)])
def test_layer_peeled_bound_at_the_solvers_prediction(counts, budget):
    """P = softmax of the optimum has operator norm kappa, and its bound is the least loss."""
    C, share = len(counts), np.array(counts) / sum(counts)
    E_W, E_H = 1.5, 4.0
    found = solve_model(
        "layer-peeled", counts=counts, classifier_budget=E_W, feature_budget=E_H, budget=budget
    )
    assert found.status == "optimal"
    P = softmax(found.logits, axis=1)
    v = np.full(C, 1 / C) if budget == "class" else share
    kappa = operator_norm((share / np.sqrt(v))[:, None] * (P - np.eye(C)))
    assert kappa == pytest.approx(found.details["kappa"], rel=1e-4)
    entropy = -share @ np.sum(P * np.log(P), axis=1)
    R = np.sqrt(C * E_W * E_H)
    bound = number("layer-peeled-imbalanced", label_entropy=entropy, norm_multiplier=kappa, norm_budget=R)
    assert bound <= found.objective * (1 + 1e-9)
    assert bound == pytest.approx(found.objective, rel=1e-5)
    other = 0.9 * P + 0.1 * softmax(np.random.default_rng(1).normal(size=(C, C)), axis=1)
    norm = operator_norm((share / np.sqrt(v))[:, None] * (other - np.eye(C)))
    entropy = -share @ np.sum(other * np.log(other), axis=1)
    assert entropy - norm * R < found.objective


@pytest.mark.parametrize("budget", ["class", "sample"])
def test_layer_peeled_collapse_is_on_the_right_side_of_the_threshold(budget):
    """1 - t > 0 with the solver's multiplier if and only if the small classes share a row."""
    seen = set()
    for ratio in (2, 5, 30, 300):
        counts = (2 * ratio, 2 * ratio, 2, 2, 2)
        found = solve_model(
            "layer-peeled", counts=counts, classifier_budget=1.0, feature_budget=2.0, budget=budget
        )
        assert found.status == "optimal"
        kappa = found.details["kappa"]
        collapsed = found.details["minority_cosine"] > 1 - 1e-6
        assert collapsed == (kappa >= found.details["collapse_threshold"][-1] * (1 - 1e-9))
        if budget == "sample":  # v_c = n_c, lambda_W lambda_H = kappa^2/N
            rate = number(
                "minority-collapse-gain",
                class_samples=2,
                total_samples=sum(counts),
                weight_decay=kappa,
                feature_decay=kappa / sum(counts),
            )
            assert (rate >= -1e-8) == collapsed
        seen.add(collapsed)
    assert seen == {True, False}


@pytest.mark.parametrize("budget", ["class", "sample"])
def test_excess_loss_bounds_the_contrasts_of_the_small_classes(budget):
    """Beyond the threshold, at points of the budgets' boundary near the optimum and far from it."""
    counts, E_W, E_H, rng = np.array((300, 300, 2, 2)), 1.0, 2.0, np.random.default_rng(5)
    C, share = 4, counts / counts.sum()
    found = solve_model(
        "layer-peeled", counts=counts, classifier_budget=E_W, feature_budget=E_H, budget=budget
    )
    v = np.full(C, 1 / C) if budget == "class" else share
    kappa, R = found.details["kappa"], np.sqrt(C * E_W * E_H)
    rate = 1 - share[-1] / np.sqrt(v[-1]) / kappa
    assert rate > 0.05
    if budget == "sample":
        given = {"class_samples": 2, "total_samples": counts.sum(), "norm_multiplier": kappa}
        assert number("layer-peeled-minority-collapse", **given) == pytest.approx(rate)
    for noise in (0.01, 0.1, 1.0):
        W = found.weight + noise * rng.normal(size=found.weight.shape)
        M = found.class_means + noise * rng.normal(size=found.class_means.shape)
        W *= np.sqrt(C * E_W / np.square(W).sum())
        M *= np.sqrt(E_H / (v @ np.square(M).sum(axis=1)))
        Z = M @ W.T
        excess = share @ (logsumexp(Z, axis=1) - np.diag(Z)) - (found.objective - found.gap)
        rows, means = np.square(W[2:] - W[2:].mean(axis=0)).sum(), np.square(M[2:] - M[2:].mean(axis=0)).sum()
        contrasts = kappa * R / 2 * (rows / (C * E_W) + v[-1] * means / E_H)
        assert 0 < rate * contrasts <= excess


def merged(rows, inside):
    rows = rows.copy()
    rows[inside] = rows[inside].mean(axis=0)
    return rows


@pytest.mark.parametrize("decay", [0.001, 0.1, 3.0])
def test_merging_gains_its_share_of_the_contrasts_decay(decay):
    """Any weights of the classes, any decays: also where 1 - t is negative."""
    counts, rng = np.array((5, 3, 2, 2, 2)), np.random.default_rng(7)
    N, C, v_group = counts.sum(), len(counts), 0.7
    labels = np.repeat(np.arange(C), counts)
    weights = np.array((1.3, 0.2, v_group, v_group, v_group))
    inside = np.arange(C) >= 2

    def parts(W, H):
        Z = H @ W.T
        loss = np.mean(logsumexp(Z, axis=1) - Z[np.arange(N), labels])
        squares = np.square(H).sum(axis=1) * (weights / counts)[labels]
        return loss, decay / 2 * np.square(W).sum() + decay / 2 * squares.sum()

    rate = 1 - 2 / (N * decay * np.sqrt(v_group))
    for scale in (0.1, 1.0, 3.0):
        for _ in range(30):
            W, H = scale * rng.normal(size=(C, 4)), scale * rng.normal(size=(N, 4))
            before, cost = parts(W, H)
            after, left = parts(merged(W, inside), merged(H, inside[labels]))
            assert after + left + rate * (cost - left) <= before + cost + 1e-10


@pytest.mark.parametrize("theta", [0.1, 0.5, 0.9])
def test_a_contrast_gains_below_the_threshold_by_class(theta):
    """Real vectors in the model with equal weights of the classes, v = 1."""
    counts, rng = np.array((5, 3, 2, 2, 2)), np.random.default_rng(8)
    N, C, feature_decay = counts.sum(), 5, 0.05
    decay = (2 * (1 - theta) / N) ** 2 / feature_decay
    W, M = rng.normal(size=(C, 6)), rng.normal(size=(C, 6))
    W[2:], M[2:], W[:, -1], M[:, -1] = W[2], M[2], 0, 0

    def objective(W, M):
        Z = M @ W.T
        loss = counts @ (logsumexp(Z, axis=1) - np.diag(Z)) / N
        return loss + decay / 2 * np.square(W).sum() + feature_decay / 2 * np.square(M).sum()

    sizes, step = np.array([0, 0, 1, -1, 0]) * np.sqrt(1.5), 2 / N * (1 - theta) * theta / 4
    W2, M2 = W.copy(), M.copy()
    W2[:, -1], M2[:, -1] = np.sqrt(step / decay) * sizes, np.sqrt(step / feature_decay) * sizes
    gain = number(
        "minority-contrast-gain",
        class_samples=2,
        total_samples=N,
        weight_decay=decay,
        feature_decay=feature_decay,
    )
    assert objective(W, M) - objective(W2, M2) >= 3 * gain > 0
