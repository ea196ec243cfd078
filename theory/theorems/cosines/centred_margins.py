# SPDX-License-Identifier: MIT
"""E phi((t'_ci + E t')/2) <= L: a bias and the global mean have no part in the centred margins t'."""

from typing import Any

from sympy import Expr, Integer, Rational

from theory.configurations import simplex
from theory.definitions import loss, margin, phi, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import phi as phi_value
from theory.evaluation import value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.centred_margins import (
    at_,
    centred_margin,
    halfway,
    loss_of_centred_margins,
    mean_centred_margin,
    other,
    tangent,
)
from theory.proving import average, combine, instantiate
from theory.symbols import b, c, h, i, w


def claim(point: Expr | None = None) -> Statement:
    return Statement(le(Mean(phi(halfway() if point is None else point), c, i), loss()))


def prove() -> Theorem:
    """Concavity of log for one sample, convexity of phi for pairs of samples from two classes."""
    return combine(claim().conclusion, {loss_of_centred_margins(): 1})  # type: ignore[arg-type]


def uneven() -> Witness:
    """Two classes on a line with t' = 10, 0 and 5, 5; a bias moves 2 from the margins of one to the other."""
    centred = ((10, 0), (-5, -5))
    table: dict[Any, Any] = {
        w: lambda j, k: Rational(1 - 2 * j, 2),
        h: lambda c, i, k: Integer(centred[c][i] + 11),
        b: lambda j: Integer(-9 if j == 0 else 0),
    }
    return Witness(2, 2, 1, table, {}, "two uneven classes on a line, around 11, with a bias")


def twins() -> list[Twin]:
    three_to_one = (3 * centred_margin() + mean_centred_margin()) / 4
    raw = (margin(unbiased_logit) + mean_centred_margin()) / 2
    return [
        Twin("the sample's own margin alone", claim(centred_margin()), uneven()),
        Twin("weights 3/4 and 1/4 instead of 1/2 and 1/2", claim(three_to_one), uneven()),
        Twin("margins of h itself instead of h - mu_G", claim(raw), uneven()),
    ]


def neighbour() -> Neighbour:
    goal = le(phi(mean_centred_margin()), loss())

    def proof() -> Theorem:
        """Jensen's inequality: phi is convex, and (t' + E t')/2 has the mean E t'."""
        touch = instantiate(tangent(), {at_: mean_centred_margin(), other: halfway()}, label="tangent at E t")
        return combine(goal, {prove(): 1, average(touch, c, i, label="E over samples"): 1})

    return Neighbour("at the mean margin", Statement(goal), proof)


def collapsed() -> Witness:
    """Simplex ETF with noise across the classifier, around (2, 2, 2), with equal biases: every t' is 3."""
    base = simplex(3, scale=3, noise=Rational(1, 2))
    table: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: base.functions[h](c, i, k) + 2,
        b: lambda j: Integer(5),
    }
    return Witness(3, 2, 3, table, {}, "simplex ETF with noise around (2, 2, 2)")


THEOREM = Entry(
    name="centred-margins",
    title="Margins without bias and global mean",
    kind="tight",
    source="this project (2026)",
    says=(
        "With any bias and any global mean, L >= E phi((t'_ci + E t')/2), t'_ci = C/(C-1) <w_c - wbar, "
        "h_ci - mu_G>; with equality for equal margins, for every C, n and d."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=collapsed,
    formula=Formula(phi_value((value("t") + value("tau")) / 2, value("C"))),
)
