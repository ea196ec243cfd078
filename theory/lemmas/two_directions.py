# SPDX-License-Identifier: MIT
"""One singular value separates two classes and no third: what is left for the other directions.

sqrt(n) z_cj = sigma_1 a_c b_j + sum_l sigma_l u_lc v_lj.  Let b be largest at the class p and least at the
class m (p_c, m_c in {0, 1} say which).  A class c that is neither has a rival, p where a_c >= 0 and m
otherwise, against which the first direction gives it no margin: a_c (b_c - b_rival) <= 0.  So its margin
there is at most sum_l sigma_l u_lc (v_lc - v_l,rival)/sqrt(n), and over the C - 2 such classes

    sum_c u_lc (v_lc - v_l,rival) <= sqrt(C - 1)

for vectors of norm at most 1, because (x - y)^2 <= (C - 1) x^2 + ((C - 1)/(C - 2)) y^2.  This project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, exp, log, sqrt

from theory.definitions import cross_entropy, lse
from theory.expressions import Mean, Relation, eq, index, le
from theory.kernel import Theorem
from theory.lemmas.schatten import log_value, total_value
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent, visible
from theory.symbols import C, atom, c, i, j, n, positive, real, z

top = positive("sigma_top", r"\sigma_1", "the largest singular value of sqrt(n) Z")
first_left = atom("a_top", "a", "a_top(c): entry c of its left vector")
first_right = atom("b_top", "b", "b_top(j): entry j of its right vector")
left = atom("u_rest", "u", "u_rest(l, c): entry c of the left vector of direction l, of norm at most 1")
right = atom("v_rest", "v", "v_rest(l, j): entry j of the right vector of direction l, of norm at most 1")
largest = atom("p_class", "p", "p_class(c): 1 at one class where b is largest, 0 elsewhere")
least = atom("m_class_low", "m", "m_class_low(c): 1 at one class where b is least, 0 elsewhere")
level = real("s_rest", "s", "a margin of the classes that the first direction does not serve")
third = positive("third_classes", "N", "number C - 2 of classes that are neither")
at = index("c_l")

UNIT = (le(C * Mean(left(c, j) ** 2, j), 1, c), le(C * Mean(right(c, j) ** 2, j), 1, c))
LAMBDA = sqrt(third + 1)
COUNT = eq(third, C - 2)  # positive, so that there are three classes
WEIGHT = exp(-level) / (1 + exp(-level))  # probability of the rival at margin s


def one_class(chosen: Any) -> tuple[Relation, Relation]:
    """``chosen`` is 1 at one class and 0 elsewhere."""
    return eq(chosen(c) ** 2, chosen(c), c), eq(C * Mean(chosen(j), j), 1)


HIGHEST = le(first_right(c), C * Mean(largest(j) * first_right(j), j), c)
LOWEST = le(C * Mean(least(j) * first_right(j), j), first_right(c), c)
EXTREMES = (*one_class(largest), *one_class(least), HIGHEST, LOWEST)


def logits(cc: Any, ii: Any, jj: Any) -> Expr:
    """z_cj, for every sample of class c."""
    rest = C * Mean(exp(log_value(at)) * left(at, cc) * right(at, jj), at)
    return (top * first_left(cc) * first_right(jj) + rest) / sqrt(n)


def others(cc: Any = c) -> Expr:
    """1 at the classes that are neither, 0 at the two."""
    return (1 - largest(cc)) * (1 - least(cc))


@lru_cache
def bounds(chosen: Any, cc: Any = c) -> tuple[Theorem, Theorem]:
    """0 <= e_c and e_c <= 1, because e_c^2 = e_c."""
    binary = instantiate(assume(one_class(chosen)[0]), {c: cc} if cc != c else {})
    e = chosen(cc)
    return (
        combine(le(0, e), {binary: 1}, slack=e**2, label="0 or 1"),
        combine(le(0, 1 - e), {binary: 1}, slack=(1 - e) ** 2, label="0 or 1"),
    )


@lru_cache
def rival_bound(chosen: Any) -> Theorem:
    """(1 - e_c) (log(1 + e^-s) + w s - w (z_c - z_rival)) <= (1 - e_c) CE, w = e^-s/(1 + e^-s)."""
    total, small = lse(), exp(-level)
    own = log_tangent(exp(z(c, i, c) - total) * (1 + small), label="log x <= x - 1 at the true class")
    wrong = log_tangent(exp(z(c, i, j) - total) * (1 + small) / small, label="log x <= x - 1 at the rival")
    binary, single = map(assume, one_class(chosen))
    here, free = bounds(chosen, j)[0], bounds(chosen)[1]
    picked = combine(
        le(chosen(j) * wrong.relation.lhs, chosen(j) * wrong.relation.rhs),
        {wrong: chosen(j)},
        facts=[here],
        label="at the rival only",
    )
    spare = combine(
        le(0, (1 - chosen(j)) * exp(z(c, i, j) - total)),
        slack=(1 - chosen(j)) * exp(z(c, i, j) - total),
        facts=[bounds(chosen, j)[1]],
        label="other probabilities",
    )
    spare = average(spare, j, excluding=c, label="of the wrong classes")
    rest = 1 - chosen(c)
    entropy = log(1 + small) + WEIGHT * level
    apart = z(c, i, c) - C * Mean(chosen(j) * z(c, i, j), j)
    share = average(picked, j, label="the rival")
    unit = WEIGHT * (1 - total + log(1 + small) + level)
    return combine(
        le(rest * (entropy - WEIGHT * apart), rest * cross_entropy()),
        {
            own: rest / (1 + small),
            share: C * WEIGHT * rest,
            spare: (C - 1) * rest,
            single: -rest * unit,
            binary: -exp(z(c, i, c) - total),
        },
        facts=[free],
        label="two classes of all",
    )


def alike() -> Expr:
    """1 where p and m are the same class, else 0."""
    return Mean(largest(c) * least(c), c)


def ends(ll: Any = at) -> Expr:
    """The squares of v_l at p and m together."""
    return C * Mean((1 - others(j)) * right(ll, j) ** 2, j)


def share(ll: Any = at, cc: Any = c) -> Expr:
    """What direction l may give a class against either rival: B_lc."""
    return LAMBDA / 2 * (left(ll, cc) ** 2 + right(ll, cc) ** 2 + ends(ll) / third)


@lru_cache
def share_of_margin(chosen: Any, other: Any) -> Theorem:
    """u_lc (v_lc - v_l,rival) <= B_lc: a square, and the spread of v_l at one class is none."""
    here = C * Mean(chosen(j) * right(at, j), j)
    nonnegative = bounds(chosen, j)[0]
    spread = chosen(j) * (right(at, j) - here) ** 2
    spread_ = average(combine(le(0, spread), slack=spread, facts=[nonnegative]), j, label="no spread")
    away = other(j) * (1 - chosen(j)) * right(at, j) ** 2
    signs = [bounds(other, j)[0], bounds(chosen, j)[1]]
    away_ = average(combine(le(0, away), slack=away, facts=signs), j, label="the other class")
    rate = LAMBDA / (2 * third)
    square = LAMBDA / 2 * (left(at, c) - (right(at, c) - here) / LAMBDA) ** 2
    return combine(
        le(left(at, c) * (right(at, c) - here), share()),
        {spread_: C * rate, away_: C * rate, assume(one_class(chosen)[1]): rate * here**2},
        slack=square + (third * right(at, c) + here) ** 2 / (2 * LAMBDA * third),
        label="squares",
    )


@lru_cache
def against(chosen: Any, other: Any, served: Relation) -> Theorem:
    """``served``, a_c (b_c - b_rival) <= 0 |- the loss of a class that is neither p nor m, at that rival."""
    known = instantiate(rival_bound(chosen), functions={z: ((c, i, j), logits(c, i, j))}, label="the logits")
    weight = others()
    mine, theirs = bounds(chosen)[1], bounds(other)[1]
    scaled = combine(
        le((1 - other(c)) * known.relation.lhs, (1 - other(c)) * known.relation.rhs),
        {known: 1 - other(c)},
        facts=[theirs],
        label="neither of the two",
    )
    margin = share_of_margin(chosen, other)
    rate = exp(log_value(at))
    each = combine(
        le(rate * margin.relation.lhs, rate * margin.relation.rhs), {margin: rate}, label="times sigma_l"
    )
    return combine(
        class_relation(),
        {
            scaled: 1,
            assume(served): weight * WEIGHT * top / sqrt(n),
            average(each, at, label="all directions"): C * weight * WEIGHT / sqrt(n),
        },
        facts=[mine, theirs],
        label="the first direction gives nothing",
    )


def class_relation() -> Relation:
    """chi (log(1 + e^-s) + w s) - w chi sum_l sigma_l B_lc/sqrt(n) <= chi CE."""
    entropy = log(1 + exp(-level)) + WEIGHT * level
    spent = C * Mean(exp(log_value(at)) * share(), at) / sqrt(n)
    return le(others() * (entropy - WEIGHT * spent), others() * cross_entropy(logits))


@lru_cache
def class_bound() -> Theorem:
    """Every class: its rival is p where a_c >= 0 and m otherwise."""
    a, b = first_left(c), first_right
    sides = []
    for chosen, other, sign, extreme in ((largest, least, 1, HIGHEST), (least, largest, -1, LOWEST)):
        split = le(0, a) if sign == 1 else le(a, 0)
        served = le(a * b(c), a * C * Mean(chosen(j) * b(j), j))
        proof = combine(
            served, {assume(extreme): sign * a}, facts=[combine(le(0, sign * a), {assume(split): 1})]
        )
        sides.append((against(chosen, other, served), proof))
    return cases(*(cut(*side) for side in sides), split=le(0, a), label="the sign of a_c")


@lru_cache
def not_negative() -> Theorem:
    """0 <= 1[p = m]/C."""
    one = largest(c) * least(c)
    signs = [bounds(largest)[0], bounds(least)[0]]
    return average(combine(le(0, one), slack=one, facts=signs), c, label="mean over classes")


@lru_cache
def shares() -> Theorem:
    """sum_c chi_c B_lc <= sqrt(C - 1) (1 + 1[p = m]/(2 N)): what p and m have pays what the others get."""
    signs = [*bounds(largest), *bounds(least)]
    single = [assume(one_class(f)[1]) for f in (largest, least)]
    parts = (largest(c) * left(at, c) ** 2, least(c) * (1 - largest(c)) * left(at, c) ** 2)
    kept = [average(combine(le(0, x), slack=x, facts=signs), c, label="the two classes") for x in parts]
    units = [instantiate(a, {c: at}, label="direction l") for a in map(assume, UNIT)]
    free = others() * right(at, c) ** 2
    free_ = average(combine(le(0, free), slack=free, facts=signs), c, label="the other classes")
    short = combine(le(ends(), 1), {units[1]: 1, free_: C}, label="part of a norm")
    half, same = LAMBDA / 2, C * alike()
    return combine(
        le(C * Mean(others() * share(), c), LAMBDA * (1 + same / (2 * third))),
        [
            *((t, C * half) for t in kept),
            *((t, -half * ends() / third) for t in (*single, assume(COUNT))),
            *((t, half) for t in units),
            (short, half * same / third),
        ],
        facts=[not_negative()],
        label="sum over classes",
    )


def third_loss() -> Expr:
    """(1/C) sum over the classes that are neither of their cross-entropy."""
    return Mean(others() * cross_entropy(logits), c)


@lru_cache
def third_bound() -> Theorem:
    """((N + e) f - w sqrt(C - 1) delta (1 + e/2N)/sqrt n)/C <= third_loss, e = 1[p = m].

    f = log(1 + e^-s) + w s, delta = sum_l sigma_l.
    """
    known = shares()
    rate = exp(log_value(at))
    each = combine(
        le(rate * known.relation.lhs, rate * known.relation.rhs), {known: rate}, label="times sigma_l"
    )
    entropy, same = log(1 + exp(-level)) + WEIGHT * level, C * alike()
    spent = WEIGHT * LAMBDA * total_value() / sqrt(n) * (1 + same / (2 * third))
    return combine(
        le((third + same) / C * entropy - spent / C, third_loss()),
        [
            (average(class_bound(), c, label="mean over classes"), 1),
            (average(each, at, label="all directions"), WEIGHT / sqrt(n)),
            *((assume(one_class(f)[1]), entropy / C) for f in (largest, least)),
            (assume(COUNT), entropy / C),
        ],
        label="collect",
    )


@lru_cache
def below_loss() -> Theorem:
    """It is at most the mean loss of all classes."""
    own = log_tangent(exp(logits(c, i, c) - lse(logits)), label="log x <= x - 1")
    rest = average(
        visible(le(0, exp(logits(c, i, j) - lse(logits)))), j, excluding=c, label="the wrong classes"
    )
    loss = combine(le(0, cross_entropy(logits)), {own: 1, rest: C - 1}, label="a loss is nonnegative")
    spare = combine(
        le(0, (1 - others()) * cross_entropy(logits)),
        [(loss, largest(c)), (loss, least(c) * (1 - largest(c)))],
        facts=[*bounds(largest), *bounds(least)],
        label="the two classes cost something",
    )
    return combine(
        le(third_loss(), Mean(cross_entropy(logits), c)), {average(spare, c, label="mean over classes"): 1}
    )
