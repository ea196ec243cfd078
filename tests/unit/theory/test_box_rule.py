# SPDX-License-Identifier: MIT
"""The rule box: false inequalities are refused, however narrowly false; true ones carry their bounds."""

import random
from fractions import Fraction
from itertools import product

import pytest
from sympy import Abs, E, Integer, Pow, Rational, Symbol, exp, log, oo, sqrt

from theory.certificates import store
from theory.certificates.contact import Contact
from theory.certificates.cover import CoverFailure, Inequality, check_cover, find_cover
from theory.expressions import Indicator, Mean, Relation, eq, le, lt
from theory.kernel import KernelError, apply
from theory.proving import combine, instantiate
from theory.recheck import Refused, verify
from theory.symbols import C, atom, c, positive, real

x, y, p = (real(f"{n}_box", n, "any") for n in "xyp")
u = positive("u_box", "u", "positive")
f = atom("f_box", "f", "an atom")
third, tiny, hair = Rational(1, 3), Rational(1, 10**9), Rational(1, 10**30)
unit, both = (0, 1), (-1, 1)


def box(goal, sides, *contacts, **options):
    return apply("box", goal=goal, box=sides, contacts=contacts, **options)


FALSE = {
    "at a corner": lambda: box(le(tiny, x), {x: unit}),
    "in a narrow valley": lambda: box(le(tiny, (x - third) ** 2), {x: unit}),
    "in a narrow valley, two variables": lambda: box(
        le(tiny, (x - third) ** 2 + (y - third) ** 2), {x: unit, y: unit}
    ),
    "by a hair at the contact": lambda: box(le(hair, (x - third) ** 2), {x: unit}, ({x: third}, 2)),
    "by a hair in an exponential": lambda: box(le(1 + x + hair, exp(x)), {x: both}, ({x: 0}, 2)),
    "by a hair in a constant": lambda: box(le(E, Rational(2718281828, 10**9) * x), {x: (1, 2)}),
    "by a slope": lambda: box(le(0, exp(x) - 1 - (1 + tiny) * x), {x: unit}, ({x: 0}, 2)),
    "a slope at the contact": lambda: box(le(0, exp(x) - 1 - (1 - tiny) * x), {x: both}, ({x: 0}, 2)),
    "crossing, order 3": lambda: box(le(0, (x - third) ** 3), {x: unit}, ({x: third}, 3)),
    "crossing, order 2 claimed": lambda: box(le(0, (x - third) ** 3), {x: unit}, ({x: third}, 2)),
    "crossing, order 1": lambda: box(le(0, x - third), {x: unit}, ({x: third}, 1)),
    "a maximum": lambda: box(le(0, -((x - third) ** 2)), {x: unit}, ({x: third}, 2)),
    "a maximum of order 4": lambda: box(le(0, -((x - third) ** 4)), {x: unit}, ({x: third}, 4)),
    "order 4 with a dip": lambda: box(le(0, x**4 - tiny * x**2), {x: unit}, ({x: 0}, 4)),
    "a saddle": lambda: box(le(0, x * y), {x: both, y: both}, ({x: 0, y: 0}, 2)),
    "an indefinite corner": lambda: box(
        le(0, x**2 - 3 * x * y + y**2), {x: unit, y: unit}, ({x: 0, y: 0}, 2)
    ),
    "nearly semidefinite": lambda: box(
        le(0, x**2 - 2 * (1 + tiny) * x * y + y**2), {x: both, y: both}, ({x: 0, y: 0}, 2), max_boxes=500
    ),
    "a slope out of the box": lambda: box(
        le(0, x * (2 + y) + (1 - y) ** 2), {x: both, y: unit}, ({x: 0, y: 1}, 2)
    ),
    "elsewhere": lambda: box(le(0, x**2 * (x - third)), {x: both}, ({x: 0}, 2)),
    "between two contacts": lambda: box(
        le(0, (x - third) ** 2 * (x - 2 * third) ** 2 - tiny * (x - third) * (2 * third - x)),
        {x: unit},
        ({x: third}, 2),
        ({x: 2 * third}, 2),
    ),
    "for some parameters": lambda: box(
        le(0, (x - third) ** 2 * (p - third)), {x: unit, p: unit}, ({x: third}, 2), max_boxes=500
    ),
    "for one hair of the parameters": lambda: box(
        le(0, (x - third) ** 2 * (p - tiny)), {x: unit, p: unit}, ({x: third}, 2), max_boxes=500
    ),
    "a contact at one parameter only": lambda: box(
        le(0, (x - p) ** 2 - tiny), {x: unit, p: unit}, ({x: third}, 2), max_boxes=500
    ),
    "strict with equality at the edge": lambda: box(lt(0, x), {x: unit}),
    "strict with equality inside": lambda: box(lt(0, (x - third) ** 2), {x: unit}, ({x: third}, 2)),
    "strict with equality inside, no contact": lambda: box(lt(0, (x - third) ** 2), {x: unit}),
    "strict at a point": lambda: box(lt(x**2, 2 * x - 1), {x: (1, 1)}),
    "at a point": lambda: box(le(2 * x + hair, x**2 + 1), {x: (1, 1)}),
    "with an absolute value": lambda: box(le(tiny, Abs(x)), {x: both}),
    "under a root": lambda: box(le(x + tiny, sqrt(x)), {x: unit}),
    "for integers only": lambda: box(le(0, (C - 2) * (C - 3)), {C: (2, 5)}),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refused(name):
    with pytest.raises(KernelError):
        FALSE[name]()


UNDEFINED = {
    "log of zero": lambda: box(le(-100, log(x)), {x: unit}),
    "log of a negative number": lambda: box(le(-100, log(x) ** 2), {x: both}),
    "a pole": lambda: box(le(0, 1 / x**2), {x: both}),
    "a pole at the edge": lambda: box(le(0, 1 / u), {u: unit}),
    "a root of a negative number": lambda: box(le(-5, sqrt(x)), {x: both}),
    "a power of a negative number": lambda: box(le(-5, x**third), {x: both}),
    "a power of zero": lambda: box(le(0, Pow(x, y)), {x: unit, y: unit}),
    "a logarithm that cancels": lambda: box(le(log(x), log(x) + 1), {x: both}),
    "a pole that cancels": lambda: box(le(1 / x, 1 / x + 1), {x: both}),
    "a pole that cancels, at a contact": lambda: box(le(1 / x, 1 / x + x**2), {x: both}, ({x: 0}, 2)),
    "a removable pole": lambda: box(le(-5, (x**2 - third**2) / (x - third)), {x: unit}),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_is_not_defined_on_the_whole_box_is_refused(name):
    with pytest.raises(KernelError):
        UNDEFINED[name]()


ILL_FORMED = {
    "no box": lambda: box(le(0, 1 + x**2), {}),
    "a variable without sides": lambda: box(le(0, x**2 + y**2), {x: unit}),
    "a side without variable": lambda: box(le(0, x**2), {x: unit, y: unit}),
    "an inverted side": lambda: box(le(0, x), {x: (1, 0)}),
    "an infinite side": lambda: box(le(0, 1 + x**2), {x: (0, oo)}),
    "a float side": lambda: box(le(0, 1 + x**2), {x: (0, 0.5)}),
    "a side that is a variable": lambda: box(le(0, 1 + x**2), {x: (0, y)}),
    "a side that is irrational": lambda: box(le(0, 1 + x**2), {x: (0, E)}),
    "a negative side of a positive symbol": lambda: box(le(0, u), {u: both}),
    "an equation": lambda: box(eq(x, x), {x: unit}),
    "a quantified relation": lambda: box(Relation(x, "<=", x + 1, (c,)), {x: unit}),
    "an atom": lambda: box(le(0, f(c) ** 2 + x**2), {x: unit}),
    "an average": lambda: box(le(0, Mean(f(c) ** 2, c) + x**2), {x: unit}),
    "an indicator": lambda: box(le(0, Indicator(x)), {x: unit}),
    "a complex number": lambda: box(le(0, x**2), {x: (0, Integer(-1) ** Rational(1, 2))}),
    "an undeclared kind of symbol": lambda: box(le(0, Symbol("z") ** 2), {Symbol("z"): unit}),
    "a contact outside": lambda: box(le(0, x**2), {x: unit}, ({x: 2}, 2)),
    "a contact without coordinates": lambda: box(le(0, x**2), {x: unit}, ({}, 2)),
    "a contact of another variable": lambda: box(le(0, x**2), {x: unit}, ({y: 0}, 2)),
    "a contact of order zero": lambda: box(le(0, x**2), {x: unit}, ({x: 0}, 0)),
    "five variables": lambda: box(
        le(0, sum(real(f"z{n}_box", "z", "z") ** 2 for n in range(5))),
        {real(f"z{n}_box", "z", "z"): unit for n in range(5)},
    ),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_what_is_ill_formed_is_refused(name):
    with pytest.raises((KernelError, ValueError)):
        ILL_FORMED[name]()


TRUE = {
    "a valley": (lambda: le(0, (x - third) ** 2), {x: unit}, [({x: third}, 2)]),
    "a tangent": (lambda: le(1 + x, exp(x)), {x: both}, [({x: 0}, 2)]),
    "third order at an edge": (lambda: le(x - x**2 / 2, 1 - exp(-x)), {x: unit}, [({x: 0}, 3)]),
    "for every parameter": (
        lambda: le(0, (x - third) ** 2 * (p + third)),
        {x: unit, p: unit},
        [({x: third}, 2)],
    ),
    "sloped and flat": (
        lambda: le(0, x * (2 + y) + (1 - y) ** 2 * exp(y)),
        {x: unit, y: unit},
        [({x: 0, y: 1}, 2)],
    ),
    "up to the edge of a root": (lambda: le(x, sqrt(x)), {x: (Rational(1, 4), 1)}, []),
    "an absolute value": (lambda: le(-tiny, Abs(x - third)), {x: unit}, []),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_certified_with_its_bounds_as_hypotheses(name):
    goal, sides, contacts = TRUE[name]
    proved = box(goal(), sides, *contacts)
    assert proved.certified
    assert proved.conclusion == goal()
    bounds = {le(low, s) for s, (low, _) in sides.items()} | {le(s, high) for s, (_, high) in sides.items()}
    assert proved.hypotheses == bounds


def test_a_bound_that_the_domain_shows_is_not_assumed_and_every_other_is():
    assert box(le(0, u * (1 - u)), {u: unit}).hypotheses == {le(u, 1)}
    assert box(le(0, C - 2), {C: (2, 9)}).hypotheses == {le(C, 9)}
    assert box(le(0, C - 3), {C: (3, 9)}).hypotheses == {le(3, C), le(C, 9)}


def test_the_bounds_cannot_be_lost():
    """Outside the box the inequality is false, so the bound must survive every substitution."""
    inside = box(le(0, x * (1 - x)), {x: unit})
    moved = instantiate(inside, {x: Integer(5)})
    assert any(a.lhs == 5 and a.rhs == 1 for a in moved.hypotheses)
    with pytest.raises(KernelError):
        combine(le(0, Integer(-20)), {instantiate(inside, {x: Integer(1)}): 1})


def test_a_damaged_certificate_is_refused_although_a_search_would_succeed(monkeypatch):
    h = x - third
    goal = le(1 + h + h * y / 2, exp(h) + y**2 * (2 - x))
    sides, contact = {x: unit, y: both}, ({x: third, y: 0}, 2)
    claim = Inequality.on(goal.lhs, goal.rhs, sides, (Contact({x: third, y: 0}),))
    tree = find_cover(claim)
    key = store._key(store.described(claim))
    assert "stored" not in box(goal, sides, contact).evidence
    monkeypatch.setattr(store, "_stored", lambda: {key: tree})
    assert "stored" in box(goal, sides, contact).evidence
    for damaged in (tree[:-1], tree + "v", "v", "", "A", "z", "9", tree.replace("A", "v")):
        monkeypatch.setattr(store, "_stored", lambda damaged=damaged: {key: damaged})
        with pytest.raises(KernelError):
            box(goal, sides, contact)


FORGERIES = {
    "crossing": ((x - third) ** 3, {x: unit}, Contact({x: third}, 3)),
    "a slope that changes sign": (x * (1 - 2 * x), {x: unit}, Contact({x: 0}, 1)),
    "a maximum": (-((x - third) ** 2), {x: unit}, Contact({x: third})),
    "a saddle": (x * y, {x: both, y: both}, Contact({x: 0, y: 0})),
    "indefinite at a corner": (x**2 - 3 * x * y + y**2, {x: unit, y: unit}, Contact({x: 0, y: 0})),
    "sloped out of the box": (x + y**2, {x: both, y: unit}, Contact({x: 0, y: 0})),
    "sloped at the wrong end": (x + y**2, {x: (-1, 0), y: unit}, Contact({x: 0, y: 0})),
    "for some parameters": ((x - third) ** 2 * (p - tiny), {x: unit, p: unit}, Contact({x: third})),
    "far from the contact": (x**2 * (1 - tiny - x), {x: unit}, Contact({x: 0})),
    "between contacts": (x**2 * (x - third) * (x - third - tiny), {x: unit}, Contact({x: 0})),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_forged_tree_proves_a_false_inequality(name):
    """Every string of up to five nodes, and many longer ones, for both checkers."""
    gap, sides, contact = FORGERIES[name]
    claim = Inequality.on(Integer(0), gap, sides, (contact,))
    alphabet = "01vgfA" if len(sides) == 2 else "0vgfA"
    dice = random.Random(0)
    forged = ["".join(t) for n in range(6) for t in product(alphabet, repeat=n)]
    forged += ["".join(dice.choices(alphabet, k=dice.choice((7, 9, 11)))) for _ in range(2000)]
    described = store.described(claim)
    complete = 0
    for tree in forged:
        leaves = _leaves_of_a_tree(tree)
        if leaves is None:
            continue
        complete += 1
        with pytest.raises(CoverFailure):
            check_cover(claim, tree)
        if complete % 5 == 0:
            with pytest.raises(Refused):
                verify(described | {"leaves": leaves, "tree": [tree]})
    assert complete > 80


def _leaves_of_a_tree(tree):
    """The number of leaves, or None for what is no tree."""
    waiting = 1
    for token in tree:
        if not waiting:
            return None
        waiting += 1 if token.isdigit() else 0 if token == "f" else -1
    return None if waiting else sum(token in "vgA" for token in tree)


def _random_claim(dice):
    """A random inequality in one or two variables, often nearly false, and a float version of its gap."""
    a, b, k, m = (Rational(dice.randint(-9, 9), dice.randint(1, 9)) for _ in range(4))
    shapes = [
        exp(a * x) - 1 - a * x + k * x**2 * y,
        (x - a / 9) ** 2 + (y - b / 9) ** 2 + m / 50,
        log(2 + x) * (1 + y**2) - b * x / 5 + m / 9,
        sqrt(1 + y) + a * x * y / 3 - b / 9,
        x**4 - a * x**2 * y + k * y**2 + m / 30,
    ]
    return shapes[dice.randrange(len(shapes))]


@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_is_proved_is_false_at_a_random_point(seed):
    """And the independent checker confirms whatever is proved."""
    dice = random.Random(seed)
    gap = _random_claim(dice)
    symbols = sorted(gap.free_symbols, key=str)
    if not symbols:
        return
    sides = {s: (Rational(dice.randint(-4, 0), 4), Rational(dice.randint(1, 4), 4)) for s in symbols}
    points = [
        {s: low + (high - low) * Rational(dice.randint(0, 64), 64) for s, (low, high) in sides.items()}
        for _ in range(60)
    ]
    false = any(float(gap.subs(point)) < -1e-12 for point in points)
    claim = Inequality.on(Integer(0), gap, sides)
    try:
        tree = find_cover(claim, max_leaves=300)
    except CoverFailure:
        return
    assert not false
    leaves = check_cover(claim, tree)
    assert verify(store.described(claim) | {"leaves": leaves, "tree": [tree]}) == leaves


def test_a_tree_covers_the_box_exactly():
    """The leaves of a tree tile the box: their volumes add up and every random point is in one of them."""
    from theory.certificates.cover import halves

    gap = Rational(1, 50) + (x - third) ** 2 - Abs(y) / 7 + y**2
    claim = Inequality.on(Integer(0), gap, {x: unit, y: both})
    open_boxes, leaves = [claim.sides], []
    for token in find_cover(claim):
        piece = open_boxes.pop()
        if token.isdigit():
            open_boxes += reversed(halves(piece, int(token)))
        else:
            leaves.append(piece)
    assert not open_boxes
    assert sum((b - a) * (d - c) for (a, b), (c, d) in leaves) == Fraction(2)
