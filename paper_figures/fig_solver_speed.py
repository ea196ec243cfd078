# SPDX-License-Identifier: MIT
"""Time to a certified optimum: this project's solver beside CVXPY and plain gradient descent, as measured."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from paper_figures import content, panels, style
from paper_figures.figure import Data, Figure

MEASURED = "benchmarks/measured/solver_speed.json"
COMMAND = "OMP_NUM_THREADS=1 python -m benchmarks solver_speed --store benchmarks/measured"
PROFILES = {
    "balanced": "equal classes (closed form)",
    "long tail": "long tail",
    "collapsing tail": "long tail, partly collapsed",
}
LOOKS: dict[str, dict[str, Any]] = {
    "simulations.solve": {"color": style.PALETTE["black"], "marker": "o", "linestyle": "-"},
    "CVXPY + SCS": {"color": style.PALETTE["blue"], "marker": "s", "linestyle": "--"},
    "CVXPY + Clarabel": {"color": style.PALETTE["vermillion"], "marker": "D", "linestyle": "-."},
    "torch Adam": {"color": style.PALETTE["green"], "marker": "^", "linestyle": ":"},
    "torch L-BFGS": {"color": style.PALETTE["purple"], "marker": "v", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
}


def data(context: Any) -> Data:
    """Seconds against the number of classes by profile and method, as the benchmark stored them."""
    stored = content.read_json(content.ROOT / MEASURED)
    if stored is None:
        raise FileNotFoundError(0, f"{MEASURED} is missing or not whole; make it with: {COMMAND}")
    rows = [row for row in map(_parsed, stored["rows"]) if row["profile"] in PROFILES]
    columns = []
    for profile, title in PROFILES.items():
        series = {}
        for method in LOOKS:
            chosen = [row for row in rows if (row["profile"], row["method"]) == (profile, method)]
            series[method] = {
                "x": np.array([row["classes"] for row in chosen]),
                "mean": np.array([row["seconds"] for row in chosen]),
                "converged": np.array([row["right"] for row in chosen]),
            }
        columns.append({"title": title, "series": series})
    return {"columns": columns, "note": _note(rows, stored["machine"])}


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """ "long tail, C = 20" in its two parts, and whether the answer was right."""
    found = re.fullmatch(r"(.*), C = (\d+)", row["problem"])
    profile, classes = (found[1], int(found[2])) if found else (row["problem"], 0)
    right = ": right" in row["outcome"]
    return {
        "profile": profile,
        "classes": classes,
        "right": right,
        "method": row["method"],
        "seconds": row["seconds"],
    }


def _note(rows: list[dict[str, Any]], machine: dict[str, Any]) -> str:
    """Machine, date, and the range of ratios to the fastest other method that was right."""
    ratios = []
    for ours in (row for row in rows if row["method"] == "simulations.solve"):
        same = [row for row in rows if (row["profile"], row["classes"]) == (ours["profile"], ours["classes"])]
        others = [row["seconds"] for row in same if row is not ours and row["right"]]
        ratios.append(min(others) / ours["seconds"])
    libraries = ", ".join(f"{name} {machine['versions'][name]}" for name in ("numpy", "cvxpy", "torch"))
    failed = sum(not row["right"] for row in rows)
    return (
        f"The fastest other method that was right took {min(ratios):.1f} to {max(ratios):.0f} times as long"
        f" as ours; {failed} of {len(rows)} runs gave no right answer. Measured once on {machine['date']} "
        f"on {machine['processor']}, {machine['threads']} thread, Python {machine['python']}, {libraries}."
    )


def grid(data: Data) -> dict[str, Any]:
    """One panel a profile of class sizes."""
    return {"nrows": 1, "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw seconds against classes; hollow where the method gave no right answer."""
    for ax, column in zip(axes.flat, data["columns"], strict=True):
        for method, series in column["series"].items():
            errors = np.zeros(len(series["x"]))
            panels.series_with_errors(ax, {**series, "error": errors}, LOOKS[method])
        ax.set_xscale("log")
        ax.set_yscale("log")
        panels.plain_log_ticks(ax.xaxis, 4, 60)
        ax.set_xlabel("classes C")
        ax.set_title(column["title"])
    axes[0, 0].set_ylabel("processor seconds")
    entries = [panels.handle(look, method) for method, look in LOOKS.items()]
    hollow = style.hollow({"color": "black", "marker": "D"})
    entries.append(panels.handle(hollow, "hollow: no right answer"))
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=3)


FIGURE = Figure(
    name="solver-speed",
    title="Solving for the optimal geometry: time against alternatives",
    caption=(
        "Processor time to a relative gap of 1e-6 on the same unconstrained-features problems "
        "(cross-entropy), against the number of classes, for equal classes, a long tail of class sizes "
        "(100 to 1), and a decay at which part of it has collapsed. Our time includes the certificate. The"
        " torch loops cannot know when to stop: they were stopped by our certified bound, which flatters "
        "them. Hollow markers: failed, or stopped at the time limit, so that the true time is larger. "
        "Lower is better."
    ),
    source="this project; benchmark solver_speed",
    cost="no training; a second (the stored measurement itself: 3 minutes of processor time)",
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=2.8,
)
