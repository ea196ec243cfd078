# SPDX-License-Identifier: MIT
"""sqrt(1 - nu_c) > q/psi^{-1}(psi(q) + eps/delta) for all but a fraction delta of the classes: attained.

share_c = sqrt(1 - nu_c) enters by E_i ||h_ci||^2 = (alpha size_c)^2, with which Jensen's inequality gives
share_c <= 1 wherever it matters.
"""

from typing import Any

from sympy import Rational, log, sqrt

from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import DELTA_POSITIVE, NO_BIAS, NORMS_POSITIVE, Condition, psi_inverse, value
from theory.evaluation import psi as psi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS, any_share
from theory.lemmas.class_variability import SPREAD, few, fraction
from theory.polar_configurations import one_class_scattered, simplex_in_polar
from theory.proving import combine
from theory.symbols import T, delta, eps, p

LEVEL = q(T) / p
HYPOTHESES = (*any_share(FIXED_NORMS.classes), *SPREAD)


def claim(level: Any = LEVEL, part: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(fraction(level), part * delta), hypotheses)


def prove() -> Theorem:
    """Each class pays psi(q) at least, and psi(p) if its mean is short; Markov's inequality."""
    return combine(claim().conclusion, {few(FIXED_NORMS): 1}, label="Markov's inequality")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, T = 2 log 3: one class scattered, q/p = 1/2, psi(1/2) - psi(1/4) = log(3/2) = eps/delta."""
    values = {eps: log(Rational(3, 2)) / 4, delta: Rational(1, 4), p: Rational(1, 2)}
    return one_class_scattered(values=values)


def twins() -> list[Twin]:
    spread = {eps: Rational(1, 60), delta: Rational(9, 10), p: Rational(83, 1000)}
    return [
        Twin("99 % of the fraction", claim(part=Rational(99, 100)), witness()),
        Twin("square root of q/p", claim(level=sqrt(LEVEL)), simplex_in_polar(spread)),
        Twin("p too small for eps/delta", claim(hypotheses=HYPOTHESES[:-1]), _greedy()),
    ]


def _greedy() -> Witness:
    values = {eps: log(Rational(3, 2)) / 4, delta: Rational(1, 8), p: Rational(1, 2)}
    return one_class_scattered(values=values)


def neighbour() -> Neighbour:
    goal = claim(part=2)

    def proof() -> Theorem:
        """delta > 0, so twice the fraction is no stronger."""
        return combine(goal.conclusion, {prove(): 1}, slack=delta)  # type: ignore[arg-type]

    return Neighbour("twice the fraction", goal, proof)


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_SPENT = psi_value(q_value(_T, _C), _C) + value("eps") / value("delta")
THEOREM = Entry(
    name="class-variability-per-class",
    title="Variability class by class",
    kind="tight",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "For every T and without bias, all but at most a fraction delta of the classes have sqrt(1 - nu_c) > "
        "q/p, p = psi^{-1}(psi(q(T)) + eps/delta), nu_c = E_i||h_ci - mu_c||^2/E_i||h_ci||^2; attained when "
        "a q(T a) = q(T), a = q/p."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "class_variability.max",
        "<=",
        1 - (q_value(_T, _C) / psi_inverse(_SPENT, _C)) ** 2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            DELTA_POSITIVE,
            Condition("psi(q) + eps/delta <= log C", _SPENT, log(_C)),
        ),
        delta="1/C",
    ),
    uses=("cross-entropy-identity",),
)
