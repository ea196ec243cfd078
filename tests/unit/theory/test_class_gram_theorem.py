# SPDX-License-Identifier: MIT
"""The supervised contrastive loss against its reduction to mean products of classes of unequal sizes."""

import numpy as np
import pytest
from scipy.special import logsumexp

import theory
from simulations import geometry

NAME = "graf-2021-class-gram"
SIZES = [(2, 2), (2, 5), (3, 2, 7), (4, 4, 2, 3)]


def labels_of(sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def loss_by_class(features, labels):
    """Mean of the loss over the anchors of each class."""
    products = features @ features.T
    others = np.where(np.eye(len(labels), dtype=bool), -np.inf, products)
    own = (labels[:, None] == labels) & ~np.eye(len(labels), dtype=bool)
    loss = logsumexp(others, axis=1) - (products * own).sum(axis=1) / own.sum(axis=1)
    return np.array([loss[labels == c].mean() for c in np.unique(labels)])


def mean_products(features, labels):
    """(N, g): numbers of compared samples and mean products of different samples, by class."""
    products, apart = features @ features.T, 1.0 - np.eye(len(labels))
    member = (labels[:, None] == np.unique(labels)).astype(float)
    pairs = member.T @ apart @ member
    return pairs / member.sum(axis=0)[:, None], member.T @ (products * apart) @ member / pairs


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_the_loss_is_at_least_the_value_and_every_tangent_of_the_reduced_program(sizes, seed):
    rng = np.random.default_rng(seed)
    labels = labels_of(sizes)
    features = rng.standard_normal((len(sizes), 3))[labels] + 0.7 * rng.standard_normal((len(labels), 3))
    N, g = mean_products(features, labels)
    loss = loss_by_class(features, labels)
    reduced = logsumexp(g, b=N, axis=1) - np.diag(g)
    assert (loss > reduced).all()
    for r in (np.zeros_like(g), rng.standard_normal(g.shape), g):
        level = logsumexp(r, b=N, axis=1)
        q = N * np.exp(r - level[:, None])
        assert (level + (q * (g - r)).sum(axis=1) - np.diag(g) <= reduced + 1e-12).all()


@pytest.mark.parametrize("sizes", SIZES)
def test_collapsed_classes_attain_it(sizes):
    labels = labels_of(sizes)
    features = np.random.default_rng(0).standard_normal((len(sizes), 4))[labels]
    N, g = mean_products(features, labels)
    assert loss_by_class(features, labels) == pytest.approx(logsumexp(g, b=N, axis=1) - np.diag(g))


@pytest.mark.parametrize("sizes", [(3, 3, 3), (2, 5, 4)])
def test_the_optimum_of_the_model_is_the_reduced_value_at_its_own_products(sizes):
    found = geometry.solve_model(
        "supervised-contrastive", counts=sizes, feature_dim=3, inverse_temperature=2.0
    )
    labels = labels_of(sizes)
    features = np.sqrt(2.0) * found.class_means[labels]
    N, g = mean_products(features, labels)
    shares = np.array(sizes) / sum(sizes)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(shares @ (logsumexp(g, b=N, axis=1) - np.diag(g)), abs=1e-8)
    if len(set(sizes)) == 1:
        number = theory.get(NAME).evaluate(C=3, samples_per_class=3, t=2.0 * 1.5)
        assert found.objective == pytest.approx(number, abs=1e-8)


def certificate(r, N, shares, rho_sq, multipliers):
    """The dual bound of graf-2021-unequal-classes, multipliers raised until the matrix is semidefinite."""
    level = logsumexp(r, b=N, axis=1)
    q = N * np.exp(r - level[:, None])
    slope = shares[:, None] * (q - np.eye(len(r)))
    slope = (slope + slope.T) / 2
    y = np.maximum(multipliers(slope), 0.0)
    y = y + max(0.0, -np.linalg.eigvalsh(slope + np.diag(y))[0])
    assert np.linalg.eigvalsh(slope + np.diag(y))[0] >= -1e-12
    return shares @ (level - (q * r).sum(axis=1)) - rho_sq * y.sum()


@pytest.mark.parametrize("sizes", [(3, 3, 3), (2, 5, 4), (2, 9)])
def test_the_certificate_is_sharp_at_the_optimum_and_below_every_batch(sizes):
    tau = 2.0
    found = geometry.solve_model("supervised-contrastive", counts=sizes, inverse_temperature=tau)
    labels, shares = labels_of(sizes), np.array(sizes) / sum(sizes)
    means = found.class_means
    N, g = mean_products(np.sqrt(tau) * means[labels], labels)
    sharp = certificate(g, N, shares, tau, lambda slope: -((slope @ means) * means).sum(axis=1))
    assert sharp == pytest.approx(found.objective, abs=1e-6)
    rng = np.random.default_rng(0)
    for scale in (0.1, 1.0, 3.0):
        rough = certificate(scale * rng.standard_normal(g.shape), N, shares, tau, lambda s: np.zeros(len(s)))
        assert rough < sharp + 1e-9
        features = means[labels] + scale * rng.standard_normal((len(labels), means.shape[1]))
        features *= np.sqrt(tau) / np.linalg.norm(features, axis=1, keepdims=True)
        assert shares @ loss_by_class(features, labels) > sharp
