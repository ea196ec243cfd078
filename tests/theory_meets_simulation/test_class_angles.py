# SPDX-License-Identifier: MIT
"""Norms and cosines of rows and class means: bounds hold at bad configurations, constants are attained."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import theory
from simulations import measure
from simulations.geometry.attack.worst_case import worst_case
from theory import scalars

NAMES = [
    f"{kind}-of-{which}{decay}"
    for kind in ("angles", "norms", "cosine-spread")
    for which in ("rows", "means")
    for decay in ("", "-weight-decay")
] + ["equiangular-means-weight-decay"]


def simplex(C):
    return np.eye(C) - 1 / C


def loss_of(logits):
    shifted = logits - np.diag(logits)[:, None]
    return float(np.log(np.exp(shifted).sum(axis=1)).mean())


def blocks(C, kind):
    """A symmetric matrix with zero row sums and trace 0: four classes, one norm or one pair."""
    S = np.zeros((C, C))
    if kind == "four":
        for a, b, sign in ((0, 1, 1), (2, 3, 1), (0, 2, -1), (1, 3, -1)):
            S[a, b] = S[b, a] = sign
    elif kind == "norm":
        own = np.eye(C)[0] - 1 / C
        direction = np.outer(own, own) * C / (C - 1)
        S = (C - 2) * direction - (simplex(C) - direction)
    else:
        S[:2, 2:] = S[2:, :2] = -(C - 3)
        S[2:, 2:] = 2
        np.fill_diagonal(S, 0)
        S[0, 1] = S[1, 0] = (C - 2) * (C - 3)
    return S


def deformed(C, T, kind, g):
    """Rows and class means with Gram matrices T (I - J/C + g S) and T (I - J/C + k S), k of least loss."""
    S = blocks(C, kind)
    values, vectors = np.linalg.eigh(S)

    def factor(step):
        return vectors @ np.diag(np.sqrt(T * (1 + step * values))) @ vectors.T @ simplex(C)

    rows = factor(g)
    best = minimize_scalar(
        lambda k: loss_of(factor(k) @ rows.T), bounds=(-g, g), method="bounded", options={"xatol": 1e-6 * g}
    )
    return rows, factor(best.x), best.fun - float(scalars.phi(T, C))


def numbers(C, T):
    return {"C": C, "alpha": 1.0, "beta": T * (C - 1) / C}


@pytest.mark.parametrize(("C", "T"), [(4, 3.0), (5, 7.0), (10, 5.0)])
def test_the_leading_constants_are_attained(C, T):
    """The number of each necessity theorem, times the loss gap, is what explicit configurations reach."""
    size = C / ((C - 1) * T)
    wrong = ~np.eye(C, dtype=bool)
    rows, _, gap = deformed(C, T, "four", 1e-3)
    cosines = size * rows @ rows.T
    found = ((cosines[wrong] + 1 / (C - 1)) ** 2).mean()
    number = theory.get("equiangular-weights-rms-necessity").evaluate(**numbers(C, T))
    assert found == pytest.approx(number * gap, rel=0.01)
    rows, _, gap = deformed(C, T, "norm", 1e-3)
    found = ((size * (rows**2).sum(axis=1) - 1) ** 2).mean()
    number = theory.get("norms-of-rows-necessity").evaluate(**numbers(C, T))
    assert found == pytest.approx(number * gap, rel=0.02)
    rows, _, gap = deformed(C, T, "pair", 1e-3 / C**2)
    found = ((size * rows @ rows.T)[0, 1] + 1 / (C - 1)) ** 2
    number = theory.get("pair-angle-necessity").evaluate(**numbers(C, T))
    assert found == pytest.approx(number * gap, rel=0.02)


@pytest.mark.parametrize("kind", ["four", "norm", "pair"])
@pytest.mark.parametrize(("C", "T"), [(4, 8.0), (10, 8.0)])
def test_the_bounds_hold_along_the_worst_directions(kind, C, T):
    """Both in fixed norms and at weight decay, rows off 0 or not; and they are not vacuous at small gaps."""
    decay = float(np.sqrt(C) / (C - 1 + np.exp(T)))
    checked, sharp = set(), 0
    for size in (0.3, 0.03, 0.003):
        for shift in (0.0, 1e-3):
            rows, means, _ = deformed(C, T, kind, size / abs(blocks(C, kind)).max())
            found = measure(
                features=means * C**0.25,
                labels=np.arange(C),
                weight=rows * C**-0.25 + shift,
                weight_decay=decay,
            )
            for row in found.guarantees:
                if row["theorem"] in NAMES and row["holds"] is not None:
                    assert row["holds"], row
                    checked.add(row["theorem"])
                    sharp += row["measured"] > row["bound"] / 10
    assert checked == set(NAMES)
    assert sharp


def test_the_adversary_stays_below_the_bound_and_reaches_the_constant():
    """Free rows and means, gap 1e-4: a third of the bound on cosines, the constant for the Gram matrix."""
    C, T, gap = 4, 8.0, 1e-4
    setting = {"C": C, "samples_per_class": 1, "feature_dim": C, "T": T, "loss_gap": gap}
    angles = worst_case("angles-of-rows", **setting)
    assert 0.2 < angles.ratio <= 1
    constant = theory.get("equiangular-weights-rms-necessity").evaluate(**numbers(C, T))
    spread = worst_case(quantity="gram_spread_weights", bound=lambda **_: constant * gap, **setting)
    assert spread.attained == pytest.approx(constant * gap, rel=0.1)


@pytest.mark.parametrize("C", [2, 3, 6])
def test_the_bounds_hold_at_noisy_simplices(C):
    """Rows and several features a class with noise of every size, off 0 or not."""
    rng = np.random.default_rng(C)
    checked = set()
    for noise in (1e-3, 1e-2, 0.1, 0.3):
        for offset in (0.0, 0.05):
            weight = 3 * simplex(C) + noise * rng.normal(size=(C, C)) + offset
            labels = np.repeat(np.arange(C), 3)
            features = 3 * simplex(C)[labels] + noise * rng.normal(size=(3 * C, C)) + offset
            found = measure(features=features, labels=labels, weight=weight, weight_decay=0.03)
            for row in found.guarantees:
                if row["theorem"] in NAMES and row["holds"] is not None:
                    assert row["holds"], row
                    checked.add(row["theorem"])
    assert {"angles-of-rows", "angles-of-means", "norms-of-rows", "norms-of-means"} <= checked
