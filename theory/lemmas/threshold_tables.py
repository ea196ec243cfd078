# SPDX-License-Identifier: MIT
"""The thresholds T_k(C) for seven numbers of classes, each to within 1e-6, as one inequality with weights.

That T_i >= low_i for every i is one statement: sum_i a_i (low_i - T_i) <= 0 for all a_i >= 0.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Rational, log

from theory.evaluation import Condition, Formula
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.evaluation import value as measured
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.thresholds import at_least, at_most, value
from theory.proving import combine
from theory.statement import Neighbour, Statement, Twin, Witness
from theory.symbols import nonnegative, positive

CLASSES = (2, 3, 4, 10, 100, 1000, 21841)
ROOTS = [positive(f"T_for_{n}", f"T_{{({n})}}", f"a margin scale for {n} classes") for n in CLASSES]
WEIGHTS = [nonnegative(f"a_for_{n}", f"a_{{{n}}}", f"a weight for {n} classes") for n in CLASSES]
RADIUS = Rational(1, 10**6)
# Rounded to six digits after the point; the certificates show that they are right.
MIDDLES = {
    Rational(3, 2): ("1.133312", "1.386294", "1.580031", "2.262450", "4.255961", "6.431370", "9.439724"),
    Rational(5, 2): ("2.085955", "2.380995", "2.598975", "3.334317", "5.373446", "7.554623", "10.560541"),
    Rational(3): ("2.380524", "2.679080", "2.898867", "3.637321", "5.676309", "7.854984", "10.858121"),
}


def middles(k: Rational) -> list[Rational]:
    """T_k at ``CLASSES``, rounded."""
    return [Rational(text) for text in MIDDLES[k]]


def _meets(k: Rational, n: int) -> Relation:
    return le(value(ROOTS[n], k, CLASSES[n] - 1), log(CLASSES[n]))


def _fails(k: Rational, n: int) -> Relation:
    return le(log(CLASSES[n]), value(ROOTS[n], k, CLASSES[n] - 1))


def claim(k: Rational, shift: Any = 0, without: int | None = None) -> Statement:
    """If V_k(T_i) <= log C_i for every i, then T_i >= T_k(C_i) - 1e-6 + ``shift``."""
    terms = [a * (m - RADIUS + shift - t) for a, m, t in zip(WEIGHTS, middles(k), ROOTS, strict=True)]
    hypotheses = tuple(_meets(k, n) for n in range(len(CLASSES)) if n != without)
    return Statement(le(Add(*terms), 0), hypotheses)


def other_side(k: Rational) -> Statement:
    """If V_k(T_i) >= log C_i for every i, then T_i <= T_k(C_i) + 1e-6."""
    terms = [a * (t - m - RADIUS) for a, m, t in zip(WEIGHTS, middles(k), ROOTS, strict=True)]
    return Statement(le(Add(*terms), 0), tuple(_fails(k, n) for n in range(len(CLASSES))))


def prove(k: Rational) -> Theorem:
    """Each lower end fails the condition, and what meets it lies above what fails it."""
    ends = [
        at_least(ROOTS[n], k, CLASSES[n] - 1, m - RADIUS, label=f"{CLASSES[n]} classes")
        for n, m in enumerate(middles(k))
    ]
    return combine(
        claim(k).conclusion,  # type: ignore[arg-type]
        dict(zip(ends, WEIGHTS, strict=True)),
        label="weights",
    )


def neighbour(k: Rational) -> Neighbour:
    """The other end of each enclosure."""

    def proof() -> Theorem:
        """Each upper end meets the condition, and so does everything above it."""
        ends = [
            at_most(ROOTS[n], k, CLASSES[n] - 1, m + RADIUS, label=f"{CLASSES[n]} classes")
            for n, m in enumerate(middles(k))
        ]
        return combine(
            other_side(k).conclusion,  # type: ignore[arg-type]
            dict(zip(ends, WEIGHTS, strict=True)),
            label="weights",
        )

    return Neighbour("the upper ends, for T that fail the condition", other_side(k), proof)


def twins(k: Rational) -> list[Twin]:
    """A bound 2e-6 higher, and the bound without the condition for ten classes."""
    ones: dict[Any, Any] = {a: 1 for a in WEIGHTS}
    upper = {t: m + RADIUS for t, m in zip(ROOTS, middles(k), strict=True)}
    lost = CLASSES.index(10)
    return [
        Twin("3e-6 higher", claim(k, shift=3 * RADIUS), Witness(2, 1, 1, {}, ones | upper, "the upper ends")),
        Twin(
            "without the condition for ten classes",
            claim(k, without=lost),
            Witness(2, 1, 1, {}, ones | upper | {ROOTS[lost]: 1}, "T = 1 for ten classes"),
        ),
    ]


def distance(k: Rational) -> Formula:
    """log C - phi(T) - k T q(T): nonnegative from the threshold on."""
    classes, scale = measured("C"), measured("T")
    gap = log(classes) - phi_value(scale, classes) - k * scale * q_value(scale, classes)
    return Formula(gap, (Condition("T > 0", Rational(0), scale, strict=True),))
