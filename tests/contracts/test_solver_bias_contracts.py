# SPDX-License-Identifier: MIT
"""Every solver that handles a bias: optimality with it recomputed outside, thresholds, order; and bad input
for every solver there is.

Statuses are asserted before values.
"""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from simulations import losses
from simulations.errors import InputError
from simulations.geometry import NotConverged, solve, solve_conic, solvers
from simulations.geometry.duals import dual_norm, dual_value

SOLVERS = solvers.all_solvers()
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
every_biased = pytest.mark.parametrize(
    "solver", [one for one in SOLVERS if one.handles_bias], ids=lambda solver: solver.name
)
every_bias = pytest.mark.parametrize("bias_decay", [0.0, 1e-2, 10.0])
PROBLEMS = [
    {"counts": (500, 500, 50), "weight_decay": 5e-3, "feature_decay": 1e-5, "feature_dim": 10},
    {"counts": (50, 50, 5, 5, 5), "weight_decay": 5e-3, "feature_decay": 5e-3},
    {"counts": (40, 7), "weight_decay": 2e-2, "feature_decay": 1e-2},
]


def run(solver, arguments, **changes):
    return solve(loss=solver.loss, solver=solver.name, **{**arguments, **changes})


def rows_of(solver, found):
    """Gradient of the loss of every class at its logits; where there are kinks, what the solver hands out."""
    if not solver.smooth:
        return found.details["dual"]
    return losses.get(solver.loss).gradient(logits=found.logits, labels=np.arange(len(found.logits)))


def best_bias(solver, counts, bias_decay):
    """Without features: the value, and the gradient of every row, by another algorithm."""
    share, C = np.array(counts) / sum(counts), len(counts)
    form, labels, decay = losses.get(solver.loss), np.arange(C), bias_decay or 0.0

    def value(bias):
        return share @ form.value(logits=np.tile(bias, (C, 1)), labels=labels) + decay / 2 * bias @ bias

    def gradient(bias):
        return share @ form.gradient(logits=np.tile(bias, (C, 1)), labels=labels) + decay * bias

    options = {"gtol": 1e-13, "ftol": 1e-16}
    bias = (
        np.zeros(C)
        if bias_decay is None
        else minimize(value, np.zeros(C), jac=gradient, method="L-BFGS-B", options=options).x
    )
    return value(bias), form.gradient(logits=np.tile(bias, (C, 1)), labels=labels)


@every_biased
@every_bias
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: str(len(problem["counts"])))
def test_optimality_with_a_bias_recomputed_outside_the_solver(solver, bias_decay, problem):
    found = run(solver, problem, bias_decay=bias_decay)
    assert found.status == "optimal"
    counts, wd, fd = problem["counts"], problem["weight_decay"], problem["feature_decay"]
    C, sizes, labels = len(counts), np.array(counts, dtype=float), np.repeat(np.arange(len(counts)), counts)
    assert found.bias.shape == (C,)
    np.testing.assert_array_equal(found.logits, found.class_means @ found.weight.T + found.bias)
    each = losses.get(solver.loss).value(logits=found.logits[labels], labels=labels)
    decays = wd / 2 * np.sum(found.weight**2) + fd / 2 * np.sum(found.class_means[labels] ** 2)
    again = each.mean() + decays + bias_decay / 2 * found.bias @ found.bias
    assert found.value == pytest.approx(again, rel=1e-10)
    rows, kappa, share = rows_of(solver, found), math.sqrt(wd * fd), sizes / sizes.sum()
    slope = share[:, None] * rows
    scale = (1e-6 if solver.smooth else 1e-5) * wd * np.linalg.norm(found.weight)
    assert np.linalg.norm(slope.T @ found.class_means + wd * found.weight) <= scale
    balance = share @ rows + bias_decay * found.bias
    assert np.linalg.norm(balance) <= (1e-8 if solver.smooth else 1e-6)
    assert dual_norm(rows, counts) <= kappa * (1 + 1e-6)
    dual = found.details["dual"]
    bound = dual_value(solver.loss, dual, counts=counts, kappa=kappa, bias_decay=bias_decay)
    assert bound == pytest.approx(found.value, rel=1e-9)
    assert -1e-12 <= found.gap <= 1e-9 * found.value


@every_biased
@every_bias
@pytest.mark.parametrize("problem", PROBLEMS[:2], ids=lambda problem: str(len(problem["counts"])))
def test_the_conic_reference_agrees(solver, bias_decay, problem):
    found = run(solver, problem, bias_decay=bias_decay)
    shared = {name: problem[name] for name in ("counts", "weight_decay", "feature_decay")}
    reference = solve_conic(loss=solver.loss, bias_decay=bias_decay, **shared)
    assert found.status == "optimal"
    assert reference.status == "optimal"
    assert found.value == pytest.approx(reference.value, abs=2e-7)
    assert found.value - found.gap <= reference.objective


@every_biased
def test_a_freer_bias_never_costs_more(solver):
    problem = PROBLEMS[1]
    values = []
    for bias_decay in (0.0, 1e-9, 1e-3, 1e-1, 1e2, 1e9, None):
        found = run(solver, problem, bias_decay=bias_decay)
        assert found.status == "optimal"
        values.append(found.value)
    assert all(before <= after * (1 + 1e-9) for before, after in itertools.pairwise(values))
    assert values[1] == pytest.approx(values[0], rel=1e-6)
    assert values[-2] == pytest.approx(values[-1], rel=1e-6)
    assert values[0] < 0.999 * values[-1]


@every_solver
@pytest.mark.parametrize("bias_decay", [None, 0.0, 0.3])
def test_zero_is_optimal_exactly_from_its_threshold_on(solver, bias_decay):
    """The threshold is dual feasibility of the constant prediction, found here without the solver."""
    if bias_decay is not None and not (solver.handles_bias and solver.smooth):
        pytest.skip("no bias, or a kink at the constant prediction, where the gradient is not unique")
    counts = (50, 20, 5)
    value, rows = best_bias(solver, counts, bias_decay)
    kappa = dual_norm(rows, counts)
    for factor in (1.0 + 1e-6, 1.5):
        above = solve_at(solver, counts, factor * kappa, bias_decay)
        assert above.status == "trivial"
        assert not np.any(above.weight)
        assert above.value == pytest.approx(value, rel=1e-12)
    for factor in (0.999, 0.9):
        below = solve_at(solver, counts, factor * kappa, bias_decay)
        assert below.status == "optimal"
        assert np.linalg.norm(below.weight) > 1e-2
        assert below.value < value


def solve_at(solver, counts, kappa, bias_decay):
    extra = {} if bias_decay is None else {"bias_decay": bias_decay}
    return run(solver, {"counts": counts, "weight_decay": kappa, "feature_decay": kappa, **extra})


@pytest.mark.parametrize("bias_decay", [0.0, 0.3])
def test_multi_margin_with_a_bias_vanishes_under_strong_decay_and_only_then(bias_decay):
    """From kappa above every slope of the loss on, (C - 1) sqrt(n_c)/(n C) summed, zero is optimal."""
    counts = (50, 20, 5)
    strong = solve(
        loss="multi-margin", counts=counts, weight_decay=1.0, feature_decay=1.0, bias_decay=bias_decay
    )
    weak = solve(
        loss="multi-margin", counts=counts, weight_decay=0.01, feature_decay=0.01, bias_decay=bias_decay
    )
    assert strong.status == "trivial"
    assert weak.status == "optimal"
    assert np.linalg.norm(weak.weight) > 0.1
    reference = solve_conic(
        loss="multi-margin", counts=counts, weight_decay=1.0, feature_decay=1.0, bias_decay=bias_decay
    )
    assert strong.value == pytest.approx(reference.value, abs=1e-7)


@every_solver
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": (5, 0, 5)}, "positive whole number"),
        ({"counts": (5, -1)}, "positive whole number"),
        ({"counts": (5.5, 2)}, "positive whole number"),
        ({"counts": (5, math.nan)}, "positive whole number"),
        ({"counts": (5,)}, "two classes"),
        ({"weight_decay": 0.0}, "no minimiser exists"),
        ({"weight_decay": -1e-3}, "no minimiser exists"),
        ({"feature_decay": 0.0}, "no minimiser exists"),
        ({"feature_decay": math.nan}, "finite"),
        ({"bias_decay": -1.0}, "bias_decay"),
        ({"bias_decay": math.nan}, "bias_decay"),
        ({"bias_decay": math.inf}, "bias_decay"),
        ({"feature_dim": 0}, "feature_dim"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"tolerance": -1.0}, "tolerance"),
    ],
)
def test_bad_input_is_refused_with_the_reason(solver, change, message):
    with pytest.raises(InputError, match=message):
        run(solver, {"counts": (5, 4, 3), "weight_decay": 1e-2, "feature_decay": 1e-2}, **change)


@every_solver
def test_a_dimension_below_the_certificate_is_uncertified_and_the_one_needed_is_named(solver):
    problem = {"counts": (40, 30, 20, 10), "weight_decay": 2e-3, "feature_decay": 2e-3}
    for extra in ({}, {"bias_decay": 0.0}) if solver.handles_bias else ({},):
        low = run(solver, problem, feature_dim=1, **extra)
        needed = low.details["certified_dimension"]
        assert 2 <= needed <= 4
        full = run(solver, problem, feature_dim=needed, **extra)
        assert full.status == "optimal"
        assert full.value < low.value
        if low.certificate.startswith("closed form"):  # proved for this dimension itself
            assert low.status == "optimal"
        else:
            assert low.status == "uncertified"
            assert 0.0 < low.gap < np.inf


@every_biased
@every_bias
def test_a_starved_budget_with_a_bias_is_not_converged(solver, bias_decay):
    starved = run(solver, PROBLEMS[1], bias_decay=bias_decay, max_iterations=1)
    fed = run(solver, PROBLEMS[1], bias_decay=bias_decay)
    assert fed.status == "optimal"
    assert starved.status == ("optimal" if fed.iterations == 0 else "not-converged")
    assert starved.objective - starved.gap <= fed.value * (1 + 1e-12)
    assert fed.value - fed.gap <= starved.objective * (1 + 1e-12)
    if fed.iterations:
        with pytest.raises(NotConverged):
            _ = starved.value


@every_solver
@pytest.mark.parametrize("broken", ["weight", "class_means", "lower_bound", "bias"])
def test_nan_is_never_certified(solver, broken, monkeypatch):
    if broken == "bias" and not solver.handles_bias:
        pytest.skip("no bias")
    extra = {"bias_decay": 0.0} if broken == "bias" else {}

    def work(problem):
        found = solver.solve(problem)
        return replace(found, **{broken: np.nan * np.asarray(getattr(found, broken))})

    monkeypatch.setattr(solvers, "all_solvers", lambda: [replace(solver, solve=work)])
    found = run(solver, PROBLEMS[2], **extra)
    assert found.status in ("not-converged", "uncertified")
    assert not found.certified


def test_a_bias_is_refused_where_no_solver_takes_one(monkeypatch):
    plain = [replace(solvers.choose("cross-entropy"), handles_bias=False)]
    monkeypatch.setattr(solvers, "all_solvers", lambda: plain)
    with pytest.raises(InputError, match="take no bias"):
        solve(**PROBLEMS[2], bias_decay=0.0)
    with pytest.raises(InputError, match="takes no bias"):
        solve(**PROBLEMS[2], bias_decay=0.0, solver=plain[0].name)
