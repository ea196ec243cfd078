# SPDX-License-Identifier: MIT
"""Features for a fixed classifier: against CVXPY, autograd, closed forms; the gap is a true bound."""

import numpy as np
import pytest

import theory
from simulations.geometry.closed_forms import simplex_etf
from simulations.geometry.models._fixed_newton import ClassProblem
from simulations.geometry.models.fixed_classifier import solve

GENERATOR = np.random.default_rng(11)
CLASSIFIERS = {
    "square": GENERATOR.normal(size=(4, 4)),
    "wide": GENERATOR.normal(size=(3, 6)),
    "in few dimensions": GENERATOR.normal(size=(6, 2)),
    "two equal rows": np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.5]]),
}


def reference(weight, counts, *, feature_norm=None, feature_decay=None):
    """The same convex problem in CVXPY."""
    import cvxpy

    counts = np.asarray(counts, dtype=float)
    H = cvxpy.Variable(weight.shape)
    share = counts / counts.sum()
    loss = sum(s * (cvxpy.log_sum_exp(weight @ H[c]) - weight[c] @ H[c]) for c, s in enumerate(share))
    constraints = (
        [] if feature_norm is None else [cvxpy.norm(H[c]) <= feature_norm for c in range(len(counts))]
    )
    if feature_decay is not None:
        loss += 0.5 * feature_decay * sum(n * cvxpy.sum_squares(H[c]) for c, n in enumerate(counts))
    problem = cvxpy.Problem(cvxpy.Minimize(loss), constraints)
    problem.solve(solver="CLARABEL")
    return float(problem.value)


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("budget", [{"feature_norm": 0.7}, {"feature_norm": 6.0}, {"feature_decay": 0.02}])
def test_value_agrees_with_cvxpy(name, budget):
    weight = CLASSIFIERS[name]
    counts = tuple(range(2, 2 + len(weight)))
    found = solve(counts=counts, classifier=weight, **budget)
    assert found.status == "optimal"
    assert found.value == pytest.approx(reference(weight, counts, **budget), abs=2e-7)
    assert (found.details["class_gaps"] > -1e-13).all()


def test_the_norm_budget_is_met_and_used_only_where_it_helps():
    """In two dimensions a row inside the hull of the others is best served by a short feature."""
    weight = np.array([[2.0, 0.0], [-1.0, 1.8], [-1.0, -1.8], [0.1, 0.05]])
    found = solve(counts=(1, 1, 1, 1), classifier=weight, feature_norm=5.0)
    assert found.status == "optimal"
    norms = np.linalg.norm(found.class_means, axis=1)
    assert norms[:3] == pytest.approx(5.0)
    assert norms[3] < 1.0
    assert np.abs(found.details["class_gaps"]).max() < 1e-12


def test_stationarity_by_autograd():
    torch = pytest.importorskip("torch")
    weight, counts, decay = CLASSIFIERS["square"], np.array([4, 3, 2, 1]), 0.01
    found = solve(counts=counts, classifier=weight, feature_decay=decay)
    H = torch.tensor(found.class_means, requires_grad=True)
    each = torch.nn.functional.cross_entropy(H @ torch.tensor(weight).T, torch.arange(4), reduction="none")
    n = torch.tensor(counts, dtype=torch.float64)
    value = (n / n.sum() * each).sum() + 0.5 * decay * (n * H.square().sum(dim=1)).sum()
    value.backward()
    assert found.value == pytest.approx(value.item(), rel=1e-12)
    assert H.grad.abs().max() < 1e-10


def test_the_gap_is_a_bound_wherever_the_point_is():
    """At random points the certified interval holds the optimum, for both kinds of budget."""
    away = GENERATOR.normal(size=(4, 3))
    problem = ClassProblem(away, 10_000)
    for rho in (0.3, 2.0):
        best = problem.value(problem.in_ball(rho))
        for _ in range(50):
            h = GENERATOR.normal(size=3)
            h *= rho * GENERATOR.uniform() / np.linalg.norm(h)
            assert problem.value(h) - problem.gap_ball(h, rho) <= best + 1e-12
            assert problem.value(h) >= best - 1e-12
    for mu in (0.01, 1.0):
        h = problem.decayed(mu, np.zeros(3))
        best = problem.value(h) + 0.5 * mu * h @ h
        for _ in range(50):
            h = GENERATOR.normal(size=3)
            assert problem.value(h) + 0.5 * mu * h @ h - problem.gap_decayed(h, mu) <= best + 1e-12


@pytest.mark.parametrize("feature_norm", [0.5, 4.0, 60.0])
def test_the_simplex_serves_classes_of_every_size_alike(feature_norm):
    """Closed form, the registered theorem, and the general solver on a turned copy agree."""
    C = 5
    turn = np.linalg.qr(GENERATOR.normal(size=(C, C)))[0]
    weight = 1.3 * simplex_etf(C, C) @ turn
    found = solve(counts=(100, 50, 7, 2, 1), classifier=weight, feature_norm=feature_norm)
    bound = theory.get("yang-2022-fixed-simplex").evaluate(
        C=C, radius=feature_norm, weight_frobenius=1.3 * np.sqrt(C)
    )
    assert found.status == "optimal"
    assert found.closed_form is not None
    assert found.value == pytest.approx(float(bound), rel=1e-12)
    assert np.ptp(found.details["class_values"]) <= 1e-12 * found.value
    away = np.delete(weight, 2, axis=0) - weight[2]
    general = ClassProblem(away, 10_000)
    assert general.value(general.in_ball(feature_norm)) == pytest.approx(found.value, rel=1e-9)


def test_with_decay_the_closed_form_meets_newton():
    weight = 0.8 * simplex_etf(6)
    found = solve(counts=(3,) * 6, classifier=weight, feature_decay=1e-3)
    general = ClassProblem(np.delete(weight, 0, axis=0) - weight[0], 10_000)
    h = general.decayed(18e-3, np.zeros(5))
    assert found.status == "optimal"
    assert found.class_means[0] == pytest.approx(h, abs=1e-9)


def test_class_sizes_move_no_feature_at_fixed_total_decay():
    weight = CLASSIFIERS["square"]
    one = solve(counts=(5, 5, 5, 5), classifier=weight, feature_decay=1e-2)
    two = solve(counts=(17, 1, 1, 1), classifier=weight, feature_decay=1e-2)
    assert one.class_means == pytest.approx(two.class_means, abs=1e-9)
    assert one.value != pytest.approx(two.value, rel=1e-3)


@pytest.mark.parametrize("decay", [None, 0.05])
def test_dot_regression_is_a_minimum(decay):
    weight, rho, n = np.array([[3.0, 4.0], [-5.0, 0.0]]), 2.0, 4
    found = solve(
        counts=(3, 1), classifier=weight, feature_norm=rho, feature_decay=decay, loss="dot-regression"
    )
    assert found.status == "optimal"
    r = 5.0

    def one(h, row):
        return (row @ h - r * rho) ** 2 / (2 * r * rho) + 0.5 * n * (decay or 0.0) * h @ h

    for c, row in enumerate(weight):
        best = one(found.class_means[c], row)
        assert best == pytest.approx(found.details["class_values"][c], abs=1e-13)
        for _ in range(30):
            assert one(found.class_means[c] + 0.1 * GENERATOR.normal(size=2), row) >= best
    if decay is None:
        assert found.value == 0.0
