# SPDX-License-Identifier: MIT
"""What cannot be proved about is refused: wrong shapes, NaN, solutions that hold nothing."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import solve, solve_conic
from simulations.geometry.rigorous import certify_solution, rigorous_lower_bound, rigorous_upper_bound


def test_a_solution_that_holds_nothing_or_other_classes_is_refused():
    problem = {"counts": (10, 5, 2), "weight_decay": 1e-2, "feature_decay": 1e-2}
    failed = solve_conic(**problem, solver="OSQP")
    with pytest.raises(InputError, match="logits with NaN"):
        certify_solution(failed, loss="cross-entropy", **problem)
    with pytest.raises(InputError, match="weight of shape"):
        certify_solution(solve(**problem), loss="cross-entropy", **{**problem, "counts": (10, 5)})


GOOD = {"loss": "cross-entropy", "counts": (3, 2), "weight_decay": 0.1, "feature_decay": 0.1}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"dual": np.zeros((2, 3))}, "shape"),
        ({"dual": np.zeros(4)}, "shape"),
        ({"dual": [[np.nan, 0], [0, 0]]}, "NaN"),
        ({"dual": [[np.inf, 0], [0, 0]]}, "NaN or infinite"),
        ({"dual": None}, "shape"),
        ({"counts": (3, -2)}, "counts"),
        ({"weight_decay": 0}, "weight_decay"),
        ({"feature_decay": float("nan")}, "feature_decay"),
        ({"bias_decay": -1}, "bias_decay"),
        ({"loss": "hinge"}, "hinge"),
    ],
)
def test_bad_input_of_the_lower_bound_is_named(change, named):
    with pytest.raises(InputError, match=named):
        rigorous_lower_bound(**{**GOOD, "dual": np.zeros((2, 2)), **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"weight": np.zeros((3, 2))}, "weight"),
        ({"weight": np.zeros((2, 3))}, "one shape"),
        ({"class_means": np.full((2, 2), np.nan)}, "class_means with NaN"),
        ({"bias": np.zeros(2)}, "bias_decay"),
        ({"bias": np.zeros(3), "bias_decay": 1.0}, "bias of shape"),
    ],
)
def test_bad_input_of_the_upper_bound_is_named(change, named):
    good = {"weight": np.zeros((2, 2)), "class_means": np.zeros((2, 2))}
    with pytest.raises(InputError, match=named):
        rigorous_upper_bound(**{**GOOD, **good, **change})
