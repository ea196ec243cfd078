# SPDX-License-Identifier: MIT
"""A regularised gap eps leaves ||wbar||^2 <= 2 eps/(lambda C): the classifier's rows sum to almost zero."""

from sympy import Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.spent import HYPOTHESES, budget, divergence_nonnegative, mean_row, optimum, spring
from theory.proving import combine, visible
from theory.symbols import C, eps, lam, w


def claim(factor: object = 2) -> Statement:
    return Statement(le(mean_row(), factor * eps / (lam * C)), HYPOTHESES)


def prove() -> Theorem:
    """Drop the divergence and the misalignment from the budget."""
    rate = 2 / (lam * C)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {budget(): rate, divergence_nonnegative(): rate, visible(le(0, spring())): 1 / C},
        label="the mean row alone",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4, the optimum with all rows shifted by (1/2, 1/2, 1/2, 1/2): gap 1/2."""
    base = optimum(decay=Rational(1, 4), gap=Rational(1, 2), noise=Integer(0), margin=Integer(5))
    return Witness(
        4,
        2,
        4,
        {**base.functions, w: lambda j, k: base.functions[w](j, k) + Rational(1, 2)},
        base.values,
        "the optimum with shifted rows",
    )


def twins() -> list[Twin]:
    found = witness()
    loose = Witness(4, 2, 4, found.functions, {**found.values, eps: Rational(1, 10)}, "eps below the gap")
    return [
        Twin("1 % stronger", claim(factor=Rational(99, 50)), found),
        Twin("eps/(lambda C)", claim(factor=1), found),
        Twin("the gap larger than eps", Statement(claim().conclusion, HYPOTHESES[:2]), loose),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)
    return Neighbour(
        "3 eps/(lambda C)",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=eps / (lam * C)),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="weight-decay-mean-row-budget",
    title="The mean of the classifier's rows, from the regularised gap",
    kind="tight",
    source="this project (2026): one term of regularized-loss-identity",
    says=(
        "For lambda < 1/sqrt(C) and any bias, ||wbar||^2 <= 2 eps/(lambda C), eps = L_reg - m_reg; "
        "attained by shifting all rows."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        2 * value("eps_reg") / (value("weight_decay") * value("C")), (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD)
    ),
)
