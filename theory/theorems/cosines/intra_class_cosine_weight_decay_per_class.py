# SPDX-License-Identifier: MIT
"""intra_c > 1 - 2 sqrt(C) eps/(delta (C-1) lambda T*) for all but delta of the classes."""

from typing import Any

from sympy import Rational

from theory.configurations import flipped_at_decay
from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_5_2,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    DELTA_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Relation, index, le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import class_cosine, cosine_at_most_one
from theory.lemmas.published import WEIGHT_DECAY, fraction
from theory.proving import assume, average, combine, instantiate, theorem
from theory.symbols import C, T, c, delta, eps

HYPOTHESES = (*WEIGHT_DECAY, THRESHOLD)
BUDGET = 2 * eps / (T * q(T))


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(fraction(factor * BUDGET / delta), delta), hypotheses)


def mean_bound() -> Theorem:
    """mean_c (1 - intra_c) <= 2 eps/(T* q*)."""
    bound = theorem("intra-class-cosine-weight-decay")
    goal = le(bound.relation.lhs, BUDGET)
    return combine(goal, {bound: 1, assume(WEIGHT_DECAY[-1]): 2 / (T * q(T))}, label="the gap is at most eps")


def prove() -> Theorem:
    """Markov's inequality at the level 2 eps/(delta T* q*)."""
    level = BUDGET / delta
    markov = average(apply("indicator", cosine_at_most_one(), level=level), c, label="Markov's inequality")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {markov: 1 / level, mean_bound(): 1 / level},
        label="a fraction delta at the level spends the whole budget",
    )


def twins() -> list[Twin]:
    values = {eps: Rational(1, 8), delta: Rational(9, 10)}
    low = {eps: Rational(1, 20), delta: Rational(9, 10)}
    return [
        Twin(
            "half the constant",
            claim(factor=Rational(1, 2)),
            flipped_at_decay(Rational(21, 10), good=3, values=values),
        ),
        Twin(
            "without the threshold",
            claim(hypotheses=HYPOTHESES[:-1]),
            flipped_at_decay(Rational(1, 2), good=3, values=low),
        ),
    ]


def neighbour() -> Neighbour:
    every = le(1 - class_cosine(), C * BUDGET)

    def proof() -> Theorem:
        """One nonnegative term of a mean of C is at most C times the mean."""
        other = index("c4")
        free = instantiate(cosine_at_most_one(), {c: other}, label="another class")
        rest = average(free, other, excluding=c, label="the other classes")
        return combine(every, {rest: C - 1, mean_bound(): C}, label="delta = 1/C: every class")

    return Neighbour("every class, at delta = 1/C", Statement(every, HYPOTHESES), proof)


_T, _Q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="intra-class-cosine-weight-decay-per-class",
    title="Intra-class cosine, class by class, from weight decay",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "For lambda <= lambda_{5/2}(C), without bias, all but at most a fraction delta of the classes have "
        "intra_c > 1 - 2 sqrt(C) eps/(delta (C-1) lambda T*), eps = L_reg - m_reg; with delta = 1/C, "
        "every class."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.min",
        ">=",
        1 - 2 * value("eps_reg") / (value("delta") * _T * _Q),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, CENTRED, DELTA_POSITIVE, DECAY_BELOW_5_2),
        delta="1/C",
    ),
    uses=("intra-class-cosine-weight-decay",),
)
