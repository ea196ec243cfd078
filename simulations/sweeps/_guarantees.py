# SPDX-License-Identifier: MIT
"""Guarantees are derived data: functions of a record's numbers and of the theorems, kept beside the record.

A record's own file holds what was trained and measured; the rows that compare it with the theorems are stored
in a second file under a hash of the theory's code. A new or changed theorem therefore recomputes milliseconds
of arithmetic, not minutes of training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from simulations.sweeps.store import canonical, source_digest

_CODE = ("theory/**/*.py", "simulations/comparison.py", "simulations/sweeps/_guarantees.py")


@cache
def code() -> str:
    """Hash of the code that turns measurements into guarantees."""
    root = Path(__file__).resolve().parents[2]
    files = sorted(path for pattern in _CODE for path in root.glob(pattern))
    parts = [[str(path.relative_to(root)), source_digest(path)] for path in files]
    return hashlib.sha256(canonical(parts)).hexdigest()


def detach(history: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """A history without its guarantees, and the guarantees of each measured epoch."""
    bare = []
    rows = []
    for line in history:
        collapse = dict(line["collapse"])
        rows.append(collapse.pop("guarantees", []))
        bare.append({**line, "collapse": collapse})
    return bare, rows


def attach(history: Sequence[dict[str, Any]], rows: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The inverse of `detach`."""
    return [
        {**line, "collapse": {**line["collapse"], "guarantees": found}}
        for line, found in zip(history, rows, strict=True)
    ]


def derive(history: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The guarantees of each measured epoch, from the theorems as they are now."""
    from simulations.comparison import guarantees

    return [guarantees(line["collapse"]) for line in history]


def load(path: Path, *, epochs: int) -> list[list[dict[str, Any]]] | None:
    """The stored guarantees, or None when they are absent, damaged or of other code."""
    try:
        content = json.loads(path.read_bytes())
        rows = content["rows"]
        return rows if content["code"] == code() and len(rows) == epochs else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def dump(rows: Sequence[list[dict[str, Any]]]) -> bytes:
    """The text that `load` reads."""
    return canonical({"code": code(), "rows": rows}) + b"\n"
