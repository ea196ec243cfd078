# SPDX-License-Identifier: MIT
"""T_k(C), k = 3/2, for C = 2, 3, 4, 10, 100, 1000 and 21841, each to within 1e-6."""

from sympy import Rational

from theory.entry import Entry, Neighbour, Statement, Twin
from theory.kernel import Theorem
from theory.lemmas import threshold_tables as tables

K = Rational(3, 2)


def claim() -> Statement:
    return tables.claim(K)


def prove() -> Theorem:
    """The lower ends fail the condition by ball arithmetic; the value of the condition only decreases."""
    return tables.prove(K)


def twins() -> list[Twin]:
    return tables.twins(K)


def neighbour() -> Neighbour:
    return tables.neighbour(K)


THEOREM = Entry(
    name="threshold-table-3-2",
    title="Thresholds T_k(C) for k = 3/2",
    kind="lower",
    source="this project (2026)",
    says=(
        "T_k(C), k = 3/2, from which on the bounds on the mean variability of the classes hold, is "
        + ", ".join(f"{m} for C = {n}" for n, m in zip(tables.CLASSES, tables.MIDDLES[K], strict=True))
        + ", each to within 1e-6."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=tables.distance(K),
    uses=("threshold-is-one-number",),
)
