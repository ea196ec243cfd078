# SPDX-License-Identifier: MIT
"""Layer-peeled model: certificate, CVXPY's semidefinite program, closed forms, minority collapse, bad
input."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import solve as solve_decays
from simulations.geometry.models import solve_model
from simulations.geometry.models._peeled import Peeled, Relative, _factors
from simulations.geometry.models.layer_peeled import collapse_ratio, equal_classes_value, mean_cosine, solve
from simulations.geometry.programs.layer_peeled import solve_layer_peeled_sdp

SMALL = [
    pytest.param((5, 2, 1), 1.0, 5.0, "class", id="three"),
    pytest.param((20, 20, 1, 1), 1.0, 5.0, "class", id="collapsed"),
    pytest.param((20, 20, 1, 1), 0.5, 5.0, "sample", id="sample"),
    pytest.param((9, 9, 9, 3, 1, 1), 1.0, 2.0, "class", id="six"),
]


def weights(counts, budget):
    share = np.asarray(counts, dtype=float) / np.sum(counts)
    return share, np.full(len(share), 1.0 / len(share)) if budget == "class" else share


@pytest.mark.parametrize(("counts", "E_W", "E_H", "budget"), SMALL)
def test_value_geometry_and_multipliers_agree_with_cvxpy(counts, E_W, E_H, budget):
    arguments = {"counts": counts, "classifier_budget": E_W, "feature_budget": E_H, "budget": budget}
    ours, reference = solve(**arguments), solve_layer_peeled_sdp(**arguments)
    assert ours.status == "optimal"
    assert reference.status == "optimal"
    assert ours.value == pytest.approx(reference.value, abs=2e-8)
    assert ours.value - ours.gap <= reference.optimality()["upper_bound"]
    assert reference.optimality()["lower_bound"] <= ours.value
    assert abs(ours.logits - reference.logits).max() < 5e-4
    assert abs(ours.weight @ ours.weight.T - reference.classifier_gram).max() < 5e-4
    assert ours.details["classifier_multiplier"] == pytest.approx(reference.classifier_multiplier, rel=1e-3)
    assert ours.details["feature_multiplier"] == pytest.approx(reference.feature_multiplier, rel=1e-3)


@pytest.mark.parametrize(("counts", "E_W", "E_H", "budget"), SMALL)
def test_optimality_of_the_program_is_rederived(counts, E_W, E_H, budget):
    found = solve_layer_peeled_sdp(counts=counts, classifier_budget=E_W, feature_budget=E_H, budget=budget)
    checks = found.optimality()
    assert found.status == "optimal"
    for name in ("complementarity", "budget_slack"):
        assert abs(checks[name]) < 1e-7, name
    assert checks["trace_excess"] < 1e-7
    assert min(checks["gram_eigenvalue"], checks["dual_eigenvalue"]) > -1e-8
    assert checks["stationarity"] < 1e-5
    assert -1e-9 < checks["gap"] < 1e-4


@pytest.mark.parametrize("budget", ["class", "sample"])
def test_the_point_meets_its_budgets_and_the_loss_is_the_objective(budget):
    counts, E_W, E_H = (40, 11, 3, 1), 0.7, 6.0
    found = solve(counts=counts, classifier_budget=E_W, feature_budget=E_H, budget=budget)
    share, norm_weight = weights(counts, budget)
    assert found.status == "optimal"
    assert np.square(found.weight).sum() / 4 == pytest.approx(E_W, rel=1e-12)
    assert norm_weight @ np.square(found.class_means).sum(axis=1) == pytest.approx(E_H, rel=1e-12)
    logits = found.class_means @ found.weight.T
    loss = share @ (np.log(np.exp(logits).sum(axis=1)) - np.diag(logits))
    assert found.value == pytest.approx(loss, rel=1e-12)


def test_the_lower_bound_holds_at_any_point_and_the_upper_at_any_feasible_one():
    counts = (30, 10, 2, 1)
    share, norm_weight = weights(counts, "class")
    problem = Peeled(share, np.sqrt(norm_weight), radius=float(np.sqrt(4 * 3.0)))
    found = solve(counts=counts, classifier_budget=1.0, feature_budget=3.0)
    assert found.status == "optimal"
    generator = np.random.default_rng(0)
    for scale in (0.1, 1.0, 10.0):
        for _ in range(20):
            logits = scale * generator.normal(size=(4, 4)) + found.logits
            assert problem.lower_bound(problem.softmax(logits)) <= found.value + 1e-12
            dual = problem.proximal(logits, float(generator.exponential()))[1]
            assert problem.lower_bound(dual) <= found.value + 1e-12
            assert problem.loss(problem.on_sphere(logits)) >= found.value - found.gap - 1e-12
    assert problem.lower_bound(problem.softmax(found.logits)) == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize("counts", [(40, 11, 3, 1), (100, 100, 5, 5)])
def test_the_penalised_model_at_the_same_norms_has_the_same_loss(counts):
    """A minimiser of loss plus decays minimises the loss among points of its own norms."""
    sizes = np.asarray(counts, dtype=float)
    decayed = solve_decays(counts=counts, weight_decay=1e-2, feature_decay=1e-4, tolerance=1e-10)
    assert decayed.status == "optimal"
    E_W = np.square(decayed.weight).sum() / len(counts)
    energy = sizes @ np.square(decayed.class_means).sum(axis=1)
    loss = decayed.value - 0.5e-2 * np.square(decayed.weight).sum() - 0.5e-4 * energy
    peeled = solve(counts=counts, classifier_budget=E_W, feature_budget=energy / sizes.sum(), budget="sample")
    assert peeled.status == "optimal"
    assert peeled.value == pytest.approx(loss, rel=1e-6)
    assert peeled.details["kappa"] == pytest.approx(np.sqrt(1e-2 * 1e-4 * sizes.sum()), rel=1e-4)


def test_multipliers_are_the_slopes_of_the_value():
    base = {"counts": (12, 5, 1), "classifier_budget": 1.2, "feature_budget": 2.0, "tolerance": 1e-11}
    found = solve(**base)
    assert found.status == "optimal"
    for budget, multiplier in (
        ("classifier_budget", "classifier_multiplier"),
        ("feature_budget", "feature_multiplier"),
    ):
        step = 1e-4 * base[budget]
        up, down = (solve(**{**base, budget: base[budget] + sign * step}).value for sign in (1.0, -1.0))
        assert (down - up) / (2.0 * step) == pytest.approx(found.details[multiplier], rel=1e-5)


def test_only_the_product_of_the_budgets_and_the_ratios_of_the_counts_matter():
    base = solve(counts=(12, 5, 1, 1), classifier_budget=1.0, feature_budget=6.0)
    other = solve(counts=(0.5, 6, 0.5, 2.5), classifier_budget=4.0, feature_budget=1.5, feature_dim=3)
    order = [1, 3, 0, 2]
    assert (base.status, other.status) == ("optimal", "optimal")
    assert other.value == pytest.approx(base.value, rel=1e-8)
    assert abs(other.logits[np.ix_(order, order)] - base.logits).max() < 5e-4
    assert other.weight.shape == (4, 3)


@pytest.mark.parametrize("num_classes", [2, 3, 10, 40])
def test_equal_classes_form_the_simplex(num_classes):
    found = solve(counts=(3,) * num_classes, classifier_budget=1.0, feature_budget=5.0)
    assert found.status == "optimal"
    assert found.closed_form is not None
    assert found.value == pytest.approx(equal_classes_value(num_classes, 1.0, 5.0), rel=1e-12)
    assert found.details["minority_cosine"] == pytest.approx(-1.0 / (num_classes - 1), abs=1e-10)


def test_minority_collapse_of_the_published_experiment():
    """Fang et al. 2021: ten classes, five of them large, E_H = 5, E_W = 1; the cosine between the small
    classes' rows goes from -1/9 to 1. It reaches 1 exactly where kappa passes the threshold, here at
    12.19."""
    cosines = {}
    for ratio in (1, 3, 10, 12.1, 12.3, 30, 1000):
        found = solve(counts=(ratio,) * 5 + (1,) * 5, classifier_budget=1.0, feature_budget=5.0)
        assert found.status == "optimal"
        cosines[ratio] = found.details["minority_cosine"]
        collapsed = found.details["kappa"] >= found.details["collapse_threshold"][-1]
        assert collapsed == (ratio > 12.2)
        assert (cosines[ratio] > 1.0 - 1e-6) == collapsed
        majority = mean_cosine(found.weight[:5])
        assert majority < 0.0
    assert cosines[1] == pytest.approx(-1.0 / 9.0)
    exact = collapse_ratio(large=5, small=5, classifier_budget=1.0, feature_budget=5.0)
    assert exact == pytest.approx(12.19244, abs=1e-5)
    assert cosines[1] < cosines[3] < cosines[10] < 0.9 < cosines[12.1] < 1.0


def test_the_ratio_of_collapse_has_a_closed_form_at_vanishing_budgets():
    """At vanishing budgets kappa tends to || diag(pi/sqrt v)(I - J/C) ||_op, and the ratio to the root of
    that."""
    found = collapse_ratio(large=1, small=2, classifier_budget=1e-4, feature_budget=1e-4)
    share = np.array([found, 1.0, 1.0]) / (found + 2.0)
    slope = share[:, None] * np.sqrt(3.0) * (np.eye(3) - 1.0 / 3.0)
    assert np.linalg.norm(slope, 2) == pytest.approx(share[-1] * np.sqrt(3.0), rel=1e-3)


@pytest.mark.parametrize(("large", "small", "E", "budget"), [(1, 2, 1.0, "sample"), (5, 5, 3.0, "class")])
def test_the_ratio_of_collapse_separates_collapsed_from_uncollapsed(large, small, E, budget):
    ratio = collapse_ratio(large=large, small=small, classifier_budget=E, feature_budget=E, budget=budget)
    for factor in (0.99, 1.01):
        counts = (ratio * factor,) * large + (1.0,) * small
        found = solve(counts=counts, classifier_budget=E, feature_budget=E, budget=budget)
        assert found.status == "optimal"
        assert (1.0 - found.details["minority_cosine"] < 1e-9) == (factor > 1.0)
        assert (found.details["kappa"] > found.details["collapse_threshold"][-1]) == (factor > 1.0)


def test_the_hessian_is_that_of_the_gradient_even_where_every_loss_is_tiny():
    share, norm_weight = weights((9, 3, 1, 1), "sample")
    problem = Peeled(share, np.sqrt(norm_weight), radius=200.0)
    logits = problem.on_sphere(np.eye(4) - 0.25)
    objective = Relative(problem.penalised(problem.radial_multiplier(logits)), 3)
    flat = _factors(problem, logits)
    direction = np.random.default_rng(0).normal(size=flat.shape)
    up, down = (objective.value_and_gradient(flat + sign * 1e-5 * direction)[1] for sign in (1.0, -1.0))
    product = objective.hessian_product(flat, direction)
    assert problem.loss(logits) < 1e-40
    assert product == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-4 * np.abs(product).max())


def test_large_budgets_per_sample_approach_the_max_margin_geometry():
    counts = (9, 3, 1, 1)
    margin = solve_model("max-margin", counts=counts)
    cosines = []
    for budget in (1.0, 10.0, 100.0):
        found = solve(counts=counts, classifier_budget=budget, feature_budget=budget, budget="sample")
        assert found.status == "optimal"
        overlap = (found.logits * margin.logits).sum()
        cosines.append(overlap / np.linalg.norm(found.logits) / np.linalg.norm(margin.logits))
    assert cosines[0] < cosines[1] < cosines[2] < 1.0
    assert cosines[2] > 0.9999


def test_a_starved_search_still_bounds_the_optimum():
    arguments = {"counts": (100, 100, 1, 1), "classifier_budget": 1.0, "feature_budget": 5.0}
    full, starved = solve(**arguments), solve(**arguments, max_iterations=3)
    assert full.status == "optimal"
    assert starved.status == "not-converged"
    assert starved.objective - starved.gap <= full.value <= starved.objective


def test_the_program_refuses_or_reports_what_has_no_solution():
    infeasible = solve_layer_peeled_sdp(counts=(3, 1), classifier_budget=-1.0, feature_budget=1.0)
    assert infeasible.status == "infeasible"
    assert np.isnan(infeasible.value)
    starved = solve_layer_peeled_sdp(
        counts=(3, 1), classifier_budget=1.0, feature_budget=1.0, solver="SCS", max_iters=2
    )
    assert starved.status != "optimal"
    for budget, word in ((0.0, "interior|strictly"), (np.inf, "infimum")):
        with pytest.raises(InputError, match=word):
            solve_layer_peeled_sdp(counts=(3, 1), classifier_budget=budget, feature_budget=1.0)
    with pytest.raises(InputError, match="class or sample"):
        solve_layer_peeled_sdp(counts=(3, 1), classifier_budget=1.0, feature_budget=1.0, budget="row")
