# SPDX-License-Identifier: MIT
"""Guarantee against measurement in every run, at every measured epoch; what is excluded is shaded."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import kept, panels, runs, style
from paper_figures.figure import Data, Figure

THEOREMS = {
    "within-class-variability": "from loss and norms",
    "within-class-variability-weight-decay": "from decay and regularised loss",
}
QUANTITY = "within_class_variability"
SWEEPS = ("digits", "fashion-mnist", "synthetic", "terminal-phase")
#: Frozen file -> sweep and preset whose runs it keeps.
FROZEN = {
    "frozen-gamma-quick": ("frozen-gamma", "quick"),
    "papyan-cpu": ("papyan", "cpu"),
    "synthetic": ("synthetic", "paper"),
    "synthetic-depths-cpu": ("synthetic-depths", "cpu"),
    "vision-cpu": ("vision", "cpu"),
}
#: (where a run comes from, its last layer) -> look; in the order drawn.
LOOKS: dict[tuple[str, str], dict[str, Any]] = {
    ("frozen", "batch norm"): {"color": style.PALETTE["sky"], "marker": "^"},
    ("frozen", "no batch norm"): {"color": style.PALETTE["orange"], "marker": "v"},
    ("trained", "batch norm"): {"color": style.PALETTE["blue"], "marker": "o"},
    ("trained", "no batch norm"): {"color": style.PALETTE["vermillion"], "marker": "s"},
}
VIOLATED = {"color": "red", "marker": "X", "markersize": 7, "linestyle": "none"}
ATTAINED = {"color": style.PALETTE["black"], "marker": "*", "linestyle": "none", "markersize": 5}
#: Settings in which the adversary is asked for the worst case: classes, margin or decay, gaps.
CLASSES, MARGIN, DECAY = 4, 6.0, 5e-3
#: Both axes begin here, or lower where a point lies lower.
LOWEST = 2e-2


def attacked(*, theorem: str, gap: float) -> list[float]:
    """Bound and attained value of the worst configuration that an optimiser finds."""
    from simulations.geometry import worst_case

    setting = {"weight_decay": DECAY} if theorem.endswith("decay") else {"T": MARGIN}
    case = worst_case(
        theorem,
        C=CLASSES,
        samples_per_class=2,
        feature_dim=CLASSES + 1,
        loss_gap=gap,
        starts=("orthogonal-noise",),
        **setting,
    )
    return [float(case.bound), float(case.attained)]


def data(context: Any) -> Data:
    """One panel a theorem: bound and measurement of every entry of every history, and worst cases."""
    trained = [record for sweep in SWEEPS if context.trained(sweep) for record in context.records(sweep)]
    every = context.choose(tiny=False, quick=True, paper=True)
    kept_runs = kept.with_guarantees(context, list(FROZEN), theorems=list(THEOREMS), every_epoch=every)
    records = {"trained": trained, "frozen": [record for found in kept_runs.values() for record in found]}
    gaps = [float(gap) for gap in np.logspace(-3.7, -0.7, context.choose(tiny=2, quick=8, paper=12))]
    calls = [{"theorem": name, "gap": gap} for name in THEOREMS for gap in gaps]
    places = ("theory/scalars.py", "simulations/geometry")
    worst = iter(context.compute(attacked, calls, label="worst cases on the line", places=places))
    columns: list[dict[str, Any]] = []
    for theorem, words in THEOREMS.items():
        points = [
            {"origin": origin, "last_layer": layer, **_points(records[origin], theorem, layer)}
            for origin, layer in LOOKS
        ]
        columns.append({"title": words, "points": points, "worst": np.array([next(worst) for _ in gaps])})
    groups = [found for column in columns for found in column["points"]]
    violated = sum(int(np.sum(found["violated"])) for found in groups)
    closest = max([0.0, *(x for found in groups for x in found["measured"] / found["bound"])])
    note = (
        f"{sum(len(found['bound']) for found in groups)} comparisons (bound and measurement at an epoch of a "
        f"run), {violated} in the forbidden region; the largest measured/guaranteed is {closest:.2f} in "
        f"training, {max(float(np.max(c['worst'][:, 1] / c['worst'][:, 0])) for c in columns):.6f} for the "
        f"adversary. {runs.describe(trained)} {_frozen_note(kept_runs)}"
    )
    return {
        "columns": columns,
        "lowest": min([LOWEST, *(0.9 * float(np.min(f["measured"])) for f in groups if len(f["bound"]))]),
        "violated": violated,
        "records": runs.keys([*trained, *records["frozen"]]),
        "note": " ".join(note.split()),
    }


def _frozen_note(files: dict[str, list[Any]]) -> str:
    """How many runs of each frozen file, and what makes the runs of those that are not there."""
    shown = ", ".join(f"{runs.count(len(found), 'run')} of {name}" for name, found in files.items() if found)
    absent = ", ".join(
        f"{name} ({kept.command(*FROZEN[name])})" for name, found in files.items() if not found
    )
    text = f"Frozen records, not trained by this build: {shown}." if shown else ""
    return text + (f" Frozen records that are not there yet: {absent}." if absent else "")


def _points(records: list[Any], theorem: str, last_layer: str) -> dict[str, np.ndarray]:
    """Bound, measurement, whether it is the last epoch, and whether it violates the bound, where all
    hypotheses are met."""
    found = []
    for record in records:
        if (record.config["batch_norm"] == "none") != (last_layer == "no batch norm"):
            continue
        for entry in record.history:
            for row in entry["collapse"]["guarantees"]:
                if row["theorem"] == theorem and row["quantity"] == QUANTITY and row["holds"] is not None:
                    found.append((row["bound"], row["measured"], entry is record.history[-1]))
    bound, measured, last = np.array(found, dtype=np.float64).reshape(-1, 3).T
    # A billionth is for rounding, of numbers of size one.
    violated = measured > bound * (1 + 1e-9)
    return {"bound": bound, "measured": measured, "last": last > 0, "violated": violated}


def grid(data: Data) -> dict[str, Any]:
    """One panel a theorem."""
    return {"nrows": 1, "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw the points under the certified line, and the adversary's worst cases on it."""
    low, high = data["lowest"], 1.25
    for ax, column in zip(axes.flat, data["columns"], strict=True):
        panels.forbidden(ax, [low, high], [low, high], [high, high])
        ax.plot([low, high], [low, high], color="black", linewidth=1.0)
        for found in column["points"]:
            look = LOOKS[found["origin"], found["last_layer"]]
            last, broken = (np.asarray(found[name], dtype=bool) for name in ("last", "violated"))
            ax.plot(
                found["bound"][~last],
                found["measured"][~last],
                linestyle="none",
                marker=look["marker"],
                color=look["color"],
                markersize=1.6,
                markeredgewidth=0,
                alpha=0.45,
                rasterized=True,
            )
            ax.plot(found["bound"][last], found["measured"][last], **style.hollow(look), markersize=3.2)
            ax.plot(found["bound"][broken], found["measured"][broken], **VIOLATED)
        worst = np.asarray(column["worst"])
        ax.plot(worst[:, 0], worst[:, 1], **ATTAINED)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlim(low, high)
        ax.set_ylim(low, high)
        ax.set_box_aspect(1)
        for axis in (ax.xaxis, ax.yaxis):
            panels.plain_log_ticks(axis, low, 1.0)
        ax.set_xlabel("guaranteed: $\\nu$ at most")
        ax.set_title(column["title"])
        ax.text(low * 1.4, 0.5, "forbidden", fontsize=7.5, color="#333333")
        turned = {"rotation": 45, "rotation_mode": "anchor", "xytext": (4, -4), "va": "top"}
        panels.beside(ax, low * 1.5, low * 1.5, "certified line", **turned)
    axes[0, 0].set_ylabel("measured: $\\nu$")
    entries = [
        panels.handle({**style.hollow(look), "markersize": 3.2}, f"{layer}, {origin}")
        for (origin, layer), look in LOOKS.items()
        if any(f["origin"] == origin and len(f["bound"]) for f in data["columns"][0]["points"])
    ]
    entries.append(panels.handle(ATTAINED, "worst case found by the adversary"))
    if data["violated"]:
        entries.append(panels.handle(VIOLATED, "violates the bound"))
    title = "markers: end of training (dots: earlier); frozen: read from kept records"
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=3, title=title)


FIGURE = Figure(
    name="guarantee-scatter",
    title="Every run against its guarantee",
    caption=(
        "Measured within-class variability ν against what is guaranteed for the same network at the same "
        "epoch, for every run and measured epoch of every sweep and of every frozen record at which the "
        "theorem's hypotheses hold. "
        "Above the line, which is proved, nothing can lie. Stars: configurations that an adversarial "
        "optimiser finds; they lie on the line, so it cannot be moved."
    ),
    source="this project",
    cost="53 short training runs, 3 minutes of processor time (those of the other figures)",
    theorems=tuple(THEOREMS),
    sweeps=SWEEPS,
    frozen=tuple(FROZEN),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.4,
)
