# SPDX-License-Identifier: MIT
"""Class imbalance: the regularised loss split at any row-stochastic matrix of targets."""

from typing import Any

from sympy import Integer, Rational, log

from theory.definitions import unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import eq
from theory.kernel import Theorem
from theory.lemmas.soft_targets import (
    ROWS,
    divergence,
    entropy,
    log_p,
    loss,
    penalty,
    reward,
    share,
    split,
    weighted,
)
from theory.proving import combine
from theory.symbols import h, lam, w


def claim(spread: int = 1, gain: int = 1) -> Statement:
    rest = spread * weighted(divergence(unbiased_logit)) + penalty() - gain * reward()
    return Statement(eq(loss() + penalty() - entropy(), rest), (ROWS,))


def prove() -> Theorem:
    """Expand the divergence from the targets; the penalty stands on both sides."""
    return combine(claim().conclusion, {split(): 1}, label="add the penalty")  # type: ignore[arg-type]


def witness(total: object = 1) -> Witness:
    """Two classes in one dimension, shares 1/4 and 3/4, targets (3/4, 1/4) and (1/2, 1/2)."""
    rows = ((Rational(3, 4), Rational(1, 4)), (Rational(1, 2), Rational(1, 2)))
    table: dict[Any, Any] = {
        w: lambda j, k: Integer(1 - 2 * j),
        h: lambda c, i, k: Integer(1 - 2 * c),
        share: lambda c: Rational(1 + 2 * c, 4),
        log_p: lambda c, j: log(total * rows[c][j]),
    }
    return Witness(2, 1, 1, table, {lam: Rational(1, 2)}, "shares 1/4 and 3/4, logits 1 and -1")


def twins() -> list[Twin]:
    return [
        Twin("divergence counted twice", claim(spread=2), witness()),
        Twin("reward counted twice", claim(gain=2), witness()),
        Twin("targets that sum to 2", Statement(claim().conclusion), witness(total=2)),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs, 2 * base.rhs)  # type: ignore[union-attr]
    return Neighbour("twice the identity", Statement(goal, (ROWS,)), lambda: combine(goal, {prove(): 2}))


THEOREM = Entry(
    name="imbalanced-loss-identity",
    title="Where the loss goes under class imbalance, for any targets",
    kind="identity",
    source="this project (2026): the master identity with class shares and arbitrary soft targets",
    says=(
        "Without bias, for all class shares pi and every positive row-stochastic P, L_reg - sum_c "
        "pi_c H(p_c) = sum_c pi_c E KL(p_c || softmax) + (lambda/2)(E||h||^2 + ||W||^2) - sum_c pi_c "
        "<e_c - p_c, W mu_c>."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("label_entropy") + value("kl") + value("penalty_excess")),
)
