# SPDX-License-Identifier: MIT
"""Class imbalance: each P with ||diag(sqrt pi)(I - P)|| <= lambda gives the lower bound sum_c pi_c H(p_c)."""

from typing import Any

from sympy import Rational, log, sqrt

from theory.definitions import mu, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.soft_targets import (
    ROWS,
    SHARES,
    column_bound,
    entropy,
    gibbs,
    log_p,
    loss,
    penalty,
    share,
    split,
)
from theory.proving import assume, average, combine, visible
from theory.symbols import C, c, d, h, i, k, lam, w

HYPOTHESES = (ROWS, SHARES, column_bound())


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * entropy(), loss() + penalty()), HYPOTHESES)


def prove() -> Theorem:
    """The penalty pays for the reward column by column; scatter within classes only adds to it."""
    columns = average(assume(HYPOTHESES[2]), k, label="all coordinates")
    spread = sq(lambda x: h(c, i, x) - mu(c, x))
    scatter = combine(
        le(0, share(c) * spread),
        {visible(le(0, spread)): share(c)},
        facts=[assume(SHARES)],
        label="scatter within a class",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {split(): -1, gibbs(): 1, columns: d, average(scatter, c, i): C * lam / 2},
        label="drop the divergence",
    )


def witness(decay: object = sqrt(2) / 4) -> Witness:
    """Two classes of shares 1/3 and 2/3, lambda = sqrt(2)/4, h = sqrt(2) w, margin log 3."""
    v = sqrt(log(3) / (2 * sqrt(2)))
    table: dict[Any, Any] = {
        w: lambda j, k: v * (1 - 2 * j),
        h: lambda c, i, k: sqrt(2) * v * (1 - 2 * c),
        share: lambda c: Rational(1 + c, 3),
        log_p: lambda c, j: log(Rational(3, 4) if c == j else Rational(1, 4)),
    }
    return Witness(2, 1, 1, table, {lam: decay}, "the optimum at C = 2, shares 1/3 and 2/3")


def twins() -> list[Twin]:
    free = Statement(claim().conclusion, HYPOTHESES[:2])
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("no condition on P and lambda", free, witness(decay=Rational(1, 1000))),
    ]


def neighbour() -> Neighbour:
    goal = le(entropy(), loss() + 2 * penalty())
    proof = lambda: combine(  # noqa: E731
        goal, {prove(): 1, _penalty_nonnegative(): 1}, label="twice the penalty"
    )
    return Neighbour("twice the penalty", Statement(goal, HYPOTHESES), proof)


def _penalty_nonnegative() -> Theorem:
    norm, rows = sq(lambda x: h(c, i, x)), sq(lambda x: w(c, x))
    one = combine(
        le(0, share(c) * norm), {visible(le(0, norm)): share(c)}, facts=[assume(SHARES)], label="features"
    )
    return combine(
        le(0, penalty()),
        {average(one, c, i): C * lam / 2, average(visible(le(0, rows)), c): C * lam / 2},
        label="the penalty is nonnegative",
    )


THEOREM = Entry(
    name="imbalanced-least-loss",
    title="Least regularised loss under class imbalance, by duality",
    kind="tight",
    source="this project (2026): nuclear-norm duality for the regularised cross-entropy",
    says=(
        "Without bias, for all class shares pi and every positive row-stochastic P with ||diag(sqrt "
        "pi)(I - P)|| <= lambda (operator norm, needed at the columns of W and of the class means "
        "only), the regularised loss is at least sum_c pi_c H(p_c), for every n and d; the best such "
        "P attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(value("label_entropy")),
)
