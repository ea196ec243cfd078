# SPDX-License-Identifier: MIT
"""E & Wojtowytsch 2022: logits in a ball of radius R have cross-entropy at least phi(R sqrt(C/(C-1))).

For every weighting of the samples, so for each sample on its own and for all class sizes; the minimum is at
z = R sqrt(C/(C-1)) (e_c - 1/C).  A linear layer of operator norm at most 1 on features of norm at most R is a
special case.  Not covered: their example of data for which the last layer does not become a simplex.
"""

from functools import lru_cache

from sympy import Integer, Rational, sqrt

from theory.configurations import one_sample_logits
from theory.definitions import cross_entropy, phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.margins import phi_falls
from theory.lemmas.sample_weights import SHARES, share, weighted_bound, weighted_mean
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, c, i, j, p, positive, z

R = positive("R_z", "R", "bound on the norm of the logits of every sample")
BALL = le(C * Mean(z(c, i, j) ** 2, j), R**2, c, i)
MARGIN = R * sqrt(C / (C - 1))


def claim(margin: object = MARGIN, hypotheses: tuple[Relation, ...] = (BALL,)) -> Statement:
    return Statement(le(phi(margin), weighted_mean(cross_entropy())), (*hypotheses, *SHARES))


@lru_cache
def prove() -> Theorem:
    """phi is above its tangent at T; t <= T because ||z - s (e_c - rest/(C-1))||^2 >= 0."""
    ball = assume(BALL)
    at_q = instantiate(dual_bound(), {p: q(MARGIN)}, label="p := q(T)")
    s = R * sqrt((C - 1) / C)
    wrong = average(
        visible(le(0, (z(c, i, j) + s / (C - 1)) ** 2)), j, excluding=c, label="the wrong logits, a square"
    )
    rate = q(MARGIN) / (2 * s)
    sample = combine(
        le(phi(MARGIN), cross_entropy()),
        {at_q: 1, ball: rate, wrong: rate * (C - 1)},
        slack=rate * (z(c, i, c) - s) ** 2,
        label="margin <= R sqrt(C/(C-1))",
    )
    return weighted_bound(sample)


def witness() -> Witness:
    """C = 3: logits (2, -1, -1), R = sqrt(6), margin 3."""
    return weighted_logits(2, -1, -1)


def weighted_logits(*logits: int) -> Witness:
    """The same logits for the one sample of each class; the first class counts for everything."""
    base = one_sample_logits(*logits)
    functions = {**base.functions, share: lambda c, i: Integer(len(logits) if c == 0 else 0)}
    return Witness(base.classes, 1, 1, functions, {R: sqrt(6)}, base.note)


def twins() -> list[Twin]:
    outside = weighted_logits(4, -2, -2)
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("margin R", claim(R), witness()),
        Twin("logits anywhere", claim(hypotheses=()), outside),
    ]


def neighbour() -> Neighbour:
    goal = claim(2 * MARGIN)
    return Neighbour(
        "twice the margin on the left",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, phi_falls(MARGIN, MARGIN): 1}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="e-wojtowytsch-2022-logit-ball",
    title="Least cross-entropy of logits in a ball",
    kind="tight",
    source="E & Wojtowytsch 2022, arXiv:2012.05420 (minimisers with values in a ball)",
    says=(
        "Logits of norm at most R have cross-entropy at least log(1 + (C-1) exp(-R sqrt(C/(C-1)))), however "
        "the samples are weighted; attained at R sqrt(C/(C-1)) (e_c - 1/C)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        phi_value(value("radius") * sqrt(value("C") / (value("C") - 1)), value("C")),
        (Condition("0 < radius", Integer(0), value("radius"), strict=True),),
    ),
)
