# SPDX-License-Identifier: MIT
"""Verdicts: run an entry's proof, witness, false twins and true neighbour, and say what was established."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

from theory.declarations import guarded, language_problems
from theory.discovery import path_of, roots, sibling_imports
from theory.entry import Entry, Neighbour, Statement, Witness
from theory.expressions import Relation, applied_functions, is_index, sort_of, substitute
from theory.kernel import Theorem, is_genuine, proof
from theory.ledger import CERTIFIED, PROVED, REFUTED, UNDECIDED, Row
from theory.rules.common import same_relation
from theory.symbols import C, d
from theory.witness import attains, refutes

__all__ = ["CERTIFIED", "PROVED", "REFUTED", "UNDECIDED", "Row", "check", "establishes", "problems"]


def establishes(theorem: Theorem, statement: Statement) -> bool:
    """Whether a genuine theorem states this conclusion and assumes no more than these hypotheses."""
    return (
        is_genuine(theorem)
        and theorem.conclusion == statement.conclusion
        and all(_given(a, statement.hypotheses) for a in theorem.hypotheses)
    )


def _given(needed: Relation, given: tuple[Relation, ...]) -> bool:
    """Whether one of the hypotheses is ``needed``; the likeliest, which speak of the same, come first."""
    if needed in given:
        return True
    subject = _subject(needed)
    return any(implies(b, needed) for b in sorted(given, key=lambda b: len(_subject(b) ^ subject)))


def _subject(relation: Relation) -> set[object]:
    functions = applied_functions(relation.lhs) | applied_functions(relation.rhs)
    return functions | {s for s in relation.free_symbols if not is_index(s)}


def implies(given: Relation, needed: Relation) -> bool:
    """Whether ``given`` is ``needed`` up to names of quantified indices, or a trivially stronger relation."""
    if given == needed:
        return True
    # an index that ``needed`` leaves free must not be taken for a quantified one: f(c, c) for all c is less
    if len(given.over) != len(needed.over) or set(given.over) & needed.free_symbols:
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
    if entry.refutation_of is not None:
        with _during("the witness against the claim"):
            if not refutes(entry.refutation_of(), entry.statement):
                found.append("the witness does not refute the claim")
    if entry.prove is not None:
        if not establishes(entry.theorem, entry.statement):
            return [f"the proof does not end in the statement: it ends in {_brief(entry.theorem)}"]
        with _during("the witness that attains the bound"):
            attained = entry.attained_of is not None and attains(entry.attained_of(), entry.statement)
        if entry.kind == "tight" and not attained:
            found.append("the witness does not attain the bound")
        for twin in entry.twins:
            with _during(f"the false twin: {twin.change}"):
                if establishes(entry.theorem, twin.statement):
                    found.append(f"the proof also establishes the false twin: {twin.change}")
                elif not refutes(twin.witness, twin.statement):
                    found.append(f"the false twin is not refuted: {twin.change}")
    if entry.neighbour_of is not None:
        neighbour = entry.neighbour_of()
        with _during(f"the true neighbour: {neighbour.change}"):
            found += _neighbour_problems(entry, neighbour)
    return found


@contextmanager
def _during(what: str) -> Iterator[None]:
    """Notes on an exception which part of the evidence was being looked at."""
    try:
        yield
    except Exception as error:
        error.add_note(what)
        raise


def _brief(thing: object, limit: int = 300) -> str:
    text = str(thing)
    return text if len(text) <= limit else f"{text[:limit]}..."


def _neighbour_problems(entry: Entry, neighbour: Neighbour) -> list[str]:
    """The true neighbour must be proved, and no witness against a false statement may touch it."""
    found = []
    if not establishes(neighbour.prove(), neighbour.statement):
        found.append(f"the true neighbour is not proved: {neighbour.change}")
    witnesses = [twin.witness for twin in entry.twins]
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
    """The entry's ledger row.

    Whatever goes wrong makes the verdict UNDECIDED, never an exception: the evidence names the file, the line
    of the step, the rule and the reason.
    """
    from theory.registry import asking

    start = time.perf_counter()
    steps = 0
    with guarded() as conflicts, asking() as asked:
        try:
            wrong = language_problems(entry) or problems(entry)
            if entry.prove is not None and not wrong:
                steps = len(proof(entry.theorem))
        except Exception as error:
            wrong = [f"{_place(error)}{_words(error)}"]
    wrong += [*conflicts, *_unlisted(entry, asked)] if entry.file else []
    verdict, evidence = _verdict(entry, wrong, steps)
    if wrong and entry.file and not evidence.startswith(entry.file):
        evidence = f"{entry.file}: {evidence}"
    return Row(
        name=entry.name,
        kind=entry.kind,
        verdict=verdict,
        evidence=evidence,
        steps=steps,
        seconds=round(time.perf_counter() - start, 3),
        source=entry.source,
        expected=not wrong
        and (verdict == _expected(entry) or (verdict == CERTIFIED and _expected(entry) == PROVED)),
        region=entry.region,
        uncovered=entry.uncovered,
        file=entry.file,
    )


def _place(error: BaseException) -> str:
    """Where it happened: the innermost line of a theorem file, and of a lemma that it called."""
    package = Path(__file__).parent
    places: dict[str, str] = {}
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        for root in (*roots(), package / "lemmas"):
            if path.is_relative_to(root):
                inside = path.is_relative_to(package)
                shown = f"theory/{path.relative_to(package).as_posix()}" if inside else str(path)
                places[shown] = f"{shown}, line {frame.lineno}, in {frame.name}"
    return "".join(f"{place}: " for place in places.values())


def _words(error: BaseException) -> str:
    """The exception in words: what was being looked at, its type and its message."""
    notes = [f"{note}: " for note in getattr(error, "__notes__", [])]
    missing = " has no value at the witness" if notes and isinstance(error, KeyError) else ""
    return f"{''.join(notes)}{type(error).__name__}: {error}{missing}"


def _unlisted(entry: Entry, asked: set[str]) -> list[str]:
    """Other theorems that this one takes without listing them: their changes would not be noticed."""
    from theory.registry import premises

    names = sorted(asked - premises(entry.name) - {entry.name})
    found = [f"builds on {name!r} and does not list it in uses" for name in names]
    siblings = sibling_imports(path_of(entry.file))
    return found + [f"imports the theorem file {other}: name it in uses" for other in siblings]


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
    twins = len(entry.twins)
    parts = [f"{steps} kernel steps"]
    parts += ["attained by an exact witness"] if entry.attained_of else []
    parts += [f"{twins} false twins refuted"] if twins else []
    return CERTIFIED if entry.theorem.certified else PROVED, ", ".join(parts)
