# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho (2020), Figures 2 to 7, for a multilayer perceptron on handwritten digits."""

from __future__ import annotations

from typing import Any

from paper_figures import panels, papyan_cells, runs, style
from paper_figures.figure import Data, Figure

#: Number of the published figure -> title and vertical label.
WORDS = {
    2: ("equal norms", "std / mean of norms"),
    3: ("equal angles", "std of cosines"),
    4: ("maximal angles", "mean |cos + 1/(C−1)|"),
    5: ("self-duality", "‖W/‖W‖ − M/‖M‖‖²"),
    6: ("within-class", "Tr($\\Sigma_W\\Sigma_B^+$)/C"),
    7: ("nearest class mean", "share that disagrees"),
}
#: Number -> logarithmic or not, series: (look, dotted quantity of a measurement).
PANELS = {
    **{number: (log, series) for number, (_, log, series) in papyan_cells.MEASURES.items()},
    7: (False, (("measured", "nc4.ncc_mismatch"),)),
}


def data(context: Any) -> Data:
    """Six panels of courses over epochs, and the start of the terminal phase."""
    records = context.records("terminal-phase")
    variant = runs.with_and_without(records)[0]
    chosen = runs.where(records, batch_norm=variant)
    return {
        "panels": [
            {
                "title": f"Fig. {number}: {WORDS[number][0]}",
                "label": WORDS[number][1],
                "log": log,
                "series": [{"look": look, **runs.course(chosen, quantity)} for look, quantity in series],
            }
            for number, (log, series) in PANELS.items()
        ],
        "terminal_phase": runs.terminal_phase_start(chosen),
        "records": runs.keys(chosen),
        "note": f"Last layer: {panels.LAST_LAYER[variant][1]}. {runs.describe(chosen)}",
    }


def grid(data: Data) -> dict[str, Any]:
    """Two rows of three panels."""
    return {"nrows": 2, "ncols": 3, "sharex": True}


def draw(axes: Any, data: Data) -> None:
    """Draw the six panels; the dashed vertical line is the start of the terminal phase."""
    for index, (ax, panel) in enumerate(zip(axes.flat, data["panels"], strict=True)):
        for series in panel["series"]:
            look = style.series(series["look"], markersize=3.0)
            ax.plot(series["x"], series["mean"], markevery=panels.sparse(series["x"]), **look)
            low, high = series["mean"] - series["error"], series["mean"] + series["error"]
            ax.fill_between(series["x"], low, high, color=look["color"], alpha=0.2, linewidth=0)
        panels.log_epochs(ax, panel["series"][0]["x"])
        if panel["log"]:
            ax.set_yscale("log")
            panels.plain_log_ticks(ax.yaxis, *ax.get_ylim())
        else:
            ax.set_ylim(bottom=0)
        panels.marked_epoch(ax, data["terminal_phase"])
        ax.set_title(panel["title"])
        ax.set_ylabel(panel["label"])
        if index < 3:
            ax.set_xlabel("")
    entries = [
        panels.handle(style.series("class-means"), "class means"),
        panels.handle(style.series("classifier"), "classifier rows"),
        panels.handle(panels.MARKED_EPOCH, "start of the terminal phase (99.9 % training accuracy)"),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=3)


FIGURE = Figure(
    name="papyan-nc",
    title="The six signs of neural collapse through training",
    caption=(
        "Papyan, Han and Donoho's Figures 2 to 7 for a small multilayer perceptron on handwritten digits: "
        "variation of norms, variation of angles, distance from the largest possible angles, distance of "
        "the classifier from the class means, within-class against between-class variability, and "
        "disagreement with the nearest class mean (training data). The standard deviation of Figure 2 "
        "divides by C − 1, as the authors' code does."
    ),
    source="Papyan, Han & Donoho 2020, PNAS 117(40):24652, Figures 2-7",
    cost="3 training runs, 30 seconds of processor time",
    sweeps=("terminal-phase",),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=3.9,
)
