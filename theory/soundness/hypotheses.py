# SPDX-License-Identifier: MIT
"""Each hypothesis dropped in turn: a counterexample, a proof that it is not needed, or an open question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

from theory.checker import establishes
from theory.entry import Entry
from theory.expressions import Relation
from theory.soundness.attack import Target, own_witnesses
from theory.soundness.choices import chosen_anew
from theory.soundness.hunt import hunt
from theory.soundness.meaning import find, meaningless
from theory.soundness.store import COUNTEREXAMPLES, MEANINGLESS, from_data, load, text_of, to_data
from theory.soundness.symmetry import partners
from theory.statement import Statement, Witness
from theory.witness import refutes

NEEDED, UNNECESSARY, SIGNS, DOMAIN, OPEN = "needed", "unnecessary", "signs", "domain", "open"
CHOICE = "choice"


@dataclass(frozen=True)
class Fate:
    """What becomes of a theorem without one of its hypotheses.

    ``verdict``: "needed" (an exact counterexample), "unnecessary" (the proof does not use it), "signs" (a
    change of signs of the atoms ``why`` makes it superfluous), "choice" (it speaks of ``why``, which can be
    chosen anew so that it holds), "domain" (without it ``why``, a logarithm,
    quotient or root of the statement, has no value at an exact configuration), "open" (none of these).
    ``witness`` is plain data for ``theory.soundness.store``.
    """

    number: int
    hypothesis: str
    verdict: str
    why: str = ""
    witness: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without the witness."""
        return {k: v for k, v in asdict(self).items() if k != "witness"}


@dataclass(frozen=True)
class OnFile:
    """The witnesses on file about one theorem, by the text of the dropped hypothesis."""

    counterexamples: Mapping[str, Any]
    meaningless: Mapping[str, Any]

    @classmethod
    def about(cls, name: str) -> OnFile:
        """What is kept about the theorem ``name``."""
        return cls(load(COUNTEREXAMPLES).get(name, {}), load(MEANINGLESS).get(name, {}))


NOTHING = OnFile({}, {})


def without(statement: Statement, n: int) -> Statement:
    """The statement with hypothesis number ``n`` (from 0) dropped."""
    return Statement(statement.conclusion, (*statement.hypotheses[:n], *statement.hypotheses[n + 1 :]))


def fates(entry: Entry, target: Target, stored: OnFile = NOTHING, *, seconds: float) -> list[Fate]:
    """The fate of every hypothesis of ``target``, with ``seconds`` of search where nothing is on file."""
    return [_fate(entry, target, n, stored, seconds) for n in range(len(target.statement.hypotheses))]


def _fate(entry: Entry, target: Target, n: int, stored: OnFile, seconds: float) -> Fate:
    statement = target.statement
    text, weaker = text_of(statement.hypotheses[n]), without(statement, n)
    used = not establishes(target.theorem, weaker)
    if used:
        data = on_file(stored.counterexamples.get(text), weaker)
        if data is not None:
            return Fate(n, text, NEEDED, witness=data)
    if (why := what_fails(stored.meaningless.get(text), statement, n)) is not None:
        return Fate(n, text, DOMAIN, why, stored.meaningless[text])
    known = own_witnesses(entry)
    if not used:
        return _without_meaning(statement, n, known) or Fate(n, text, UNNECESSARY)
    if (atoms := partners(statement, n)) is not None:
        return Fate(n, text, SIGNS, " and ".join(atoms))
    if (words := chosen_anew(statement, n)) is not None:
        return Fate(n, text, CHOICE, words)
    if isinstance(statement.conclusion, Relation):
        known += without_another(stored, statement)
        seed = crc32(f"{entry.name}/{n}".encode())
        found = hunt(weaker, statement.hypotheses[n], known, seed=seed, seconds=seconds)
        if found is not None:
            return Fate(n, text, NEEDED, witness=to_data(found, weaker))
    return _without_meaning(statement, n, known) or Fate(n, text, OPEN)


def _without_meaning(statement: Statement, n: int, known: Sequence[Witness]) -> Fate | None:
    """The fate "domain" if a configuration is found where something has no value."""
    found = find(statement, n, known)
    if found is None:
        return None
    why = meaningless(statement, n, found) or ""
    return Fate(n, text_of(statement.hypotheses[n]), DOMAIN, why, to_data(found, statement))


def without_another(stored: OnFile, statement: Statement) -> list[Witness]:
    """The counterexamples on file to the theorem without one of its hypotheses, whichever it is."""
    found = []
    for data in stored.counterexamples.values():
        try:
            found.append(from_data(data, statement))
        except (KeyError, ValueError, TypeError):
            continue
    return found


def on_file(data: dict[str, Any] | None, statement: Statement) -> dict[str, Any] | None:
    """The data again if the configuration refutes the statement."""
    if data is None:
        return None
    try:
        return data if refutes(from_data(data, statement), statement) else None
    except (KeyError, ValueError, TypeError):
        return None


def what_fails(data: dict[str, Any] | None, statement: Statement, n: int) -> str | None:
    """What has no value at the configuration on file, which violates hypothesis ``n``; None if nothing."""
    if data is None:
        return None
    try:
        return meaningless(statement, n, from_data(data, statement))
    except (KeyError, ValueError, TypeError):
        return None
