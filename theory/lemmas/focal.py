# SPDX-License-Identifier: MIT
"""The focal loss lies above its tangent where its slope is below 1, for every exponent gamma > 0 and every C.

At equal wrong logits the focal loss is F(t) = q(t)^gamma phi(t) with slope -s(t), s as in ``focal_slope``.
F is not convex: with u = phi(t) its second derivative is a positive multiple of

    (2 gamma + 1)/u + gamma (gamma e^t/(C-1) - 1),

which increases with t, because u decreases.  So s rises from 1 (t -> -oo) to a peak and then falls, and F is
first concave, then convex.  Far to the left F(-K) >= K - gamma, hence a tangent of slope less than 1 lies
below F there, and therefore everywhere.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Rational, exp

from theory.definitions import alignment, cross_entropy, logit, margin, phi, q
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.cross_entropy import dual_bound, mean_margin
from theory.losses.focal import focal, focal_slope, focusing
from theory.proving import assume, average, combine, cut, instantiate, log_tangent, visible
from theory.symbols import C, atom, c, i, j, nonnegative, p, positive, t, tau, z

v = nonnegative("v", "v", "a nonnegative real")
low = positive("K_low", "K", "minus a margin far to the left")
y = atom("y", "y", "y(c, i): margin at which equal wrong logits would cost as much as the sample's logits")

# The sample's cross-entropy in terms of its y, which is therefore phi^{-1} of it.
EQUIVALENT = eq(cross_entropy(logit), phi(y(c, i)), c, i)
SLOPE = lt(focal_slope(tau), 1)


def focal_loss() -> Mean:
    """E (1 - e^-CE)^gamma CE, in terms of y."""
    return Mean(focal(y(c, i)), c, i)


@lru_cache
def far_left() -> Theorem:
    """K - gamma <= F(-K): Bernoulli's inequality, log(1+x) <= x twice, and phi(-K) >= K."""
    u, mass = phi(-low), q(-low)
    ratio = exp(low) / (1 + (C - 1) * exp(low))
    rest = (1 + (C - 2) * exp(low)) / (1 + (C - 1) * exp(low))
    above = combine(le(low, u), {log_tangent(ratio): 1}, slack=rest, label="phi(-K) >= K")
    odds = exp(-low) / (C - 1)
    return combine(
        le(low - focusing, focal(-low)),
        {
            log_tangent(mass**focusing, label="q^gamma >= 1 + gamma log q"): u,
            log_tangent(1 + odds, label="log q >= -e^-K/(C-1)"): u * focusing,
            log_tangent(1 + (C - 1) * exp(low), label="phi(-K) <= (C-1) e^K"): focusing * odds,
            above: 1,
        },
        label="F(-K) >= K - gamma",
    )


@lru_cache
def tangent() -> Theorem:
    """s(tau) < 1 |- F(tau) - s(tau)(t - tau) <= F(t) for every real t."""
    at = v - low
    reach = assume(le(focal(tau) + focal_slope(tau) * tau + focusing, (1 - focal_slope(tau)) * low))
    at_zero = combine(
        le(focal(tau) + focal_slope(tau) * (tau + low), focal(-low)),
        {reach: 1, far_left(): 1},
        label="the tangent is below at -K",
    )
    curve = apply(
        "s_curve",
        at_zero,
        f=focal(at),
        v=v,
        contact=tau + low,
        weight=q(at) ** (focusing + 1) * (1 - q(at)) * phi(at),
        increasing=(2 * focusing + 1) / phi(at) + focusing * (focusing * exp(at) / (C - 1) - 1),
        label="tangent of a concave-convex function",
    )
    small = assume(SLOPE)
    right = assume(le(0, t + low))
    moved = instantiate(curve, {v: t + low}, facts=[right], label="v := t + K")
    total = focal(tau) + tau + focusing
    share = 1 / (1 - focal_slope(tau))
    far = total * share + t**2 + 1
    given = visible(lt(0, total))
    positive_far = combine(lt(0, far), {given: share}, slack=t**2 + 1, facts=[small], label="K > 0")
    placed = instantiate(moved, {low: far}, facts=[positive_far, small], label="K large enough")
    placed = cut(
        placed,
        combine(
            le(0, t + far),
            {given: share},
            slack=(t + Rational(1, 2)) ** 2 + Rational(3, 4),
            facts=[small],
            label="-K <= t",
        ),
        combine(
            le(focal(tau) + focal_slope(tau) * tau + focusing, (1 - focal_slope(tau)) * far),
            {small: tau + t**2 + 1},
            facts=[small],
            label="K is large enough",
        ),
    )
    goal = le(focal(tau) - focal_slope(tau) * (t - tau), focal(t))
    return combine(goal, {placed: 1}, facts=[small], label="tangent")


@lru_cache
def margin_of_focal_loss() -> Theorem:
    """CE = phi(y), E F(y) <= F(tau), s(tau) < 1 |- tau <= C/(C-1) E<w~_c, h>."""
    own = margin(logit)
    sample = instantiate(
        dual_bound(), functions={z: ((c, i, j), logit(c, i, j))}, label="logits of a classifier"
    )
    at_y = instantiate(sample, {p: q(y(c, i))}, label="p := q(y)")
    shorter = combine(
        le(y(c, i), own),
        {at_y: 1 / q(y(c, i)), assume(EQUIVALENT): 1 / q(y(c, i))},
        label="the margin is at least y",
    )
    below = average(instantiate(tangent(), {t: y(c, i)}, label="t := y"), c, i, label="E over samples")
    slope = focal_slope(tau)
    return combine(
        le(tau, C / (C - 1) * alignment()),
        {
            below: 1 / slope,
            assume(le(focal_loss(), focal(tau))): 1 / slope,
            average(shorter, c, i, label="E over samples"): 1,
            mean_margin(): 1,
        },
        label="the tangent at tau",
    )
