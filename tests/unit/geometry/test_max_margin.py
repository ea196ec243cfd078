# SPDX-License-Identifier: MIT
"""Max-margin model: SELI in closed form, its multipliers, general margins, CVXPY's program, bad input."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import solve as solve_decays
from simulations.geometry.models._margins import Margins
from simulations.geometry.models.max_margin import solve, step_spectrum
from simulations.geometry.programs.max_margin import solve_max_margin_sdp

MATRIX = np.array([[1.0, 4.0, 0.5, 1.0], [0.3, 1.0, 2.0, 1.0], [1.0, 1.0, 1.0, 5.0], [2.0, 0.2, 1.0, 1.0]])
SMALL = [
    pytest.param({"counts": (5, 2, 1)}, id="seli"),
    pytest.param({"counts": (50, 20, 10, 5, 2, 1), "scales": (3, 2, 2, 1, 1, 1)}, id="scales"),
    pytest.param({"counts": (9, 4, 1), "margins": (0.5, 1.0, 2.0)}, id="margin-a-class"),
    pytest.param({"counts": (9, 4, 2, 1), "margins": MATRIX}, id="margin-a-pair"),
    pytest.param({"counts": (9, 4, 2, 1), "margins": MATRIX, "scales": (2, 1, 1, 0.5)}, id="both"),
]


def missed(found, scales, margins):
    """Largest shortfall of a margin, computed from W and the class means."""
    logits = found.class_means @ found.weight.T * scales
    short = margins - (np.diag(logits)[:, None] - logits)
    return short[~np.eye(len(logits), dtype=bool)].max()


@pytest.mark.parametrize("arguments", SMALL)
def test_value_and_logits_agree_with_cvxpy(arguments):
    ours, reference = solve(**arguments), solve_max_margin_sdp(**arguments)
    assert ours.status == "optimal"
    assert reference.status == "optimal"
    assert ours.value == pytest.approx(reference.value, rel=1e-6)
    assert abs(ours.logits - reference.logits).max() < 2e-3
    checks = reference.optimality()
    assert checks["lower_bound"] <= ours.value * (1.0 + 1e-12)
    assert ours.value - ours.gap <= checks["upper_bound"] * (1.0 + 1e-12)
    assert 0.0 <= checks["gap"] + 1e-9 < 1e-5
    assert max(checks["shortfall"], abs(checks["complementarity"]), abs(checks["margin_slack"])) < 1e-5
    assert min(checks["gram_eigenvalue"], checks["dual_eigenvalue"], checks["least_multiplier"]) > -1e-6
    assert checks["stationarity"] < 1e-5


@pytest.mark.parametrize("arguments", SMALL)
def test_the_point_is_feasible_and_the_norms_are_the_objective(arguments):
    found = solve(**arguments)
    C = len(arguments["counts"])
    margins = np.asarray(arguments.get("margins", 1.0))
    margins = margins[:, None] if margins.ndim == 1 else margins
    assert found.status == "optimal"
    assert missed(found, np.asarray(arguments.get("scales", np.ones(C))), margins) < 1e-12
    energy = np.asarray(arguments["counts"]) @ np.square(found.class_means).sum(axis=1)
    assert found.value == pytest.approx(0.5 * (np.square(found.weight).sum() + energy), rel=1e-12)
    assert np.square(found.weight).sum() == pytest.approx(energy, rel=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_every_margin_is_tight_for_all_sizes_scales_and_class_margins(seed):
    """The sign condition holds whatever the sizes, over ten orders of magnitude; strictly, so all lambda >
    0."""
    generator = np.random.default_rng(seed)
    C = int(generator.integers(2, 25))
    counts, scales, margins = (np.exp(spread * generator.normal(size=C)) for spread in (3.0, 1.0, 1.0))
    found = solve(counts=counts, scales=scales, margins=margins)
    assert found.status == "optimal"
    assert found.closed_form == "every margin tight"
    assert found.gap <= 1e-12 * found.value
    assert found.details["multipliers"][~np.eye(C, dtype=bool)].min() > 0.0
    logits = found.logits * scales
    tight = np.diag(logits)[:, None] - logits - margins[:, None]
    assert abs(tight[~np.eye(C, dtype=bool)]).max() < 1e-10 * margins.max()


@pytest.mark.parametrize("counts", [(7, 7, 7), (100, 30, 5, 1), (1000,) * 3 + (1,) * 5])
def test_seli_logits_do_not_depend_on_the_class_sizes(counts):
    found = solve(counts=counts)
    C = len(counts)
    assert found.status == "optimal"
    assert found.closed_form == "SELI (Thrampoulidis et al. 2022)"
    assert found.logits == pytest.approx(np.eye(C) - 1.0 / C, abs=1e-12)


@pytest.mark.parametrize(
    ("num_classes", "ratio", "fraction"), [(4, 10.0, 0.5), (10, 100.0, 0.3), (6, 3.0, 5 / 6)]
)
def test_step_spectrum(num_classes, ratio, fraction):
    small = round(num_classes * fraction)
    counts = (7 * ratio,) * (num_classes - small) + (7,) * small
    found = solve(counts=counts)
    assert found.status == "optimal"
    squared = np.square(found.details["singular_values"]) / 7.0
    assert squared[:-1] == pytest.approx(step_spectrum(num_classes, ratio, fraction), rel=1e-10)
    assert squared[-1] == pytest.approx(0.0, abs=1e-10)


def test_step_spectrum_needs_a_whole_number_of_small_classes():
    for fraction in (0.3, 0.0, 1.0):
        with pytest.raises(InputError, match="whole number"):
            step_spectrum(4, 10.0, fraction)


def test_vanishing_decay_turns_cross_entropy_into_this_geometry():
    counts = (9, 3, 1)
    limit = solve(counts=counts).logits
    cosines = []
    for decay in (1e-2, 1e-6, 1e-12):
        found = solve_decays(counts=counts, weight_decay=decay, feature_decay=decay, tolerance=1e-6)
        assert found.status == "optimal"
        cosines.append((found.logits * limit).sum() / np.linalg.norm(found.logits) / np.linalg.norm(limit))
    assert cosines[0] < cosines[1] < cosines[2] < 1.0
    assert cosines[2] > 0.998


def test_scaling_the_margins_scales_the_value():
    base, doubled = (
        solve(counts=(9, 4, 2, 1), margins=MATRIX),
        solve(counts=(9, 4, 2, 1), margins=2.0 * MATRIX),
    )
    more = solve(counts=(36, 16, 8, 4), margins=MATRIX)
    assert {base.status, doubled.status, more.status} == {"optimal"}
    assert doubled.value == pytest.approx(2.0 * base.value, rel=1e-8)
    assert more.value == pytest.approx(2.0 * base.value, rel=1e-8)
    assert base.closed_form is None


def test_the_lower_bound_holds_for_any_multipliers_and_the_projection_is_the_nearest_feasible_point():
    generator = np.random.default_rng(3)
    counts, scales = np.array([9.0, 4.0, 2.0, 1.0]), np.array([2.0, 1.0, 1.0, 0.5])
    problem = Margins(np.sqrt(counts), scales, MATRIX)
    value = solve(counts=counts, scales=scales, margins=MATRIX).value
    for _ in range(50):
        multipliers = generator.exponential(size=(4, 4)) * (1.0 - np.eye(4))
        assert problem.lower_bound(multipliers) <= value
        start, feasible = 3.0 * generator.normal(size=(4, 4)), problem.project(generator.normal(size=(4, 4)))
        nearest = problem.project(start)
        assert problem.shortfall(nearest) < 1e-12
        # the variational inequality of a projection, against another feasible point
        assert ((start - nearest) * (feasible - nearest)).sum() <= 1e-10
        assert np.linalg.norm(feasible, "nuc") >= value * (1.0 - 1e-9)


def test_a_starved_budget_still_bounds_the_optimum():
    full = solve(counts=(9, 4, 2, 1), margins=MATRIX)
    starved = solve(counts=(9, 4, 2, 1), margins=MATRIX, max_iterations=2)
    assert full.status == "optimal"
    assert starved.status == "not-converged"
    assert starved.objective - starved.gap <= full.value <= starved.objective


def test_the_program_refuses_or_reports_what_has_no_solution():
    starved = solve_max_margin_sdp(counts=(5, 2, 1), solver="SCS", max_iters=2)
    assert starved.status != "optimal"
    with pytest.raises(InputError, match="no feasible point"):
        solve_max_margin_sdp(counts=(5, 2, 1), margins=np.inf)
    infeasible = solve_max_margin_sdp(counts=(5, 2), scales=(0.0, 0.0))
    assert "infeasible" in infeasible.status
    assert np.isnan(infeasible.value)
