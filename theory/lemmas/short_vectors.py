# SPDX-License-Identifier: MIT
"""Short vectors: how few of them a loss allows, and what their cosines weigh.

short(c) = w_c is the positive part of 1 - V length(c), V >= 1.  A class c is lifted by 2 w_c
(``lemmas.tilted_classes``), which weighs its row by 1 + 2 w_c: to first order the weights of the cosines
are those of unit vectors, and what is left, second order in w_c, is paid by the lift.

Per pair, with a = V length(c), b = V length(j), |f| <= 1 and any 0 <= D <= C/(C-1):

    D <= (1 + w_c + w_j) a b D + (f/(2 (C-1))) (a (1 + 2 w_c) - b (1 + 2 w_j)) (a - b)
           + (a - b)^2/(2 (C-1)) + (3/2) (C/(C-1)) (w_c^2 + w_j^2).

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Abs, Expr, Rational

from theory.definitions_collapse import length
from theory.expressions import eq, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, cases, combine, cut, instantiate, visible
from theory.symbols import C, atom, c, nonnegative, positive, real

short = atom("short", "w", "short(c): the positive part of 1 - V length(c)")
stretch = positive("stretch_v", "V", "a length 1/V is the shortest that counts as whole")
rate_l = positive("lift_rate", r"\zeta", "how much a class is lifted for one unit of its short part")
one_short, other_short = (nonnegative(f"short_{n}", f"w_{n}", "a short part, at most 1") for n in "12")
one_long, other_long = (nonnegative(f"long_{n}", f"l_{n}", "a length's excess over 1") for n in "12")
size = nonnegative("size_12", "D", "a number between 0 and C/(C-1)")
amount = real("amount", "x", "any number")
room = positive("room_eta", r"\eta", "a positive number that goes to 0")
sign_of = real("sign_12", "f", "a number in [-1, 1]")
HALF = Rational(1, 2)

SHORT = (
    le(0, short(c), c),
    le(1 - stretch * length(c), short(c), c),
    eq(short(c) * stretch * length(c), short(c) * (1 - short(c)), c),
)
_FACTS = (
    le(one_short, 1),
    le(other_short, 1),
    eq(one_short * one_long, 0),
    eq(other_short * other_long, 0),
)


def _scaled(small: Any, large: Any) -> Expr:
    return 1 - small + large  # type: ignore[no-any-return]


@lru_cache
def pair_weight() -> Theorem:
    """w_1, w_2 <= 1 |- 1 <= (1 + w_1 + w_2) a b + w_1^2 + w_1 w_2 + w_2^2, a = 1 - w_1 + l_1, likewise b."""
    w1, w2, l1, l2 = one_short, other_short, one_long, other_long
    a, b = _scaled(w1, l1), _scaled(w2, l2)
    room1, room2 = (combine(le(0, 1 - x), {assume(le(x, 1)): 1}) for x in (w1, w2))
    own = 1 + w1 + w2
    return combine(
        le(1, own * a * b + w1**2 + w1 * w2 + w2**2),
        {room1: own * l2, room2: own * l1},
        slack=own * l1 * l2 + w1 * w2 * (w1 + w2),
        label="weights of a pair",
    )


def _turn(w1: Any, w2: Any, l1: Any, l2: Any) -> Expr:
    """(a (1 + 2 w_1) - b (1 + 2 w_2)) (a - b)."""
    a, b = _scaled(w1, l1), _scaled(w2, l2)
    return (a * (1 + 2 * w1) - b * (1 + 2 * w2)) * (a - b)  # type: ignore[no-any-return]


@lru_cache
def pair_turn() -> Theorem:
    """|f| <= 1, w_1, w_2 <= 1 |- -f turn <= (a - b)^2 + 2 w_1 w_2 (w_1 - w_2)^2."""
    w1, w2, l1, l2, f = one_short, other_short, one_long, other_long, sign_of
    zero1, zero2 = assume(_FACTS[2]), assume(_FACTS[3])
    room1, room2 = (combine(le(0, 1 - x), {assume(le(x, 1)): 1}) for x in (w1, w2))
    low = combine(le(0, (1 - f) * HALF), {assume(le(f, 1)): HALF})
    high = combine(le(0, (1 + f) * HALF), {assume(le(-1, f)): HALF})
    turn = _turn(w1, w2, l1, l2)
    apart = _scaled(w1, l1) - _scaled(w2, l2)
    wide, extra, own = (w1 - w2) ** 2, 2 * w1 * w2 * (w1 - w2) ** 2, 1 + w1 + w2
    both = combine(le(0, (1 - w1) * (1 - w2)), {room1: 1 - w2}, facts=[room2])
    upper = combine(
        le(turn, apart**2 + extra),
        {
            both: 2 * wide,
            room1: 2 * l2 * w1,
            room2: 2 * l1 * w2,
            zero1: 2 - 2 * w1 + 2 * apart,
            zero2: 2 - 2 * w2 - 2 * apart,
        },
        label="at most its square",
    )
    lower = combine(
        le(-turn, apart**2),
        {zero1: 2 * own - 2 * apart, zero2: 2 * own + 2 * apart},
        slack=2 * (l1 - l2) ** 2 + 2 * own * (l1 * w2 + l2 * w1) + 2 * (w1 + w2) * wide,
        label="at least minus its square",
    )
    return combine(
        le(-f * turn, apart**2 + extra),
        {upper: (1 - f) * HALF, lower: (1 + f) * HALF, high: extra},
        facts=[low, high],
        label="|f| <= 1",
    )


def payment(w1: Any = one_short, w2: Any = other_short) -> Expr:
    """(3/2) (C/(C-1)) (w_1^2 + w_2^2)."""
    return Rational(3, 2) * C / (C - 1) * (w1**2 + w2**2)


@lru_cache
def pair_bound() -> Theorem:
    """D <= C/(C-1) |- D <= (1 + w_1 + w_2) a b D + (f turn + (a - b)^2)/(2 (C-1)) + payment."""
    w1, w2, l1, l2, f = one_short, other_short, one_long, other_long, sign_of
    a, b = _scaled(w1, l1), _scaled(w2, l2)
    room1, room2 = (combine(le(0, 1 - x), {assume(le(x, 1)): 1}) for x in (w1, w2))
    most = assume(le(size, C / (C - 1)))
    product = combine(le(0, 1 - w1 * w2), {room1: 1, room2: w1}, label="w_1 w_2 <= 1")
    return combine(
        le(
            size,
            (1 + w1 + w2) * a * b * size
            + (f * _turn(w1, w2, l1, l2) + (a - b) ** 2) / (2 * (C - 1))
            + payment(),
        ),
        {
            pair_weight(): size,
            most: w1**2 + w1 * w2 + w2**2,
            pair_turn(): HALF / (C - 1),
            product: (w1 - w2) ** 2 / (C - 1),
        },
        slack=(C - 2) / (2 * (C - 1)) * (w1 - w2) ** 2,
        label="one pair",
    )


def part(of: Any) -> Expr:
    """The positive part of a number."""
    return (of + Abs(of)) / 2  # type: ignore[no-any-return]


@lru_cache
def at_most_size() -> Theorem:
    """x <= |x|."""
    size_ = Abs(amount)
    sign = assume(le(0, amount))
    positive_sum = combine(lt(0, size_ + room + amount), {sign: 1}, slack=size_ + room)
    near = combine(
        le(amount, size_ + room),
        slack=0,
        premises={visible(le(0, 2 * size_ * room + room**2)): 1 / (size_ + room + amount)},
        facts=[positive_sum],
        label="(|x| + eta)^2 >= x^2",
    )
    right = apply("limit", near, symbol=room, label="eta -> 0")
    left = combine(le(amount, size_), {assume(le(amount, 0)): 1}, slack=size_)
    return cases(right, left, split=le(0, amount))


@lru_cache
def part_of_amount() -> tuple[Theorem, Theorem]:
    """0 <= x_+ and x <= x_+."""
    above = at_most_size()
    other = instantiate(above, {amount: -amount})
    return combine(le(0, part(amount)), {other: HALF}), combine(le(amount, part(amount)), {above: HALF})


@lru_cache
def positive_part() -> tuple[Theorem, Theorem]:
    """0 <= w and 1 - V length <= w for w the positive part of 1 - V length; the rest is an identity."""
    below = 1 - stretch * length(c)
    none, over = (instantiate(t, {amount: below}) for t in part_of_amount())
    return none, over


def without_short(theorem: Theorem) -> Theorem:
    """``theorem`` without SHORT: w is the positive part of 1 - V length."""
    chosen = instantiate(
        theorem, functions={short: ((c,), part(1 - stretch * length(c)))}, label="w := (1 - V l)_+"
    )
    return cut(chosen, *positive_part(), label="the positive part")
