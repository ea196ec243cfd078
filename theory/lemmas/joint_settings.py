# SPDX-License-Identifier: MIT
"""``joint_budget`` at norms at most alpha and beta or with weight decay.

With b = s^2 (1/2 + (3/4) s^2), the vectors R of ``tilted_directions`` lose at most b of the margin more than
the rows do, D = 2 e (1 + q (T + t)/(4 K)) + (2 + t q/K) b/T at t = tau, for norms at most alpha and beta.
Where norms are paid for, t = T, short ones count too: L_reg - m_reg = eps says that

    -(T q/2) (E rho^2 + E ||r||^2 - 2) <= eps/(2 s (1 - q)) + q (1 + q) s,

so that D = 2 (1 + omega) (r (1 + b + b/(2 s)) + (b/T) (1 + s)), r = eps/(T q).  Any omega from T q/(2 K) on
will do: n = T/(2 t omega) is then spare in the sense of ``directions``.  Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Symbol

from theory.definitions import cross_entropy, loss, phi, psi, q, sq, unbiased_logit
from theory.expressions import Mean, Relation, le, lt, substitute
from theory.kernel import Theorem
from theory.lemmas.chance import from_chance
from theory.lemmas.class_settings import FEATURE
from theory.lemmas.cross_entropy import dual_bound
from theory.lemmas.direction_settings import (
    FEATURES,
    RADII,
    above_chance_at,
    decay_pays,
    in_units,
)
from theory.lemmas.directions import (
    DIRECTIONS,
    arrow,
    loss_at_turns,
    near_arrows,
    opened,
    own_margin,
    paid,
    row,
    row_square,
    spare,
    turn,
)
from theory.lemmas.inter_class import TWICE, doubled, every_table, far
from theory.lemmas.joint_budget import STEP, joint_bound, omega, symmetric, vectors_near
from theory.lemmas.polar import e, rho
from theory.lemmas.tilt_entropy import STRENGTH, lifted, strength
from theory.lemmas.tilted_classes import lifted_entropy, margin_t
from theory.lemmas.tilted_directions import COST, PAID, affordable, cheap, loss_of_arrows, tilted_row
from theory.lemmas.weight_decay import DECAY, UNIT
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import T, beta, c, eps, i, j, k, p, z

Vectors = Callable[[Symbol, Symbol], Any]
NONE = Integer(0)
LOST = 1 - COST * (1 - q(margin_t))
NORMS = T * q(T) / 2 * (Mean(rho(c, i) ** 2, c, i) + Mean(row_square(), c) - 2)
PRICE = le(loss(unbiased_logit) + NORMS, phi(T) + eps)


def tilt_paid(step: Any) -> Expr:
    """b = s^2 (1/2 + (3/4) s^2), s = ``step``."""
    return PAID.subs(strength, step)


def bounded_loss(of: Vectors, margin: Expr, gap: Expr) -> Relation:
    """E phi(T rho <R, e>) <= phi(t) + q(t) (g (1 + b) + b), R = ``of``, t = ``margin``, g = ``gap``."""
    return le(loss_at_turns(of), phi(margin) + q(margin) * (gap * (1 + PAID) + PAID))


def decayed_loss(of: Vectors) -> Relation:
    """E phi(T rho <R, e>) + NORMS <= phi(T) + eps (1 + b + b/(2 s)) + q b (1 + s), R = ``of``, q = q(T)."""
    gap = eps * (1 + PAID + PAID / (2 * strength))
    return le(loss_at_turns(of) + NORMS, phi(T) + gap + q(T) * PAID * (1 + strength))


@lru_cache
def bounded_turns(margin: Expr, small: Relation, gap: Expr) -> Theorem:
    """``small``: L <= phi(t) + q(t) g, t = ``margin``, g = ``gap`` |- ``bounded_loss`` of the tilted rows."""
    turns, low, room = (instantiate(t, {margin_t: margin}) for t in (loss_of_arrows(), cheap(), affordable()))
    lost, mass = LOST.subs(margin_t, margin), q(margin)
    return combine(
        bounded_loss(tilted_row, margin, gap),
        {turns: 1 / lost, assume(small): 1 / lost, low: mass * (1 + gap) / lost},
        facts=[room],
        slack=mass**2 * COST * (PAID + gap * (1 + PAID)) / lost,
        label="the entropy of the tilt",
    )


@lru_cache
def short_norms() -> Theorem:
    """DIRECTIONS, MARGIN, PRICE, s < 1/2 |- -NORMS <= eps/(2 s (1 - q)) + q (1 + q) s, q = q(T)."""
    mass = q(T)
    lift = 2 * strength * (1 - mass)
    half = combine(lt(0, 1 - 2 * strength), {assume(STRENGTH): 2})
    raised = combine(lt(mass * (1 + lift), 1), {half: mass * (1 - mass)}, slack=(1 - mass) ** 2)
    more = instantiate(instantiate(lifted_entropy(), {margin_t: T}), {lifted: lift})
    total = mass * (1 + lift)
    dual = instantiate(dual_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))})
    dual = cut(instantiate(dual, {p: total}, label="p := q (1 + l)"), raised)
    apart = sq(lambda kk: rho(c, i) * e(c, i, kk) - row(c, kk))
    turned = combine(
        le(rho(c, i) * turn(), (rho(c, i) ** 2 + row_square()) / 2),
        {assume(DIRECTIONS[1]): rho(c, i) ** 2 / 2},
        slack=apart / 2,
        label="2 <a, b> <= ||a||^2 + ||b||^2",
    )
    sample = combine(
        le(psi(total) - total * T * (rho(c, i) ** 2 + row_square()) / 2, cross_entropy(unbiased_logit)),
        {dual: 1, own_margin(): total, turned: total * T},
        label="one sample",
    )
    return combine(
        le(-NORMS, eps / lift + mass * (1 + mass) * strength),
        {average(sample, c, i): 1 / lift, cut(more, raised): 1 / lift, assume(PRICE): 1 / lift},
        label="a lift makes short norms pay",
    )


@lru_cache
def decayed_turns() -> Theorem:
    """PRICE |- ``decayed_loss`` of the tilted rows."""
    turns, low, room = (instantiate(t, {margin_t: T}) for t in (loss_of_arrows(), cheap(), affordable()))
    lost, mass = LOST.subs(margin_t, T), q(T)
    more = mass * PAID * COST
    return combine(
        decayed_loss(tilted_row),
        {
            turns: 1 / lost,
            assume(PRICE): 1 / lost,
            short_norms(): COST * (1 - mass) / lost,
            low: (eps + eps / (2 * strength) + mass * (1 + strength)) / lost,
        },
        facts=[room],
        slack=(
            (eps + eps / (2 * strength) + mass * (1 + strength)) * more
            + eps * COST * mass
            + mass**3 * strength * COST
        )
        / lost,
        label="the entropy of the tilt, and short norms",
    )


def _near(
    margin: Expr,
    left: Expr,
    said: Callable[[Vectors], Relation],
    turns: Theorem,
    price: Mapping[Theorem, Any],
    distance: Expr,
) -> Theorem:
    """``turned_near`` with D at least ``distance``, n = T/(2 t omega), and omega such that n is spare.

    The margin left open is ``left`` and what ||R|| costs; ``turns`` proves ``said`` of the tilted rows, which
    pays the price of ``directions.paid`` together with the premises ``price``.
    """
    longer = Mean(sq(lambda kk: arrow(c, kk)), c) - Mean(row_square(), c)
    rate = margin * ((T / margin) ** 2 + 2 * spare * T / margin) / (2 * (1 + 2 * spare))
    values = {margin_t: margin, opened: left + rate * longer}
    close = instantiate(near_arrows(), values)
    goal = instantiate(assume(paid(loss_at_turns(arrow), arrow)), values).relation
    close = cut(close, combine(goal, {assume(said(arrow)): 1, **price}, label="norms are paid for"))
    close = instantiate(close, {spare: T / (2 * margin * omega)}, label="n = T/(2 t omega)")
    close = combine(vectors_near(arrow), {close: 1, assume(le(distance, far)): 1}, label="D and omega")
    return cut(instantiate(close, functions={arrow: ((c, k), tilted_row(c, k))}, label="R"), turns)


def rate_of(margin: Expr) -> Expr:
    """omega = T q/(2 K), q and K at ``margin``."""
    return T * q(margin) / from_chance(margin) / 2


def bounded_distance(margin: Expr, step: Any = strength, gap: Expr = NONE) -> Expr:
    """D for norms at most alpha and beta, L <= phi(t) + q(t) g, t = ``margin``, s = ``step``, g = ``gap``."""
    b = tilt_paid(step)
    left = 2 * (1 - margin / T) * (1 + omega * (T + margin) / (2 * T))
    return left + 2 * (1 + omega * margin / T) * (gap * (1 + b) + b) / T


def decayed_distance(gap: Expr, step: Any = strength) -> Expr:
    """D with weight decay, r = ``gap``, s = ``step``."""
    b = tilt_paid(step)
    return 2 * (1 + omega) * (gap * (1 + b + b / (2 * step)) + b * (1 + step) / T)


@lru_cache
def near_bounded(margin: Expr, small: Relation, gap: Expr) -> Theorem:
    """DIRECTIONS, RADII, MARGIN, ``small`` |- ``turned_near`` at D = ``bounded_distance``."""
    radii, weights = map(assume, RADII)
    ratio = T / margin
    rate = margin * q(margin) / 2
    rows = rate * (ratio**2 + 2 * spare * ratio) / (1 + 2 * spare) / beta**2
    left = T - margin + margin * (ratio - 1) ** 2 / (2 * (1 + 2 * spare)) + gap * (1 + PAID) + PAID
    price = {radii: rate, weights: rows}
    turns, distance = bounded_turns(margin, small, gap), bounded_distance(margin, gap=gap)
    return _near(margin, left, lambda of: bounded_loss(of, margin, gap), turns, price, distance)


@lru_cache
def near_paid() -> Theorem:
    """DIRECTIONS, MARGIN, PRICE |- ``turned_near`` at t = T and D = ``decayed_distance``."""
    left = eps / q(T) * (1 + PAID + PAID / (2 * strength)) + PAID * (1 + strength)
    return _near(T, left, decayed_loss, decayed_turns(), {}, decayed_distance(eps / (T * q(T))))


@lru_cache
def room(margin: Expr) -> tuple[Theorem, Theorem]:
    """0 < K and 0 < 1 + omega at t = ``margin``."""
    apart = above_chance_at(margin)
    return apart, instantiate(visible(lt(0, 1 + omega)), {omega: rate_of(margin)}, facts=[apart])


def whole_bound(margin: Expr, distance: Expr) -> Expr:
    """``joint_bound`` with D = ``distance``, omega as in ``rate_of``."""
    return substitute(joint_bound(distance), {omega: rate_of(margin)})


def _open(close: Theorem, distance: Expr) -> Theorem:
    """``joint_budget`` with ``turned_near`` as ``close``, D = ``distance``, for every omega that is spare."""
    near = cut(instantiate(close, functions=TWICE, label="the table 2 f - 1"), *doubled())
    near = instantiate(near, {strength: STEP}, label="s of x")
    return instantiate(every_table(cut(symmetric(), near)), {far: distance}, label="D")


@lru_cache
def open_bounded(margin: Expr, small: Relation, gap: Expr = NONE) -> Theorem:
    """``joint_budget`` for norms at most alpha and beta and the loss ``small``, for every spare omega.

    ``small`` is L <= phi(t) + q(t) g, t = ``margin``, g = ``gap``.
    """
    return _open(near_bounded(margin, small, gap), bounded_distance(margin, STEP, gap))


@lru_cache
def open_decayed() -> Theorem:
    """FEATURES, SCALE, GAP |- ``joint_budget`` at t = T*, for every omega that is spare."""
    whole = in_units(_open(near_paid(), decayed_distance(eps / (T * q(T)), STEP)))
    sign = combine(le(0, rho(c, i) * UNIT / FEATURE), {assume(FEATURES[2]): UNIT / FEATURE})
    norms = {average(assume(FEATURES[3]), c, i): -DECAY / 2}
    price = decay_pays(in_units(assume(PRICE)).relation, norms)
    return cut(whole, price, sign)


def at_least_rate(theorem: Theorem, margin: Expr) -> Theorem:
    """``theorem`` at omega as in ``rate_of``, the least that is spare."""
    return instantiate(theorem, {omega: rate_of(margin)}, facts=[above_chance_at(margin)], label="omega")
