# SPDX-License-Identifier: MIT
"""The zero test of rational expressions, against SymPy's own and against evaluation at exact points."""

import random

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Dummy, Integer, Rational, exp, symbols

from theory.rational import NotRational, numerator

a, b, c = symbols("a b c")
leaves = st.sampled_from([a, b, c, Integer(1), Integer(-2), Rational(3, 5)])


def grow(children):
    return st.one_of(
        st.tuples(children, children).map(lambda p: sympy.Add(*p, evaluate=False)),
        st.tuples(children, children).map(lambda p: sympy.Mul(*p, evaluate=False)),
        st.tuples(children, st.sampled_from([-2, -1, 0, 2, 3])).map(lambda p: sympy.Pow(*p, evaluate=False)),
    )


expressions = st.recursive(leaves, grow, max_leaves=9)


@given(expressions)
def test_the_numerator_vanishes_exactly_where_the_expression_does(expr):
    try:
        found = numerator(expr)
    except ZeroDivisionError:
        return
    draw = random.Random(1)
    for _ in range(4):
        at = {s: Rational(draw.randint(1, 99), draw.randint(1, 99)) for s in (a, b, c)}
        value = sympy.sympify(expr).xreplace(at).doit()
        if value.is_finite:
            assert (found.as_expr().xreplace(at) == 0) == (sympy.nsimplify(value) == 0)


@given(expressions, expressions)
def test_identities_are_found_and_near_identities_are_not(one, other):
    square = (one + other) ** 2 - one**2 - 2 * one * other - other**2
    try:
        assert numerator(square) == 0
        assert numerator(square + a / 10**9) != 0
    except ZeroDivisionError:
        pass


def test_a_fraction_over_a_common_denominator():
    assert numerator(1 / (a - b) - 1 / (a + b) - 2 * b / (a**2 - b**2)) == 0
    assert numerator(1 / (2 * a - 2 * b) + 1 / (b - a) / 2) == 0
    assert numerator(1 / (a - b) + 1 / (a + b) - 2 * b / (a**2 - b**2)) != 0


def test_symbols_of_one_name_are_different():
    one, other = Dummy("g"), Dummy("g")
    assert numerator(one - other) != 0
    assert numerator(one / other - one * other**-1) == 0


def test_a_denominator_that_vanishes_identically_is_an_error():
    with pytest.raises(ZeroDivisionError):
        numerator(1 / ((a + b) ** 2 - a**2 - 2 * a * b - b**2))


@pytest.mark.parametrize("expr", [exp(a), a**b, a ** Rational(1, 2), sympy.pi * a])
def test_what_is_not_rational_is_refused(expr):
    with pytest.raises(NotRational):
        numerator(expr)
