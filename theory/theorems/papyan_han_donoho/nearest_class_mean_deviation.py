# SPDX-License-Identifier: MIT
"""NC4 without collapse: a network's decision is the nearest class mean's, plus what NC2 and NC3 lack."""

from typing import Any

from sympy import Expr, Integer, Rational

from theory.configurations import simplex
from theory.definitions import dot, mu_global, sq
from theory.definitions_collapse import centred_mean, feature, kappa_w, logit_difference, nearer
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.proving import assume, combine
from theory.symbols import b, c, j, w

HALF = Rational(1, 2)


def offset(cc: Any) -> Expr:
    """b_c + <w_c, mu_G> + (kappa/2) ||mu_c - mu_G||^2: equal for all classes at collapse."""
    return b(cc) + dot(lambda x: w(cc, x), mu_global) + kappa_w / 2 * sq(lambda x: centred_mean(cc, x))


def lack(cc: Any, jj: Any) -> Expr:
    """What departs from W = kappa M, seen from x - mu_G, and from equal offsets."""

    def row(x: Any) -> Expr:
        return w(cc, x) - w(jj, x) - kappa_w * (centred_mean(cc, x) - centred_mean(jj, x))

    return dot(row, lambda x: feature(x) - mu_global(x)) + offset(cc) - offset(jj)


def claim(factor: Any = HALF, share: Any = 1) -> Statement:
    decision = -factor * kappa_w * nearer(c, j, feature) + share * lack(c, j)
    return Statement(eq(logit_difference(c, j, feature), decision))


def prove() -> Theorem:
    """Expand the squares of distances."""
    return combine(claim().conclusion, label="an identity for every W, b, kappa and x")  # type: ignore[arg-type]


def witness() -> Witness:
    """Simplex ETF, C = 2, W = 3 M, biases 0 and 1, the feature (1, 2)."""
    base = simplex(2, samples=1, weight_scale=3)
    functions = {**base.functions, feature: lambda k: Integer(k + 1), b: lambda j: Integer(j)}
    return Witness(2, 1, 2, functions, {**base.values, kappa_w: 2}, "W = 3 M against kappa = 2")


def twins() -> list[Twin]:
    return [
        Twin("nothing lacking", claim(share=0), witness()),
        Twin("1 % more distance", claim(factor=Rational(101, 200)), witness()),
        Twin("half of what is lacking", claim(share=HALF), witness()),
    ]


def neighbour() -> Neighbour:
    agrees = le(-lack(c, j), -kappa_w / 2 * nearer(c, j, feature))
    goal = le(0, logit_difference(c, j, feature))
    return Neighbour(
        "the network agrees where what is lacking does not outweigh the distances",
        Statement(goal, (agrees,)),
        lambda: combine(goal, {prove(): -1, assume(agrees): 1}),
    )


THEOREM = Entry(
    name="nearest-class-mean-deviation",
    title="NC4, and what it lacks away from collapse",
    kind="identity",
    source="this project (2026); Papyan, Han & Donoho 2020, (NC4)",
    says=(
        "For every W, b, x and kappa > 0, z_c - z_j = (kappa/2)(||x - mu_j||^2 - ||x - mu_c||^2) plus <x "
        "- mu_G, what w_c - w_j lacks of kappa (mu_c - mu_j)> plus a difference of offsets; at collapse "
        "both are 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("weight_frobenius")
        / (2 * value("C") ** HALF * value("mean_radius"))
        * value("class_distance") ** 2,
        (MEAN_RADIUS_POSITIVE,),
    ),
)
