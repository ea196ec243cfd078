# SPDX-License-Identifier: MIT
"""Gradient flow, least squares and interpolation: identities and bounds on integrated and trained models."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

import theory

LABELS = np.repeat(np.arange(3), 4)


def cross_entropy_slope(z):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), LABELS] -= 1
    return p


def squared_slope(z):
    return z - np.eye(3)[LABELS]


@pytest.mark.parametrize("slope", [cross_entropy_slope, squared_slope])
@pytest.mark.parametrize("decay", [0.0, 0.05])
def test_mixon_balance_along_an_integrated_gradient_flow(slope, decay):
    n, d, C = len(LABELS), 4, 3
    rng = np.random.default_rng(0)
    start = rng.standard_normal(n * d + C * d)

    def split(x):
        return x[: n * d].reshape(n, d), x[n * d :].reshape(C, d)

    def flow(_, x):
        H, W = split(x)
        G = slope(H @ W.T) / n
        return -np.concatenate([(G @ W + decay * H).ravel(), (G.T @ H + decay * W).ravel()])

    def balance(x):
        H, W = split(x)
        return np.linalg.norm(H.T @ H - W.T @ W)

    times = np.array([0.0, 1.0, 5.0, 20.0])
    run = solve_ivp(flow, (0, times[-1]), start, t_eval=times, rtol=1e-10, atol=1e-12)
    assert run.status == 0
    assert np.linalg.norm(run.y[:, -1] - start) > 1  # it moved
    bound = theory.get("mixon-2020-conserved-balance").evaluate(
        balance=balance(start), weight_decay=decay, flow_time=times
    )
    np.testing.assert_allclose([balance(x) for x in run.y.T], bound, rtol=1e-7)


def test_mixon_balance_is_not_kept_where_only_the_classifier_flows():
    rng = np.random.default_rng(0)
    H, W = rng.standard_normal((12, 4)), rng.standard_normal((3, 4))
    moved = W - 0.1 * squared_slope(H @ W.T).T @ H / 12
    change = np.linalg.norm(moved.T @ moved - W.T @ W)
    assert change > 0.01 * np.linalg.norm(H.T @ H - W.T @ W)


def least_squares(H, y, decay):
    """Minimiser of E||W h + b - y||^2/2 + (decay/2)(||W||^2 + ||b||^2), by linear algebra."""
    extended = np.hstack([H, np.ones((len(H), 1))])
    gram = extended.T @ extended / len(H) + decay * np.eye(extended.shape[1])
    both = np.linalg.solve(gram, extended.T @ y / len(H)).T
    return both[:, :-1], both[:, -1]


@pytest.mark.parametrize("decay", [1e-3, 0.5])
def test_han_decomposition_of_the_squared_loss(decay):
    rng = np.random.default_rng(1)
    C, d = 3, 5
    H = rng.standard_normal((len(LABELS), d)) + rng.standard_normal((C, d))[LABELS]
    y = np.eye(C)[LABELS]
    v, a = least_squares(H, y, decay)
    W, b = rng.standard_normal((C, d)), rng.standard_normal(C)
    means = np.array([H[c == LABELS].mean(axis=0) for c in range(C)])

    def objective(W, b, target):
        misfit = np.sum((H @ W.T + b - target) ** 2, axis=1).mean() / 2
        return misfit + decay / 2 * (np.sum(W**2) + np.sum(b**2))

    within = np.sum(((H - means[LABELS]) @ v.T) ** 2, axis=1).mean() / 2
    within += decay / 2 * (np.sum(v**2) + np.sum(a**2))
    between = np.sum((means @ v.T + a - np.eye(C)) ** 2) / (2 * C)
    total = theory.get("han-2022-least-squares-decomposition").evaluate(
        loss_nc1=within, loss_nc23=between, loss_off_path=objective(W - v, b - a, 0)
    )
    assert total == pytest.approx(objective(W, b, y), rel=1e-12)
    # the published closed form of the least-squares classifier
    mean = H.mean(axis=0)
    covariance = (H - mean).T @ (H - mean) / len(H)
    gram = covariance + decay / (1 + decay) * np.outer(mean, mean) + decay * np.eye(d)
    np.testing.assert_allclose(
        v, (means - mean / (1 + decay)) @ np.linalg.inv(gram) / C, rtol=1e-8, atol=1e-10
    )
    np.testing.assert_allclose(a, (1 / C - v @ mean) / (1 + decay), rtol=1e-8, atol=1e-10)


def jacot_inputs(W, V, X):
    """The values of the bound, measured: outputs W V x against one-hot targets."""
    H = X @ V.T
    error = np.sqrt(np.sum((H @ W.T - np.eye(3)[LABELS]) ** 2, axis=1).mean())
    singular = np.linalg.svd(W, compute_uv=False)
    return {
        "C": 3,
        "interpolation_error": error,
        "balance_error": max(np.linalg.eigvalsh(V @ V.T - W.T @ W).max(), 0),
        "least_singular_value": singular[singular > 1e-9 * singular[0]].min(),
        "largest_singular_value": singular[0],
        "input_norm": np.sqrt(np.sum(X**2, axis=1).mean()),
    }


def nc1(H):
    means = np.array([H[c == LABELS].mean(axis=0) for c in range(3)])
    return (
        np.sum((H - means[LABELS]) ** 2, axis=1).mean()
        / np.sum((means - means.mean(axis=0)) ** 2, axis=1).mean()
    )


def trained(decay, seed, d=6, p=15, steps=400):
    """Two linear layers on separable random inputs, squared loss with decay, by L-BFGS."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((len(LABELS), p)) / np.sqrt(p)

    def objective(x):
        W, V = x[: 3 * d].reshape(3, d), x[3 * d :].reshape(d, p)
        misfit = X @ V.T @ W.T - np.eye(3)[LABELS]
        value = np.sum(misfit**2) / (2 * len(X)) + decay / 2 * np.sum(x**2)
        gw = misfit.T @ X @ V.T / len(X) + decay * W
        gv = W.T @ misfit.T @ X / len(X) + decay * V
        return value, np.concatenate([gw.ravel(), gv.ravel()])

    found = minimize(
        objective,
        rng.standard_normal(3 * d + d * p) / 2,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": steps, "ftol": 0, "gtol": 1e-9},
    )
    return found.x[: 3 * d].reshape(3, d), found.x[3 * d :].reshape(d, p), X


@pytest.mark.parametrize("decay", [1e-4, 3e-4, 1e-3])
@pytest.mark.parametrize("steps", [20, 400])
def test_jacot_bound_on_trained_linear_layers(decay, steps):
    W, V, X = trained(decay, seed=3, steps=steps)
    inputs = jacot_inputs(W, V, X)
    assert inputs["interpolation_error"] < 0.5
    bound = theory.get("jacot-2024-interpolation-balance").evaluate(**inputs)
    found = nc1(X @ V.T)
    assert found <= bound
    if steps == 400:  # a stationary point is balanced, and then the bound is the interpolation error's
        assert inputs["balance_error"] < 1e-4
        assert bound < 0.1


def test_jacot_needs_the_balance():
    """Noise that the last layer does not see: perfect interpolation, and no NC1."""
    rng = np.random.default_rng(0)
    W = np.hstack([np.eye(3), np.zeros((3, 3))])
    X = np.hstack([np.eye(3)[LABELS], rng.standard_normal((len(LABELS), 3))])
    V = np.diag([1.0, 1, 1, 9, 9, 9])
    inputs = jacot_inputs(W, V, X)
    assert inputs["interpolation_error"] < 1e-12
    assert nc1(X @ V.T) > 10
    entry = theory.get("jacot-2024-interpolation-balance")
    assert nc1(X @ V.T) <= entry.evaluate(**inputs)
    assert entry.evaluate(**inputs | {"balance_error": 0.0}) < 1e-12
