# SPDX-License-Identifier: MIT
"""Verdicts: run an entry's proof, witness, false twins and true neighbour, and say what was established."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any

from theory.entry import Entry, Neighbour, Statement, Witness
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
    if entry.refutation_of is not None and not refutes(entry.refutation_of(), entry.statement):
        found.append("the witness does not refute the claim")
    if entry.prove is not None:
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
        found += _neighbour_problems(entry, entry.neighbour_of())
    return found


def _neighbour_problems(entry: Entry, neighbour: Neighbour) -> list[str]:
    """The true neighbour must be proved, and no witness against a false statement may touch it."""
    found = []
    if not establishes(neighbour.prove(), neighbour.statement):
        found.append(f"the true neighbour is not proved: {neighbour.change}")
    witnesses = [twin.witness for twin in entry.twins_of()]
    witnesses += [entry.refutation_of()] if entry.refutation_of is not None else []
    if any(_speaks(w, neighbour) and refutes(w, neighbour.statement) for w in witnesses):
        found.append(f"a witness 'refutes' the true neighbour: {neighbour.change}")
    return found


def _speaks(witness: Witness, neighbour: Neighbour) -> bool:
    """Whether the witness has a value for every symbol of the neighbour."""
    claims = (*neighbour.statement.hypotheses, neighbour.statement.conclusion)
    symbols = {s for claim in claims for s in claim.free_symbols if not is_index(s)}
    return symbols <= {*witness.values, C, d}


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
    verdict, evidence = _verdict(entry, wrong, steps)
    return Row(
        entry.name,
        entry.kind,
        verdict,
        evidence,
        steps,
        round(time.perf_counter() - start, 3),
        entry.source,
        verdict == _expected(entry) or (verdict == CERTIFIED and _expected(entry) == PROVED),
        entry.region,
        entry.uncovered,
    )


def _expected(entry: Entry) -> str:
    if entry.refutation_of is not None:
        return REFUTED
    return UNDECIDED if entry.prove is None else PROVED


def _verdict(entry: Entry, wrong: list[str], steps: int) -> tuple[str, str]:
    if wrong:
        return UNDECIDED, "; ".join(wrong)
    if entry.refutation_of is not None:
        return REFUTED, f"by an exact witness: {entry.refutation_of().note}"
    if entry.prove is None:
        return UNDECIDED, "quoted; no proof and no refutation here"
    twins = len(entry.twins_of())
    parts = [f"{steps} kernel steps"]
    parts += ["attained by an exact witness"] if entry.attained_of else []
    parts += [f"{twins} false twins refuted"] if twins else []
    return CERTIFIED if entry.theorem.certified else PROVED, ", ".join(parts)
