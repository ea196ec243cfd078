# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho's theorem 5: optimal linear codes, against random codes and counted errors."""

import numpy as np
import pytest
from scipy.stats import norm, ortho_group

import theory

COUNTS = [(2, 3), (3, 4), (5, 4), (10, 16)]
classes_and_dimension = pytest.mark.parametrize(("C", "d"), COUNTS)


def simplex(C, d, radius, rng):
    """C centred class means in d >= C - 1 dimensions: norm ``radius`` each, cosines -1/(C-1)."""
    basis = np.linalg.svd(np.eye(C) - 1 / C)[0][:, : C - 1]
    rotation = ortho_group.rvs(d, random_state=rng) if d > 1 else np.ones((1, 1))
    return radius * np.sqrt(C / (C - 1)) * basis @ rotation[: C - 1]


def noisy(C, d, rng, samples=6, radius=1.3, noise=0.3):
    """Features (C, samples, d) around any class means, so that no hypothesis of collapse holds."""
    means = rng.normal(size=(C, 1, d)) * radius + rng.normal(size=d)
    return means + noise * rng.normal(size=(C, samples, d))


def centred_means(features):
    means = features.mean(axis=1)
    return means - means.mean(axis=0)


def radius_of(features):
    return np.sqrt((centred_means(features) ** 2).sum(axis=1).mean())


def squared_error(features, weight, bias):
    """E||W h + b - e_c||^2."""
    targets = np.eye(len(weight))[:, None]
    return ((features @ weight.T + bias - targets) ** 2).sum(axis=-1).mean()


def exponent_of(code):
    """Half the squared least distance to a boundary of the best linear decoder: nearest codeword."""
    distances = ((code[:, None] - code) ** 2).sum(axis=-1)
    return distances[~np.eye(len(code), dtype=bool)].min() / 8


@classes_and_dimension
def test_no_random_code_beats_the_simplex_and_deviation_is_paid_for(C, d):
    rng = np.random.default_rng(C)
    best = theory.get("optimal-error-exponent").evaluate(C=C, alpha=1.0)
    assert best == pytest.approx(C / (4 * (C - 1)))
    assert exponent_of(simplex(C, d, 1.0, rng)) == pytest.approx(best)
    for spread in (0.01, 0.1, 0.5, 2.0) * 5:
        code = simplex(C, d, 1.0, rng) + spread * rng.normal(size=(C, d))
        code /= np.sqrt((code**2).sum(axis=1).mean())
        exponent = exponent_of(code)
        assert exponent <= best * (1 + 1e-12)
        centred = code - code.mean(axis=0)
        target = 4 * exponent * (np.eye(C) - 1 / C)
        bound = theory.get("optimal-error-exponent-stability").evaluate(C=C, alpha=1.0, exponent=exponent)
        assert ((centred @ centred.T - target) ** 2).mean() <= bound * (1 + 1e-9)


def test_linear_decoders_do_no_better_than_the_nearest_codeword():
    """The exponent of any linear decoder of any code, from its distances to the boundaries."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        C, d = rng.integers(2, 6), rng.integers(1, 6)
        code = rng.normal(size=(C, d))
        weight, bias = code + 0.1 * rng.normal(size=(C, d)), -0.5 * (code**2).sum(axis=1)
        off = ~np.eye(C, dtype=bool)
        margins = np.einsum("cjk,ck->cj", weight[:, None] - weight, code) + bias[:, None] - bias
        lengths = np.linalg.norm(weight[:, None] - weight, axis=-1)
        least = (margins[off] / lengths[off]).min()
        assert least <= np.sqrt(2 * exponent_of(code)) + 1e-12


def test_error_probabilities_at_the_simplex_have_the_exponent():
    """The step that is outside the kernel: Gaussian tails, sigma -> 0, between the largest and the sum."""
    C = 5
    best = theory.get("optimal-error-exponent").evaluate(C=C, alpha=1.0)
    distance = np.sqrt(2 * best)
    gaps = []
    for sigma in (0.1, 0.03, 0.01, 0.003):
        lower = norm.logsf(distance / sigma)
        upper = lower + np.log(C - 1)
        assert -(sigma**2) * lower >= best
        gaps.append(max(abs(-(sigma**2) * x - best) for x in (lower, upper)))
    assert np.all(np.diff(gaps) < 0)
    assert gaps[-1] < 1e-3 * best
