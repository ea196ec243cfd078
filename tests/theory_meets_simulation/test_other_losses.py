# SPDX-License-Identifier: MIT
"""Identities and bounds for other losses at random configurations, recomputed in NumPy from W, H and b."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq

import theory
from theory import scalars

C, N, D = 5, 4, 7
DECAY = 0.03


@pytest.fixture(params=range(3))
def case(request):
    rng = np.random.default_rng(request.param)
    W, H, b = rng.normal(size=(C, D)), rng.normal(size=(C, N, D)) + 0.3, rng.normal(size=C)
    H += 2 * (W - W.mean(axis=0))[:, None]
    return SimpleNamespace(W=W, H=H, b=b, rows=W - W.mean(axis=0), plain=H @ W.T, z=H @ W.T + b)


def log_softmax(z):
    top = z.max(axis=-1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(axis=-1, keepdims=True))


def own(z):
    return z[np.arange(C), :, np.arange(C)]


def targets(mass):
    return np.where(np.eye(C, dtype=bool), 1 - mass, mass / (C - 1))[:, None]


def divergence(p, z):
    return (p * (np.log(p) - log_softmax(z))).sum(axis=-1).mean()


def cross_entropy(z):
    return -own(log_softmax(z)).mean()


def shared(case):
    """Values that several formulas want, with gamma^2 twice the mean squared feature norm."""
    alpha = np.sqrt((case.H**2).sum(-1).mean())
    return {
        "C": C,
        "alpha": alpha,
        "gamma_norm": np.sqrt(2) * alpha,
        "weight_decay": DECAY,
        "weight_mean_norm": np.linalg.norm(case.W.mean(axis=0)),
        "spring": ((case.H - np.sqrt(C) * case.rows[:, None]) ** 2).sum(-1).mean(),
    }


def penalty(case):
    return DECAY / 2 * (2 * (case.H**2).sum(-1).mean() + (case.W**2).sum())


def test_label_smoothing(case):
    sigma = 0.04
    mass = sigma + float(scalars.optimal_q(DECAY, C))
    value = -(targets(sigma) * log_softmax(case.z)).sum(axis=-1).mean() + penalty(case)
    found = theory.get("label-smoothing-identity").evaluate(
        **shared(case), smoothing=sigma, kl=divergence(targets(mass), case.z)
    )
    assert found == pytest.approx(value, rel=1e-12)
    least = theory.get("label-smoothing-least-loss").evaluate(C=C, smoothing=sigma, weight_decay=DECAY)
    assert least <= value


def test_squared_error(case):
    mu, labels = DECAY * np.sqrt(C), np.eye(C)[:, None]
    value = ((case.plain - labels) ** 2).sum(-1).mean() / 2 + penalty(case)
    found = theory.get("squared-error-identity").evaluate(
        **shared(case),
        squared_misfit=((case.plain - (1 - mu) * labels) ** 2).sum(-1).mean(),
        raw_spring=((case.H - np.sqrt(C) * case.W[:, None]) ** 2).sum(-1).mean(),
    )
    assert found == pytest.approx(value, rel=1e-12)
    rest = case.z - (1 - mu) * labels
    found = theory.get("squared-error-bias-identity").evaluate(
        **shared(case),
        squared_misfit=((rest - rest.mean(-1, keepdims=True)) ** 2).sum(-1).mean(),
        mean_logit_misfit=((case.z.mean(-1) - 1 / C) ** 2).mean(),
    )
    assert found == pytest.approx(((case.z - labels) ** 2).sum(-1).mean() / 2 + penalty(case), rel=1e-12)


def test_feature_decay(case):
    feature = 0.002
    decay = np.sqrt(C * N * DECAY * feature)
    value = cross_entropy(case.z) + DECAY / 2 * (case.W**2).sum() + feature / 2 * (case.H**2).sum()
    spring = np.sqrt(C * N * feature) * case.H - np.sqrt(C * DECAY) * case.rows[:, None]
    found = theory.get("feature-decay-identity").evaluate(
        C=C,
        samples_per_class=N,
        weight_decay=DECAY,
        feature_decay=feature,
        kl=divergence(targets(float(scalars.optimal_q(decay, C))), case.z),
        scaled_spring=(spring**2).sum(-1).mean(),
        weight_mean_norm=np.linalg.norm(case.W.mean(axis=0)),
    )
    assert found == pytest.approx(value, rel=1e-12)


def test_centred_features(case):
    centre = case.H.mean(axis=(0, 1))
    H = case.H - centre
    alpha, beta = np.sqrt((case.H**2).sum(-1).mean()), np.sqrt((case.rows**2).sum(-1).mean())
    shifted = np.sqrt((H**2).sum(-1).mean())
    T = C * shifted * beta / (C - 1)
    found = theory.get("shifted-loss-gap-identity").evaluate(
        C=C,
        alpha=alpha,
        beta=beta,
        mean_norm=np.linalg.norm(centre) / alpha,
        kl=divergence(targets(float(scalars.q(T, C))), case.z),
        misalignment=((H / shifted - case.rows[:, None] / beta) ** 2).sum(-1).mean(),
    )
    assert found == pytest.approx(cross_entropy(case.z) - float(scalars.phi(T, C)), rel=1e-10)


def test_class_imbalance(case):
    rng = np.random.default_rng(7)
    share, p = rng.dirichlet(np.ones(C)), rng.dirichlet(np.ones(C), size=C)
    means = case.H.mean(axis=1)
    value = share @ -own(log_softmax(case.plain)).mean(axis=1)
    spread = (p[:, None] * (np.log(p)[:, None] - log_softmax(case.plain))).sum(-1).mean(axis=1)
    reward = (share[:, None] * (np.eye(C) - p) * (means @ case.W.T)).sum()
    found = theory.get("imbalanced-loss-identity").evaluate(
        label_entropy=share @ -(p * np.log(p)).sum(axis=1),
        kl=share @ spread,
        penalty_excess=penalty(case) - reward,
    )
    assert found == pytest.approx(value + penalty(case), rel=1e-12)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_focal_loss(case, gamma):
    W, H = 2 * case.rows, case.H
    ce = -own(log_softmax(H @ W.T))
    loss = ((1 - np.exp(-ce)) ** gamma * ce).mean()
    alpha, beta = np.sqrt((H**2).sum(-1).mean()), np.sqrt((W**2).sum(-1).mean())

    def focal(t):
        return float(scalars.q(t, C)) ** gamma * float(scalars.phi(t, C))

    assert loss < focal(0.0)
    tau = brentq(lambda t: focal(t) - loss, 0.0, 500.0)
    nu = ((H - H.mean(axis=1, keepdims=True)) ** 2).sum(-1).mean() / alpha**2
    bound = theory.get("focal-variability").evaluate(C=C, alpha=alpha, beta=beta, tau=tau, focal_gamma=gamma)
    assert nu <= bound


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_too_few_dimensions(case, dimension):
    W, H = 9 * case.rows[:, :dimension], case.rows[:, None, :dimension]
    W = W - W.mean(axis=0)
    alpha, beta = np.sqrt((H**2).sum(-1).mean()), np.sqrt((W**2).sum(-1).mean())
    loss = cross_entropy(H @ W.T)
    bound = theory.get("low-dimension-loss").evaluate(
        C=C, alpha=alpha, beta=beta, dimension=dimension, bias_norm=0.0
    )
    assert loss >= bound > float(scalars.phi(C * alpha * beta / (C - 1), C))
