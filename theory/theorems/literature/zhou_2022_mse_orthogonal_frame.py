# SPDX-License-Identifier: MIT
"""Squared error with decays on W and H, no bias: the least value c - c^2/2, at an orthogonal frame."""

from sympy import Integer, Rational, Symbol, sqrt

from theory.definitions import unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import STRENGTH, certificate, frame, square_loss
from theory.lemmas.unconstrained_features import (
    COLLAPSED,
    FREE_PULL,
    lam_H,
    lam_W,
    own_logit_bound,
    penalty,
)
from theory.proving import combine
from theory.symbols import n


def claim(factor: object = 1, strength: object = STRENGTH) -> Statement:
    return Statement(le(factor * (strength - strength**2 / 2), square_loss() + penalty()))  # type: ignore[operator]


def prove() -> Theorem:
    """The residual c times the label: its product with the logits is paid for by the penalties."""
    dual = certificate(STRENGTH, STRENGTH, unbiased_logit)
    return combine(claim().conclusion, {dual: 1, own_logit_bound(): 1}, label="c = C pull")  # type: ignore[arg-type]


VALUES: dict[Symbol, object] = {lam_W: Rational(1, 4), lam_H: Rational(1, 64), n: Integer(4)}


def witness() -> Witness:
    """C = 2, n = 4, c = 1/4: ||w||^2 = 3/8, ||h||^2 = 3/2, logits 3/4 and 0."""
    row = sqrt(Rational(3, 8))
    return frame(2, row, row, 2, VALUES, 4)


def twins() -> list[Twin]:
    row = sqrt(Rational(3, 8))
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("n forgotten", claim(strength=STRENGTH * sqrt(n)), witness()),
        Twin(
            "c without its square",
            Statement(le(STRENGTH, square_loss() + penalty())),
            frame(2, row, row, 2, VALUES, 4),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(STRENGTH * (1 - STRENGTH / 2) - 1, square_loss() + penalty())
    return Neighbour("one less", Statement(goal), lambda: combine(goal, {prove(): 1}, slack=1))


_C, _S = value("C"), value("C") * FREE_PULL
THEOREM = Entry(
    name="zhou-2022-mse-orthogonal-frame",
    title="Least squared error with decays, without bias",
    kind="tight",
    source=(
        "Zhou et al. 2022 (arXiv:2203.01238); Tirer & Bruna 2022 (arXiv:2202.08087), the model without bias:"
        " the value in closed form"
    ),
    says=(
        "With c = C kappa sqrt(n), for every W and H: (1/2) E||W h - e_c||^2 plus the decays is at least"
        " c - c^2/2; for c <= 1 an orthogonal frame with W h_ci = (1 - c) e_c attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(_S - _S**2 / 2, COLLAPSED),
)
