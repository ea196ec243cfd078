# SPDX-License-Identifier: MIT
"""How the loss gap is spent through training: wrong-class spread, margin spread and misalignment."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, runs, style
from paper_figures.figure import Data, Figure

#: Terms of the loss gap: words, colour and hatching (for print), from bottom to top.
TERMS = {
    "misalignment": ("misalignment (NC1 + NC3)", style.PALETTE["blue"], ""),
    "margin_spread": ("margin spread (NC2)", style.PALETTE["orange"], "////"),
    "wrong_class_spread": ("wrong-class spread (NC2)", style.PALETTE["sky"], "...."),
}


def data(context: Any) -> Data:
    """One column per last-layer variant: loss gap, loss, least loss, and the shares of the three terms."""
    records = context.records("terminal-phase")
    variants = runs.with_and_without(records)
    records = runs.where(records, batch_norm=tuple(variants))
    columns = []
    for variant in variants:
        chosen = runs.where(records, batch_norm=variant)
        terms = {name: runs.course(chosen, f"gap_decomposition.{name}") for name in TERMS}
        total = sum((terms[name]["mean"] for name in TERMS), start=np.zeros(1))
        columns.append(
            {
                "title": panels.LAST_LAYER[variant][1],
                "epoch": terms["misalignment"]["x"],
                "loss": runs.course(chosen, "loss"),
                "minimum_loss": runs.course(chosen, "minimum_loss"),
                "loss_gap": runs.course(chosen, "loss_gap"),
                "shares": {name: terms[name]["mean"] / total for name in TERMS},
                "share_errors": {name: terms[name]["error"] / total for name in TERMS},
                "terminal_phase": runs.terminal_phase_start(chosen),
            }
        )
    return {"columns": columns, "records": runs.keys(records), "note": runs.describe(records)}


def grid(data: Data) -> dict[str, Any]:
    """Loss above, shares below; one column per last-layer variant."""
    return {
        "nrows": 2,
        "ncols": len(data["columns"]),
        "sharex": "col",
        "sharey": "row",
        "gridspec_kw": {"height_ratios": [1.0, 1.15]},
    }


def draw(axes: Any, data: Data) -> None:
    """Draw the losses and the stacked shares, with a shared legend."""
    looks = {
        "loss": {"color": style.PALETTE["black"], "linestyle": "-"},
        "loss_gap": {"color": style.PALETTE["vermillion"], "linestyle": "--"},
        "minimum_loss": {"color": style.PALETTE["grey"], "linestyle": ":"},
    }
    for j, column in enumerate(data["columns"]):
        top, bottom = axes[0, j], axes[1, j]
        for name, look in looks.items():
            top.plot(column[name]["x"], column[name]["mean"], **look)
        top.set_yscale("log")
        top.set_title(column["title"])
        layers = [column["shares"][name] for name in TERMS]
        fills = bottom.stackplot(column["epoch"], *layers, colors=[TERMS[name][1] for name in TERMS])
        for fill, name in zip(fills, TERMS, strict=True):
            fill.set_hatch(TERMS[name][2])
            fill.set_edgecolor("white")
            fill.set_linewidth(0.4)
        bottom.set_ylim(0, 1)
        panels.marked_epoch(top, column["terminal_phase"])
        panels.marked_epoch(bottom, column["terminal_phase"])
        for ax in (top, bottom):
            panels.log_epochs(ax, column["epoch"])
        top.set_xlabel("")
    axes[0, 0].set_ylabel("cross-entropy, nats")
    axes[1, 0].set_ylabel("share of the loss gap")
    _legend(axes, looks)


def _legend(axes: Any, looks: dict[str, Any]) -> None:
    from matplotlib.patches import Patch

    words = {"loss": "loss", "loss_gap": "loss gap", "minimum_loss": "least loss for these norms"}
    entries = [panels.handle(look, words[name]) for name, look in looks.items()]
    entries += [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
        for label, colour, hatch in TERMS.values()
    ]
    entries.append(panels.handle(panels.MARKED_EPOCH, "99.9 % training accuracy"))
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=3)


FIGURE = Figure(
    name="loss-gap-anatomy",
    title="Anatomy of the loss gap",
    caption=(
        "Top: the loss, the least loss that the current norms of features and classifier allow, and their "
        "difference, the loss gap. Bottom: the loss gap is exactly the sum of three terms, each a "
        "departure from collapse; their shares through training. Misalignment is the distance between "
        "normalised features and their classifier rows (NC1 and NC3); margin spread and wrong-class "
        "spread are departures of the logits from equal angles and norms (NC2)."
    ),
    source="this project; exact decomposition of the loss gap (theorem loss-gap-identity)",
    cost="3 training runs, 30 seconds of processor time",
    theorems=("loss-gap-identity",),
    sweeps=("terminal-phase",),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.0,
)
