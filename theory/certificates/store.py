# SPDX-License-Identifier: MIT
"""Certificates in files, one file a theorem, found by the inequality, its box and its contacts.

A file is {"certificates": [...]}, and each of these has

    lhs, relation, rhs   the inequality, as SymPy prints it ("<=" or "<")
    domains, sides       symbol -> "real", "nonnegative", "positive" or "integer", and -> [lower, upper]
    contacts             where equality holds: [{"at": {symbol: coordinate}, "order": n}]
    tree                 the cover (see cover.py), broken into lines; the sides are in the order of ``sides``
    leaves               the number of boxes that were certified

Numbers are exact rationals as text.  Nothing in a file is believed: a checker recomputes every box.
"""

import json
import keyword
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import sympy

from theory.certificates.cover import CoverFailure, Inequality

FOLDER = Path(__file__).parent / "stored"
asked: list[Inequality] = []  # every inequality looked up, so that a tool can store what a proof needs


def described(claim: Inequality) -> dict[str, Any]:
    """The inequality as JSON data.  Raises ValueError for a symbol that cannot be written as a name."""
    for symbol in claim.symbols:
        if not symbol.name.isidentifier() or keyword.iskeyword(symbol.name):
            raise ValueError(f"the symbol {symbol} cannot be written in a certificate: rename it")
    return {
        "lhs": str(claim.lhs),
        "relation": "<" if claim.strict else "<=",
        "rhs": str(claim.rhs),
        "domains": {s.name: _domain(s) for s in claim.symbols},
        "sides": {
            s.name: [str(low), str(high)] for s, (low, high) in zip(claim.symbols, claim.sides, strict=True)
        },
        "contacts": [
            {"at": {s.name: str(x) for s, x in sorted(a.point.items(), key=str)}, "order": a.order}
            for a in claim.contacts
        ],
    }


def _domain(symbol: sympy.Symbol) -> str:
    if symbol.is_integer:
        return "integer"
    return "positive" if symbol.is_positive else "nonnegative" if symbol.is_nonnegative else "real"


def write(found: Sequence[tuple[Inequality, str, int]], path: Path) -> None:
    """Store covers: inequality, tree and number of leaves."""
    data = [described(claim) | {"leaves": n, "tree": textwrap.wrap(tree, 100)} for claim, tree, n in found]
    path.write_text(json.dumps({"certificates": data}, indent=1) + "\n")


def find(claim: Inequality) -> str | None:
    """The stored tree for exactly this inequality, box and contacts, or None."""
    asked.append(claim)
    try:
        return _stored().get(_key(described(claim)))
    except ValueError:
        return None


def _key(data: dict[str, Any]) -> str:
    return json.dumps([data[name] for name in ("lhs", "relation", "rhs", "domains", "sides", "contacts")])


@lru_cache
def _stored() -> dict[str, str]:
    """Inequality -> tree.  Raises CoverFailure for a file that is not a certificate."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        try:
            for data in json.loads(path.read_text())["certificates"]:
                found[_key(data)] = "".join(data["tree"])
        except (KeyError, TypeError, ValueError) as error:
            raise CoverFailure(f"{path.name} is not a certificate: {error!r}") from None
    return found
