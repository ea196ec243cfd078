# SPDX-License-Identifier: MIT
"""The pseudo-inverse trace against the trace ratio at a simplex: at most (C-1)/C of it."""

from typing import Any

from sympy import Integer, Rational

from theory.definitions import mu
from theory.definitions_collapse import (
    ROW_SUM,
    ZERO_OR_ONE,
    code,
    one_hot,
    pinv_trace,
    r,
    s,
    simplex_gram,
    trace_ratio,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.collapse import bessel, c6, i6, own_label, residual
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, h, i, k

NC2 = simplex_gram()
SCALE = eq(r**2, s * (C - 1) / C)
HYPOTHESES = (NC2, SCALE, ROW_SUM, ZERO_OR_ONE)


def trace() -> Any:
    """Tr(Sigma_W Sigma_B^+)/C: at a simplex the pseudo-inverse of M is M/s, transposed."""
    return pinv_trace(lambda jj, x: code(jj, x) / s)


def claim(factor: Any = 1) -> Statement:
    return Statement(le(factor * trace(), (C - 1) / C * trace_ratio()), HYPOTHESES)


def prove() -> Theorem:
    """Bessel's inequality for each residual."""
    core = instantiate(
        bessel(),
        functions={
            residual: ((c, i, k), h(c, i, k) - mu(c, k)),
        },
        label="the residuals",
    )
    core = cut(core, own_label(NC2, s), label="the diagonal of y")
    rate = trace_ratio() / s
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {average(core, c6, i6, label="E over samples"): 1 / s**2, assume(SCALE): rate},
        label="in terms of traces",
    )


def witness() -> Witness:
    """Class means 1 and -1 on a line (s = 2), samples at distance 1/2 on both sides."""
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: 1 - 2 * c + Rational(1 - 2 * i, 2),
            code: lambda c, k: Integer(1 - 2 * c),
            one_hot: lambda c, j: int(c == j),
        },
        {r: 1, s: 2},
        "class means 1 and -1, noise 1/2",
    )


def twins() -> list[Twin]:
    unscaled = le(C * trace(), (C - 1) / C * trace_ratio())
    loose = Statement(claim().conclusion, (NC2, ROW_SUM, ZERO_OR_ONE))
    functions = {**witness().functions, code: lambda c, k: Integer(5 - 10 * c)}
    long = Witness(2, 2, 1, functions, {r: 1, s: 2}, "class means 5 and -5, r = 1")
    far = Witness(2, 2, 1, witness().functions, {r: 2, s: 2}, "r^2 = 4 and s = 2")
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "without the division by C, as in the published notebook",
            Statement(unscaled, HYPOTHESES),
            witness(),
        ),
        Twin("r and s unrelated", loose, far),
        Twin("any class means", Statement(claim().conclusion, HYPOTHESES[1:]), long),
    ]


def neighbour() -> Neighbour:
    goal = le(C * trace(), (C - 1) * trace_ratio())
    return Neighbour(
        "the notebook's quantity, C times as large",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): C}),
    )


_C = value("C")
THEOREM = Entry(
    name="nc1-pinv-trace-at-simplex",
    title="Two measures of NC1 compared at a simplex",
    kind="tight",
    source="this project (2026); measures of Papyan, Han & Donoho 2020, figure 6, and of its public notebook",
    says=(
        "Under NC2, Tr(Sigma_W Sigma_B^+)/C <= ((C-1)/C) Tr Sigma_W/Tr Sigma_B, with equality if the "
        "variability lies in the span of the means; the authors' notebook leaves out the division by C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula((_C - 1) / _C * value("within") / value("mean_radius") ** 2, (MEAN_RADIUS_POSITIVE,)),
)
