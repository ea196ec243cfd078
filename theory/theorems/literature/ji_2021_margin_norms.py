# SPDX-License-Identifier: MIT
"""Ji et al. 2021: margins at least 1 cost ||W||_F^2 + ||H||_F^2 >= 2 sqrt(n) (C-1); the simplex attains it.

They show that gradient flow on the unregularised loss converges in direction to a stationary point of this
problem.  Proved here: its global minimum over all (W, H), for every C, n and d, and even if only the mean of
each sample's margins over the wrong classes is at least 1.  Not covered: the flow and its limit.
"""

from functools import lru_cache

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import logit, margin, mean_square_features, mean_square_raw_weights, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas import mean_margin
from theory.proving import assume, average, combine, visible
from theory.symbols import C, c, h, i, n

SEPARATED = le(1, margin(logit), c, i)
VALUE = 2 * sqrt(n) * (C - 1)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = (SEPARATED,)) -> Statement:
    norms = C * mean_square_raw_weights() + n * C * mean_square_features()
    return Statement(le(factor * VALUE, norms), hypotheses)


@lru_cache
def prove() -> Theorem:
    """||W||^2 + ||H||^2 - 2 sqrt(n) C E<w~, h> = C E||w~ - sqrt(n) h||^2 + C ||wbar||^2."""
    separated = average(assume(SEPARATED), c, i, label="E margin >= 1")
    aligned = Mean(sq(lambda x: wt(c, x) - sqrt(n) * h(c, i, x)), c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            separated: VALUE,
            mean_margin(): VALUE,
            visible(le(0, aligned), label="a mean of squares"): C,
            visible(le(0, sq(wbar))): C,
        },
        label="complete the square",
    )


def witness() -> Witness:
    """C = 3, n = 4: h of scale 1/sqrt(2), rows of scale sqrt(2); every margin is 1."""
    return simplex(3, scale=1 / sqrt(2), weight_scale=sqrt(2), samples=4, values={n: 4})


def twins() -> list[Twin]:
    tiny = simplex(3, scale=Rational(1, 10), weight_scale=Rational(1, 10), samples=1, values={n: 1})
    one = simplex(3, samples=1, values={n: 1})
    return [
        Twin("1 % more", claim(Rational(101, 100)), witness()),
        Twin("C instead of C - 1", claim(C / (C - 1)), one),
        Twin("without the margins", claim(hypotheses=()), tiny),
    ]


def neighbour() -> Neighbour:
    goal = claim(Rational(99, 100))
    return Neighbour(
        "1 % less",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=VALUE / 100),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="ji-2021-margin-norms",
    title="Least norms with margins at least 1",
    kind="tight",
    source="Ji et al. 2021, arXiv:2110.02796 (minimum-norm separation problem)",
    says=(
        "If every sample's margins are at least 1 (their mean suffices), ||W||_F^2 + ||H||_F^2 >= "
        "2 sqrt(n) (C-1), over all W, H, with or without bias; attained by the simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        2 * sqrt(value("samples_per_class")) * (value("C") - 1),
        (Condition("0 < samples per class", Integer(0), value("samples_per_class"), strict=True),),
    ),
)
