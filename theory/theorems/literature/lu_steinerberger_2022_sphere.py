# SPDX-License-Identifier: MIT
"""Lu & Steinerberger 2022: unit vectors that are features and classifier at once; the simplex is optimal.

One sample a class, and the feature of class c is also its row.  Stronger than the value: the loss gap also
pays for every departure of the mean vector from zero, alpha C/(C-1) q(T) ||wbar||^2, for every C and d.  Not
covered: their results for C -> oo at a fixed dimension.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import cross_entropy, dot, phi, q, sq, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, b, c, h, i, j, k, p, positive, w

a = positive("alpha_s", r"\alpha", "factor of the inner products of unit vectors")
UNIT = eq(sq(lambda x: w(c, x)), 1, c)
MARGIN = C * a / (C - 1)


def self_loss() -> Expr:
    """Mean over c of log sum_j exp(alpha <w_j, w_c>) - alpha ||w_c||^2."""
    return Mean(
        cross_entropy(lambda cc, ii, jj: a * dot(lambda x: w(jj, x), lambda x: w(cc, x))),
        c,
    )


def claim(margin: object = MARGIN, centre: object = 1) -> Statement:
    drift = centre * MARGIN * q(margin) * sq(wbar)
    return Statement(le(phi(margin) + drift, self_loss()), (UNIT,))


@lru_cache
def prove() -> Theorem:
    """The dual bound at p = q(T); the mean margin is T (1 - ||wbar||^2)."""
    dual = instantiate(
        mean_dual_bound(),
        functions={h: ((c, i, k), a * w(c, k)), b: ((j,), Integer(0))},
        label="features alpha w_c, no bias",
    )
    at_q = instantiate(dual, {p: q(MARGIN)}, label="p := q(T)")
    unit = average(assume(UNIT), c, label="(1/C) ||W||_F^2 = 1")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {at_q: 1, unit: MARGIN * q(MARGIN)},
        label="mean margin T (1 - ||wbar||^2)",
    )


def witness() -> Witness:
    """The unit simplex at C = 4, alpha = 3: T = 4."""
    return simplex(4, weight_scale=sqrt(Rational(4, 3)), values={a: 3})


def twins() -> list[Twin]:
    same = Witness(2, 1, 1, {w: lambda j, k: Integer(1)}, {a: Rational(1, 2)}, "two equal unit vectors")
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("alpha instead of alpha C/(C-1)", claim(a), witness()),
        Twin("twice the price of a mean", claim(centre=2), same),
    ]


def neighbour() -> Neighbour:
    goal = claim(centre=0)
    rate = MARGIN * q(MARGIN)
    return Neighbour(
        "the value alone",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, visible(le(0, sq(wbar))): rate}),  # type: ignore[arg-type]
    )


_T = value("C") * value("temperature") / (value("C") - 1)
THEOREM = Entry(
    name="lu-steinerberger-2022-sphere",
    title="Cross-entropy of unit vectors against themselves",
    kind="tight",
    source="Lu & Steinerberger 2022, arXiv:2012.08465 (the simplex is the minimiser, d >= C-1)",
    says=(
        "For unit vectors w_c, mean_c [log sum_j exp(alpha <w_j, w_c>) - alpha] is at least "
        "phi(T) + T q(T) ||wbar||^2, T = alpha C/(C-1): the simplex attains it, and a mean costs extra."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        phi_value(_T, value("C")) + _T * q_value(_T, value("C")) * value("weight_mean_norm") ** 2,
        (Condition("0 < temperature", Integer(0), value("temperature"), strict=True),),
    ),
)
