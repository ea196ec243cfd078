# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), synthetic experiments: cosines against weight decay, with and without batch norm."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_panels, kept, panels, runs, style
from paper_figures.figure import Data, Figure

TEACHERS = {"conic-hull": "conic-hull teacher", "mlp3": "3-layer MLP teacher"}
SWEEP = "synthetic"
DEPTHS = (4, 6)
ABSENT = f"{kept.ABSENT}:\npython -m simulations\nsweep {SWEEP}\n--preset paper"
STATISTICS = {
    "average over classes": {"intra": "intra_class_cosine.mean", "inter": "inter_class_cosine.mean"},
    "worst class": {"intra": "intra_class_cosine.min", "inter": "inter_class_cosine.max"},
}


def data(context: Any) -> Data:
    """Panels by statistic (rows), teacher and depth (columns); series by last layer and cosine.

    At the preset "quick" the frozen records of the published grid, if there are any; else this build's runs.
    """
    records = context.frozen(SWEEP) if context.preset == "quick" else []
    frozen = bool(records)
    if not frozen:
        records = runs.where(context.records(SWEEP), dataset=tuple(TEACHERS))
    columns: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for teacher, words in TEACHERS.items():
        for depth in DEPTHS:
            columns.append({"title": f"{words},\n{depth}-layer network", "dataset": teacher, "depth": depth})
    for statistic, quantities in STATISTICS.items():
        row = []
        for column in columns:
            chosen = runs.where(records, dataset=column["dataset"], depth=column["depth"])
            entries = cosine_panels.series(chosen, quantities, "weight_decay")
            row.append({"series": entries, "absent": "" if chosen else ABSENT})
        rows.append({"statistic": statistic, "panels": row})
    every = [entry for row in rows for panel in row["panels"] for entry in panel["series"]]
    classes = {record.final["collapse"]["num_classes"] for record in records}
    scale = "published scale" if frozen or context.preset == "paper" else f"{context.preset} preset"
    shown = [
        f"{column['title'].replace(chr(10), ' ')}: {words}"
        for column, panel in zip(columns, rows[0]["panels"], strict=True)
        if (words := cosine_panels.ends(panel["series"]))
    ]
    mark, about = "trained by this build", runs.describe(records)
    if frozen:
        mark = kept.mark(records, kept.grid_size(SWEEP, "paper"))
        about = kept.note(SWEEP, records, sweep=SWEEP, preset="paper")
    return {
        "columns": columns,
        "rows": rows,
        "at_collapse": [1.0, *(-1.0 / (count - 1) for count in sorted(classes))],
        "variants": [v for v in panels.LAST_LAYER if v in runs.values(records, "batch_norm")],
        "hollow": cosine_panels.any_hollow(every),
        "mark": f"{scale}, {mark}, {cosine_panels.seeds(every)}",
        "records": runs.keys(records),
        "note": f"{scale[0].upper()}{scale[1:]}, {cosine_panels.seeds(every)} a point. Mean cosine within a "
        f"class from the least to the largest decay: {'; '.join(shown) or 'no runs'}. {about}",
    }


def grid(data: Data) -> dict[str, Any]:
    """Two rows; one column for each teacher and depth; all panels share both axes."""
    return {"nrows": len(data["rows"]), "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw the panels and one legend below them."""
    for i, row in enumerate(data["rows"]):
        for j, (panel, column) in enumerate(zip(row["panels"], data["columns"], strict=True)):
            ax = axes[i, j]
            if panel["absent"]:
                cosine_panels.empty(ax, panel["absent"])
            else:
                cosine_panels.draw(ax, panel["series"], data["at_collapse"])
            ax.set_xscale("log")
            ax.set_ylim(-0.45, 1.06)
            if i == 0:
                ax.set_title(column["title"])
            if i == len(data["rows"]) - 1:
                ax.set_xlabel("weight decay $\\lambda$")
            if j == 0:
                ax.set_ylabel(f"cosine, {row['statistic']}")
    handles = cosine_panels.handles(data["variants"], hollow=data["hollow"], worst=False)
    axes[0, 0].figure.legend(handles=handles, loc="outside lower center", ncols=3, title=data["mark"])


FIGURE = Figure(
    name="pan-cao-synthetic",
    title="Neural collapse against weight decay on synthetic teachers",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, "
        "against weight decay, with batch norm after the last ReLU and without. Top: mean over classes "
        "(pairs of classes). Bottom: the worst class (pair). Markers are means over seeds, bars one "
        "standard error where there are several. Dotted lines: the values at exact collapse."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, synthetic experiments (2 x 4 figure)",
    cost=(
        "nothing where frozen records of the published grid are kept; else 64 short training runs, 2 minutes "
        "of processor time; with --preset paper, 168 runs of minutes each"
    ),
    sweeps=(SWEEP,),
    frozen=(SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.2,
)
