# SPDX-License-Identifier: MIT
"""False statements that a kernel without the right side condition would prove; each attack must be refused.

Every function below is a complete proof of something false, or of something ill-formed from which a false
statement follows.  Each worked once, or is a neighbour of one that did.
"""

import pytest
import sympy
from sympy import Abs, Function, I, Integer, Rational, Symbol, exp, log, nan, oo, sqrt

from theory.expressions import Exists, Expansion, Mean, Relation, eq, le, lt
from theory.kernel import KernelError, apply
from theory.proving import assume, average, combine, instantiate, log_tangent, visible
from theory.symbols import C, atom, c, d, k, nonnegative, positive, real

x, v = positive("x", "x", "positive"), nonnegative("v", "v", "nonnegative")
y, t, s, r = (real(n, n, "any") for n in "ytsr")
f, a, w, g, h = (atom(f"att_{n}", n, "an atom") for n in "fawgh")
K = positive("K", "K", "a constant")

ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


# ---- values outside the domain of a symbol


@attack
def a_square_of_an_imaginary_number():
    return instantiate(visible(le(0, y**2)), {y: I})


@attack
def infinity():
    return instantiate(visible(le(0, y**2)), {y: oo})


@attack
def not_a_number():
    return instantiate(visible(le(0, y**2)), {y: nan})


@attack
def a_symbol_that_is_zero_becomes_five():
    o = Symbol("o", zero=True)
    return instantiate(instantiate(log_tangent(exp(y)), {y: o}), {o: 5})


@attack
def a_negative_symbol_becomes_five():
    n = Symbol("n", negative=True)
    return instantiate(instantiate(visible(le(0, Abs(y))), {y: n}), {n: 5})


@attack
def an_atom_that_sympy_takes_for_positive():
    bold = Function("bold", positive=True)
    positive_atom = instantiate(visible(le(0, Abs(y))), {y: bold(c)})
    return instantiate(positive_atom, functions={bold: ((c,), Integer(-1))})


@attack
def a_positive_symbol_becomes_negative():
    return instantiate(visible(lt(0, x)), {x: -1})


@attack
def a_positive_symbol_becomes_zero():
    return instantiate(visible(lt(0, x)), {x: v})


@attack
def a_nonnegative_symbol_becomes_any():
    return instantiate(visible(le(0, v)), {v: y})


@attack
def three_classes():
    return instantiate(visible(le(2, C)), {C: 1})


@attack
def an_expression_is_replaced_as_if_it_were_a_symbol():
    square = combine(le(2 * y * t, y**2 + t**2), slack=(y - t) ** 2)
    return instantiate(square, {y**2: 0})


@attack
def an_atom_at_one_index_is_replaced():
    return instantiate(combine(eq(f(c), f(c))), {f(c): 1})


@attack
def the_exponential_is_replaced():
    return instantiate(visible(lt(0, exp(y))), functions={sympy.exp: ((c,), Integer(-1))})


@attack
def a_float():
    return combine(le(0, y**2), slack=sympy.Float(1) * y**2)


# ---- logarithms, roots and denominators that are not defined


@attack
def the_exponential_of_a_logarithm_loses_positivity():
    return instantiate(instantiate(visible(lt(0, exp(y))), {y: log(t)}), {t: -1})


@attack
def a_hidden_power_of_a_negative_number():
    return instantiate(instantiate(visible(lt(0, exp(y * log(t)))), {y: 1}), {t: -1})


@attack
def congruence_loses_a_logarithm():
    hole = real("hole_", "x", "a hole")
    return apply("congruence", combine(eq(log(t), log(t))), context=exp(hole), hole=hole)


@attack
def logarithm_of_a_negative_number_has_a_sign():
    return visible(lt(log(-1 - x), 0))


@attack
def log_tangent_at_a_real_number():
    return log_tangent(y)


@attack
def log_of_a_product_of_negative_numbers():
    return apply("log_product", a=-x, b=-x)


@attack
def root_of_a_square():
    u = Symbol("u")
    return combine(eq(sqrt(u**2), u))


@attack
def root_of_a_real_square():
    return combine(eq(sqrt(y**2), y))


@attack
def cauchy_schwarz_with_roots_of_negative_numbers():
    return apply("cauchy_schwarz", u=sqrt(t), v=Integer(1), over=(c,))


@attack
def roots_of_negative_numbers():
    return combine(eq(sqrt(-1 - x) ** 3, sqrt(-1 - x) * (-1 - x)))


@attack
def a_quotient_of_hidden_zeros():
    zero = (x + 1) ** 2 - x**2 - 2 * x - 1
    return combine(eq(zero / zero * 2, 1))


@attack
def division_by_what_may_be_zero():
    return combine(eq(y, 0), {assume(eq(t * y, 0)): 1 / t})


@attack
def a_hypothesis_about_a_quotient():
    return combine(eq(1, s * t), {assume(eq(1 / t, s)): t})


@attack
def zero_to_the_zero():
    return combine(eq(v**v, 1))


@attack
def facts_about_a_symbol_that_is_replaced():
    product = combine(eq(t * r * g(c), 0), {assume(eq(t * r, 0)): g(c)})
    return instantiate(product, {t: s}, functions={g: ((c,), 1 / t)}, facts=[assume(lt(0, t))])


@attack
def a_fact_about_one_index_used_for_all():
    every = combine(eq(a(c) * w(c) * g(c), 0), {assume(eq(a(c) * w(c), 0, c)): g(c)})
    mean = combine(eq(Mean(a(c) * w(c) * g(c), c), 0), {average(every, c): 1})
    return instantiate(mean, functions={g: ((c,), 1 / a(c))}, facts=[assume(lt(0, a(c)))])


@attack
def constants_with_a_hidden_denominator():
    premise = combine(le(-(t**2) - 5, 0), slack=t**2 + 5)
    return apply(
        "constants", premise, claim=Exists((K,), le((t**2 + t) / t - 1 - t - t**2 - 4, 0 * K)), values={K: 1}
    )


# ---- single rules


@attack
def a_constant_that_depends_on_an_atom():
    level = 1 + Mean(a(c) ** 2, c)
    premise = combine(le(Mean(a(c) ** 2, c), level), slack=Integer(1))
    return apply("constants", premise, claim=Exists((K,), le(Mean(a(c) ** 2, c), K)), values={K: level})


@attack
def a_constant_that_depends_on_a_symbol():
    return apply("constants", visible(le(x, x)), claim=Exists((K,), le(x, K)), values={K: x})


@attack
def a_constant_that_depends_on_the_number_of_classes():
    return apply("constants", visible(le(C, C)), claim=Exists((K,), le(C, K)), values={K: C})


@attack
def a_constant_in_a_hypothesis():
    return apply("constants", assume(le(y, K)), claim=Exists((K,), le(y, K)), values={K: 1})


@attack
def a_limit_in_the_number_of_classes():
    return apply("limit", visible(le(2, C)), symbol=C)


@attack
def a_limit_of_what_is_assumed():
    return apply("limit", assume(lt(y, x)), symbol=x)


@attack
def a_limit_with_a_pole():
    return apply("limit", combine(lt(0, 1 / x), slack=1 / x), symbol=x)


@attack
def a_limit_hidden_in_an_exponential():
    return apply("limit", visible(lt(0, exp(-1 / x))), symbol=x)


@attack
def markov_with_a_negative_level():
    return apply("indicator", visible(le(0, y**2)), level=-1)


@attack
def markov_of_an_equation():
    return apply("indicator", combine(eq(y, y)), level=1)


@attack
def an_expansion_that_is_not_smooth():
    rough = s + s ** Rational(5, 2)
    return apply("taylor", claim=Expansion(rough, s, (Integer(1), Integer(0))), parameter=s, x=s, y=rough)


@attack
def an_expansion_of_an_undefined_logarithm():
    odd = log(s - 2) - log(s / 3 - 2)
    return apply("taylor", claim=Expansion(odd, s, (Rational(-1, 3), Integer(0))), parameter=s, x=s, y=odd)


@attack
def a_tangent_at_a_concave_point():
    return apply(
        "s_curve", visible(le(-1, 0)), f=-(v**2), v=v, contact=1, weight=Integer(1), increasing=-v - 2
    )


@attack
def a_tangent_with_a_singularity_at_zero():
    return apply("s_curve", visible(le(2, 2)), f=1 / v, v=v, contact=1, weight=2 / v**4, increasing=v)


@attack
def a_dimension_in_the_range_of_an_index():
    return combine(eq(d * Mean(f(k), k), Mean(f(k), k)))


@attack
def relations_of_relations():
    return combine(Relation(sympy.true, "==", sympy.true))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name):
    """Through ``theory.kernel.apply``, with legal Python and no tampering."""
    with pytest.raises(KernelError):
        ATTACKS[name]()
