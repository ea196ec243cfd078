# SPDX-License-Identifier: MIT
"""Two standard deviations: the paper's formula does not say which, its notebook takes the unbiased one.

That mean_length is the mean of the norms makes the two sides standard deviations; their ratio is the same
about any other centre.
"""

from typing import Any

from sympy import Integer, sqrt

from theory.definitions_collapse import MEAN_LENGTH, length, mean_length, squared_spread
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.proving import assume, combine
from theory.symbols import C, c


def claim(ratio: Any = C / (C - 1)) -> Statement:
    return Statement(eq(squared_spread(ddof=1), ratio * squared_spread()), (MEAN_LENGTH,))


def prove() -> Theorem:
    """The divisors are C - 1 and C."""
    return combine(claim().conclusion, label="C/(C-1)")  # type: ignore[arg-type]


def witness() -> Witness:
    """Norms 1 and 3: population deviation 1, unbiased deviation sqrt(2)."""
    return Witness(2, 1, 1, {length: lambda c: Integer(1 + 2 * c)}, {mean_length: 2}, "norms 1 and 3")


def twins() -> list[Twin]:
    return [
        Twin("no difference", claim(ratio=Integer(1)), witness()),
        Twin("the other way round", claim(ratio=(C - 1) / C), witness()),
    ]


def neighbour() -> Neighbour:
    goal = le(squared_spread(), squared_spread(ddof=1))
    variance = Mean((length(c) - mean_length) ** 2, c)
    extra = variance / ((C - 1) * mean_length**2)

    def proof() -> Theorem:
        mean = assume(MEAN_LENGTH)
        rate = 2 / ((C - 1) * mean_length)
        return combine(goal, {mean: rate}, slack=extra, label="C/(C-1) > 1")

    return Neighbour("the notebook's is the larger one", Statement(goal, (MEAN_LENGTH,)), proof)


_C = value("C")
THEOREM = Entry(
    name="nc2-unbiased-deviation",
    title="Equinorm measure: unbiased against population deviation",
    kind="identity",
    source="Papyan, Han & Donoho 2020, figure 2, against its public notebook (2022)",
    says=(
        "The coefficient of variation of the norms with divisor C - 1 (notebook) is sqrt(C/(C-1)) times "
        "that with divisor C: 5 % more at C = 10."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        sqrt(_C / (_C - 1)) * value("norm_spread"),
        (Condition("spread >= 0", Integer(0), value("norm_spread")),),
    ),
)
