# SPDX-License-Identifier: MIT
"""Records kept in the repository: what a figure says of them, and a random sample of them made again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from paper_figures import content, runs

Row = dict[str, Any]

#: Words of a cell whose runs are missing.
ABSENT = "not run yet"


def command(sweep: str, preset: str) -> str:
    """The command that makes the runs of a preset; `frozen freeze` then keeps them."""
    return f"python -m simulations sweep {sweep} --preset {preset}"


def note(name: str, records: Sequence[Any], *, sweep: str, preset: str, drawn: int | None = None) -> str:
    """Sentences on frozen records: how many of the grid, of which days, commits and machines.

    Parameters
    ----------
    name
        Of the file in ``frozen``.
    records
        Its records; empty if the file does not exist.
    sweep, preset
        Which grid they belong to; the command that completes it is named if runs are missing.
    drawn
        How many of them the figure draws, if not all.
    """
    grid = grid_size(sweep, preset)
    if not records:
        return f"Frozen records {name} are not there yet; {command(sweep, preset)} makes its {grid} runs."
    made = Counter(_maker(record) for record in records)
    days = sorted({str(record.provenance.get("date", "?"))[:10] for record in records})
    spent = sum(record.provenance.get("seconds", 0.0) for record in records)
    part = f" of the {grid}" if len(records) < grid else ""
    which = "" if drawn in (None, len(records)) else f" ({drawn} drawn here)"
    text = (
        f"Frozen records {name}, not trained by this build: {runs.count(len(records), 'run')}{part}{which}, "
        f"made on {' to '.join(dict.fromkeys((days[0], days[-1])))} in {spent / 60:.0f} minutes at "
        f"{'; '.join(made)}."
    )
    if len(records) < grid:
        text += f" The others: {command(sweep, preset)}."
    return text


def _maker(record: Any) -> str:
    """Commit and machine of a record, in words."""
    made = record.provenance
    machine = f"{made.get('machine', 'an unknown machine')} ({made.get('device', '?')})"
    return f"commit {str(made.get('commit', '?'))[:8]} on {machine}"


def grid_size(sweep: str, preset: str) -> int:
    """The number of runs in the whole grid of a preset."""
    from simulations import sweeps

    return len(sweeps.get(sweep).configs(preset))


def again(
    files: Mapping[str, Sequence[Any]],
    sample: int | None,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    folder: Path | None = None,
) -> list[Row]:
    """Train random frozen runs again with today's code, and compare every number with the frozen one.

    Parameters
    ----------
    files
        The records of each frozen file, by its name.
    sample
        Runs of each file (all, where it holds fewer); None for one run of the file whose runs are shortest.
    progress
        ``progress(label, done, total)`` after each run.
    folder
        Of the frozen files; None for the repository's.

    Returns
    -------
    list of dict
        ``file``, ``what`` (the run in words), ``verdict`` ("bit-identical", "within tolerance", "differs" or
        "not run"), ``numbers``, ``identical``, ``worst`` (the largest relative difference, in words) and
        ``seconds``. Which runs are drawn depends on today's code: the same code makes the same ones again.
    """
    from simulations.sweeps._reproduction import reproduce

    present = {name: records for name, records in files.items() if records}
    if sample is None and present:
        present = dict([min(present.items(), key=lambda item: _seconds(item[1]))])
    asked = {name: min(1 if sample is None else sample, len(records)) for name, records in present.items()}
    asked = {name: number for name, number in asked.items() if number}
    seed = random.Random(content.code("theory", "simulations")).randrange(2**31)
    rows: list[Row] = []

    def tell(result: Any) -> None:
        rows.append(_row(name, result))
        if progress is not None:
            progress("make frozen runs again", len(rows), sum(asked.values()))

    for name, number in asked.items():
        reproduce(name, sample=number, seed=seed, folder=folder, progress=tell)
    return rows


def guaranteed(*, measured: Sequence[Any], theorems: Sequence[str] | None) -> list[list[Row]]:
    """The rows of `simulations.comparison.guarantees` for each of some measurements; all theorems if None."""
    from simulations.comparison import guarantees
    from theory.registry import get

    chosen = None if theorems is None else {name: get(name) for name in theorems}
    return [guarantees(values, chosen) for values in measured]


def with_guarantees(
    context: Any,
    names: Sequence[str],
    *,
    theorems: Sequence[str] | None = None,
    every_epoch: bool = False,
) -> dict[str, list[Any]]:
    """Frozen records, by file, with what today's theorems guarantee of them; frozen records hold none.

    theorems: names, None for all that bound a measurement (a tenth of a second an epoch, kept by content).
    every_epoch: of all measured epochs; else histories are cut to the last one.
    """
    found = {name: context.frozen(name) for name in names}
    chosen = {
        record.key: record.history if every_epoch else record.history[-1:]
        for records in found.values()
        for record in records
    }
    calls = [
        {"measured": [entry["collapse"] for r in records for entry in chosen[r.key]], "theorems": theorems}
        for records in found.values()
    ]
    label = "frozen runs against theorems"
    places = ("theory", "simulations/comparison.py", "simulations/metrics")
    result = {}
    for (name, records), rows in zip(
        found.items(), context.compute(guaranteed, calls, label=label, places=places), strict=True
    ):
        left = iter(rows)
        result[name] = [replace(r, history=_attached(chosen[r.key], left)) for r in records]
    return result


def _attached(history: Sequence[Row], rows: Iterator[list[Row]]) -> list[Row]:
    return [{**entry, "collapse": {**entry["collapse"], "guarantees": next(rows)}} for entry in history]


def _seconds(records: Sequence[Any]) -> float:
    return median(record.provenance.get("seconds", float("inf")) for record in records)


def _row(name: str, result: Any) -> Row:
    worst = result.worst
    words = result.reason
    if worst is not None:
        words = f"{worst['quantity']} at epoch {worst['epoch']}, by {worst['difference']:.1e}"
    if result.absent:
        words = f"no longer measured: {', '.join(result.absent)}"
    return {
        "file": name,
        "key": result.key,
        "what": describe(result.config),
        "verdict": result.verdict,
        "numbers": result.numbers,
        "identical": result.identical,
        "worst": words,
        "seconds": result.seconds,
    }


def describe(config: Mapping[str, Any]) -> str:
    """A run in words: data, network, last layer, decay, seed."""
    norm = {"none": "no BN", "affine": "BN", "scale-only": "BN without bias"}[config["batch_norm"]]
    network = config.get("network", "mlp")
    shape = f"{config['depth']} layers" if network == "mlp" else f"{network}-{config['depth']}"
    held = f", ‖γ‖ = {config['gamma_norm']:g}" if config.get("gamma_norm") is not None else ""
    return (
        f"{config['dataset']}, {shape}, {norm}{held}, decay {config['weight_decay']:g}, seed {config['seed']}"
    )


def mark(records: Sequence[Any], grid: int) -> str:
    """The words that stand on a figure drawn from frozen records: "frozen records: 25 of 80 runs"."""
    part = f" of {grid}" if len(records) < grid else ""
    return f"frozen records: {len(records)}{part} runs"
