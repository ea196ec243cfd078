# SPDX-License-Identifier: MIT
"""Measured within-class variability beside what is guaranteed, against weight decay, on real images."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, runs, style
from paper_figures.figure import Data, Figure

DATASETS = {"digits": "digits", "fashion-mnist": "Fashion-MNIST"}
FROM_NORMS, FROM_DECAY = "within-class-variability", "within-class-variability-weight-decay"
LOOKS = {"measured": "measured", FROM_NORMS: "guaranteed", FROM_DECAY: "guaranteed-weight-decay"}
PUBLISHED = ("pan-cao-2.1-intra", "pan-cao-2.2-intra")
WORDS = {
    "measured": "measured",
    FROM_NORMS: "guaranteed from loss and norms",
    FROM_DECAY: "guaranteed from $\\lambda$ and the regularised loss alone",
}


def data(context: Any) -> Data:
    """One column per data set and last-layer variant: measured, two bounds, published form."""
    columns: list[dict[str, Any]] = []
    absent, every = [], []
    for sweep, words in DATASETS.items():
        records = context.records(sweep)
        if not records:
            absent.append(words)
        for variant in runs.with_and_without(records):
            chosen = runs.where(records, batch_norm=variant)
            every += chosen
            columns.append(_column(chosen, f"{words}, {panels.LAST_LAYER[variant][1]}", variant != "none"))
    missing = f" Left out, because the data set is not installed: {', '.join(absent)}." if absent else ""
    return {"columns": columns, "records": runs.keys(every), "note": runs.describe(every) + missing}


def _column(records: list[Any], title: str, batch_norm: bool) -> dict[str, Any]:
    axis = "weight_decay"
    return {
        "title": title,
        "measured": runs.over_seeds(records, axis, "within_class_variability"),
        FROM_NORMS: runs.over_seeds(records, axis, lambda record: _bound(record, FROM_NORMS)),
        FROM_DECAY: runs.over_seeds(records, axis, lambda record: _bound(record, FROM_DECAY)),
        "published": runs.over_seeds(records, axis, lambda record: _published(record, batch_norm)),
        "published_statement": "2.2" if batch_norm else "2.1",
    }


def _bound(record: Any, theorem: str) -> float:
    """The bound of `theorem` after training; NaN, which is not drawn, where a hypothesis is not met."""
    for row in record.final["collapse"]["guarantees"]:
        if row["theorem"] == theorem and row["quantity"] == "within_class_variability":
            return np.nan if row["bound"] is None or row["holds"] is None else float(row["bound"])
    return np.nan


def _published(record: Any, batch_norm: bool) -> float:
    """log10 of the published bound on 1 - intra at delta = 1 with every unspecified constant set to 1.

    Pan & Cao (2023), Theorem 2.1: e^{C alpha beta} / (alpha beta) sqrt(eps); Theorem 2.2 (batch norm and
    weight decay): (C / lambda)^C sqrt(eps_reg). In logarithms, because the numbers overflow.
    """
    collapse = record.final["collapse"]
    classes = collapse["num_classes"]
    if batch_norm:
        gap = collapse["regularized_loss"] - collapse["minimum_regularized_loss"]
        return float(classes * np.log10(classes / record.config["weight_decay"]) + 0.5 * np.log10(gap))
    product = collapse["feature_norm"] * collapse["weight_norm"]
    return float(classes * product / np.log(10.0) - np.log10(product) + 0.5 * np.log10(collapse["loss_gap"]))


def grid(data: Data) -> dict[str, Any]:
    """A strip for the published form above the main panel; one column per data set and variant."""
    ratios = {"height_ratios": [0.42, 1.0]}
    return {
        "nrows": 2,
        "ncols": len(data["columns"]),
        "sharex": "col",
        "sharey": "row",
        "gridspec_kw": ratios,
    }


def draw(axes: Any, data: Data) -> None:
    """Draw the published values (as powers of ten) above the measured and guaranteed ones."""
    for j, column in enumerate(data["columns"]):
        strip, main = axes[0, j], axes[1, j]
        panels.series_with_errors(strip, column["published"], style.series("published"))
        strip.yaxis.set_major_formatter(lambda value, position: f"$10^{{{value:.0f}}}$")
        strip.set_title(column["title"].replace(", ", ",\n", 1))
        panels.letter(strip, f"Theorem {column['published_statement']}")
        main.axhline(1.0, color=style.PALETTE["grey"], linewidth=0.8, linestyle=(0, (1, 1.5)))
        for name, look in LOOKS.items():
            panels.series_with_errors(main, column[name], style.series(look))
        main.set_xscale("log")
        main.set_yscale("log")
        main.set_xlabel("weight decay $\\lambda$")
        strip.margins(y=0.45)
    axes[1, 0].set_ylim(top=1.6)
    panels.plain_log_ticks(axes[1, 0].yaxis, *axes[1, 0].get_ylim())
    axes[0, 0].set_ylabel("published\nform")
    axes[1, 0].set_ylabel("within-class variability $\\nu$")
    entries = [panels.handle(style.series(look), WORDS[name]) for name, look in LOOKS.items()]
    entries.append(
        panels.handle(style.series("published"), "published form, its unspecified constants set to 1")
    )
    reference = {"color": style.PALETTE["grey"], "linestyle": (0, (1, 1.5))}
    entries.append(panels.handle(reference, "1: a bound above it says nothing"))
    hollow = style.hollow(style.series("measured"))
    entries.append(panels.handle(hollow, "hollow: a run ended below 99.9 % training accuracy"))
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=2)


FIGURE = Figure(
    name="bounds-weight-decay",
    title="Guaranteed and measured within-class variability",
    caption=(
        "Within-class variability of the trained networks (black) below what is guaranteed for them: from "
        "the loss and the norms of features and classifier, and from weight decay and the regularised "
        "loss alone. Upper strip: the published guarantee on 1 - intra-class cosine (Pan and Cao, Theorem "
        "2.1 without and 2.2 with batch norm), as powers of ten, drawn as a shape: its unspecified "
        "constants and delta are set to 1, and it is drawn also where its hypotheses are not checked, so it "
        "is not a bound on these runs. Markers are means over seeds, bars one standard error."
    ),
    source="this project; published form: Pan & Cao 2023, arXiv:2309.04644, Theorems 2.1 and 2.2",
    cost="50 short training runs, 2 minutes of processor time",
    theorems=(FROM_NORMS, FROM_DECAY, *PUBLISHED),
    sweeps=("digits", "fashion-mnist"),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.2,
)
