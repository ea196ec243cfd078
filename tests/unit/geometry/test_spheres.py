# SPDX-License-Identifier: MIT
"""Normalised features and classifiers: against CVXPY, theorems and random points."""

import numpy as np
import pytest

import theory
from simulations.geometry.models._sphere_bounds import code_bound, dual_bound, rank_bound
from simulations.geometry.models._sphere_search import on_unit_rows
from simulations.geometry.models.spheres import _loss, _value_and_gradient, solve

GENERATOR = np.random.default_rng(5)


def unit(shape):
    rows = GENERATOR.normal(size=shape)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def relaxation(counts, tau):
    """The least loss over Gram matrices of 2C unit vectors in any dimension, in CVXPY."""
    import cvxpy

    C, share = len(counts), np.asarray(counts) / np.sum(counts)
    gram = cvxpy.Variable((2 * C, 2 * C), PSD=True)
    Z = tau * gram[C:, :C]
    loss = sum(s * (cvxpy.log_sum_exp(Z[c]) - Z[c, c]) for c, s in enumerate(share))
    problem = cvxpy.Problem(cvxpy.Minimize(loss), [cvxpy.diag(gram) == 1.0])
    problem.solve(solver="SCS", eps=1e-7)
    return float(problem.value)


@pytest.mark.parametrize(
    ("counts", "tau"), [((5, 3, 1), 2.0), ((20, 1, 1, 1), 3.0), ((8, 8, 2, 2), 1.0), ((3, 3, 3), 4.0)]
)
def test_unequal_classes_are_solved_to_the_relaxation(counts, tau):
    found = solve(counts=counts, inverse_temperature=tau)
    assert found.status == "optimal"
    assert found.value == pytest.approx(relaxation(counts, tau), abs=1e-5)
    least = solve(counts=counts, inverse_temperature=tau, feature_dim=len(counts) - 1)
    assert least.status == "optimal"
    assert least.value == pytest.approx(found.value, rel=1e-9)
    for rows in (found.weight, found.class_means):
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0)


def test_relative_gaps_stay_small_where_the_loss_is_tiny():
    found = solve(counts=(50, 10, 1), inverse_temperature=15.0)
    assert found.status == "optimal"
    assert 0.0 < found.value < 1e-8
    assert abs(found.gap) < 1e-9 * found.value


def test_equal_classes_reach_the_theorem():
    for C, tau in ((4, 0.5), (7, 6.0)):
        found = solve(counts=(2,) * C, inverse_temperature=tau, feature_dim=C)
        bound = theory.get("yaras-2022-spheres").evaluate(C=C, temperature=tau)
        assert found.status == "optimal"
        assert found.closed_form == "simplex"
        assert found.value == pytest.approx(float(bound), rel=1e-13)


def test_every_bound_holds_at_random_and_at_good_points():
    for _ in range(40):
        C, d, tau = int(GENERATOR.integers(3, 8)), int(GENERATOR.integers(1, 5)), GENERATOR.uniform(0.2, 20.0)
        share = GENERATOR.dirichlet(np.ones(C))
        weight, means = unit((C, d)), unit((C, d))
        if GENERATOR.uniform() < 0.5:
            means = weight
        loss = _loss(weight, means, share, tau)
        assert code_bound(share, d, tau) <= loss + 1e-14
        assert rank_bound(C, d, tau) <= _loss(weight, means, np.full(C, 1.0 / C), tau) + 1e-14
        other = dual_bound(unit((C, d)), unit((C, d)), share, tau)
        assert dual_bound(weight, means, share, tau) <= loss + 1e-12
        assert other <= loss + 1e-12


@pytest.mark.parametrize(("C", "d", "tau"), [(6, 2, 3.0), (9, 4, 1.5), (12, 3, 8.0)])
def test_too_few_dimensions_are_not_called_optimal_and_the_bound_is_the_theorems(C, d, tau):
    found = solve(counts=(1,) * C, inverse_temperature=tau, feature_dim=d)
    assert found.status == "uncertified"
    assert 0.0 < found.gap < found.value
    T = C * tau / (C - 1)
    assert found.details["lower_bounds"]["rank"] > np.log1p((C - 1) * np.exp(-T))
    theorem = theory.get("low-dimension-loss").evaluate(C=C, dimension=d, alpha=1.0, beta=tau, bias_norm=0.0)
    assert found.details["lower_bounds"]["rank"] == pytest.approx(float(theorem), rel=1e-12)
    assert found.value > float(theorem)


def test_cold_spheres_tend_to_the_margin_of_the_softmax_code():
    """-log(loss)/tau tends to the largest margin, and the code bound has the same rate."""
    from simulations.geometry.models.softmax_code import solve as code

    margin = code(num_classes=6, feature_dim=3).value
    found = solve(counts=(1,) * 6, inverse_temperature=60.0, feature_dim=3)
    assert found.status == "uncertified"
    assert -np.log(found.value) / 60.0 == pytest.approx(margin, abs=0.03)
    assert found.details["lower_bounds"]["codes"] == pytest.approx(np.exp(-60.0) * 2 / 6, rel=0.5)


def test_on_a_line_no_arrangement_of_poles_is_better():
    counts, tau = np.array([6, 3, 2, 1]), 0.7
    found = solve(counts=counts, inverse_temperature=tau, feature_dim=1)
    assert found.status == "optimal"
    values = []
    for code in range(2**8):
        signs = np.array([1.0 if code >> k & 1 else -1.0 for k in range(8)])
        values.append(_loss(signs[:4, None], signs[4:, None], counts / counts.sum(), tau))
    assert found.value == pytest.approx(min(values), rel=1e-13)


def test_the_gradient_is_that_of_finite_differences():
    C, d, share = 4, 3, np.array([0.4, 0.3, 0.2, 0.1])
    function = on_unit_rows(lambda rows: _value_and_gradient(rows, C, share, 2.5), d)
    point = GENERATOR.normal(size=2 * C * d)
    gradient = function(point)[1]
    for k in range(len(point)):
        step = np.zeros(len(point))
        step[k] = 1e-6
        slope = (function(point + step)[0] - function(point - step)[0]) / 2e-6
        assert gradient[k] == pytest.approx(slope, abs=1e-8)


def test_thirty_classes_are_certified_with_products_of_the_hessian():
    found = solve(counts=(500,) * 15 + (50,) * 15, inverse_temperature=10.0)
    assert found.status == "optimal"
    assert abs(found.gap) < 1e-9 * found.value
