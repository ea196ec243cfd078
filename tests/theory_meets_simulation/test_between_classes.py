# SPDX-License-Identifier: MIT
"""Equal angles: the bounds hold at the worst configurations an optimiser finds, and the constant is sharp."""

import numpy as np
import pytest
from scipy.optimize import minimize

import theory
from simulations import measure
from theory import scalars


def normalised(flat, C):
    rows = flat.reshape(C, -1)
    return rows * (C**0.5 / np.linalg.norm(rows))


def loss_of(weight, means, T):
    """Loss of one sample a class, both tables with mean square norm 1, at margin scale T."""
    C = len(weight)
    logits = T * (C - 1) / C * means @ weight.T
    logits = logits - np.diag(logits)[:, None]
    return float(np.log(np.exp(logits).sum(axis=1)).mean())


def least_loss(weight, T):
    """The least loss over class means, for a given centred classifier."""
    C = len(weight)
    found = minimize(
        lambda x: loss_of(weight, normalised(x, C), T),
        weight.ravel(),
        options={"gtol": 1e-11, "maxiter": 500},
    )
    return found.fun


def deviation(weight):
    """Gram matrix minus its row means over the other classes, off the diagonal."""
    C = len(weight)
    gram = weight @ weight.T
    gap = gram + np.diag(gram)[:, None] / (C - 1)
    return gap[~np.eye(C, dtype=bool)]


@pytest.mark.parametrize(("C", "T"), [(4, 3.0), (4, 7.0), (5, 5.0)])
def test_the_constant_of_the_mean_square_is_sharp(C, T):
    """Angles deformed at equal norms: V over 2 C (C+T) eps/((C-1)^2 T^2 q(T)) tends to 1 with the gap."""
    shape = np.zeros((C, C))
    for a, b, sign in ((0, 1, 1), (2, 3, 1), (0, 2, -1), (1, 3, -1)):
        shape[a, b] = shape[b, a] = sign
    simplex = C / (C - 1) * (np.eye(C) - 1 / C)
    values, vectors = np.linalg.eigh(simplex + 0.01 * shape)
    weight = vectors * np.sqrt(np.clip(values, 0, None))
    weight = normalised(weight - weight.mean(axis=0), C)
    gap = least_loss(weight, T) - float(scalars.phi(T, C))
    leading = 2 * C * (C + T) * gap / ((C - 1) ** 2 * T**2 * float(scalars.q(T, C)))
    assert (deviation(weight) ** 2).mean() / leading == pytest.approx(1, abs=0.02)


NAMES = ("equiangular-weights", "equiangular-means", "equiangular-weights-weight-decay")


@pytest.mark.parametrize("size", [1.0, 4.0])
@pytest.mark.parametrize("C", [2, 3, 5])
def test_the_worst_configuration_found_respects_every_bound(C, size):
    """Maximise the deviation minus a multiple of the loss, from random starts; then measure."""
    rng = np.random.default_rng(C)
    checked = 0
    for price in (0.3, 3.0, 30.0):
        for which in (0, 1):

            def goal(x, price=price, which=which):
                weight, means = normalised(x[: C * C], C), normalised(x[C * C :], C)
                weight = weight - weight.mean(axis=0)
                table = (weight, means - means.mean(axis=0))[which]
                return price * loss_of(weight, means, 2 * size) - (deviation(table) ** 2).mean()

            start = np.concatenate([np.eye(C).ravel(), np.eye(C).ravel()]) + 0.3 * rng.normal(size=2 * C * C)
            found = minimize(goal, start, options={"maxiter": 60}).x
            weight = size * normalised(found[: C * C], C)
            features = normalised(found[C * C :], C)
            measured = measure(
                features=features, labels=np.arange(C), weight=weight - weight.mean(axis=0), weight_decay=0.05
            )
            for row in measured.guarantees:
                if row["theorem"] in NAMES and row["holds"] is not None:
                    assert row["holds"], row
                    checked += 1
    assert checked


def test_the_guarantee_says_something_at_small_gaps():
    """At a loss gap of 1e-5 with ten classes the mean deviation is certified below a tenth."""
    C, T = 10, 8.0
    loss = float(scalars.phi(T, C)) + 1e-5
    bound = theory.get("equiangular-weights").evaluate(
        C=C, alpha=1.0, beta=T * (C - 1) / C, L=loss, weight_spectral=C / (C - 1), bias_norm=0.0
    )
    assert 0 < bound < 0.1
