# SPDX-License-Identifier: MIT
"""The sum of the powers p <= 1 of singular values is at least the power of their sum."""

from typing import Any

from sympy import Integer, Rational, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.schatten import CONCAVE, log_value, power, power_of_sum, power_sum, total_value
from theory.proving import combine

HYPOTHESES = (CONCAVE,)


def claim(factor: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * total_value() ** power, power_sum()), hypotheses)


def prove() -> Theorem:
    """sigma_l^p = sigma_l sigma_l^(p-1), and sigma_l is at most the sum."""
    return combine(claim().conclusion, {power_of_sum(): 1}, label="the lemma")  # type: ignore[arg-type]


def configuration(second: int = 1, exponent: Any = 1) -> Witness:
    """Two singular values, 1 and ``second``."""
    values = {power: Integer(1) * exponent}
    return Witness(
        2, 1, 1, {log_value: lambda j: log(Integer(second)) * j}, values, f"1 and {second}, p = {exponent}"
    )


def twins() -> list[Twin]:
    return [
        Twin("any power", claim(hypotheses=()), configuration(exponent=2)),
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("twice the power of the sum", claim(factor=2), configuration(second=4, exponent=Rational(1, 2))),
    ]


def neighbour() -> Neighbour:
    goal = le(claim().conclusion.lhs, 2 * power_sum())  # type: ignore[union-attr]
    proof = lambda: combine(goal, {prove(): 1}, slack=power_sum())  # noqa: E731
    return Neighbour("twice the sum", Statement(goal, HYPOTHESES), proof)


THEOREM = Entry(
    name="schatten-power-sum",
    title="Sum of powers of singular values against the power of their sum",
    kind="tight",
    source="subadditivity of t^p, p <= 1; for deep linear models: Garrod & Keating 2024 (arXiv:2410.23169)",
    says=(
        "For positive singular values and 0 < p <= 1, sum sigma^p >= (sum sigma)^p: the decays of several "
        "layers are at least those of a single singular value of the same nuclear norm. Equality at p = 1, "
        "and for p < 1 in the limit of one singular value."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # at nuclear norm R with p = 2/(layers + 1)
    formula=Formula(
        value("norm_budget") ** (2 / (value("layers") + 1)),
        (Condition("1 <= layers", Integer(1), value("layers")),),
    ),
)
