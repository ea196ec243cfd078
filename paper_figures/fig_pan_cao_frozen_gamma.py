# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), batch norm with a frozen scale: cosines against ||gamma||, and what is guaranteed."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import cosine_panels, kept, panels, runs, style
from paper_figures.figure import Data, Figure

FROZEN = "frozen-gamma-quick"
SWEEP = "frozen-gamma"
THEOREM = "intra-class-cosine-sharp"
WORDS = {"digits": "600 handwritten digits", "conic-hull": "conic-hull teacher"}
#: The look of runs whose scale is trained.
STAR = {"color": style.PALETTE["purple"], "marker": "*", "linestyle": "none", "markersize": 7}


def guaranteed(record: Any) -> float:
    """What the theorem guarantees for the mean intra-class cosine of a run, from its own loss and norms.

    NaN where a hypothesis is not met, and where the guarantee is below zero.
    """
    from theory.evaluation import HypothesisError
    from theory.registry import get

    measured = record.final["collapse"]
    theorem = get(THEOREM)
    values = {
        "C": measured["num_classes"],
        "L": measured["loss"],
        "alpha": measured["feature_norm"],
        "beta": measured["weight_norm"],
        "bias_norm": measured["bias_norm"],
        "mean_norm": measured["mean_norm"],
    }
    try:
        bound = float(theorem.evaluate(**{name: values[name] for name in theorem.inputs}))
    except HypothesisError:
        return float("nan")
    return bound if bound >= 0 else float("nan")


def data(context: Any) -> Data:
    """One panel a weight decay: cosines and guarantee against the frozen norm, and with gamma trained."""
    original = context.preset == "paper" and context.trained(SWEEP)
    preset = "paper" if original else "quick"
    records = context.records(SWEEP) if original else context.frozen(FROZEN)
    if original:
        records = runs.where(records, dataset="conic-hull")
    quantities = cosine_panels.QUANTITIES
    columns: list[dict[str, Any]] = []
    above, compared, best = 0, 0, (float("nan"), "")
    for decay in _decays(preset):
        chosen = runs.where(records, weight_decay=decay, batch_norm="scale-only")
        held = [record for record in chosen if record.config.get("gamma_norm") is not None]
        free = [record for record in chosen if record.config.get("gamma_norm") is None]
        pairs = [(guaranteed(r), float(r.final["collapse"]["intra_class_cosine"]["mean"])) for r in chosen]
        proved = [(bound, measured) for bound, measured in pairs if not np.isnan(bound)]
        compared += len(proved)
        above += sum(measured < bound - 1e-9 for bound, measured in proved)
        columns.append(
            {
                "title": f"$\\lambda$ = {decay:g}",
                "absent": "" if held else f"{kept.ABSENT}:\npython -m simulations\nsweep {SWEEP}",
                "series": {name: runs.over_seeds(held, "gamma_norm", q) for name, q in quantities.items()},
                "guaranteed": runs.over_seeds(held, "gamma_norm", guaranteed),
                "trained": {
                    "x": np.array([r.final["collapse"]["feature_norm"] for r in free]),
                    "intra": np.array([r.final["collapse"]["intra_class_cosine"]["mean"] for r in free]),
                    "inter": np.array([r.final["collapse"]["inter_class_cosine"]["mean"] for r in free]),
                },
            }
        )
        for bound, measured in proved:
            if not bound <= best[0]:
                best = bound, f"{bound:.3f} at decay {decay:g}, where the cosine is {measured:.3f}"
    used = [r for r in records if r.config["batch_norm"] == "scale-only"]
    classes = {record.final["collapse"]["num_classes"] for record in used}
    words = ", ".join(WORDS[dataset] for dataset in runs.values(used, "dataset")) or "no data"
    each = cosine_panels.seeds([column["series"] for column in columns])
    about = kept.note(FROZEN, records, sweep=SWEEP, preset=preset, drawn=len(used))
    scale, mark = "CPU scale", kept.mark(records, kept.grid_size(SWEEP, preset))
    if original:
        about, scale, mark = runs.describe(used), "published scale", "trained by this build"
    guarantee = (
        f"The guarantee applies to {compared} of the {len(used)} runs drawn and is above the measured cosine "
        f"in {above}; the largest is {best[1]}."
        if compared
        else "The guarantee applies to none of the runs."
    )
    return {
        "columns": columns,
        "at_collapse": [1.0, *(-1.0 / (count - 1) for count in sorted(classes))],
        "mark": f"{scale}, {mark}, {each}",
        "records": runs.keys(used),
        "note": f"{guarantee} {scale[0].upper()}{scale[1:]}, {words}, {each} a point. {about}",
    }


def _decays(preset: str) -> list[float]:
    from simulations import sweeps

    return sorted({config["weight_decay"] for config in sweeps.get(SWEEP).configs(preset)})


def grid(data: Data) -> dict[str, Any]:
    """One panel a weight decay."""
    return {"nrows": 1, "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw cosines over the frozen norm, the guarantee below them, and stars where gamma was trained."""
    for ax, column in zip(axes.flat, data["columns"], strict=True):
        if column["absent"]:
            cosine_panels.empty(ax, column["absent"])
        else:
            _panel(ax, column, data["at_collapse"])
        ax.set_xscale("log")
        ax.set_ylim(-0.25, 1.06)
        ax.set_xlabel("frozen $\\Vert\\gamma\\Vert$")
        ax.set_title(column["title"])
        panels.plain_log_ticks(ax.xaxis, 1.0, 32.0)
    axes[0, 0].set_ylabel("cosine")
    entries = [
        panels.handle(style.series("intra"), "within a class: mean; tint to the worst class"),
        panels.handle(style.series("inter"), "between classes: mean; tint to the worst pair"),
        panels.handle(style.series("guaranteed"), "guaranteed within a class, from loss and norms"),
        panels.handle(STAR, "$\\gamma$ trained, at its final norm"),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=2, title=data["mark"])


def _panel(ax: Any, column: dict[str, Any], levels: list[float]) -> None:
    for level in levels:
        ax.axhline(level, **cosine_panels.COLLAPSED)
    for name in ("intra", "inter"):
        look, mean, worst = (
            style.series(name),
            column["series"][name],
            column["series"][f"{name}_worst"],
        )
        ax.fill_between(mean["x"], mean["mean"], worst["mean"], color=look["color"], alpha=0.15, linewidth=0)
        ax.plot(
            worst["x"],
            worst["mean"],
            color=look["color"],
            linewidth=0.6,
            linestyle=look["linestyle"],
        )
        panels.series_with_errors(ax, mean, look)
        ax.plot(column["trained"]["x"], column["trained"][name], **STAR)
    ax.plot(column["guaranteed"]["x"], column["guaranteed"]["mean"], **style.series("guaranteed"))


FIGURE = Figure(
    name="pan-cao-frozen-gamma",
    title="Neural collapse against the frozen scale of the last batch norm",
    caption=(
        "Perceptrons whose last batch norm keeps its scale, ‖γ‖, at a chosen value: "
        "cosines of centred features within a class and between classes after training, against ‖γ‖, one "
        "panel a weight decay. Thin lines: the worst class (pair). Triangles: what the theorem guarantees "
        "for the mean cosine within a class, from each run's own loss and norms, where its hypotheses hold; "
        "no run can lie below its own. Stars: γ trained freely, at the norm where it ended. Bars are one "
        "standard error where there are several seeds; dotted: the values at exact collapse."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, experiments with frozen gamma; guarantee: this project",
    cost="nothing is trained: frozen records; with --preset paper, 270 perceptrons",
    theorems=(THEOREM,),
    frozen=(FROZEN,),
    original=(SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=2.75,
)
