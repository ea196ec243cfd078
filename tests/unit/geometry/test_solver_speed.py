# SPDX-License-Identifier: MIT
"""The speed benchmark: every method solves the same problem, and failures are reported as what they are."""

import importlib

import numpy as np
import pytest

speed = importlib.import_module("benchmarks.solver_speed")


@pytest.fixture(scope="module")
def problem():
    return speed._problem("tail, C = 4", np.array([500, 107, 23, 5]), 0.3)


@pytest.mark.parametrize("method", ["simulations.solve", "CVXPY + SCS", "CVXPY + Clarabel", "torch L-BFGS"])
def test_every_method_finds_the_same_optimum(problem, method):
    value, word, claims, _ = speed.methods(problem, 20.0)[method]()
    assert claims or "no status" in word
    assert problem.error(value) <= speed.TOLERANCE


def test_starved_methods_fail_and_say_so():
    starved = speed._problem("starved", np.array([500, 107, 23, 5]), 0.3, starved=True)
    for method, call in speed.methods(starved, 5.0).items():
        value, _, claims, _ = call()
        verdict = speed._verdict(starved.error(value), claims)
        assert starved.error(value) > 10 * speed.TOLERANCE, method
        if not method.startswith("torch"):  # a training loop has nothing to say
            assert verdict == "failed and said so", method


def test_a_false_claim_of_success_is_called_wrong():
    assert speed._verdict(1.0, True) == "WRONG and did not say so"
    assert speed._verdict(1.0, None).startswith("wrong")
    assert speed._verdict(0.0, True) == "right"


def test_a_value_off_the_interval_is_an_error_on_both_sides(problem):
    assert problem.error(problem.high) == 0.0
    assert problem.error(2.0 * problem.high) > 0.1
    assert problem.error(0.5 * problem.low) > 0.1
    assert problem.error(float("nan")) == float("inf")
