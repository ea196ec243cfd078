# SPDX-License-Identifier: MIT
"""The tempting claim that mean_c intra_c >= (phi^{-1}(L)/T)^2 for every T: false, with a configuration."""

from sympy import Rational

from theory.configurations import flipped
from theory.definitions import loss, phi, unbiased_logit
from theory.entry import Entry, Neighbour, Statement, Witness
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.polar import NORMS_AT_MOST_ONE, class_cosine, polar
from theory.proving import theorem
from theory.symbols import C, T, alpha, beta, c, tau

HYPOTHESES = (
    *polar(beta, alpha),
    *NORMS_AT_MOST_ONE,
    eq(T, C * alpha * beta / (C - 1)),
    le(loss(unbiased_logit), phi(tau)),
)


def claim() -> Statement:
    return Statement(le((tau / T) ** 2, Mean(class_cosine(), c)), HYPOTHESES)


def witness() -> Witness:
    """T = 1/2: one of four samples of each class is tiny and on the wrong side; loss at most phi(2/5)."""
    base = flipped(Rational(1, 2), good=3)
    values = {**base.values, tau: Rational(2, 5)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def neighbour() -> Neighbour:
    ours = theorem("intra-class-cosine")

    def proof() -> Theorem:
        """The linear bound, whose threshold on T the claim lacks."""
        return ours

    return Neighbour(
        "the linear bound, for T >= T_{5/2}", Statement(ours.conclusion, tuple(ours.hypotheses)), proof
    )


THEOREM = Entry(
    name="intra-class-cosine-unconditional",
    title="Intra-class cosine from loss and norms without a condition (false)",
    kind="conjecture",
    source="this project (2026): the cosine form of within-class-variability, as one would guess it",
    says=(
        "Claimed: mean_c intra_c >= (phi^{-1}(L)/T)^2 whatever T. At C = 2, T = 1/2 the left side is 0.25, "
        "the right one 0.64."
    ),
    statement_of=claim,
    neighbour_of=neighbour,
    refutation_of=witness,
    uses=("intra-class-cosine",),
)
