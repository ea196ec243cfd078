# SPDX-License-Identifier: MIT
"""The theorems on NC1-NC4 against SciPy, CVXPY, random codes and the measured metrics."""

import cvxpy
import numpy as np
import pytest
from scipy.stats import ortho_group

import simulations
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


# ---- least squares


def ridge(features, decay):
    """The least-squares classifier with decay ||W||_F^2 and free bias: normal equations."""
    C = len(features)
    centred = (features - features.mean(axis=(0, 1))).reshape(-1, features.shape[-1])
    targets = np.repeat(np.eye(C) - 1 / C, features.shape[1], axis=0)
    weight = np.linalg.solve(
        centred.T @ centred / len(centred) + decay * np.eye(centred.shape[1]),
        centred.T @ targets / len(centred),
    ).T
    return weight, 1 / C - weight @ features.mean(axis=(0, 1))


@classes_and_dimension
def test_ridge_at_collapse_is_a_multiple_of_the_means_and_attains_the_bound(C, d):
    rng = np.random.default_rng(C)
    means = simplex(C, d, 1.7, rng)
    features = np.repeat(means[:, None] + rng.normal(size=d), 2, axis=1)
    weight, bias = ridge(features, 0.2)
    factor = 1 / (0.2 * C + C * 1.7**2 / (C - 1))
    np.testing.assert_allclose(weight, factor * means, atol=1e-12)
    objective = squared_error(features, weight, bias) + 0.2 * (weight**2).sum()
    for name in ("least-squares-classifier", "least-squares-at-collapse"):
        bound = theory.get(name).evaluate(C=C, weight_decay=0.2, mean_radius=1.7)
        assert objective == pytest.approx(bound, rel=1e-12)


@classes_and_dimension
def test_webb_lowe_at_collapse_is_the_shortest_exact_fit(C, d):
    """No decay: the pseudo-inverse solution of NumPy is M/s, and it fits the labels exactly."""
    rng = np.random.default_rng(C)
    means = simplex(C, d, 0.8, rng)
    weight = np.linalg.lstsq(means, np.eye(C) - 1 / C, rcond=None)[0].T
    np.testing.assert_allclose(weight, means * (C - 1) / (C * 0.8**2), atol=1e-12)
    np.testing.assert_allclose(means @ weight.T + 1 / C, np.eye(C), atol=1e-12)


@classes_and_dimension
def test_least_squares_bound_holds_of_any_classifier_with_its_excess(C, d):
    rng = np.random.default_rng(10 + C)
    for trial in range(20):
        features, decay = noisy(C, d, rng), 10 ** rng.uniform(-3, 1)
        weight, bias = ridge(features, decay)
        if trial % 2:
            weight, bias = weight + rng.normal(size=weight.shape), bias + rng.normal(size=C)
        r = radius_of(features)
        factor = (C - 1) / (C * (decay * (C - 1) + r**2))
        excess = decay * ((weight - factor * centred_means(features)) ** 2).sum()
        bound = theory.get("least-squares-classifier").evaluate(C=C, weight_decay=decay, mean_radius=r)
        objective = squared_error(features, weight, bias) + decay * (weight**2).sum()
        assert objective >= (bound + excess) * (1 - 1e-12)


@classes_and_dimension
def test_least_squares_is_self_dual_with_noise_that_is_isotropic_in_the_span(C, d):
    """NC3 without NC1: W = M/(C(t + lambda)) for class means that are eigenvectors of the covariance."""
    rng = np.random.default_rng(30 + C)
    means, variance, decay = simplex(C, d, 1.1, rng), 0.35, 0.1
    axes = np.linalg.svd(means, full_matrices=False)[2][: C - 1]
    steps = np.concatenate([axes, -axes]) * np.sqrt(variance * (C - 1))
    features = means[:, None] + steps + rng.normal(size=d)
    weight, bias = ridge(features, decay)
    eigenvalue = 1.1**2 / (C - 1) + variance
    np.testing.assert_allclose(weight, means / (C * (eigenvalue + decay)), atol=1e-12)
    least = theory.get("least-squares-eigenvectors").evaluate(
        C=C, mean_radius=1.1, variance=variance, weight_decay=decay
    )
    objective = squared_error(features, weight, bias) + decay * (weight**2).sum()
    assert objective == pytest.approx(least, rel=1e-12)


# ---- max margin


def max_margin(features):
    """min ||A||_F^2 subject to every margin >= 1, with bias, by CVXPY."""
    C, _, d = features.shape
    A, b = cvxpy.Variable((C, d)), cvxpy.Variable(C)
    margins = [features[c] @ (A[c] - A[j]) + b[c] - b[j] >= 1 for c in range(C) for j in range(C) if j != c]
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(A)), margins)
    problem.solve(solver=cvxpy.CLARABEL)
    assert problem.status == "optimal"
    return A.value


@pytest.mark.parametrize(("C", "d"), COUNTS[:3])
def test_max_margin_at_collapse_is_a_multiple_of_the_means(C, d):
    rng = np.random.default_rng(C)
    means = simplex(C, d, 1.4, rng)
    features = (means + rng.normal(size=d))[:, None]
    found = max_margin(features)
    np.testing.assert_allclose(found, means * (C - 1) / (C * 1.4**2), atol=1e-5)
    bound = theory.get("max-margin-classifier").evaluate(C=C, mean_radius=1.4)
    assert (found**2).sum() == pytest.approx(bound, rel=1e-6)
    scaled = theory.get("margins-at-collapse").evaluate(
        C=C, weight_frobenius=np.linalg.norm(found), mean_radius=1.4
    )
    assert scaled == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(("C", "d"), COUNTS[:3])
def test_max_margin_bound_holds_of_any_separable_features_with_its_excess(C, d):
    rng = np.random.default_rng(20 + C)
    base = simplex(C, d, 2.0, rng)
    for _ in range(3):
        means = base + 0.2 * rng.normal(size=base.shape)
        features = means[:, None] + 0.1 * rng.normal(size=(C, 3, d)) + rng.normal(size=d)
        found, r = max_margin(features), radius_of(features)
        factor = (C - 1) / (C * r**2)
        bound = theory.get("max-margin-classifier").evaluate(C=C, mean_radius=r)
        excess = ((found - factor * centred_means(features)) ** 2).sum()
        assert (found**2).sum() >= (bound + excess) * (1 - 1e-6)


# ---- nearest class mean


@classes_and_dimension
def test_a_self_dual_classifier_decides_by_the_nearest_mean_even_at_unequal_angles(C, d):
    rng = np.random.default_rng(C)
    pairs = rng.normal(size=(C // 2, d))
    directions = np.concatenate([pairs, -pairs] + ([np.zeros((1, d))] if C % 2 else []))
    if C % 2:  # three of the vectors sum to zero, the others come in pairs
        angles = 2 * np.pi * np.arange(3) / 3
        directions = np.concatenate([pairs[: (C - 3) // 2], -pairs[: (C - 3) // 2], np.zeros((3, d))])
        directions[-3:, :2] = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    centred = 1.5 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.abs(centred.mean(axis=0)).max() < 1e-12
    centre = rng.normal(size=d)
    weight, bias = 0.7 * centred, 0.3 - 0.7 * centred @ centre
    features = 3 * rng.normal(size=(500, d))
    distances = ((features[:, None] - centred - centre) ** 2).sum(axis=-1)
    logits = features @ weight.T + bias
    np.testing.assert_allclose(
        logits[:, :1] - logits, 0.35 * (distances - distances[:, :1]), rtol=1e-10, atol=1e-10
    )
    np.testing.assert_array_equal(logits.argmax(axis=1), distances.argmin(axis=1))


@pytest.mark.parametrize("noise", [0.05, 0.3, 1.0, 4.0])
def test_how_often_another_mean_is_nearer(noise):
    rng = np.random.default_rng(3)
    for _ in range(20):
        features = noise * rng.standard_t(3, size=(2, 200, 2))
        features -= features.mean(axis=1, keepdims=True)
        features[1] += [1.0, 0.0]
        own = (features - features.mean(axis=1, keepdims=True)) ** 2
        other = (features - features.mean(axis=1, keepdims=True)[::-1]) ** 2
        wrong = (other.sum(axis=-1) <= own.sum(axis=-1)).mean()
        bound = theory.get("nearest-class-mean-error").evaluate(
            within=own.sum(axis=-1).mean(), class_distance=1.0
        )
        assert wrong <= bound


# ---- the measures


def measure(features, weight, bias=None):
    C, samples, d = features.shape
    labels = np.repeat(np.arange(C), samples)
    return simulations.measure(
        features=features.reshape(-1, d), labels=labels, weight=weight, bias=bias
    ).to_dict()


@classes_and_dimension
def test_every_measure_at_exact_collapse(C, d):
    rng = np.random.default_rng(C)
    means = simplex(C, d, 1.2, rng)
    found = measure(np.repeat(means[:, None], 3, axis=1), 2.5 * means)
    for value in found["nc1"].values():
        assert value == pytest.approx(0, abs=1e-12)
    for name, value in found["nc2"].items():
        if name.startswith(("equinorm", "equiangular", "max_angle")):
            assert value == pytest.approx(0, abs=1e-7)
    assert found["nc3"]["self_duality"] == pytest.approx(0, abs=1e-12)
    assert found["nc4"]["ncc_mismatch"] == 0


@classes_and_dimension
def test_pseudo_inverse_trace_against_trace_ratio_at_a_simplex(C, d):
    """(C-1)/C of it for noise in the span of the means, less otherwise; the notebook's is C times that."""
    rng = np.random.default_rng(C)
    means = simplex(C, d, 1.2, rng)
    span = np.linalg.svd(means, full_matrices=False)[2][: C - 1]
    for inside in (True, False):
        noise = rng.normal(size=(C, 8, d))
        noise = noise @ span.T @ span if inside else noise
        noise -= noise.mean(axis=1, keepdims=True)
        found = measure(means[:, None] + 0.3 * noise, means)
        within = 0.09 * (noise**2).sum(axis=-1).mean()
        bound = theory.get("nc1-pinv-trace-at-simplex").evaluate(C=C, within=within, mean_radius=1.2)
        assert found["nc1"]["trace_ratio"] * (C - 1) / C == pytest.approx(bound, rel=1e-10)
        if inside or d == C - 1:
            assert found["nc1"]["pinv_trace"] == pytest.approx(bound, rel=1e-9)
        else:
            assert found["nc1"]["pinv_trace"] < bound
        assert found["nc1"]["pinv_trace_unscaled"] == pytest.approx(C * found["nc1"]["pinv_trace"])


@classes_and_dimension
def test_class_distance_normalised_variance_against_trace_ratio(C, d):
    """At least (C-1)/(2C) of it where all classes have the same variance; equal at a simplex."""
    rng = np.random.default_rng(C)
    noise = rng.normal(size=(1, 8, d))
    noise -= noise.mean(axis=1, keepdims=True)
    within = (noise**2).sum(axis=-1).mean()
    for means in (simplex(C, d, 1.2, rng), rng.normal(size=(C, d))):
        features = means[:, None] + noise
        found = measure(features, means)["nc1"]["cdnv"]
        bound = theory.get("nc1-cdnv-trace-ratio").evaluate(
            C=C, within=within, mean_radius=radius_of(features)
        )
        assert found >= bound * (1 - 1e-12)
        if np.ptp(np.linalg.norm(means, axis=1)) < 1e-9:
            assert found == pytest.approx(bound, rel=1e-10)


@classes_and_dimension
def test_unbiased_deviation_and_self_duality_of_any_network(C, d):
    rng = np.random.default_rng(C)
    features, weight = noisy(C, d, rng), rng.normal(size=(C, d))
    found, means = measure(features, weight), centred_means(features)
    spread = found["nc2"]["equinorm_means"]
    assert found["nc2"]["equinorm_means_unbiased"] == pytest.approx(
        theory.get("nc2-unbiased-deviation").evaluate(C=C, norm_spread=spread), rel=1e-10
    )
    cosine = (weight * means).sum() / np.linalg.norm(weight) / np.linalg.norm(means)
    assert found["nc3"]["self_duality"] == pytest.approx(2 - 2 * cosine, rel=1e-10)


def test_verdicts():
    rows = {row.name: row.verdict for row in theory.verify(["nc1-notebook-scaling", "nc2-at-collapse"])}
    assert rows == {"nc1-notebook-scaling": "REFUTED", "nc2-at-collapse": "PROVED"}
