# SPDX-License-Identifier: MIT
"""Yaras et al. 2022: unit features, unit classifier rows, logits tau <w_j, h>: the least cross-entropy.

Proved: the value, as a bound over all features and rows in the unit balls, for every C, n and d, and that the
simplex attains it.  Not covered: that there are no other local minima (their landscape theorem).
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.configurations import simplex
from theory.definitions import loss, phi, sq, unbiased_logit, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.margins import phi_falls
from theory.proving import assume, average, combine, cut, instantiate, theorem
from theory.symbols import C, T, alpha, b, beta, c, h, i, j, k, positive, w

tau = positive("tau_s", r"\tau", "factor of the logits of unit features and unit rows (inverse temperature)")
HYPOTHESES = (
    le(sq(lambda x: h(c, i, x)), 1, c, i),
    le(sq(lambda x: w(j, x)), 1, j),
)
MARGIN = C * tau / (C - 1)


def scaled_logit(cc: Symbol, ii: Symbol, jj: Symbol) -> Expr:
    """tau <w_j, h_ci>."""
    return tau * unbiased_logit(cc, ii, jj)


def claim(margin: object = MARGIN, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(phi(margin), loss(scaled_logit)), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The rows tau w_j have norm at most tau, and no bias."""
    ball, rows = map(assume, HYPOTHESES)
    scaled = instantiate(
        theorem("minimum-cross-entropy"),
        functions={w: ((j, k), tau * w(j, k)), b: ((j,), Integer(0))},
        label="rows tau w_j, no bias",
    )
    at_norms = instantiate(scaled, {alpha: 1, beta: tau, T: MARGIN}, label="alpha := 1, beta := tau")
    mean_rows = average(rows, j, label="(1/C) ||W||_F^2 <= 1")
    weights = next(a for a in at_norms.hypotheses if a.lhs.has(w))
    centred = combine(weights, {mean_rows: tau**2}, slack=tau**2 * sq(wbar), label="centring shortens")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {cut(at_norms, average(ball, c, i), centred, label="unit norms"): 1},
        label="the published form",
    )


def witness() -> Witness:
    """The unit simplex at C = 4, tau = 3: margin 4."""
    unit = sqrt(Rational(4, 3))
    return simplex(4, scale=unit, weight_scale=unit, values={tau: 3})


def twins() -> list[Twin]:
    unit = sqrt(Rational(4, 3))
    long = simplex(4, scale=2 * unit, weight_scale=unit, values={tau: 3})
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("tau instead of tau C/(C-1)", claim(tau), witness()),
        Twin("features of norm 2", claim(hypotheses=HYPOTHESES[1:]), long),
    ]


def neighbour() -> Neighbour:
    goal = claim(2 * MARGIN)

    return Neighbour(
        "twice the margin on the left",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, phi_falls(MARGIN, MARGIN): 1}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="yaras-2022-spheres",
    title="Least cross-entropy of unit features and unit rows at temperature 1/tau",
    kind="tight",
    source="Yaras et al. 2022, arXiv:2209.09211 (value of the global minimum on products of spheres)",
    says=(
        "With logits tau <w_j, h>, ||h|| <= 1 and ||w_j|| <= 1, the loss is at least "
        "log(1 + (C-1) exp(-tau C/(C-1))); attained by the unit simplex. (The landscape is not covered.)"
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("minimum-cross-entropy",),
    formula=Formula(
        phi_value(value("C") * value("temperature") / (value("C") - 1), value("C")),
        (Condition("0 < temperature", Integer(0), value("temperature"), strict=True),),
    ),
)
