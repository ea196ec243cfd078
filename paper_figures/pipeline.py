# SPDX-License-Identifier: MIT
"""The whole command: sweeps, verdicts, figures, bounds against measurements, report, closing table."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paper_figures import build, content, discovery, gallery, kept, report
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
        whole = preset != "tiny" and {f.name for f in chosen} == set(discovery.figures())
        ledger = context.verdicts(None if whole else _spoken_of(chosen, measured=any(records.values())))
        verified = time.perf_counter()
        built = []
        for done, figure in enumerate(chosen):
            built.append(build.build(figure, context, output, ledger))
            bars.report("draw figures", done + 1, len(chosen))
        frozen = {name: context.frozen(name) for figure in chosen for name in figure.frozen}
        drawn = {row["sweep"] for item in built for row in item.sidecar["records"]}
        sample = 0 if reproduce is None and preset == "tiny" else reproduce
        again = kept.again(
            {name: found for name, found in frozen.items() if f"frozen/{name}" in drawn},
            sample,
            progress=bars.report,
        )
    every = [record for sweep in records.values() for record in sweep]
    summary = compare(every)
    times = {
        "training": trained - began,
        "theorems": verified - trained,
        "figures and computations": time.perf_counter() - verified,
    }
    path = report.write(
        output / "report.html",
        built=built,
        summary=summary,
        ledger=list(ledger.values()),
        provenance=provenance(every, preset=preset, workers=workers, times=times),
        skipped=skipped,
        runs=_runs(built, {**records, **{f"frozen/{name}": found for name, found in frozen.items()}}),
        again=again,
    )
    if pictures is not None:
        gallery.write(pictures, built)
    unexpected = [row["name"] for row in ledger.values() if not row["expected"]]
    if as_json:
        print(
            json.dumps(
                content.finite(_answer(built, summary, ledger, path, skipped) | {"again": again}),
                allow_nan=False,
            )
        )
    else:
        _print_summary(summary, built, path, seconds=time.perf_counter() - began)
        for row in again:
            print(f"made again from {row['file']}: {row['what']}: {row['verdict']} {row['worst']}".rstrip())
    if unexpected:
        print(f"verdict not as the theorem expects: {', '.join(unexpected)}", file=sys.stderr)
    differs = [row for row in again if row["verdict"] == "differs"] if reproduce else []
    return 1 if unexpected or differs else 0


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


def compare(records: Iterable[Any]) -> list[Row]:
    """One row a theorem: where in `records` its slack was least, with words for where that was."""
    from simulations import comparison

    records = list(records)
    rows = [
        {**row, "run": record.key, "epoch": entry["epoch"]}
        for record in records
        for entry in record.history
        for row in comparison.verdicts(entry["collapse"]["guarantees"])
    ]
    runs = {record.key: record.config for record in records}
    return [{**row, "where": _where(runs.get(row["run"]), row["epoch"])} for row in comparison.summary(rows)]


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


def _answer(
    built: Sequence[build.Built],
    summary: Sequence[Row],
    ledger: Mapping[str, Row],
    path: Path,
    skipped: Mapping[str, str],
) -> dict[str, Any]:
    figures = [
        {
            "name": item.figure.name,
            "redrawn": item.redrawn,
            **{kind: str(p) for kind, p in item.paths.items()},
        }
        for item in built
    ]
    return {
        "figures": figures,
        "summary": list(summary),
        "theorems": list(ledger.values()),
        "skipped": dict(skipped),
        "report": str(path),
    }


def _print_summary(
    summary: Sequence[Row], built: Sequence[build.Built], path: Path, *, seconds: float
) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in ("theorem", "bound", "measured", "slack", "verdict"):
        right = heading in ("bound", "measured", "slack")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for row in summary:
        sign = {"<=": "≤", ">=": "≥"}[row["direction"]]
        bound = report.number(row["bound"])
        table.add_row(
            row["theorem"],
            f"{sign} {bound}" if row["bound"] is not None else bound,
            report.number(row["measured"]),
            report.number(row["slack"]),
            row["verdict"],
        )
    # Piped output must not be cut to a terminal's width.
    console = Console(width=None if sys.stdout.isatty() else 110)
    if summary:
        console.print("Each bound where the measurement came closest to it", highlight=False)
        console.print(table)
    redrawn = sum(item.redrawn for item in built)
    console.print(
        f"{len(built)} figures ({redrawn} drawn, {len(built) - redrawn} unchanged) in {seconds:.0f} s\n"
        f"report: {path}",
        highlight=False,
        soft_wrap=True,
    )
