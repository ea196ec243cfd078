# SPDX-License-Identifier: MIT
"""Statements and theorems as one formula, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable

from theory.expressions import Claim, Relation
from theory.rendering.breaking import rows
from theory.rendering.claims import folded_claim, folded_latex, sides
from theory.rendering.names import Names
from theory.rendering.printer import Printer

WIDEST_ROW = 84.0


def sequent_latex(hypotheses: Iterable[Relation], conclusion: Claim, sign: str = r"\Longrightarrow") -> str:
    """LaTeX without delimiters: one hypothesis a line, then ``sign`` and the conclusion, broken over rows."""
    given = [folded_claim(a) for a in hypotheses]
    claim = folded_claim(conclusion)
    printer = Printer(Names(side for c in (*given, claim) for side in sides(c)))
    broken = rows(folded_latex(claim, printer), WIDEST_ROW)
    if not given and len(broken) == 1:
        return broken[0]
    lines = [row for a in given for row in rows(folded_latex(a, printer), WIDEST_ROW)]
    if given:
        broken[0] = rf"{sign}\; {broken[0]}"
    body = r" \\ ".join(f"& {line}" for line in [*lines, *broken])
    return rf"\begin{{aligned}}{body}\end{{aligned}}"
