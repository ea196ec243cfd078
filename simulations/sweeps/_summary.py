# SPDX-License-Identifier: MIT
"""Runs that differ in their seed alone, as one row: number, mean and spread of what the papers speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from simulations.sweeps._columns import flat
from simulations.sweeps.store import Record, canonical

# Column -> quantity of the last row of a history.
LAST = {
    "train_accuracy": "train_accuracy",
    "intra": "collapse/intra_class_cosine/mean",
    "intra_min": "collapse/intra_class_cosine/min",
    "inter": "collapse/inter_class_cosine/mean",
    "inter_max": "collapse/inter_class_cosine/max",
    "nc1": "collapse/nc1/pinv_trace",
    "self_duality": "collapse/nc3/self_duality",
    "nc4_train": "collapse/nc4/ncc_mismatch",
    "nc4_test": "test/ncc_mismatch",
    "test_accuracy": "test/accuracy",
    "robustness": "robustness/mean",
}
# Column -> quantity whose change from the first epoch of zero training error to the last epoch is taken, run
# by run.
CHANGES = {
    "intra_gain": "collapse/intra_class_cosine/mean",
    "nc4_test_gain": "test/ncc_mismatch",
    "test_accuracy_gain": "test/accuracy",
    "robustness_gain": "robustness/mean",
}
ZERO_ERROR = "zero-error"


def summary(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One row for each configuration apart from the seed, in the order of its first run.

    Each row: "config" without the seed; "runs", n; "terminal", how many of them reached 99.9 % training
    accuracy; "zero_error", how many had an epoch of zero training error measured; and for each of the columns
    above {"n", "mean", "deviation"} over the runs that have the quantity (deviation: of the sample, divided
    by n - 1; None for n = 1), left out where no run has it.
    """
    groups: dict[bytes, list[Record]] = {}
    for record in records:
        shared = {name: value for name, value in record.config.items() if name != "seed"}
        groups.setdefault(canonical(shared), []).append(record)
    return [_row(group) for group in groups.values()]


def _row(group: Sequence[Record]) -> dict[str, Any]:
    config = {name: value for name, value in group[0].config.items() if name != "seed"}
    last = [flat(record.final) for record in group]
    first = [_event(record) for record in group]
    row: dict[str, Any] = {
        "config": config,
        "runs": len(group),
        "terminal": sum(record.terminal_phase_epoch is not None for record in group),
        "zero_error": sum(found is not None for found in first),
    }
    for column, quantity in LAST.items():
        _put(row, column, [line[quantity] for line in last if line.get(quantity) is not None])
    for column, quantity in CHANGES.items():
        pairs = [(a, b) for a, b in zip(first, last, strict=True) if a is not None]
        both = [(a.get(quantity), b.get(quantity)) for a, b in pairs]
        _put(row, column, [b - a for a, b in both if a is not None and b is not None])
    return row


def _event(record: Record) -> dict[str, Any] | None:
    """The row of the first epoch with zero training error."""
    return next((flat(row) for row in record.history if row.get("event") == ZERO_ERROR), None)


def _put(row: dict[str, Any], column: str, values: Sequence[float]) -> None:
    if values:
        spread = stdev(values) if len(values) > 1 else None
        row[column] = {"n": len(values), "mean": mean(values), "deviation": spread}


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """The rows as a Markdown table: mean ± deviation; the configuration by what varies among the rows."""
    if not rows:
        return ""
    names = [name for row in rows for name in row["config"]]
    varying = [
        name
        for name in dict.fromkeys(names)
        if len({canonical(row["config"].get(name)) for row in rows}) > 1 and not _follows(name)
    ]
    known = [*LAST, *CHANGES] if columns is None else list(columns)
    shown = [name for name in known if any(name in row for row in rows)]
    head = [*varying, "runs", "terminal", *shown]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        values = [_word(row["config"].get(name)) for name in varying]
        lines.append([*values, str(row["runs"]), str(row["terminal"]), *(_cell(row.get(n)) for n in shown)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _follows(name: str) -> bool:
    """Choices that go with the data set or the network and would widen the table for nothing."""
    return name in ("dataset_options", "network_options", "width", "robustness_samples", "measurements") or (
        name in ("epochs", "batch_size", "learning_rate")
    )


def _word(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "–"
    spread = "" if found["deviation"] is None else f" ± {found['deviation']:.2g}"
    return f"{found['mean']:.4g}{spread}"
