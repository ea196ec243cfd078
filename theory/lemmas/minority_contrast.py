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

from sympy import Expr, Integer, exp, log, sqrt

from theory.definitions import dot, sq
from theory.expressions import Mean, eq, le
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
from theory.proving import assume, average, cases, combine, instantiate, log_tangent
from theory.symbols import C, atom, c, i, j, positive, real, w

contrast = atom(
    "s_contrast", "s", "s_contrast(c): size of the contrast in class c; its mean over the group is 0"
)
below = positive(
    "theta_below", r"\theta", "1 - kappa N/sqrt(n_B): how far the decays are below the threshold"
)
u = real("u_hoeffding", "u", "a real number")
GAIN = below / 4  # g = epsilon epsilon'
RATE = n_group / n_all
STEP = RATE * (1 - below) * GAIN  # lambda_W epsilon^2 = lambda_H n_B epsilon'^2

CONTRAST = (
    eq(Mean(member(c) * contrast(c), c), 0),
    eq(Mean(member(c) * contrast(c) ** 2, c), Mean(member(c), c)),
    le(contrast(c) ** 2, 2, c),
)
BELOW = (eq(lam_W * lam_H * n_all**2, n_group * (1 - below) ** 2),)
HYPOTHESES = (*MEMBER, *CONTRAST, *BELOW)


SIZE = 2 * GAIN**2 * contrast(c) ** 2


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


def mean_of_exponentials() -> Theorem:
    """(e^u + e^-u)/2 <= e^{u^2}: certified for |u| <= 1, and |u| <= u^2 beyond."""
    goal = le((exp(u) + exp(-u)) / 2, exp(u**2))
    near = apply("box", goal=goal, box={u: (-1, 1)}, contacts=[({u: 0}, 2)], label="|u| <= 1")
    grows = {log_tangent(exp(u**2 - u)): exp(u) / 2, log_tangent(exp(u**2 + u)): exp(-u) / 2}

    def far(one: Theorem, other: Theorem, label: str) -> Theorem:
        """From 0 <= u^2 - u and 0 <= u^2 + u."""
        return combine(goal, {**grows, one: exp(u) / 2, other: exp(-u) / 2}, label=label)

    right, left = assume(le(1, u)), assume(le(u, -1))
    above = combine(le(0, u**2 - u), {right: u}, facts=[combine(le(0, u), {right: 1}, slack=Integer(1))])
    rest = combine(le(0, u**2 + u), {right: 1}, slack=u**2 + 1)
    below_ = combine(le(0, u**2 + u), {left: -u}, facts=[combine(le(0, -u), {left: 1}, slack=Integer(1))])
    other = combine(le(0, u**2 - u), {left: 1}, slack=u**2 + 1)
    either = cases(near, far(above, rest, "u >= 1"), split=le(u, 1), label="u against 1")
    return cases(either, far(other, below_, "u <= -1"), split=le(-1, u), label="u against -1")


def growth_of_exponential() -> Theorem:
    """e^x <= e^{2 g^2 s_c^2} + s_j sinh(u)/sqrt(2), x = g s_c s_j, u = sqrt(2) g s_c: convex in s_j."""
    x, root = change(), sqrt(2)
    reach, small = root * GAIN * contrast(c), instantiate(assume(CONTRAST[2]), {c: j})
    rate = 1 / (2 * root)
    low, high = (
        combine(
            le(0, (1 + sign * contrast(j) / root) / 2),
            {small: rate / (2 * root)},
            slack=rate / (2 * root) * (contrast(j) + sign * root) ** 2,
            label="|s| <= sqrt(2)",
        )
        for sign in (1, -1)
    )
    share = (1 + contrast(j) / root) / 2
    convex = combine(
        le(exp(x), share * exp(reach) + (1 - share) * exp(-reach)),
        {log_tangent(exp(reach - x)): share * exp(x), log_tangent(exp(-reach - x)): (1 - share) * exp(x)},
        facts=[low, high],
        label="between s = -sqrt(2) and sqrt(2)",
    )
    mean = instantiate(mean_of_exponentials(), {u: reach}, label="u := sqrt(2) g s")
    return combine(
        le(exp(x), exp(SIZE) + contrast(j) * slope()),
        {convex: 1, mean: 1},
        label="Hoeffding's inequality",
    )


def slope() -> Expr:
    """sinh(sqrt(2) g s_c)/sqrt(2)."""
    reach = sqrt(2) * GAIN * contrast(c)
    return (exp(reach) - exp(-reach)) / (2 * sqrt(2))


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
    tangent = log_tangent(ratio * exp(-SIZE), facts=facts, label="log x <= x - 1")
    split = apply("log_product", a=ratio, b=before, facts=facts, label="log of a quotient")
    scaled = apply("log_product", a=ratio, b=exp(-SIZE), facts=facts, label="log of a product")
    grown = combine(
        le(member(j) * exp(change()), member(j) * (exp(SIZE) + contrast(j) * slope())),
        {growth_of_exponential(): member(j)},
        facts=[low],
    )
    room = combine(le(0, (1 - member(j)) * own), {high: own}, label="the other classes")
    shrink = exp(-SIZE)
    less = combine(
        le(0, 1 - shrink), {log_tangent(exp(SIZE)): shrink}, slack=shrink * SIZE, label="e^-x <= 1"
    )
    return combine(
        le(log(contrasted_denominator()), log(before) + SIZE),
        {
            tangent: 1,
            split: 1,
            scaled: -1,
            average(grown, j): group * shrink / before,
            assume(CONTRAST[0]): slope() * group * shrink / before,
            average(room, j): (1 - shrink) / before,
        },
        facts=[*facts, less],
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
