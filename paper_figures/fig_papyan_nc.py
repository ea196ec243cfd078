# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho (2020), Figures 2 to 7, for a multilayer perceptron on handwritten digits."""

from __future__ import annotations

from typing import Any

from paper_figures import panels, runs, style
from paper_figures.figure import Data, Figure

#: Title, vertical label, logarithmic or not, quantities of (class means, classifier).
PANELS: tuple[tuple[str, str, bool, tuple[str, ...]], ...] = (
    ("Fig. 2: equal norms", "std / mean of norms", False, ("nc2.equinorm_means", "nc2.equinorm_weights")),
    ("Fig. 3: equal angles", "std of cosines", False, ("nc2.equiangular_means", "nc2.equiangular_weights")),
    (
        "Fig. 4: maximal angles",
        "mean |cos + 1/(C−1)|",
        False,
        ("nc2.max_angle_means", "nc2.max_angle_weights"),
    ),
    ("Fig. 5: self-duality", "‖W/‖W‖ − M/‖M‖‖²", False, ("nc3.self_duality",)),
    ("Fig. 6: within-class", "Tr($\\Sigma_W\\Sigma_B^+$)/C", True, ("nc1.pinv_trace",)),
    ("Fig. 7: nearest class mean", "share that disagrees", False, ("nc4.ncc_mismatch",)),
)
LOOKS = ("class-means", "classifier")


def data(context: Any) -> Data:
    """Six panels of courses over epochs, and the start of the terminal phase."""
    records = context.records("terminal-phase")
    variant = runs.with_and_without(records)[0]
    chosen = runs.where(records, batch_norm=variant)
    return {
        "panels": [
            {
                "title": title,
                "label": label,
                "log": log,
                "series": [runs.course(chosen, quantity) for quantity in quantities],
            }
            for title, label, log, quantities in PANELS
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
        for series, name in zip(panel["series"], LOOKS, strict=False):
            look = style.series(name if len(panel["series"]) > 1 else "measured", markersize=3.0)
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
        "disagreement with the nearest class mean (training data)."
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
