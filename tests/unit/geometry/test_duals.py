# SPDX-License-Identifier: MIT
"""Fenchel duals: conjugates against the losses' own values, and lower bounds that hold for any rows."""

import numpy as np
import pytest

from simulations import losses
from simulations.errors import InputError
from simulations.geometry import balanced_optimum
from simulations.geometry.duals import domain_of, dual_norm, dual_value, feasible_rows, row_values

# Focal loss is not convex, and so has no conjugate to test: see test_a_loss_without_conjugate_is_refused.
CONVEX = [name for name in losses.names() if name != "focal"]
LOSSES = [losses.get(name) for name in CONVEX] + [losses.get("label-smoothing", smoothing=0.35)]
every_loss = pytest.mark.parametrize(
    "loss", LOSSES, ids=lambda loss: f"{loss.name}{getattr(loss, 'smoothing', '')}"
)
every_bias = pytest.mark.parametrize("bias_decay", [None, 0.0, 0.3])
COUNTS = np.array([30.0, 12.0, 5.0, 2.0])
WILD = [
    lambda rng: rng.normal(size=(4, 4)),
    lambda rng: 1e6 * rng.normal(size=(4, 4)),
    lambda rng: np.abs(rng.standard_cauchy(size=(4, 4))),
    lambda rng: np.full((4, 4), -1e300),
    lambda rng: 1e-300 * rng.normal(size=(4, 4)),
    lambda rng: np.zeros((4, 4)),
]


def objective(loss, logits, bias, kappa, bias_decay):
    """The convex program at one point: logits without bias (C, C) and a bias (C,)."""
    each = loss.value(logits=logits + bias, labels=np.arange(4))
    nuclear = np.linalg.svd(np.sqrt(COUNTS)[:, None] * logits, compute_uv=False).sum()
    return COUNTS @ each / COUNTS.sum() + kappa * nuclear + 0.5 * (bias_decay or 0.0) * bias @ bias


@every_loss
def test_fenchel_young_holds_with_equality_at_the_gradient(loss):
    rng = np.random.default_rng(1)
    labels = np.arange(4)
    for scale in (0.1, 1.0, 5.0):
        logits = scale * rng.normal(size=(4, 4))
        slope = loss.gradient(logits=logits, labels=labels)
        value = loss.value(logits=logits, labels=labels)
        np.testing.assert_allclose(
            (slope * logits).sum(axis=1) + row_values(loss, slope), value, rtol=1e-12, atol=1e-12
        )
        other = loss.gradient(logits=rng.normal(size=(4, 4)), labels=labels)
        assert ((other * logits).sum(axis=1) + row_values(loss, other) <= value + 1e-12).all()


@every_loss
@every_bias
@pytest.mark.parametrize("wild", WILD)
@pytest.mark.filterwarnings("ignore:overflow")
def test_any_rows_give_feasible_rows_and_a_true_bound(loss, bias_decay, wild):
    rng = np.random.default_rng(2)
    for kappa in (1e-3, 3e-2, 10.0):
        rows = wild(rng)
        feasible = feasible_rows(loss, rows, counts=COUNTS, kappa=kappa, bias_decay=bias_decay)
        assert dual_norm(feasible, COUNTS) <= kappa * (1 + 1e-12)
        lower, upper = domain_of(loss).bounds(4)
        assert (lower - 1e-12 <= feasible).all()
        assert (feasible <= upper + 1e-12).all()
        if bias_decay == 0.0:
            np.testing.assert_allclose(COUNTS @ feasible, 0.0, atol=1e-12 * (1 + abs(feasible).max()))
        np.testing.assert_allclose(
            feasible_rows(loss, feasible, counts=COUNTS, kappa=kappa, bias_decay=bias_decay),
            feasible,
            atol=1e-12 * (1 + abs(feasible).max()),
        )
        bound = dual_value(loss, rows, counts=COUNTS, kappa=kappa, bias_decay=bias_decay)
        for scale in (0.0, 0.3, 3.0):
            logits = scale * (rng.normal(size=(4, 4)) + 2 * np.eye(4))
            bias = np.zeros(4) if bias_decay is None else rng.normal(size=4)
            assert bound <= objective(loss, logits, bias, kappa, bias_decay) + 1e-12


@every_bias
@pytest.mark.parametrize("C", [2, 5])
def test_tight_at_the_balanced_cross_entropy_optimum(C, bias_decay):
    """The best bias is zero there, so the same closed form holds with every bias (Zhu et al. 2021)."""
    best = balanced_optimum(num_classes=C, samples_per_class=7, weight_decay=2e-3, feature_decay=1e-3)
    rows = losses.get("cross-entropy").gradient(logits=best.logits, labels=np.arange(C))
    bound = dual_value("cross-entropy", rows, counts=[7] * C, kappa=np.sqrt(2e-6), bias_decay=bias_decay)
    assert bound == pytest.approx(best.value, abs=1e-14)


@pytest.mark.parametrize("counts", [(9,) * 4, (40, 10, 3, 1)])
def test_tight_at_the_squared_error_optimum(counts):
    """Without bias sqrt(n_c) shrinks by n kappa (orthogonal frame, Dang et al. 2023, arXiv:2301.00437)."""
    sizes, kappa = np.array(counts, dtype=float), 1.2 / 54
    kept = np.maximum(1.0 - sizes.sum() * kappa / np.sqrt(sizes), 0.0)
    value = sizes @ (0.5 * (1 - kept) ** 2) / sizes.sum() + kappa * np.sqrt(sizes) @ kept
    rows = np.diag(kept - 1.0)
    assert dual_value("squared-error", rows, counts=counts, kappa=kappa) == pytest.approx(value, abs=1e-14)
    # Rows far outside the ball of radius kappa: the cut still gives a bound, and here the best one.
    assert dual_value("squared-error", -np.eye(4), counts=counts, kappa=kappa) == pytest.approx(
        value, abs=1e-14
    )


@every_loss
def test_bad_input_is_named(loss):
    good = {"counts": COUNTS, "kappa": 0.1}
    for rows in (np.zeros((3, 4)), np.full((4, 4), np.nan), np.full((4, 4), np.inf), "rows", None):
        with pytest.raises(InputError, match="rows"):
            dual_value(loss, rows, **good)
    rows = np.zeros((4, 4))
    for counts in ([3, 0, 1, 1], [1.5, 1, 1, 1], [5], "many", [np.nan, 1, 1, 1]):
        with pytest.raises(InputError, match="counts"):
            dual_value(loss, rows, counts=counts, kappa=0.1)
    for kappa in (0.0, -1.0, np.nan, np.inf, "big", True):
        with pytest.raises(InputError, match="kappa"):
            dual_value(loss, rows, counts=COUNTS, kappa=kappa)
    for bias_decay in (-1.0, np.nan, "none", False):
        with pytest.raises(InputError, match="bias_decay"):
            dual_value(loss, rows, **good, bias_decay=bias_decay)


def test_a_loss_without_conjugate_is_refused():
    class Strange:
        name = "strange"

    for loss in (Strange(), "focal"):
        with pytest.raises(InputError, match="conjugate is not known"):
            domain_of(loss)
