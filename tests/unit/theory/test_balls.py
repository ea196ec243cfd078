# SPDX-License-Identifier: MIT
"""Ball arithmetic: enclosures contain the truth, comparisons answer only when proved, floats are refused."""

from fractions import Fraction

import flint
import mpmath
import pytest
import sympy
from sympy import E, Max, Min, Rational, Symbol, exp, log, pi, sqrt

from theory.certificates import Undefined, UnsupportedExpression, decide, evaluate
from theory.certificates.exact_zero import is_exact_zero

x, y = Symbol("x"), Symbol("y", real=True)


@pytest.mark.parametrize(
    "expression",
    [
        (1 + x) ** Rational(4, 3) - x**2 / 7,
        exp(-x) * log(2 + x) + pi - E,
        sqrt(x) ** 3 / (1 - x) + x ** Rational(-5, 2),
        x**x + sympy.Abs(-x - 1) + Max(x, Rational(1, 2)) - Min(x, 2, 3),
        (x - 4) ** -3 + (x - 4) ** 4,
    ],
)
def test_the_ball_contains_the_value_and_is_small(expression):
    at = Fraction(5, 7)
    ball = evaluate(expression, {x: at})
    with mpmath.workdps(60):
        truth = sympy.lambdify(x, expression, "mpmath")(mpmath.mpf(5) / 7)
        lower, upper = (
            mpmath.mpf(str(end.mid().str(50, radius=False))) for end in (ball.lower(), ball.upper())
        )
        assert lower - mpmath.mpf(10) ** -45 <= truth <= upper + mpmath.mpf(10) ** -45
    assert ball.rad() < 1e-30
    assert evaluate(expression, {x: at}, precision=256).rad() < 1e-70


def test_a_ball_argument_gives_the_range():
    ball = evaluate(x**2 + 1, {x: flint.arb(2, 1)})
    assert ball.contains(2)
    assert ball.contains(10)
    assert not ball.contains(20)


@pytest.mark.parametrize("bad", [x + 0.5, sympy.sin(x), sympy.oo + 0 * x, sympy.I * x, sympy.gamma(x)])
def test_floats_and_unknown_functions_are_refused(bad):
    with pytest.raises(UnsupportedExpression, match="admitted are exact rationals"):
        evaluate(bad, {x: 1})


@pytest.mark.parametrize("value", [0.5, sympy.Float("0.5"), True, "1/2", sqrt(2), sympy.oo, sympy.nan])
def test_inexact_values_are_refused(value):
    with pytest.raises(TypeError, match="exact rational for x"):
        evaluate(x, {x: value})


def test_values_must_be_given_and_respect_the_symbols_assumptions():
    with pytest.raises(ValueError, match="symbol x has no value"):
        evaluate(x + 1)
    positive = Symbol("p", positive=True)
    with pytest.raises(ValueError, match="declared positive"):
        evaluate(sqrt(positive**2), {positive: -3})
    with pytest.raises(ValueError, match="declared an integer"):
        evaluate(Symbol("n", integer=True), {Symbol("n", integer=True): Rational(1, 2)})


@pytest.mark.parametrize("expression", [log(x), sqrt(x - 1), 1 / x, x ** Rational(-1, 2), x**pi])
def test_off_the_domain_nothing_is_returned(expression):
    with pytest.raises(Undefined):
        evaluate(expression, {x: 0})
    assert decide(expression, "<=", 5, {x: 0}) is None


def test_decide_proves_refutes_and_withholds():
    assert decide(pi, "<", Rational(22, 7)) is True
    assert decide(pi, ">=", Rational(22, 7)) is False
    assert decide(Rational(1, 3), "==", Rational(2, 6)) is True
    assert decide(x / 3, "==", Rational(1, 9), {x: Rational(1, 3)}) is None  # 1/9 is rounded: not exact
    assert decide(x / 4, "==", Rational(1, 2), {x: 2}) is True
    assert decide(exp(1), "==", Rational(27, 10)) is False
    assert decide(x, "<=", x, {x: 2}) is True
    assert decide(sqrt(2) * sqrt(3), "<=", sqrt(6) * x, {x: 1}) in (True, None)
    assert decide(log(x) + log(3), "==", log(6), {x: 2}) is None
    assert decide(x, "<", 2, {x: flint.arb(2, 1)}) is None
    with pytest.raises(ValueError, match="not one of"):
        decide(x, "!=", 2, {x: 1})


def test_decide_raises_the_precision_until_the_sign_is_certain():
    far_digit = pi - sympy.Rational(str(sympy.N(pi, 200)))
    assert decide(far_digit + sympy.Rational(1, 10**190), ">", 0) is True
    assert decide(far_digit - sympy.Rational(1, 10**190), ">", 0) is False


def test_the_square_root_trap():
    assert decide(sqrt(y**2), "==", y, {y: 2}) is True
    assert decide(sqrt(y**2), "==", y, {y: -2}) is False
    assert decide(sqrt(x**2), "==", x, {x: -2}) is False


def test_exact_zero_is_algebra_not_numerics():
    assert is_exact_zero(log(9) - 2 * log(3))
    assert is_exact_zero(log(Rational(3, 2)) + log(2) - log(3))
    assert is_exact_zero(exp(Rational(5, 2)) * exp(Rational(-5, 2)) - 1)
    assert is_exact_zero(1 / (1 + exp(-2)) - exp(2) / (1 + exp(2)))
    assert not is_exact_zero(exp(-(sympy.Integer(10) ** 6)))
    assert not is_exact_zero(pi - Rational(355, 113))
    assert not is_exact_zero(sympy.zoo - 1)
