# SPDX-License-Identifier: MIT
"""Weight decay and label smoothing add up: q* = sigma + lambda (C-1)/sqrt(C)."""

from sympy import Rational, sqrt

from theory.configurations import simplex
from theory.definitions import kl, logit, mean_square_features, psi, q_star, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, optimal_q, value
from theory.evaluation import psi as psi_value
from theory.expressions import Mean, eq, lt
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.lemmas.label_smoothing import mean_smoothed, q_smoothed
from theory.losses.label_smoothing import sigma, smoothed_loss
from theory.proving import combine, instantiate, theorem
from theory.symbols import C, c, gamma_sq, h, i, lam, p

BELOW_ONE = (lt(q_smoothed(), 1),)


def claim(mass: object = None, pull: object = sqrt(C)) -> Statement:
    target = q_smoothed() if mass is None else mass
    aligned = Mean(sq(lambda x: h(c, i, x) - pull * wt(c, x)), c, i)
    rest = lam / 2 * (aligned + C * sq(wbar) + gamma_sq - mean_square_features())
    return Statement(eq(smoothed_loss() - psi(target), Mean(kl(target, logit), c, i) + rest), BELOW_ONE)


def prove() -> Theorem:
    """Smoothing charges sigma times the mean margin, the decay completes a square with q* - sigma of it."""
    at_q = instantiate(mean_identity(), {p: q_smoothed()}, label="p := sigma + lambda (C-1)/sqrt(C)")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {mean_smoothed(): 1, at_q: 1},
        label="complete the square",
    )


def witness() -> Witness:
    return simplex(4, scale=4, noise=1, values={lam: Rational(1, 4), gamma_sq: 50, sigma: Rational(1, 16)})


def twins() -> list[Twin]:
    return [
        Twin("the decay alone, q* without sigma", claim(mass=q_star()), witness()),
        Twin("smoothing counted twice", claim(mass=q_smoothed() + sigma), witness()),
        Twin("spring rest length 1 instead of sqrt(C)", claim(pull=1), witness()),
    ]


def neighbour() -> Neighbour:
    entry = theorem("regularized-loss-identity")
    return Neighbour(
        "sigma = 0 is weight decay alone",
        Statement(entry.conclusion),
        lambda: combine(entry.relation, {instantiate(prove(), {sigma: 0}, label="no smoothing"): 1}),
    )


_mass = value("smoothing") + optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="label-smoothing-identity",
    title="Weight decay and label smoothing add up",
    kind="identity",
    source="this project (2026); label smoothing of Szegedy et al. 2016, section 7",
    says=(
        "With mass sigma of the label on the wrong classes, L_reg - psi(q*) = E KL(P_q* || softmax) + "
        "(lambda/2) (E||h - sqrt(C) w~||^2 + C ||wbar||^2 + ||gamma||^2 - E||h||^2), q* = sigma + "
        "lambda (C-1)/sqrt(C)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity", "regularized-loss-identity"),
    formula=Formula(
        psi_value(_mass, value("C"))
        + value("kl")
        + value("weight_decay")
        / 2
        * (
            value("spring")
            + value("C") * value("weight_mean_norm") ** 2
            + value("gamma_norm") ** 2
            - value("alpha") ** 2
        ),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("sigma + lambda (C-1)/sqrt(C) < 1", _mass, Rational(1), strict=True),
        ),
    ),
)
