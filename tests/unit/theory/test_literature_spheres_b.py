# SPDX-License-Identifier: MIT
"""Least cross-entropy on spheres, in balls and with a fixed simplex: closed forms against optimised models.

Each model is minimised by L-BFGS from random points with its own gradient; the bound may never be passed, and
where the dimension allows the simplex it is reached.
"""

import numpy as np
import pytest
from scipy.optimize import minimize

import theory


def softmax_loss(z, labels, weights=None):
    """Mean cross-entropy of logits ``z`` (n, C) and its gradient in ``z``."""
    weights = np.full(len(z), 1 / len(z)) if weights is None else weights
    shifted = z - z.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    value = weights @ (np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, labels])
    p[rows, labels] -= 1
    return value, weights[:, None] * p


def scaled_unit(x, norm):
    """Rows of ``x`` on the sphere of radius ``norm``, and the map of a gradient back to ``x``."""
    length = np.linalg.norm(x, axis=1, keepdims=True)
    unit = x / length
    return norm * unit, lambda g: norm * (g - unit * (g * unit).sum(axis=1, keepdims=True)) / length


def scaled_frobenius(x, norm):
    """``x`` with Frobenius norm ``norm``, and the map of a gradient back to ``x``."""
    length = np.linalg.norm(x)
    unit = x / length
    return norm * unit, lambda g: norm * (g - unit * (g * unit).sum()) / length


def least(objective, size, seeds=3):
    """The least value that L-BFGS finds from random starts."""
    best = np.inf
    for seed in range(seeds):
        start = np.random.default_rng(seed).standard_normal(size)
        found = minimize(
            objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 3000, "ftol": 0, "gtol": 1e-10}
        )
        best = min(best, found.fun)
    return best


def reaches(found, bound):
    """Whether the optimiser came to the bound, and not below it."""
    return bound * (1 - 1e-10) <= found <= bound * (1 + 1e-4)


def classifier_problem(labels, classes, d, features, weight, weights=None):
    """Objective over (H, W); ``features`` and ``weight`` put them on their constraint sets."""
    n = len(labels)

    def objective(x):
        H, back_h = features(x[: n * d].reshape(n, d))
        W, back_w = weight(x[n * d :].reshape(classes, d))
        value, slope = softmax_loss(H @ W.T, labels, weights)
        return value, np.concatenate([back_h(slope @ W).ravel(), back_w(slope.T @ H).ravel()])

    return objective, n * d + classes * d


@pytest.mark.parametrize(("C", "d", "n", "tau"), [(3, 2, 2, 2.0), (4, 3, 1, 5.0), (5, 6, 2, 1.0)])
def test_yaras_spheres(C, d, n, tau):
    labels = np.repeat(np.arange(C), n)
    objective, size = classifier_problem(
        labels, C, d, lambda x: scaled_unit(x, 1.0), lambda x: scaled_unit(x, tau)
    )
    bound = theory.get("yaras-2022-spheres").evaluate(C=C, temperature=tau)
    assert reaches(least(objective, size), bound)


def test_yaras_spheres_is_not_reached_in_too_small_a_dimension():
    labels = np.arange(5)
    objective, size = classifier_problem(
        labels, 5, 2, lambda x: scaled_unit(x, 1.0), lambda x: scaled_unit(x, 3.0)
    )
    assert least(objective, size) > 1.05 * theory.get("yaras-2022-spheres").evaluate(C=5, temperature=3.0)


@pytest.mark.parametrize(("C", "d", "rho", "r"), [(3, 2, 2.0, 3.0), (4, 4, 1.0, 5.0)])
def test_graf_cross_entropy(C, d, rho, r):
    labels = np.repeat(np.arange(C), 2)
    objective, size = classifier_problem(
        labels, C, d, lambda x: scaled_unit(x, rho), lambda x: scaled_frobenius(x, r)
    )
    bound = theory.get("graf-2021-cross-entropy").evaluate(C=C, radius=rho, weight_frobenius=r)
    assert reaches(least(objective, size), bound)


@pytest.mark.parametrize(("C", "d", "alpha"), [(3, 2, 1.5), (4, 3, 3.0), (4, 5, 0.7)])
def test_lu_steinerberger_sphere(C, d, alpha):
    labels = np.arange(C)

    def objective(x):
        U, back = scaled_unit(x.reshape(C, d), 1.0)
        value, slope = softmax_loss(alpha * U @ U.T, labels)
        return value, back(alpha * (slope + slope.T) @ U).ravel()

    evaluate = theory.get("lu-steinerberger-2022-sphere").evaluate
    assert reaches(least(objective, C * d), evaluate(C=C, temperature=alpha, weight_mean_norm=0.0))
    rng = np.random.default_rng(5)
    for _ in range(50):  # and the price of a mean, at random unit vectors that lean to one side
        U, _ = scaled_unit(rng.standard_normal((C, d)) + rng.uniform(0, 3), 1.0)
        value, _ = softmax_loss(alpha * U @ U.T, labels)
        mean = np.linalg.norm(U.mean(axis=0))
        assert value >= evaluate(C=C, temperature=alpha, weight_mean_norm=mean) - 1e-12


@pytest.mark.parametrize(("C", "R"), [(2, 1.0), (3, 4.0), (10, 2.5)])
def test_e_wojtowytsch_logit_ball(C, R):
    def objective(x):
        z, back = scaled_unit(x[None], R)
        value, slope = softmax_loss(z, np.array([0]))
        return value, back(slope)[0]

    bound = theory.get("e-wojtowytsch-2022-logit-ball").evaluate(C=C, radius=R)
    assert reaches(least(objective, C), bound)


def test_e_wojtowytsch_covers_linear_layers_of_operator_norm_one():
    rng = np.random.default_rng(0)
    for _ in range(50):
        A = rng.standard_normal((4, 6))
        A /= np.linalg.norm(A, 2)
        h = rng.standard_normal((7, 6))
        R = np.linalg.norm(h, axis=1).max()
        value, _ = softmax_loss(h @ A.T, rng.integers(0, 4, 7))
        assert value >= theory.get("e-wojtowytsch-2022-logit-ball").evaluate(C=4, radius=R)


@pytest.mark.parametrize("counts", [(5, 5, 5), (20, 4, 1)])
def test_yang_fixed_simplex_ignores_the_class_sizes(counts):
    C, d, rho, r = 3, 3, 2.0, 1.3
    labels = np.repeat(np.arange(C), counts)
    W = (np.eye(C) - 1 / C) * r / np.sqrt(1 - 1 / C)

    def objective(x):
        H, back = scaled_unit(x.reshape(len(labels), d), rho)
        value, slope = softmax_loss(H @ W.T, labels)
        return value, back(slope @ W).ravel()

    bound = theory.get("yang-2022-fixed-simplex").evaluate(
        C=C, radius=rho, weight_frobenius=np.linalg.norm(W)
    )
    assert reaches(least(objective, len(labels) * d), bound)


def test_learned_rows_do_better_than_the_fixed_simplex_on_imbalanced_classes():
    """The other side of the comparison: the bound is about rows of equal length that sum to zero."""
    counts, d, rho = (40, 1, 1), 3, 2.0
    labels = np.repeat(np.arange(3), counts)
    r = 1.3 * np.sqrt(3)
    objective, size = classifier_problem(
        labels, 3, d, lambda x: scaled_unit(x, rho), lambda x: scaled_frobenius(x, r)
    )
    fixed = theory.get("yang-2022-fixed-simplex").evaluate(C=3, radius=rho, weight_frobenius=r)
    assert least(objective, size) < 0.9 * fixed
