# SPDX-License-Identifier: MIT
"""Whether a theorem file keeps to the exact, declared language: no floats, only symbols of the table.

The kernel refuses what could mean two things; this is about what a reader must be able to look up.  A symbol
is declared once, in ``theory/symbols.py`` or by the lemma or theorem file that needs it, and has the domain
that the table gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Function, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Claim, Exists, Expansion, Relation, is_index
from theory.language import NotAStatement, check_claim
from theory.symbols import LATEX, LIBRARY, SESSION, TABLE, C
from theory.symbols import Entry as Meaning

if TYPE_CHECKING:
    from theory.entry import Entry

_ASSUMPTIONS: dict[str, dict[str, bool]] = {
    "real": {"real": True},
    "real, >= 0": {"real": True, "nonnegative": True},
    "real, > 0": {"positive": True},
}


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Keep the library's symbols from being changed: the list says which ones were given other domains.

    New symbols stay; a symbol that was there before keeps its meaning, whatever is declared meanwhile.
    """
    conflicts: list[str] = []
    library, table, latex = dict(LIBRARY), dict(TABLE), dict(LATEX)
    try:
        yield conflicts
    finally:
        for name, entry in library.items():
            now = LIBRARY[name]
            if now != entry:
                LIBRARY[name], TABLE[name], LATEX[name] = entry, table[name], latex.get(name, entry.latex)
            if now.domain != entry.domain:
                conflicts.append(
                    f"declares the symbol {name!r} as {now.domain}; the table of symbols says {entry.domain}"
                )


def parts(claim: Claim) -> tuple[Any, ...]:
    """The expressions of a claim."""
    if isinstance(claim, Exists):
        return parts(claim.body)
    if isinstance(claim, Expansion):
        return (claim.quantity, claim.variable, *claim.coefficients)
    return (claim.lhs, claim.rhs)


def language_problems(entry: Entry) -> list[str]:
    """Floats, ill-formed claims and undeclared symbols in the statement and the formulas, each named."""
    found: list[str] = []
    table = LIBRARY if entry.file else {**LIBRARY, **SESSION}
    statement = entry.statement
    for claim in (statement.conclusion, *statement.hypotheses):
        found += _claim_problems(claim, claim is not statement.conclusion, table)
    for formula in (entry.measurable, entry.formula):
        if formula is not None:
            conditions = [side for c in formula.conditions for side in (c.lhs, c.rhs)]
            found += _floats([formula.bound, *conditions], "the formula")
    return list(dict.fromkeys(found))


def _claim_problems(claim: Claim, hypothesis: bool, table: Mapping[str, Meaning]) -> list[str]:
    if not isinstance(claim, Relation | Exists | Expansion):
        return [f"{claim!r} is not a relation, an existence claim or an expansion"]
    exprs = parts(claim)
    found = _floats(exprs, f"the {'hypothesis' if hypothesis else 'claim'} {claim}")
    if found:
        return found
    bound = set(claim.constants) if isinstance(claim, Exists) else set()
    for expr in exprs:
        symbols = {s for s in expr.atoms(Symbol) if not is_index(s)} - bound
        functions = {a.func for a in expr.atoms(AppliedUndef)}
        for thing in sorted(symbols | functions, key=str):
            problem = undeclared(thing, table)
            if problem:
                found.append(f"{problem} (in {_brief(expr)})")
    if found:
        return found
    try:
        check_claim(claim, hypothesis=hypothesis)
    except NotAStatement as error:
        return [f"{claim} is not in the statement language: {error}"]
    return []


def _floats(exprs: Iterable[Any], where: str) -> list[str]:
    """Floats among the expressions, each with the expression that it is in."""
    return [
        f"a float in {_brief(expr)} ({_brief(where)}): statements are exact, write Rational(1, 2) for 0.5"
        for expr in map(sympy.sympify, exprs)
        if expr.has(sympy.Float)
    ]


def undeclared(thing: Any, table: Mapping[str, Meaning]) -> str | None:
    """What is wrong with a symbol or atom: not in the table, or not of the table's domain; else None."""
    name = str(getattr(thing, "name", None) or getattr(thing, "__name__", thing))
    kind = "symbol" if isinstance(thing, Symbol) else "atom"
    if name not in table:
        return f"the {kind} {name!r} is not declared: declare it with its meaning and domain (theory.symbols)"
    domain = table[name].domain
    if kind == "atom":
        expected: Any = Function(name, **_ASSUMPTIONS.get(domain, {}))
    else:
        expected = (
            C if thing == C and domain == table["C"].domain else Symbol(name, **_ASSUMPTIONS.get(domain, {}))
        )
    if thing == expected:
        return None
    given = ", ".join(sorted(k for k, v in getattr(thing, "_assumptions_orig", {}).items() if v)) or "none"
    return f"the {kind} {name!r} has the assumptions {given}; the table of symbols says {domain}"


def _brief(thing: Any, limit: int = 160) -> str:
    text = str(thing)
    return text if len(text) <= limit else f"{text[:limit]}..."
