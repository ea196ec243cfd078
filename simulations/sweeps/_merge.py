# SPDX-License-Identifier: MIT
"""Stores of several machines brought together, and looked through for damage.

The key of a record states configuration, code and libraries, not the machine: on another processor the same
run may differ in the last digits. Such a pair is a conflict. Both are kept, the one that was here under its
key and the other under `conflicts/`, and what differs is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulations.sweeps.store import Damaged, Record, Store, write_atomically


@dataclass
class Merged:
    """What a merge did, by key: copied, had (here already, the same bytes), conflicts (in words what
    differs), damaged (why a file of the other store was left out)."""

    copied: list[str] = field(default_factory=list)
    had: list[str] = field(default_factory=list)
    conflicts: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)


def merge(other: Store, into: Store) -> Merged:
    """Copy the records of one store into another; nothing that is there is overwritten, nothing in `other`
    changes. Sweeps may be at work on either. Raises OSError when `into` cannot be written."""
    done = Merged()
    for key in other:
        try:
            record = other.load(key)
        except (Damaged, FileNotFoundError) as reason:
            done.damaged[key] = str(reason)
            continue
        mine = _insert(other, into, key)
        if mine is None:
            done.copied.append(key)
        elif other.path(key).read_bytes() == into.path(key).read_bytes():
            done.had.append(key)
        else:
            done.conflicts[key] = explain(mine, record)
            _keep_both(other, into, key)
    return done


def _insert(other: Store, into: Store, key: str) -> Record | None:
    """Copy a record unless one is there, or comes this moment; then that one. A damaged one is set aside."""
    while (mine := into.read(key)) is None:
        try:
            write_atomically(into.path(key), other.path(key).read_bytes(), replace=False)
        except FileExistsError:
            continue
        _copy_provenance(other, key, into.provenance_path(key))
        return None
    return mine


def _keep_both(other: Store, into: Store, key: str) -> None:
    """Put the other store's record under conflicts/, once."""
    theirs = other.path(key).read_bytes()
    number = 1
    while (place := into.folder / "conflicts" / f"{key}-{number}.json").exists():
        if place.read_bytes() == theirs:
            return
        number += 1
    write_atomically(place, theirs)
    _copy_provenance(other, key, place.with_suffix(".provenance.json"))


def _copy_provenance(other: Store, key: str, place: Path) -> None:
    try:
        content = other.provenance_path(key).read_bytes()
    except FileNotFoundError:
        return
    write_atomically(place, content)


def explain(mine: Record, theirs: Record) -> str:
    """In words which values of two records of one key differ, and by how much."""
    pairs = list(_differing(mine.history, theirs.history, "history"))
    pairs += _differing(mine.config, theirs.config, "config")
    pairs += _differing(mine.terminal_phase_epoch, theirs.terminal_phase_epoch, "terminal_phase_epoch")
    if not pairs:
        return "the same values, written differently"
    numbers = [(abs(a - b) / max(abs(a), abs(b)), name) for name, a, b in pairs if _are_numbers(a, b)]
    name, a, b = pairs[0]
    words = f"{len(pairs)} values differ, first {name}: {a!r} here, {b!r} there"
    if numbers:
        worst, where = max(numbers)
        words += f"; the largest relative difference is {worst:.2g}, of {where}"
    return words


def _are_numbers(a: Any, b: Any) -> bool:
    return all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in (a, b))


def _differing(a: Any, b: Any, name: str) -> Iterator[tuple[str, Any, Any]]:
    """(name, a, b) of each differing leaf."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            yield from _differing(a.get(key), b.get(key), f"{name}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _differing(x, y, f"{name}[{index}]")
    elif a != b:
        yield name, a, b


def problems(store: Store) -> dict[str, str]:
    """What is wrong in a store, by file name; nothing is changed."""
    found: dict[str, str] = {}
    for key in store:
        try:
            if not store.load(key).provenance:
                found[f"{key}.json"] = "its provenance is missing or damaged; the numbers are whole"
        except Damaged as reason:
            found[f"{key}.json"] = f"damaged: {reason}; the next sweep sets it aside and makes it again"
    for path in sorted(store.folder.glob("*.damaged-*")):
        found[path.name] = "was found damaged and set aside"
    for path in sorted((store.folder / "conflicts").glob("*-*.json")):
        if not path.name.endswith(".provenance.json"):
            found[f"conflicts/{path.name}"] = "differs from the record of that key, see `records merge`"
    return found


def is_current(record: Record) -> bool:
    """Whether today's code and libraries would use this record."""
    from simulations.errors import InputError
    from simulations.sweeps.store import content_key

    try:
        return content_key(record.config, record.execution) == record.key
    except (InputError, KeyError):
        return False
