# SPDX-License-Identifier: MIT
"""A history turned on its side: one column a quantity, which compresses better than one row an epoch.

Nothing is rounded and nothing is recomputed: `rows(columns(history))` is the history, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.sweeps.store import canonical

SEPARATOR = "/"
_ABSENT = object()


def flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """{"nc1": {"cdnv": x}} to {"nc1/cdnv": x}. Raises ValueError for a name that holds the separator."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if SEPARATOR in name:
            raise ValueError(f"the quantity {name!r} has {SEPARATOR!r} in its name")
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{prefix}{name}{SEPARATOR}")
        else:
            found[prefix + name] = value
    return found


def columns(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One entry a quantity: a list with a value for each row, or one of three shorter forms.

    {"same": value} where all rows agree; {"as": quantity} where another column, earlier by name, is the same;
    {"rows": [...], "values": [...]} where only those rows have the quantity.
    """
    lines = [flat(row) for row in history]
    written: dict[bytes, str] = {}
    result: dict[str, Any] = {}
    for name in sorted({name for line in lines for name in line}):
        values = [line.get(name, _ABSENT) for line in lines]
        present = [k for k, value in enumerate(values) if value is not _ABSENT]
        if len(present) < len(values):
            result[name] = {"rows": present, "values": [values[k] for k in present]}
            continue
        text = canonical(values)
        if len({canonical(value) for value in values}) == 1:
            result[name] = {"same": values[0]}
        elif text in written:
            result[name] = {"as": written[text]}
        else:
            result[name] = values
            written[text] = name
    return result


def rows(table: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """The history of `count` rows that `columns` was given. Raises ValueError where a column does not fit."""
    history: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in sorted(table):
        entry = table[name]
        if isinstance(entry, Mapping) and "as" in entry:
            entry = table[entry["as"]]
        if isinstance(entry, Mapping):
            if "same" in entry:
                places, values = list(range(count)), [entry["same"]] * count
            else:
                places, values = entry["rows"], entry["values"]
        else:
            places, values = list(range(count)), entry
        if len(places) != len(values):
            raise ValueError(f"the column {name} has {len(values)} values for {len(places)} rows")
        for place, value in zip(places, values, strict=True):
            _put(history[place], name.split(SEPARATOR), value)
    return history


def _put(row: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        row = row.setdefault(part, {})
    row[path[-1]] = value
