# SPDX-License-Identifier: MIT
"""T_b(C) for C = 2, 3, 4, 10, 100, 1000 and 21841, each to within 1e-6.

That T_i >= low_i for every i is one statement: sum_i a_i (low_i - T_i) <= 0 for all a_i >= 0.
"""

from typing import Any

from sympy import Add, Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_threshold import K, at_least, at_most, condition, excess
from theory.lemmas.threshold_tables import CLASSES, RADIUS, ROOTS, WEIGHTS
from theory.proving import combine

# Rounded to six digits after the point; the certificates show that they are right.
TEXTS = ("5.407356", "5.483329", "5.551210", "5.856446", "7.200674", "9.060363", "11.870845")
MIDDLES = tuple(Rational(text) for text in TEXTS)


def meets(n: int) -> Relation:
    return condition(ROOTS[n], K, CLASSES[n] - 1)


def claim(shift: Any = 0, without: int | None = None) -> Statement:
    """If T_i meets the condition for C_i classes, T_i >= T_b(C_i) - 1e-6 + ``shift``, for every i."""
    terms = [a * (middle - RADIUS + shift - t) for a, middle, t in zip(WEIGHTS, MIDDLES, ROOTS, strict=True)]
    hypotheses = tuple(meets(n) for n in range(len(CLASSES)) if n != without)
    return Statement(le(Add(*terms), 0), hypotheses)


def prove() -> Theorem:
    """The lower ends fail the condition by ball arithmetic; once met, it is met for every larger T."""
    ends = [
        at_least(ROOTS[n], CLASSES[n] - 1, middle - RADIUS, label=f"{CLASSES[n]} classes")
        for n, middle in enumerate(MIDDLES)
    ]
    return combine(claim().conclusion, dict(zip(ends, WEIGHTS, strict=True)), label="weights")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    ones: dict[Any, Any] = dict.fromkeys(WEIGHTS, Integer(1))
    upper = {t: middle + RADIUS for t, middle in zip(ROOTS, MIDDLES, strict=True)}
    lost = CLASSES.index(10)
    return [
        Twin("3e-6 higher", claim(shift=3 * RADIUS), Witness(2, 1, 1, {}, ones | upper, "the upper ends")),
        Twin(
            "without the condition for ten classes",
            claim(without=lost),
            Witness(2, 1, 1, {}, ones | upper | {ROOTS[lost]: Integer(1)}, "T = 1 for ten classes"),
        ),
    ]


def neighbour() -> Neighbour:
    terms = [a * (t - middle - RADIUS) for a, middle, t in zip(WEIGHTS, MIDDLES, ROOTS, strict=True)]
    fails = tuple(le(excess(t, K, n - 1), 0) for t, n in zip(ROOTS, CLASSES, strict=True))
    goal = le(Add(*terms), 0)

    def proof() -> Theorem:
        """Each upper end meets the condition, and so does everything above it."""
        ends = [
            at_most(ROOTS[n], CLASSES[n] - 1, middle + RADIUS, label=f"{CLASSES[n]} classes")
            for n, middle in enumerate(MIDDLES)
        ]
        return combine(goal, dict(zip(ends, WEIGHTS, strict=True)), label="weights")

    return Neighbour("the upper ends, for T that fail the condition", Statement(goal, fails), proof)


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="half-loss-threshold-table",
    title="Thresholds T_b(C) of centred cosines",
    kind="lower",
    source="this project (2026)",
    says=(
        "T_b(C), from which on the bounds on centred cosines hold with any bias, is "
        + ", ".join(f"{text} for C = {n}" for n, text in zip(CLASSES, TEXTS, strict=True))
        + ", each to within 1e-6."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T / 2, _C) - phi_value(_T, _C) - K * _T * q_value(_T, _C),
        (Condition("T > 0", Integer(0), _T, strict=True),),
    ),
    uses=("half-loss-threshold",),
)
