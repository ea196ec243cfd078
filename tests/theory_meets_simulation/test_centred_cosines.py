# SPDX-License-Identifier: MIT
"""The theorems on centred cosines against an optimiser over W, H, the bias and the global mean."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

import simulations
import theory
from theory import scalars

PARTS = {"intra-class-cosine-centred": 1.0, "intra-class-cosine-centred-low": 0.25}


def threshold(classes, part):
    """The margin scale from which on phi(T/2) >= phi(T) + (1/2 + 2 part) T q(T)."""

    def excess(T):
        rise = scalars.phi(T / 2, classes) - scalars.phi(T, classes)
        return float(rise - (0.5 + 2 * part) * T * scalars.q(T, classes))

    return brentq(excess, 1.0, 40.0)


def unpack(point, classes, samples, dim):
    """W, H, bias and global mean of a flat vector; rows and features centred, mean square norms 1."""
    sizes = np.cumsum([classes * dim, classes * samples * dim, classes])
    W, H, bias, mean = np.split(point, sizes)
    W, H = W.reshape(classes, dim), H.reshape(classes, samples, dim)
    W, H = W - W.mean(axis=0), H - H.mean(axis=(0, 1))
    return W / np.sqrt((W**2).sum(-1).mean()), H / np.sqrt((H**2).sum(-1).mean()), bias, mean


def figures(point, classes, samples, dim, T):
    """Loss, E(1 - cos) and mean intra-class cosine at margin scale T."""
    W, H, bias, mean = unpack(point, classes, samples, dim)
    W = W * T * (classes - 1) / classes
    z = np.einsum("jk,cik->cij", W, H + mean) + bias
    own = z[np.arange(classes), :, np.arange(classes)]
    shift = z.max(-1)
    loss = (np.log(np.exp(z - shift[..., None]).sum(-1)) + shift - own).mean()
    unit = H / np.linalg.norm(H, axis=-1, keepdims=True)
    rows = W / np.linalg.norm(W, axis=-1, keepdims=True)
    turned = 1 - np.einsum("ck,cik->ci", rows, unit)
    return loss, turned.mean(), (unit.mean(axis=1) ** 2).sum(-1).mean()


def start(rng, classes, samples, dim):
    """Near collapse, with a few small samples on the wrong side, a bias and a global mean."""
    means = np.eye(classes, dim) - np.eye(classes, dim).mean(axis=0)
    H = np.repeat(means[:, None], samples, axis=1)
    for _ in range(rng.integers(0, 3)):
        H[rng.integers(classes), rng.integers(samples)] *= -(10 ** rng.uniform(-3, -0.5))
    flat = np.concatenate([means.ravel(), H.ravel(), np.zeros(classes + dim)])
    return flat + rng.normal(size=flat.size) * 0.02


@pytest.mark.parametrize("name", PARTS)
def test_no_configuration_found_turns_further_than_the_bound(name):
    """The largest E(1 - cos) relative to (L - phi(T))/(part T q(T)) that an optimiser finds is below 1."""
    rng, part = np.random.default_rng(7), PARTS[name]
    worst = 0.0
    for _ in range(6):
        classes, samples = int(rng.integers(2, 5)), int(rng.integers(2, 6))
        dim = classes
        T = threshold(classes, part) * (1 + 0.1 * rng.random())
        price = part * T * float(scalars.q(T, classes))

        def ratio(point, shape=(classes, samples, dim, T), price=price):
            loss, turned, _ = figures(point, *shape)
            gap = loss - float(scalars.phi(shape[3], shape[0]))
            return -turned * price / max(gap, 1e-9)

        found = minimize(ratio, start(rng, classes, samples, dim), method="L-BFGS-B", options={"maxiter": 15})
        loss, _, cosine = figures(found.x, classes, samples, dim, T)
        excess = (loss - float(scalars.phi(T, classes))) / price
        assert excess > 1 or cosine >= (1 - excess) ** 2 - 1e-9
        worst = max(worst, -found.fun)
    assert 0 < worst <= 1 + 1e-6


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_a_network_with_a_bias_is_guaranteed_its_cosines(shift):
    """The measured cosines of a noisy simplex with a bias and a global mean, and all the guarantees met."""
    rng = np.random.default_rng(3)
    classes, samples, dim, scale = 4, 12, 6, 2.9
    frame = np.eye(classes, dim) - np.eye(classes, dim).mean(axis=0)
    mean = shift * rng.normal(size=dim)
    labels = np.repeat(np.arange(classes), samples)
    features = scale * (frame[labels] + 0.03 * rng.normal(size=(classes * samples, dim))) + mean
    bias = 0.01 * rng.normal(size=classes) - scale * frame @ mean
    found = simulations.measure(features=features, labels=labels, weight=scale * frame, bias=bias).to_dict()
    rows = {row["theorem"]: row for row in found["guarantees"]}
    for name in (*PARTS, "intra-class-cosine-centred-per-class"):
        assert rows[name]["holds"] is True, rows[name]["unmet"]
        assert 0 < rows[name]["bound"] <= rows[name]["measured"] <= 1
        assert theory.get(name).kind == "upper"
