# SPDX-License-Identifier: MIT
"""The table of signs of D_cj = cos(v_c, v_j) + 1/(C-1), written out: f = D/(|D| + eta), any eta > 0.

f is symmetric, |f| <= 1, and 0 <= |D| - f D <= eta, so that a bound on mean f D for every table (a hypothesis
on ``test``) is a bound on mean |D| up to eta, without a hypothesis on the table.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Abs, Expr, Symbol

from theory.definitions_collapse import max_angle
from theory.expressions import Relation, le, substitute_function
from theory.kernel import Theorem
from theory.lemmas.equiangular import CENTRED, test
from theory.lemmas.pair_angles import gap
from theory.lemmas.short_vectors import amount, at_most_size
from theory.proving import average, combine, cut, instantiate
from theory.symbols import c, j, positive

blur = positive("blur_eta", r"\eta", "below what size a number counts as 0; any positive number")
free_y = positive("free_y", "y", "any positive number: the less, the longer the step s")
SIZE = Abs(amount) + blur


def sign_of_gap(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """D/(|D| + eta) for the classes ``cc`` and ``jj``."""
    return gap(cc, jj) / (Abs(gap(cc, jj)) + blur)


def written_out(relation: Relation) -> Relation:
    """A hypothesis on ``test``, for the table of signs."""
    return relation.map(lambda side: substitute_function(side, test, (c, j), sign_of_gap()))


@lru_cache
def of_sign() -> tuple[Theorem, Theorem, Theorem]:
    """-1 <= f, f <= 1 and |D| <= f D + eta, for f = x/(|x| + eta) and D = x."""
    upper = at_most_size()
    lower = instantiate(upper, {amount: -amount}, label="-x <= |x|")
    f = amount / SIZE
    return (
        combine(le(-1, f), {lower: 1 / SIZE}, slack=blur / SIZE),
        combine(le(f, 1), {upper: 1 / SIZE}, slack=blur / SIZE),
        combine(le(Abs(amount), f * amount + blur), slack=blur**2 / SIZE, label="|x|^2 = x^2"),
    )


@lru_cache
def with_signs(theorem: Theorem, *positive: Theorem) -> Theorem:
    """mean |D| <= eta + B from ``theorem``, mean f D <= B for every symmetric table f of signs.

    Of its hypotheses on the table, TEST is proved here; SYMMETRIC and AGREES become visible identities and
    squares; CENTRED defines pair by the signs.  ``positive`` are facts 0 < x on what B divides by.
    """
    moved = instantiate(theorem, functions={test: ((c, j), sign_of_gap())}, label="f := D/(|D| + eta)")
    facts = [instantiate(t, {amount: gap()}, label="x := D") for t in of_sign()]
    moved = cut(moved, *facts[:2], label="a table of signs")
    whole = le(max_angle(), blur + moved.relation.rhs)
    near = average(average(facts[2], j, excluding=c), c, label="mean over pairs")
    return combine(whole, {moved: 1, near: 1}, facts=positive, label="|D| <= f D + eta")


PAIR = written_out(CENTRED)
__all__ = ["PAIR", "blur", "free_y", "sign_of_gap", "with_signs", "written_out"]
