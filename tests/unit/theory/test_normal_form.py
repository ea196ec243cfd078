# SPDX-License-Identifier: MIT
"""The trusted algebra: what it equates, what it keeps apart, and the signs it sees."""

import pytest
from sympy import Abs, Float, Integer, Rational, Symbol, exp, log, sin, sqrt

from theory.calculus import derivative
from theory.definitions import cross_entropy, kl, margin, phi, psi, q
from theory.expressions import Indicator, Mean, index, substitute
from theory.normal_form import OutsideLanguage, _log, is_zero, normal, polynomial_in, sign
from theory.symbols import C, T, atom, c, d, i, j, k, nonnegative, p, positive, real

x, x2, v, y, t = (
    positive("x", "x", ""),
    positive("x2", "x", ""),
    nonnegative("v", "v", ""),
    real("y", "y", ""),
    real("t", "t", ""),
)
f, m, g, u = (atom(f"nf_{n}", n, "") for n in "fmgu")
c2, i2, j2, k2 = index("c2"), index("i2"), index("j2"), index("j3")

EQUAL = [
    (Mean(f(c) + y, c), Mean(f(j), j) + y),
    (Mean(y * f(c), c), y * Mean(f(c), c)),
    (Mean(f(c), c) ** 2, Mean(f(c) * f(j), c, j)),
    (Mean(Mean(g(c, i), i), c), Mean(g(c, i), c, i)),
    (Mean(f(c), c, i), Mean(f(c), c)),
    (Mean(m(c, j), c, j), Mean(m(j, c), c, j)),
    (Mean(exp(Mean(m(c, j), j)), c), Mean(exp(Mean(m(c2, j2), j2)), c2)),
    (Mean((f(c) - Mean(f(j), j)) ** 2, c), Mean(f(c) ** 2, c) - Mean(f(c), c) ** 2),
    (exp(y + t), exp(y) * exp(t)),
    (exp(-y) * exp(y), Integer(1)),
    (exp(log(x) / 2), sqrt(x)),
    (log(x * x2**3 / C), log(x) + 3 * log(x2) - log(C)),
    (log(exp(y) * x), y + log(x)),
    (log(sqrt(x)), log(x) / 2),
    (sqrt(x) ** 2 * sqrt(4), 2 * x),
    (sqrt(x * x2), sqrt(x) * sqrt(x2)),
    (sqrt(12), 2 * sqrt(3)),
    ((x - x2) / (sqrt(x) + sqrt(x2)), sqrt(x) - sqrt(x2)),
    (Abs(y) ** 2, y**2),
    (1 / (1 + exp(-y)), exp(y) / (1 + exp(y))),
    (psi(q(T)), phi(T) + T * q(T)),
    (cross_entropy(), kl(p) + psi(p) - p * margin()),
]

DIFFERENT = [
    (Mean(f(c), c), f(c)),
    (Mean(f(c), c), Mean(f(k), k)),
    (Mean(f(c) * u(c), c), Mean(f(c), c) * Mean(u(c), c)),
    (Mean(m(c, j), c, j), Mean(m(c, c), c)),
    (Mean(exp(Mean(m(c, j), j)), c), Mean(exp(Mean(m(j, c), j)), c)),
    (Mean(exp(Mean(exp(m(c, j)), j)), c), Mean(exp(Mean(exp(m(c, c)), c)), c)),
    (Mean(log(Mean(exp(m(c, j)), j)), c), Mean(log(Mean(exp(m(j, c)), j)), c)),
    (Mean(Indicator(Mean(m(c, j), j)), c), Mean(Indicator(Mean(m(j, c), j)), c)),
    (Mean(Mean(g(c, i), i) ** 2, c), Mean(g(c, i), c, i) ** 2),
    (Mean(g(c, i) * g(c, i2), c, i, i2), Mean(g(c, i) ** 2, c, i)),
    (sqrt(y**2), y),
    (log(y**2), 2 * log(y)),
    (exp(log(y)), Abs(y)),
    (log(x + x2), log(x) + log(x2)),
    (Indicator(y), Indicator(-y)),
    (d * Mean(u(k), k), Mean(u(k), k)),
    (cross_entropy(), kl(p) + psi(p) + p * margin()),
]


@pytest.mark.parametrize(("one", "two"), EQUAL, ids=str)
def test_equal(one, two):
    assert is_zero(one - two)


@pytest.mark.parametrize(("one", "two"), DIFFERENT, ids=str)
def test_different(one, two):
    assert not is_zero(one - two)


@pytest.mark.parametrize(
    "expr",
    [Mean(exp(Mean(m(c, j), j)), c), log(x * x2 + 1), Mean(g(c, i) * m(c, j), c, i), sqrt(1 + y**2) * exp(y)],
)
def test_the_normal_form_is_its_own_normal_form(expr):
    assert is_zero(normal(expr) - expr)
    assert normal(normal(expr)) == normal(expr)


def test_renaming_free_indices_commutes_with_the_normal_form():
    expr = Mean(exp(m(c2, c)) * Mean(exp(m(c2, j)), j), c)
    moved = substitute(expr, {c2: j2})
    assert is_zero(normal(moved) - substitute(normal(expr), {c2: j2}))
    assert is_zero(expr - Mean(exp(m(c2, c)), c) ** 2)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (C - 1, "+"),
        (C - 2, "0+"),
        (C - 3, None),
        (1 - C, "-"),
        (x - x2, None),
        (x + v, "+"),
        (v * y**2, "0+"),
        (-x * exp(y), "-"),
        (y**2 + 1, "+"),
        (y**3, None),
        (1 / (1 + exp(y)), "+"),
        (1 - exp(y) / (1 + exp(y)), "+"),
        (log(1 + x), "+"),
        (log(1 + v), "0+"),
        (log(x), None),
        (log(-x), None),
        (log(x / (x + 1)), "-"),
        (sqrt(x), "+"),
        (sqrt(v), "0+"),
        (Mean(f(c) ** 2, c), "0+"),
        (Mean(exp(f(c)), c), "+"),
        (Mean(f(c), c), None),
        (Indicator(y), "0+"),
        (Abs(y), "0+"),
        (y - y, "0"),
        ((C - 1) * (C - 2), "0+"),
        (C**2 - 3 * C + 2, "0+"),
        (f(c), None),
        (1 / y**2, None),
    ],
    ids=str,
)
def test_signs(expr, expected):
    assert sign(expr) == expected


@pytest.mark.parametrize(
    "expr",
    [
        sqrt(y),
        y**y,
        sin(y),
        Float(0.5) * y,
        log(-x),
        f(y),
        Mean(g(c, i), c),
        Mean(g(c, i) * g(j, i), i),
    ],
    ids=str,
)
def test_outside_the_language(expr):
    with pytest.raises(OutsideLanguage):
        normal(expr)


def test_polynomials_hide_nothing():
    assert polynomial_in((x + y) ** 3 - exp(y) * x, x)
    for expr in (exp(x), 1 / x, sqrt(x), log(x), Mean(x * exp(x * f(c)), c), Abs(x + y)):
        assert not polynomial_in(expr, x)


def test_derivatives():
    s = positive("s", "s", "")
    for expr in (s**3 * exp(-2 * s), log(1 + (C - 1) * exp(-s)), s ** Rational(5, 2) / (1 + s), y):
        assert is_zero(derivative(expr, s) - expr.diff(s))
    for expr in (Abs(s + y), s**s, Mean(s * f(c), c), Indicator(s)):
        with pytest.raises(OutsideLanguage):
            derivative(expr, s)


def test_a_symbol_called_like_an_internal_one_is_not_mixed_up():
    imitation = Symbol("C_shift", nonnegative=True)
    assert sign(C - 2 - imitation) is None


# ---- substitution


def test_what_is_put_in_is_not_captured():
    moved = substitute(Mean(f(c) * y, c), {y: f(c)})
    assert is_zero(moved - f(c) * Mean(f(j), j))
    assert not is_zero(moved - Mean(f(c) ** 2, c))


def test_what_is_bound_is_not_replaced():
    average = Mean(f(c), c)
    assert substitute(average, {c: j}) is average
    assert substitute(average + f(c), {f(c): y}) == average + y
    assert substitute(Mean(m(c, j), j), {c: j}) != Mean(m(j, j), j)
    assert is_zero(substitute(Mean(m(c, j), j), {c: j}) - Mean(m(j, c), c))


def test_names_stay_where_nothing_can_be_captured():
    assert substitute(Mean(f(c) * y, c), {y: t}) == Mean(f(c) * t, c)
    assert substitute(Mean(Mean(m(c, j) * y, j), c), {y: f(j)}).indices == (c,)
    assert is_zero(substitute(Mean(Mean(m(c, j) * y, j), c), {y: f(j)}) - f(j) * Mean(m(c, k2), c, k2))


def test_a_logarithm_of_an_enormous_degree_is_refused():
    with pytest.raises(OutsideLanguage, match="degree 5000"):
        _log(x**5000 + x + 1)
