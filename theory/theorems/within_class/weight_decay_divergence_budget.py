# SPDX-License-Identifier: MIT
"""A regularised gap eps leaves E KL(P_q* || softmax) <= eps: softmax near the smoothed label, attained."""

from sympy import Integer, Rational, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.spent import HYPOTHESES, budget, divergence, mean_row, optimum, spring
from theory.proving import combine, visible
from theory.symbols import C, eps, lam


def claim(factor: object = 1) -> Statement:
    return Statement(le(divergence(), factor * eps), HYPOTHESES)


def prove() -> Theorem:
    """Drop the two squares from the budget."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {budget(): 1, visible(le(0, spring())): lam / 2, visible(le(0, mean_row())): lam * C / 2},
        label="the divergence alone",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4, aligned, with margin log 9 where log 5 is best: all the gap is divergence."""
    gap = log(Rational(4, 3)) + Rational(3, 4) * log(3) - log(Rational(8, 5)) - Rational(3, 8) * log(5)
    return optimum(decay=Rational(1, 4), gap=gap, noise=Integer(0), margin=Integer(9))


def twins() -> list[Twin]:
    found = witness()
    loose = Witness(4, 2, 4, found.functions, {**found.values, eps: Rational(1, 100)}, "eps below the gap")
    return [
        Twin("1 % stronger", claim(factor=Rational(99, 100)), found),
        Twin("half of the gap", claim(factor=Rational(1, 2)), found),
        Twin("the gap larger than eps", Statement(claim().conclusion, HYPOTHESES[:2]), loose),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=2)
    return Neighbour(
        "twice the gap",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=eps),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="weight-decay-divergence-budget",
    title="The softmax near the smoothed label, from the regularised gap",
    kind="tight",
    source="this project (2026): one term of regularized-loss-identity",
    says=(
        "For lambda < 1/sqrt(C) and any bias, E KL(P_q* || softmax) <= eps = L_reg - m_reg; attained "
        "by aligned features of another norm."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(value("eps_reg"), (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD)),
)
