# SPDX-License-Identifier: MIT
"""One self-contained page: figures, bounds beside measurements, ledger of theorems, provenance."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from paper_figures import content
from paper_figures.build import Built
from paper_figures.report_template import TEMPLATE


def write(
    path: Path,
    *,
    built: Sequence[Built],
    summary: Sequence[Mapping[str, Any]],
    ledger: Sequence[Mapping[str, Any]],
    provenance: Mapping[str, Any],
    skipped: Mapping[str, str],
    runs: Sequence[Mapping[str, Any]] = (),
    again: Sequence[Mapping[str, Any]] = (),
    frozen_compared: bool = False,
) -> Path:
    """Write the report to `path` in one step and return it.

    Parameters
    ----------
    path
        The file to write.
    built
        The figures, in order.
    summary
        Rows ``theorem, quantity, direction, measured, bound, slack, verdict, applicable, cases, where``:
        each theorem at the measurement where it came closest to being violated.
    ledger
        Rows ``name, says, kind, verdict, region, uncovered, evidence, steps, source``, one a theorem;
        `region` and `uncovered` are empty where the verdict is on the whole statement.
    provenance
        Label -> text: versions, hardware, seeds, times.
    skipped
        Sweep -> reason, for sweeps that could not run on this machine.
    runs
        Rows ``key, sweep, what, accuracy, loss, variability, seconds``: the training runs that figures use.
    again
        Rows ``file, key, what, verdict, numbers, identical, worst, seconds``: frozen runs trained again.
    frozen_compared
        Whether `summary` covers the last measured epoch of the frozen runs too.
    """
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["number"] = number
    page = environment.from_string(TEMPLATE).render(
        figures=[_picture(item) for item in built],
        summary=summary,
        ledger=ledger,
        partly={row["name"] for row in ledger if row["region"]},
        provenance=provenance,
        skipped=skipped,
        runs=runs,
        again=again,
        frozen_compared=frozen_compared,
        kept=sum(row["sweep"].startswith("frozen/") for row in runs),
        counts=_counts(ledger),
        comparisons=sum(row["applicable"] for row in summary),
        violated=sum(row["verdict"] == "violated" for row in summary),
        listed={row["name"] for row in ledger},
    )
    content.write(path, page)
    return path


def _counts(ledger: Sequence[Mapping[str, Any]]) -> str:
    """How many theorems have each verdict, in words: "190 PROVED, 12 CERTIFIED"."""
    verdicts = [row["verdict"] for row in ledger]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))


def number(value: Any) -> str:
    """A number for a table: three significant digits, a dash for nothing."""
    if value is None or value != value:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _picture(item: Built) -> dict[str, Any]:
    return {
        "name": item.figure.name,
        "moving": _embedded(item.paths["gif"], "gif") if "gif" in item.paths else None,
        "table": item.sidecar["data"].get("table"),
        "title": item.figure.title,
        "caption": item.caption,
        "source": item.figure.source,
        "image": _embedded(item.paths["png"], "png"),
        "theorems": item.sidecar["theorems"],
        "records": [row["key"] for row in item.sidecar["records"]],
        "width": item.figure.width,
        "cost": item.figure.cost,
        "content_key": item.sidecar["content_key"][:12],
    }


def _embedded(path: Path, kind: str) -> str:
    """The picture in `path` as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
