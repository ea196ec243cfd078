# SPDX-License-Identifier: MIT
"""How a build ends: one JSON object or a table on standard output, complaints on the other, exit status."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from paper_figures.build import Built
from paper_figures.report import number

Row = dict[str, Any]


def answer(
    built: Sequence[Built],
    summary: Sequence[Row],
    ledger: Mapping[str, Row],
    path: Path,
    skipped: Mapping[str, str],
) -> dict[str, Any]:
    """The build as one JSON object: files, rows of bounds, verdicts, what was skipped."""
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


def tell(
    summary: Sequence[Row], built: Sequence[Built], again: Sequence[Row], path: Path, *, seconds: float
) -> None:
    """Print the closing table, what was drawn, where the report is, and the frozen runs made again."""
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in ("theorem", "bound", "measured", "slack", "verdict"):
        right = heading in ("bound", "measured", "slack")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for row in summary:
        sign = {"<=": "≤", ">=": "≥"}[row["direction"]]
        bound = number(row["bound"])
        table.add_row(
            row["theorem"],
            f"{sign} {bound}" if row["bound"] is not None else bound,
            number(row["measured"]),
            number(row["slack"]),
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
    for row in again:
        print(f"made again from {row['file']}: {row['what']}: {row['verdict']} {row['worst']}".rstrip())


def status(ledger: Mapping[str, Row], summary: Sequence[Row], again: Sequence[Row]) -> int:
    """1, with a line on standard error, where a verdict is not what the theorem expects, a measurement
    violates a proved bound, or a run of `again` differs; else 0."""
    unexpected = [row["name"] for row in ledger.values() if not row["expected"]]
    violated = [f"{row['theorem']} by {row['where']}" for row in summary if row["verdict"] == "violated"]
    if unexpected:
        print(f"verdict not as the theorem expects: {', '.join(unexpected)}", file=sys.stderr)
    if violated:
        print(f"violated: {'; '.join(violated)}", file=sys.stderr)
    return 1 if unexpected or violated or any(row["verdict"] == "differs" for row in again) else 0
