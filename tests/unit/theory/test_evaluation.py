# SPDX-License-Identifier: MIT
"""Formulas as functions of measured values: hypotheses that raise, broadcasting, and no silent NaN."""

import numpy as np
import pytest
from sympy import Integer, log

import theory
from theory.entry import Formula, Measurable
from theory.evaluation import VALUES, Condition, HypothesisError, evaluate, phi, phi_inverse, unmet, value

ALPHA_POSITIVE = Condition("alpha > 0", Integer(0), value("alpha"), strict=True)
SMALL = Condition("L <= log C", value("L"), log(value("C")))
FORMULA = Formula(phi(value("alpha") * value("beta"), value("C")), (ALPHA_POSITIVE, SMALL))
GOOD = {"C": 4, "alpha": 2.0, "beta": 1.5, "L": 0.1}


def test_an_unknown_value_is_refused():
    with pytest.raises(KeyError):
        value("nonsense")


def test_inputs_are_those_of_the_bound_and_of_the_conditions():
    assert FORMULA.inputs == ("C", "L", "alpha", "beta")
    side = Measurable("loss", ">=", FORMULA.bound, (SMALL,))
    assert (side.quantity, side.direction, side.delta, side.inputs) == ("loss", ">=", None, FORMULA.inputs)


def test_a_scalar_gives_a_float():
    result = evaluate("mine", FORMULA, GOOD)
    assert isinstance(result, float)
    assert result == pytest.approx(np.log1p(3 * np.exp(-3.0)))


def test_arrays_are_broadcast():
    alpha = np.linspace(0.5, 3, 6)[:, None]
    C = np.array([2, 5, 10])
    result = evaluate("mine", FORMULA, GOOD | {"alpha": alpha, "C": C})
    assert result.shape == (6, 3)
    for a in range(6):
        for b in range(3):
            one = evaluate("mine", FORMULA, GOOD | {"alpha": alpha[a, 0], "C": C[b]})
            assert result[a, b] == pytest.approx(one, rel=1e-15)


def test_a_constant_bound_still_has_the_shape_of_its_inputs():
    flat = Formula(Integer(3) + 0 * value("beta"), (ALPHA_POSITIVE,))
    assert evaluate("mine", flat, {"alpha": np.ones(4)}).shape == (4,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "alpha > 0, but alpha = 0"),
        ({"alpha": -1.0}, "alpha > 0, but alpha = -1"),
        ({"L": 3.0}, "L <= log C, but C = 4, L = 3"),
        ({"C": 1}, "at least two classes"),
        ({"alpha": float("nan")}, "alpha = nan is not finite"),
        ({"beta": float("inf")}, "beta = inf is not finite"),
        ({"beta": None}, "beta (centred weight norm"),
    ],
)
def test_an_unmet_hypothesis_is_named_with_the_value(change, words):
    values = GOOD | change
    problems = unmet(FORMULA, values)
    assert any(words in text for text in problems)
    with pytest.raises(HypothesisError) as caught:
        evaluate("mine", FORMULA, values)
    assert words in str(caught.value)
    assert "mine.evaluate" in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_all_unmet_hypotheses_are_listed():
    assert len(unmet(FORMULA, GOOD | {"alpha": -1.0, "L": 9.0})) == 2
    assert unmet(FORMULA, GOOD) == []


def test_the_offending_place_in_an_array_is_shown():
    with pytest.raises(HypothesisError, match=r"\(at index \(2,\)\)"):
        evaluate("mine", FORMULA, GOOD | {"alpha": np.array([1.0, 2.0, 0.0, 1.0])})


def test_a_bound_that_is_not_a_number_is_never_returned():
    empty = Formula(phi_inverse(value("L"), value("C")) / value("beta"))
    with pytest.raises(HypothesisError):
        evaluate("mine", empty, {"C": 3, "L": 0.5, "beta": 0.0})


def test_extra_values_do_no_harm():
    assert evaluate("mine", FORMULA, GOOD | {"weight_decay": None, "delta": 7}) == evaluate(
        "mine", FORMULA, GOOD
    )


def test_values_have_words():
    assert all(text for text in VALUES.values())
    assert theory.HypothesisError is HypothesisError
