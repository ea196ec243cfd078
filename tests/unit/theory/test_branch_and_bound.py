# SPDX-License-Identifier: MIT
"""Certificates on boxes: true claims pass, false ones meet a witness, contacts need their argument."""

from fractions import Fraction

import pytest
import sympy
from sympy import Abs, Max, Rational, Symbol, exp, log, sqrt

from theory.certificates import (
    Certificate,
    Contact,
    Counterexample,
    Undecided,
    UnsupportedExpression,
    certify_nonnegative,
    evaluate,
)

x, y = Symbol("x"), Symbol("y")
third = Rational(1, 3)
tiny = Rational(1, 10**12)

# Expression, box and its exact least value on the box.
MINIMA = [
    ((x - third) ** 2, {x: (0, 1)}, 0),
    (x * log(x), {x: (Rational(1, 100), 3)}, -exp(-1)),
    (x**2 + y**2 - x * y - x, {x: (-2, 2), y: (-2, 2)}, -third),
    (exp(x) - x * y, {x: (-1, 2), y: (0, 1)}, exp(-1)),
    (Abs(x - third) + Max(x, y) - y, {x: (0, 1), y: (0, third)}, 0),
    (sqrt(x) * (1 - y) - x / 4, {x: (0, 4), y: (0, 1)}, -1),
    ((x**3 - x) / (2 + y), {x: (0, 1), y: (-1, 1)}, -2 * sqrt(3) / 9),
]


@pytest.mark.parametrize(("expression", "box", "least"), MINIMA)
@pytest.mark.parametrize("margin", [Rational(1, 1000), tiny])
def test_true_neighbour_certified_and_false_twin_refuted(expression, box, least, margin):
    if margin == tiny and len(box) == 2:
        margin = Rational(1, 10**6)
    rational_least = Rational(*sympy.nsimplify(sympy.N(least, 40), rational=True).as_numer_denom())
    above = certify_nonnegative(expression - rational_least + margin, box)
    assert isinstance(above, Certificate), above
    assert 0 <= above.lower_bound <= Fraction(int(margin.p), int(margin.q)) * 2
    below = certify_nonnegative(expression - rational_least - margin, box)
    assert isinstance(below, Counterexample), below
    assert evaluate(expression - rational_least - margin, below.point) < 0
    assert all(box[s][0] <= value <= box[s][1] for s, value in below.point.items())


def test_an_interior_contact_needs_the_contact_argument():
    touching = exp(x) - 1 - x
    box = {x: (-1, 2)}
    without = certify_nonnegative(touching, box)
    assert isinstance(without, Undecided)
    assert "contact" in without.reason
    with_contact = certify_nonnegative(touching, box, contact=Contact({x: 0}))
    assert isinstance(with_contact, Certificate)
    assert with_contact.contacts == 1


def test_a_contact_is_checked_not_believed():
    box = {x: (0, 1)}
    not_zero = certify_nonnegative((x - third) ** 2 + x / 100, box, contact=Contact({x: third}))
    assert not isinstance(not_zero, Counterexample)
    nearly = certify_nonnegative((x - third) ** 2 - tiny, box, contact=Contact({x: third}))
    assert isinstance(nearly, Counterexample)
    crossing = certify_nonnegative((x - third) ** 3, box, contact=Contact({x: third}, order=3))
    assert isinstance(crossing, Counterexample)
    saddle = certify_nonnegative(x * y, {x: (-1, 1), y: (-1, 1)}, contact=Contact({x: 0, y: 0}))
    assert isinstance(saddle, Counterexample)
    elsewhere = certify_nonnegative(x**2 * (x - third), {x: (-1, 1)}, contact=Contact({x: 0}))
    assert isinstance(elsewhere, Counterexample)


def test_contacts_of_higher_order_and_several_contacts():
    assert isinstance(
        certify_nonnegative(
            x - sympy.log(1 + x) - x**2 / 2 + x**3 / 3, {x: (0, 3)}, contact=Contact({x: 0}, 4)
        ),
        Certificate,
    )
    two = [Contact({x: third}), Contact({x: Rational(2, 3)})]
    double_well = (x - third) ** 2 * (x - Rational(2, 3)) ** 2 * exp(x)
    assert isinstance(certify_nonnegative(double_well, {x: (0, 1)}, contact=two), Certificate)


def test_contacts_in_two_variables():
    bowl = exp(x - y) + exp(y - x) - 2 + (x + y) ** 2
    around = {x: (-1, 1), y: (-1, 1)}
    assert isinstance(certify_nonnegative(bowl, around, contact=Contact({x: 0, y: 0})), Certificate)
    # Indefinite, but non-negative along every direction into the box.
    corner = x**2 + 3 * x * y + y**2
    assert isinstance(
        certify_nonnegative(corner, {x: (0, 1), y: (0, 1)}, contact=Contact({x: 0, y: 0})), Certificate
    )
    assert isinstance(
        certify_nonnegative(corner, {x: (0, 1), y: (-1, 0)}, contact=Contact({x: 0, y: 0})), Counterexample
    )
    # Sloped in x, flat in y.
    sloped = x * (2 + y) + (1 - y) ** 2 * exp(y)
    assert isinstance(
        certify_nonnegative(sloped, {x: (0, 1), y: (0, 1)}, contact=Contact({x: 0, y: 1})), Certificate
    )


def test_a_contact_for_every_value_of_a_parameter():
    p = Symbol("p")
    box, contact = {x: (0, 1), p: (0, 1)}, Contact({x: third})
    assert isinstance(certify_nonnegative((x - third) ** 2 * (p + third), box, contact=contact), Certificate)
    crossing = certify_nonnegative((x - third) ** 2 * (p - third), box, contact=contact)
    assert isinstance(crossing, Counterexample)
    moving = certify_nonnegative((x - p) ** 2 - tiny, box, contact=contact)
    assert isinstance(moving, Counterexample)
    odd = certify_nonnegative((x - third) ** 3 * (p + 1), box, contact=Contact({x: third}, 3))
    assert isinstance(odd, Counterexample)


def test_a_corner_with_exact_zero_and_inward_slope_needs_no_contact():
    assert isinstance(certify_nonnegative(log(1 + x) - log(2) + 1 - x, {x: (0, 1)}), Certificate)
    assert isinstance(certify_nonnegative(log(1 + x) - log(2) + 1 - x, {x: (0, 1)}, strict=True), Undecided)
    assert isinstance(certify_nonnegative(x, {x: (0, 1)}, strict=True), Counterexample)


def test_strict_positivity_and_contacts_exclude_each_other():
    assert isinstance(certify_nonnegative(1 + x**2, {x: (-1, 1)}, strict=True), Certificate)
    with pytest.raises(ValueError, match="strict inequality is false"):
        certify_nonnegative(x**2, {x: (-1, 1)}, strict=True, contact=Contact({x: 0}))


@pytest.mark.parametrize("outside", [log(x) + 100, sqrt(x - third), 1 / (x - third) ** 2, x**third])
def test_a_certificate_asserts_that_the_expression_is_defined(outside):
    answer = certify_nonnegative(outside, {x: (-1, 1)})
    assert isinstance(answer, Undecided)
    assert "defined" in answer.reason
    assert answer.boxes < 200


def test_roots_are_defined_up_to_the_edge_of_their_domain():
    assert isinstance(
        certify_nonnegative((x * (1 - y)) ** Rational(2, 3), {x: (0, 1), y: (0, 1)}), Certificate
    )


def test_counterexamples_respect_the_symbols_assumptions():
    n = Symbol("n", integer=True)
    between = (n - 1) * (n - 2) + Rational(1, 5)  # negative only strictly between the integers 1 and 2
    assert not isinstance(certify_nonnegative(between, {n: (0, 3)}), (Counterexample, Certificate))
    p = Symbol("p", positive=True)
    with pytest.raises(ValueError, match="declared sign"):
        certify_nonnegative(p, {p: (-1, 1)})


def test_starved_of_boxes_it_says_so():
    answer = certify_nonnegative(
        x * (1 - x) - y * (1 - y) / 4 + Rational(1, 15), {x: (0, 1), y: (0, 1)}, max_boxes=2
    )
    assert isinstance(answer, Undecided)
    assert "more than 2 boxes" in answer.reason


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: certify_nonnegative(x + 0.5, {x: (0, 1)}), UnsupportedExpression, "float"),
        (lambda: certify_nonnegative(x, {x: (0, 0.5)}), TypeError, "exact rational"),
        (lambda: certify_nonnegative(x, {x: (1, 0)}), ValueError, "empty"),
        (lambda: certify_nonnegative(x + y, {x: (0, 1)}), ValueError, "y has no value"),
        (lambda: certify_nonnegative(x, {x: (0, 1)}, contact=Contact({x: 2})), ValueError, "outside the box"),
        (lambda: certify_nonnegative(x, {x: (0, 1)}, contact=Contact({y: 0})), ValueError, "exactly the var"),
        (lambda: certify_nonnegative(x, {x: (0, 1)}, contact=Contact({x: 0.0})), TypeError, "exact rational"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
