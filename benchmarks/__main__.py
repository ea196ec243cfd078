# SPDX-License-Identifier: MIT
"""python -m benchmarks [NAME ...] [--store DIR]: run the benchmarks and print a table of each, ours first.

--store also writes DIR/NAME.json: the rows with machine, threads, versions and date; benchmarks/measured
holds what the figures draw. Exit status 0 when all ran, 2 for an unknown name. Every file of this folder not
beginning with an underscore is one benchmark.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks._table import Row

LIBRARIES = ("numpy", "scipy", "cvxpy", "sympy", "torch")


def names() -> list[str]:
    """Names of the benchmarks, from the files."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))


def show(title: str, rows: list[Row]) -> None:
    """One table; ratio is seconds over those of the problem's first row."""
    from rich.console import Console
    from rich.table import Table

    print(f"\n{title}")
    table = Table()
    for column in ("problem", "method", "seconds", "ratio", "error", "reported"):
        table.add_column(column, justify="right" if column in ("seconds", "ratio", "error") else "left")
    first: dict[str, float] = {}
    for row in rows:
        reference = first.setdefault(row.problem, row.seconds)
        table.add_row(
            row.problem,
            row.method,
            f"{row.seconds:.3g}",
            f"{row.seconds / reference:.3g}",
            "-" if row.error is None else f"{row.error:.1e}",
            row.outcome,
        )
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def machine() -> dict[str, Any]:
    """What the numbers depend on: processor, cores, threads, versions, and the date."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "python": platform.python_version(),
        "versions": {library: version(library) for library in LIBRARIES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def store(folder: Path, name: str, rows: list[Row]) -> None:
    """Write ``rows`` and the machine as JSON; an error that is not finite becomes null."""
    plain = [asdict(row) for row in rows]
    for row in plain:
        if row["error"] is not None and not abs(row["error"]) < float("inf"):
            row["error"] = None
    text = json.dumps({"benchmark": name, "machine": machine(), "rows": plain}, indent=1, allow_nan=False)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(text + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names())} (default: all)"
    )
    parser.add_argument("--store", type=Path, metavar="DIR", help="write DIR/NAME.json too")
    options = parser.parse_args(arguments)
    chosen = options.names or names()
    from simulations.errors import unknown

    for name in chosen:
        if name not in names():
            print(unknown("benchmark", name, names()), file=sys.stderr)
            return 2
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    python = platform.python_version()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {threads} thread(s), Python {python}; {versions}")
    for name in chosen:
        module = importlib.import_module(f"benchmarks.{name}")
        rows = module.run()
        show((module.__doc__ or name).strip(), rows)
        if options.store:
            store(options.store, name, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
