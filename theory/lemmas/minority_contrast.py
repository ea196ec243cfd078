# SPDX-License-Identifier: MIT
"""What a small contrast inside a collapsed group gains: the other side of the minority-collapse threshold.

From a configuration that is collapsed on the group (row wB, feature hB for each of its classes), go to rows
wB + epsilon s_c v and features hB + epsilon' s_c v, where v is a unit vector orthogonal to all rows and
features (one more dimension is enough) and the s_c sum to zero over the group.  With g = epsilon epsilon',
the logits change by g s_c s_j between classes c and j of the group and by nothing else, and the squared norms
by epsilon^2 s_c^2 and epsilon'^2 s_c^2; the objective below is written with these.  Source: this project
(2026), for the threshold of Hong & Ling 2023 (arXiv:2309.09725).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, exp, log

from theory.definitions import dot, sq
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.imbalanced import count
from theory.lemmas.minority import (
    MEMBER,
    collapsed_decays,
    collapsed_loss,
    denominator_at,
    mean_feature,
    mean_row,
    member,
    n_all,
    n_group,
    positive_denominator,
    positive_mixture,
    r,
    r_group,
    row,
    sample,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, atom, c, i, j, positive, w

contrast = atom(
    "s_contrast", "s", "s_contrast(c): size of the contrast in class c; its mean over the group is 0"
)
below = positive(
    "theta_below", r"\theta", "1 - kappa N/sqrt(n_B): how far the decays are below the threshold"
)
GAIN = below / 4  # g = epsilon epsilon'
RATE = n_group / n_all
STEP = RATE * (1 - below) * GAIN  # lambda_W epsilon^2 = lambda_H n_B epsilon'^2

CONTRAST = (
    eq(Mean(member(c) * contrast(c), c), 0),
    eq(Mean(member(c) * contrast(c) ** 2, c), Mean(member(c), c)),
    le(contrast(c) ** 2, 2, c),
)
BELOW = (eq(lam_W * lam_H * n_all**2, n_group * (1 - below) ** 2), lt(below, 1))
HYPOTHESES = (*MEMBER, *CONTRAST, *BELOW)


def change() -> Expr:
    """g s_c s_j: how the logit of class j changes at class c."""
    return GAIN * contrast(c) * contrast(j)


def odds() -> tuple[Expr, Expr]:
    """e^{<w_j, hB>} and e^{<wB, hB>}."""
    return exp(row(j, mean_feature)), exp(dot(mean_row, mean_feature))


def contrasted_denominator() -> Expr:
    """The denominator of class c of the group with the contrast, over C."""
    own, group = odds()
    return Mean((1 - member(j)) * own + member(j) * group * exp(change()), j)


def contrasted_loss() -> Expr:
    """(1/N) sum over all samples of the cross-entropy with the contrast."""
    outside = log(C) + log(denominator_at(sample)) - row(c, sample)
    own = dot(mean_row, mean_feature) + GAIN * contrast(c) ** 2
    inside = log(C) + log(contrasted_denominator()) - own
    return C / n_all * Mean((1 - member(c)) * count(c) * outside + member(c) * n_group * inside, c, i)


def contrasted_decays() -> Expr:
    """The decays with the contrast: epsilon^2 = STEP/lambda_W, epsilon'^2 = STEP/(lambda_H n_B)."""
    grown_row = sq(mean_row) + STEP / lam_W * contrast(c) ** 2
    grown_feature = sq(mean_feature) + STEP / (lam_H * n_group) * contrast(c) ** 2
    rows = (1 - member(c)) * sq(lambda x: w(c, x)) + member(c) * grown_row
    features = (1 - member(c)) * count(c) * sq(sample) + member(c) * n_group * grown_feature
    return lam_W / 2 * C * Mean(rows, c) + lam_H / 2 * C * Mean(features, c, i)


@lru_cache
def growth_of_exponential() -> Theorem:
    """e^x <= 1 + x + 2 x^2 for the changes x = g s_c s_j, which are at most 1/2."""
    x = change()
    mine, other = assume(CONTRAST[2]), instantiate(assume(CONTRAST[2]), {c: j})
    bounded = combine(
        lt(x, Rational(1, 2)),
        {mine: GAIN / 2, other: GAIN / 2, assume(BELOW[1]): Rational(1, 2)},
        slack=GAIN / 2 * (contrast(c) - contrast(j)) ** 2,
        label="2 s s' <= s^2 + s'^2 <= 4",
    )
    room = combine(lt(0, 1 - x), {bounded: 1}, slack=Rational(1, 2))
    half = combine(lt(0, 1 - 2 * x), {bounded: 2})
    falls = combine(le(exp(x) * (1 - x), 1), {log_tangent(exp(-x), label="-x <= e^-x - 1"): exp(x)})
    return combine(
        le(exp(x), 1 + x + 2 * x**2),
        {falls: 1 / (1 - x)},
        slack=x**2 * (1 - 2 * x) / (1 - x),
        facts=[room, half],
        label="1 <= (1-x)(1+x+2x^2)",
    )


@lru_cache
def growth_of_denominator() -> Theorem:
    """log R'' <= log R + 2 g^2 s_c^2: to first order the contrast leaves the log-sum-exp alone."""
    own, group = odds()
    high, low = (instantiate(assume(a), {c: j}) for a in reversed(MEMBER))
    before = denominator_at(mean_feature)
    here = {r: ((c, i, j), row(j, mean_feature)), r_group: ((c, i), dot(mean_row, mean_feature))}
    positive_before = instantiate(positive_denominator(), functions=here)
    positive_after = positive_mixture(own, group * exp(change()))
    ratio = contrasted_denominator() / before
    facts = [positive_before, positive_after]
    tangent = log_tangent(ratio, facts=facts, label="log x <= x - 1")
    split = apply("log_product", a=ratio, b=before, facts=facts, label="log of a quotient")
    x = change()
    grown = combine(
        le(member(j) * exp(x), member(j) * (1 + x + 2 * x**2)),
        {growth_of_exponential(): member(j)},
        facts=[low],
    )
    room = combine(le(0, (1 - member(j)) * own), {high: own}, label="the other classes")
    size = 2 * GAIN**2 * contrast(c) ** 2
    zero, norm = assume(CONTRAST[0]), assume(CONTRAST[1])
    return combine(
        le(log(contrasted_denominator()), log(before) + size),
        {
            tangent: 1,
            split: 1,
            average(grown, j): group / before,
            zero: GAIN * contrast(c) * group / before,
            norm: size * group / before,
            average(room, j): size / before,
        },
        facts=facts,
        label="the contrast sums to zero",
    )


def contrast_is_better() -> Theorem:
    """Below the threshold a contrast lowers the objective by K_B (n_B/N) theta^2/8."""
    low = assume(MEMBER[0])
    grown = growth_of_denominator()
    each = combine(
        le(member(c) * grown.relation.lhs, member(c) * grown.relation.rhs), {grown: member(c)}, facts=[low]
    )
    norm = assume(CONTRAST[1])
    gain = C * Mean(member(c), c) * RATE * below**2 / 8
    return combine(
        le(
            contrasted_loss() + contrasted_decays(),
            collapsed_loss() + collapsed_decays(count(c), n_group) - gain,
        ),
        {average(each, c, label="over the group"): C * RATE, norm: -C * RATE * below**2 / 8},
        label="first order against second",
    )
