# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), synthetic experiments: cosines against weight decay, with and without batch norm."""

from __future__ import annotations

from typing import Any

from paper_figures import panels, runs, style
from paper_figures.figure import Data, Figure

TEACHERS = {"conic-hull": "conic-hull teacher", "mlp3": "3-layer MLP teacher"}
STATISTICS = {
    "average over classes": ("intra_class_cosine.mean", "inter_class_cosine.mean"),
    "worst class": ("intra_class_cosine.min", "inter_class_cosine.max"),
}


def data(context: Any) -> Data:
    """Panels by statistic (rows), teacher and depth (columns); series by last layer and cosine."""
    records = runs.where(context.records("synthetic"), dataset=tuple(TEACHERS))
    columns, rows = [], []
    for teacher, words in TEACHERS.items():
        for depth in runs.values(runs.where(records, dataset=teacher), "depth"):
            columns.append({"title": f"{words}, {depth}-layer network", "dataset": teacher, "depth": depth})
    for statistic, (intra, inter) in STATISTICS.items():
        row = []
        for column in columns:
            chosen = runs.where(records, dataset=column["dataset"], depth=column["depth"])
            row.append(
                [
                    {
                        "batch_norm": variant,
                        "intra": runs.over_seeds(
                            runs.where(chosen, batch_norm=variant), "weight_decay", intra
                        ),
                        "inter": runs.over_seeds(
                            runs.where(chosen, batch_norm=variant), "weight_decay", inter
                        ),
                    }
                    for variant in runs.values(chosen, "batch_norm")
                ]
            )
        rows.append({"statistic": statistic, "panels": row})
    classes = {record.final["collapse"]["num_classes"] for record in records}
    return {
        "columns": columns,
        "rows": rows,
        "at_collapse": [1.0, *(-1.0 / (count - 1) for count in sorted(classes))],
        "variants": [v for v in panels.LAST_LAYER if v in runs.values(records, "batch_norm")],
        "records": runs.keys(records),
        "note": runs.describe(records),
    }


def grid(data: Data) -> dict[str, Any]:
    """Two rows; one column for each teacher and depth; all panels share both axes."""
    return {"nrows": len(data["rows"]), "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw the panels and one legend below them."""
    for i, row in enumerate(data["rows"]):
        for j, (panel, column) in enumerate(zip(row["panels"], data["columns"], strict=True)):
            ax = axes[i, j]
            for level in data["at_collapse"]:
                ax.axhline(level, color=style.PALETTE["grey"], linewidth=0.8, linestyle=(0, (1, 1.5)))
            for variant in panel:
                look = style.series(panels.LAST_LAYER[variant["batch_norm"]][0])
                panels.series_with_errors(ax, variant["intra"], {**look, "linestyle": "-"})
                panels.series_with_errors(ax, variant["inter"], {**look, "linestyle": "--"})
            ax.set_xscale("log")
            ax.set_ylim(-0.45, 1.06)
            if i == 0:
                ax.set_title(column["title"].replace(", ", ",\n"))
            if i == len(data["rows"]) - 1:
                ax.set_xlabel("weight decay $\\lambda$")
            if j == 0:
                ax.set_ylabel(f"cosine, {row['statistic']}")
    axes[0, 0].figure.legend(handles=_handles(data), loc="outside lower center", ncols=3)


def _handles(data: Data) -> list[Any]:
    black = style.PALETTE["black"]
    entries = []
    for variant in data["variants"]:
        name, words = panels.LAST_LAYER[variant]
        entries.append(panels.handle(style.series(name, linestyle="none"), words))
    entries.append(panels.handle({"color": black, "linestyle": "-"}, "within a class (1 at collapse)"))
    entries.append(
        panels.handle({"color": black, "linestyle": "--"}, "between classes ($-1/(C-1)$ at collapse)")
    )
    hollow = style.hollow({"color": black, "marker": "o"})
    entries.append(panels.handle(hollow, "hollow: a run ended below 99.9 % training accuracy"))
    reference = {"color": style.PALETTE["grey"], "linestyle": (0, (1, 1.5))}
    entries.append(panels.handle(reference, "value at exact collapse"))
    return entries


FIGURE = Figure(
    name="pan-cao-synthetic",
    title="Neural collapse against weight decay on synthetic teachers",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, "
        "against weight decay, with batch norm after the last ReLU and without. Top: mean over classes "
        "(pairs of classes). Bottom: the worst class (pair). Markers are means over seeds, bars one "
        "standard error. Dotted lines: the values at exact collapse. With batch norm both cosines "
        "approach them as weight decay grows."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, synthetic experiments (2 x 4 figure)",
    cost="64 short training runs, 2 minutes of processor time",
    sweeps=("synthetic",),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.2,
)
