# SPDX-License-Identifier: MIT
"""NC3's measure is twice one minus a cosine: between 0 and 4, and 0 exactly where W is a multiple of M."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex_code
from theory.definitions import dot
from theory.definitions_collapse import code, kappa_w, mean_square, r, row, self_dual, self_duality
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.proving import assume, average, combine
from theory.symbols import c, d, k, positive, w

omega = positive("omega", r"\omega", "||W||_F / sqrt(C), uncentred")
WEIGHTS = eq(omega**2, mean_square(row))
MEANS = eq(r**2, mean_square())
HYPOTHESES = (WEIGHTS, MEANS)


def claim(factor: Any = 2, power: int = 1) -> Statement:
    cosine = Mean(dot(lambda x: w(c, x), lambda x: code(c, x)), c) / (omega * r) ** power
    return Statement(eq(self_duality(omega), 2 - factor * cosine), HYPOTHESES)


@lru_cache
def prove() -> Theorem:
    """||a - b||^2 = 2 - 2 <a, b> for unit matrices."""
    weights, means = map(assume, HYPOTHESES)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {weights: -1 / omega**2, means: -1 / r**2},
        label="expand the square",
    )


def witness() -> Witness:
    """Simplex ETF, C = 3, with W = 2 M."""
    radius = sqrt(Rational(2, 3))
    base = simplex_code(3, weight_scale=2, values={r: radius, omega: 2 * radius})
    return Witness(3, 1, 3, base.functions, base.values, "simplex ETF, W = 2 M")


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 50)), witness()),
        Twin("norms squared", claim(power=2), witness()),
        Twin("any norm of W", Statement(claim().conclusion, (MEANS,)), _scaled(omega)),
        Twin("any norm of M", Statement(claim().conclusion, (WEIGHTS,)), _scaled(r)),
    ]


def _scaled(norm: Any) -> Witness:
    base = witness()
    return Witness(3, 1, 3, base.functions, {**base.values, norm: Integer(1)}, f"{norm} = 1 claimed")


def neighbour() -> Neighbour:
    dual = self_dual()
    goal = eq(self_duality(omega, kappa_w**-1 * omega), 0)

    def proof() -> Theorem:
        """w_c/||W|| = m_c/||M||, row by row, where ||W|| = kappa ||M||."""
        along = assume(dual)
        gap = w(c, k) / omega - kappa_w * code(c, k) / omega
        one = combine(eq(gap**2, 0), {along: gap / omega}, label="one coordinate")
        return combine(goal, {average(one, c, k): d}, label="all of them")

    return Neighbour("exact collapse, W = kappa M: the measure is 0", Statement(goal, (dual,)), proof)


THEOREM = Entry(
    name="nc3-self-duality-angle",
    title="NC3's measure as an angle",
    kind="identity",
    source="Papyan, Han & Donoho 2020, (NC3), figure 5",
    says=(
        "||W/||W||_F - M/||M||_F||_F^2 = 2 - 2 cos(W, M), W raw and M centred: from 0 to 4, and 0 exactly "
        "where W = kappa M, kappa > 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("weight_frobenius") / (sqrt(value("C")) * value("mean_radius")), (MEAN_RADIUS_POSITIVE,)
    ),
)
