# SPDX-License-Identifier: MIT
"""Pan & Cao's measures and route on random configurations, recomputed by NumPy; remainders by mpmath."""

import mpmath as mp
import numpy as np
import pytest

import theory
from theory import scalars


def configuration(seed, classes=4, samples=3, dimension=5, order=0.0):
    """A simplex mixed with noise; ``order`` near 1 is near collapse."""
    rng = np.random.default_rng(seed)
    axes = np.zeros((classes, dimension))
    axes[:, :classes] = np.eye(classes) - 1 / classes
    size = rng.uniform(0.3, 4)
    W = size * axes + (1 - order) * rng.normal(size=(classes, dimension))
    H = size * axes[:, None] + (1 - order) * rng.normal(size=(classes, samples, dimension))
    return W, H


def measures(W, H):
    classes = len(H)
    z = H @ W.T
    own = z[np.arange(classes), :, np.arange(classes)]
    top = z.max(-1)
    loss = (np.log(np.exp(z - top[..., None]).sum(-1)) + top - own).mean()
    rows = W - W.mean(0)
    alpha, beta = np.sqrt((H**2).sum(-1).mean()), np.sqrt((rows**2).sum(-1).mean())
    unit = H / np.linalg.norm(H, axis=-1, keepdims=True)
    pairs = np.einsum("cik,cjk->cij", unit, unit)
    T = classes * alpha * beta / (classes - 1)
    values = {"C": classes, "alpha": alpha, "beta": beta, "bias_norm": 0.0, "mean_norm": 0.0}
    values["eps"] = loss - float(scalars.phi(T, classes))
    nu = 1 - (H.mean(1) ** 2).sum(-1) / (H**2).sum(-1).mean(1)
    mean = H.mean(1) / np.linalg.norm(H.mean(1), axis=-1, keepdims=True)
    turn = np.einsum("cik,ck->ci", unit, mean).mean(1)
    return values, pairs, nu, turn, unit


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("order", [0.0, 0.7, 0.95])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_bounds_for_every_margin_hold(seed, order, classes):
    values, pairs, _, _, _ = measures(*configuration(seed, classes, order=order))
    intra = pairs.mean((1, 2))
    assert intra.mean() >= theory.get("pan-cao-every-margin").evaluate(**values)
    worst = theory.get("pan-cao-route-intra").evaluate(**values, delta=0.25)
    assert (intra <= worst).mean() <= 0.25


@pytest.mark.parametrize("seed", range(20))
def test_distinct_pairs_variability_and_range(seed):
    _, pairs, nu, turn, unit = measures(*configuration(seed))
    n = pairs.shape[1]
    intra = pairs.mean((1, 2))
    distinct = pairs[:, ~np.eye(n, dtype=bool)].mean(1)
    for a, b in zip(intra, distinct, strict=True):
        value = theory.get("pan-cao-distinct-pairs").evaluate(samples_per_class=n, intra_cosine=a)
        assert value == pytest.approx(b, abs=1e-12)
    for spread, cosine, a in zip(nu, turn, intra, strict=True):
        assert cosine >= theory.get("pan-cao-cosine-from-variability").evaluate(class_spread=spread) - 1e-12
        assert 1 - a <= 4 * spread + 1e-12
    means = unit.mean(1)
    gram = means @ means.T
    inter = (gram.sum() - np.trace(gram)) / (len(gram) * (len(gram) - 1))
    least = theory.get("pan-cao-inter-range").evaluate(C=len(gram), intra_cosine=intra.mean())
    assert inter >= least - 1e-12


def test_what_the_route_costs():
    """The route's constant is exponential in C T/2, those of the others in T."""
    C, T, eps, delta = 10, 6.0, 1e-9, 0.1
    side = np.sqrt(T * (C - 1) / C)
    values = {"C": C, "alpha": side, "beta": side, "eps": eps, "bias_norm": 0.0, "mean_norm": 0.0}
    route = 1 - theory.get("pan-cao-route-intra").evaluate(**values, delta=delta)
    finished = 1 - theory.get("pan-cao-every-margin").evaluate(**values)
    linear = 2 * eps / (T * float(scalars.q(T, C)))
    assert linear < finished < 1e-5 < 1 < route


def test_approximate_jensen_on_random_points():
    rng = np.random.default_rng(0)
    bound = theory.get("pan-cao-approximate-jensen")
    for _ in range(50):
        x, m = rng.normal(size=8), rng.uniform(0.1, 3)
        eps = m / 2 * x.var()
        for size in range(1, 8):
            chosen = np.sort(x)[:size].mean()
            limit = bound.evaluate(eps=eps, delta=size / 8, strong_convexity=m)
            assert abs(chosen - x.mean()) <= limit * (1 + 1e-12)


@pytest.mark.parametrize("gap", [1e-5, 1e-4, 1e-3])
def test_the_remainder_of_the_bound_class_by_class(gap):
    """Against psi^{-1} at 40 digits: between the second order and the second order plus 4 e^3."""
    C, T, delta = 10, 6.0, 0.2
    side = np.sqrt(T * (C - 1) / C)
    values = {"C": C, "alpha": side, "beta": side, "eps": gap, "delta": delta}
    upper = theory.get("class-variability-per-class-expansion").evaluate(**values)
    with mp.workdps(40):
        q = mp.mpf(C - 1) / (C - 1 + mp.exp(mp.mpf(T)))
        psi = lambda p: -p * mp.log(p) - (1 - p) * mp.log(1 - p) + p * mp.log(C - 1)  # noqa: E731
        p = mp.findroot(lambda p: psi(p) - psi(q) - mp.mpf(gap) / mp.mpf(delta), q * (1 + gap))
        e = float(mp.mpf(gap) / mp.mpf(delta) / (T * q))
        exact = float(1 - (q / p) ** 2)
    assert upper - 4 * e**3 - 1e-14 <= exact <= upper + 1e-14


@pytest.mark.parametrize("C", [2, 3, 10, 100, 1000, 21841])
def test_the_threshold_for_many_classes(C):
    found = float(scalars.threshold(2.5, C))
    assert np.log(C) + np.log(1.5) < found <= np.log(C) + np.log(1.5) + 1.75 / np.log(C)
