# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho (2020), Table 1: the first epoch of zero training error against the last one."""

from __future__ import annotations

from statistics import mean, median, stdev
from typing import Any

from paper_figures import panels, papyan_cells, published, runs, style
from paper_figures.figure import Data, Figure

#: Heading, axis label, dotted quantity of a row of the history, factor of the print, decimals of the change,
#: name among the published changes.
COLUMNS: tuple[tuple[str, str, str, float, int, str | None], ...] = (
    (
        "Table 1: test accuracy",
        "per cent of the test images",
        "test.accuracy",
        100.0,
        2,
        "test_accuracy",
    ),
    ("Fig. 8: DeepFool's distance", "mean of ‖r‖/‖x‖", "robustness.mean", 1.0, 4, "robustness"),
    ("Fig. 7: NC4", "per cent that disagree", "test.ncc_mismatch", 100.0, 2, None),
)


def data(context: Any) -> Data:
    """For each cell with runs and each column: every seed's pair of values, and the change."""
    every = papyan_cells.cells(context)
    shown = [cell for cell in every if any(papyan_cells.at_zero_error(record) for record in cell.records)]
    printed = {row["quantity"]: float(row["median_change"]) for row in _published()}
    columns = [
        {
            "heading": heading,
            "label": label,
            "decimals": decimals,
            "published": printed.get(name) if name else None,
            "published_text": _signed(printed[name], 4) if name else "–",
            "cells": [_pairs(cell, quantity, factor, decimals) for cell in shown],
        }
        for heading, label, quantity, factor, decimals, name in COLUMNS
    ]
    names = [{"dataset": cell.dataset, "network": cell.network} for cell in shown]
    return {
        "names": names,
        "columns": columns,
        "records": [key for cell in shown for key in runs.keys(cell.records)],
        "table": _table(names, columns),
        "note": f"{_verdict(columns)} {papyan_cells.note(context)}".strip(),
    }


def _published() -> list[dict[str, str]]:
    return published.table("papyan_2020_terminal_phase")


def _pairs(cell: papyan_cells.Cell, quantity: str, factor: float, decimals: int) -> Data:
    """Values of the runs that have them at both epochs, in the printed unit; the change and how it prints."""
    first, last = [], []
    for record in cell.records:
        begin = papyan_cells.value(papyan_cells.at_zero_error(record), quantity)
        end = papyan_cells.value(record.final, quantity)
        if begin is not None and end is not None:
            first.append(factor * begin)
            last.append(factor * end)
    change = spread([b - a for a, b in zip(first, last, strict=True)])
    text = f"{_with_spread(change, decimals, sign='+')} (n = {change['n']})"
    return {"first": first, "last": last, "change": change, "text": text}


def spread(values: list[float]) -> Data:
    """Number, mean and sample deviation (n - 1) of `values`; NaN where there are too few for one."""
    return {
        "n": len(values),
        "mean": mean(values) if values else float("nan"),
        "deviation": stdev(values) if len(values) > 1 else float("nan"),
    }


def _verdict(columns: list[Data]) -> str:
    """How many runs changed in the published direction, and the median change beside the published one."""
    words = []
    for column, what, unit in zip(
        columns, ("Test accuracy", "DeepFool's distance"), (" points", ""), strict=False
    ):
        changes = [
            b - a for cell in column["cells"] for a, b in zip(cell["first"], cell["last"], strict=True)
        ]
        if changes:
            up, middle = sum(change > 0 for change in changes), _signed(median(changes), column["decimals"])
            words.append(
                f"{what} rose in {up} of {runs.count(len(changes), 'run')}, by {middle}{unit} in the median "
                f"(published median: {_signed(column['published'], 4)}{unit})."
            )
    return " ".join([*words, "The signs can be compared; the sizes are of another scale."] if words else [])


def _table(names: list[Data], columns: list[Data]) -> Data:
    """The same numbers as a table: mean ± sample deviation over seeds, at both epochs and of the change."""
    head = ["data", "network", "n"]
    for column in columns:
        what = column["heading"].split(": ", 1)[1]
        head += [f"{what}: {when}" for when in ("zero error", "last epoch", "change")]
    rows = []
    for index, name in enumerate(names):
        row = [name["dataset"], name["network"], str(columns[0]["cells"][index]["change"]["n"])]
        for column in columns:
            cell, decimals = column["cells"][index], column["decimals"]
            row += [_with_spread(spread(cell[end]), decimals) for end in ("first", "last")]
            row.append(_with_spread(cell["change"], decimals, sign="+"))
        rows.append(row)
    last = ["published", "median", "–"]
    for column in columns:
        last += ["–", "–", "–" if column["published"] is None else _signed(column["published"], 4)]
    return {"head": head, "rows": [*rows, last]}


def _signed(value: float, decimals: int) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−")


def _with_spread(found: Data, decimals: int, sign: str = "") -> str:
    if not found["n"]:
        return "–"
    text = f"{found['mean']:{sign}.{decimals}f}".replace("-", "−")
    return text if found["n"] == 1 else f"{text} ± {found['deviation']:.{decimals}f}"


def grid(data: Data) -> dict[str, Any]:
    """One panel a quantity, one row a cell, and one for what was published."""
    return {"nrows": 1, "ncols": len(COLUMNS), "sharey": True}


def height(data: Data) -> float:
    """Inches: a row takes 0.46."""
    return 1.25 + 0.46 * (len(data["names"]) + 1)


def draw(axes: Any, data: Data) -> None:
    """Draw each seed as a line from its hollow marker (zero error) to its full one (last epoch)."""
    count = len(data["names"])
    look = style.series("measured")
    place: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "ha": "right",
        "va": "center",
        "fontsize": 6.5,
    }
    for ax, column in zip(axes[0], data["columns"], strict=True):
        for row, cell in enumerate(column["cells"]):
            seeds = len(cell["first"])
            for seed, (begin, end) in enumerate(zip(cell["first"], cell["last"], strict=True)):
                y = row + 0.12 + 0.22 * (seed - (seeds - 1) / 2)
                ax.plot([begin, end], [y, y], color=look["color"], linewidth=0.8)
                ax.plot([begin], [y], **style.hollow(look))
                ax.plot([end], [y], **{**look, "linestyle": "none"})
            ax.annotate(cell["text"], (0.99, row - 0.33), **place)
        ax.annotate(column["published_text"], (0.99, count), **place, color="#555555")
        for row in range(count):
            ax.axhline(row + 0.5, color="#C8C8C8", linewidth=0.5)
        ax.set_title(column["heading"])
        ax.set_xlabel(column["label"])
        ax.grid(visible=False, axis="y")
        ax.margins(x=0.12)
        ax.locator_params(axis="x", nbins=5)
    names = [f"{name['dataset']}\n{name['network']}" for name in data["names"]]
    axes[0, 0].set_yticks(range(count + 1), [*names, "published\nmedian"])
    axes[0, 0].set_ylim(count + 0.5, -0.5)
    axes[0, 0].set_ylabel("one line a seed")
    entries = [
        panels.handle(style.hollow(look), "first epoch of zero training error"),
        panels.handle({**look, "linestyle": "none"}, "last epoch"),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=2)


FIGURE = Figure(
    name="papyan-table1",
    title="From zero training error to the last epoch (Papyan, Han & Donoho's Table 1)",
    caption=(
        "Papyan, Han and Donoho's Table 1 at the scale of two processor cores, with its spread over seeds: "
        "test accuracy at the first epoch of zero training error (hollow) and at the last epoch (full), one "
        "line a seed, and beside it how far DeepFool has to move a test image and the share of test images "
        "on which the network and the nearest class mean disagree. Printed: mean change ± sample standard "
        "deviation over n seeds (accuracy and disagreement in percentage points); last row: the published "
        "median, of 21 networks at full scale, one run each. The learning rate falls "
        "between the two epochs, so that a gain is not one of the terminal phase alone."
    ),
    source="Papyan, Han & Donoho 2020, PNAS 117(40):24652, Table 1 and Figures 7 and 8",
    cost="reads records kept in the repository; trains nothing below the preset paper",
    frozen=(papyan_cells.FROZEN,),
    original=(papyan_cells.SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=height,
)
