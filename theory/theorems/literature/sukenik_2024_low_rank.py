# SPDX-License-Identifier: MIT
"""Sukenik et al. 2024: deep ReLU models with squared loss have solutions cheaper than collapse.

Classes are the edges of the complete graph on r vertices, C = r (r-1)/2, and A their C x r incidence matrix.
Unconstrained features c_1 A^T, layers c_l I_r, then a (A - J/2) and b I_C give the outputs of a collapsed
solution, a multiple of I_C: an entry of (A - J/2) A^T is |e and f have in common| - 1, so ReLU leaves I_C,
and there is nothing to cut before.  The squared norms are 2 C c_1^2, r c_l^2, C r a^2/4 and C b^2, against
C s_l^2 for a collapsed solution with singular values s_l.  With d = L + 1 factors and scales in proportion to
the s_l such that the outputs agree, every factor costs q times as much, for any decays, where

    q^d = r^{d-2}/(2 C^{d-3}),

and q < 1 for r >= 4 and L >= 4.  The kernel checks this last inequality; that it compares the regularisers at
equal outputs is the arithmetic above, which the tests repeat on real matrices.
"""

from functools import lru_cache

from sympy import Expr, Integer, exp, log

from theory.entry import Entry, Neighbour, Statement, Twin, Witness
from theory.expressions import Relation, eq, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, combine, log_tangent
from theory.symbols import C, d, positive, real

g = positive("r_graph", "g", "number of vertices of the complete graph, minus one: r - 1")
cost = positive("cost_s", r"\Omega", "regulariser of a collapsed solution, (C/2) sum_l lambda_l s_l^2")
hole = real("hole", r"\cdot", "a place to substitute into")
EDGES = eq(2 * C, g * (g + 1))
HYPOTHESES = (EDGES, le(3, g), le(5, d))


def saving() -> Expr:
    """-log q^d = log 2 + (d-3) log C - (d-2) log r."""
    return log(2) + (d - 3) * log(C) - (d - 2) * log(g + 1)


def claim(hypotheses: tuple[Relation, ...] = HYPOTHESES, factor: object = 1) -> Statement:
    return Statement(lt(factor * exp(-saving() / d) * cost, cost), hypotheses)


def saving_positive() -> Theorem:
    """(d-5) log((r-1)/2) + log((r-1)^2/(2 r)) > 0."""
    edges, vertices, deep = map(assume, HYPOTHESES)
    number = apply("congruence", edges, context=log(hole), hole=hole, label="log C")
    half = combine(
        le(log(2), log(g)),
        {log_tangent(2 / g, label="log x <= x - 1"): 1, vertices: 1 / g},
        slack=1 / g,
        label="2 <= r - 1",
    )
    square = combine(
        lt(log(2) + log(g + 1), 2 * log(g)),
        {log_tangent(2 * (g + 1) / g**2, label="log x <= x - 1"): 1, vertices: (g + 1) / g**2},
        slack=1 / g**2,
        label="2 r < (r - 1)^2",
    )
    more = combine(le(0, d - 5), {deep: 1}, label="L >= 4")
    return combine(
        lt(0, saving()), {number: -(d - 3), half: d - 5, square: 1}, facts=[more], label="the saving"
    )


@lru_cache
def prove() -> Theorem:
    """e^{-x} < 1 for x > 0."""
    rises = log_tangent(exp(saving() / d), label="x <= e^x - 1")
    q = exp(-saving() / d)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {rises: cost * q, saving_positive(): cost * q / d},
        label="q < 1",
    )


def _at(vertices: int, factors: int) -> Witness:
    classes = vertices * (vertices - 1) // 2
    values = {g: Integer(vertices - 1), cost: Integer(1)}
    return Witness(classes, 1, factors, {}, values, f"r = {vertices}, C = {classes}, L = {factors - 1}")


def twins() -> list[Twin]:
    return [
        Twin("three layers", claim((*HYPOTHESES[:2], le(4, d))), _at(5, 4)),
        Twin("a triangle, C = 3", claim((EDGES, le(2, g), le(5, d))), _at(3, 5)),
        Twin("twice the regulariser", claim(factor=2), _at(4, 5)),
    ]


def neighbour() -> Neighbour:
    goal = lt(exp(-saving() / d) * cost, 2 * cost)
    return Neighbour(
        "less than twice",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): 1}, slack=cost),
    )


THEOREM = Entry(
    name="sukenik-2024-low-rank",
    title="Deep ReLU collapse is not optimal for squared loss: graph solutions",
    kind="published",
    source="Sukenik et al. 2024, arXiv:2405.14468 (not optimal); the constant: this project (2026)",
    says=(
        "For C = r (r-1)/2, r >= 4, and L >= 4: (r^{L-1}/(2 C^{L-2}))^{1/(L+1)} < 1. That this is the "
        "regulariser of a deep ReLU solution of rank r over that of a collapsed one with the same outputs is "
        "the arithmetic of incidence matrices, outside the kernel."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region="C = r (r-1)/2 with r >= 4 (C = 6, 10, 15, ...), L >= 4, any decays",
    uncovered=(
        "that the inequality compares regularisers (the arithmetic of the incidence matrix, see the file); "
        "L = 3, for which these graphs never suffice; other C; the best low-rank solution"
    ),
)
