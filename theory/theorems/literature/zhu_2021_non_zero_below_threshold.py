# SPDX-License-Identifier: MIT
"""Cross-entropy with decays on W and H: below C kappa sqrt(n) = 1 the least value is below log C."""

from sympy import Integer, Rational, log

from theory.definitions import psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.unconstrained_features import (
    COLLAPSED,
    FREE_PULL,
    PULL,
    entropy_below_log_classes,
    lam_H,
    lam_W,
)
from theory.proving import assume, combine, cut, instantiate
from theory.symbols import C, n, p

MASS = (C - 1) * PULL
WEAK = lt(C * PULL, 1)


def claim(gain: object = Rational(1, 4), hypotheses: tuple = (WEAK,)) -> Statement:  # type: ignore[type-arg]
    return Statement(le(psi(MASS), log(C) - gain * (C - 1) / C * (1 - C * PULL) ** 2), hypotheses)


def prove() -> Theorem:
    """The entropy of a target that is not uniform is below log C, by an explicit square."""
    below = instantiate(entropy_below_log_classes(), {p: MASS}, label="p := (C-1) pull")
    below = cut(below, combine(lt(MASS * C / (C - 1), 1), {assume(WEAK): 1}))
    return combine(claim().conclusion, {below: 1}, label="in terms of the threshold")  # type: ignore[arg-type]


def witness(decay: Rational) -> Witness:
    """C = 2, n = 1, lambda_H = 1, the given lambda_W."""
    return Witness(2, 1, 1, {}, {lam_W: decay, lam_H: Integer(1), n: Integer(1)}, f"lambda_W = {decay}")


def twins() -> list[Twin]:
    close, far = witness(Rational(16, 100)), witness(Rational(1, 10000))
    return [
        Twin("a gain of 3 (C-1)/C (1 - C pull)^2", claim(gain=3), close),
        Twin("a gain of 2, well below the threshold", claim(gain=2), far),
        Twin("half the gain at the threshold, with a constant", _constant(), close),
    ]


def _constant() -> Statement:
    return Statement(le(psi(MASS), log(C) - Rational(1, 8)), (WEAK,))


def neighbour() -> Neighbour:
    goal = lt(psi(MASS), log(C))

    def proof() -> Theorem:
        """The square is positive."""
        positive = combine(lt(0, 1 - C * PULL), {assume(WEAK): 1})
        rate = (C - 1) / (4 * C) * (1 - C * PULL)
        return combine(goal, {prove(): 1, positive: rate}, facts=[positive], label="a positive square")

    return Neighbour("strictly below log C", Statement(goal, (WEAK,)), proof)


_C = value("C")
THEOREM = Entry(
    name="zhu-2021-non-zero-below-threshold",
    title="Cross-entropy with decays: below C kappa sqrt(n) = 1 zero is not optimal",
    kind="upper",
    source="Zhu et al. 2021 (arXiv:2105.02375), the model; the threshold: closed form, this project (2026)",
    says=(
        "If C kappa sqrt(n) < 1, the least value psi((C-1) kappa sqrt(n)) is at most"
        " log C - ((C-1)/(4C)) (1 - C kappa sqrt(n))^2, so W = 0, H = 0, which has log C, is not optimal."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(log(_C) - (_C - 1) / (4 * _C) * (1 - _C * FREE_PULL) ** 2, COLLAPSED),
)
