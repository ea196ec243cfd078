# SPDX-License-Identifier: MIT
"""The symbols in a statement, and what a reader is told about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from theory.declarations import meanings
from theory.expressions import Claim, is_index
from theory.rendering.claims import sides
from theory.rendering.names import with_indices
from theory.rendering.printer import Printer
from theory.symbols import SHARED

if TYPE_CHECKING:
    from theory.entry import Entry


def symbol_names(claims: Iterable[Claim]) -> list[str]:
    found = set()
    for claim in claims:
        for side in sides(claim):
            found |= _names_in(side)
    return sorted(found)


def _names_in(expr: Expr) -> set[str]:
    symbols = {s.name for s in expr.atoms(Symbol) if not is_index(s)}
    return symbols | {str(a.func) for a in expr.atoms(AppliedUndef)}


def told(claims: Sequence[Claim], printer: Printer, entry: Entry) -> tuple[tuple[str, str], ...]:
    """LaTeX and meaning of the symbols in a statement that are not in the common table."""
    found = []
    for name in symbol_names(claims):
        known = [m for m in meanings(name, entry) if name not in SHARED]
        if known:
            found.append(_described(printer.names.get(name), known[0].meaning, name))
    return tuple(found)


def _described(latex: str, meaning: str, name: str) -> tuple[str, str]:
    """ "rho(c, i): norm" is said of the symbol with its indices."""
    found = re.match(rf"{re.escape(name)}\(([^)]*)\):? *", meaning)
    if found is None:
        return latex, meaning
    return with_indices(latex, found[1].replace(" ", "")), meaning[found.end() :]
