# SPDX-License-Identifier: MIT
"""Exact polynomial signs, with roots of every kind and at every place."""

import pytest
from sympy import Poly, Rational, oo, sqrt, symbols

from theory.certificates import nonnegative_by_shift, polynomial_sign

x, y = symbols("x y")


@pytest.mark.parametrize(
    ("expression", "lower", "upper", "nonnegative", "positive"),
    [
        (x**2 - 2 * x + 1, 0, 3, True, False),
        (x**2 - 2, 1, 2, False, False),
        (x**2 - 2, Rational(3, 2), oo, True, True),
        (x**2 - 2, 2, oo, True, True),
        ((x**2 - 2) ** 2, 0, oo, True, False),
        ((x - 1) ** 3, 1, oo, True, False),
        ((x - 1) ** 3, 0, oo, False, False),
        (x * (x - Rational(1, 10**9)), 0, 1, False, False),
        (x * (x - Rational(1, 10**9)), Rational(1, 10**9), 1, True, False),
        (-((x - 1) ** 2), 1, 1, True, False),
        (-((x - 1) ** 2), 0, 2, False, False),
        (1 + 0 * x, -5, oo, True, True),
        (-1 + 0 * x, -5, oo, False, False),
        (0 * x, -5, 5, True, False),
        ((x - 1) ** 2 * (x - 2) ** 2 * (x**2 + 1), -3, 4, True, False),
        ((x - 1) * (x - 2) * (x**2 - 3), 2, oo, True, False),
        ((x - 1) * (x - 2) * (x**2 - 3), 0, 1, False, False),
        (x**3 * (4 * x**2 - 3), 0, Rational(1, 2), False, False),
        (x * (2 * x**2 - 1) ** 2, 0, 1, True, False),
    ],
)
def test_signs(expression, lower, upper, nonnegative, positive):
    poly = Poly(expression, x, domain="QQ")
    weak, strong = polynomial_sign(poly, lower, upper), polynomial_sign(poly, lower, upper, strict=True)
    assert (bool(weak), bool(strong)) == (nonnegative, positive)
    if not weak:
        assert poly.eval(weak.witness) < 0
        assert lower <= weak.witness <= upper
    if strong.witness is not None:
        assert poly.eval(strong.witness) <= 0


def test_an_inequality_false_by_one_part_in_a_trillion():
    touching = (x**2 - 2) ** 2
    assert polynomial_sign(Poly(touching + Rational(1, 10**12), x), 0, 2, strict=True)
    refuted = polynomial_sign(Poly(touching - Rational(1, 10**12), x), 0, 2)
    assert not refuted
    assert (touching - Rational(1, 10**12)).subs(x, refuted.witness) < 0


def test_evidence_isolates_every_root_with_its_multiplicity():
    found = polynomial_sign(Poly(x * (x**2 - 2) ** 2 * (x - 3), x), 0, oo)
    assert [multiplicity for *_, multiplicity in found.roots] == [1, 2, 1]
    assert found.roots[1][0] <= sqrt(2) <= found.roots[1][1]


def test_bad_polynomials_and_intervals():
    with pytest.raises(ValueError, match="one variable"):
        polynomial_sign(Poly(x * y, x, y), 0, 1)
    with pytest.raises(ValueError, match="rational coefficients"):
        polynomial_sign(Poly(0.5 * x, x), 0, 1)
    with pytest.raises(ValueError, match="empty"):
        polynomial_sign(Poly(x, x), 1, 0)
    with pytest.raises(TypeError, match="exact rational"):
        polynomial_sign(Poly(x, x), 0.0, 1)


def test_shifted_coefficients_prove_or_withhold():
    poly = Poly(x * y - x - y + 1, x, y)  # (x-1)(y-1)
    assert nonnegative_by_shift(poly, {x: 1, y: 1}) is True
    assert nonnegative_by_shift(poly, {x: 0, y: 1}) is None
    assert nonnegative_by_shift(Poly(x**2 - x + 1, x), {x: 0}) is None  # true, but not by this argument
    with pytest.raises(ValueError, match="lower end for each"):
        nonnegative_by_shift(poly, {x: 1})
