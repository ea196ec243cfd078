# SPDX-License-Identifier: MIT
"""Our solver against CVXPY's nuclear-norm form, an independent formulation and an independent algorithm."""

import pytest

from simulations.geometry import solve, solve_conic

CASES = [pytest.param((10,) * C, 5e-3, 5e-3, id=f"balanced-{C}") for C in (3, 4, 5, 6)] + [
    pytest.param((10, 5, 2), 1e-2, 1e-2, id="imbalanced-3"),
    pytest.param((500, 500, 50, 20), 5e-3, 1e-5, id="imbalanced-4"),
    pytest.param((50, 50, 5, 5, 5), 5e-3, 5e-3, id="imbalanced-5"),
    pytest.param((30, 20, 10, 5, 2, 1), 5e-3, 5e-3, id="imbalanced-6"),
]


@pytest.mark.parametrize(("counts", "weight_decay", "feature_decay"), CASES)
def test_value_and_logits_agree_with_cvxpy(counts, weight_decay, feature_decay):
    ours = solve(counts=counts, weight_decay=weight_decay, feature_decay=feature_decay)
    reference = solve_conic(counts=counts, weight_decay=weight_decay, feature_decay=feature_decay)
    assert ours.status == "optimal"
    assert reference.status == "optimal"
    assert ours.value == pytest.approx(reference.value, abs=1e-6)
    assert ours.value <= reference.value + 1e-7
    assert abs(ours.logits - reference.logits).max() < 5e-3


def test_a_reference_without_budget_does_not_claim_success():
    failed = solve_conic(counts=(10, 5, 2), weight_decay=1e-2, feature_decay=1e-2, solver="SCS", max_iters=2)
    assert failed.status != "optimal"
