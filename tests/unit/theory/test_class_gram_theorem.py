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
