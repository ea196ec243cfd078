# SPDX-License-Identifier: MIT
"""Block reduction, proximal Newton, and its start: against a solver without groups, CVXPY, closed forms.

Statuses come before values. Bounds are recomputed from full matrices, without the blocks.
"""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import (
    NotConverged,
    balanced_optimum,
    minority_collapse_threshold,
    solve,
    solve_conic,
)
from simulations.geometry.block_program import BlockProgram
from simulations.geometry.coarse_start import start_for
from simulations.geometry.exchangeable import solve_exchangeable
from simulations.geometry.factorised import FactorisedObjective, minimise
from simulations.geometry.program import Program
from simulations.geometry.proximal_newton import minimise_blocks

GROUPS = {
    "two groups": [(500, 5), (100, 5)],
    "a lone class": [(50, 3), (20, 4), (7, 1)],
    "all alone": [(9, 1), (5, 1), (4, 1), (2, 1)],
    "collapsing": [(200, 20), (10, 20)],
    "balanced": [(30, 8)],
    "many": [(count, 3) for count in range(3, 23)],
}
DECAYS = {"two groups": 2e-3, "a lone class": 2e-3, "all alone": 2e-2, "collapsing": 9e-4, "balanced": 4e-3,
          "many": 2e-3}  # fmt: skip
every_profile = pytest.mark.parametrize("name", GROUPS)


def blocks_of(name):
    found = solve_exchangeable(groups=GROUPS[name], weight_decay=DECAYS[name], feature_decay=DECAYS[name])
    counts = np.repeat(found.counts, found.how_many.astype(int))
    return found, counts, np.repeat(np.arange(len(found.counts)), found.how_many.astype(int))


def slope_and_objective(counts, kappa, logits):
    """The scaled gradient (C, C) and the objective of the convex program, written out."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax = exponents / exponents.sum(axis=1, keepdims=True)
    root, n = np.sqrt(counts)[:, None], counts.sum()
    loss = -(counts / n) @ np.log(np.diag(softmax))
    norm = np.linalg.svd(root * logits, compute_uv=False).sum()
    return root / n * (softmax - np.eye(len(counts))), loss + kappa * norm


@every_profile
def test_blocks_are_the_optimum_of_the_full_problem(name):
    """Written out in full the block logits are stationary and dual feasible, so optimal among all logits."""
    found, counts, group = blocks_of(name)
    assert found.status == "optimal"
    logits = found.logits[np.ix_(group, group)]
    np.fill_diagonal(logits, found.own_logits[group])
    slope, objective = slope_and_objective(counts, DECAYS[name], logits)
    assert objective == pytest.approx(found.value, rel=1e-12)
    assert np.linalg.norm(slope, 2) <= DECAYS[name] * (1 + 1e-8)
    pairing = -np.sum(slope * (np.sqrt(counts)[:, None] * logits))
    nuclear = np.linalg.svd(np.sqrt(counts)[:, None] * logits, compute_uv=False)
    assert pairing == pytest.approx(DECAYS[name] * nuclear.sum(), rel=1e-8)
    assert np.count_nonzero(nuclear > 1e-7 * nuclear[0]) == found.rank


@every_profile
def test_blocks_agree_with_a_solver_that_knows_no_groups(name):
    """L-BFGS and Newton on factors of full rank, from a start without symmetry."""
    found, counts, _ = blocks_of(name)
    assert found.status == "optimal"
    program, C = Program(counts, DECAYS[name], DECAYS[name]), len(counts)
    start = np.random.default_rng(1).normal(size=(2, C, C - 1))
    start[1] -= start[1].mean(axis=0)
    objective = FactorisedObjective(program, C - 1)
    factors = minimise(objective, start.ravel(), max_iterations=3000, accuracy=1e-8)
    flat = np.concatenate([factors.left.ravel(), factors.right.ravel()])
    value = objective.value_and_gradient(flat)[0]
    assert value == pytest.approx(found.value, rel=1e-8)
    assert found.objective - found.gap <= value
    assert program.dual_value(objective.logits(flat)) <= found.objective


@every_profile
def test_expanded_it_is_what_solve_finds_and_the_blocks_are_its_entries(name):
    found, counts, group = blocks_of(name)
    whole, direct = (
        found.expand(),
        solve(counts=counts, weight_decay=DECAYS[name], feature_decay=DECAYS[name]),
    )
    assert found.status == whole.status == direct.status == "optimal"
    assert whole.value == pytest.approx(direct.value, rel=1e-11)
    assert whole.gap <= 1e-9 * min(1.0, whole.value)
    np.testing.assert_allclose(whole.logits, direct.logits, atol=1e-7)
    for blocks, lengths, vectors in (
        (found.weight_gram, found.weight_norms, whole.weight),
        (found.mean_gram, found.mean_norms, whole.class_means),
    ):
        gram = vectors @ vectors.T
        np.testing.assert_allclose(lengths[group], np.linalg.norm(vectors, axis=1), atol=1e-7)
        other = ~np.eye(len(counts), dtype=bool)
        np.testing.assert_allclose(gram[other], blocks[np.ix_(group, group)][other], atol=1e-7)
    np.testing.assert_allclose(whole.logits[0, 1], found.logits[group[0], group[1]], atol=1e-9)


@every_profile
def test_the_dual_handed_out_is_feasible_and_proves_the_bound(name):
    """Recomputed from the (C, C) rows alone: probabilities, spectral norm, mean entropy."""
    found, counts, _ = blocks_of(name)
    assert found.status == "optimal"
    rows = found.expand().details["dual"] + np.eye(len(counts))
    assert rows.min() >= 0.0
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-12)
    slope = np.sqrt(counts)[:, None] / counts.sum() * (rows - np.eye(len(counts)))
    assert np.linalg.norm(slope, 2) <= DECAYS[name] * (1 + 1e-13)
    entropy = -np.sum(rows * np.log(np.where(rows > 0.0, rows, 1.0)), axis=1)
    assert counts @ entropy / counts.sum() == pytest.approx(found.objective - found.gap, rel=1e-12)


@pytest.mark.parametrize("name", ["a lone class", "all alone", "balanced"])
def test_the_conic_reference_agrees(name):
    found, counts, _ = blocks_of(name)
    reference = solve_conic(counts=counts.astype(int), weight_decay=DECAYS[name], feature_decay=DECAYS[name])
    assert found.status == "optimal"
    assert reference.status == "optimal"
    assert found.value == pytest.approx(reference.value, abs=1e-6)


@pytest.mark.parametrize("C", [2, 100, 10_000])
def test_one_group_is_the_closed_form(C):
    kappa = 0.3 / (C * np.sqrt(50))
    found = solve_exchangeable(groups=[(50, C)], weight_decay=kappa, feature_decay=kappa)
    closed = (
        balanced_optimum(num_classes=C, samples_per_class=50, weight_decay=kappa, feature_decay=kappa)
        if C < 1000
        else None
    )
    gap = np.log(1.0 / (kappa * np.sqrt(50)) - (C - 1))
    assert found.status == "optimal"
    assert found.iterations <= 1
    assert found.contrast[0] == pytest.approx(gap, rel=1e-12)
    assert found.weight_cosines[0, 0] == pytest.approx(-1 / (C - 1), rel=1e-9)
    assert found.rank == C - 1
    assert closed is None or found.value == pytest.approx(closed.value, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_hessian_and_slope_of_the_reduced_loss_against_differences(seed):
    generator = np.random.default_rng(seed)
    program = BlockProgram(np.array([40.0, 9.0, 4.0, 3.0]), np.array([3.0, 1.0, 2.0, 5.0]), 0.03)
    assert program.apart.any()
    assert not program.apart.all()
    matrix, step = 3.0 * generator.normal(size=(4, 4)), generator.normal(size=(4, 4))
    here = program.evaluate(matrix)
    there, back = (program.evaluate(matrix + sign * 1e-5 * step) for sign in (1, -1))
    assert (there.value - back.value) / 2e-5 == pytest.approx(np.sum(here.slope * step), rel=1e-7)
    curved = program.kappa * program.curvature(here)(step)
    np.testing.assert_allclose((there.slope - back.slope) / 2e-5, curved, atol=1e-8)


@pytest.mark.parametrize("name", GROUPS)
def test_every_bound_on_the_way_lies_below_the_optimum(name):
    """Whatever the budget: a bound that exceeds the optimum would be none."""
    best, _, _ = blocks_of(name)
    assert best.status == "optimal"
    program = BlockProgram(best.counts, best.how_many, DECAYS[name])
    generator = np.random.default_rng(0)
    for budget in (1, 2, 4, 8):
        start = start_for(program)
        start = start + np.linalg.norm(start) * generator.normal(size=start.shape) / len(start)
        start -= np.outer(start @ program.constant, program.constant)
        point = minimise_blocks(program, start, tolerance=1e-9, accuracy=1e-9, max_iterations=budget)
        assert point.iterations <= budget
        assert program.certified(point.between, point.within) <= best.value * (1 + 1e-13)
        assert point.value >= (best.objective - best.gap) * (1 - 1e-13)


def test_an_infeasible_dual_point_is_shrunk_before_it_counts():
    best, _, _ = blocks_of("two groups")
    program = BlockProgram(best.counts, best.how_many, DECAYS["two groups"])
    state = program.evaluate(np.zeros((2, 2)))
    raw = program.dual_value(state.between, state.within)
    assert raw > best.value
    assert program.certified(state.between, state.within) <= best.value


@pytest.mark.parametrize(
    ("factor", "collapsed", "rank"),
    [(0.999, False, 9999), (1.0, True, 5000), (1.001, True, 5000), (1.1, True, 4999)],
)
def test_ten_thousand_classes_collapse_at_the_threshold(factor, collapsed, rank):
    """Just beyond it the minority still differs from the majority: one dimension more than the majority's."""
    total = 5000 * 505
    kappa = factor * minority_collapse_threshold(5, total)
    found = solve_exchangeable(groups=[(500, 5000), (5, 5000)], weight_decay=kappa, feature_decay=kappa)
    assert found.status == "optimal"
    assert found.minority_collapsed is collapsed
    assert found.collapsed.tolist() == [collapsed, False]
    assert found.rank == rank
    with pytest.raises(InputError, match="at most"):
        found.expand()


def test_a_starved_block_solve_says_so():
    problem = {"groups": [(9, 1), (5, 1), (4, 1), (2, 1)], "weight_decay": 1e-2, "feature_decay": 1e-2}
    starved = solve_exchangeable(**problem, max_iterations=2)
    assert starved.status == "not-converged"
    assert starved.expand().status == "not-converged"
    with pytest.raises(NotConverged, match="max_iterations"):
        _ = starved.value
    assert starved.objective - starved.gap <= solve_exchangeable(**problem).value <= starved.objective


def test_a_tolerance_below_rounding_ends_and_is_not_reached():
    found = solve(counts=range(3, 43), weight_decay=2e-3, feature_decay=2e-3, tolerance=1e-17)
    assert found.status == "not-converged"
    assert found.iterations < 1000
    assert abs(found.gap) < 1e-11


def test_single_precision_directions_reach_the_same_certificate(monkeypatch):
    """Two hundred different counts, partly collapsed."""
    counts = np.arange(1, 201)
    kappa = 2.0 / counts.sum()
    found = solve(counts=counts, weight_decay=kappa, feature_decay=kappa, tolerance=1e-10)
    assert found.status == "optimal"
    monkeypatch.setattr("simulations.geometry.proximal_newton.SINGLE_FROM", 10_000)
    double = solve(counts=counts, weight_decay=kappa, feature_decay=kappa, tolerance=1e-10)
    assert double.status == "optimal"
    assert found.value == pytest.approx(double.value, rel=1e-10)
    slope, objective = slope_and_objective(counts.astype(float), kappa, found.logits)
    assert objective == pytest.approx(found.value, rel=1e-10)
    assert np.linalg.norm(slope, 2) <= kappa * (1 + 1e-5)
