# SPDX-License-Identifier: MIT
"""Captured names, indices and hypotheses: attacks on the kernel that must be refused.

As in test_kernel_soundness.py, every function below is a complete proof of something false or ill-formed.
"""

import pytest
from sympy import Integer, Rational, Symbol, exp, log

from theory import expressions
from theory.expressions import Mean, eq, index, le, lt
from theory.kernel import KernelError, apply
from theory.normal_form import EXP, LOG, ROOT
from theory.proving import assume, average, cases, combine, cut, instantiate, visible
from theory.symbols import C, atom, c, i, j, k, nonnegative, positive, real

x, v = positive("x", "x", "positive"), nonnegative("v", "v", "nonnegative")
y, t, s, r = (real(n, n, "any") for n in "ytsr")
f, a, w, g, h = (atom(f"att_{n}", n, "an atom") for n in "fawgh")
K = positive("K", "K", "a constant")

ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


# ---- names


@attack
def the_names_of_the_normal_form():
    bad = ROOT(Integer(-1), Integer(2))
    return combine(lt(0, -1), {visible(lt(0, bad**2)): 1, combine(eq(bad**2, -1)): 1})


@attack
def the_exponential_of_the_normal_form():
    return instantiate(visible(lt(0, EXP(y))), functions={EXP: ((y,), Integer(-1))})


@attack
def the_logarithm_of_the_normal_form():
    return combine(eq(LOG(y), LOG(y)))


@attack
def the_canonical_index():
    canonical = Symbol("c_·1", integer=True, nonnegative=True)
    return combine(eq(Mean(f(canonical, c), c), Mean(f(c, c), c)))


@attack
def the_next_fresh_index():
    future = index(f"c_#{expressions._counter[0] + 1}")
    return instantiate(combine(eq(Mean(y * f(future, c), c), y * Mean(f(future, c), c))), {y: 1})


@attack
def averages_inside_averages():
    return combine(eq(Mean(exp(Mean(f(c, j), j)), c), Mean(exp(Mean(f(j, c), j)), c)))


@attack
def averages_inside_logarithms():
    return combine(eq(Mean(log(Mean(exp(f(c, j)), j)), c), Mean(log(Mean(exp(f(j, c)), j)), c)))


@attack
def the_shifted_number_of_classes():
    return visible(eq(C - 2, Symbol("C_shift", nonnegative=True)))


@attack
def the_inner_variable_of_the_s_curve():
    inside = Symbol("v_inside", positive=True)
    at_zero = combine(le(-(inside**2) + 2 * inside**4 - 4, 2 * inside**4), slack=4 + inside**2)
    return apply(
        "s_curve",
        at_zero,
        f=-(inside**2) * v**2 + 2 * inside**4,
        v=v,
        contact=1,
        weight=Integer(12),
        increasing=inside**2,
    )


# ---- indices


@attack
def averaging_what_is_assumed_at_one_class():
    return average(assume(le(f(c), 0)), c)


@attack
def a_quantified_conclusion():
    return combine(le(f(c), 5, c), {assume(le(f(c), 5)): 1})


@attack
def a_conclusion_at_another_index():
    return combine(le(f(j), 5), {assume(le(f(c), 5)): 1})


@attack
def the_class_of_a_sample_averaged_away():
    return average(assume(le(g(c, i), 1, c, i)), c)


@attack
def a_sample_in_two_classes():
    other = index("i2")
    both = combine(
        le(2 * g(c, i) * g(j, other), g(c, i) ** 2 + g(j, other) ** 2), slack=(g(c, i) - g(j, other)) ** 2
    )
    return instantiate(both, {other: i})


@attack
def a_sample_without_a_class():
    return combine(eq(Mean(f(i), c, i), Mean(f(i), i)))


@attack
def an_index_as_a_number():
    return combine(eq(Mean(i, c, i), Mean(i, i)))


@attack
def cauchy_schwarz_over_a_class_with_a_free_sample():
    return apply("cauchy_schwarz", u=g(c, i), v=Integer(1), over=(c,))


@attack
def an_atom_with_a_hidden_index():
    return instantiate(combine(eq(Mean(f(c), c) * y, Mean(f(c) * y, c))), functions={f: ((c,), h(c, j))})


@attack
def a_mean_over_the_wrong_classes_of_coordinates():
    return average(assume(le(f(k), 1, k)), k, excluding=c)


@attack
def an_average_is_not_its_value():
    return combine(eq(Mean(f(c), c), f(c)))


@attack
def a_product_of_averages_is_not_the_average_of_a_product():
    return combine(eq(Mean(f(c), c) * Mean(a(c), c), Mean(f(c) * a(c), c)))


@attack
def averages_over_classes_and_coordinates():
    return combine(eq(Mean(f(c), c), Mean(f(k), k)))


# ---- hypotheses


@attack
def a_case_for_all_indices_is_not_the_opposite_of_one():
    mean = Mean(f(j), j)
    one = combine(
        le(0, mean),
        {assume(le(f(c), 0)): mean**2 + 1, assume(le(1, f(c))): mean**2 + 1},
        slack=(mean + Rational(1, 2)) ** 2 + Rational(3, 4),
    )
    other = combine(le(0, mean), {average(assume(le(0, f(c), c)), c): 1})
    result = cases(one, other, split=le(f(c), 0))
    if len(result.hypotheses) > 1:
        raise KernelError("the hypothesis about all classes is kept")
    return result


@attack
def cases_that_do_not_cover():
    one, other = (combine(le(0, 1), {assume(le(n, y)): 0}, slack=Integer(1)) for n in (1, -1))
    result = cases(one, other, split=le(1, y))
    if result.hypotheses:
        raise KernelError("the uncovered hypothesis is kept")
    return result


@attack
def a_split_that_is_no_hypothesis():
    always = visible(le(0, y**2))
    return cases(always, always, split=le(y, 0))


@attack
def cut_at_one_index():
    return cut(average(assume(le(f(c), 1, c)), c), assume(le(f(c), 1)))


@attack
def cut_with_a_different_hypothesis():
    return cut(assume(le(f(c), 1)), visible(le(0, y**2)))


@attack
def cut_the_other_way_round():
    return cut(assume(lt(y, x)), assume(le(y, x)))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name):
    """Through ``theory.kernel.apply``, with legal Python and no tampering."""
    with pytest.raises(KernelError):
        ATTACKS[name]()
