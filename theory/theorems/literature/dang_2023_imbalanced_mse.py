# SPDX-License-Identifier: MIT
"""Squared error with decays for any class sizes: orthogonal rows of unequal length, small classes vanish."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count, decays, total
from theory.lemmas.squared_error_certificate import own, residual, sample_bound
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, h, i, j, w, z

short = atom("s_short", "s", "s_short(c): how far the true logit of class c falls short of 1")
PAID = le(count(c) * short(c) ** 2, lam_W * lam_H * total() ** 2, c)
HYPOTHESES = (POSITIVE_COUNTS, PAID)
DECAY = Rational(1, 5)


def squared_error() -> Expr:
    """(1/2) sum_j (z_j - [j = c])^2 of one sample."""
    return (C * Mean(unbiased_logit(c, i, j) ** 2, j) - 2 * unbiased_logit(c, i, c) + 1) / 2


def objective() -> Expr:
    """(1/N) sum over all samples of the squared error, and the decays."""
    return C * Mean(count(c) * squared_error(), c, i) / total() + decays()


def claim(factor: object = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    value = C * Mean(count(c) * (short(c) - short(c) ** 2 / 2), c) / total()
    return Statement(le(factor * value, objective()), hypotheses)


@lru_cache
def paid_sample() -> Theorem:
    """(n_c/N) s_c <w_c, h_ci> <= (lambda_W/2) ||w_c||^2 + (lambda_H n_c/2) ||h_ci||^2."""
    counts = assume(POSITIVE_COUNTS)
    number = average(counts, c, label="some samples")
    pull = count(c) * short(c) / total()
    feature = sq(lambda x: h(c, i, x))
    square = sq(lambda x: w(c, x) - pull / lam_W * h(c, i, x))
    return combine(
        le(
            pull * dot(lambda x: w(c, x), lambda x: h(c, i, x)),
            lam_W / 2 * sq(lambda x: w(c, x)) + lam_H / 2 * count(c) * feature,
        ),
        {assume(PAID): count(c) * feature / (2 * lam_W * total() ** 2)},
        slack=lam_W / 2 * square,
        facts=[counts, number],
        label="2 a b <= a^2 + b^2",
    )


def prove() -> Theorem:
    """The residual s_c times the label, class by class."""
    counts = assume(POSITIVE_COUNTS)
    number = average(counts, c, label="some samples")
    bound = instantiate(sample_bound(), {own: short(c), residual: short(c)}, label="residual s_c")
    bound = instantiate(bound, functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>")
    lhs, rhs = bound.relation.lhs, bound.relation.rhs
    each = combine(le(count(c) * lhs, count(c) * rhs), {bound: count(c)}, facts=[counts], label="times n_c")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {average(each, c, i): C / total(), average(paid_sample(), c, i): C},
        facts=[number],
        label="all samples",
    )


def configuration(first: Any, second: Any = 0, decay: Any = DECAY) -> Witness:
    """C = 2, n = (4, 1), s = (1/2, 1): w_1 = 2 h_1 = ``first`` e_1, w_2 = h_2 = ``second`` e_2."""
    rows = (Integer(0) + first, Integer(0) + second)

    def row(at: int, x: int) -> Any:
        return rows[at] if at == x else Integer(0)

    return Witness(
        2,
        1,
        2,
        {
            count: lambda c: Integer(4 - 3 * c),
            short: lambda c: Rational(1 + c, 2),
            w: row,
            h: lambda c, i, k: row(c, k) / (2 - c),
        },
        {lam_W: decay, lam_H: decay},
        "two classes of four samples and one",
    )


def witness() -> Witness:
    """lambda_W = lambda_H = 1/5: true logits 1/2 and 0; the class of one sample has just vanished."""
    return configuration(1)


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "any shortfall",
            claim(hypotheses=(POSITIVE_COUNTS,)),
            configuration(sqrt(2), 1, decay=Rational(1, 100)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(claim().conclusion.lhs - 1, objective())  # type: ignore[union-attr]

    def proof() -> Theorem:
        """One less on the left."""
        number = average(assume(POSITIVE_COUNTS), c, label="some samples")
        return combine(goal, {prove(): 1}, slack=1, facts=[number])

    return Neighbour("one less", Statement(goal, HYPOTHESES), proof)


_REACH = value("total_samples") * sqrt(value("weight_decay") * value("feature_decay"))
_SHORT = _REACH / sqrt(value("class_samples"))
THEOREM = Entry(
    name="dang-2023-imbalanced-mse",
    title="Squared error with decays for any class sizes: lengths and vanishing classes",
    kind="tight",
    source=(
        "Dang et al. 2023 (arXiv:2301.00437), one linear layer with class imbalance (general orthogonal "
        "frame); the value: closed form"
    ),
    says=(
        "For any class sizes and every W and H, squared error plus decays is at least sum_c (n_c/N) (s_c - "
        "s_c^2/2) for all s with s_c <= N kappa/sqrt(n_c). Attained by orthogonal rows with true logits 1 - "
        "s_c at s_c = min(N kappa/sqrt(n_c), 1); a class with sqrt(n_c) <= N kappa vanishes."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    # the true logit of a class of the given size
    formula=Formula(
        1 - _SHORT,
        (
            Condition("n_c > 0", Integer(0), value("class_samples"), strict=True),
            Condition("N kappa <= sqrt(n_c), or the class vanishes", _SHORT, Integer(1)),
        ),
    ),
)
