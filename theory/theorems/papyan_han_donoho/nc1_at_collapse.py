# SPDX-License-Identifier: MIT
"""NC1 at exact collapse: trace ratio, pseudo-inverse trace and class-distance normalised variance are 0."""

from typing import Any

from sympy import Integer, Rational

from theory.definitions import mu
from theory.definitions_collapse import (
    NC1,
    cdnv,
    class_variance,
    dual,
    inverse_distance,
    pinv_trace,
    r,
    trace_ratio,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, d, h, i, j, k, real

a1 = real("weight_1", "a_1", "any number")
a2 = real("weight_2", "a_2", "any number")
a3 = real("weight_3", "a_3", "any number")


def claim(result: Any = 0, hypotheses: Any = (NC1,)) -> Statement:
    return Statement(eq(a1 * trace_ratio() + a2 * pinv_trace() + a3 * cdnv(), result), hypotheses)


def prove() -> Theorem:
    """Every residual h - mu_c is 0."""
    same = assume(NC1)
    residual = h(c, i, k) - mu(c, k)
    square = combine(eq(residual**2, 0), {same: residual}, label="one coordinate")
    variance = combine(eq(class_variance(c), 0), {average(square, i, k): d}, label="variance of a class")
    along = average(combine(eq(dual(j, k) * residual, 0), {same: dual(j, k)}), k, label="along column j")
    inner = d * along.relation.lhs
    whitened = combine(eq(inner**2, 0), {along: d * inner}, label="squared")
    other = instantiate(variance, {c: j}, label="another class")
    pair = combine(
        eq((class_variance(c) + class_variance(j)) * inverse_distance(c, j) / 2, 0),
        {variance: inverse_distance(c, j) / 2, other: inverse_distance(c, j) / 2},
        label="one pair",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(variance, c): a1 / r**2,
            average(whitened, j, c, i): a2 * C,
            average(average(pair, j, excluding=c), c): a3,
        },
        label="all three",
    )


def _witness(noise: Any) -> Witness:
    """Class means 1 and -1, samples at distance ``noise`` on both sides; s = 2, so the dual is M/2."""
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: 1 - 2 * c + (1 - 2 * i) * noise,
            dual: lambda j, k: Rational(1 - 2 * j, 2),
            inverse_distance: lambda c, j: Rational(1, 4),
        },
        {r: 1, a1: 1, a2: 2, a3: 3},
        f"class means 1 and -1, noise {noise}",
    )


def twins() -> list[Twin]:
    return [
        Twin("not 0 but the first weight", claim(result=a1), _witness(Integer(0))),
        Twin("variability allowed", claim(hypotheses=()), _witness(Rational(1, 2))),
    ]


def neighbour() -> Neighbour:
    goal = eq(pinv_trace(), 0)
    return Neighbour(
        "the pseudo-inverse trace alone",
        Statement(goal, (NC1,)),
        lambda: combine(goal, {instantiate(prove(), {a1: Integer(0), a2: Integer(1), a3: Integer(0)}): 1}),
    )


THEOREM = Entry(
    name="nc1-at-collapse",
    title="NC1 at exact collapse",
    kind="identity",
    source="Papyan, Han & Donoho 2020, (NC1), figure 6; Galanti, Gyorgy & Hutter 2022 (cdnv)",
    says=(
        "If h_ci = mu_c, then Tr Sigma_W/Tr Sigma_B, Tr(Sigma_W Sigma_B^+)/C and the class-distance "
        "normalised variance are all 0: so is every combination of them."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("within") / value("mean_radius") ** 2, (MEAN_RADIUS_POSITIVE,)),
)
