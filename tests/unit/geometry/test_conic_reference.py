# SPDX-License-Identifier: MIT
"""The nuclear-norm form in CVXPY, an independent formulation and an independent algorithm.

It is compared with our solver, with closed forms for every loss and bias, and with itself: optimality is
derived again from the returned point and multiplier.
"""

import numpy as np
import pytest

from simulations import losses
from simulations.errors import InputError
from simulations.geometry import balanced_optimum, solve, solve_conic

CASES = [pytest.param((10,) * C, 5e-3, 5e-3, id=f"balanced-{C}") for C in (3, 4, 5, 6)] + [
    pytest.param((10, 5, 2), 1e-2, 1e-2, id="imbalanced-3"),
    pytest.param((500, 500, 50, 20), 5e-3, 1e-5, id="imbalanced-4"),
    pytest.param((50, 50, 5, 5, 5), 5e-3, 5e-3, id="imbalanced-5"),
    pytest.param((30, 20, 10, 5, 2, 1), 5e-3, 5e-3, id="imbalanced-6"),
]
# Focal loss is not convex: see test_a_loss_that_is_not_convex_is_refused.
CONVEX = [name for name in losses.names() if name != "focal"]
every_bias = pytest.mark.parametrize("bias_decay", [None, 0.0, 0.02, 5.0])


@pytest.mark.parametrize(("counts", "weight_decay", "feature_decay"), CASES)
def test_value_and_logits_agree_with_our_solver(counts, weight_decay, feature_decay):
    ours = solve(counts=counts, weight_decay=weight_decay, feature_decay=feature_decay)
    reference = solve_conic(counts=counts, weight_decay=weight_decay, feature_decay=feature_decay)
    assert ours.status == "optimal"
    assert reference.status == "optimal"
    assert ours.value == pytest.approx(reference.value, abs=1e-6)
    assert ours.value <= reference.value + 1e-7
    assert abs(ours.logits - reference.logits).max() < 5e-3


@pytest.mark.parametrize("loss", CONVEX)
@every_bias
@pytest.mark.parametrize("counts", [(10, 5, 2), (40, 40, 4, 4)], ids=str)
def test_optimality_derived_again_from_the_point_and_the_multiplier(loss, bias_decay, counts):
    found = solve_conic(
        counts=counts, weight_decay=1e-2, feature_decay=1e-2, loss=loss, bias_decay=bias_decay
    )
    assert found.status == "optimal"
    assert found.objective == pytest.approx(found.value, abs=1e-8)
    assert -1e-12 <= found.gap <= 1e-6
    assert -1e-12 <= found.stationarity <= 1e-6
    assert found.dual_norm == pytest.approx(1.0, abs=1e-5)
    if bias_decay is None:
        assert not found.bias.any()


def squared_error_value(C, c, bias_decay):
    """Balanced squared error, c = C kappa sqrt(n) < 1: C - 1 equal directions and that of the mean.

    Without bias the orthogonal frame, (1 - (1-c)^2)/2 (Zhou et al. 2022, arXiv:2203.01238; Tirer & Bruna
    2022, arXiv:2202.08087). Along the mean the feature part t and the bias part r = C b_1 minimise
    (1/2C)((1 - t - r)^2 + bias_decay r^2) + c t/C over t >= 0.
    """
    each = (c - c**2 / 2) / C
    if bias_decay is None:
        return C * each
    if bias_decay * (1 - c) <= c:  # t = 0, r = 1/(1 + bias_decay): the simplex ETF
        return (C - 1) * each + bias_decay / (1 + bias_decay) / (2 * C)
    return (C - 1) * each + (c - c**2 / 2 - c**2 / (2 * bias_decay)) / C


@every_bias
@pytest.mark.parametrize("C", [3, 5])
def test_closed_forms_of_balanced_classes(C, bias_decay):
    """For losses that see only differences the best bias is zero, so that it changes nothing."""
    n, decays = 8, {"weight_decay": 6e-3, "feature_decay": 4e-3}
    strength = np.sqrt(24e-6 * n)
    smoothing = 0.2
    lead = np.log(1 / (smoothing / C + strength) - (C - 1))  # Zhou et al. 2022 (arXiv:2210.02192)
    smooth = np.log1p((C - 1) * np.exp(-lead)) + (smoothing / C + strength) * (C - 1) * lead
    for loss, value in (
        ("cross-entropy", balanced_optimum(num_classes=C, samples_per_class=n, **decays).value),
        (losses.get("label-smoothing", smoothing=smoothing), smooth),
        ("multi-margin", (C - 1) * strength),  # margins exactly one, as C kappa sqrt(n) < 1
        ("squared-error", squared_error_value(C, C * strength, bias_decay)),
    ):
        found = solve_conic(counts=(n,) * C, loss=loss, bias_decay=bias_decay, **decays)
        assert found.status == "optimal"
        assert found.value == pytest.approx(value, abs=2e-7)
        assert found.lower_bound <= value * (1 + 1e-12) <= found.objective * (1 + 1e-9)


@pytest.mark.parametrize("loss", CONVEX)
def test_zero_is_found_under_strong_decay(loss):
    found = solve_conic(counts=(5, 5, 5), weight_decay=2.0, feature_decay=2.0, loss=loss)
    zero = losses.get(loss).value(logits=np.zeros((1, 3)), labels=[0])[0]
    assert found.status == "optimal"
    assert found.value == pytest.approx(zero, abs=1e-6)
    assert abs(found.logits).max() < 1e-5
    assert found.dual_norm < 1.0


def test_a_reference_without_budget_does_not_claim_success():
    failed = solve_conic(counts=(10, 5, 2), weight_decay=1e-2, feature_decay=1e-2, solver="SCS", max_iters=2)
    assert failed.status != "optimal"
    assert not failed.gap < 1e-6  # NaN or wide


def test_a_solver_that_cannot_take_the_program_says_failed():
    failed = solve_conic(counts=(10, 5, 2), weight_decay=1e-2, feature_decay=1e-2, solver="OSQP")
    assert failed.status.startswith("failed")
    assert np.isnan([failed.value, failed.objective, failed.lower_bound, failed.gap]).all()
    assert np.isnan(failed.logits).all()
    assert np.isnan(failed.dual).all()


def test_an_unbounded_program_says_so():
    class Linear:  # falls without end along the logits, faster than the decay can hold
        name = "linear"

        def conic(self, cvxpy, *, logits, labels):
            return -cvxpy.sum(logits)

    found = solve_conic(counts=(5, 5), weight_decay=1e-3, feature_decay=1e-3, loss=Linear())
    assert found.status == "unbounded"
    assert np.isnan([found.value, found.objective, found.gap]).all()
    assert np.isnan(found.logits).all()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"counts": (3, 0)}, "counts"),
        ({"counts": (3,)}, "counts"),
        ({"weight_decay": 0.0}, "weight_decay"),
        ({"feature_decay": -1.0}, "feature_decay"),
        ({"bias_decay": -0.1}, "bias_decay"),
        ({"loss": "hinge"}, "hinge"),
    ],
)
def test_bad_input_is_named(change, named):
    good = {"counts": (3, 3), "weight_decay": 0.1, "feature_decay": 0.1}
    with pytest.raises(InputError, match=named):
        solve_conic(**{**good, **change})


def test_a_loss_that_is_not_convex_is_refused():
    with pytest.raises(InputError, match="not convex"):
        solve_conic(counts=(5, 5, 5), weight_decay=1e-2, feature_decay=1e-2, loss="focal")
