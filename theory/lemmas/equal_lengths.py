# SPDX-License-Identifier: MIT
"""Norms of classifier rows and of centred class means: how unequal they may be, from a loss gap.

``lemmas.length_costs`` says what a class spends whose row or mean is longer or shorter than at the optimum.
All classes together spend C r at most, r = (T - tau)/t on average, so that no class is longer than 1 + m
where ROOM holds.  For vectors v_c = length(c) unit(c) that are off their centre by at most g,

    mean (length - 1)^2 <= (m/sqrt(C) + g)^2

in units of the optimum, kappa = sqrt(T/t) times those of beta (rows w_c, off their centre by wbar) or alpha
(centred means mu_c - mu_G, off by mu_G).  Norms at most alpha and beta and a loss phi(tau): t = tau, r =
T/tau - 1; a loss gap eps that pays for the norms: t = T, r = eps/(T q(T)).

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Integer

from theory.definitions import cross_entropy, dot, margin, mu, phi, q, sq, unbiased_logit, wt
from theory.definitions_collapse import POLAR, length, unit
from theory.expressions import Mean, eq, le, lt, substitute
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.between_classes import MARGIN, level, priced
from theory.lemmas.length_costs import (
    FAR,
    FLAT,
    HAT,
    SHARE,
    SOFT,
    STEEP,
    UNDER,
    cost_k,
    deviations,
    far_g,
    gain,
    heavy,
    least_cost,
    long_gain,
    long_pays,
    longer,
    longest_square,
    mean_deviation,
    moved_entropy,
    no_longer,
    of_long,
    of_short,
    over,
    share,
    shares,
    short_gain,
    short_pays,
    size_l,
    spending_of,
    spent,
    spread,
    square,
    stiff,
    third,
    under,
    weight,
)
from theory.lemmas.near_unit import (
    OFF,
    centre,
    feature_square,
    of_means,
    of_rows,
    off,
    ratio,
    row_square,
    short,
    turn,
)
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, cases, combine, cut, instantiate, visible
from theory.symbols import C, T, alpha, beta, c, d, h, i, j, k, p, z

STIFF, THIRD = (1 + q(margin_t)) / ((1 - q(margin_t)) * margin_t), 1 / (3 * margin_t)
BUDGET = priced(level, q(margin_t))
HEAVY = 4 * q(margin_t) ** 2 / (1 - q(margin_t) ** 2)
VALUES = {stiff: STIFF, third: THIRD, heavy: HEAVY}
NUMBERS = (eq(stiff, STIFF), eq(third, THIRD), eq(heavy, HEAVY))


def spending() -> Expr:
    """(E_i CE - phi(t))/(q t) + (T/(2 t)) (||w~_c||^2/beta^2 + E_i ||h_ci||^2/alpha^2) - 1."""
    norms = row_square() + Mean(feature_square(), i)
    own = Mean(cross_entropy(unbiased_logit), i) - phi(margin_t)
    return own / (q(margin_t) * margin_t) + T / (2 * margin_t) * norms - 1


def mean_square() -> Expr:
    """||mu_c||^2/alpha^2."""
    return sq(lambda x: mu(c, x)) / alpha**2


@lru_cache
def _sample() -> Theorem:
    """q y < 1 |- psi(q) + q ((y-1) t - (y-1)^2 (...)) - q y margin <= CE, logits <w_j, h>."""
    bound = instantiate(dual_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits")
    bound = instantiate(bound, {p: q(margin_t) * weight}, label="p := q y")
    own = q(margin_t) * weight * margin(unbiased_logit)
    goal = le(moved_entropy().relation.lhs - own, cross_entropy(unbiased_logit))
    return combine(goal, {bound: 1, moved_entropy(): 1}, label="one sample")


def _class_cost(size: Expr, slack: Expr, inner: Expr) -> Theorem:
    stiff_is, third_is, _ = map(assume, NUMBERS)
    move = (weight - 1) ** 2 / 2
    return combine(
        le(gain(weight, T / margin_t * size), spending()),
        {
            stiff_is: -move,
            third_is: 3 * move * (weight - 1) / (1 + 2 * weight),
            average(_sample(), i, label="mean over the class"): 1 / (q(margin_t) * margin_t),
            assume(MARGIN): -weight * inner / (alpha * beta * margin_t),
        },
        slack=T / (2 * margin_t) * slack,
        label="2 <a, b> <= y ||a||^2 + ||b||^2/y",
    )


@lru_cache
def row_cost() -> Theorem:
    """q y < 1, MARGIN |- gain at Q = ||w~_c||^2/beta^2 T/t <= spending."""
    apart = sq(lambda x: weight * wt(c, x) / beta - h(c, i, x) / alpha)
    inner = dot(lambda x: wt(c, x), lambda x: mu(c, x))
    return _class_cost(row_square(), Mean(apart, i), inner)


@lru_cache
def mean_cost() -> Theorem:
    """q y < 1, MARGIN |- gain at Q = ||mu_c||^2/alpha^2 T/t <= spending."""
    apart = sq(lambda x: weight * mu(c, x) / alpha - wt(c, x) / beta)
    scatter = Mean(sq(lambda x: h(c, i, x) - mu(c, x)), i) / alpha**2
    inner = dot(lambda x: wt(c, x), lambda x: mu(c, x))
    return _class_cost(mean_square(), apart + scatter, inner)


@lru_cache
def far() -> Theorem:
    """POLAR, OFF, g <= length |- (length - g)^2 <= ||v_c + off||^2."""
    split, one, sign = map(assume, POLAR)
    moved = length(c) * unit(c, k) + off(k)
    square_ = combine(eq(turn(c, k) ** 2, moved**2), {split: turn(c, k) + moved}, label="one coordinate")
    longer_ = combine(le(0, length(c) / centre - 1), {assume(le(centre, length(c))): 1 / centre})
    return combine(
        le((length(c) - centre) ** 2, sq(lambda x: turn(c, x))),
        [
            (average(square_, k), -d),
            (one, length(c) * centre - length(c) ** 2),
            (assume(OFF), length(c) / centre - 1),
        ],
        facts=[longer_, sign],
        slack=length(c) / centre * sq(lambda x: centre * unit(c, x) + off(x)),
        label="triangle inequality",
    )


def most() -> Expr:
    """r = (T - tau)/t: what the classes spend on average, tau = ``level``."""
    return (T - level) / margin_t


@lru_cache
def budget() -> Theorem:
    """BUDGET |- mean spending <= r."""
    return combine(
        le(Mean(spending(), c), most()), {assume(BUDGET): 1 / (q(margin_t) * margin_t)}, label="the loss"
    )


SCALE = eq(T, ratio**2 * margin_t)
ROOM = le(2 * C * most() * (STEEP * longest_square() + FLAT), longest_square() ** 2)
ROOM_AS_STATED = ROOM.map(lambda side: substitute(side, VALUES))


@dataclass(frozen=True)
class Vectors:
    """Rows or centred class means: ``cost`` of a class, ``frame`` (of_rows or of_means), squared ``size``."""

    cost: Callable[[], Theorem]
    frame: Callable[[Callable[[], Theorem]], Theorem]
    size: Expr


ROWS, MEANS = Vectors(row_cost, of_rows, row_square()), Vectors(mean_cost, of_means, mean_square())
LONG, SHORT = le(1 + FAR, HAT), le(HAT, 1 - FAR)


@lru_cache
def nothing(of: Vectors) -> Theorem:
    """MARGIN |- 0 <= spending: y = 1."""
    return combine(le(0, spending()), {instantiate(of.cost(), {weight: Integer(1)}, label="y := 1"): 1})


def _spends(of: Vectors, y: Expr, gained: Theorem) -> Theorem:
    """What ``gained`` is at most, at mass ``y``, the class spends."""
    own = instantiate(of.cost(), {weight: y}, facts=[visible(lt(0, y))], label="y")
    gained = instantiate(gained, {square: T / margin_t * of.size}, label="Q")
    return combine(le(gained.relation.lhs, spending()), {own: 1, gained: 1})


@lru_cache
def alone(of: Vectors) -> Theorem:
    """BUDGET |- spending <= C r."""
    others = average(instantiate(nothing(of), {c: j}), j, excluding=c, label="the other classes")
    return combine(
        le(spending(), C * most()), {others: C - 1, budget(): C}, label="no class spends more than all"
    )


@lru_cache
def long_class(of: Vectors) -> Theorem:
    """LONG, ROOM, BUDGET, COST |- kappa (length - 1 - g)^2 <= spending, in units of the optimum."""
    pays = _spends(of, of_long(), long_gain())
    pays = instantiate(pays, {over: longer * (longer + 2)}, label="X := v (v + 2)")
    paid = combine(le(pays.relation.lhs, C * most()), {pays: 1, alone(of): 1})
    limit = instantiate(no_longer(), {spent: C * most()}, label="k := C r")
    least = cut(long_pays(), cut(limit, paid))
    pays = combine(le(least.relation.lhs, spending()), {least: 1, pays: 1}, label="a long class")
    excess = HAT - FAR - 1
    pays = instantiate(pays, {longer: excess}, facts=[assume(LONG)], label="v := length - 1 - g")
    apart = combine(le(centre, length(c)), {assume(LONG): 1 / ratio}, slack=1 / ratio)
    reach = combine(
        le((1 + excess) ** 2, T / margin_t * of.size),
        {cut(of.frame(far), apart): ratio**2, assume(SCALE): -of.size / margin_t},
    )
    return cut(pays, reach)


@lru_cache
def short_class(of: Vectors) -> Theorem:
    """SHORT, COST |- kappa (1 - g - length)^2 <= spending, in units of the optimum."""
    room = combine(le(0, 1 - under), {assume(UNDER): 1})
    mass, whole = q(margin_t), 1 + heavy
    rate = 2 * mass * (1 - mass**2) / (whole * (1 + 3 * mass**2))
    light = combine(
        lt(mass * of_short(), 1),
        {room: 2 * mass * share, assume(SHARE): 2 * mass / whole, assume(NUMBERS[2]): -rate},
        slack=(1 - mass) ** 3 / (1 + 3 * mass**2),
        label="1 + 3 q^2 = 2 q (1 + q) + (1 - q)^2",
    )
    pays = cut(_spends(of, of_short(), short_gain()), light)
    least = short_pays()
    pays = combine(le(least.relation.lhs, spending()), {least: 1, pays: 1}, label="a short class")
    lack = 1 - HAT - FAR
    pays = instantiate(pays, {under: lack}, facts=[assume(SHORT)], label="w := 1 - g - length")
    small = combine(le(lack, 1), {assume(POLAR[2]): ratio}, slack=FAR)
    reach = combine(
        le(T / margin_t * of.size, (1 - lack) ** 2),
        {of.frame(short): ratio**2, assume(SCALE): of.size / margin_t},
    )
    pays = cut(pays, small, reach)
    one, other = (cut(instantiate(pays, {share: theta}, label="theta"), *facts) for theta, facts in shares())
    return cases(one, other, split=SOFT, label="eta against 1/2")


@lru_cache
def near_one(of: Vectors) -> Theorem:
    """MARGIN, BUDGET, ROOM, POLAR, OFF |- mean (length - 1)^2 <= (m/sqrt(C) + g)^2."""
    values = {spent: spending(), size_l: HAT, far_g: FAR}
    long, short_, within = (instantiate(t, values) for t in deviations())
    within = cut(within, nothing(of))
    one = cases(cut(short_, short_class(of)), within, split=SHORT)
    one = cases(cut(long, long_class(of)), one, split=LONG, label="long, short or neither")
    mean = instantiate(mean_deviation(), {spent: most()})
    mean = instantiate(mean, functions={spending_of: ((c,), spending())}, label="what a class spends")
    return instantiate(cut(mean, one, budget()), {cost_k: least_cost()}, label="kappa")


@lru_cache
def equal_norms(of: Vectors) -> Theorem:
    """The same |- (1 - N) Var length <= N (mean length)^2, N = (m/sqrt(C) + g)^2."""
    bound = spread()
    small = le(bound, 1)
    room = combine(le(0, 1 - bound), {assume(small): 1})
    mean, square_ = Mean(length(c), c), Mean(length(c) ** 2, c)
    goal = le((1 - bound) * (square_ - mean**2), bound * mean**2)
    one = combine(
        goal,
        {near_one(of): (1 - bound) / ratio**2},
        facts=[room],
        slack=((1 - bound) / ratio - mean) ** 2,
        label="a spread about 1",
    )
    other = combine(
        goal, {assume(le(1, bound)): square_}, slack=mean**2, label="nothing is said where N >= 1"
    )
    return instantiate(cases(one, other, split=small), VALUES, label="eta and delta")
