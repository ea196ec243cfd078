# SPDX-License-Identifier: MIT
"""Claims in LaTeX: folded, with indices named for readers, vectors without their coordinate."""

from __future__ import annotations

from sympy import Expr, Symbol

from theory.expressions import Claim, Exists, Expansion, Relation, is_index, sort_of
from theory.rendering.binders import readable, standard_claim
from theory.rendering.fold import fold, is_linear
from theory.rendering.names import Names
from theory.rendering.printer import PRODUCT, Printer

SIGNS = {"==": "=", "<=": r"\le", "<": "<"}


def folded_claim(claim: Claim) -> Claim:
    """A claim with every side folded and indices named for readers."""
    claim = standard_claim(claim)
    if isinstance(claim, Exists):
        body = folded_claim(claim.body)
        assert isinstance(body, Relation)
        return Exists(claim.constants, body)
    if isinstance(claim, Expansion):
        first, second = (readable(fold(a)) for a in claim.coefficients)
        return Expansion(readable(fold(claim.quantity)), readable(fold(claim.variable)), (first, second))
    taken = claim.instance().free_symbols
    lhs, rhs = (readable(fold(side), taken) for side in (claim.lhs, claim.rhs))
    return Relation(lhs, claim.op, rhs, claim.over)


def sides(claim: Claim) -> tuple[Expr, ...]:
    """The expressions of a claim."""
    if isinstance(claim, Exists):
        return sides(claim.body)
    if isinstance(claim, Expansion):
        return (claim.quantity, claim.variable, *claim.coefficients)
    return (claim.lhs, claim.rhs)


def claim_latex(claim: Claim, names: Names | None = None) -> str:
    """A claim in LaTeX, on one line, folded."""
    return folded_latex(folded_claim(claim), Printer(names))


def folded_latex(claim: Claim, printer: Printer) -> str:
    """LaTeX of what ``folded_claim`` returned."""
    if isinstance(claim, Exists):
        constants = ", ".join(printer.text(k) for k in claim.constants)
        return rf"\exists\, {constants} > 0:\; {folded_latex(claim.body, printer)}"
    if isinstance(claim, Expansion):
        first, second = (printer.text(a, PRODUCT) for a in claim.coefficients)
        variable, quantity = printer.text(claim.variable), printer.text(claim.quantity)
        return rf"{quantity} = {first} \, x + {second} \, x^{{2}} + O(x^{{3}}), \quad x = {variable}"
    k = _coordinate(claim)
    with printer.dropping(k):
        text = f"{printer.text(claim.lhs)} {SIGNS[claim.op]} {printer.text(claim.rhs)}"
    over = ",".join(i.name for i in claim.over if i != k)
    return text + (rf" \quad \forall\, {over}" if over else "")


def _coordinate(claim: Relation) -> Symbol | None:
    """The index k where the claim says for every coordinate k that two vectors are equal."""
    free = [s for s in claim.instance().free_symbols if is_index(s) and sort_of(s) == "coordinate"]
    if claim.op != "==" or len(free) != 1 or (claim.over and free[0] not in claim.over):
        return None
    linear = all(side == 0 or is_linear(side, free[0]) for side in (claim.lhs, claim.rhs))
    return free[0] if linear and (claim.lhs, claim.rhs) != (0, 0) else None
