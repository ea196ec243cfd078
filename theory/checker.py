# SPDX-License-Identifier: MIT
"""Verdicts: run an entry's proof, witness, false twins and true neighbour, and say what was established."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any

from theory.entry import Entry, Neighbour, Statement, Twin
from theory.expressions import Relation, is_index, sort_of, substitute
from theory.kernel import KernelError, Theorem, is_genuine, proof
from theory.rules.common import same_relation
from theory.symbols import C, d
from theory.witness import attains, refutes

PROVED, CERTIFIED, REFUTED, UNDECIDED = "PROVED", "CERTIFIED", "REFUTED", "UNDECIDED"


@dataclass(frozen=True)
class Row:
    """One line of the ledger."""

    name: str
    kind: str
    verdict: str
    evidence: str
    steps: int
    seconds: float
    source: str
    expected: bool
    region: str = ""
    uncovered: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return asdict(self)


def establishes(theorem: Theorem, statement: Statement) -> bool:
    """Whether a genuine theorem states this conclusion and assumes no more than these hypotheses."""
    return (
        is_genuine(theorem)
        and theorem.conclusion == statement.conclusion
        and all(any(_implied(b, a) for b in statement.hypotheses) for a in theorem.hypotheses)
    )


def _implied(given: Relation, needed: Relation) -> bool:
    """Whether ``given`` is ``needed`` up to names of quantified indices, or a trivially stronger relation."""
    if given == needed:
        return True
    if len(given.over) != len(needed.over):
        return False
    for choice in permutations(given.over):
        if all(sort_of(a) == sort_of(b) for a, b in zip(needed.over, choice, strict=True)):
            renaming = dict(zip(needed.over, choice, strict=True))
            moved = needed.instance().map(lambda e, r=renaming: substitute(e, r))  # type: ignore[misc]
            if same_relation(given.instance(), moved):
                return True
    return False


def problems(entry: Entry) -> list[str]:
    """Everything that is wrong with the entry's evidence; empty if it can be believed."""
    found: list[str] = []
    if entry.prove is None:
        return found
    if not establishes(entry.theorem, entry.statement):
        return ["the proof does not end in the statement"]
    attained = entry.attained_of is not None and attains(entry.attained_of(), entry.statement)
    if entry.kind == "tight" and not attained:
        found.append("the witness does not attain the bound")
    for twin in entry.twins_of():
        if establishes(entry.theorem, twin.statement):
            found.append(f"the proof also establishes the false twin: {twin.change}")
        elif not refutes(twin.witness, twin.statement):
            found.append(f"the false twin is not refuted: {twin.change}")
    if entry.neighbour_of is not None:
        neighbour = entry.neighbour_of()
        if not establishes(neighbour.prove(), neighbour.statement):
            found.append(f"the true neighbour is not proved: {neighbour.change}")
        if any(_speaks(t, neighbour) and refutes(t.witness, neighbour.statement) for t in entry.twins_of()):
            found.append(f"a twin's witness 'refutes' the true neighbour: {neighbour.change}")
    return found


def _speaks(twin: Twin, neighbour: Neighbour) -> bool:
    """Whether the twin's witness has a value for every symbol of the neighbour."""
    claims = (*neighbour.statement.hypotheses, neighbour.statement.conclusion)
    symbols = {s for claim in claims for s in claim.free_symbols if not is_index(s)}
    return symbols <= {*twin.witness.values, C, d}


def check(entry: Entry) -> Row:
    """The entry's ledger row.  A failing proof is UNDECIDED with the step named, never an exception."""
    start = time.perf_counter()
    steps = 0
    try:
        wrong = problems(entry)
        if entry.prove is not None:
            steps = len(proof(entry.theorem))
    except (KernelError, ValueError, KeyError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    if entry.prove is None:
        verdict, evidence = UNDECIDED, "quoted; no proof and no refutation here"
    elif wrong:
        verdict, evidence = UNDECIDED, "; ".join(wrong)
    else:
        verdict = CERTIFIED if entry.theorem.certified else PROVED
        twins = len(entry.twins_of())
        parts = [f"{steps} kernel steps"]
        parts += ["attained by an exact witness"] if entry.attained_of else []
        parts += [f"{twins} false twins refuted"] if twins else []
        evidence = ", ".join(parts)
    open_kinds = ("published", "conjecture")
    expected = verdict in (PROVED, CERTIFIED) or (entry.kind in open_kinds and entry.prove is None)
    seconds = time.perf_counter() - start
    return Row(
        entry.name,
        entry.kind,
        verdict,
        evidence,
        steps,
        round(seconds, 3),
        entry.source,
        expected,
        entry.region,
        entry.uncovered,
    )
