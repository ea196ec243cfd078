# SPDX-License-Identifier: MIT
"""The driver of a sweep: what is stored, what is missing, and what to do with each run that ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.sweeps import _guarantees
from simulations.sweeps.store import Record, Store, content_key, provenance, write_atomically

if TYPE_CHECKING:
    from simulations.sweeps.engine import Outcome

Progress = Callable[[str, int, int], None]


def collect(
    name: str,
    configs: Sequence[Mapping[str, Any]],
    *,
    workers: int,
    store: Store,
    progress: Progress | None,
    device: str = "auto",
) -> list[Record]:
    """The records of `configs` in their order: read, or computed, compared with the theorems and stored."""
    keys = [content_key(config) for config in configs]
    records = {key: record for key in dict.fromkeys(keys) if (record := read(store, key)) is not None}
    missing = {key: config for key, config in zip(keys, configs, strict=True) if key not in records}
    total = len(set(keys))

    def report() -> None:
        if progress is not None:
            progress(name, len(records), total)

    report()
    if missing:
        from simulations.sweeps import engine

        order = list(missing)

        def finished(index: int, outcome: Outcome) -> None:
            key = order[index]
            if outcome.violation:
                _stop(store, key, outcome)
            assert outcome.history is not None  # a run without violation or error has one
            record = Record(
                key,
                dict(missing[key]),
                outcome.history,
                outcome.terminal_phase_epoch,
                provenance(outcome.seconds, outcome.device),
            )
            compare(record, store)
            write(store, record)
            records[key] = record
            report()

        try:
            engine.run_all(list(missing.values()), workers=workers, device=device, finished=finished)
        except KeyboardInterrupt:
            print(
                f"sweep {name}: interrupted; {len(records)} of {total} runs are stored in {store.folder}, "
                f"the same call goes on from there",
                file=sys.stderr,
            )
            raise
    return [records[key] for key in keys]


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
    write_atomically(path, _guarantees.dump(rows))
    return record


def write(store: Store, record: Record) -> None:
    """Store a record: its guarantees first, its numbers last."""
    bare, rows = _guarantees.detach(record.history)
    write_atomically(guarantees_path(store, record.key), _guarantees.dump(rows))
    store.write(Record(record.key, record.config, bare, record.terminal_phase_epoch, record.provenance))


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
    history = _guarantees.attach(record.history, rows)
    return Record(record.key, record.config, history, record.terminal_phase_epoch, record.provenance)


def _stop(store: Store, key: str, outcome: Outcome) -> None:
    """Save the offending arrays, for `python -m simulations measure`, and raise BoundViolation."""
    from simulations.comparison import check

    line = outcome.violation
    assert line is not None  # the caller's condition
    label = f"{key}-epoch-{line['epoch']}"
    check(line["collapse"], arrays=outcome.arrays, save_to=violations_folder(store), label=label)
    raise RuntimeError(f"{label}: a worker found a violated theorem that the driver does not find: {line}")
