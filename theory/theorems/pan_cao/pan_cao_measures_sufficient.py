# SPDX-License-Identifier: MIT
"""intra = 1 says nothing about norms: the claim that it implies NC1 is false."""

from typing import Any

from sympy import Integer

from theory.definitions import mu, sq
from theory.entry import Entry, Neighbour, Statement, Witness
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.pair_cosines import direction, intra
from theory.proving import assume, average, combine
from theory.symbols import atom, c, d, h, i, k, positive

length = atom("feature_length", "r", "feature_length(c, i): norm of feature i of class c")
common = positive("common_norm", "r", "norm of every feature of one class")
SPLIT = eq(h(c, i, k), length(c, i) * direction(c, i, k), c, i, k)
UNIT = eq(sq(lambda x: direction(c, i, x)), 1, c, i)
POSITIVE = le(0, length(c, i), c, i)
ONE = eq(intra(), 1, c)
HYPOTHESES = (SPLIT, UNIT, POSITIVE, ONE)


def claim() -> Statement:
    """E_i ||h_ci - mu_c||^2 <= 0."""
    return Statement(le(Mean(sq(lambda x: h(c, i, x) - mu(c, x)), i), 0), HYPOTHESES)


def witness() -> Witness:
    """Two classes on a line, on opposite sides, each with features of norm 1 and 2."""
    functions: dict[Any, Any] = {
        h: lambda c, i, k: (1 - 2 * c) * Integer(i + 1),
        direction: lambda c, i, k: Integer(1 - 2 * c),
        length: lambda c, i: Integer(i + 1),
    }
    return Witness(2, 2, 1, functions, {}, "features 1 and 2 in one class, -1 and -2 in the other")


def neighbour() -> Neighbour:
    equal = eq(h(c, i, k), common * direction(c, i, k), c, i, k)
    spread = Mean(sq(lambda x: h(c, i, x) - mu(c, x)), i)
    goal = Statement(eq(spread, common**2 * (1 - intra())), (equal, UNIT))

    def proof() -> Theorem:
        """The variance of the unit vectors is 1 - intra."""
        split, unit = assume(equal), assume(UNIT)
        square = combine(
            eq(h(c, i, k) ** 2, common**2 * direction(c, i, k) ** 2),
            {split: h(c, i, k) + common * direction(c, i, k)},
            label="one coordinate",
        )
        centre = average(split, i, label="class mean")
        mean = combine(
            eq(mu(c, k) ** 2, common**2 * Mean(direction(c, i, k), i) ** 2),
            {centre: mu(c, k) + common * Mean(direction(c, i, k), i)},
            label="class mean, squared",
        )
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {
                average(square, k, i): d,
                average(mean, k): -d,
                average(unit, i): common**2,
            },
            label="variance",
        )

    return Neighbour("with equal norms the variance is r^2 (1 - intra)", goal, proof)


THEOREM = Entry(
    name="pan-cao-measures-sufficient",
    title="Intra-class cosines alone do not give within-class collapse (false)",
    kind="conjecture",
    source="this project (2026); Pan & Cao 2023 call their measures necessary, not sufficient",
    says=(
        "Claimed: intra_c = 1 implies that the features of class c are equal. False: cosines ignore "
        "norms. With equal norms r in a class it is true, E||h - mu_c||^2 = r^2 (1 - intra_c) "
        "exactly."
    ),
    statement_of=claim,
    neighbour_of=neighbour,
    refutation_of=witness,
)
