# SPDX-License-Identifier: MIT
"""Boundaries, bound indices and constants: attacks on the kernel and the checker that must be refused.

As in test_kernel_soundness.py, every function of ``ATTACKS`` is a complete proof of something false or
ill-formed.
"""

import pytest
from sympy import I, Integer, Pow, Rational, oo

from theory.checker import establishes
from theory.expressions import Exists, Expansion, Mean, eq, index, le, lt
from theory.kernel import KernelError, apply
from theory.normal_form import OutsideLanguage, normal, sign
from theory.proving import assume, combine, instantiate, visible
from theory.statement import Statement, Witness
from theory.symbols import atom, c, d, nonnegative, positive, real
from theory.witness import attains, refutes

e, p, K = positive("e", "e", ">0"), positive("p", "p", ">0"), positive("K", "K", "a constant")
v, y, x, s = nonnegative("v", "v", ">=0"), real("y", "y", "any"), real("x", "x", "any"), real("s", "s", "any")
f, g = atom("att_f", "f", "an atom"), atom("att_g", "g", "an atom")
c2 = index("c2")

ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


# ---- limits: SymPy takes 0 times an average of 1/0 for 0


@attack
def zero_is_one_by_a_limit():
    one = combine(eq(e * Mean((g(c) + 1) / e, c) - Mean(g(c), c), 1))
    return instantiate(apply("limit", one, symbol=e), functions={g: ((c,), Integer(0))})


@attack
def an_average_lost_in_a_limit():
    return apply("limit", combine(eq(e * Mean(g(c) / e, c), Mean(g(c), c))), symbol=e)


@attack
def a_logarithm_at_zero():
    from sympy import log

    zero = combine(eq(e * Mean(log(e * p) * g(c), c) - e * Mean((log(e) + log(p)) * g(c), c), 0))
    return apply("limit", zero, symbol=e)


# ---- 0^p is 0, and not exp(p log 0)


@attack
def zero_below_zero():
    return instantiate(visible(lt(0, (v**p + 1) ** 2 - 1)), {v: Integer(0)})


@attack
def the_logarithm_of_a_power_of_zero():
    from sympy import log

    return combine(eq(log(v**p), p * log(v)))


# ---- constants that exist in each case need not be the same


@attack
def a_constant_for_each_case():
    h, low, high = eq((x - 1) * (x - 2), 0), le(x, Rational(3, 2)), le(Rational(3, 2), x)
    one, two = assume(h), assume(h)
    above = combine(le(0, x - 1), {one: 1}, slack=(x - 1) ** 2)
    below = combine(le(0, 2 - x), {two: 1}, slack=(x - 2) ** 2)
    half = Rational(1, 2)
    left = combine(le((x - 1) ** 2 / 2, 0), {assume(low): x - 1, one: -half}, facts=[above])
    right = combine(le((x - 2) ** 2 / 2, 0), {assume(high): 2 - x, two: -half}, facts=[below])
    claim = Exists((K,), le((x - K) ** 2 / 2, 0))
    first = apply("constants", left, claim=claim, values={K: Integer(1)})
    second = apply("constants", right, claim=claim, values={K: Integer(2)})
    return apply("cases", first, second, split=low)


# ---- a fact about one class says nothing of the others


@attack
def a_denominator_of_every_class():
    fact = assume(lt(0, f(c)))
    return combine(eq(Mean((f(c) - 1) / f(c), c), 1 - Mean(1 / f(c), c)), facts=[fact])


@attack
def an_expansion_that_is_not_defined():
    claim = Expansion(s, s + s**3 / (x - y), (Integer(1), Integer(0)))
    return apply("taylor", claim=claim, parameter=s, x=s + s**3 / (x - y), y=s)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name):
    """Through ``theory.kernel.apply``, with legal Python and no tampering."""
    with pytest.raises(KernelError):
        ATTACKS[name]()


def test_a_fact_about_every_class_serves_in_an_average():
    fact = assume(lt(0, f(c), c))
    proved = combine(eq(Mean((f(c) - 1) / f(c), c), 1 - Mean(1 / f(c), c)), facts=[fact])
    assert proved.hypotheses == {lt(0, f(c), c)}


def test_a_variable_power_of_zero_has_no_normal_form():
    for base in (v, x**2):
        with pytest.raises(OutsideLanguage):
            normal(base**p)
        assert sign(base**p) == "0+"
    assert sign((v + 1) ** p) == "+"


# ---- what establishes a statement


def test_a_statement_about_the_diagonal_is_less():
    """f(c, c) >= 0 for all c does not give f(c, c2) >= 0 for all c."""
    proved = assume(le(0, f(c, c2), c))
    assert not establishes(proved, Statement(le(0, f(c, c2)), (le(0, f(c2, c2), c2),)))
    assert establishes(proved, Statement(le(0, f(c, c2)), (le(0, f(c, c2), c),)))
    c3 = index("c3")
    assert establishes(proved, Statement(le(0, f(c, c2)), (le(0, f(c3, c2), c3),)))


# ---- witnesses


@pytest.mark.parametrize("value", [I, oo, Pow(-1, Rational(1, 3), evaluate=False)])
def test_a_value_that_is_not_real_is_no_witness(value):
    statement = Statement(le(0, y**2 + Mean(g(c) ** 2, c)))
    zero, given = (lambda _: 0), (lambda _: value)
    for functions, values in (({g: zero}, {y: value}), ({g: given}, {y: Integer(0)})):
        witness = Witness(2, 1, 1, functions, values)
        for question in (refutes, attains):
            with pytest.raises(ValueError, match="not a real number"):
                question(witness, statement)


def test_no_coordinates_or_samples_refute_nothing():
    for samples, dimension in ((1, 0), (0, 1)):
        assert not refutes(Witness(2, samples, dimension), Statement(lt(d, 1)))
        assert not attains(Witness(2, samples, dimension), Statement(le(d, d)))
    assert refutes(Witness(2, 1, 1), Statement(lt(d, 1)))
