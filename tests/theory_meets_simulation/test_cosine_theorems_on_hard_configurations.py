# SPDX-License-Identifier: MIT
"""The numbers of the cosine and class-variability theorems on configurations that are hard for them.

Collapse plus noise, flipped samples of small norm, abandoned classes and spread norms at many scales: every
theorem whose hypotheses are met must hold, and the tight ones must come close somewhere.
"""

from functools import cache

import numpy as np
import pytest

import theory
from simulations.geometry.closed_forms import simplex_etf
from theory import scalars

CASES = 300
DIRECTIONS = {  # name: (quantity of `quantities`, the side on which the bound lies)
    "sample-cosine": ("mean cosine", ">="),
    "sample-cosine-sharp": ("mean cosine", ">="),
    "sample-cosine-any-loss": ("mean cosine", ">="),
    "sample-cosine-squared": ("mean squared cosine", ">="),
    "sample-cosine-weighted": ("weighted squared cosine", ">="),
    "class-variability": ("mean class variability", "<="),
    "class-variability-sharp": ("mean class variability", "<="),
    "intra-class-cosine-any-loss": ("mean intra", ">="),
    "intra-class-cosine-per-class-sharp": ("least intra", ">="),
    "class-variability-per-class": ("largest class variability", "<="),
    "sample-cosine-per-sample": ("least cosine", ">="),
    "sample-cosine-weight-decay": ("mean cosine", ">="),
    "class-variability-weight-decay": ("mean class variability", "<="),
    "intra-class-cosine-weight-decay-any-loss": ("mean intra", ">="),
    "intra-class-cosine-weight-decay-per-class": ("least intra", ">="),
    "intra-class-cosine-weight-decay-per-class-sharp": ("least intra", ">="),
    "class-variability-weight-decay-per-class": ("largest class variability", "<="),
    "sample-cosine-weight-decay-per-sample": ("least cosine", ">="),
    "sample-cosine-weight-decay-share": ("least cosine", ">="),
}
REACHED = ("sample-cosine-sharp", "sample-cosine-squared", "class-variability-sharp")


def configuration(generator):
    """W (C, d) and H (C, N, d): a simplex, damaged in one or more ways, with rms norms of margin T."""
    C, N = int(generator.integers(2, 6)), int(generator.integers(2, 7))
    d = C + int(generator.integers(0, 2))
    rows = simplex_etf(C, d)
    features = np.repeat(rows[:, None, :], N, axis=1)
    kind = generator.integers(0, 5)
    size = 10 ** generator.uniform(-3, 0.2)
    if kind in (0, 4):
        features = features + size * generator.normal(size=features.shape) / np.sqrt(d)
    if kind in (1, 4):
        features[:, 0] *= -(10 ** generator.uniform(-3, 0))
    if kind == 2:
        features[0] *= 10 ** generator.uniform(-3, 0)
        rows = rows * generator.uniform(0.5, 1.5, size=(C, 1))
    if kind == 3:  # orthogonal noise: the worst case of the sharp bounds
        outside = np.linalg.svd(rows)[2][-1]
        features = features + size * np.where(np.arange(N) % 2, 1.0, -1.0)[:, None] * outside
        features = features[:, : 2 * (N // 2)]
    rows = rows - rows.mean(axis=0)
    T = float(scalars.threshold(generator.choice([1.2, 1.5, 2.5, 3.0]), C)) * 10 ** generator.uniform(
        -0.2, 0.5
    )
    product = T * (C - 1) / C
    alpha, beta = np.sqrt(product * np.sqrt(C)), np.sqrt(product / np.sqrt(C))
    return beta * rows / _rms(rows), alpha * features / _rms(features)


def _rms(x):
    return float(np.sqrt(np.square(x).sum(axis=-1).mean()))


def measured(W, H):
    """(values for `evaluate`, quantities); delta for "all but fewer than one" class or sample."""
    C, N, _ = H.shape
    logits = H @ W.T
    own = logits[np.arange(C), :, np.arange(C)]
    shift = logits.max(axis=-1)
    loss = float((np.log(np.exp(logits - shift[..., None]).sum(-1)) + shift - own).mean())
    alpha, beta = _rms(H), _rms(W)
    T = C * alpha * beta / (C - 1)
    decay = float(scalars.q(T, C)) * np.sqrt(C) / (C - 1)
    total = loss + decay / 2 * (alpha**2 + float(np.square(W).sum()))
    values = {
        "C": C,
        "L": loss,
        "eps": loss - float(scalars.phi(T, C)),
        "alpha": alpha,
        "beta": beta,
        "bias_norm": 0.0,
        "mean_norm": 0.0,
        "weight_decay": decay,
        "L_reg": total,
        "eps_reg": total - float(scalars.least_regularized_loss(decay, C)),
    }
    cosines = np.einsum("cnd,cd->cn", H, W) / (
        np.linalg.norm(H, axis=-1) * np.linalg.norm(W, axis=-1)[:, None]
    )
    units = (H / np.linalg.norm(H, axis=-1, keepdims=True)).mean(axis=1)
    shares = np.square(H.mean(axis=1)).sum(-1) / np.square(H).sum(-1).mean(axis=1)
    weights = np.square(W).sum(axis=-1) / beta**2
    quantities = {
        "mean cosine": cosines.mean(),
        "mean squared cosine": np.square(cosines).mean(),
        "weighted squared cosine": (weights[:, None] * np.square(cosines)).mean(),
        "mean class variability": 1 - shares.mean(),
        "mean intra": np.square(units).sum(axis=-1).mean(),
        "least intra": np.square(units).sum(axis=-1).min(),
        "largest class variability": 1 - shares.min(),
        "least cosine": cosines.min(),
    }
    return values, quantities, {"least cosine": 1 / (C * N)}


@cache
def sample():
    generator = np.random.default_rng(20)
    return [measured(*configuration(generator)) for _ in range(CASES)]


@pytest.mark.parametrize("name", DIRECTIONS)
def test_no_hard_configuration_violates_the_theorem(name):
    entry = theory.get(name)
    quantity, direction = DIRECTIONS[name]
    tried, closest = 0, 0.0
    for values, quantities, deltas in sample():
        given = values | {"delta": deltas.get(quantity, 1 / values["C"])}
        if values["eps"] < 1e-7 or entry.unmet(**given):
            continue
        bound, found = entry.evaluate(**given), quantities[quantity]
        assert found <= bound + 1e-9 if direction == "<=" else found >= bound - 1e-9
        closest = max(closest, found / bound if direction == "<=" else bound / found if found > 0 else 0.0)
        tried += 1
    assert tried >= 20
    if name in REACHED:
        assert closest > 0.999
