# SPDX-License-Identifier: MIT
"""Odd input of every geometry function raises InputError, and a status never outruns its gap."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import (
    certify_solution,
    decay_path,
    solve,
    solve_conic,
    solve_exchangeable,
    solve_model,
)
from simulations.geometry.models._fixed_newton import ClassProblem
from simulations.geometry.solution import closes

GOOD = {"counts": (7, 3, 2), "weight_decay": 1e-2, "feature_decay": 1e-2}
HUGE = 10**400  # a whole number that no float holds


@pytest.mark.parametrize(
    "change",
    [
        {"counts": [HUGE, 1]},
        {"counts": [1e308, 1e308]},
        {"counts": ["5", "3"]},
        {"counts": [True, True]},
        {"counts": "53"},
        {"weight_decay": HUGE},
        {"weight_decay": "0.1"},
        {"feature_decay": True},
        {"bias_decay": HUGE},
        {"bias_decay": "0"},
        {"tolerance": float("inf")},
        {"tolerance": True},
        {"tolerance": HUGE},
        {"max_iterations": 5.0},
        {"feature_dim": "3"},
        {"weight_decay": 5e-324, "feature_decay": 5e-324},
        {"weight_decay": 1e200, "feature_decay": 1e200},
        {"loss": None},
        {"loss": 5},
        {"loss": object()},
    ],
)
def test_solve_refuses(change):
    with pytest.raises(InputError, match="received"):
        solve(**{**GOOD, **change})


@pytest.mark.parametrize("wrong", ["x", "0.1", 1j, HUGE, None, [HUGE]])
def test_every_solver_refuses_what_is_no_decay(wrong):
    calls = (
        lambda: solve_conic(**{**GOOD, "weight_decay": wrong}),
        lambda: solve_exchangeable(groups=[(5, 3)], weight_decay=wrong, feature_decay=0.1),
        lambda: decay_path(
            counts=(5, 3), weight_decays=[0.1], feature_decay="x" if wrong == "0.1" else wrong
        ),
        lambda: solve_model("deep-linear", depth=2, **{**GOOD, "feature_decay": wrong}),
        lambda: solve_model("spheres", counts=(3, 2), inverse_temperature=wrong),
        lambda: solve_model("layer-peeled", counts=(3, 2), classifier_budget=wrong, feature_budget=1.0),
    )
    for call in calls:
        with pytest.raises(InputError):
            call()


@pytest.mark.parametrize("tolerance", [float("inf"), "1e-9", 0, HUGE, None])
def test_every_solver_refuses_what_is_no_tolerance(tolerance):
    calls = (
        lambda: solve_exchangeable(groups=[(5, 3)], weight_decay=0.1, feature_decay=0.1, tolerance=tolerance),
        lambda: decay_path(counts=(5, 3), weight_decays=[0.1], feature_decay=0.1, tolerance=tolerance),
        lambda: solve_model("deep-linear", depth=2, tolerance=tolerance, **GOOD),
        lambda: solve_model("max-margin", counts=(5, 3), tolerance=tolerance),
    )
    for call in calls:
        with pytest.raises(InputError, match="tolerance"):
            call()


def test_short_floats_and_numpy_integers_are_numbers():
    short = {
        "counts": np.array([5, 3], dtype=np.int8),
        "weight_decay": np.float32(0.01),
        "feature_decay": 0.01,
    }
    found = solve(**short, tolerance=np.float32(1e-8), max_iterations=np.int64(500))
    assert found.status == "optimal"
    interval = certify_solution(found, loss="cross-entropy", **short)
    assert interval.low <= found.objective <= interval.high * (1 + 1e-12)
    assert interval.width < 1e-8
    whole = certify_solution(found, loss="cross-entropy", **{**short, "weight_decay": np.int64(1)})
    assert whole.low <= whole.high
    with pytest.raises(InputError, match="NoneType"):
        certify_solution(None, loss="cross-entropy", **short)
    with pytest.raises(InputError, match="precision"):
        certify_solution(found, loss="cross-entropy", precision=0, **short)


@pytest.mark.parametrize("ratio", [1e-300, 1e300])
def test_decays_at_the_ends_of_the_floats_leave_no_nan(ratio):
    """Their quotient overflows, their product does not."""
    decays = {"weight_decay": 1e-3 * ratio, "feature_decay": 1e-3 / ratio}
    plain = solve(counts=(7, 3, 2), weight_decay=1e-3, feature_decay=1e-3)
    for found in (
        solve(counts=(7, 3, 2), **decays),
        decay_path(
            counts=(7, 3, 2), weight_decays=[decays["weight_decay"]], feature_decay=decays["feature_decay"]
        )[0],
    ):
        assert found.status == "optimal"
        assert found.objective == pytest.approx(plain.objective, rel=1e-9)
    huge = solve(counts=(7, 3, 2), weight_decay=1e-3, feature_decay=1e-3, bias_decay=1e300)
    assert huge.status == "optimal"
    assert huge.objective == pytest.approx(plain.objective, rel=1e-9)


def test_a_bound_above_a_tiny_objective_is_none():
    assert closes(1e-20, 1e-30, 1e-9)
    assert closes(1e-20, -1e-30, 1e-9)
    assert not closes(1e-20, -1e-20, 1e-9), "as large as the objective, far below an absolute trillionth"
    assert not closes(0.5, -1e-9, 1e-6)
    assert closes(0.5, -1e-14, 1e-15)
    assert not closes(1.0, float("nan"), 1e-9)
    assert not closes(float("nan"), 0.0, 1e-9)
    assert not closes(1.0, float("inf"), float("inf"))


@pytest.mark.parametrize("decay", [1e-150, 1e-160, 1e-200])
def test_the_dual_point_is_feasible_however_small_the_decay(decay):
    """The squares of its entries are no floats: it used to pass for feasible, and the bound was none."""
    sizes = (7, 3, 2)
    found = solve(counts=sizes, weight_decay=decay, feature_decay=decay)
    slope = found.details["dual"] / decay
    norm = np.linalg.norm((np.sqrt(sizes) / sum(sizes))[:, None] * slope, 2)
    assert norm <= 1.0 + 1e-12
    assert found.gap >= -1e-12 * found.objective


def test_gaps_of_tiny_gradients_do_not_underflow():
    """Losses near 1e-180, whose squared gradient is no float; away from the optimum the gap shows it."""
    one = ClassProblem(np.array([[-1.0, 0.0], [0.0, -1.0]]), budget=1)
    far = np.array([414.0, 414.0])
    assert one.gap_ball(far, 2.0 * float(np.linalg.norm(far))) > 0.5 * one.value(far) > 0.0
    assert one.gap_decayed(far, 1e-300) > 0.0
    found = solve_model(
        "fixed-classifier",
        counts=(5, 5, 5, 5, 5),
        row_norm=3.0116337517734073,
        feature_norm=108.45536132073468,
    )
    assert found.status == "optimal"
    assert abs(found.gap) <= 1e-9 * found.objective < 1e-180


@pytest.mark.parametrize("C", [2, 3, 5, 7])
def test_dot_regression_without_decay_is_solved(C):
    found = solve_model(
        "fixed-classifier", counts=(4,) * C, loss="dot-regression", feature_norm=0.7, row_norm=3.1
    )
    assert found.status == "optimal"
    assert found.objective < 1e-28


@pytest.mark.parametrize("C", [2, 3, 4, 6])
@pytest.mark.parametrize("n", [2, 4, 5])
def test_contrastive_threshold_is_zero_without_a_warning(C, n):
    """At decay 2/(nC - 1) zero is just optimal; rounding used to leave the root of a negative margin."""
    for step in (-1e-15, 0.0, 1e-15):
        found = solve_model(
            "supervised-contrastive", counts=(n,) * C, feature_decay=2.0 / (n * C - 1) * (1.0 + step)
        )
        assert found.certified
        assert np.isfinite(found.class_means).all()
        assert found.objective == pytest.approx(np.log(n * C - 1), rel=1e-12)


def test_spheres_at_a_large_inverse_temperature_are_searched():
    """The search used to stop at its start, loss 4e-48, because the gradient there is below 1e-12."""
    found = solve_model(
        "spheres", counts=(649, 1, 97, 15, 238), inverse_temperature=116.0, max_iterations=3000
    )
    assert found.objective < 1e-58
    assert found.gap <= found.objective, "the loss is not negative"
