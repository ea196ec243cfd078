# SPDX-License-Identifier: MIT
"""Refuted: that the published notebook plots the quantity that the paper's figure 6 names."""

from sympy import Rational

from theory.definitions_collapse import ONE_HOT, code, one_hot, pinv_trace, s, simplex_gram
from theory.entry import Entry, Statement, Witness
from theory.expressions import eq
from theory.symbols import C, h


def claim() -> Statement:
    """Tr(Sigma_W Sigma_B^+) = Tr(Sigma_W Sigma_B^+)/C at a simplex."""
    trace = pinv_trace(lambda jj, x: code(jj, x) / s)
    return Statement(eq(C * trace, trace), (simplex_gram(), *ONE_HOT))


def witness() -> Witness:
    """Class means 1 and -1 on a line, samples at distance 1/2 on both sides: 1/4 against 1/8."""
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: 1 - 2 * c + Rational(1 - 2 * i, 2),
            code: lambda c, k: 1 - 2 * c,
            one_hot: lambda c, j: int(c == j),
        },
        {s: 2},
        "two classes on a line, where the notebook's number is 1/4 and the paper's 1/8",
    )


THEOREM = Entry(
    name="nc1-notebook-scaling",
    title="NC1 in the paper and in its notebook",
    kind="published",
    source="public notebook (2022) of Papyan, Han & Donoho 2020, against their figure 6",
    says=(
        "Claimed: the notebook's Tr(Sigma_W Sigma_B^+) is the quantity of figure 6. It is C times as "
        "large: the two agree only at 0."
    ),
    statement_of=claim,
    refutation_of=witness,
    uncovered="nothing: the two differ by the factor C wherever the variability is not 0",
)
