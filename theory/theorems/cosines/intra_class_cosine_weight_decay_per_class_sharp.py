# SPDX-License-Identifier: MIT
"""intra_c > (q*/psi^{-1}(m_reg + eps/delta))^2 for all but delta of the classes: the closed form.

tau is the margin with psi(q(tau)) = m_reg + eps/delta (or more), x = q*/q(tau); the condition is phi(tau)
+ q(tau) tau (1/x + 3/2) <= log C.  The first order in eps is that of the linear bound.
"""

from typing import Any

from sympy import Rational, log

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    DELTA_POSITIVE,
    NO_BIAS,
    Condition,
    optimal_q,
    psi_inverse,
    value,
)
from theory.evaluation import phi as phi_value
from theory.evaluation import psi as psi_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.any_contact import few_classes
from theory.lemmas.budgets import WEIGHT_DECAY
from theory.lemmas.class_cosines import (
    CLASS_SPREAD,
    SHARE,
    SHARE_CONTACT,
    fraction,
)
from theory.lemmas.cosines import level
from theory.polar_configurations import noisy_at_decay
from theory.proving import combine
from theory.symbols import delta, eps

HYPOTHESES = (*WEIGHT_DECAY.samples, SHARE_CONTACT, CLASS_SPREAD)


def claim(power: Any = 2, part: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(fraction(SHARE**power), part * delta), hypotheses)


def prove() -> Theorem:
    """Each class pays psi(q*) at least, and psi(q(tau)) if intra_c <= x^2; Markov's inequality."""
    return combine(claim().conclusion, {few_classes(WEIGHT_DECAY): 1}, label="Markov's inequality")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    near = {level: Rational(4), eps: Rational(53, 1000), delta: Rational(9, 10)}
    greedy = {level: Rational(43, 10), eps: Rational(53, 1000), delta: Rational(9, 10)}
    far = noisy_at_decay(small=True, values=greedy)
    return [
        Twin("x to the first power", claim(power=1), noisy_at_decay(small=True, values=near)),
        Twin(
            "tau too near T for eps/delta",
            claim(hypotheses=HYPOTHESES[:-1]),
            far,
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(part=2)

    def proof() -> Theorem:
        """delta > 0, so twice the fraction is no stronger."""
        return combine(goal.conclusion, {prove(): 1}, slack=delta)  # type: ignore[arg-type]

    return Neighbour("twice the fraction", goal, proof)


_C = value("C")
_Q = optimal_q(value("weight_decay"), _C)
_SPENT = psi_value(_Q, _C) + value("eps_reg") / value("delta")
_P = psi_inverse(_SPENT, _C)
_X = _Q / _P
_TAU = log((_C - 1) * (1 - _P) / _P)
THEOREM = Entry(
    name="intra-class-cosine-weight-decay-per-class-sharp",
    title="Intra-class cosine, class by class, from weight decay, in closed form",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "Without bias, all but at most a fraction delta of the classes have intra_c > (q*/p)^2, p = psi^{-1}("
        "m_reg + eps/delta), if phi(tau) + p tau (p/q* + 3/2) <= log C, q(tau) = p; with delta = 1/C, every "
        "class."
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
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            DELTA_POSITIVE,
            Condition("eps_reg >= 0", Rational(0), value("eps_reg")),
            Condition("m_reg + eps/delta < log C", _SPENT, log(_C), strict=True),
            Condition(
                "phi(tau) + p tau (p/q* + 3/2) <= log C, p = psi^{-1}(m_reg + eps/delta), q(tau) = p",
                phi_value(_TAU, _C) + _P * _TAU * (1 / _X + Rational(3, 2)),
                log(_C),
            ),
        ),
        delta="1/C",
    ),
    uses=("cross-entropy-identity",),
)
