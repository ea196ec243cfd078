# SPDX-License-Identifier: MIT
"""What too few dimensions cost: Gibbs' inequality against labels moved towards where the logits cannot go.

Let P be the orthogonal projection onto the columns of the class-mean logits Z (rank at most d), and
Y = (I - P)(I - J/C), so that <Y, Z> = 0, rows of Y sum to zero, and D = tr Y = ||Y||_F^2 >= C - 1 - d.  Take
q_c - (q/(C-1)) s Y_c as reference instead of the collapsed softmax q_c.  It does not change what the
reference pays to the logits, gains (q/(C-1)) s T tr Y in entropy and loses at most (q/(C-1)) s^2 ||Y||_F^2.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol, exp, log

from theory.definitions import cross_entropy, dot, lse, margin, mu, phi, q
from theory.expressions import Mean, eq, index, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, T, atom, c, i, j, positive, w, z

proj = atom("proj", "P", "proj(c, j): orthogonal projection onto the columns of the class-mean logits")
step = positive("step_low", "s", "step of the reference labels, at most 2/3 and at most T")
c2, c3 = index("c2"), index("c3")
THIRDS = Rational(2, 3)

# P P^T = P says that P is symmetric and idempotent
PROJECTION = eq(C * Mean(proj(c, c2) * proj(j, c2), c2), proj(c, j), c, j)
SMALL = le(step, THIRDS)
WEIGHT = 1 / (C - 1 + exp(T))  # q/(C-1), the softmax probability of each wrong class at collapse


def column(cc: Symbol = c) -> Expr:
    """Mean of column cc of P."""
    return Mean(proj(c3, cc), c3)


def off(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """Y_cj for j != c; Y_cc is one more."""
    return -1 / C - proj(jj, cc) + column(cc)


def own(cc: Symbol = c) -> Expr:
    """Y_cc."""
    return 1 + off(cc, cc)


@lru_cache
def _bounds() -> tuple[Theorem, Theorem]:
    """0 < 1 - s Y_cj (j != c) and 0 < e^T - s Y_cc."""
    here = assume(PROJECTION)
    there = instantiate(here, {c: j, j: c}, label="exchanged")
    symmetric = combine(eq(proj(c, j), proj(j, c)), {here: -1, there: 1}, label="P is symmetric")
    diagonal = instantiate(here, {j: c}, label="row norm")  # sum_l P_cl^2 = P_cc
    square = combine(le(0, proj(c, c2) ** 2), slack=proj(c, c2) ** 2)
    one = combine(
        le(proj(c, j) ** 2, proj(c, c)),
        {average(square, c2, excluding=j, label="the other entries"): C - 1, diagonal: 1},
        label="an entry is at most its row",
    )
    top = instantiate(one, {j: c})
    below_one = combine(le(proj(c, c), 1), {top: 1}, slack=(proj(c, c) - 1) ** 2, label="P_cc <= 1")
    turned = combine(
        eq(proj(c, c2) ** 2, proj(c2, c) ** 2),
        {instantiate(symmetric, {j: c2}): proj(c, c2) + proj(c2, c)},
        label="columns are rows",
    )
    norm = combine(eq(C * Mean(proj(c2, c) ** 2, c2), proj(c, c)), {average(turned, c2): -C, diagonal: 1})
    spread = Mean((proj(c2, c) - column(c)) ** 2, c2)
    mean = combine(
        le(column(c), (1 / C + proj(c, c)) / 2),
        {norm: Rational(1, 2)},
        slack=C * spread / 2 + C * (column(c) - 1 / C) ** 2 / 2,
        label="mean of a column",
    )
    small = assume(SMALL)
    swapped = instantiate(instantiate(one, {c: c2}), {j: c})
    entry = combine(
        le(-proj(j, c), 1),
        {instantiate(swapped, {c2: j}): Rational(1, 2), instantiate(below_one, {c: j}): Rational(1, 2)},
        slack=(proj(j, c) + 1) ** 2 / 2,
        label="-P_jc <= 1",
    )
    wrong = combine(
        lt(0, 1 - step * off()),
        {entry: step, mean: step, below_one: step / 2, small: Rational(3, 2)},
        slack=step / (2 * C),
        label="wrong labels stay positive",
    )
    visible_norm = combine(
        le(0, proj(c, c)), {diagonal: 1}, slack=C * Mean(proj(c, c2) ** 2, c2), label="P_cc >= 0"
    )
    true = combine(
        lt(0, exp(T) - step * own()),
        {mean: step, visible_norm: step / 2, small: 1, log_tangent(exp(T)): 1},
        slack=T + 1 - THIRDS + step / (2 * C),
        label="the true label stays positive",
    )
    return wrong, true


@lru_cache
def sample_bound() -> Theorem:
    """phi(T) + T q(T) - q(T) t + g s (T Y_cc - <Y_c, z>) - g s^2 ||Y_c||^2 <= CE, g = q(T)/(C-1)."""
    positive_wrong, positive_true = _bounds()
    total, a, top = lse(), 1 - step * off(), exp(T) - step * own()
    x = exp(z(c, i, j) - total) / (WEIGHT * a)
    part = log_tangent(x, facts=[positive_wrong], label="a wrong class")
    split = apply("log_product", a=x, b=a, facts=[positive_wrong], label="log of a quotient")
    less = log_tangent(a, facts=[positive_wrong], label="log(1 - s Y) <= -s Y")
    one = combine(
        le(
            a * (z(c, i, j) - total + log(C - 1 + exp(T))),
            exp(z(c, i, j) - total) / WEIGHT - 1 + step**2 * off() ** 2,
        ),
        {part: a, split: a, less: a},
        facts=[positive_wrong],
        label="a wrong class, with its weight",
    )
    wrong = average(one, j, excluding=c, label="mean over the wrong classes")
    x = exp(z(c, i, c) - total) / (WEIGHT * top)
    mine = log_tangent(x, facts=[positive_true], label="the true class")
    split = apply("log_product", a=x, b=top, facts=[positive_true], label="log of a quotient")
    scaled = log_tangent(top * exp(-T), facts=[positive_true], label="log(1 - s Y e^-T)")
    apart = apply("log_product", a=top * exp(-T), b=exp(T), facts=[positive_true])
    decay = combine(le(exp(-T), 1), {log_tangent(exp(T)): exp(-T)}, slack=T * exp(-T), label="e^-T <= 1")
    true = combine(
        le(
            top * (z(c, i, c) - total + log(C - 1 + exp(T))),
            exp(z(c, i, c) - total) / WEIGHT + top * (T - 1) - step * own() + step**2 * own() ** 2,
        ),
        {mine: top, split: top, scaled: top, apart: top, decay: step**2 * own() ** 2},
        facts=[positive_true],
        label="the true class, with its weight",
    )
    pairs = C * Mean(off() * z(c, i, j), j) + z(c, i, c)
    squares = C * Mean(off() ** 2, j) - off(c, c) ** 2 + own() ** 2
    gain = WEIGHT * step * (T * own() - pairs) - WEIGHT * step**2 * squares
    return combine(
        le(phi(T) + T * q(T) - q(T) * margin() + gain, cross_entropy()),
        {wrong: WEIGHT * (C - 1), true: WEIGHT},
        label="Gibbs: softmax probabilities sum to 1",
    )


def mean_logit() -> Expr:
    """<w_j, mu_c>."""
    return dot(lambda x: w(j, x), lambda x: mu(c, x))
