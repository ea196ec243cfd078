# SPDX-License-Identifier: MIT
"""Squared error with decays, no bias: from c = C kappa sqrt(n) = 1 on, zero is the global minimiser."""

from sympy import Integer, Rational, Symbol, sqrt

from theory.definitions import unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import STRENGTH, certificate, frame, square_loss
from theory.lemmas.unconstrained_features import lam_H, lam_W, own_logit_bound, penalty, zero
from theory.proving import assume, combine
from theory.symbols import n

HALF = Rational(1, 2)


def claim(level: object = HALF, surplus: object = 1) -> Statement:
    kept = surplus * (1 - 1 / STRENGTH) * penalty()
    return Statement(le(level + kept, square_loss() + penalty()))


def prove() -> Theorem:
    """The residual is the whole label; a share 1/c of the penalties pays for its product with the logits."""
    dual = certificate(Integer(1), Integer(1), unbiased_logit)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {dual: 1, own_logit_bound(): 1 / STRENGTH},
        label="a share 1/c of the penalties",
    )


VALUES: dict[Symbol, object] = {lam_W: Rational(1, 2), lam_H: Rational(1, 2), n: Integer(4)}


def witness() -> Witness:
    """W = 0, H = 0 at C = 4, n = 4, c = 4."""
    return zero(VALUES)


def twins() -> list[Twin]:
    row = sqrt(Rational(3, 8))
    weak: dict[Symbol, object] = {lam_W: Rational(1, 4), lam_H: Rational(1, 64), n: Integer(4)}
    free = Statement(le(HALF, square_loss() + penalty()))
    aligned = frame(2, Rational(1, 3), Rational(1, 3), 1, VALUES, 4)
    return [
        Twin("1 % more", claim(level=HALF * Rational(101, 100)), witness()),
        Twin("the threshold dropped", free, frame(2, row, row, 2, weak, 4)),
        Twin("all of the penalties left over, twice", claim(surplus=2), aligned),
    ]


def neighbour() -> Neighbour:
    weak = lt(STRENGTH, 1)
    goal = lt(2 * STRENGTH - STRENGTH**2, 1)

    def proof() -> Theorem:
        """1 - 2 c + c^2 is the square of 1 - c > 0."""
        positive = combine(lt(0, 1 - STRENGTH), {assume(weak): 1})
        return combine(goal, {positive: 1 - STRENGTH}, facts=[positive])

    return Neighbour("below the threshold 2 c - c^2 is below 1", Statement(goal, (weak,)), proof)


THEOREM = Entry(
    name="zhou-2022-mse-zero-above-threshold",
    title="Squared error with decays, without bias: zero is optimal from c = 1 on",
    kind="tight",
    source=(
        "Zhou et al. 2022 (arXiv:2203.01238); Tirer & Bruna 2022 (arXiv:2202.08087), the model without bias:"
        " the threshold in closed form"
    ),
    says=(
        "With c = C kappa sqrt(n), for every W and H the squared error with decays is at least 1/2 +"
        " (1 - 1/c) times the penalties, with equality at zero: from c = 1 on the minimum is 1/2. Below c = 1"
        " the least value c - c^2/2 is less than 1/2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    # the classifier's decay at which the optimum becomes zero
    formula=Formula(1 / (value("C") ** 2 * value("samples_per_class") * value("feature_decay"))),
)
