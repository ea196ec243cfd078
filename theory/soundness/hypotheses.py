# SPDX-License-Identifier: MIT
"""Each hypothesis dropped in turn: a counterexample, or a proof that never used it, or an open question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import sympy
from sympy import Expr

from theory.checker import establishes
from theory.entry import Entry
from theory.expressions import Relation
from theory.normal_form import sign
from theory.soundness.attack import Target, own_witnesses
from theory.soundness.search import counterexample
from theory.soundness.store import from_data, text_of, to_data
from theory.statement import Statement, Witness
from theory.witness import refutes

NEEDED, UNNECESSARY, DOMAIN, OPEN = "needed", "unnecessary", "domain", "open"


@dataclass(frozen=True)
class Fate:
    """What becomes of a theorem without one of its hypotheses.

    ``verdict``: "needed" (an exact counterexample), "unnecessary" (the proof does not use it), "domain" (the
    proof does not use it, but without it a logarithm or denominator of the statement may not exist), "open"
    (used, and no counterexample found).  ``counterexample`` is plain data for ``theory.soundness.store``.
    """

    number: int
    hypothesis: str
    verdict: str
    counterexample: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without the counterexample."""
        return {k: v for k, v in asdict(self).items() if k != "counterexample"}


def without(statement: Statement, n: int) -> Statement:
    """The statement with hypothesis number ``n`` (from 0) dropped."""
    return Statement(statement.conclusion, (*statement.hypotheses[:n], *statement.hypotheses[n + 1 :]))


def fates(
    entry: Entry,
    target: Target,
    stored: Mapping[str, Any],
    *,
    seconds: float,
    walks: int = 200,
    steps: int = 200,
) -> list[Fate]:
    """The fate of every hypothesis of ``target``, with ``seconds`` of search where nothing is on file."""
    statement = target.statement
    known = own_witnesses(entry)
    result = []
    for n, hypothesis in enumerate(statement.hypotheses):
        weaker = without(statement, n)
        if establishes(target.theorem, weaker):
            result.append(
                Fate(n, text_of(hypothesis), DOMAIN if _defines(hypothesis, statement) else UNNECESSARY)
            )
            continue
        data = _on_file(stored.get(text_of(hypothesis)), weaker)
        if data is None and isinstance(statement.conclusion, Relation):
            seed = crc32(f"{entry.name}/{n}".encode())
            found = search(weaker, known, seed=seed, walks=walks, steps=steps, seconds=seconds)
            data = None if found is None else to_data(found, weaker)
        result.append(Fate(n, text_of(hypothesis), OPEN if data is None else NEEDED, data))
    return result


def search(
    statement: Statement, known: Sequence[Witness], *, seed: int, walks: int, steps: int, seconds: float
) -> Witness | None:
    """A known witness that refutes the statement, or one that the search finds."""
    for witness in known:
        try:
            if refutes(witness, statement):
                return witness
        except (KeyError, ValueError, TypeError):
            continue
    if seconds <= 0:
        return None
    return counterexample(statement, known, seed=seed, walks=walks, steps=steps, seconds=seconds)


def _on_file(data: dict[str, Any] | None, statement: Statement) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        return data if refutes(from_data(data, statement), statement) else None
    except (KeyError, ValueError, TypeError):
        return None


def _defines(hypothesis: Relation, statement: Statement) -> bool:
    """Whether a logarithm or denominator of the statement may need the inequality."""
    if hypothesis.op == "==":
        return False
    claims = [a for a in (statement.conclusion, *statement.hypotheses) if isinstance(a, Relation)]
    shared = hypothesis.free_symbols
    return any(
        part.free_symbols & shared and _sign(part) is None
        for claim in claims
        for side in (claim.lhs, claim.rhs)
        for part in _delicate(side)
    )


def _sign(part: Expr) -> str | None:
    try:
        return sign(part)
    except ValueError:  # outside the language: certainly not visible
        return None


def _delicate(expr: Expr) -> list[Expr]:
    """Arguments of logarithms, denominators and bases of fractional powers."""
    found = []
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.log):
            found.append(node.args[0])
        elif isinstance(node, sympy.Pow) and not (isinstance(node.exp, sympy.Integer) and node.exp > 0):
            found.append(node.base)
    return found
