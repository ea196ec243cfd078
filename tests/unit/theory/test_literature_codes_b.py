# SPDX-License-Identifier: MIT
"""Margins: minimum-norm separation, one-vs-rest margins of codes, dot regression, against solvers."""

import cvxpy as cp
import numpy as np
import pytest
from scipy.optimize import minimize, nnls
from scipy.special import logsumexp

import theory


def simplex(C):
    """C unit rows with cosines -1/(C-1)."""
    return (np.eye(C) - 1 / C) * np.sqrt(C / (C - 1))


def polygon(C):
    angles = 2 * np.pi * np.arange(C) / C
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def cross_polytope(d):
    return np.concatenate([np.eye(d), -np.eye(d)])


def distance_to_hull(point, others):
    """Distance to the convex hull of the rows ``others``, by nonnegative least squares."""
    big = 1e4
    stacked = np.vstack([others.T, big * np.ones(len(others))])
    weights, _ = nnls(stacked, np.append(point, big))
    weights /= weights.sum()
    return np.linalg.norm(point - weights @ others)


def margin(code):
    """Least one-vs-rest margin of the rows."""
    return min(distance_to_hull(code[c], np.delete(code, c, axis=0)) for c in range(len(code)))


@pytest.mark.parametrize(("C", "n"), [(2, 1), (3, 2), (4, 3)])
def test_ji_margin_norms_is_the_optimum_of_the_convex_program(C, n):
    """min ||W||^2 + ||H||^2 is twice the nuclear norm of the logits, which is convex, in every dimension."""
    Z = cp.Variable((C, C * n))
    constraints = [
        Z[c, c * n + i] - Z[j, c * n + i] >= 1 for c in range(C) for i in range(n) for j in range(C) if j != c
    ]
    problem = cp.Problem(cp.Minimize(2 * cp.normNuc(Z)), constraints)
    problem.solve(solver=cp.SCS, eps=1e-7)
    assert problem.status == "optimal"
    bound = theory.get("ji-2021-margin-norms").evaluate(C=C, samples_per_class=n)
    assert problem.value == pytest.approx(bound, rel=1e-4)


def test_ji_margins_cost_more_on_a_line():
    """Three classes cannot be separated by one coordinate without a bias at the value of the plane."""
    W, H = np.array([[-1.0], [0.0], [1.0]]), np.array([[-1.0], [0.0], [1.0]])
    z = H @ W.T + np.array([0.0, 0.5, 0.0])  # with a bias the middle class wins at 0, margin 1/2
    margins = [z[c, c] - max(z[c, j] for j in range(3) if j != c) for c in range(3)]
    scale = 1 / min(margins)
    norms = scale * (np.sum(W**2) + np.sum(H**2))
    assert norms > theory.get("ji-2021-margin-norms").evaluate(C=3, samples_per_class=1)


@pytest.mark.parametrize(
    ("code", "cosine"),
    [(simplex(C), -1 / (C - 1)) for C in (2, 3, 5)]
    + [(polygon(C), np.cos(2 * np.pi / C)) for C in (3, 4, 5, 8)]
    + [(cross_polytope(3), 0.0)],
)
def test_jiang_margins_of_known_codes(code, cosine):
    assert margin(code) == pytest.approx(
        theory.get("jiang-2024-code-margin-cosine").evaluate(max_cosine=cosine), rel=1e-5
    )


@pytest.mark.parametrize(("C", "d"), [(3, 2), (4, 2), (4, 3), (6, 3)])
def test_jiang_bounds_on_random_codes(C, d):
    rng = np.random.default_rng(C * d)
    upper, lower = theory.get("jiang-2024-softmax-code"), theory.get("jiang-2024-code-margin-cosine")
    for _ in range(30):
        code = rng.standard_normal((C, d))
        code /= np.linalg.norm(code, axis=1, keepdims=True)
        found = margin(code)
        cosines = code @ code.T - 2 * np.eye(C)
        mean = np.linalg.norm(code.mean(axis=0))
        assert lower.evaluate(max_cosine=cosines.max()) <= found * (1 + 1e-5) + 1e-6
        assert found <= upper.evaluate(C=C, row_norm=1.0, weight_mean_norm=mean) * (1 + 1e-5)


def test_jiang_softmax_code_is_attained_by_the_simplex_and_not_by_four_points_of_the_plane():
    bound = theory.get("jiang-2024-softmax-code").evaluate(C=4, row_norm=1.0, weight_mean_norm=0.0)
    assert margin(simplex(4)) == pytest.approx(bound, rel=1e-5)
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, (400, 4))
    best = max(margin(np.stack([np.cos(a), np.sin(a)], axis=1)) for a in angles)
    assert 0.8 < best <= 1 + 1e-5 < bound


def test_yang_dot_regression_bounds_the_distance_to_collapse():
    entry = theory.get("yang-2022-dot-regression")
    rng = np.random.default_rng(2)
    worst = 0.0
    for _ in range(200):
        C, d, n = 3, 4, 5
        rho, r = rng.uniform(0.5, 3, 2)
        W = rng.standard_normal((C, d))
        W *= r / np.linalg.norm(W, axis=1, keepdims=True)
        H = W[:, None] + rng.uniform(0, 1) * rng.standard_normal((C, n, d))
        H *= rho * rng.uniform(0.9, 1, (C, n, 1)) / np.linalg.norm(H, axis=2, keepdims=True)
        inner = np.einsum("cnd,cd->cn", H, W)
        loss = np.mean((inner - r * rho) ** 2) / (2 * r * rho)
        distance = np.mean(np.sum((H - rho / r * W[:, None]) ** 2, axis=2))
        bound = entry.evaluate(radius=rho, row_norm=r, dot_regression_loss=loss)
        worst = max(worst, distance / bound)
        assert distance <= bound * (1 + 1e-12)
    assert worst > 0.8


def test_yang_dot_regression_is_attained_at_equal_angles():
    rho, r, angle = 2.0, 0.7, 0.4
    W = r * np.array([[1.0, 0.0], [0.0, 1.0]])
    H = rho * np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    loss = np.mean((np.sum(W * H, axis=1) - r * rho) ** 2) / (2 * r * rho)
    distance = np.mean(np.sum((H - rho / r * W) ** 2, axis=1))
    bound = theory.get("yang-2022-dot-regression").evaluate(radius=rho, row_norm=r, dot_regression_loss=loss)
    assert distance == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize("tau", [0.5, 3.0, 50.0])
def test_jiang_hardmax_limit(tau):
    """On random logits, and by an optimiser that looks for the largest excess."""
    bound = theory.get("jiang-2024-hardmax-limit").evaluate(C=5, temperature=tau)

    def excess(z):
        return logsumexp(tau * z) / tau - z.max()

    rng = np.random.default_rng(0)
    for _ in range(100):
        assert -1e-12 <= excess(rng.standard_normal(5)) <= bound
    # the largest logit is 0 and the others are -u^2
    search = minimize(lambda u: -excess(np.append(0.0, -(u**2))), rng.uniform(0.2, 0.5, 4), tol=1e-9)
    assert 0.99 * bound <= -search.fun <= bound * (1 + 1e-12)
