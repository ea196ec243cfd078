# SPDX-License-Identifier: MIT
"""Panels of cosines against weight decay, with batch norm and without: what several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from paper_figures import panels, runs, style

#: Name in a panel -> quantity of the last measurement.
QUANTITIES = {
    "intra": "intra_class_cosine.mean",
    "intra_worst": "intra_class_cosine.min",
    "inter": "inter_class_cosine.mean",
    "inter_worst": "inter_class_cosine.max",
}
DASHES = {"intra": "-", "inter": "--"}
COLLAPSED = {"color": style.PALETTE["grey"], "linewidth": 0.8, "linestyle": (0, (1, 1.5))}


def series(records: Sequence[Any], quantities: dict[str, str], axis: str) -> list[dict[str, Any]]:
    """One entry a last layer: ``batch_norm`` and, for each of `quantities`, mean and error over seeds."""
    return [
        {
            "batch_norm": variant,
            **{
                name: runs.over_seeds(runs.where(records, batch_norm=variant), axis, quantity)
                for name, quantity in quantities.items()
            },
        }
        for variant in (v for v in panels.LAST_LAYER if v in runs.values(records, "batch_norm"))
    ]


def seeds(entries: Sequence[dict[str, Any]]) -> str:
    """How many runs the points of some panels are means of: "n = 1", "n = 1 to 3"."""
    counts = [
        int(n)
        for entry in entries
        for item in entry.values()
        if isinstance(item, dict) and "runs" in item
        for n in item["runs"]
    ]
    if not counts:
        return "n = 0"
    return f"n = {min(counts)}" if min(counts) == max(counts) else f"n = {min(counts)} to {max(counts)}"


def ends(entries: Sequence[dict[str, Any]]) -> str:
    """The mean cosine within a class at the least and at the largest decay of a panel, in words."""
    found = []
    for entry in entries:
        mean, words = entry["intra"]["mean"], panels.LAST_LAYER[entry["batch_norm"]][1]
        if len(mean) > 1:
            found.append(f"{mean[0]:.3f} to {mean[-1]:.3f} ({words})")
    return ", ".join(found)


def draw(ax: Any, entries: Sequence[dict[str, Any]], levels: Sequence[float]) -> None:
    """Means with error bars; thin lines and a tint from the mean to the worst class, where it is given."""
    for level in levels:
        ax.axhline(level, **COLLAPSED)
    for entry in entries:
        look = style.series(panels.LAST_LAYER[entry["batch_norm"]][0])
        for name, dashes in DASHES.items():
            mean, worst = entry[name], entry.get(f"{name}_worst")
            if worst is not None:
                tint = {"color": look["color"], "alpha": 0.13, "linewidth": 0}
                ax.fill_between(mean["x"], mean["mean"], worst["mean"], **tint)
                ax.plot(worst["x"], worst["mean"], color=look["color"], linewidth=0.6, linestyle=dashes)
            panels.series_with_errors(ax, mean, {**look, "linestyle": dashes})


def empty(ax: Any, words: str) -> None:
    """Words in the middle of a panel without runs."""
    ax.grid(visible=False)
    ax.text(
        0.5,
        0.45,
        words,
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=6.5,
        color="#333333",
    )


def handles(variants: Sequence[str], *, hollow: bool, worst: bool = True) -> list[Any]:
    """The entries of the legend."""
    black = style.PALETTE["black"]
    found = []
    for variant in variants:
        name, words = panels.LAST_LAYER[variant]
        found.append(panels.handle(style.series(name, linestyle="none"), words))
    found.append(panels.handle({"color": black, "linestyle": "-"}, "within a class"))
    found.append(panels.handle({"color": black, "linestyle": "--"}, "between classes"))
    if worst:
        thin = {"color": black, "linewidth": 0.6, "linestyle": "-"}
        found.append(panels.handle(thin, "thin line, tint: to the worst class (pair)"))
    if hollow:
        look = style.hollow({"color": black, "marker": "o"})
        found.append(panels.handle(look, "hollow: a run below 99.9 % accuracy"))
    found.append(panels.handle(COLLAPSED, "exact collapse: 1, $-1/(C-1)$"))
    return found


def any_hollow(entries: Sequence[dict[str, Any]]) -> bool:
    """Whether some point has a run that ended below 99.9 % training accuracy."""
    return any(
        not bool(np.all(item["converged"]))
        for entry in entries
        for item in entry.values()
        if isinstance(item, dict) and "converged" in item
    )
