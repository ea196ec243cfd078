# SPDX-License-Identifier: MIT
"""Free-bias, deep linear, hinge and contrastive optima, averaged configurations: theorems against solvers."""

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

import theory
from simulations import solve
from simulations.geometry import solve_model


def number(name, **values):
    return theory.get(name).evaluate(**values)


# ---- squared error with a free bias


@pytest.mark.parametrize("counts", [(4, 9, 16), (3, 6), (5, 5, 5)])
def test_least_squared_error_with_a_free_bias(counts):
    """The numbers at the singular values of diag(sqrt n)(I - 1 n'/N), all > N kappa, sum to the minimum."""
    sizes, N, C = np.array(counts, dtype=float), sum(counts), len(counts)
    sigma = np.linalg.svd(np.sqrt(sizes)[:, None] * (np.eye(C) - sizes / N), compute_uv=False)[:-1]
    kappa = 0.5 * sigma.min() / N
    given = {"weight_decay": kappa, "feature_decay": kappa}
    found = solve(loss="squared-error", counts=counts, bias_decay=0.0, **given)
    assert found.status == "optimal"
    parts = number("squared-error-free-bias-least-loss", class_samples=sigma**2, total_samples=N, **given)
    assert parts.sum() == pytest.approx(found.objective, rel=1e-9)
    residual = np.eye(C) - found.logits
    np.testing.assert_allclose(sizes @ residual, 0.0, atol=1e-7)
    assert np.linalg.norm(np.sqrt(sizes)[:, None] * residual, 2) == pytest.approx(N * kappa, rel=1e-7)


# ---- deep linear models


def deep_bound(C, n, depth, decay):
    """min over r of the theorem's number, on a grid and then by Brent's method."""

    def at(r):
        given = {"C": C, "samples_per_class": n, "layers": depth, "weight_decay": decay}
        return number("deep-linear-least-loss", norm_budget=r, **given)

    grid = np.linspace(0.0, 40.0 * np.sqrt(n), 4001)
    values = at(grid)
    best = int(np.argmin(values))
    low, high = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    found = minimize_scalar(at, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    return min(float(values[0]), float(found.fun))


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("C", "n", "decay"), [(2, 3, 0.004), (3, 2, 0.01), (5, 4, 0.003)])
def test_deep_linear_bound(C, n, depth, decay):
    found = solve_model(
        "deep-linear", counts=(n,) * C, depth=depth, weight_decay=decay, feature_decay=decay, restarts=2
    )
    bound = deep_bound(C, n, depth, decay)
    assert bound <= found.objective * (1 + 1e-9)
    if C == 2 or depth == 1:
        assert bound == pytest.approx(found.objective, rel=1e-6)
    sigma = found.details["singular_values"]
    powers = np.sum(sigma ** (2 / (depth + 1)))
    assert powers >= number("schatten-power-sum", norm_budget=sigma.sum(), layers=depth) * (1 - 1e-12)


# ---- hinges


@pytest.mark.parametrize(("C", "n"), [(2, 5), (4, 3), (6, 2)])
@pytest.mark.parametrize("strength", [0.3, 0.9, 1.5])
def test_multi_margin_on_both_sides_of_its_threshold(C, n, strength):
    """C kappa sqrt(n) = strength; the value above it is that of theta = 1."""
    decay = strength / (C * np.sqrt(n))
    found = solve(loss="multi-margin", counts=(n,) * C, weight_decay=decay, feature_decay=decay)
    assert found.status == ("optimal" if strength < 1 else "trivial")
    given = {"C": C, "samples_per_class": n, "weight_decay": decay, "feature_decay": decay}
    if strength < 1:
        assert found.objective == pytest.approx(number("multi-margin-least-loss", **given), rel=1e-7)
    else:
        assert found.objective == pytest.approx((C - 1) / C, rel=1e-7)
        assert theory.get("multi-margin-least-loss").unmet(**given)


# ---- supervised contrastive loss with decay


@pytest.mark.parametrize(("C", "n"), [(2, 2), (3, 4), (5, 3)])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.2])
def test_contrastive_loss_with_decay(C, n, share):
    """The wrong probability p = lambda n (C-1)/2 as a share of its value at zero features."""
    mass = share * n * (C - 1) / (n * C - 1)
    decay = 2 * mass / (n * (C - 1))
    found = solve_model("supervised-contrastive", counts=(n,) * C, feature_decay=decay)
    given = {"C": C, "samples_per_class": n, "feature_decay": decay}
    if share < 1:
        assert found.status == "optimal"
        value = number("behnia-2024-contrastive-decay", **given)
        assert found.objective == pytest.approx(value, rel=1e-7)
    else:
        assert found.status == "trivial"
        assert found.objective == pytest.approx(np.log(n * C - 1), rel=1e-9)
        assert theory.get("behnia-2024-contrastive-decay").unmet(**given)


# ---- averaged configurations


def objective(share, W, M, decay):
    """sum_c pi_c CE + (decay/2)(||W||^2 + sum_c pi_c ||m_c||^2), and the logits."""
    Z = M @ W.T
    loss = share @ (logsumexp(Z, axis=1) - np.diag(Z))
    return loss + decay / 2 * (np.square(W).sum() + share @ np.square(M).sum(axis=1)), Z


def test_configurations_side_by_side_gain_the_mean_divergence():
    rng, S, C = np.random.default_rng(3), 4, 5
    share = rng.dirichlet(np.ones(C))
    many = [(rng.normal(size=(C, 3)), rng.normal(size=(C, 3))) for _ in range(S)]
    values, logits = zip(*(objective(share, W, M, 0.3) for W, M in many), strict=True)
    W, M = (np.concatenate([pair[at] for pair in many], axis=1) / np.sqrt(S) for at in (0, 1))
    value, mean = objective(share, W, M, 0.3)
    np.testing.assert_allclose(mean, np.mean(logits, axis=0), atol=1e-12)
    P = softmax(mean, axis=1)
    kl = [share @ np.sum(P * np.log(P / softmax(Z, axis=1)), axis=1) for Z in logits]
    gained = number("averaged-configurations", kl=np.mean(kl))
    assert np.mean(values) == pytest.approx(value + gained, rel=1e-12)
    assert gained > 0


def test_permutations_of_equal_classes_average_to_blocks():
    """From any point near the optimum: the average is no worse, and one value on and off each diagonal."""
    counts, decay, rng = np.array((6, 6, 1, 1, 1)), 0.02, np.random.default_rng(4)
    share = counts / counts.sum()
    found = solve(loss="cross-entropy", counts=counts, weight_decay=decay, feature_decay=decay / counts.sum())
    assert found.status == "optimal"
    W = found.weight + 0.05 * rng.normal(size=found.weight.shape)
    M = found.class_means + 0.05 * rng.normal(size=found.class_means.shape)
    start = objective(share, W, M, decay)[0]
    orders = [[*a, *b] for a in permutations((0, 1)) for b in permutations((2, 3, 4))]
    for order in orders:
        assert objective(share, W[order], M[order], decay)[0] == pytest.approx(start, rel=1e-12)
    wide = [np.concatenate([A[o] for o in orders], axis=1) / np.sqrt(len(orders)) for A in (W, M)]
    value, Z = objective(share, *wide, decay)
    assert found.objective - 1e-9 <= value < start
    assert np.ptp(np.diag(Z)[2:]) < 1e-12
    assert np.ptp(Z[2:, 2:][~np.eye(3, dtype=bool)]) < 1e-12
    assert np.ptp(Z[:2, 2:]) < 1e-12


# ---- the Hessian


@pytest.mark.parametrize(("C", "n"), [(3, 2), (4, 5)])
def test_hessian_in_the_classifier_at_the_squared_error_optimum(C, n):
    """E h h' + lambda_W, once for every row: C outliers and d - C times the bulk."""
    decays = {"weight_decay": 0.02, "feature_decay": 0.001}
    found = solve(loss="squared-error", counts=(n,) * C, feature_dim=C + 2, **decays)
    assert found.status == "optimal"
    M = found.class_means
    values = np.linalg.eigvalsh(M.T @ M / C + 0.02 * np.eye(C + 2))
    outlier = number("garrod-keating-2024-hessian", C=C, samples_per_class=n, **decays)
    np.testing.assert_allclose(values, [0.02] * 2 + [outlier] * C, rtol=1e-6)
