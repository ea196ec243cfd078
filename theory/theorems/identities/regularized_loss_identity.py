# SPDX-License-Identifier: MIT
"""Weight decay acts exactly as label smoothing plus a penalty on misalignment."""

from sympy import Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import kl, logit, mean_square_features, psi, q_star, regularized_loss, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, least_regularized_loss, value
from theory.expressions import Mean, eq, lt
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.proving import combine, instantiate
from theory.symbols import C, c, gamma_sq, h, i, lam, p, w

SMALL_DECAY = (lt(lam, 1 / sqrt(C)),)


def claim(pull: object = sqrt(C), entropy_factor: int = 1, centre: int = 1) -> Statement:
    spread = Mean(kl(q_star(), logit), c, i)
    aligned = Mean(sq(lambda x: h(c, i, x) - pull * wt(c, x)), c, i)
    rest = lam * C / 2 * sq(wbar) * centre + lam / 2 * (gamma_sq - mean_square_features())
    return Statement(
        eq(
            regularized_loss(gamma_sq) - entropy_factor * psi(q_star()),
            spread + lam / 2 * aligned + rest,
        ),
        SMALL_DECAY,
    )


def prove() -> Theorem:
    """The averaged identity at p = q*: lambda sqrt(C) is exactly what completes the square."""
    identity = instantiate(mean_identity(), {p: q_star()}, label="p := q*")
    return combine(claim().conclusion, {identity: 1}, label="complete the square")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    witness = simplex(4, scale=4, noise=1, values={lam: Rational(1, 4), gamma_sq: 50})
    off_centre = Witness(
        4,
        2,
        4,
        {**witness.functions, w: lambda j, k: witness.functions[w](j, k) + 1},
        witness.values,
        "simplex ETF whose rows are shifted by (1, ..., 1)",
    )
    return [
        Twin("spring rest length 1 instead of sqrt(C)", claim(pull=1), witness),
        Twin("entropy counted twice", claim(entropy_factor=2), witness),
        Twin("no penalty on the mean of W", claim(centre=0), off_centre),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs + log(C), 2 * base.rhs + log(C))  # type: ignore[union-attr]
    return Neighbour(
        "twice the identity plus log C", Statement(goal, SMALL_DECAY), lambda: combine(goal, {prove(): 2})
    )


THEOREM = Entry(
    name="regularized-loss-identity",
    title="Weight decay is label smoothing plus alignment",
    kind="identity",
    source="this project (2026): the master identity with weight decay; Pan & Cao 2023, theorem 2.2",
    says=(
        "For lambda < 1/sqrt(C), L_reg - psi(q*) = E KL(P_q* || softmax) + (lambda/2) E||h - sqrt(C) w~||^2 "
        "+ (lambda C/2)||wbar||^2 + (lambda/2)(||gamma||^2 - E||h||^2), q* = lambda (C-1)/sqrt(C)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        least_regularized_loss(value("weight_decay"), value("C"))
        + value("kl")
        + value("weight_decay")
        / 2
        * (
            value("spring")
            + value("C") * value("weight_mean_norm") ** 2
            + value("gamma_norm") ** 2
            - value("alpha") ** 2
        ),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
)
