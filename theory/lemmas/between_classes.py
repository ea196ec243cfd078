# SPDX-License-Identifier: MIT
"""How a loss controls the geometry between classes: Gibbs' inequality against a *tilted* reference.

Give class c the reference 1-p on c itself and p a_cj/(C-1) on a wrong class j, where the tilt a has
mean 1 over the wrong classes and a_cj >= 1/(1+y) for some y > 0.  Gibbs' inequality and
a log a <= a - 1 + (1+y)(a-1)^2/2 give, for every bias-free classifier whose loss is at most phi(tau),

    tau <= C/(C-1) E<w~_c, h> - mean_c mean_{j != c} a_cj <w~_j, mu_c> (without the constant part of a)
           + (1+y)/2 mean_c mean_{j != c} (a_cj - 1)^2.

A loss near its least value leaves no room for a tilt along which the Gram matrix differs from
the simplex; as the tilt is free, this bounds every such difference.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, exp, log

from theory.definitions import (
    cross_entropy,
    dot,
    loss,
    lse,
    mean_square_features,
    mean_square_weights,
    mu,
    phi,
    psi,
    q,
    sq,
    unbiased_logit,
    within_class_scatter,
    wt,
)
from theory.expressions import Mean, Relation, eq, le, lt, wrong_mean
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, cut, instantiate, log_tangent, tangent
from theory.symbols import C, T, alpha, atom, beta, c, d, i, j, k, nonnegative, p, positive, real, tau, z

tilt = atom("tilt", "a", "tilt(c, j): weight of the wrong class j in the reference of class c, mean 1 over j")
y = positive("y", "y", "how far a tilt may go: it is at least 1/(1+y)")
rest = nonnegative("rest", "v", "what a tilt has above its least value")
x = positive("x_tilt", "a", "a tilt")

FLOOR = le(1 / (1 + y), tilt(c, j), c, j)
MEAN_ONE = eq(wrong_mean(lambda jj: tilt(c, jj), c, C), 1, c)


@lru_cache
def entropy_bound() -> Theorem:
    """1/(1+y) <= a |- a log a <= a - 1 + (1+y) (a-1)^2/2."""
    least = 1 / (1 + y)
    moved = least + rest
    gap = moved - 1 + (moved - 1) ** 2 * (1 + y) / 2 - moved * log(moved)
    above = tangent(gap, rest, y / (1 + y), curvature=rest * (1 + y) / moved, label="convex, 0 at a = 1")
    floor = assume(le(least, x))
    at_x = instantiate(above, {rest: x - least}, facts=[floor], label="v := a - 1/(1+y)")
    return combine(le(x * log(x), x - 1 + (1 + y) * (x - 1) ** 2 / 2), {at_x: 1})


def _wrong(body: Any, cc: Symbol = c) -> Expr:
    return wrong_mean(body, cc, C)


def against_tilt(entropy: Theorem, positive_tilt: Theorem, cost: Callable[[Expr], Expr]) -> Theorem:
    """p < 1, MEAN_ONE |- psi(p) - p mean_{j != c} a_cj (z_c - z_j) - p mean_{j != c} cost(a_cj - 1) <= CE.

    ``entropy``: a_cj log a_cj <= a_cj - 1 + cost(a_cj - 1); ``positive_tilt``: a_cj > 0.
    """
    below, a, total = assume(lt(p, 1)), tilt(c, j), lse()
    own = log_tangent(exp(z(c, i, c) - total) / (1 - p), facts=[below], label="the true class")
    split = apply("log_product", a=exp(z(c, i, c) - total) / (1 - p), b=1 - p, facts=[below])
    share = exp(z(c, i, j) - total) * (C - 1) / (p * a)
    part = log_tangent(share, facts=[positive_tilt], label="a wrong class")
    quotient = apply("log_product", a=share, b=a, facts=[positive_tilt])
    one = combine(
        le(a * (z(c, i, j) - total - log(p / (C - 1))), share * a - 1 + cost(a - 1)),
        {part: a, quotient: a, entropy: 1},
        facts=[positive_tilt],
        label="a wrong class, with its weight",
    )
    wrong = average(one, j, excluding=c, label="mean over the wrong classes")
    margin = _wrong(lambda jj: tilt(c, jj) * (z(c, i, c) - z(c, i, jj)))
    spread = _wrong(lambda jj: cost(tilt(c, jj) - 1))
    weights = assume(MEAN_ONE)
    return combine(
        le(psi(p) - p * margin - p * spread, cross_entropy()),
        {own: 1 - p, split: 1 - p, wrong: p, weights: p * (log(p / (C - 1)) + total - z(c, i, c))},
        facts=[below],
        label="Gibbs: softmax probabilities sum to 1",
    )


@lru_cache
def tilted_gibbs() -> Theorem:
    """p < 1, FLOOR, MEAN_ONE |- psi(p) - p mean_{j != c} a_cj (z_c - z_j) - p mean (1+y)/2 (a-1)^2 <= CE."""
    floor = assume(FLOOR)
    positive_tilt = combine(lt(0, tilt(c, j)), {floor: 1}, slack=1 / (1 + y), label="a > 0")
    entropy = cut(instantiate(entropy_bound(), {x: tilt(c, j)}, facts=[positive_tilt]), floor)
    return against_tilt(entropy, positive_tilt, parabola)


def turned_row(cc: Symbol, kk: Symbol) -> Expr:
    """mean_{j != c} a_cj (w_c - w_j), coordinate k: what a tilted margin multiplies mu_c by."""
    return _wrong(lambda jj: tilt(cc, jj) * (wt(cc, kk) - wt(jj, kk)), cc)


def parabola(step: Expr) -> Expr:
    """(1+y)/2 x^2, at least (1+x) log(1+x) - x for x >= -y/(1+y)."""
    return (1 + y) / 2 * step**2


def tilt_cost(cost: Callable[[Expr], Expr] = parabola) -> Expr:
    """mean_c mean_{j != c} ``cost``(a_cj - 1)."""
    return Mean(_wrong(lambda jj: cost(tilt(c, jj) - 1)), c)


level = real("level", r"\tau", "mean margin that the loss forces: L <= psi(p) - p tau")
BUDGET = le(loss(unbiased_logit), psi(p) - p * level)


@lru_cache
def tilted_margin(
    gibbs: Callable[[], Theorem] = tilted_gibbs, cost: Callable[[Expr], Expr] = parabola
) -> Theorem:
    """FLOOR, MEAN_ONE, BUDGET |- tau <= mean <mean_j a_cj (w_c - w_j), mu_c> + mean cost(a - 1).

    ``gibbs`` is Gibbs' inequality against a tilt whose entropy is at most ``cost``; FLOOR is what it asks.

    BUDGET is L <= psi(p) - p tau: with p = q(tau), L <= phi(tau); with p = q(T) and tau = T - eps/q(T),
    L <= phi(T) + eps.
    """
    sample = instantiate(
        gibbs(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    inner = Mean(dot(lambda kk: turned_row(c, kk), lambda kk: mu(c, kk)), c)
    return combine(
        le(level, inner + tilt_cost(cost)),
        {average(sample, c, i, label="E over samples"): 1 / p, assume(BUDGET): 1 / p},
        label="divide by p",
    )


MARGIN = eq(T, C * alpha * beta / (C - 1))
NORMS = (le(mean_square_features(), alpha**2), le(mean_square_weights(), beta**2), MARGIN)


def charge() -> Expr:
    """(T/2) (E||h||^2/alpha^2 + mean ||w~||^2/beta^2 - 2): at most 0 for norms at most alpha and beta."""
    return T / 2 * (mean_square_features() / alpha**2 + mean_square_weights() / beta**2 - 2)


def priced(margin: Expr, mass: Expr) -> Relation:
    """L + p charge <= psi(p) - p tau: BUDGET with norms that are paid for, not bounded."""
    return le(loss(unbiased_logit), psi(mass) - mass * (margin + charge()))


PRICED = priced(level, p)


def at_loss(theorem: Theorem) -> Theorem:
    """PRICED becomes L <= phi(tau) and norms at most alpha and beta, by p = q(tau)."""
    mass = q(tau)
    moved = instantiate(theorem, {p: mass, level: tau}, label="p := q")
    features, weights, _ = map(assume, NORMS)
    bounded = combine(
        priced(tau, mass),
        {
            assume(le(loss(unbiased_logit), phi(tau))): 1,
            features: mass * T / (2 * alpha**2),
            weights: mass * T / (2 * beta**2),
        },
        label="psi(q(t)) = phi(t) + t q(t)",
    )
    return cut(moved, bounded)


def gram(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """<w_c - wbar, w_j - wbar>."""
    return dot(lambda kk: wt(cc, kk), lambda kk: wt(jj, kk))


def tilted_sum(cc: Symbol, kk: Symbol, weight: Any = None) -> Expr:
    """mean_{j != c} (a_cj - 1) (w_j - wbar), coordinate k; ``weight(c, j)`` replaces a_cj - 1."""
    weight = weight or (lambda c_, j_: tilt(c_, j_) - 1)
    return _wrong(lambda jj: weight(cc, jj) * wt(jj, kk), cc)


@lru_cache
def tilted_norms(
    gibbs: Callable[[], Theorem] = tilted_gibbs, cost: Callable[[Expr], Expr] = parabola
) -> Theorem:
    """The same with norms: alpha/beta mean_c mean_{j != c} (a_cj - 1) <w~_c, w~_j> is at most T - tau, plus
    (C-1) alpha/(2 C beta) mean_c ||mean_{j != c} (a_cj - 1) w~_j||^2, plus mean cost(a - 1).
    """
    margin = assume(MARGIN)
    ratio = C * beta / ((C - 1) * alpha)

    def row(cc: Symbol, kk: Symbol) -> Expr:
        return C / (C - 1) * wt(cc, kk) - tilted_sum(cc, kk)

    same = combine(
        eq(turned_row(c, k) * mu(c, k), row(c, k) * mu(c, k)),
        {assume(MEAN_ONE): wt(c, k) * mu(c, k)},
        label="the tilt has mean 1",
    )
    square = Mean(sq(lambda kk: row(c, kk) - ratio * mu(c, kk)), c)
    scatter = within_class_scatter()
    tilted = alpha / beta * Mean(_wrong(lambda jj: (tilt(c, jj) - 1) * gram(c, jj)), c)
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk)), c)
    return combine(
        le(tilted, T - level + quadratic / (2 * ratio) + tilt_cost(cost)),
        {
            instantiate(tilted_margin(gibbs, cost), {level: level + charge()}, label="norms are paid for"): 1,
            average(same, k, c): d,
            margin: -charge() / T - 1,
        },
        slack=square / (2 * ratio) + ratio / 2 * scatter,
        label="2 <Y, mu> <= theta ||mu||^2 + ||Y||^2/theta",
    )


def means_gram(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """<mu_c, mu_j>."""
    return dot(lambda kk: mu(cc, kk), lambda kk: mu(jj, kk))


def tilted_means(jj: Symbol, kk: Symbol, weight: Any = None) -> Expr:
    """mean_{c != j} (a_cj - 1) mu_c, coordinate k: the tilt's columns against the class means."""
    weight = weight or (lambda c_, j_: tilt(c_, j_) - 1)
    return wrong_mean(lambda cc: weight(cc, jj) * mu(cc, kk), jj, C)


@lru_cache
def tilted_norms_of_means(
    gibbs: Callable[[], Theorem] = tilted_gibbs, cost: Callable[[Expr], Expr] = parabola
) -> Theorem:
    """The parts exchanged: beta/alpha mean_c mean_{j != c} (a_cj - 1) <mu_c, mu_j> is at most
    T - tau, plus (C-1) beta/(2 C alpha) mean_j ||mean_{c != j} (a_cj - 1) mu_c||^2, plus mean cost(a - 1).
    """
    margin = assume(MARGIN)
    ratio = C * alpha / ((C - 1) * beta)

    def row(cc: Symbol, kk: Symbol) -> Expr:
        return C / (C - 1) * mu(cc, kk) - tilted_means(cc, kk)

    square = Mean(sq(lambda kk: row(c, kk) - ratio * wt(c, kk)), c)
    tilted = beta / alpha * Mean(_wrong(lambda jj: (tilt(c, jj) - 1) * means_gram(c, jj)), c)
    quadratic = Mean(sq(lambda kk: tilted_means(j, kk)), j)
    same = combine(
        eq(
            turned_row(c, k) * mu(c, k),
            (C / (C - 1) * wt(c, k) - tilted_sum(c, k)) * mu(c, k),
        ),
        {assume(MEAN_ONE): wt(c, k) * mu(c, k)},
        label="the tilt has mean 1",
    )
    return combine(
        le(tilted, T - level + quadratic / (2 * ratio) + tilt_cost(cost)),
        {
            instantiate(tilted_margin(gibbs, cost), {level: level + charge()}, label="norms are paid for"): 1,
            average(same, k, c): d,
            margin: -charge() / T - 1,
        },
        slack=square / (2 * ratio) + C * beta / (2 * (C - 1) * alpha) * within_class_scatter(),
        label="2 <Y, w~> <= theta ||w~||^2 + ||Y||^2/theta",
    )
