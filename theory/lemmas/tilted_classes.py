# SPDX-License-Identifier: MIT
"""Gibbs' inequality against references tilted within a row and lifted for the classes with short vectors.

Class c gets the reference 1 - q (1 + l_c) on itself, q = q(t), and q (1 + l_c + s u_cj)/(C-1) on a wrong
class j, where u_cj = f_cj - mean f has mean 0 over the wrong classes, |f| <= 1 and 0 < s < 1/2.  Then, for
every bias-free classifier, L is at least

    psi(q) + q mean (l t - (1+q)/(1-q) l^2/2) - q mean_c <mean_j (1 + l + s u)_cj (w_c - w_j), mu_c>
    - q s^2 (1/2 + (9/20) s^2).

The lift l costs in second order and makes a short vector pay (``lemmas.short_vectors``); the last term is
the entropy of the tilt, within 1/8 of its least coefficient 1/2.  Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Symbol, log

from theory.definitions import cross_entropy, dot, margin, mu, psi, q, unbiased_logit, wt
from theory.expressions import Mean, eq, le, lt, substitute, wrong_mean
from theory.kernel import Theorem, apply
from theory.lemmas.between_classes import against_tilt, charge, level, priced, tilt
from theory.lemmas.equiangular import CENTRED, TEST, pair, test
from theory.lemmas.tilt_entropy import (
    STRENGTH,
    entropy,
    entropy_bound,
    lifted,
    mean_f,
    one_lifted_tilt,
    quartic,
    quartic_entropy,
    sign_f,
    slope,
    strength,
    stride,
    x,
)
from theory.proving import assume, average, combine, cut, instantiate, log_tangent
from theory.symbols import C, atom, c, d, i, j, k, p, positive, z

margin_t = positive("margin_t", r"\vartheta", "margin at which the reference without tilt is the softmax")
row_mean = atom("row_mean", "m", "row_mean(c): mean of test(c, j) over the wrong classes of c")
lift = atom("lift", "l", "lift(c): how much the reference's mass on the wrong classes is raised, >= 0")

POSITIVE_TILT = lt(0, tilt(c, j), c, j)
LIFT = le(0, lift(c), c)
MASS = lt(q(margin_t) * (1 + lift(c)), 1, c)


def _wrong(body: Callable[[Symbol], Any], cc: Symbol = c) -> Expr:
    return wrong_mean(body, cc, C)


@lru_cache
def tilted_gibbs() -> Theorem:
    """p < 1, a > 0 with mean 1 |- psi(p) - p mean_{j != c} a_cj (z_c - z_j) - p mean quartic(a - 1) <= CE."""
    positive_tilt = assume(POSITIVE_TILT)
    bent = instantiate(quartic_entropy(), {x: tilt(c, j)}, facts=[positive_tilt])
    return against_tilt(bent, positive_tilt, quartic)


def lift_cost() -> Expr:
    """(1 + q)/(1 - q), q = q(t)."""
    return (1 + q(margin_t)) / (1 - q(margin_t))


@lru_cache
def lifted_entropy() -> Theorem:
    """q (1 + l) < 1 |- psi(q) + q l t - q (1+q)/(1-q) l^2/2 <= psi(q (1 + l)), q = q(t), l >= 0."""
    raised = p * (1 + lifted)
    below, less = assume(lt(raised, 1)), assume(lt(p, 1))
    room = combine(lt(0, 1 - p), {less: 1})
    ratio = (1 - raised) / (1 - p)
    over = combine(lt(0, 1 - raised), {below: 1})
    own = log_tangent(ratio, facts=[over, room], label="the true class")
    split = apply("log_product", a=ratio, b=1 - p, facts=[over, room])
    exact = instantiate(entropy_bound(), {x: 1 + lifted})
    wrong = combine(
        le((1 + lifted) * log(1 + lifted), lifted + lifted**2 / 2),
        {exact: 1},
        slack=lifted**3 / (6 + 4 * lifted),
        label="(1+l) log(1+l) <= l + l^2/2",
    )
    slope = log(1 - p) - log(p) + log(C - 1)
    plain = combine(
        le(psi(p) + p * lifted * slope - p * (1 + p) / (1 - p) * lifted**2 / 2, psi(raised)),
        {own: 1 - raised, split: 1 - raised, wrong: p},
        facts=[over, room, less],
        label="entropy of the lifted reference",
    )
    at = instantiate(plain, {p: q(margin_t)})
    goal = le(
        psi(q(margin_t)) + q(margin_t) * (lifted * margin_t - lift_cost() * lifted**2 / 2),
        psi(q(margin_t) * (1 + lifted)),
    )
    return combine(goal, {at: 1}, label="log((1-q)(C-1)/q) = t")


def raised(cc: Symbol = c) -> Expr:
    """1 + lift(c)."""
    return 1 + lift(cc)


@lru_cache
def positive_raised() -> Theorem:
    """0 < 1 + lift(c)."""
    return combine(lt(0, raised()), {assume(LIFT): 1}, slack=Integer(1))


@lru_cache
def spent_entropy() -> Theorem:
    """(1 + l) mean_{j != c} quartic(s u_cj/(1 + l)) <= s^2 (1/2 + (9/20) s^2)."""
    fact, low, high = positive_raised(), *map(assume, TEST)
    step = strength / raised()
    whole = eq(row_mean(c), _wrong(lambda jj: test(c, jj)), c)
    above = combine(
        le(-1, row_mean(c)), {average(low, j, excluding=c): 1, assume(whole): -1}, label="mean of f >= -1"
    )
    one = instantiate(one_lifted_tilt(), {lifted: lift(c)}, facts=[assume(LIFT)])
    one = cut(instantiate(one, {mean_f: row_mean(c), sign_f: test(c, j)}), above, low, high)
    split = combine(
        eq(pair(c, j), test(c, j) - row_mean(c)),
        {assume(CENTRED): 1, assume(whole): 1},
        label="u = f - mean f",
    )
    same = apply("congruence", split, context=quartic(stride * sign_f), hole=sign_f)
    same = instantiate(same, {stride: step}, facts=[fact])
    moved = combine(
        le(raised() * quartic(step * pair(c, j)), one.relation.rhs), {one: 1, same: raised()}, facts=[fact]
    )
    mean = average(moved, j, excluding=c, label="mean over the wrong classes")
    total = combine(
        le(raised() * _wrong(lambda jj: quartic(step * pair(c, jj))), strength**2 * entropy()),
        {mean: 1, assume(whole): -raised() * substitute(slope(step), {mean_f: row_mean(c)})},
        facts=[fact],
        label="mean over the wrong classes",
    )
    return instantiate(total, functions={row_mean: ((c,), whole.rhs)}, label="the mean of f")


def priced_at(margin: Expr) -> Any:
    """L + q charge <= psi(q) - q tau, q = q(t): ``between_classes.PRICED`` at p = q(t)."""
    return priced(margin, q(margin_t))


def lifted_rows(cc: Symbol, kk: Symbol) -> Expr:
    """C/(C-1) (1 + l_c) w~_c - s mean_{j != c} u_cj w~_j, coordinate k."""
    return C / (C - 1) * raised(cc) * wt(cc, kk) - strength * _wrong(lambda jj: pair(cc, jj) * wt(jj, kk), cc)


def lift_gain() -> Expr:
    """mean (l t - (1+q)/(1-q) l^2/2)."""
    return Mean(lift(c) * margin_t - lift_cost() * lift(c) ** 2 / 2, c)


@lru_cache
def lifted_margin(spent: Callable[[], Theorem] = spent_entropy) -> Theorem:
    """tau + charge + lift_gain <= mean_c <lifted_rows(c), mu_c> + entropy, tau = ``level``.

    The entropy is the mean over c of what ``spent`` allows, s^2 (1/2 + (9/20) s^2) by ``spent_entropy``.
    """
    cost = spent().relation.rhs
    fact, low, high = positive_raised(), *map(assume, TEST)
    centred_pair = assume(CENTRED)
    step = strength / raised()
    tilted = 1 + step * pair(c, j)
    mean = average(high, j, excluding=c, label="mean of f <= 1")
    floor = combine(
        lt(0, tilted),
        {
            low: step,
            mean: step,
            centred_pair: -step,
            assume(STRENGTH): 2 / raised(),
            assume(LIFT): 1 / raised(),
        },
        facts=[fact],
        label="f - mean f >= -2",
    )
    zero = average(centred_pair, j, excluding=c, label="mean of u")
    one = combine(
        eq(_wrong(lambda jj: 1 + step * pair(c, jj)), 1),
        {zero: step},
        facts=[fact],
        label="the tilt has mean 1",
    )
    sample = instantiate(
        tilted_gibbs(),
        functions={z: ((c, i, j), unbiased_logit(c, i, j)), tilt: ((c, j), tilted)},
        facts=[fact],
        label="logits <w_j, h>",
    )
    mass = q(margin_t) * raised()
    sample = instantiate(sample, {p: mass}, facts=[fact], label="p := q (1 + l)")
    sample = cut(sample, floor, one, assume(MASS))
    lifted_class = instantiate(lifted_entropy(), {lifted: lift(c)}, facts=[assume(LIFT)])
    lifted_class = cut(lifted_class, assume(MASS))
    flat = combine(
        eq(_wrong(lambda jj: pair(c, jj)) * wt(c, k) * mu(c, k), 0),
        {zero: wt(c, k) * mu(c, k)},
        label="u has mean 0",
    )
    inner = Mean(dot(lambda kk: lifted_rows(c, kk), lambda kk: mu(c, kk)), c)
    rate = 1 / q(margin_t)
    own = margin(unbiased_logit)
    turned = _wrong(lambda jj: pair(c, jj) * (unbiased_logit(c, i, c) - unbiased_logit(c, i, jj)))
    plain = combine(
        le(
            lifted_class.relation.lhs - q(margin_t) * (raised() * own + strength * turned + cost),
            cross_entropy(unbiased_logit),
        ),
        {sample: 1, lifted_class: 1, spent(): q(margin_t)},
        facts=[fact],
        label="one sample",
    )
    return combine(
        le(level + charge() + lift_gain(), inner + Mean(cost, c)),
        {
            average(plain, c, i, label="E over samples"): rate,
            assume(priced_at(level)): rate,
            average(flat, k, c): strength * d,
        },
        label="divide by q",
    )
