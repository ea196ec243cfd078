# SPDX-License-Identifier: MIT
"""Records with their guarantees: read, written, and held against the theorems of today."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulations.sweeps import _guarantees
from simulations.sweeps.store import Record, Store, write_atomically


def read(store: Store, key: str) -> Record | None:
    """A stored record with the guarantees of today's theorems; a contradicted one raises BoundViolation."""
    record = store.read(key)
    if record is None:
        return None
    path = guarantees_path(store, key)
    rows = _guarantees.load(path, epochs=len(record.history))
    if rows is not None:
        return _with_guarantees(record, rows)
    rows = _guarantees.derive(record.history)
    record = _with_guarantees(record, rows)
    compare(record, store)
    with suppress(OSError):  # derived data: a store that cannot be written to can be read all the same
        write_atomically(path, _guarantees.dump(rows))
    return record


def write(store: Store, record: Record) -> None:
    """Store a record: its guarantees first, its numbers last."""
    bare, rows = _guarantees.detach(record.history)
    write_atomically(guarantees_path(store, record.key), _guarantees.dump(rows))
    store.write(replace(record, history=bare))


def guarantees_path(store: Store, key: str) -> Path:
    """The file of a record's guarantees."""
    return store.folder / "guarantees" / f"{key}.json"


def compare(record: Record, store: Store) -> None:
    """Every theorem against every measured epoch; raises BoundViolation for a contradicted one."""
    from simulations.comparison import compare as compare_with_theorems

    compare_with_theorems(record, save_to=violations_folder(store))


def violations_folder(store: Store) -> Path:
    """Where the evidence of a contradicted theorem is kept."""
    return store.folder / "violations"


def _with_guarantees(record: Record, rows: Sequence[list[dict[str, Any]]]) -> Record:
    return replace(record, history=_guarantees.attach(record.history, rows))
