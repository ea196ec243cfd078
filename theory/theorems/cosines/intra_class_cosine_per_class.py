# SPDX-License-Identifier: MIT
"""For all but a fraction delta of the classes, intra_c > 1 - 2 eps/(delta T q(T)), for T >= T_{5/2}(C)."""

from sympy import Rational

from theory.configurations import flipped
from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_THRESHOLD, value
from theory.evaluation import q as q_value
from theory.expressions import index, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import class_cosine, cosine_at_most_one
from theory.lemmas.published import BOUNDED_NORMS, MARGIN, fraction
from theory.proving import assume, average, combine, instantiate, theorem
from theory.symbols import C, T, c, delta, eps

REGION = THRESHOLD.map(lambda side: substitute(side, {T: MARGIN}))
HYPOTHESES = (*BOUNDED_NORMS, REGION)
BUDGET = 2 * eps / (MARGIN * q(MARGIN))


def claim(factor: object = 1) -> Statement:
    return Statement(le(fraction(factor * BUDGET / delta), delta), HYPOTHESES)


def mean_bound() -> Theorem:
    """mean_c (1 - intra_c) <= 2 eps/(T q(T))."""
    bound = instantiate(theorem("intra-class-cosine"), {T: MARGIN}, label="T = C alpha beta/(C-1)")
    rate = 2 / (MARGIN * q(MARGIN))
    goal = le(bound.relation.lhs, BUDGET)
    return combine(goal, {bound: 1, assume(BOUNDED_NORMS[-1]): rate}, label="the loss gap is at most eps")


def prove() -> Theorem:
    """Markov's inequality at the level 2 eps/(delta T q(T))."""
    level = BUDGET / delta
    markov = average(
        apply("indicator", cosine_at_most_one(), level=level), c, label="Markov's inequality, averaged"
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {markov: 1 / level, mean_bound(): 1 / level},
        label="a fraction delta at the level spends the whole budget",
    )


def example() -> Witness:
    """T = 21/10, one of four samples of each class flipped, loss gap below eps = 1/8, delta = 9/10."""
    base = flipped(Rational(21, 10), good=3)
    values = {**base.values, eps: Rational(1, 8), delta: Rational(9, 10)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def twins() -> list[Twin]:
    squared = le(fraction((BUDGET / delta) ** 2), delta)
    return [
        Twin("half the constant", claim(factor=Rational(1, 2)), example()),
        Twin("square of the rate", Statement(squared, HYPOTHESES), smaller()),
    ]


def smaller() -> Witness:
    """The same with one of ten samples flipped, gap below eps = 1/20: rates below 1 shrink when squared."""
    base = flipped(Rational(21, 10), good=9)
    values = {**base.values, eps: Rational(1, 20), delta: Rational(9, 10)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def neighbour() -> Neighbour:
    every = le(1 - class_cosine(), C * BUDGET)

    def proof() -> Theorem:
        """One nonnegative term of a mean of C is at most C times the mean."""
        other = index("c4")
        free = instantiate(cosine_at_most_one(), {c: other}, label="another class")
        rest = average(free, other, excluding=c, label="the other classes")
        return combine(every, {rest: C - 1, mean_bound(): C}, label="delta = 1/C: every class")

    return Neighbour("every class, at delta = 1/C", Statement(every, HYPOTHESES), proof)


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="intra-class-cosine-per-class",
    title="Intra-class cosine, class by class",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "For T >= T_{5/2}(C), without bias, all but at most a fraction delta of the classes have intra_c > "
        "1 - 2 eps/(delta T q(T)); with delta = 1/C, every class."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.min",
        ">=",
        1 - 2 * value("eps") / (value("delta") * _T * q_value(_T, value("C"))),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, T_ABOVE_THRESHOLD),
        delta="1/C",
    ),
    uses=("intra-class-cosine",),
)
