# SPDX-License-Identifier: MIT
"""What one class of unequal length costs, in numbers: far longer, shorter, or nearly equal.

Give a class the reference 1 - q y on itself and q y/(C-1) on each wrong class, q = q(t).  Gibbs' inequality,
the entropy of y and 2 <a, b> <= y ||a||^2 + ||b||^2/y show that the class spends, in units of q t, at least

    y - 1 + Q (1 - y^2)/2 - (y-1)^2 (eta + 3 delta (1-y)/(1+2y))/2,   eta = (1+q)/((1-q) t),  delta = 1/(3 t),

Q the squared norm of its row (or mean) in units of the optimum.  With rho = 4 q^2/(1-q^2), A = 1 + rho/2 +
delta + (3/2) eta^2 and B = 1 + rho + eta + (5/2) eta^2, a class with Q >= 1 + X spends X^2/(2 (A X + B)), by
y = 1 - X/(A X + B), and one with Q <= (1-w)^2 spends 2 w^2/B, by y = 1 + 2 theta w, theta = 1/(1+rho) or
1/(2 eta): q y < 1 for every q.  Where 2 C r (A Y + B) <= Y^2, Y = m (m + 2), no class can spend C r and be
longer than 1 + m; up to that length the squared deviation from 1 costs least at m.
Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, log, sqrt

from theory.definitions import psi, q
from theory.definitions_collapse import length
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.near_unit import centre, ratio
from theory.lemmas.tilt_entropy import entropy_bound, x
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, atom, c, nonnegative, p, positive, real

HALF = Rational(1, 2)
weight = positive("mass_y", "y", "wrong-class mass of a class's reference, relative to q")
stiff = positive("stiff_eta", r"\eta", "(1+q)/((1-q) t), what a change of the mass costs")
heavy = positive("heavy_rho", r"\rho", "4 q^2/(1-q^2), small where few samples are wrong")
third = positive("third_delta", r"\delta", "1/(3 t)")
square = real("square_q", "Q", "squared norm of one class's row or mean, in units of the optimum")
over = nonnegative("over_x", "X", "by how much the squared norm of a long class exceeds 1")
under = nonnegative("under_w", "w", "by how much a class is shorter than 1")
share = positive("share_theta", r"\theta", "a factor of a short class's lift, at most 1/(1 + rho)")
longer = nonnegative("longer_v", "v", "by how much a class is longer than 1")
longest = positive("longest_m", "m", "no class is longer than 1 + m, in units of the optimum")
spent = real("spent_k", "k", "what one class spends, or all on average")
size_l = real("size_l", "l", "length of one class, in units of the optimum")
far_g = positive("far_g", "g", "at least the norm of a vector near 0, in units of the optimum")
cost_k = positive("cost_k", r"\kappa", "what the squared deviation of a class costs at least")

spending_of = atom("spending_of", "k", "spending_of(c): what class c spends")
HAT, FAR = ratio * length(c), ratio * centre  # length and distance from the centre, in units of the optimum

STEEP = 1 + heavy / 2 + third + Rational(3, 2) * stiff**2
FLAT = 1 + heavy + stiff + Rational(5, 2) * stiff**2
SPARE = (stiff - 1) ** 2 / 2 + HALF + 2 * third  # 2 A - B


def gain(y: Expr = weight, size: Expr = square) -> Expr:
    """y - 1 + Q (1 - y^2)/2 - (y-1)^2 (eta + 3 delta (1-y)/(1+2y))/2."""
    return y - 1 + size * (1 - y**2) / 2 - (y - 1) ** 2 * (stiff + 3 * third * (1 - y) / (1 + 2 * y)) / 2


# ---- one class, in numbers


@lru_cache
def moved_entropy() -> Theorem:
    """q y < 1 |- psi(q) + q ((y-1) t - (y-1)^2 ((2+y)/(2 (1+2y)) + q/(1-q))) <= psi(q y), q = q(t)."""
    raised = p * weight
    below, less = assume(lt(raised, 1)), assume(lt(p, 1))
    room, rest = combine(lt(0, 1 - p), {less: 1}), combine(lt(0, 1 - raised), {below: 1})
    own = (1 - raised) / (1 - p)
    true = log_tangent(own, facts=[rest, room], label="the true class")
    split = apply("log_product", a=own, b=1 - p, facts=[rest, room])
    wrong = instantiate(entropy_bound(), {x: weight}, label="the wrong classes")

    def bound(slope: Expr, mass: Expr) -> Expr:
        cost = (weight - 1) ** 2 * ((2 + weight) / (2 * (1 + 2 * weight)) + mass / (1 - mass))
        return psi(mass) + mass * ((weight - 1) * slope - cost)

    plain = combine(
        le(bound(log(1 - p) - log(p) + log(C - 1), p), psi(raised)),
        {true: 1 - raised, split: 1 - raised, wrong: p},
        facts=[rest, room, less],
        label="entropy of the moved reference",
    )
    at = instantiate(plain, {p: q(margin_t)})
    goal = le(bound(margin_t, q(margin_t)), psi(q(margin_t) * weight))
    return combine(goal, {at: 1}, label="log((1-q)(C-1)/q) = t")


def long_cost(size: Expr = over) -> Expr:
    """X^2/(2 (A X + B))."""
    return size**2 / (2 * (STEEP * size + FLAT))


def of_long() -> Expr:
    """1 - X/(A X + B): the mass of a long class."""
    return 1 - over / (STEEP * over + FLAT)


@lru_cache
def long_gain() -> Theorem:
    """1 + X <= Q |- X^2/(2 (A X + B)) <= gain at y = 1 - X/(A X + B)."""
    y, room = of_long(), STEEP * over + FLAT
    spare = (Rational(3, 2) * stiff**2 + heavy / 2) * over + Rational(5, 2) * stiff**2 + heavy
    spare += third * over * (3 * room - 2 * over - 3) / (3 * room - 2 * over)
    return combine(
        le(long_cost(), gain(y)),
        {assume(le(1 + over, square)): (1 - y**2) / 2},
        slack=(over / room) ** 2 / 2 * spare,
        label="a long class",
    )


SHARE, LIFTS = le(share * (1 + heavy), 1), le(1, share * (1 - share * stiff) * FLAT)
UNDER, SOFT = le(under, 1), le(2 * stiff, 1 + heavy)


def of_short() -> Expr:
    """1 + 2 theta w: the mass of a short class."""
    return 1 + 2 * share * under


@lru_cache
def short_gain() -> Theorem:
    """Q <= (1-w)^2, w <= 1, SHARE, LIFTS |- 2 w^2/B <= gain at y = 1 + 2 theta w."""
    y = of_short()
    room = combine(le(0, 1 - under), {assume(UNDER): 1})
    return combine(
        le(2 * under**2 / FLAT, gain(y)),
        {
            assume(le(square, (1 - under) ** 2)): (y**2 - 1) / 2,
            assume(SHARE): 2 * share * under**2 * (1 - under),
            room: 2 * share**2 * under**2 * (under + heavy),
            assume(LIFTS): 2 * under**2 / FLAT,
        },
        slack=12 * third * (share * under) ** 3 / (3 + 4 * share * under),
        facts=[room],
        label="a short class",
    )


@lru_cache
def shares() -> tuple[tuple[Expr, tuple[Theorem, ...]], ...]:
    """theta with the proofs of SHARE and LIFTS: 1/(1+rho) where SOFT holds, 1/(2 eta) where it does not."""
    soft, whole = assume(SOFT), 1 + heavy
    least = combine(
        le(1, (1 - stiff / whole) * FLAT / whole),
        {soft: Rational(5, 4) * stiff**2 / whole**2},
        slack=stiff**2 * (1 + 5 * heavy) / (4 * whole**2),
        label="soft",
    )
    half = combine(le(whole / (2 * stiff), 1), {assume(le(whole, 2 * stiff)): 1 / (2 * stiff)}, label="SHARE")
    rest = (heavy + Rational(5, 2) * (stiff - Rational(3, 5)) ** 2 + Rational(1, 10)) / (4 * stiff)
    part = combine(le(1, FLAT / (4 * stiff)), slack=rest, label="4 eta <= B")
    return (1 / whole, (least,)), (1 / (2 * stiff), (half, part))


def longest_square() -> Expr:
    """Y = m (m + 2): by how much the squared norm of a class of length 1 + m exceeds 1."""
    return longest * (longest + 2)


def least_cost() -> Expr:
    """(m + 2)^2/(2 (A Y + B)), what the squared deviation of a class costs at least."""
    return (longest + 2) ** 2 / (2 * (STEEP * longest_square() + FLAT))


COST = eq(cost_k, least_cost())


@lru_cache
def no_longer() -> Theorem:
    """X^2/(2 (A X + B)) <= k, 2 k (A Y + B) <= Y^2 |- v <= m, X = v (v + 2), Y = m (m + 2)."""
    mine, most = longer * (longer + 2), longest_square()
    mine_room, most_room = STEEP * mine + FLAT, STEEP * most + FLAT
    whole = (STEEP * mine * most + FLAT * (mine + most)) * (longer + longest + 2)
    return combine(
        le(longer, longest),
        {
            assume(le(long_cost(mine), spent)): 2 * mine_room * most_room / whole,
            assume(le(2 * spent * most_room, most**2)): mine_room / whole,
        },
        label="the cost of length increases",
    )


@lru_cache
def long_pays() -> Theorem:
    """COST, v <= m |- kappa v^2 <= X^2/(2 (A X + B)), X = v (v + 2)."""
    mine, most = longer * (longer + 2), longest_square()
    rate = 2 * STEEP * longer * longest + (longer + longest) * (2 * STEEP + SPARE) + 4 * SPARE
    return combine(
        le(cost_k * longer**2, long_cost(mine)),
        {
            assume(COST): longer**2,
            assume(le(longer, longest)): longer**2
            * rate
            / (2 * (STEEP * mine + FLAT) * (STEEP * most + FLAT)),
        },
        label="the squared deviation costs least at m",
    )


@lru_cache
def short_pays() -> Theorem:
    """COST |- kappa w^2 <= 2 w^2/B."""
    most = STEEP * longest_square() + FLAT
    rest = (longest**2 * (2 * STEEP + SPARE) + 4 * longest * SPARE) / (2 * most * FLAT)
    return combine(
        le(cost_k * under**2, 2 * under**2 / FLAT), {assume(COST): under**2}, slack=under**2 * rest
    )


def allowed(spends: Expr, far_: Expr, cost: Expr) -> Expr:
    """(1 + g sqrt(C)/m) spends/cost + g^2 + g m/sqrt(C): what a class's squared deviation is at most."""
    return (1 + far_ * sqrt(C) / longest) * spends / cost + far_**2 + far_ * longest / sqrt(C)


@lru_cache
def deviations() -> tuple[Theorem, Theorem, Theorem]:
    """A class longer than 1 + g, shorter than 1 - g, and within g of 1: (length - 1)^2 <= ``allowed``."""
    goal = le((size_l - 1) ** 2, allowed(spent, far_g, cost_k))
    rate = far_g * sqrt(C) / longest

    def beyond(excess: Expr) -> Theorem:
        pays = assume(le(cost_k * excess**2, spent))
        spare = rate * (excess - longest / sqrt(C)) ** 2
        return combine(goal, {pays: (1 + rate) / cost_k}, slack=spare, label="2 a b <= a^2 + b^2")

    above = combine(le(0, size_l - 1 + far_g), {assume(le(1 - far_g, size_l)): 1})
    within = combine(
        goal,
        {assume(le(0, spent)): (1 + rate) / cost_k, assume(le(size_l, 1 + far_g)): size_l - 1 + far_g},
        facts=[above],
        slack=far_g * longest / sqrt(C),
        label="within g of 1",
    )
    return beyond(size_l - 1 - far_g), beyond(1 - size_l - far_g), within


def spread() -> Expr:
    """(m/sqrt(C) + g)^2, g in units of the optimum."""
    return (longest / sqrt(C) + FAR) ** 2


@lru_cache
def mean_deviation() -> Theorem:
    """COST, (length - 1)^2 <= ``allowed``, mean spending <= k, ROOM |- mean <= ``spread``."""
    each = assume(le((HAT - 1) ** 2, allowed(spending_of(c), FAR, cost_k), c))
    rate = 1 + FAR * sqrt(C) / longest
    room = assume(le(2 * C * spent * (STEEP * longest_square() + FLAT), longest_square() ** 2))
    return combine(
        le(Mean((HAT - 1) ** 2, c), spread()),
        {
            average(each, c): 1,
            assume(le(Mean(spending_of(c), c), spent)): rate / cost_k,
            room: rate / (C * (longest + 2) ** 2),
            assume(COST): -spent * rate / (cost_k * least_cost()),
        },
        label="mean over the classes",
    )
