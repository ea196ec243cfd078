# SPDX-License-Identifier: MIT
"""Supervised contrastive optima: against the loss over samples, CVXPY over all Gram matrices, and the
theorem."""

import numpy as np
import pytest

import theory
from simulations.geometry.models.supervised_contrastive import Contrast, solve

GENERATOR = np.random.default_rng(3)


def sample_loss(features, labels, tau):
    """The loss of one batch from its definition, anchors left out, by plain loops."""
    total = 0.0
    for a in range(len(labels)):
        others = [b for b in range(len(labels)) if b != a]
        own = [b for b in others if labels[b] == labels[a]]
        products = tau * features @ features[a]
        total += np.log(np.exp(products[others]).sum()) - products[own].mean()
    return total / len(labels)


def gram_program(counts, *, tau=1.0, decay=None):
    """The convex relaxation over Gram matrices of all samples, not reduced to classes, in CVXPY."""
    import cvxpy

    labels = np.repeat(np.arange(len(counts)), counts)
    n = len(labels)
    G = cvxpy.Variable((n, n), PSD=True)
    terms = []
    for a in range(n):
        others = np.flatnonzero(np.arange(n) != a)
        own = np.flatnonzero((labels == labels[a]) & (np.arange(n) != a))
        terms.append(cvxpy.log_sum_exp(tau * G[a, others]) - tau * cvxpy.sum(G[a, own]) / len(own))
    loss = sum(terms) / n
    constraints = [cvxpy.diag(G) == 1.0] if decay is None else []
    penalty = 0.0 if decay is None else 0.5 * decay * cvxpy.trace(G)
    problem = cvxpy.Problem(cvxpy.Minimize(loss + penalty), constraints)
    problem.solve(solver="CLARABEL")
    return float(problem.value), G.value


@pytest.mark.parametrize("counts", [(3, 2), (4, 2, 2), (2, 2, 2)])
@pytest.mark.parametrize(
    "kind", [{"inverse_temperature": 2.5}, {"feature_decay": 0.02}, {"feature_decay": 0.15}]
)
def test_the_optimum_over_all_samples_is_collapsed_and_ours(counts, kind):
    """The reduction to classes is not assumed by the reference, which has a Gram entry for every pair of
    samples."""
    found = solve(counts=counts, **kind)
    value, gram = gram_program(
        counts, tau=kind.get("inverse_temperature", 1.0), decay=kind.get("feature_decay")
    )
    assert found.status == "optimal"
    assert found.value == pytest.approx(value, abs=1e-6)
    labels = np.repeat(np.arange(len(counts)), counts)
    assert gram == pytest.approx(found.details["gram"][np.ix_(labels, labels)], abs=3e-3)


@pytest.mark.parametrize("kind", [{"inverse_temperature": 3.0}, {"feature_decay": 0.01}])
def test_the_value_is_that_of_the_definition(kind):
    counts = (5, 3, 2)
    found = solve(counts=counts, **kind)
    labels = np.repeat(np.arange(3), counts)
    features = found.class_means[labels]
    value = sample_loss(features, labels, kind.get("inverse_temperature", 1.0))
    value += 0.5 * kind.get("feature_decay", 0.0) * np.square(features).sum()
    assert found.value == pytest.approx(value, rel=1e-13)


def test_no_features_of_any_kind_go_below_the_bound():
    """Samples that are not collapsed, in several dimensions, and near the optimum."""
    counts, tau = (4, 3, 2), 2.0
    labels = np.repeat(np.arange(3), counts)
    sphere, free = solve(counts=counts, inverse_temperature=tau), solve(counts=counts, feature_decay=0.02)
    for spread in (0.01, 0.1, 1.0):
        for _ in range(10):
            features = sphere.class_means[labels] + spread * GENERATOR.normal(size=(9, 3))
            features /= np.linalg.norm(features, axis=1, keepdims=True)
            assert sample_loss(features, labels, tau) >= sphere.value - 1e-12
            features = free.class_means[labels] + spread * GENERATOR.normal(size=(9, 3))
            value = sample_loss(features, labels, 1.0) + 0.01 * np.square(features).sum()
            assert value >= free.value - 1e-12


@pytest.mark.parametrize("decay", [None, 0.03])
def test_the_gap_is_a_bound_at_any_point(decay):
    counts = np.array([6.0, 3.0, 2.0, 2.0])
    kind = {"inverse_temperature": 2.0} if decay is None else {"feature_decay": decay}
    best = solve(counts=(6, 3, 2, 2), **kind).value
    problem = Contrast(counts, 2.0 if decay is None else 1.0, decay)
    for _ in range(50):
        rows = GENERATOR.normal(size=(4, 3))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        objective = problem.least + problem.objective(rows)[0]
        assert objective >= best - 1e-12
        assert objective - problem.gap(rows) <= best + 1e-12


def test_equal_classes_reach_the_theorem():
    found = solve(counts=(4,) * 5, inverse_temperature=1.7**2, feature_dim=4)
    bound = theory.get("graf-2021-supervised-contrastive").evaluate(C=5, samples_per_class=4, radius=1.7)
    assert found.status == "optimal"
    assert found.value == pytest.approx(float(bound), rel=1e-13)


def test_unequal_classes_are_no_simplex_and_smaller_classes_are_longer_under_decay():
    free = solve(counts=(20, 5, 3, 2), feature_decay=0.01, feature_dim=3)
    assert free.status == "optimal"
    assert (np.diff(np.linalg.norm(free.class_means, axis=1)) > 0.1).all()
    sphere = solve(counts=(100, 100, 2, 2, 2), inverse_temperature=10.0)
    assert sphere.status == "optimal"
    gram = sphere.details["gram"]
    assert gram[0, 1] < gram[2, 3] - 1e-3


def test_zero_is_best_from_a_threshold_of_the_decay_on():
    """Equal classes: n (C-1) decay/2 against the wrong probability at zero, n (C-1)/(n C - 1)."""
    C, n = 4, 3
    threshold = 2.0 / (n * C - 1)
    above, below = (solve(counts=(n,) * C, feature_decay=k * threshold) for k in (1.001, 0.999))
    assert above.status == "trivial"
    assert above.value == pytest.approx(np.log(n * C - 1))
    assert below.status == "optimal"
    assert np.abs(below.class_means).max() > 0.0


def test_too_few_dimensions_are_left_uncertified():
    for kind in ({"inverse_temperature": 3.0}, {"feature_decay": 0.01}):
        found = solve(counts=(3,) * 6, feature_dim=2, **kind)
        assert found.status == "uncertified"
        assert 1e-3 < found.gap < found.value


def test_the_gradient_is_that_of_autograd():
    torch = pytest.importorskip("torch")
    counts, decay = (5, 3, 2), 0.02
    rows = GENERATOR.normal(size=(3, 4))
    value, gradient = Contrast(np.array(counts, dtype=float), 1.0, decay).objective(rows)
    labels = np.repeat(np.arange(3), counts)
    U = torch.tensor(rows, requires_grad=True)
    H = U[torch.tensor(labels)]
    same = torch.tensor(labels[:, None] == labels[None]) & ~torch.eye(10, dtype=torch.bool)
    products = H @ H.T
    kept = products.masked_fill(torch.eye(10, dtype=torch.bool), float("-inf"))
    loss = (torch.logsumexp(kept, 1) - (products * same).sum(1) / same.sum(1)).mean()
    (loss + 0.5 * decay * H.square().sum()).backward()
    least = float(np.dot(counts, np.log(np.array(counts) - 1.0))) / 10.0
    assert value + least == pytest.approx(loss.item() + 0.5 * decay * H.square().sum().item(), rel=1e-12)
    assert gradient == pytest.approx(U.grad.numpy(), abs=1e-12)


def test_thirty_classes_are_certified_with_products_of_the_hessian():
    found = solve(counts=(500,) * 15 + (50,) * 15, feature_decay=1e-5)
    assert found.status == "optimal"
    assert abs(found.gap) < 1e-10
