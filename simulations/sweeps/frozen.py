# SPDX-License-Identifier: MIT
"""Records kept in the repository: runs too long to be made by everyone, with how, when and where they were
made.

`frozen/<sweep>.jsonl.gz` holds runs of the preset "paper" of a sweep, `frozen/<sweep>-<preset>.jsonl.gz`
those of another. The first line says what the file holds; each further line is one run: key, config, epoch of
the terminal phase, provenance, and its history as columns (`simulations.sweeps._columns`), with a checksum.
Every number is kept to the last bit. Guarantees are left out, as they follow from the numbers and today's
theorems. Where a file would pass 1 MiB, only every k-th measured epoch is kept, counted from the last, and
the first; the first line then says k. The bytes of a file depend on the records alone.

A key says with which code a run was made; nothing here compares it with today's, so that frozen records can
be read for ever. Whether today's code still makes the same numbers is what `reproduce` finds out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from simulations.errors import InputError, unknown
from simulations.sweeps._columns import columns, rows
from simulations.sweeps.store import Damaged, Record, Store, canonical, write_atomically

__all__ = ["LIMIT", "Frozen", "freeze", "header", "names", "records"]

# Bytes of a file at most.
LIMIT = 2**20
_FORMAT = 1
_SUFFIX = ".jsonl.gz"
GUARANTEES = ("last", "all", "none")


@dataclass(frozen=True)
class Frozen:
    """What `freeze` wrote.

    name, path and size (bytes) of the file; runs in it, of `grid` runs that the preset has; missing: the
    configurations that the store does not hold; thinned: every k-th measured epoch is kept.
    """

    name: str
    path: Path
    size: int
    runs: int
    grid: int
    missing: list[dict[str, Any]]
    thinned: int


def default_folder() -> Path:
    """The folder `frozen` beside the packages; it belongs to the repository and is not installed."""
    return Path(__file__).resolve().parents[2] / "frozen"


def file_name(sweep: str, preset: str) -> str:
    """The name under which the runs of a preset are frozen: the sweep's own for "paper"."""
    return sweep if preset == "paper" else f"{sweep}-{preset}"


def names(folder: Path | None = None) -> list[str]:
    """The names of all frozen sweeps, sorted; none where the folder is absent."""
    return sorted(
        path.name.removesuffix(_SUFFIX) for path in (folder or default_folder()).glob(f"*{_SUFFIX}")
    )


def header(name: str, folder: Path | None = None) -> dict[str, Any]:
    """The first line of a file: {"format", "sweep", "preset", "grid", "runs", "thinned", "lines_sha256"}.

    Raises InputError for a name that is not frozen, and for a damaged file.
    """
    return _read(name, folder)[0]


def records(
    name: str,
    *,
    folder: Path | None = None,
    guarantees: str = "last",
    cache: Path | None = None,
) -> list[Record]:
    """The frozen runs, in the order of their sweep's grid.

    folder: where the files are, by default `frozen` in the repository. guarantees: derived from today's
    theorems for the "last" measured epoch of each run, for "all" (a tenth of a second an epoch), or for
    "none". cache: a folder in which those of "all" are kept, under a hash of the theorems' code.
    provenance["frozen"] of each record says in words where it comes from and how it was made.
    Raises InputError for a name that is not frozen (and says where it was looked for), and for a damaged
    file.
    """
    if guarantees not in GUARANTEES:
        raise unknown("choice of guarantees", guarantees, GUARANTEES)
    _, lines = _read(name, folder)
    return [_with_guarantees(_record(line, name), guarantees, cache) for line in lines]


def freeze(
    sweep: str, *, store: Store | Path | str, preset: str = "paper", folder: Path | None = None
) -> Frozen:
    """Write the stored runs of a preset to `frozen/`, whichever code made them.

    Runs of the grid that the store does not hold are left out, and listed in the result. Where it holds a
    configuration more than once, a run of today's code is taken, else the one made last. The same records
    give the same bytes. Raises InputError for an unknown sweep or preset, a folder that is no store, or when
    none of the runs is there.
    """
    from simulations import sweeps
    from simulations.sweeps.store import content_key

    configs = sweeps.get(sweep).configs(preset)
    source = store if isinstance(store, Store) else Store(store)
    if not source.folder.is_dir():
        raise InputError(f"freeze: {source.folder} is no folder; required is a store of records")
    stored = _by_config(source)
    found = []
    missing = []
    for config in configs:
        candidates = stored.get(canonical(config), [])
        if candidates:
            found.append(max(candidates, key=partial(_preference, today=content_key(config))))
        else:
            missing.append(config)
    if not found:
        raise InputError(
            f"freeze: {source.folder} holds none of the {len(configs)} runs of sweep {sweep!r}, preset "
            f"{preset!r}; run them first: python -m simulations sweep {sweep} --preset {preset} --store DIR"
        )
    about = {"sweep": sweep, "preset": preset, "grid": len(configs)}
    content, thinned = _fitting(found, about)
    name = file_name(sweep, preset)
    path = (folder or default_folder()) / f"{name}{_SUFFIX}"
    write_atomically(path, content)
    return Frozen(name, path, len(content), len(found), len(configs), missing, thinned)


def _preference(record: Record, today: str) -> tuple[Any, ...]:
    """Sorts records of one configuration: lone runs before batched ones, today's code, then the last made."""
    return record.execution is None, record.key == today, record.provenance.get("date", ""), record.key


def _by_config(store: Store) -> dict[bytes, list[Record]]:
    """The whole records of a store by their configuration; damaged ones count as absent."""
    found: dict[bytes, list[Record]] = {}
    for key in store.keys():  # noqa: SIM118 - a store is no dictionary
        with suppress(Damaged):
            record = store.load(key)
            found.setdefault(canonical(record.config), []).append(record)
    return found


def _fitting(found: Sequence[Record], about: Mapping[str, Any]) -> tuple[bytes, int]:
    """The bytes of a file within the limit, and the k of its thinning."""
    longest = max(len(record.history) for record in found)
    for every in range(1, longest + 1):
        content = _file(found, about, every)
        if len(content) <= LIMIT:
            return content, every
    raise InputError(
        f"freeze: the {len(found)} runs of {about['sweep']} take {len(content)} bytes with two measured "
        f"epochs each; a frozen file has {LIMIT} at most: freeze a smaller preset"
    )


def kept(epochs: int, every: int) -> list[int]:
    """Which of that many measured epochs are kept: the first and every k-th, counted from the last."""
    return sorted({0, *range(epochs - 1, -1, -every)})


def _file(found: Sequence[Record], about: Mapping[str, Any], every: int) -> bytes:
    lines = b"".join(_line(record, every) for record in found)
    first = {
        "format": _FORMAT,
        **about,
        "runs": len(found),
        "thinned": every,
        "lines_sha256": hashlib.sha256(lines).hexdigest(),
    }
    # No time and no name in the header of the gzip format: the same records, the same bytes.
    return gzip.compress(canonical(first) + b"\n" + lines, compresslevel=9, mtime=0)


def _line(record: Record, every: int) -> bytes:
    bare = []
    for row in record.history:
        collapse = {name: value for name, value in row["collapse"].items() if name != "guarantees"}
        bare.append({**row, "collapse": collapse})
    chosen = [bare[k] for k in kept(len(bare), every)]
    content = {
        "key": record.key,
        "config": record.config,
        "terminal_phase_epoch": record.terminal_phase_epoch,
        "provenance": record.provenance,
        "execution": record.execution,
        "measured": len(chosen),
        "history": columns(chosen),
    }
    return canonical({"run": content, "sha256": hashlib.sha256(canonical(content)).hexdigest()}) + b"\n"


def _read(name: str, folder: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first line, and the content of the others, all checked."""
    where = folder or default_folder()
    path = where / f"{name}{_SUFFIX}"
    if not path.is_file():
        if names(where):
            raise unknown("frozen sweep", name, names(where))
        raise InputError(
            f"no frozen records: {path} was looked for; they are part of the repository and not of an "
            "installed package: work in a clone, or name the folder that holds them"
        )
    try:
        raw = gzip.decompress(path.read_bytes())
        first, _, rest = raw.partition(b"\n")
        about = json.loads(first)
        if about["format"] != _FORMAT:
            raise ValueError(f"its format is {about['format']!r}, this version reads {_FORMAT}")
        lines = [_checked(number, line) for number, line in enumerate(rest.splitlines(), start=2)]
        if len(lines) != about["runs"]:
            raise ValueError(f"it announces {about['runs']} runs and holds {len(lines)}")
        if hashlib.sha256(rest).hexdigest() != about["lines_sha256"]:
            raise ValueError("the checksum of its lines does not fit")
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise InputError(
            f"frozen records {path} are damaged: {error}; get the file anew (git checkout -- {path.name} in "
            "its folder)"
        ) from error
    return about, lines


def _checked(number: int, line: bytes) -> dict[str, Any]:
    envelope = json.loads(line)
    content = envelope["run"]
    if hashlib.sha256(canonical(content)).hexdigest() != envelope["sha256"]:
        raise ValueError(f"the checksum of line {number} does not fit")
    return content


def _record(content: Mapping[str, Any], name: str) -> Record:
    made = dict(content["provenance"])
    date, seconds, machine, device, commit = (
        made.get(name, "?") for name in ("date", "seconds", "machine", "device", "commit")
    )
    words = f"frozen/{name}{_SUFFIX}: made {date} in {seconds} s on {machine} ({device}), commit {commit}"
    return Record(
        key=content["key"],
        config=content["config"],
        history=rows(content["history"], content["measured"]),
        terminal_phase_epoch=content["terminal_phase_epoch"],
        provenance={**made, "frozen": words},
        execution=content["execution"],
    )


def _with_guarantees(record: Record, which: str, cache: Path | None) -> Record:
    from simulations.sweeps import _guarantees

    history = record.history
    if which == "none":
        return record
    if which == "last":
        found = _guarantees.attach(history[-1:], _guarantees.derive(history[-1:]))
        return replace(record, history=[*history[:-1], *found])
    path = None if cache is None else Path(cache) / f"{record.key}.json"
    lines = None if path is None else _guarantees.load(path, epochs=len(history))
    if lines is None:
        lines = _guarantees.derive(history)
        if path is not None:
            write_atomically(path, _guarantees.dump(lines))
    return replace(record, history=_guarantees.attach(history, lines))
