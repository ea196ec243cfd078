# SPDX-License-Identifier: MIT
"""intra_c > (q/psi^{-1}(psi(q) + eps/delta))^2 for all but delta of the classes: the closed form.

tau is the margin with psi(q(tau)) = psi(q(T)) + eps/delta (or more), x = q(T)/q(tau); the condition is
phi(tau) + q(tau) tau (1/x + 3/2) <= log C.  The first order in eps is that of the linear bound.
"""

from typing import Any

from sympy import Rational, log

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    CENTRED,
    DELTA_POSITIVE,
    NO_BIAS,
    NORMS_POSITIVE,
    Condition,
    psi_inverse,
    value,
)
from theory.evaluation import phi as phi_value
from theory.evaluation import psi as psi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.any_contact import few_classes
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.class_cosines import (
    CLASS_SPREAD,
    SHARE,
    SHARE_CONTACT,
    fraction,
)
from theory.lemmas.cosines import level
from theory.polar_configurations import simplex_in_polar
from theory.proving import combine
from theory.symbols import delta, eps

HYPOTHESES = (*FIXED_NORMS.samples, SHARE_CONTACT, CLASS_SPREAD)


def claim(power: Any = 2, part: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(fraction(SHARE**power), part * delta), hypotheses)


def prove() -> Theorem:
    """Each class pays psi(q) at least, and psi(q(tau)) if intra_c <= x^2; Markov's inequality."""
    return combine(claim().conclusion, {few_classes(FIXED_NORMS): 1}, label="Markov's inequality")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    near = {level: Rational(31, 10), eps: Rational(31, 2000), delta: Rational(9, 10)}
    greedy = {level: Rational(318, 100), eps: Rational(31, 2000), delta: Rational(9, 10)}
    return [
        Twin("x to the first power", claim(power=1), simplex_in_polar(near)),
        Twin("tau too near T for eps/delta", claim(hypotheses=HYPOTHESES[:-1]), simplex_in_polar(greedy)),
    ]


def neighbour() -> Neighbour:
    goal = claim(part=2)

    def proof() -> Theorem:
        """delta > 0, so twice the fraction is no stronger."""
        return combine(goal.conclusion, {prove(): 1}, slack=delta)  # type: ignore[arg-type]

    return Neighbour("twice the fraction", goal, proof)


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_SPENT = psi_value(q_value(_T, _C), _C) + value("eps") / value("delta")
_P = psi_inverse(_SPENT, _C)
_X = q_value(_T, _C) / _P
_TAU = log((_C - 1) * (1 - _P) / _P)
THEOREM = Entry(
    name="intra-class-cosine-per-class-sharp",
    title="Intra-class cosine, class by class, in closed form",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "Without bias, all but at most a fraction delta of the classes have intra_c > (q/p)^2, p = psi^{-1}("
        "psi(q(T)) + eps/delta), if phi(tau) + p tau (p/q + 3/2) <= log C, q(tau) = p; with delta = 1/C, "
        "every class."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.min",
        ">=",
        _X**2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            DELTA_POSITIVE,
            Condition("eps >= 0", Rational(0), value("eps")),
            Condition("psi(q) + eps/delta < log C", _SPENT, log(_C), strict=True),
            Condition(
                "phi(tau) + p tau (p/q + 3/2) <= log C, p = psi^{-1}(psi(q) + eps/delta), q(tau) = p",
                phi_value(_TAU, _C) + _P * _TAU * (1 / _X + Rational(3, 2)),
                log(_C),
            ),
        ),
        delta="1/C",
    ),
    uses=("cross-entropy-identity",),
)
