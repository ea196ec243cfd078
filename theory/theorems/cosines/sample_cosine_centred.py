# SPDX-License-Identifier: MIT
"""E(1 - cos(w_c - wbar, h_ci - mu_G)) <= (L - phi(T'))/(T' q(T')) with any bias, for T' >= T_b(C)."""

from sympy import Rational

from theory.definitions import loss, phi, q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import CENTRED_EXCESS, CENTRED_LOSS_POSSIBLE, CENTRED_NORMS_POSITIVE, HALF_LOSS_ABOVE
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_cosines import CENTRED_SPLIT, HYPOTHESES, linear
from theory.lemmas.centred_half_margin import HALF_LOSS
from theory.lemmas.centred_witnesses import noisy, same_side, turned
from theory.lemmas.polar import cosine, polar, sample_cosine_at_most_one
from theory.proving import assume, average, combine
from theory.symbols import T, alpha, beta, c, i

RAW = tuple(polar(beta, alpha)[1] if a == CENTRED_SPLIT else a for a in HYPOTHESES)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(Mean(1 - cosine(), c, i), factor * (loss() - phi(T)) / (T * q(T))), hypotheses)


def prove() -> Theorem:
    """Margins without bias and global mean, one inequality for each sample, and E kappa rho <= 1."""
    return combine(claim().conclusion, {linear(): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    any_scale = tuple(a for a in HYPOTHESES if a != HALF_LOSS)
    return [
        Twin(
            "without the condition on phi(T/2)",
            claim(hypotheses=any_scale),
            turned(Rational(1, 2), good=3),
        ),
        Twin("10 % less", claim(factor=Rational(9, 10)), noisy()),
        Twin("norms and cosines of h itself, not centred", claim(hypotheses=RAW), same_side()),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=2)

    def proof() -> Theorem:
        """The left side is nonnegative, so twice the right side is no less."""
        _, _, unit_u, unit_e, *_ = map(assume, polar(beta, alpha))
        gap = average(sample_cosine_at_most_one(unit_u, unit_e), c, i, label="E over samples")
        return combine(goal.conclusion, {prove(): 2, gap: 1})  # type: ignore[arg-type]

    return Neighbour("constant 2 instead of 1", goal, proof)


THEOREM = Entry(
    name="sample-cosine-centred",
    title="Cosine of a centred sample with its classifier row, with any bias",
    kind="upper",
    source="this project (2026): sample-cosine, with a bias and a global mean",
    says=(
        "If phi(T'/2) >= phi(T') + (5/2) T' q(T'), T' from the norms of h - mu_G, then with any bias the "
        "mean of 1 - cos(w_c - wbar, h_ci - mu_G) is at most (L - phi(T'))/(T' q(T')), for every C, n and d."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "row_cosine_centred.mean",
        ">=",
        1 - (CENTRED_EXCESS),
        (*CENTRED_NORMS_POSITIVE, HALF_LOSS_ABOVE, CENTRED_LOSS_POSSIBLE),
    ),
)
