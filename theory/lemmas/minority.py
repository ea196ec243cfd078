# SPDX-License-Identifier: MIT
"""What happens when the rows of some classes are replaced by their mean, and their features too.

m(c) is 1 for the classes of the group (the minority) and 0 for the others; wB and hB are the mean row and the
mean feature of the group.  The collapsed configuration has wB and hB for every class of the group and is
otherwise unchanged.  Its softmax denominators are sum_j (1 - m_j) e^{<w_j, x>} + m_j e^{<wB, x>}, and the
log-sum-exp falls, on average over the group, because it is convex.  Source of the question: Fang et al. 2021
(arXiv:2101.12699); Hong & Ling 2023 (arXiv:2309.09725); the comparison: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log

from theory.definitions import cross_entropy, dot, sq, unbiased_logit
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.imbalanced import count
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, cases, combine, instantiate, log_tangent
from theory.statement import Witness
from theory.symbols import C, atom, c, d, h, i, j, k, positive, w, z

member = atom("m_group", "m", "m_group(c): 1 for a class of the group (the minority), 0 for any other")
mean_row = atom("w_group", "w_B", "w_group(k): mean row of the group's classes")
mean_feature = atom("h_group", "h_B", "h_group(k): mean feature of the group's classes")
n_group = positive("n_B", "n_B", "number of samples of each class of the group")
n_all = positive("N_all", "N", "number of samples of all classes together")
r = atom("r_ref", "r", "r_ref(c, i, j): reference logit j of sample i of class c")
r_group = atom("r_group", "r_B", "r_group(c, i): reference logit of the group's classes")

MEMBER = (le(0, member(c), c), le(member(c), 1, c))
MEANS = (
    eq(Mean(member(c) * (w(c, k) - mean_row(k)), c), 0, k),
    eq(Mean(member(c) * (h(c, i, k) - mean_feature(k)), c, i), 0, k),
)
COUNTS = le(0, count(c), c)


def denominator(own: Any, group: Any) -> Expr:
    """Mean over j of (1 - m_j) e^{own(j)} + m_j e^{group}: 1/C times the collapsed softmax denominator."""
    return Mean((1 - member(j)) * exp(own(j)) + member(j) * exp(group), j)


def denominator_at(feature: Any) -> Expr:
    """The collapsed denominator at a feature, over C."""
    return denominator(lambda at: dot(lambda x: w(at, x), feature), dot(mean_row, feature))


def positive_mixture(own: Expr, group: Expr) -> Theorem:
    """0 < mean over j of (1 - m_j) own + m_j group, for visibly positive terms."""
    low, high = (instantiate(assume(a), {c: j}) for a in MEMBER)
    goal = lt(0, (1 - member(j)) * own + member(j) * group)
    half = Rational(1, 2)
    first = combine(goal, {assume(le(member(j), half)): own, low: group}, slack=own / 2, label="m <= 1/2")
    second = combine(goal, {assume(le(half, member(j))): group, high: own}, slack=group / 2, label="m >= 1/2")
    return average(cases(first, second, split=le(member(j), half), label="m against 1/2"), j)


@lru_cache
def positive_denominator() -> Theorem:
    """0 < mean of (1 - m_j) e^{r_j} + m_j e^{r_B}."""
    return positive_mixture(exp(r(c, i, j)), exp(r_group(c, i)))


@lru_cache
def collapsed_log_sum() -> Theorem:
    """log R + (1/R) sum_j ((1-m_j) e^{r_j} (z_j - r_j) + m_j e^{r_B} (z_j - r_B)) <= log sum_j e^{z_j}.

    R = sum_j (1-m_j) e^{r_j} + m_j e^{r_B}: convexity of log-sum-exp at any reference logits.
    """
    at = (c, i, j)
    total, below = C * Mean(exp(z(*at)), j), positive_denominator()
    reference = denominator(lambda x: r(c, i, x), r_group(c, i))
    ratio = C * reference / total
    low, high = (instantiate(assume(a), {c: j}) for a in MEMBER)

    def tangent(logit: Expr) -> tuple[Theorem, Theorem]:
        shift = exp(z(*at) - logit)
        return (
            log_tangent(shift * ratio, facts=[below], label="log x <= x - 1"),
            apply("log_product", a=C * shift / total, b=reference, facts=[below], label="log of a product"),
        )

    parts, premises = [], []
    for logit, share, fact in ((r(*at), 1 - member(j), high), (r_group(c, i), member(j), low)):
        own, split = tangent(logit)
        room = combine(le(0, share), {fact: 1})
        gain = share * exp(logit) * (z(*at) - logit + log(C) + log(reference) - log(total))
        cost = share * (exp(z(*at)) * ratio - exp(logit))
        rate = share * exp(logit)
        part = combine(le(gain, cost), {own: rate, split: -rate}, facts=[room, below], label="weighted")
        premises.append(average(part, j, label="sum over classes"))
        parts.append(share * exp(logit) * (z(*at) - logit))
    return combine(
        le(log(C) + log(reference) + Mean(parts[0] + parts[1], j) / reference, log(total)),
        {premises[0]: 1 / reference, premises[1]: 1 / reference},
        facts=[below],
        label="probabilities sum to 1",
    )


# ---- the collapsed configuration


def row(at: Any, feature: Any) -> Expr:
    """<w_at, feature>."""
    return dot(lambda x: w(at, x), feature)


def sample(x: Any) -> Expr:
    """Feature h_ci, coordinate x."""
    return h(c, i, x)


def _at_sample() -> dict[Any, Any]:
    """Reference logits: those of the sample itself."""
    own = unbiased_logit(c, i, j)
    return {z: ((c, i, j), own), r: ((c, i, j), own), r_group: ((c, i), dot(mean_row, sample))}


def _at_mean() -> dict[Any, Any]:
    """Reference logits: those of the group's mean feature."""
    own = row(j, mean_feature)
    return {
        z: ((c, i, j), unbiased_logit(c, i, j)),
        r: ((c, i, j), own),
        r_group: ((c, i), dot(mean_row, mean_feature)),
    }


def loss() -> Expr:
    """(1/N) sum over all samples of the cross-entropy: n_c samples outside the group, n_B inside."""
    size = (1 - member(c)) * count(c) + member(c) * n_group
    return C / n_all * Mean(size * cross_entropy(unbiased_logit), c, i)


def collapsed_loss() -> Expr:
    """The same at the collapsed configuration."""
    outside = log(C) + log(denominator_at(sample)) - row(c, sample)
    inside = log(C) + log(denominator_at(mean_feature)) - dot(mean_row, mean_feature)
    return C / n_all * Mean((1 - member(c)) * count(c) * outside + member(c) * n_group * inside, c, i)


def decays(outside: Any, inside: Any) -> Expr:
    """(lambda_W/2) ||W||_F^2 + (lambda_H/2) sum_c v_c E_i ||h||^2, v_c = ``inside`` in the group."""
    size = (1 - member(c)) * outside + member(c) * inside
    return lam_W / 2 * C * Mean(sq(lambda x: w(c, x)), c) + lam_H / 2 * C * Mean(size * sq(sample), c, i)


def collapsed_decays(outside: Any, inside: Any) -> Expr:
    """The same at the collapsed configuration."""
    rows = (1 - member(c)) * sq(lambda x: w(c, x)) + member(c) * sq(mean_row)
    features = (1 - member(c)) * outside * sq(sample) + member(c) * inside * sq(mean_feature)
    return lam_W / 2 * C * Mean(rows, c) + lam_H / 2 * C * Mean(features, c, i)


def times(equation: Theorem, factor: Expr) -> Theorem:
    """Both sides of an equation times ``factor``."""
    goal = eq(factor * equation.relation.lhs, factor * equation.relation.rhs)
    return combine(goal, {equation: factor}, label="times a factor")


def shifted_row(x: Any) -> Expr:
    """w_c - wB, coordinate x."""
    return w(c, x) - mean_row(x)


def shifted_feature(x: Any) -> Expr:
    """h_ci - hB, coordinate x."""
    return h(c, i, x) - mean_feature(x)


def feature_sum(vector: Any) -> Theorem:
    """The group's features sum to that of the mean: E m_c <vector, h_ci - hB> = 0."""
    goal = eq(Mean(member(c) * dot(vector, shifted_feature), c, i), 0)
    return combine(goal, {average(times(assume(MEANS[1]), vector(k)), k): d}, label="mean feature")


def row_sum(vector: Any) -> Theorem:
    """The group's rows sum to that of the mean: E m_c <w_c - wB, vector> = 0."""
    goal = eq(Mean(member(c) * dot(shifted_row, vector), c), 0)
    return combine(goal, {average(times(assume(MEANS[0]), vector(k)), k): d}, label="mean row")


def instantiated_row_sum() -> Theorem:
    """E_j m_j <w_j - wB, h_ci> = 0 for every sample."""
    goal = eq(Mean(member(j) * dot(lambda x: w(j, x) - mean_row(x), sample), j), 0)
    return combine(goal, {average(times(assume(MEANS[0]), h(c, i, k)), k): d})


@lru_cache
def outside_the_group() -> Theorem:
    """Samples outside the group: their log-sum-exp does not grow when the group's rows are averaged."""
    here = _at_sample()
    below = instantiate(positive_denominator(), functions={a: here[a] for a in (r, r_group)})
    lse = instantiate(collapsed_log_sum(), functions=here, label="reference at the sample itself")
    level = instantiated_row_sum()
    total = log(C * Mean(exp(unbiased_logit(c, i, j)), j))
    one = combine(
        le(log(C) + log(denominator_at(sample)), total),
        {lse: 1, level: -exp(dot(mean_row, sample)) / denominator_at(sample)},
        facts=[below],
        label="the group's logits are replaced by their mean",
    )
    rate = (1 - member(c)) * count(c)
    others = combine(
        le(rate * one.relation.lhs, rate * one.relation.rhs),
        {one: rate},
        facts=[combine(le(0, 1 - member(c)), {assume(MEMBER[1]): 1}), assume(COUNTS)],
        label="n_c samples of a class outside the group",
    )
    return average(others, c, i, label="outside the group")


@lru_cache
def inside_the_group() -> Theorem:
    """The group: its mean log-sum-exp is at least that at the mean feature with the mean row."""
    there = _at_mean()
    low = assume(MEMBER[0])
    below = instantiate(positive_denominator(), functions={a: there[a] for a in (r, r_group)})
    lse = instantiate(collapsed_log_sum(), functions=there, label="reference at the mean feature")
    total, reference = log(C * Mean(exp(unbiased_logit(c, i, j)), j)), denominator_at(mean_feature)
    lhs, rhs = lse.relation.lhs, lse.relation.rhs
    share = combine(
        le(member(c) * lhs, member(c) * rhs), {lse: member(c)}, facts=[low, below], label="of the group"
    )
    of_row = combine(
        eq(Mean(member(c) * dot(lambda x: w(j, x), shifted_feature), c, i), 0),
        {average(times(assume(MEANS[1]), w(j, k)), k): d},
    )
    of_mean = feature_sum(mean_row)
    of_rows = instantiated_row_sum()
    odds = exp(row(j, mean_feature))
    group_odds = exp(dot(mean_row, mean_feature))
    weighted = average(times(of_row, (1 - member(j)) * odds), j)
    members = average(times(of_rows, member(c)), c, i)
    spread = combine(
        eq(
            Mean(member(j), j)
            * Mean(member(c) * dot(mean_row, lambda x: h(c, i, x) - mean_feature(x)), c, i),
            0,
        ),
        {of_mean: Mean(member(j), j)},
    )
    goal = le(Mean(member(c) * (log(C) + log(reference)), c), Mean(member(c) * total, c, i))
    return combine(
        goal,
        {
            average(share, c, i, label="mean over the group"): 1,
            weighted: -1 / reference,
            members: -group_odds / reference,
            spread: -group_odds / reference,
        },
        facts=[below],
        label="the linear terms vanish at the means",
    )


def two_merged(
    scale: Any, decay: Any, mean: Any = 0, functions: dict[Any, Any] | None = None, weight: Any = None
) -> Witness:
    """Two classes, both in the group: w_c = h_c = ``scale`` (1/2, -1/2) or its opposite, equal decays.

    ``mean`` is every coordinate of the mean row (0 is right); ``functions`` and the symbol ``weight``, set to
    1, are what a statement has besides.
    """

    def side(at: int, x: int) -> Any:
        return scale * (Rational(1, 2) if at == x else -Rational(1, 2))

    own: dict[Any, Any] = {
        member: lambda c: Integer(1),
        count: lambda c: Integer(1),
        w: side,
        h: lambda c, i, k: side(c, k),
        mean_row: lambda k: mean,
        mean_feature: lambda k: Integer(0),
    }
    values = {lam_W: decay, lam_H: decay, n_group: Integer(1), n_all: Integer(2)}
    values |= {} if weight is None else {weight: Integer(1)}
    return Witness(
        2, 1, 2, own | (functions or {}), values, f"two classes of one sample, scale {scale}, decays {decay}"
    )
