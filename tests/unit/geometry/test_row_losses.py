# SPDX-License-Identifier: MIT
"""Row losses against the losses' own files and against finite differences; factors against the logits."""

import numpy as np
import pytest

from simulations import losses
from simulations.geometry.convex_form import Convex
from simulations.geometry.factorised_smooth import Factorised
from simulations.geometry.row_losses import HingeRows, SoftmaxRows, SquaredRows
from simulations.geometry.solvers import Problem

C = 4
GENERATOR = np.random.default_rng(7)
LOGITS = 2.0 * GENERATOR.normal(size=(C, C))
AWAY = GENERATOR.normal(size=(C, C))
MULTIPLIERS = GENERATOR.uniform(size=(C, C))
ROWS = [SoftmaxRows(), SoftmaxRows(0.3), SquaredRows(), HingeRows(MULTIPLIERS, 0.7)]
every_row_loss = pytest.mark.parametrize("loss", ROWS, ids=["plain", "smoothed", "squared", "hinge"])


@pytest.mark.parametrize("loss", ROWS[:3], ids=["plain", "smoothed", "squared"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 300.0])
def test_value_and_slope_are_those_of_the_file(loss, scale):
    value, slope = loss.slope(scale * LOGITS)
    labels = np.arange(C)
    np.testing.assert_allclose(value, loss.form.value(logits=scale * LOGITS, labels=labels), rtol=1e-12)
    expected = loss.form.gradient(logits=scale * LOGITS, labels=labels)
    np.testing.assert_allclose(slope, expected, atol=1e-13 * max(1.0, scale))


def test_plain_softmax_keeps_the_relative_precision_of_a_tiny_loss():
    value, slope = SoftmaxRows().slope(100.0 * np.eye(C))
    np.testing.assert_allclose(value, 3.0 * np.exp(-100.0), rtol=1e-13)
    np.testing.assert_allclose(np.diag(slope), -3.0 * np.exp(-100.0), rtol=1e-13)


@every_row_loss
def test_slope_and_curvature_against_finite_differences(loss):
    step = 1e-5
    up, down = loss.slope(LOGITS + step * AWAY), loss.slope(LOGITS - step * AWAY)
    slope = loss.slope(LOGITS)[1]
    np.testing.assert_allclose((up[0] - down[0]) / (2 * step), (slope * AWAY).sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose((up[1] - down[1]) / (2 * step), loss.curvature(LOGITS)(AWAY), atol=1e-6)


def test_smoothed_hinges_lie_below_the_hinges_by_at_most_half_the_width():
    for width in (1.0, 0.1, 1e-6):
        value = HingeRows(MULTIPLIERS, width).slope(LOGITS)[0]
        hinge = losses.get("multi-margin").value(logits=LOGITS, labels=np.arange(C))
        assert np.all(value <= hinge + 1e-15)
        assert np.all(value >= hinge - 0.5 * width)


@every_row_loss
@pytest.mark.parametrize("bias_decay", [None, 0.0, 0.2])
def test_the_factored_objective_against_finite_differences(loss, bias_decay):
    problem = Problem(np.array([9.0, 4.0, 2.0, 1.0]), 3e-2, 1e-2, C, 1e-9, 100, bias_decay=bias_decay)
    objective = Factorised(Convex(problem, loss), C - 1)
    flat, away = GENERATOR.normal(size=objective.size), GENERATOR.normal(size=objective.size)
    step = 1e-5
    up, down = (objective.value_and_gradient(flat + sign * step * away) for sign in (1.0, -1.0))
    gradient = objective.value_and_gradient(flat)[1]
    assert (up[0] - down[0]) / (2 * step) == pytest.approx(gradient @ away, rel=1e-6)
    np.testing.assert_allclose((up[1] - down[1]) / (2 * step), objective.hessian(flat)(away), atol=1e-5)


@pytest.mark.parametrize("loss", ROWS[:3], ids=["plain", "smoothed", "squared"])
@pytest.mark.parametrize("bias_decay", [0.0, 1e-3, 1.0])
def test_the_best_constant_prediction_is_stationary(loss, bias_decay):
    share = np.array([0.6, 0.3, 0.09, 0.01])
    bias, slope = loss.constant(share, bias_decay)
    np.testing.assert_allclose(share @ slope + bias_decay * bias, 0.0, atol=1e-14)


@every_row_loss
@pytest.mark.parametrize("bias_decay", [None, 0.0, 0.2])
def test_every_bound_is_below_every_value(loss, bias_decay):
    """Any slopes and any point: weak duality, with the loss itself."""
    problem = Problem(np.array([9.0, 4.0, 2.0, 1.0]), 3e-2, 1e-2, C, 1e-9, 100, bias_decay=bias_decay)
    convex = Convex(problem, loss)
    for scale in (1e-3, 0.1, 3.0):
        bound = convex.bound(loss.slope(scale * LOGITS)[1]).value
        for other in (0.0, 0.1, 1.0):
            Z, bias = other * AWAY, np.zeros(C) if bias_decay is None else other * AWAY[0]
            each = loss.form.value(logits=Z + bias, labels=np.arange(C))
            nuclear = np.linalg.svd(convex.root[:, None] * Z, compute_uv=False).sum()
            penalty = convex.kappa * nuclear + 0.5 * (bias_decay or 0.0) * bias @ bias
            assert bound <= convex.share @ each + penalty
    assert convex.bound(np.full((C, C), np.nan)).value == -np.inf
