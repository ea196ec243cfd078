# SPDX-License-Identifier: MIT
"""`solve` for label smoothing, squared error and multi-margin: closed forms, published thresholds, CVXPY, and
extreme decays. Statuses are asserted before values."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from simulations import losses
from simulations.geometry import simplex_etf, solve, solve_conic
from simulations.geometry.closed_forms_losses import (
    balanced_label_smoothing,
    balanced_multi_margin,
    squared_error_optimum,
)

BIASES = [None, 0.0, 0.05]


def smoothed(smoothing):
    return losses.get("label-smoothing", smoothing=smoothing)


@pytest.mark.parametrize("bias_decay", BIASES)
@pytest.mark.parametrize("smoothing", [0.0, 1e-3, 0.3, 0.8])
@pytest.mark.parametrize(("C", "n"), [(2, 4), (5, 20)])
def test_balanced_label_smoothing_is_the_simplex_at_the_published_scale(C, n, smoothing, bias_decay):
    kappa = 0.1 * (1.0 - smoothing) / (C * np.sqrt(n))
    found = solve(
        loss=smoothed(smoothing),
        counts=(n,) * C,
        weight_decay=kappa,
        feature_decay=kappa,
        bias_decay=bias_decay,
    )
    assert found.status == "optimal"
    gap = np.log(1.0 / (smoothing / C + kappa * np.sqrt(n)) - (C - 1))
    np.testing.assert_allclose(found.logits, gap * (np.eye(C) - 1.0 / C), atol=1e-7)
    gram = found.weight @ found.weight.T
    np.testing.assert_allclose(gram / gram[0, 0], simplex_etf(C) @ simplex_etf(C).T, atol=1e-7)
    assert found.closed_form.startswith("balanced label smoothing")
    assert found.details["closed_form_value"] == pytest.approx(found.value, rel=1e-12)


def test_the_closed_forms_minimise_the_scalar_problem():
    """phi(a) + kappa sqrt(n) (C - 1) a over the margin a, phi from the loss's own file, by a line search."""
    C, n = 6, 30
    for decay in (1e-3, 1e-2, 2.5e-2):
        shared = {"num_classes": C, "samples_per_class": n, "weight_decay": decay, "feature_decay": decay}
        strength = decay * np.sqrt(n) * (C - 1)
        for form, closed in (
            (smoothed(0.2), balanced_label_smoothing(**shared, smoothing=0.2)),
            (losses.get("multi-margin"), balanced_multi_margin(**shared)),
        ):
            best = minimize_scalar(
                lambda a, form=form, strength=strength: float(form.scalar(a, C)) + strength * a,
                bounds=(0.0, 30.0),
                method="bounded",
                options={"xatol": 1e-10},
            )
            assert closed.value == pytest.approx(best.fun, rel=1e-7)
            assert closed.value <= best.fun * (1 + 1e-12)


def test_decay_acts_as_further_smoothing():
    """Smoothing s with strength t has the margin of smoothing s + C t without decay: both reach zero at 1."""
    C, n, smoothing = 4, 25, 0.4
    kappa = (1.0 - smoothing) / (C * np.sqrt(n))
    for factor, status in ((0.999, "optimal"), (1.001, "trivial")):
        found = solve(
            loss=smoothed(smoothing),
            counts=(n,) * C,
            weight_decay=factor * kappa,
            feature_decay=factor * kappa,
        )
        assert found.status == status


def test_label_smoothing_zero_is_cross_entropy():
    problem = {"counts": (60, 25, 5), "weight_decay": 1e-3, "feature_decay": 1e-3}
    plain, smooth = solve(**problem), solve(loss=smoothed(0.0), **problem)
    assert plain.status == smooth.status == "optimal"
    assert smooth.value == pytest.approx(plain.value, rel=1e-10)
    np.testing.assert_allclose(smooth.logits, plain.logits, atol=1e-6)
    other = solve(**problem, solver="biased-cross-entropy")
    assert other.status == "optimal"
    assert other.value == pytest.approx(plain.value, rel=1e-10)


@pytest.mark.parametrize("factor", [0.5, 0.99, 1.01, 3.0])
def test_squared_error_is_a_simplex_exactly_up_to_a_bias_decay(factor):
    """With c = C kappa sqrt(n) the direction of the mean is empty iff bias_decay <= c/(1 - c)."""
    C, n, kappa = 4, 20, 1e-2
    c = C * kappa * np.sqrt(n)
    found = solve(
        loss="squared-error",
        counts=(n,) * C,
        weight_decay=kappa,
        feature_decay=kappa,
        bias_decay=factor * c / (1.0 - c),
    )
    assert found.status == "optimal"
    mean = np.linalg.norm(found.class_means.mean(axis=0))
    assert (mean < 1e-9) == (factor < 1.0)
    centred = found.class_means - found.class_means.mean(axis=0)
    gram = centred @ centred.T
    np.testing.assert_allclose(gram / gram[0, 0], simplex_etf(C) @ simplex_etf(C).T, atol=1e-9)


@pytest.mark.parametrize("factor", [0.8, 0.999, 1.000001, 50.0])
def test_squared_error_with_a_regularised_bias_has_diagonal_logits_from_a_decay_on(factor):
    counts, kappa = np.array([60, 30, 10]), 1e-2
    root = np.sqrt(counts)
    threshold = kappa * np.sum(counts / (root - 100 * kappa))
    problem = {
        "counts": counts,
        "weight_decay": kappa,
        "feature_decay": kappa,
        "bias_decay": factor * threshold,
    }
    found, reference = solve(loss="squared-error", **problem), solve_conic(loss="squared-error", **problem)
    assert found.status == "optimal"
    assert reference.status == "optimal"
    assert found.value == pytest.approx(reference.value, abs=1e-7)
    off = found.logits - np.diag(np.diag(found.logits))
    if factor >= 1.0:
        assert found.closed_form.startswith("diagonal logits")
        np.testing.assert_allclose(found.logits, np.diag(1.0 - 100 * kappa / root), atol=1e-12)
        np.testing.assert_allclose(found.bias, kappa / (factor * threshold) * root, rtol=1e-12)
        assert found.details["closed_form_value"] == pytest.approx(found.value, rel=1e-13)
    else:
        assert found.closed_form is None
        assert np.abs(off).max() > 1e-6


def test_squared_error_without_bias_is_a_frame_of_unequal_lengths():
    """Norms of Dang et al. 2023: ||w_c||^2 = sqrt(feature_decay/weight_decay) [sqrt(n_c) - N kappa]_+."""
    counts, wd, fd = np.array([100, 36, 4]), 4e-2, 1e-2
    found = solve(loss="squared-error", counts=counts, weight_decay=wd, feature_decay=fd)
    assert found.status == "optimal"
    sigma = np.maximum(np.sqrt(counts) - 140 * np.sqrt(wd * fd), 0.0)
    assert sigma[-1] == 0.0
    np.testing.assert_allclose(found.weight @ found.weight.T, np.sqrt(fd / wd) * np.diag(sigma), atol=1e-12)
    np.testing.assert_allclose(found.logits, np.diag(sigma / np.sqrt(counts)), atol=1e-12)
    assert "Dang" in found.closed_form


@pytest.mark.parametrize("bias_decay", [None, 0.0])
@pytest.mark.parametrize("dimension", [1, 2])
def test_squared_error_below_its_rank_is_the_best_that_descents_find(dimension, bias_decay):
    counts, decay = np.array([40, 25, 20, 4]), 1e-2
    problem = {"counts": counts, "weight_decay": decay, "feature_decay": decay, "bias_decay": bias_decay}
    found = solve(loss="squared-error", **problem, feature_dim=dimension)
    assert found.status == "optimal"
    assert found.certificate.startswith("closed form")
    assert found.value > 1.01 * solve(loss="squared-error", **problem).value
    share, C, size = counts / counts.sum(), len(counts), len(counts) * dimension

    def objective(flat):
        weight, means = flat[:size].reshape(C, -1), flat[size : 2 * size].reshape(C, -1)
        bias = 0.0 if bias_decay is None else flat[2 * size :]
        fit = 0.5 * share @ np.square(means @ weight.T + bias - np.eye(C)).sum(axis=1)
        return fit + 0.5 * decay * (np.sum(weight**2) + counts @ np.square(means).sum(axis=1))

    generator = np.random.default_rng(0)
    descents = [minimize(objective, generator.normal(size=2 * size + C)).fun for _ in range(12)]
    assert min(descents) == pytest.approx(found.value, rel=1e-6)
    assert min(descents) >= found.value * (1 - 1e-9)


@pytest.mark.parametrize("counts", [(50, 20, 5, 2), (9, 9, 9)])
def test_squared_error_with_a_free_bias_is_centred(counts):
    found = solve(loss="squared-error", counts=counts, weight_decay=1e-2, feature_decay=1e-2, bias_decay=0.0)
    assert found.status == "optimal"
    np.testing.assert_allclose(np.array(counts) @ found.class_means, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.bias, np.array(counts) / sum(counts), atol=1e-12)


def test_closed_forms_are_certified_like_other_points():
    """A wrong closed form would have a gap: half of the right one does."""
    closed = squared_error_optimum((20, 20, 20), weight_decay=1e-2, feature_decay=1e-2)
    found = solve(loss="squared-error", counts=(20, 20, 20), weight_decay=1e-2, feature_decay=1e-2)
    assert found.status == "optimal"
    assert found.certificate == "dual bound"
    assert found.value == pytest.approx(closed.value, rel=1e-13)
    assert squared_error_optimum((3, 2), weight_decay=1e-2, feature_decay=1e-2, bias_decay=1e-3) is None


RANDOM = [
    (loss, number, bias_decay)
    for number, loss in enumerate(["cross-entropy", "label-smoothing", "squared-error", "multi-margin"] * 3)
    for bias_decay in (BIASES[number % 3], BIASES[(number + 1) % 3])
]


@pytest.mark.parametrize(("loss", "number", "bias_decay"), RANDOM)
def test_random_imbalanced_problems_agree_with_cvxpy(loss, number, bias_decay):
    generator = np.random.default_rng(number)
    counts = tuple(generator.integers(1, 200, size=generator.integers(3, 7)).tolist())
    kappa = 10 ** generator.uniform(-3.5, -1.8)
    form = smoothed(generator.uniform(0.0, 0.5)) if loss == "label-smoothing" else losses.get(loss)
    problem = {
        "counts": counts,
        "weight_decay": 3 * kappa,
        "feature_decay": kappa / 3,
        "bias_decay": bias_decay,
    }
    found, reference = solve(loss=form, **problem), solve_conic(loss=form, **problem)
    assert found.status in ("optimal", "trivial")
    assert reference.status == "optimal"
    assert found.value == pytest.approx(reference.value, abs=3e-7)
    assert found.value - found.gap <= reference.objective * (1 + 1e-12)
    # with a free bias a constant added to all logits changes nothing, except for squared error
    free = 1.0 if bias_decay == 0.0 and loss != "squared-error" else 0.0
    expected = reference.logits - free * reference.logits.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found.logits, expected, atol=0.02)


@pytest.mark.parametrize("loss", ["cross-entropy", "label-smoothing", "squared-error", "multi-margin"])
@pytest.mark.parametrize("bias_decay", [None, 0.0, 1e-2])
@pytest.mark.parametrize(
    ("counts", "decay"), [((10, 9, 8), 1e-7), ((1_000_000, 1000, 1, 1), 1e-6), ((1, 1), 1e-3)]
)
def test_extreme_decays_and_counts_are_certified(loss, bias_decay, counts, decay):
    found = solve(loss=loss, counts=counts, weight_decay=decay, feature_decay=decay, bias_decay=bias_decay)
    assert found.status == "optimal"
    assert found.value > 0.0


def test_multi_margin_with_equal_classes_is_named_and_on_its_kinks():
    found = solve(loss="multi-margin", counts=(20,) * 5, weight_decay=1e-2, feature_decay=1e-2)
    assert found.status == "optimal"
    assert found.closed_form.startswith("balanced multi-margin")
    np.testing.assert_allclose(found.logits, np.eye(5) - 0.2, atol=1e-7)


def test_closed_forms_are_named_only_where_they_are_met():
    equal = {"counts": (20,) * 4, "weight_decay": 5e-3, "feature_decay": 5e-3}
    for loss, word in (("cross-entropy", "Zhu"), ("squared-error", "frame"), ("multi-margin", "margin 1")):
        found = solve(loss=loss, **equal)
        assert found.status == "optimal"
        assert word in found.closed_form
        assert found.details["closed_form_value"] == pytest.approx(found.value, rel=1e-9)
    assert solve(**{**equal, "counts": (20, 20, 20, 19)}).closed_form is None
    starved = solve(loss="label-smoothing", **{**equal, "feature_dim": 2})
    assert starved.status == "uncertified"
    assert starved.closed_form is None
    assert "closed_form_value" not in starved.details
