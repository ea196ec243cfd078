# SPDX-License-Identifier: MIT
"""A regularised gap eps leaves E||h - sqrt(C) w~||^2 <= 2 eps/lambda: NC1 and NC3 together, attained."""

from sympy import Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.spent import HYPOTHESES, budget, divergence_nonnegative, mean_row, optimum, spring
from theory.proving import combine, visible
from theory.symbols import C, eps, lam


def claim(factor: object = 2) -> Statement:
    return Statement(le(spring(), factor * eps / lam), HYPOTHESES)


def prove() -> Theorem:
    """Drop the divergence and the mean row from the budget."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {budget(): 2 / lam, divergence_nonnegative(): 2 / lam, visible(le(0, mean_row())): C},
        label="the square alone",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4, the optimum with noise (1, 1, 1, 1): all of the gap 1/2 is misalignment."""
    return optimum(decay=Rational(1, 4), gap=Rational(1, 2), noise=Rational(1), margin=Rational(5))


def twins() -> list[Twin]:
    found = witness()
    loose = Witness(4, 2, 4, found.functions, {**found.values, eps: Rational(1, 10)}, "eps below the gap")
    return [
        Twin("1 % stronger", claim(factor=Rational(99, 50)), found),
        Twin("eps/lambda", claim(factor=1), found),
        Twin("the gap larger than eps", Statement(claim().conclusion, HYPOTHESES[:2]), loose),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)
    return Neighbour(
        "3 eps/lambda",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=eps / lam),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="weight-decay-alignment-budget",
    title="Features near their weights, from the regularised gap",
    kind="tight",
    source="this project (2026): one term of regularized-loss-identity",
    says=(
        "For lambda < 1/sqrt(C) and any bias, E||h - sqrt(C) w~||^2 <= 2 eps/lambda, eps = L_reg - "
        "m_reg; attained by orthogonal noise."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(2 * value("eps_reg") / value("weight_decay"), (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD)),
)
