# SPDX-License-Identifier: MIT
"""Supervised contrastive and multi-label losses: the closed forms against optimised models.

Gradients come from the formulas of the losses, written out here; the bound may never be passed, and is
reached where the dimension allows the simplex.
"""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

import theory


def least(objective, size, seeds=3):
    """The least value that L-BFGS finds from random starts, and where."""
    runs = [
        minimize(
            objective,
            np.random.default_rng(seed).standard_normal(size),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 3000, "ftol": 0, "gtol": 1e-10},
        )
        for seed in range(seeds)
    ]
    best = min(runs, key=lambda run: run.fun)
    return best.fun, best.x


def reaches(found, bound):
    """Whether the optimiser came to the bound, and not below it."""
    return bound * (1 - 1e-10) <= found <= bound * (1 + 1e-4)


def contrastive(H, labels):
    """Mean supervised contrastive loss with anchors left out, and its gradient in H."""
    n = len(H)
    off = ~np.eye(n, dtype=bool)
    same = (labels[:, None] == labels[None]) & off
    s = np.where(off, H @ H.T, -np.inf)
    p = np.exp(s - s.max(axis=1, keepdims=True))
    total = p.sum(axis=1, keepdims=True)
    share = same / same.sum(axis=1, keepdims=True)
    value = np.mean(np.log(total[:, 0]) + s.max(axis=1) - (share * np.where(off, s, 0)).sum(axis=1))
    slope = (p / total - share) / n
    return value, (slope + slope.T) @ H


@pytest.mark.parametrize(("C", "n", "d", "rho"), [(2, 2, 1, 1.0), (3, 2, 2, 1.4), (3, 3, 4, 0.8)])
@pytest.mark.parametrize("each", [True, False], ids=["sphere", "mean"])
def test_graf_supervised_contrastive(C, n, d, rho, each):
    """Every feature on the sphere, as published; or only the mean of the squared norms, as proved."""
    labels = np.repeat(np.arange(C), n)
    N = C * n

    def objective(x):
        X = x.reshape(N, d)
        length = np.linalg.norm(X, axis=1, keepdims=True) if each else np.linalg.norm(X) / np.sqrt(N)
        H = rho * X / length
        value, g = contrastive(H, labels)
        radial = (g * H).sum(axis=1, keepdims=True) if each else (g * H).sum() / N
        return value, (rho / length * (g - H * radial / rho**2)).ravel()

    bound = theory.get("graf-2021-supervised-contrastive").evaluate(C=C, samples_per_class=n, radius=rho)
    found, _ = least(objective, N * d, seeds=5)
    assert reaches(found, bound)


def test_graf_supervised_contrastive_is_not_reached_on_a_line():
    labels = np.repeat(np.arange(3), 2)
    value, _ = contrastive(np.array([[1.0], [1.0], [-1.0], [-1.0], [1.0], [1.0]]), labels)
    bound = theory.get("graf-2021-supervised-contrastive").evaluate(C=3, samples_per_class=2, radius=1.0)
    assert value > 1.1 * bound


def pick_all(H, W, tags):
    """Mean pick-all-labels cross-entropy and its gradients in H and W; ``tags`` (n, C) of zeros and ones."""
    z = H @ W.T
    p = np.exp(z - z.max(axis=1, keepdims=True))
    total = p.sum(axis=1, keepdims=True)
    share = tags / tags.sum(axis=1, keepdims=True)
    value = np.mean(np.log(total[:, 0]) + z.max(axis=1) - (share * z).sum(axis=1))
    slope = (p / total - share) / len(H)
    return value, slope @ W, slope.T @ H


def all_tag_sets(C, m):
    tags = np.zeros((len(list(combinations(range(C), m))), C))
    for row, chosen in enumerate(combinations(range(C), m)):
        tags[row, list(chosen)] = 1
    return tags


@pytest.mark.parametrize(
    ("C", "m", "d", "rho", "r"), [(3, 2, 2, 2.0, 1.0), (4, 2, 3, 1.5, 1.5), (5, 3, 5, 1.0, 2.0)]
)
def test_li_pick_all_labels_and_its_tag_wise_averages(C, m, d, rho, r):
    tags = all_tag_sets(C, m)
    n = len(tags)

    def split(x):
        H, W = x[: n * d].reshape(n, d), x[n * d :].reshape(C, d)
        W = W - W.mean(axis=0)
        a, b = np.linalg.norm(H) / np.sqrt(n), np.linalg.norm(W) / np.sqrt(C)
        return rho * H / a, r * W / b, a, b

    def objective(x):
        H, W, a, b = split(x)
        value, gh, gw = pick_all(H, W, tags)
        gh = rho / a * (gh - H * (gh * H).sum() / (n * rho**2))
        gw = r / b * (gw - W * (gw * W).sum() / (C * r**2))
        return value, np.concatenate([gh.ravel(), (gw - gw.mean(axis=0)).ravel()])

    evaluate = theory.get("li-2024-tag-wise-average").evaluate
    bound = evaluate(C=C, tags=m, radius=rho, beta=r)
    found, x = least(objective, (n + C) * d)
    assert reaches(found, bound)
    H, W, *_ = split(x)
    scale = rho / (r * np.sqrt(m * (C - m) / (C - 1)))
    np.testing.assert_allclose(H, scale * tags @ W, atol=2e-2 * rho)
    # away from the optimum, the price of the distance to the tag-wise averages
    rng = np.random.default_rng(1)
    T = C * rho * r / np.sqrt(m * (C - m) * (C - 1))
    B, M = np.exp(bound), rho / scale
    for _ in range(50):
        H, W, *_ = split(x + 0.3 * rng.standard_normal(x.shape))
        value, *_ = pick_all(H, W, tags)
        distance = np.mean(np.sum((H - scale * tags @ W) ** 2, axis=1))
        assert value >= bound + C * M / (2 * m * rho * B) * np.exp(-T) * distance - 1e-12


@pytest.mark.parametrize(("rho", "r"), [(0.5, 0.7), (2.0, 1.0), (4.0, 2.0)])
def test_li_with_tags_of_any_size_whose_squares_sum_to_their_number(rho, r):
    """Three classes, tags (2, 0, 0) and its turns once each, (2/3, 2/3, 2/3) nine times: squares sum to 2."""
    C, d, m = 3, 3, 2
    tags = np.vstack([2 * np.eye(3), np.full((9, 3), 2 / 3)])
    assert (tags**2).sum(axis=1).mean() == pytest.approx(m)
    assert tags.T @ tags / len(tags) == pytest.approx((np.ones((3, 3)) + np.eye(3)) / 3)
    n, scale = len(tags), rho / (r * np.sqrt(m * (C - m) / (C - 1)))
    bound = theory.get("li-2024-tag-wise-average").evaluate(C=C, tags=m, radius=rho, beta=r)
    rate = C * rho / scale / (2 * m * rho * np.exp(bound))
    rate *= np.exp(-C * rho * r / np.sqrt(m * (C - m) * (C - 1)))

    def room(x):
        H, W = x[: n * d].reshape(n, d), x[n * d :].reshape(C, d)
        W = W - W.mean(axis=0)
        H, W = rho * H * np.sqrt(n) / np.linalg.norm(H), r * W * np.sqrt(C) / np.linalg.norm(W)
        distance = np.mean(np.sum((H - scale * tags @ W) ** 2, axis=1))
        return pick_all(H, W, tags)[0] - bound - rate * distance

    rng = np.random.default_rng(0)
    for _ in range(3):
        assert minimize(room, rng.standard_normal((n + C) * d), method="L-BFGS-B").fun >= -1e-12


def test_li_with_one_tag_is_the_least_cross_entropy():
    li, ours = theory.get("li-2024-tag-wise-average"), theory.get("minimum-cross-entropy")
    for C in (2, 3, 10):
        assert li.evaluate(C=C, tags=1, radius=1.3, beta=0.9) == pytest.approx(
            ours.evaluate(C=C, alpha=1.3, beta=0.9), rel=1e-12
        )
