# SPDX-License-Identifier: MIT
"""Norms of raw classifier rows at a large loss gap, whatever the number of classes."""

from sympy import Integer, Rational, log, sqrt

from theory.entry import Entry, Measurable
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NO_BIAS, NORMS_POSITIVE, Condition, value
from theory.evaluation import q as q_value
from theory.lemmas.class_settings import FIXED_NUMBERS, SIZE, T_VALUE, TAU_VALUE
from theory.lemmas.mean_length import LargeGap

STATED = LargeGap(raw=True)
_g = FIXED_NUMBERS.row_centre()
_least = TAU_VALUE / T_VALUE - _g
THEOREM = Entry(
    name="norms-of-rows-large-gap",
    title="Norms of raw classifier rows at a large loss gap",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 2",
    says=(
        "For a loss phi(tau), tau >= T_{3/2}(C), without bias, the norms of the raw classifier rows "
        "have (population deviation/mean)^2 at most (1 + g^2)/(tau/T - g)^2 - 1, g = ||wbar||/beta, "
        "whatever the number of classes: their mean is at least tau/T - g, and g, in units of beta. The "
        "number is for g < tau/T. norms-of-rows is sharper where C (T/tau - 1) is small."
    ),
    statement_of=STATED.claim,
    prove=STATED.prove,
    twins_of=STATED.twins,
    neighbour_of=STATED.neighbour,
    measurable=Measurable(
        "nc2.equinorm_weights",
        "<=",
        sqrt((1 + _g**2) / _least**2 - 1),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            LOSS_BELOW_LOG_C,
            LOSS_POSSIBLE,
            Condition(
                "L <= phi(T_{3/2}(C)), that is L + (3/2) tau q(tau) <= log C at tau = phi^{-1}(L)",
                value("L") + Rational(3, 2) * TAU_VALUE * q_value(TAU_VALUE, SIZE),
                log(SIZE),
            ),
            Condition("g < tau/T", Integer(0), _least, strict=True),
        ),
    ),
)
