# SPDX-License-Identifier: MIT
"""A grid of panels of cosines against weight decay: what Pan & Cao's figures of trained networks share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paper_figures import cosine_panels, kept, panels, runs
from paper_figures.figure import Data


@dataclass(frozen=True)
class Row:
    """A row of panels.

    label: of the vertical axis. quantities: name in a panel -> quantity of the last measurement. wanted:
    configuration entries of its runs. words: of the row in the caption; None keeps its panels out of it.
    """

    label: str
    quantities: Mapping[str, str] = field(default_factory=lambda: cosine_panels.QUANTITIES)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    words: str | None = ""


@dataclass(frozen=True)
class Column:
    """A column of panels: its title, and configuration entries of its runs."""

    title: str
    wanted: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Runs to draw: the records, of which preset and scale, words for the picture and for the caption."""

    records: list[Any]
    preset: str
    scale: str
    mark: str
    about: str


def cpu_or_paper(context: Any, sweep: str, more: str = "") -> Source:
    """The frozen runs of a sweep's preset "cpu"; at the preset "paper", those that it trained, if it could.

    more: what follows on how to get the published scale.
    """
    if context.preset == "paper" and context.trained(sweep):
        return trained(context, sweep)
    name = f"{sweep}-cpu"
    records = context.frozen(name)
    mark = kept.mark(records, kept.grid_size(sweep, "cpu"))
    about = (
        f"{kept.note(name, records, sweep=sweep, preset='cpu')} The published scale: --preset paper{more}."
    )
    return Source(records, "cpu", "CPU scale", mark, about)


def trained(context: Any, sweep: str) -> Source:
    """The runs that this build trained."""
    records = context.records(sweep)
    scale = "published scale" if context.preset == "paper" else f"{context.preset} preset"
    return Source(records, context.preset, scale, "trained by this build", runs.describe(records))


def data(source: Source, rows: Sequence[Row], columns: Sequence[Column], sweep: str) -> Data:
    """Panels by row and column; series by last layer and cosine; words for panels without runs."""
    from simulations import sweeps

    configs = sweeps.get(sweep).configs(source.preset)
    drawn = []
    shown = []
    for row in rows:
        chosen = runs.where(source.records, **row.wanted)
        made = []
        for column in columns:
            wanted = {**row.wanted, **column.wanted}
            found = runs.where(chosen, **column.wanted)
            planned = any(all(c.get(k) == v for k, v in wanted.items()) for c in configs)
            absent = "" if found else _absent(sweep, source.preset, planned)
            series = cosine_panels.series(found, dict(row.quantities), "weight_decay")
            made.append({"series": series, "absent": absent})
            if row.words is not None and (words := cosine_panels.ends(series)):
                name = ", ".join(filter(None, (row.words, column.title.replace("\n", " "))))
                shown.append(f"{name}: {words}")
        classes = {record.final["collapse"]["num_classes"] for record in chosen}
        levels = [1.0, *(-1.0 / (count - 1) for count in sorted(classes))]
        drawn.append({"label": row.label, "panels": made, "at_collapse": levels})
    every = [entry for row in drawn for panel in row["panels"] for entry in panel["series"]]
    each = cosine_panels.seeds(every)
    return {
        "rows": drawn,
        "columns": [column.title for column in columns],
        "lowest": min([-0.13, *(level for row in drawn for level in row["at_collapse"])]) - 0.12,
        "variants": [v for v in panels.LAST_LAYER if v in {entry["batch_norm"] for entry in every}],
        "hollow": cosine_panels.any_hollow(every),
        "worst": any("intra_worst" in entry for entry in every),
        "mark": f"{source.scale}, {source.mark}, {each}",
        "records": runs.keys(source.records),
        "note": f"{source.scale[0].upper()}{source.scale[1:]}, {each} a point. Mean cosine within a class "
        f"from the least to the largest decay: {'; '.join(shown) or 'no runs'}. {source.about}",
    }


def _absent(sweep: str, preset: str, planned: bool) -> str:
    if not planned:
        return f"not in the grid\nof preset {preset}"
    return f"{kept.ABSENT}:\npython -m simulations\nsweep {sweep}\n--preset {preset}"


def grid(data: Data) -> dict[str, Any]:
    """All panels share both axes."""
    return {"nrows": len(data["rows"]), "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def height(data: Data) -> float:
    """Inches: a row takes 1.75, titles and legend the rest."""
    return 0.95 + 1.75 * len(data["rows"])


def draw(axes: Any, data: Data) -> None:
    """Draw the panels and one legend below them."""
    for i, row in enumerate(data["rows"]):
        for j, panel in enumerate(row["panels"]):
            ax = axes[i, j]
            if panel["absent"]:
                cosine_panels.empty(ax, panel["absent"])
            else:
                cosine_panels.draw(ax, panel["series"], row["at_collapse"])
            ax.set_xscale("log")
            ax.set_ylim(data["lowest"], 1.06)
            if i == 0:
                ax.set_title(data["columns"][j])
            if i == len(data["rows"]) - 1:
                ax.set_xlabel("weight decay $\\lambda$")
            if j == 0:
                ax.set_ylabel(row["label"])
    handles = cosine_panels.handles(data["variants"], hollow=data["hollow"], worst=data["worst"])
    axes[0, 0].figure.legend(handles=handles, loc="outside lower center", ncols=3, title=data["mark"])
