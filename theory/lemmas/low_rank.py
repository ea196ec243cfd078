# SPDX-License-Identifier: MIT
"""What too few dimensions cost: Gibbs' inequality against labels moved towards where the logits cannot go.

Let P be the orthogonal projection onto the vectors of sum 0 that are orthogonal to the columns of the
class-mean logits Z, which span at most d dimensions: <P, Z> = 0, rows of P sum to zero, and
tr P = ||P||_F^2 >= C - 1 - d.  Take q_c - (q/(C-1)) s P_c as reference instead of the collapsed softmax q_c,
s <= 1.  It does not change what the reference pays to the logits, gains (q/(C-1)) s T tr P in entropy and
loses at most (q/(C-1)) s^2 tr P.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, exp, log

from theory.definitions import cross_entropy, dot, lse, margin, mu, phi, q
from theory.expressions import Mean, eq, index, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, instantiate, log_tangent, visible
from theory.symbols import C, T, atom, c, i, j, positive, w, z

proj = atom("proj", "P", "proj(c, j): projection onto vectors of sum 0 orthogonal to the class-mean logits")
HALF = Rational(1, 2)
step = positive("step_low", "s", "step of the reference labels, at most 1 and at most T")
c2 = index("c2")

# P P^T = P says that P is symmetric and idempotent
PROJECTION = eq(C * Mean(proj(c, c2) * proj(j, c2), c2), proj(c, j), c, j)
BALANCED = eq(Mean(proj(c, j), j), 0, c)
SMALL = le(step, 1)
WEIGHT = 1 / (C - 1 + exp(T))  # q/(C-1), the softmax probability of each wrong class at collapse


@lru_cache
def row_norm() -> Theorem:
    """sum_j P_cj^2 = P_cc."""
    return instantiate(assume(PROJECTION), {j: c}, label="row norm")


@lru_cache
def _bounds() -> tuple[Theorem, Theorem]:
    """0 < 1 - s P_cj and 0 < e^T - s P_cc."""
    here, norm, balanced, small = assume(PROJECTION), row_norm(), assume(BALANCED), assume(SMALL)
    part = proj(c, c) / (C - 1)
    square = visible(le(0, (proj(c, j) + part) ** 2))
    most = combine(
        le(proj(c, c), 1 - 1 / C),
        {
            average(square, j, excluding=c, label="the other entries"): C - 1,
            norm: 1,
            balanced: 2 * C * part,
        },
        slack=(C - 1) / C * (1 - C * part) ** 2,
        label="a row of sum 0",
    )
    entry = combine(
        le(proj(c, j), (proj(c, c) + proj(j, j)) / 2),
        {here: -1, norm: HALF, instantiate(norm, {c: j}): HALF},
        slack=C / 2 * Mean((proj(c, c2) - proj(j, c2)) ** 2, c2),
        label="2 <a, b> <= ||a||^2 + ||b||^2",
    )
    wrong = combine(
        lt(0, 1 - step * proj(c, j)),
        {entry: step, most: step / 2, instantiate(most, {c: j}): step / 2, small: 1},
        slack=step / C,
        label="wrong labels stay positive",
    )
    true = combine(
        lt(0, exp(T) - step * proj(c, c)),
        {most: step, small: 1, log_tangent(exp(T)): 1},
        slack=T + step / C,
        label="the true label stays positive",
    )
    return wrong, true


@lru_cache
def sample_bound() -> Theorem:
    """phi(T) + T q(T) - q(T) t + g s (T P_cc - <P_c, z>) - g s^2 ||P_c||^2 <= CE, g = q(T)/(C-1)."""
    positive_wrong, positive_true = _bounds()
    own, off = proj(c, c), proj(c, j)
    total, a, top = lse(), 1 - step * off, exp(T) - step * own
    x = exp(z(c, i, j) - total) / (WEIGHT * a)
    part = log_tangent(x, facts=[positive_wrong], label="a wrong class")
    split = apply("log_product", a=x, b=a, facts=[positive_wrong], label="log of a quotient")
    less = log_tangent(a, facts=[positive_wrong], label="log(1 - s P) <= -s P")
    one = combine(
        le(
            a * (z(c, i, j) - total + log(C - 1 + exp(T))),
            exp(z(c, i, j) - total) / WEIGHT - 1 + step**2 * off**2,
        ),
        {part: a, split: a, less: a},
        facts=[positive_wrong],
        label="a wrong class, with its weight",
    )
    wrong = average(one, j, excluding=c, label="mean over the wrong classes")
    x = exp(z(c, i, c) - total) / (WEIGHT * top)
    mine = log_tangent(x, facts=[positive_true], label="the true class")
    split = apply("log_product", a=x, b=top, facts=[positive_true], label="log of a quotient")
    scaled = log_tangent(top * exp(-T), facts=[positive_true], label="log(1 - s P e^-T)")
    apart = apply("log_product", a=top * exp(-T), b=exp(T), facts=[positive_true])
    decay = combine(le(exp(-T), 1), {log_tangent(exp(T)): exp(-T)}, slack=T * exp(-T), label="e^-T <= 1")
    true = combine(
        le(
            top * (z(c, i, c) - total + log(C - 1 + exp(T))),
            exp(z(c, i, c) - total) / WEIGHT + top * (T - 1) - step * own + step**2 * own**2,
        ),
        {mine: top, split: top, scaled: top, apart: top, decay: step**2 * own**2},
        facts=[positive_true],
        label="the true class, with its weight",
    )
    pairs, squares = C * Mean(off * z(c, i, j), j), C * Mean(off**2, j)
    gain = WEIGHT * step * (T * own - pairs) - WEIGHT * step**2 * squares
    return combine(
        le(phi(T) + T * q(T) - q(T) * margin() + gain, cross_entropy()),
        {
            wrong: WEIGHT * (C - 1),
            true: WEIGHT,
            assume(BALANCED): -WEIGHT * step * C * (total - log(C - 1 + exp(T))),
        },
        label="Gibbs: softmax probabilities sum to 1",
    )


def mean_logit() -> Expr:
    """<w_j, mu_c>."""
    return dot(lambda x: w(j, x), lambda x: mu(c, x))
