# SPDX-License-Identifier: MIT
"""Whether a theorem file keeps to the exact, declared language: no floats, only symbols of the table.

The kernel refuses what could mean two things; this is about what a reader must be able to look up.  A symbol
is declared in ``theory/symbols.py``, or by the lemma or theorem file that needs it, and has the domain that
was declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Function, Symbol
from sympy.core.function import AppliedUndef

from theory.discovery import path_of, roots
from theory.expressions import Claim, Exists, Expansion, Relation, is_index
from theory.language import NotAStatement, check_claim
from theory.symbols import LATEX, LOCAL, SESSION, SHARED, TABLE, C
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
    """Keep the symbols of ``theory.symbols``: the list says which ones were given other domains meanwhile."""
    conflicts: list[str] = []
    table, latex = dict(TABLE), dict(LATEX)
    try:
        yield conflicts
    finally:
        for name, entry in SHARED.items():
            now = TABLE[name]
            if now is not table[name]:
                TABLE[name], LATEX[name] = table[name], latex.get(name, entry.latex)
                if now.domain != entry.domain:
                    conflicts.append(
                        f"declares the symbol {name!r} as {now.domain}; the table of symbols says "
                        f"{entry.domain}"
                    )


def meanings(name: str, entry: Entry) -> list[Meaning]:
    """What a symbol's name may stand for in an entry.

    A name of ``theory.symbols`` has one meaning; other names may have one in the entry's own file and in each
    lemma file.  An entry of a session has the session's meaning first.
    """
    if not entry.file and name in SESSION:
        return [SESSION[name]]
    if name in SHARED:
        return [SHARED[name]]
    own = str(path_of(entry.file)) if entry.file else ""
    folders = tuple(map(str, roots()))
    tables = [table for file, table in LOCAL.items() if file == own or not _below(file, folders)]
    return [table[name] for table in tables if name in table]


@cache
def _below(file: str, folders: tuple[str, ...]) -> bool:
    return any(Path(file).is_relative_to(folder) for folder in folders)


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
    statement = entry.statement
    for claim in (statement.conclusion, *statement.hypotheses):
        found += _claim_problems(claim, claim is not statement.conclusion, entry)
    for formula in (entry.measurable, entry.formula):
        if formula is not None:
            conditions = [side for c in formula.conditions for side in (c.lhs, c.rhs)]
            found += _floats([formula.bound, *conditions], "the formula")
    return list(dict.fromkeys(found))


def _claim_problems(claim: Claim, hypothesis: bool, entry: Entry) -> list[str]:
    if not isinstance(claim, Relation | Exists | Expansion):
        return [f"{claim!r} is not a relation, an existence claim or an expansion"]
    exprs = parts(claim)
    if any(expr.has(sympy.Float) for expr in map(sympy.sympify, exprs)):
        return _floats(exprs, f"the {'hypothesis' if hypothesis else 'claim'} {claim}")
    found = []
    bound = set(claim.constants) if isinstance(claim, Exists) else set()
    for expr in exprs:
        symbols = {s for s in expr.atoms(Symbol) if not is_index(s)} - bound
        functions = {a.func for a in expr.atoms(AppliedUndef)}
        for thing in sorted(symbols | functions, key=str):
            problem = undeclared(thing, entry)
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


def undeclared(thing: Any, entry: Entry) -> str | None:
    """What is wrong with a symbol or atom: not declared, or not with these assumptions; None if nothing."""
    name = str(getattr(thing, "name", None) or getattr(thing, "__name__", thing))
    kind = "symbol" if isinstance(thing, Symbol) else "atom"
    if thing == C:
        return None
    known = meanings(name, entry)
    if not known:
        return f"the {kind} {name!r} is not declared: declare it with its meaning and domain (theory.symbols)"
    make = Symbol if kind == "symbol" else Function
    if any(thing == make(name, **_ASSUMPTIONS.get(meaning.domain, {})) for meaning in known):
        return None
    given = ", ".join(sorted(k for k, v in getattr(thing, "_assumptions_orig", {}).items() if v)) or "none"
    return (
        f"the {kind} {name!r} has the assumptions {given}; the table of symbols says "
        f"{' or '.join(sorted({meaning.domain for meaning in known}))}"
    )


def _brief(thing: Any, limit: int = 160) -> str:
    text = str(thing)
    return text if len(text) <= limit else f"{text[:limit]}..."
