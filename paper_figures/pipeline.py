# SPDX-License-Identifier: MIT
"""The whole command: sweeps, verdicts, figures, bounds against measurements, report, closing table."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper_figures import build, closing, content, discovery, gallery, kept, report
from paper_figures.context import Context
from paper_figures.figure import Figure
from paper_figures.progress import Bars

Row = dict[str, Any]


def run(
    chosen: Sequence[Figure],
    *,
    preset: str,
    output: Path,
    store: Path,
    workers: int,
    as_json: bool,
    device: str = "auto",
    pictures: Path | None = None,
    reproduce: int | None = None,
) -> int:
    """Build the `chosen` figures and the report; return the exit status of the command.

    Parameters
    ----------
    chosen
        Figures, in the order in which the report shows them.
    preset
        Size of the experiments: ``"tiny"``, ``"quick"`` or ``"paper"``.
    output, store
        Folder of figures and report; folder of finished runs and computations.
    workers
        Number of processes.
    as_json
        Print one JSON object on standard output instead of the closing table.
    device
        Where networks are trained: "auto", "cpu", "cuda" or "mps".
    pictures
        Folder of the gallery page (``gallery.md`` and ``images/``), or None for no gallery.
    reproduce
        How many random runs of each frozen file that is drawn are trained again and compared; None for one
        run of the cheapest file (none at the preset "tiny").

    Raises
    ------
    simulations.BoundViolation
        If a measurement violates a proved bound; the arrays are saved first.
    """
    began = time.perf_counter()
    with Bars() as bars:
        records, skipped = _train(
            chosen, preset=preset, store=store, workers=workers, device=device, bars=bars
        )
        trained = time.perf_counter()
        context = Context(preset=preset, records=records, store=store, workers=workers, progress=bars.report)
        work = _work(chosen, context, output, records=records, reproduce=reproduce, bars=bars)
    every = [record for sweep in records.values() for record in sweep]
    times = {"training": trained - began, **work.times}
    path = report.write(
        output / "report.html",
        built=work.built,
        summary=work.summary,
        ledger=list(work.ledger.values()),
        provenance=provenance(every, preset=preset, workers=workers, times=times),
        skipped=skipped,
        runs=_runs(
            work.built, {**records, **{f"frozen/{name}": found for name, found in work.frozen.items()}}
        ),
        again=work.again,
        frozen_compared=work.frozen_compared,
    )
    if pictures is not None:
        gallery.write(pictures, work.built)
    if as_json:
        answer = closing.answer(work.built, work.summary, work.ledger, path, skipped) | {"again": work.again}
        print(json.dumps(content.finite(answer), allow_nan=False))
    else:
        closing.tell(work.summary, work.built, work.again, path, seconds=time.perf_counter() - began)
    return closing.status(work.ledger, work.summary, work.again if reproduce else [])


@dataclass(frozen=True)
class _Work:
    """What a build made: figures, rows of theorems and of bounds, frozen records read and made again."""

    built: list[build.Built]
    ledger: dict[str, Row]
    summary: list[Row]
    frozen: dict[str, list[Any]]
    frozen_compared: bool
    again: list[Row]
    times: dict[str, float]


def _work(
    chosen: Sequence[Figure],
    context: Context,
    output: Path,
    *,
    records: Mapping[str, Sequence[Any]],
    reproduce: int | None,
    bars: Bars,
) -> _Work:
    """Theorems, figures, bounds against measurements, and frozen runs again: all that follows training."""
    began = time.perf_counter()
    tiny = context.preset == "tiny"
    whole = not tiny and {f.name for f in chosen} == set(discovery.figures())
    ledger = context.verdicts(None if whole else _spoken_of(chosen, measured=any(records.values())))
    verified = time.perf_counter()
    built = []
    for done, figure in enumerate(chosen):
        built.append(build.build(figure, context, output, ledger))
        bars.report("draw figures", done + 1, len(chosen))
    frozen = {name: context.frozen(name) for figure in chosen for name in figure.frozen}
    drawn = {row["sweep"] for item in built for row in item.sidecar["records"]}
    read = {name: found for name, found in frozen.items() if f"frozen/{name}" in drawn}
    # The table of bounds of the whole report; one figure alone needs no theorem but its own.
    bounded = kept.with_guarantees(context, list(read)) if whole else {}
    trained = [record for sweep in records.values() for record in sweep]
    summary = compare(trained, frozen=[record for found in bounded.values() for record in found])
    drew = time.perf_counter()
    again = kept.again(read, 0 if reproduce is None and tiny else reproduce, progress=bars.report)
    times = {"theorems": verified - began, "figures and computations": drew - verified}
    times["frozen runs made again"] = time.perf_counter() - drew
    return _Work(built, ledger, summary, frozen, bool(bounded), again, times)


def _train(
    chosen: Sequence[Figure], *, preset: str, store: Path, workers: int, device: str, bars: Bars
) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Records of every sweep that a chosen figure needs, and why a sweep was skipped."""
    there = _kept(chosen)
    needed = list(dict.fromkeys(sweep for figure in chosen for sweep in figure.trained(preset, there)))
    records: dict[str, list[Any]] = {}
    skipped: dict[str, str] = {}
    if not needed:
        return records, skipped
    from simulations import sweeps
    from simulations.errors import InputError

    for name in needed:
        reason = sweeps.unavailable(name, preset=preset, store=store)
        if reason is not None:
            skipped[name], records[name] = reason, []
            bars.say(f"sweep {name} is skipped: {reason}")
            continue
        # One worker is this process itself: a spawned one would only cost its start.
        processes = 0 if workers == 1 or preset == "tiny" else workers
        try:
            records[name] = sweeps.run_sweep(
                name, preset=preset, workers=processes, store=store, device=device, progress=bars.report
            )
        except InputError as error:
            # A grid over several data sets of which one is absent: what could be trained is stored.
            if all(name in figure.sweeps for figure in chosen if name in figure.trained(preset, there)):
                raise
            skipped[name], records[name] = str(error), []
            bars.say(f"sweep {name} is skipped: {error}")
    return records, skipped


def _kept(chosen: Sequence[Figure]) -> list[str]:
    """The names of the frozen records that exist, if any of the figures reads some."""
    if not any(figure.frozen for figure in chosen):
        return []
    from simulations.sweeps import frozen

    return frozen.names()


def compare(records: Iterable[Any], *, frozen: Iterable[Any] = ()) -> list[Row]:
    """One row a theorem: where in `records` and `frozen` its slack was least, with words for where that was.

    Of a history, the epochs that have guarantees enter.
    """
    from simulations import comparison

    every = {record.key: (record, "") for record in records}
    every = {record.key: (record, " (frozen)") for record in frozen} | every
    rows = [
        {**row, "run": key, "epoch": entry["epoch"]}
        for key, (record, _) in every.items()
        for entry in record.history
        for row in comparison.verdicts(entry["collapse"].get("guarantees", ()))
    ]
    found = []
    for row in comparison.summary(rows):
        record, kind = every.get(row["run"], (None, ""))
        found.append({**row, "where": _where(record and record.config, row["epoch"]) + kind})
    return found


def _where(config: Mapping[str, Any] | None, epoch: int | None) -> str:
    if config is None:
        return ""
    return f"{kept.describe(config)}, epoch {epoch}"


def provenance(
    records: Sequence[Any], *, preset: str, workers: int, times: Mapping[str, float]
) -> dict[str, str]:
    """Label -> text: what the numbers of this build depend on, and what they cost."""
    libraries = ("neural-collapse-toolkit", "numpy", "scipy", "torch", "sympy", "python-flint", "matplotlib")
    seeds = sorted({record.config["seed"] for record in records})
    spent = sum(record.provenance.get("seconds", 0.0) for record in records)
    return {
        "preset": preset,
        "training runs": f"{len(records)}, seeds {', '.join(map(str, seeds))}" if records else "none",
        "time of training": f"{spent:.0f} s, summed over the runs (including runs from earlier calls)",
        "time of this call": ", ".join(f"{label} {seconds:.1f} s" for label, seconds in times.items()),
        "processes": str(workers),
        "hardware": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "versions": ", ".join(f"{k} {v}" for k, v in content.versions(*libraries).items()),
        "code": content.code("theory", "simulations", "paper_figures", without=("output",))[:16],
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def _spoken_of(figures: Sequence[Figure], *, measured: bool) -> list[str]:
    """The theorems that the figures name and, if anything was `measured`, those that bound a measurement."""
    from theory.registry import theorems

    named = [name for figure in figures for name in figure.theorems]
    bounds = [name for name, entry in theorems().items() if entry.measurable is not None]
    return [*named, *(bounds if measured else [])]


def _runs(built: Sequence[build.Built], records: Mapping[str, Sequence[Any]]) -> list[Row]:
    """One row a training run that entered a figure: what was chosen, and how it ended."""
    used = {row["key"] for item in built for row in item.sidecar["records"]}
    every = {record.key: (sweep, record) for sweep, found in records.items() for record in found}
    return [
        {
            "key": key,
            "sweep": sweep,
            "what": _where(record.config, record.final["epoch"]),
            "accuracy": float(record.final["train_accuracy"]),
            "loss": float(record.final["collapse"]["loss"]),
            "variability": float(record.final["collapse"]["within_class_variability"]),
            "seconds": record.provenance.get("seconds"),
        }
        for key, (sweep, record) in every.items()
        if key in used
    ]
