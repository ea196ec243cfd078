# SPDX-License-Identifier: MIT
"""Proved intervals: exact optima lie inside them, whatever dual or point they are made from."""

import math
from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from simulations import losses
from simulations.geometry import solve, solve_conic
from simulations.geometry.duals import row_values
from simulations.geometry.rigorous import certify_solution, rigorous_lower_bound, rigorous_upper_bound

# Focal loss is not convex, and no solver handles it.
CONVEX = [name for name in losses.names() if name != "focal"]
C, N = 4, 9  # classes and samples a class; kappa is rational, sqrt(N) too
KAPPA = Fraction(1, 40)  # C kappa sqrt(N) = 0.3
DECAYS = {"weight_decay": KAPPA * 4, "feature_decay": KAPPA / 4}
SMOOTHING = Fraction(1, 8)


def frac(number):
    """A 60-digit number as an exact fraction."""
    return Fraction(str(number))


def smoothed_optimum(smoothing):
    """Balanced cross-entropy with smoothing, 60 digits, and its rows (Zhou et al. 2022, 2210.02192)."""
    with mpmath.workdps(60):
        wrong = mpmath.mpf(smoothing.numerator) / smoothing.denominator / C + mpmath.mpf(3) / 40
        lead = mpmath.log(1 / wrong - (C - 1))
        value = mpmath.log1p((C - 1) * mpmath.exp(-lead)) + wrong * (C - 1) * lead
        return frac(value), float(KAPPA * 3) * (np.ones((C, C)) - C * np.eye(C))


def squared_error_optimum(bias_decay):
    """Exact (closed forms in the tests of the conic reference); the bias takes the mean direction."""
    c = C * KAPPA * 3
    each = (c - c**2 / 2) / C
    mean = np.ones((C, C)) / C
    rows = -float(c) * (np.eye(C) - mean)
    if bias_decay is None:
        return C * each, -float(c) * np.eye(C)
    if bias_decay == 0:
        return (C - 1) * each, rows
    assert bias_decay * (1 - c) <= c
    share = bias_decay / (1 + bias_decay)
    return (C - 1) * each + share / (2 * C), rows - float(share) * mean


def problems():
    """(loss, bias_decay, exact optimum, optimal rows); for all but squared error the best bias is zero."""
    smooth = losses.get("label-smoothing", smoothing=float(SMOOTHING))
    for bias_decay in (None, Fraction(0), Fraction(3, 10)):
        yield "cross-entropy", bias_decay, *smoothed_optimum(Fraction(0))
        yield smooth, bias_decay, *smoothed_optimum(SMOOTHING)
        yield "squared-error", bias_decay, *squared_error_optimum(bias_decay)
        hinge = float(KAPPA * 3) * (np.ones((C, C)) - C * np.eye(C))  # margins of one
        yield "multi-margin", bias_decay, (C - 1) * KAPPA * 3, hinge


every_problem = pytest.mark.parametrize(
    ("loss", "bias_decay", "optimum", "rows"),
    list(problems()),
)


def lower(loss, rows, bias_decay, **changes):
    return rigorous_lower_bound(
        **{"loss": loss, "counts": (N,) * C, "dual": rows, "bias_decay": bias_decay, **DECAYS, **changes}
    )


@every_problem
def test_the_bound_is_below_the_exact_optimum_and_within_rounding_of_it(loss, bias_decay, optimum, rows):
    bound = lower(loss, rows, bias_decay)
    assert Fraction(bound.value) <= bound.exact <= optimum
    assert optimum - bound.exact <= Fraction(1, 10**13)


@every_problem
def test_garbage_still_gives_a_true_bound(loss, bias_decay, optimum, rows):
    rng = np.random.default_rng(3)
    for garbage in (
        rng.normal(size=(C, C)),
        1e8 * rng.normal(size=(C, C)),
        rng.standard_cauchy(size=(C, C)),
        np.full((C, C), -1.0),
        5e-324 * np.ones((C, C)),
        -rows,
        np.diag([1e100, -1e-100, 0.0, 1.0]),
    ):
        assert lower(loss, garbage, bias_decay).exact <= optimum


@every_problem
def test_slightly_infeasible_duals_are_shrunk_before_they_are_believed(loss, bias_decay, optimum, rows):
    """Every way to be infeasible: too large a norm, rows that leave the domain, a sum that is not zero."""
    rng = np.random.default_rng(4)
    for size in (1e-16, 1e-13, 1e-9, 1e-5):
        spoiled = [rows * (1 + size), rows + size, rows + size * np.eye(C), rows + size * rows[:, ::-1]]
        spoiled += [rows + size * rng.normal(size=(C, C)) for _ in range(5)]
        for dual in spoiled:
            bound = lower(loss, dual, bias_decay)
            assert bound.exact <= optimum
            assert optimum - bound.exact <= Fraction(20 * size + 1e-13)


@every_problem
def test_without_shrinking_the_same_duals_would_prove_something_false(loss, bias_decay, optimum, rows):
    """The attack has teeth: the dual's value at rows that are 1e-5 too long exceeds the optimum."""
    long = rows * (1 + 1e-5)
    value = row_values(loss, long).mean()
    if bias_decay:
        value -= 0.5 * np.sum(long.mean(axis=0) ** 2) / float(bias_decay)
    assert value > float(optimum) + 1e-8 or (loss == "squared-error" and bias_decay)


@pytest.mark.parametrize("counts", [(25, 9, 4, 1), (400, 1, 1, 1)])
def test_imbalanced_squared_error_exactly(counts):
    """Orthogonal frame of unequal lengths: sqrt(n_c) shrinks by n kappa (Dang et al. 2023, 2301.00437)."""
    total, kappa = sum(counts), Fraction(3, 2 * sum(counts))
    kept = [max(1 - total * kappa / math.isqrt(count), Fraction(0)) for count in counts]
    optimum = sum(
        Fraction(count, total) * (1 - part) ** 2 / 2 + kappa * math.isqrt(count) * part
        for count, part in zip(counts, kept, strict=True)
    )
    rows = np.diag([float(part) - 1.0 for part in kept])
    shared = {"loss": "squared-error", "counts": counts, "weight_decay": kappa, "feature_decay": kappa}
    bound = rigorous_lower_bound(dual=rows, **shared)
    assert optimum - Fraction(1, 10**13) <= bound.exact <= optimum
    factor = np.diag(np.sqrt([float(part) for part in kept]))
    root = np.array(counts, dtype=float)[:, None] ** 0.25
    upper = rigorous_upper_bound(weight=factor * root, class_means=factor / root, **shared)
    assert optimum <= upper.exact <= optimum + Fraction(1, 10**13)
    assert Fraction(upper.value) >= upper.exact


@pytest.mark.parametrize("loss", CONVEX)
@pytest.mark.parametrize("bias_decay", [None, 0.0, 0.02])
def test_conic_solutions_are_certified_for_every_loss(loss, bias_decay):
    problem = {"counts": (60, 20, 7, 2), "weight_decay": 1e-2, "feature_decay": 1e-3}
    found = solve_conic(**problem, loss=loss, bias_decay=bias_decay)
    proved = certify_solution(found, **problem, loss=loss, bias_decay=bias_decay)
    assert found.status == "optimal"
    assert found.lower_bound - 1e-12 <= proved.low <= found.lower_bound + found.gap
    assert found.objective == pytest.approx(proved.high, abs=1e-12)
    assert proved.exact_low <= proved.exact_high
    assert 0 <= proved.width <= 1e-6
    # A starved run of another algorithm: wide, but the two intervals must share the minimum.
    starved = solve_conic(**problem, loss=loss, bias_decay=bias_decay, solver="SCS", max_iters=20)
    if np.isfinite(starved.logits).all():
        wide = certify_solution(starved, **problem, loss=loss, bias_decay=bias_decay)
        assert wide.exact_low <= proved.exact_high
        assert proved.exact_low <= wide.exact_high


@pytest.mark.parametrize("loss", CONVEX)
@pytest.mark.parametrize("bias_decay", [None, 0.0, 0.02])
def test_our_solvers_are_certified_for_every_loss(loss, bias_decay):
    problem = {"counts": (500,) * 3 + (20,) * 2, "weight_decay": 5e-3, "feature_decay": 1e-4}
    found = solve(**problem, loss=loss, bias_decay=bias_decay)
    assert found.status == "optimal"
    proved = certify_solution(found, **problem, loss=loss, bias_decay=bias_decay)
    assert found.value == pytest.approx(proved.high, abs=1e-14)
    assert 0 <= proved.width <= 1e-10
    bare = certify_solution(replace(found, details={}), **problem, loss=loss, bias_decay=bias_decay)
    assert 0 <= bare.width <= 1e-8  # without its dual, which for multi-margin is no gradient
    other = certify_solution(
        solve_conic(**problem, loss=loss, bias_decay=bias_decay), **problem, loss=loss, bias_decay=bias_decay
    )
    assert max(proved.exact_low, other.exact_low) <= min(proved.exact_high, other.exact_high)


def test_our_solver_is_certified_and_a_doctored_solution_is_not():
    problem = {"counts": (500, 500, 50, 20), "weight_decay": 5e-3, "feature_decay": 1e-5}
    found = solve(**problem)
    proved = certify_solution(found, loss="cross-entropy", **problem)
    assert found.value in proved or abs(found.value - proved.high) < 1e-15
    assert proved.width <= 1e-10
    doctored = replace(found, objective=0.5 * found.objective, gap=0.0, weight=2 * found.weight)
    assert certify_solution(doctored, loss="cross-entropy", **problem).high > found.value + 0.01


def test_the_upper_end_is_the_objective_in_exact_numbers():
    """Squared error at a point of fractions: the objective by hand."""
    weight, means, bias = [[1.0, 0.5], [0.0, -1.0]], [[0.5, 0.0], [0.25, -1.0]], [0.5, -0.25]
    shared = {"loss": "squared-error", "counts": (3, 1), "weight_decay": 0.5, "feature_decay": 1.0}
    # Logits (1, -1/4) of class 0 and (1/4, 3/4) of class 1.
    fit = (3 * Fraction(1, 16) + Fraction(1, 16) + Fraction(1, 16)) / 2 / 4
    decay = Fraction(1, 4) * Fraction(9, 4) + Fraction(1, 2) * (3 * Fraction(1, 4) + Fraction(17, 16))
    value = fit + decay + Fraction(3, 2) * (Fraction(1, 4) + Fraction(1, 16))
    found = rigorous_upper_bound(weight=weight, class_means=means, bias=bias, bias_decay=3, **shared)
    assert value <= found.exact <= value + Fraction(1, 10**30)


def test_hundreds_of_classes_of_different_sizes_have_a_bound_below_any_configuration():
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 200, size=150)
    logits = 6 * np.eye(150) + 0.1 * rng.normal(size=(150, 150))
    loss, shares = losses.get("cross-entropy"), counts / counts.sum()
    values = loss.value(logits=logits, labels=np.arange(150))
    rows = loss.gradient(logits=logits, labels=np.arange(150))
    bound = lower("cross-entropy", rows, 0.0, counts=counts)
    # These logits are had with unit vectors for class means, whose price is that of the samples.
    price = DECAYS["weight_decay"] / 2 * np.sum(logits**2) + DECAYS["feature_decay"] / 2 * counts.sum()
    assert 0 < bound.value <= shares @ values + price
