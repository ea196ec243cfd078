# SPDX-License-Identifier: MIT
"""Least norms with margins, any class sizes and temperatures: each set of multipliers gives a lower bound.

Multipliers lambda_cj >= 0 of the margins delta_c z_c - delta_j z_j >= m_cj, in each sample of class c,
pull its feature to g_c = sum_j lambda_cj (delta_c w_c - delta_j w_j).  If the map W -> (sqrt(n_c) g_c) has
operator norm at most 1, the norms are at least 2 sum n_c lambda_cj m_cj, and features off g_c cost more.  For
m_cj = m_c the best multipliers are -V_cj/(sqrt(n_c) delta_j), V the polar factor of D^(1/2) M Delta^(-1) (I -
u u^T/||u||^2), D = diag(n_c), u_c = 1/delta_c: off its diagonal V is never positive, so that every margin is
tight (theorems m-matrix-square-root and max-margin-all-tight).
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count
from theory.lemmas.max_margin import SEPARATED, asked, multiplier, norms, pulled_by, rows, scale
from theory.proving import assume, average, combine
from theory.symbols import C, c, h, i, j, w

MULTIPLIERS = le(0, multiplier(c, j), c, j)


def pulled(x: Any) -> Expr:
    """g_c, coordinate x."""
    return pulled_by(multiplier, x)


CONTRACTION = le(C * Mean(count(c) * sq(pulled), c), rows())
HYPOTHESES = (POSITIVE_COUNTS, MULTIPLIERS, CONTRACTION, SEPARATED)


def least() -> Expr:
    """2 sum over c, j of n_c lambda_cj m_cj."""
    return 2 * C**2 * Mean(count(c) * multiplier(c, j) * asked(c, j), c, j)


def distance() -> Expr:
    """sum over all samples of ||h_ci - g_c||^2."""
    return C * Mean(count(c) * sq(lambda x: h(c, i, x) - pulled(x)), c, i)


def claim(factor: Any = 1, share: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * least() + share * distance(), norms()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Margins times their multipliers, and a square for every feature."""
    margin, weight = assume(SEPARATED), assume(MULTIPLIERS)
    gap, rate = margin.relation.rhs, count(c) * multiplier(c, j)
    one = combine(
        le(rate * asked(c, j), rate * gap),
        {margin: rate},
        facts=[weight, assume(POSITIVE_COUNTS)],
        label="times the multiplier",
    )
    reward = C * Mean(count(c) * dot(pulled, lambda x: h(c, i, x)), c, i)
    paid = combine(
        le(least(), 2 * reward), {average(one, c, i, j, label="all margins"): 2 * C**2}, label="collect"
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {paid: 1, assume(CONTRACTION): 1},
        label="complete the squares",
    )


def configuration(factor: Any = 1, strength: Any = 1, aside: Any = 0) -> Witness:
    """n = (9, 4), delta = (1, 2), m = 1: W = s (1, -2)/sqrt(5), H = s (1, -1)/sqrt(13), s^4 = 13/5."""
    size = factor * Rational(13, 5) ** Rational(1, 4)
    up, down = size / sqrt(Integer(5)), size / sqrt(Integer(13))
    root = strength / sqrt(Integer(65))
    return Witness(
        2,
        1,
        2,
        {
            count: lambda c: Integer(9 - 5 * c),
            scale: lambda c: Integer(1 + c),
            asked: lambda c, j: Integer(int(c != j)),
            multiplier: lambda c, j: root if c != j else Integer(0),
            w: lambda j, k: up * (1 - 3 * j) if k == 0 else Integer(0),
            h: lambda c, i, k: down * (1 - 2 * c) if k == 0 else Integer(0) + aside,
        },
        {},
        f"classes of nine samples and four, {factor} times the optimum, {strength} times its multipliers",
    )


def no_sizes() -> Witness:
    """n = (-1, -1): large margins, which count as rewards."""
    return Witness(
        2,
        1,
        1,
        {
            count: lambda c: -Integer(1),
            scale: lambda c: Integer(1),
            asked: lambda c, j: Integer(int(c != j)),
            multiplier: lambda c, j: Integer(int(c != j)),
            w: lambda j, k: Integer(1 - 2 * j),
            h: lambda c, i, k: 10 * Integer(1 - 2 * c),
        },
        {},
        "negative class sizes",
    )


def twins() -> list[Twin]:
    return [
        Twin("class sizes of any sign", claim(hypotheses=HYPOTHESES[1:]), no_sizes()),
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("twice the distance", claim(share=2), configuration(aside=1)),
        Twin("margins not required", claim(hypotheses=HYPOTHESES[:3]), configuration(factor=Rational(1, 2))),
        Twin("any multipliers", claim(hypotheses=(*HYPOTHESES[:2], SEPARATED)), configuration(strength=2)),
    ]


def neighbour() -> Neighbour:
    goal = claim(share=0)

    def proof() -> Theorem:
        """The distance is nonnegative."""
        counts = assume(POSITIVE_COUNTS)
        one = count(c) * sq(lambda x: h(c, i, x) - pulled(x))
        square = combine(le(0, one), slack=one, facts=[counts], label="n_c times a square")
        return combine(goal.conclusion, {prove(): 1, average(square, c, i): C})  # type: ignore[arg-type]

    return Neighbour("without the distance", goal, proof)


THEOREM = Entry(
    name="max-margin-least-norms",
    title="Least norms with margins for any class sizes and temperatures, by duality",
    kind="tight",
    source=(
        "this project (2026), for the unconstrained-features SVM of Thrampoulidis et al. 2022 "
        "(arXiv:2208.05512) and Behnia et al. 2023 (arXiv:2303.07608)"
    ),
    says=(
        "Let delta_c z_c - delta_j z_j >= m_cj in every sample of class c. For all multipliers lambda_cj >= "
        "0 for which W -> (sqrt(n_c) g_c), g_c = sum_j lambda_cj (delta_c w_c - delta_j w_j), has operator "
        "norm at most 1 (needed at W only), ||W||_F^2 + ||H||_F^2 is at least 2 sum n_c lambda_cj m_cj + sum "
        "over samples ||h_ci - g_c||^2. So where the first sum is attained every optimum has h_ci = g_c: the "
        "classes collapse. Two classes, m = 1: lambda_cj = 1/sqrt((n_1 + n_2)(delta_1^2 + delta_2^2)) gives "
        "2 sqrt((n_1 + n_2)/(delta_1^2 + delta_2^2))."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # two classes of any sizes, delta = 1, margins of at least t
    formula=Formula(value("t") * sqrt(2 * value("total_samples"))),
)
