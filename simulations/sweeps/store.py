# SPDX-License-Identifier: MIT
"""A content-addressed store of finished runs.

The key of a run is a hash of its configuration (the seed is part of it), of the source files that a run
imports, and of the versions of the libraries whose arithmetic it uses: a changed choice, line or library is
another key, and an unchanged one is never computed twice. A record is two files: `<key>.json`, whose bytes
depend on the key alone, and `provenance/<key>.json`, which says when, where and how fast. Both are written
under another name, synchronised and moved into place, so that a killed process or a full disk leaves either a
whole record or none. Any number of drivers may write to one store (see `simulations.sweeps._claims`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from simulations.sweeps._files import write_atomically

__all__ = [
    "TRAINING_CLOSURE",
    "Damaged",
    "Record",
    "Store",
    "canonical",
    "closure",
    "code_files",
    "code_hash",
    "content_key",
    "machine",
    "provenance",
    "source_digest",
    "versions",
    "write_atomically",
]

# What a training run executes, relative to the folder that holds the packages. Plotting, solvers, commands
# and the sweeps themselves are absent on purpose, and so are the theorems: guarantees are derived anew from
# the numbers of a record whenever they change. A dataset, network or loss file counts for the runs that name
# it (see `code_hash`).
TRAINING_CLOSURE = (
    "simulations/discovery.py",
    "simulations/configuration.py",
    "simulations/training/__init__.py",
    "simulations/training/_*.py",
    "simulations/training/checkpoint.py",
    "simulations/training/loop.py",
    "simulations/evaluation.py",
    "simulations/measurement.py",
    "simulations/measurement_result.py",
    "simulations/metrics/*.py",
    "simulations/datasets/__init__.py",
    "simulations/datasets/_*.py",
    "simulations/losses/_*.py",
    "simulations/networks/__init__.py",
    "simulations/networks/_*.py",
    "simulations/losses/__init__.py",
    "theory/scalars.py",
)
# What a run of an execution other than the plain one executes besides.
EXECUTION_CLOSURE: dict[str | None, tuple[str, ...]] = {"batched": ("simulations/training/ensemble.py",)}
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "torchvision")
_FORMAT = 1


@dataclass(frozen=True)
class Record:
    """A finished run.

    key: the content hash. config: the choices (see `simulations.configuration.Config`), as plain values.
    history: one dictionary per measured epoch: {"epoch", "train_accuracy", "train_loss", "gamma_norm",
    "batch_norm_deficit", "collapse"}, where "collapse" is `simulations.measure(...).to_dict()`, guarantees
    included. terminal_phase_epoch: the first epoch with 99.9 % training accuracy, or None.
    execution: "batched" for a run that was trained in one program with others: its numbers differ from those
    of a lone run, execution None, in the last digits, and so it has another key.
    provenance: machine class, date, seconds, commit, versions; no part of the result.
    """

    key: str
    config: dict[str, Any]
    history: list[dict[str, Any]]
    terminal_phase_epoch: int | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    execution: str | None = None

    @property
    def final(self) -> dict[str, Any]:
        """The last line of the history."""
        return self.history[-1]


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, NaN and infinities refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


@cache
def _root() -> Path:
    return Path(__file__).resolve().parents[2]


@cache
def _matching(pattern: str) -> tuple[Path, ...]:
    """The source files of a pattern, looked up once in a process: as it was loaded, not as it is edited."""
    return tuple(_root().glob(pattern))


@cache
def source_digest(file: Path) -> str:
    """SHA-256 of a source file, read once in a process."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def closure(config: Mapping[str, Any], execution: str | None = None) -> list[Path]:
    """The source files that a run of `config` executes, sorted; execution as in `Record`."""
    from simulations import datasets

    owner, _ = datasets.find(config["dataset"])
    patterns = (*TRAINING_CLOSURE, *EXECUTION_CLOSURE.get(execution, ()))
    files = {path for pattern in patterns for path in _matching(pattern)}
    files.add(Path(sys.modules[owner.draw.__module__].__file__ or ""))
    if config.get("robustness_samples"):
        files.add(_root() / "simulations" / "robustness.py")
    for kind in ("network", "loss"):
        folder = _root() / "simulations" / ("networks" if kind == "network" else "losses")
        named = folder / f"{config[kind].replace('-', '_')}.py"
        # A file whose object goes by another name: then every file of the folder counts.
        files |= {named} if named.is_file() else set(folder.glob("*.py"))
    return sorted(path.resolve() for path in files)


def code_files(config: Mapping[str, Any], execution: str | None = None) -> list[list[str]]:
    """[name, SHA-256] of each source file that a run of `config` executes."""
    found = closure(config, execution)
    return [[str(path.relative_to(_root())), source_digest(path)] for path in found]


def code_hash(config: Mapping[str, Any], execution: str | None = None) -> str:
    """SHA-256 of the names and bytes of the source files that a run of `config` executes."""
    return hashlib.sha256(canonical(code_files(config, execution))).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a run computes with, without importing them."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    return found | {name: metadata.version(name) for name in LIBRARIES}


def content_key(config: Mapping[str, Any], execution: str | None = None) -> str:
    """The name under which a run of `config` is stored: 32 hexadecimal digits; execution as in `Record`."""
    content = {
        "format": _FORMAT,
        "config": dict(config),
        "code": code_hash(config, execution),
        "libraries": versions(),
    }
    if execution is not None:
        content["execution"] = execution
    return hashlib.sha256(canonical(content)).hexdigest()[:32]


def machine() -> str:
    """The class of this machine, not its name."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def provenance(seconds: float, device: str = "cpu", made_on: str = "") -> dict[str, Any]:
    """Where, when and with what a run was made: the part of a record that may differ between two makings of
    it. made_on: the `machine()` of another worker than this one."""
    return {
        "machine": made_on or machine(),
        "device": device,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "commit": _commit(),
        "versions": versions(),
    }


@cache
def _commit() -> str | None:
    """The commit that is checked out, read from .git, or None outside a repository."""
    git = _root() / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text().strip()
        packed = (git / "packed-refs").read_text().splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), None)
    except OSError:
        return None


class Damaged(ValueError):
    """A record's file is not what was written; the message says in what way."""


class Store:
    """Records in one folder. Many may read and write it at once."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def path(self, key: str) -> Path:
        """The file of a record's numbers."""
        return self.folder / f"{key}.json"

    def read(self, key: str) -> Record | None:
        """The record of that key, or None. A damaged one is renamed to `<key>.damaged-N` and counts as
        absent."""
        try:
            return self.load(key)
        except FileNotFoundError:
            return None
        except Damaged as reason:
            self._set_aside(self.path(key), reason)
            return None

    def load(self, key: str) -> Record:
        """The record of that key. Raises FileNotFoundError, or Damaged; changes nothing."""
        raw = self.path(key).read_bytes()
        try:
            envelope = json.loads(raw)
            content = envelope["content"]
            if envelope["sha256"] != hashlib.sha256(canonical(content)).hexdigest():
                raise ValueError("its checksum does not fit")
            if content["key"] != key or not content["history"]:
                raise ValueError(f"it holds the run {content['key']}")
            return Record(
                key=key,
                config=content["config"],
                history=content["history"],
                terminal_phase_epoch=content["terminal_phase_epoch"],
                provenance=self._read_provenance(key),
                execution=content.get("execution"),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(str(error)) from error

    def write(self, record: Record) -> None:
        """Store a record; its own file comes last, so that its presence means that it is whole."""
        content = {
            "key": record.key,
            "config": record.config,
            "history": record.history,
            "terminal_phase_epoch": record.terminal_phase_epoch,
        }
        if record.execution is not None:
            content["execution"] = record.execution
        envelope = {"content": content, "sha256": hashlib.sha256(canonical(content)).hexdigest()}
        write_atomically(self.provenance_path(record.key), canonical(record.provenance) + b"\n")
        write_atomically(self.path(record.key), canonical(envelope) + b"\n")

    def __iter__(self) -> Iterator[str]:
        return self.keys()

    def keys(self) -> Iterator[str]:
        """The keys of all stored records, sorted."""
        yield from sorted(path.stem for path in self.folder.glob("*.json"))

    def provenance_path(self, key: str) -> Path:
        """The file that says where, when and how a record was made."""
        return self.folder / "provenance" / f"{key}.json"

    def _read_provenance(self, key: str) -> dict[str, Any]:
        try:
            return json.loads(self.provenance_path(key).read_bytes())
        except (OSError, ValueError):
            return {}

    def _set_aside(self, path: Path, reason: Exception) -> None:
        number = 1
        while (aside := path.with_suffix(f".damaged-{number}")).exists():
            number += 1
        os.replace(path, aside)
        print(
            f"{path.name} is damaged ({reason}); kept as {aside.name}, the run is made again", file=sys.stderr
        )
