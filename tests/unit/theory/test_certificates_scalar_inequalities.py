# SPDX-License-Identifier: MIT
"""The scalar inequalities on which the bounds for networks rest, certified on boxes, and their false twins.

phi(t) = log(1 + (C-1) e^-t) and q = -phi'. Each holds with equality at one contact point.
"""

import time

import pytest
from sympy import Integer, Rational, Symbol, exp, log

from theory.certificates import Certificate, Contact, Counterexample, certify_nonnegative

S, X, Y, f, s, u, x, excess = (Symbol(name) for name in ("S", "X", "Y", "f", "s", "u", "x", "excess"))
half, third = Rational(1, 2), Rational(1, 3)


def phi(t, C):
    return log(1 + (C - 1) * exp(-t))


def q(t, C):
    return (C - 1) / (C - 1 + exp(t))


def prove(expression, box, contact, budget):
    started = time.perf_counter()
    answer = certify_nonnegative(expression, box, contact=contact)
    print(f"{answer} in {time.perf_counter() - started:.3f} s")
    assert isinstance(answer, Certificate), answer
    assert answer.boxes <= budget


def test_self_concordance_remainder():
    """e^-S - 1 + S >= S^2/(2+S), an equality of third order at 0."""
    remainder = exp(-S) - 1 + S
    prove(remainder - S**2 / (2 + S), {S: (0, 60)}, Contact({S: 0}, order=3), 300)
    twin = certify_nonnegative(remainder - S**2 / (Rational(199, 100) + S), {S: (0, 60)})
    assert isinstance(twin, Counterexample)


def test_cosine_bound_in_one_variable():
    """1 + X^2/2 >= (3/2) ((1+X)/2)^(4/3) on [0, 1], an equality at X = 1."""
    gap = 1 + X**2 / 2 - Rational(3, 2) * ((1 + X) / 2) ** Rational(4, 3)
    prove(gap, {X: (0, 1)}, Contact({X: 1}), 50)
    assert isinstance(certify_nonnegative(gap - Rational(1, 10**12), {X: (0, 1)}), Counterexample)
    larger = 1 + X**2 / 2 - Rational(303, 200) * ((1 + X) / 2) ** Rational(4, 3)
    assert isinstance(certify_nonnegative(larger, {X: (0, 1)}), Counterexample)


def test_cosine_bound_beyond_the_edge():
    """Y + 1/2 - f >= (3/2) (Y (1-f))^(2/3) for 0 <= f <= 1 and 1+f <= Y <= 21+f."""
    gap = Y + half - f - Rational(3, 2) * (Y * (1 - f)) ** Rational(2, 3)
    edge = gap.subs(Y, 1 + f)
    prove(edge, {f: (0, 1)}, Contact({f: 0}), 50)
    prove(gap.subs(Y, 1 + f + excess), {f: (0, 1), excess: (0, 20)}, Contact({f: 0, excess: 0}), 500)
    twin = gap.subs(Y, 1 + f) - Rational(1, 10**12)
    assert isinstance(certify_nonnegative(twin, {f: (0, 1)}), Counterexample)


@pytest.mark.parametrize(
    ("C", "T"), [(2, Rational(5, 2)), (10, Integer(4)), (10, Rational(35, 4)), (1000, Integer(9))]
)
def test_tangent_below_the_wrong_class_mass(C, T):
    """q(u) >= q(T) (1 - (1-q(T)) (u-T)) for u >= 0, the tangent of q at T."""
    C = Integer(C)
    tangent = q(T, C) * (1 - (1 - q(T, C)) * (u - T))
    prove(q(u, C) - tangent, {u: (0, 60)}, Contact({u: T}), 200)


def test_tangent_fails_where_its_condition_fails():
    """The tangent at T lies above q at u = 0 as soon as q(T)(1 + (1-q(T)) T) > (C-1)/C."""
    C, T = Integer(10), Integer(2)
    tangent = q(T, C) * (1 - (1 - q(T, C)) * (u - T))
    assert isinstance(certify_nonnegative(q(u, C) - tangent, {u: (0, 60)}), Counterexample)


@pytest.mark.parametrize(
    ("C", "T", "holds"), [(10, Rational(3638, 1000), True), (10, Rational(3637, 1000), False)]
)
def test_joint_cosine_inequality_exactly_down_to_its_threshold(C, T, holds):
    """phi(T s x) - phi(T) + q(T) T (s + x - 2) >= 0 on [0,4] x [-1,1] iff T >= T_3(C); T_3(10) = 3.6371..."""
    C = Integer(C)
    claim = phi(T * s * x, C) - phi(T, C) + q(T, C) * T * (s + x - 2)
    answer = certify_nonnegative(claim, {s: (0, 4), x: (-1, 1)}, contact=Contact({s: 1, x: 1}))
    assert isinstance(answer, Certificate if holds else Counterexample), answer


@pytest.mark.parametrize(("C", "T"), [(3, Integer(3)), (10, Rational(35, 4))])
def test_two_atom_inequality_of_the_intra_class_bound(C, T):
    """Fraction f of a class turned away: three variables, sloped in f and flat in (s, X) at the contact."""
    C = Integer(C)
    inside = phi(T * s * (X + f) * (1 - f) ** Rational(-3, 2), C) - phi(T, C)
    claim = f * (log(C) - phi(T, C)) + (1 - f) * inside + q(T, C) * T * (s - Rational(3, 2) + X**2 / 2)
    box = {f: (0, Rational(97, 100)), s: (0, 4), X: (0, 1)}
    prove(claim, box, Contact({f: 0, s: 1, X: 1}), 5000)
