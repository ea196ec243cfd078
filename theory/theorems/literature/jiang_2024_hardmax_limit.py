# SPDX-License-Identifier: MIT
"""Jiang et al. 2024: at a large factor tau the cross-entropy of tau z, divided by tau, is a hard maximum.

It lies between max_j z_j - z_c (the true neighbour) and log(C)/tau above it, for any logits: what a vanishing
temperature leaves is the margin loss whose optimal codes are the softmax codes.  The constant is attained at
equal logits.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.configurations import one_sample_logits
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, log_tangent, visible
from theory.symbols import C, atom, c, i, j, positive, z

tau = positive("tau_h", r"\tau", "factor of the logits")
top = atom("top", r"\hat z", "top(c, i): at least the largest logit of sample i of class c")
j2 = index("j2")
LARGEST = le(z(c, i, j), top(c, i), c, i, j)


def soft() -> Expr:
    """E[cross-entropy of tau z]/tau."""
    return Mean(log(C * Mean(exp(tau * z(c, i, j)), j)) / tau - z(c, i, c), c, i)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = (LARGEST,)) -> Statement:
    hard = Mean(top(c, i) - z(c, i, c), c, i)
    return Statement(le(soft(), hard + factor * log(C) / tau), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The mean of e^{tau (z_j - top)} is at most 1."""
    largest = assume(LARGEST)
    below = tau * (top(c, i) - z(c, i, j))
    grows = log_tangent(exp(below), label="x <= e^x - 1")
    small = combine(
        le(exp(-below), 1),
        {grows: exp(-below), largest: tau * exp(-below)},
        label="e^-x <= 1",
    )
    ratio = log_tangent(Mean(exp(tau * z(c, i, j)), j) * exp(-tau * top(c, i)), label="log x <= x - 1")
    sample = combine(
        le(log(C * Mean(exp(tau * z(c, i, j)), j)) / tau, top(c, i) + log(C) / tau),
        {ratio: 1 / tau, average(small, j, label="mean over the logits"): 1 / tau},
        label="one sample",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {average(sample, c, i, label="E over samples"): 1},
        label="minus the true logit",
    )


def _equal(height: int) -> Witness:
    """All logits 0 and tau = 2."""
    base = one_sample_logits(0, 0, 0)
    functions = {**base.functions, top: lambda c, i: Integer(height)}
    return Witness(3, 1, 1, functions, {tau: Integer(2)}, "equal logits")


def witness() -> Witness:
    """Three equal logits."""
    return _equal(0)


def twins() -> list[Twin]:
    return [
        Twin("1 % less", claim(Rational(99, 100)), witness()),
        Twin("top below the largest logit", claim(hypotheses=()), _equal(-1)),
    ]


def neighbour() -> Neighbour:
    total = C * Mean(exp(tau * z(c, i, j)), j)
    goal = le(z(c, i, j2), log(total) / tau)

    def proof() -> Theorem:
        """One term of a sum of exponentials is at most the sum."""
        share = log_tangent(exp(tau * z(c, i, j2)) / total, label="log x <= x - 1")
        rest = average(visible(le(0, exp(tau * z(c, i, j)))), j, excluding=j2, label="the other terms")
        return combine(goal, {share: 1 / tau, rest: (C - 1) / (tau * total)})

    return Neighbour("no less than any logit", Statement(goal), proof)


THEOREM = Entry(
    name="jiang-2024-hardmax-limit",
    title="Cross-entropy at low temperature is a hard maximum",
    kind="tight",
    source="Jiang et al. 2024, arXiv:2310.05351 (limit of vanishing temperature)",
    says=(
        "The cross-entropy of tau z, divided by tau, exceeds max_j z_j - z_c by at most log(C)/tau, for any "
        "logits; attained at equal logits."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        log(value("C")) / value("temperature"),
        (Condition("0 < temperature", Integer(0), value("temperature"), strict=True),),
    ),
)
