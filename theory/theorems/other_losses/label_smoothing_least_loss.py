# SPDX-License-Identifier: MIT
"""Label smoothing and weight decay: the least loss is the entropy of the label smoothed by both."""

from sympy import Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import mean_square_features, psi, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, optimal_q, value
from theory.evaluation import psi as psi_value
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_gibbs
from theory.lemmas.label_smoothing import q_smoothed
from theory.losses.label_smoothing import sigma, smoothed_loss
from theory.proving import assume, combine, cut, instantiate, theorem, visible
from theory.symbols import C, c, gamma_sq, h, i, lam, p

SCALE = le(mean_square_features(), gamma_sq)
PREFERS = lt(q_smoothed(), 1)
HYPOTHESES = (SCALE, PREFERS)


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * psi(q_smoothed()), smoothed_loss()), HYPOTHESES)


def prove() -> Theorem:
    """Every term of the identity is nonnegative."""
    spread = cut(
        instantiate(mean_gibbs(), {p: q_smoothed()}, label="p := q*"), assume(PREFERS), label="q* < 1"
    )
    aligned = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            theorem("label-smoothing-identity"): -1,
            spread: 1,
            visible(le(0, aligned)): lam / 2,
            visible(le(0, sq(wbar))): lam * C / 2,
            assume(SCALE): lam / 2,
        },
        label="drop four nonnegative terms",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/8, sigma = 1/16: q* = 1/4, margin log 9, h = 2 w."""
    root = sqrt(log(3))
    return simplex(
        4,
        scale=2 * root,
        weight_scale=root,
        values={lam: Rational(1, 8), sigma: Rational(1, 16), gamma_sq: 3 * root**2},
        note="the optimum at C = 4, lambda = 1/8, sigma = 1/16",
    )


def twins() -> list[Twin]:
    twice = le(psi(q_smoothed() + sigma), smoothed_loss())
    small = Witness(
        4, 2, 4, witness().functions, {**witness().values, gamma_sq: Rational(1, 10)}, "gamma too small"
    )
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("smoothing counted twice", Statement(twice, HYPOTHESES), witness()),
        Twin("gamma smaller than the feature norm", Statement(claim().conclusion, (PREFERS,)), small),
    ]


def neighbour() -> Neighbour:
    goal = le(psi(q_smoothed()) - Rational(1, 100), smoothed_loss())
    return Neighbour(
        "a weaker bound",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): 1}, slack=Rational(1, 100)),
    )


_mass = value("smoothing") + optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="label-smoothing-least-loss",
    title="Least loss with label smoothing, batch norm and weight decay",
    kind="tight",
    source="this project (2026); label smoothing of Szegedy et al. 2016, section 7",
    says=(
        "The smoothed, regularised loss is at least psi(q*), q* = sigma + lambda (C-1)/sqrt(C) < 1: "
        "the entropy of the label smoothed by hand and by the decay; up to q* = (C-1)/C it is attained."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("label-smoothing-identity",),
    formula=Formula(
        psi_value(_mass, value("C")),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("sigma + lambda (C-1)/sqrt(C) <= (C-1)/C", _mass, 1 - 1 / value("C")),
        ),
    ),
)
