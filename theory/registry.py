# SPDX-License-Identifier: MIT
"""Discovery: the ``THEOREM`` of every file below ``theory/theorems/``, premises first.

A file that cannot be a theorem is refused, with the file, the place and the reason, and so is what builds on
it; the rest of the library is there as if the file were not.
"""

from __future__ import annotations

import difflib
import importlib
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from theory.checker import check
from theory.declarations import guarded
from theory.discovery import Refusal, TheoremFile, arrange, claimed_name, closure, theorem_files
from theory.entry import Entry
from theory.ledger import Row


class UnknownTheorem(KeyError):
    """No theorem has this name; the message gives the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


class RefusedTheorem(UnknownTheorem):
    """The theorem's file was refused; the message says where and why."""


@dataclass(frozen=True)
class Library:
    """The theorem files, imported.

    Attributes:
        entries: name -> theorem, each after the ones it uses.
        refusals: the files that take no part, and why.
    """

    entries: Mapping[str, Entry]
    refusals: tuple[Refusal, ...]


@lru_cache
def library() -> Library:
    """Import every theorem file.  Never raises for what is in one: such a file is among the refusals."""
    found: dict[str, Entry] = {}
    refusals: list[Refusal] = []
    for file in theorem_files():
        entry = _load(file)
        if isinstance(entry, Entry) and entry.name in found:
            taken = f"the name {entry.name!r} is taken by {found[entry.name].file}; names are unique"
            entry = Refusal(file.shown, entry.name, "", taken)
        if isinstance(entry, Refusal):
            refusals.append(entry)
        else:
            object.__setattr__(entry, "file", file.shown)
            found[entry.name] = entry
    entries, reasons = arrange(found, {r.name: f"{r.file}: {r.reason}" for r in refusals if r.name})
    refusals += [Refusal(found[name].file, name, "uses", reason) for name, reason in reasons.items()]
    refusals.sort(key=lambda refusal: refusal.file)
    return Library(MappingProxyType(entries), tuple(refusals))


def _load(file: TheoremFile) -> Entry | Refusal:
    """The file's entry, or why it has none.  Whatever the file raises stays here."""
    name, step = claimed_name(file.path), ""
    try:
        if not all(part.isidentifier() for part in file.module.split(".")):
            return Refusal(file.shown, name, "", "file and folder names must be Python identifiers")
        with guarded() as conflicts:
            entry = getattr(importlib.import_module(file.module), "THEOREM", None)
    except (Exception, SystemExit) as error:
        if isinstance(error, SyntaxError) and error.filename == str(file.path):
            return Refusal(file.shown, name, f"line {error.lineno}", f"{type(error).__name__}: {error.msg}")
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename) == file.path:
                step = f"line {frame.lineno}"
        return Refusal(file.shown, name, step, f"{type(error).__name__}: {error}")
    if not isinstance(entry, Entry):
        return Refusal(file.shown, name, "", f"has no THEOREM of type Entry, but {type(entry).__name__}")
    if conflicts:
        return Refusal(file.shown, entry.name, "", "; ".join(conflicts))
    return entry


def theorems() -> Mapping[str, Entry]:
    """The registry: name -> entry, each after the ones it uses.

    Files that were refused are missing from it; a warning (``RuntimeWarning``) names each of them, once.
    """
    _warn()
    return library().entries


@lru_cache
def _warn() -> None:
    for refusal in library().refusals:
        warnings.warn(f"theorem file refused: {refusal}", RuntimeWarning, stacklevel=3)


def refused() -> tuple[Refusal, ...]:
    """The theorem files that take no part in the library, each with the place and the reason."""
    return library().refusals


_asked: ContextVar[set[str] | None] = ContextVar("asked", default=None)


@contextmanager
def asking() -> Iterator[set[str]]:
    """Collects the names that are asked for by :func:`get` meanwhile."""
    names: set[str] = set()
    token = _asked.set(names)
    try:
        yield names
    finally:
        _asked.reset(token)


def get(name: str) -> Entry:
    """The theorem called ``name``.

    Raises:
        RefusedTheorem: its file was refused; says where and why.
        UnknownTheorem: there is none; gives the nearest name.
    """
    asked = _asked.get()
    if asked is not None:
        asked.add(name)
    registry = library().entries
    if name not in registry:
        for refusal in library().refusals:
            if refusal.name == name:
                raise RefusedTheorem(f"the theorem {name!r} was refused: {refusal}")
        raise UnknownTheorem(unknown(name, registry))
    return registry[name]


def unknown(name: str, known: Iterable[str]) -> str:
    """Words for a name that no theorem has."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"no theorem is called {name!r}{hint} (python -m theory --list shows all)"


def premises(name: str) -> frozenset[str]:
    """Names of everything that the theorem builds on, through ``uses``; empty if it is not registered."""
    entries = library().entries
    return frozenset(e.name for e in closure(name, entries)) - {name} if name in entries else frozenset()


def verify(names: Iterable[str] | None = None) -> list[Row]:
    """Check the named theorems (default: all) and return the ledger, one row each.

    Everything is checked anew in this process; the verdicts that ``python -m theory`` keeps are neither read
    nor written (``theory.verdicts.ledger`` does that).  Files that were refused have no row: ``refused()``.
    """
    entries = theorems().values() if names is None else [get(name) for name in names]
    return [check(entry) for entry in entries]
