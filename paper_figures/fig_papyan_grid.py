# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho (2020), Figures 2 to 8: every measure against the epoch, by architecture."""

from __future__ import annotations

from statistics import median
from typing import Any

import numpy as np

from paper_figures import panels, papyan_cells, runs, style
from paper_figures.figure import Data, Figure

#: Vertical label, logarithmic or not, series: (look, dotted quantity of a row of the history).
ROWS: tuple[tuple[str, bool, tuple[tuple[str, str], ...]], ...] = (
    *(
        (f"Fig. {number}\n{label}", log, tuple((look, f"collapse.{name}") for look, name in series))
        for number, (label, log, series) in papyan_cells.MEASURES.items()
    ),
    ("Fig. 7\nNC4: test images\nthat disagree", False, (("measured", "test.ncc_mismatch"),)),
    ("Fig. 8\nDeepFool\nmean ‖r‖/‖x‖", False, (("measured", "robustness.mean"),)),
)


#: Columns beside each other at most: two data sets.
ACROSS = 6


def data(context: Any) -> Data:
    """Columns (one an architecture and data set) of panels of courses, one a seed and one their mean."""
    every = papyan_cells.cells(context)
    shown = {cell.dataset for cell in every if cell.records} or {cell.dataset for cell in every[:1]}
    columns = [_column(cell) for cell in every if cell.dataset in shown]
    drops = sorted({epoch for cell in every for record in cell.records for epoch in _drops(record.config)})
    note = papyan_cells.note(context)
    if drops:
        note += f" The learning rate falls tenfold after epochs {' and '.join(map(str, drops))}."
    return {
        "columns": columns,
        "records": [key for cell in every for key in runs.keys(cell.records)],
        "note": note,
    }


def _column(cell: papyan_cells.Cell) -> Data:
    starts = [record.terminal_phase_epoch for record in cell.records]
    reached = [float(start) for start in starts if start is not None]
    return {
        "dataset": cell.dataset,
        "network": cell.network,
        "runs": len(cell.records),
        "terminal": {"first": min(reached), "median": median(reached), "last": max(reached)}
        if reached
        else None,
        "rows": [
            [_series(cell.records, look, quantity) for look, quantity in series] for _, _, series in ROWS
        ],
    }


def _series(records: list[Any], look: str, quantity: str) -> Data:
    """Every seed's course, and the mean over the seeds at the epochs that all of them measured.

    The first epoch of zero error is another one in each run, so that the mean has no value there.
    """
    seeds = []
    for record in records:
        found = [(row["epoch"], papyan_cells.value(row, quantity)) for row in record.history]
        present = [(epoch, value) for epoch, value in found if value is not None]
        seeds.append({"x": [epoch for epoch, _ in present], "y": [value for _, value in present]})
    common = sorted(set.intersection(*(set(seed["x"]) for seed in seeds))) if seeds else []
    means = [float(np.mean([seed["y"][seed["x"].index(epoch)] for seed in seeds])) for epoch in common]
    return {"look": look, "seeds": seeds, "x": common, "mean": means}


def _drops(config: Any) -> list[int]:
    """The epochs after which the learning rate is lowered."""
    return [round(fraction * config["epochs"]) for fraction in config["milestones"]]


def grid(data: Data) -> dict[str, Any]:
    """One row a measure, one column an architecture and data set; blocks of `ACROSS` columns."""
    across = min(ACROSS, len(data["columns"]))
    return {"nrows": len(ROWS) * _blocks(data), "ncols": across, "sharex": "col", "sharey": "row"}


def height(data: Data) -> float:
    """Inches: a block takes 7.8."""
    return 0.6 + 7.8 * _blocks(data)


def _blocks(data: Data) -> int:
    return -(-len(data["columns"]) // ACROSS)


def draw(axes: Any, data: Data) -> None:
    """Draw every seed thin and their mean with markers; shade where the terminal phase starts."""
    for number, column in enumerate(data["columns"]):
        block, place = divmod(number, ACROSS)
        here = axes[len(ROWS) * block : len(ROWS) * (block + 1), place]
        for ax, (label, log, _), row in zip(here, ROWS, column["rows"], strict=True):
            for series in row:
                look = style.series(series["look"], markersize=3.2)
                for seed in series["seeds"]:
                    ax.plot(seed["x"], seed["y"], **{**look, "marker": "none", "linewidth": 0.55})
                ax.plot(series["x"], series["mean"], **look)
                for seed in series["seeds"]:
                    if len(seed["x"]) == 2:
                        ax.plot(seed["x"][:1], seed["y"][:1], **style.hollow(look))
            if column["terminal"] is not None:
                first, last = column["terminal"]["first"], column["terminal"]["last"]
                ax.axvspan(first, last, color="#E4E4E4", linewidth=0, zorder=0)
                panels.marked_epoch(ax, column["terminal"]["median"])
            if log:
                ax.set_yscale("log")
            if place == 0:
                # Beside "(log)", which is added to the label of a logarithmic axis.
                ax.set_ylabel(f"{label}\n" if log else label, fontsize=6.5)
            if column["runs"] == 0:
                ax.set_facecolor("#F6F6F6")
        epochs = [epoch for series in column["rows"][0] for seed in series["seeds"] for epoch in seed["x"]]
        panels.log_epochs(here[-1], epochs or [1, 10, 100])
        here[-1].tick_params(labelbottom=True)
        number_of = f"n = {column['runs']}" if column["runs"] else "not run yet"
        here[0].set_title(f"{column['dataset']}\n{column['network']}\n{number_of}")
    unused = -len(data["columns"]) % axes.shape[1]
    for ax in axes[-len(ROWS) :, axes.shape[1] - unused :].flat:
        ax.set_axis_off()
    _scales(axes)
    entries = [
        panels.handle(style.series("class-means"), "class means"),
        panels.handle(style.series("classifier"), "classifier rows"),
        panels.handle(style.series("measured"), "the network as a whole"),
        panels.handle({"color": "black", "linewidth": 0.55}, "one seed (markers: mean of all seeds)"),
        panels.handle(style.hollow(style.series("measured")), "one seed at zero training error"),
        panels.handle(panels.MARKED_EPOCH, "terminal phase begins (median; shaded: all)"),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=3)


def _scales(axes: Any) -> None:
    """Rows from 0 where linear, plain numbers where logarithmic; no number of a row is printed twice."""
    for number, ax in enumerate(axes[:, 0]):
        _, log, _ = ROWS[number % len(ROWS)]
        if log:
            panels.plain_log_ticks(ax.yaxis, *ax.get_ylim())
        else:
            ax.set_ylim(bottom=0)
            ax.locator_params(axis="y", nbins=4)


FIGURE = Figure(
    name="papyan-grid",
    title="Neural collapse in VGG, ResNet and DenseNet (Papyan, Han & Donoho's Figures 2 to 8)",
    caption=(
        "Papyan, Han and Donoho's Figures 2 to 8 at the scale of two processor cores: one column an "
        "architecture (an eighth of the channels), one row a measure, against the epoch on a logarithmic "
        "axis (theirs is linear). Thin lines are single seeds, markers their mean at the epochs that all of "
        "them measured; the dashed line is the median epoch at which 99.9 % of the training images are "
        "classified rightly, shaded from the first to the last seed. Figures 2 to 6 are of the training "
        "images, 7 and 8 of held-out ones: the share on which the network and the nearest class mean "
        "disagree, and the size of the least perturbation that DeepFool finds, which is measured at the "
        "first epoch of zero training error (hollow; another one in each run) and at the end. The "
        "standard deviation of Figure 2 divides by C − 1, as the authors' code does."
    ),
    source="Papyan, Han & Donoho 2020, PNAS 117(40):24652, Figures 2-8",
    cost="reads records kept in the repository; trains nothing below the preset paper",
    frozen=(papyan_cells.FROZEN,),
    original=(papyan_cells.SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=height,
)
