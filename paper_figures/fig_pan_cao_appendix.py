# SPDX-License-Identifier: MIT
"""The vision runs by other signs of collapse, against weight decay: NC1, angles of means, self-duality."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_grid, cosine_panels, kept, panels, runs, style
from paper_figures.fig_pan_cao_vision import DATASETS, FROZEN, NETWORKS, SWEEP
from paper_figures.figure import Data, Figure

#: Label and quantity; all are drawn on a logarithmic axis and are 0 at exact collapse.
MEASURES = (
    ("NC1\nvariability", "nc1.pinv_trace"),
    ("NC2\nangles", "nc2.max_angle_means"),
    ("NC3\nself-duality", "nc3.self_duality"),
)


def data(context: Any) -> Data:
    """Panels by measure (rows), data set and network (columns); one series a last layer."""
    from simulations import sweeps

    source = cosine_grid.cpu_or_paper(context, SWEEP, ", which needs the data and a GPU")
    configs = sweeps.get(SWEEP).configs(source.preset)
    # A thousand classes were run with batch norm only, and have a figure of their own.
    cells = dict.fromkeys(
        (c["dataset"], c["network"], c["depth"]) for c in configs if c["dataset"] != "imagenet32"
    )
    columns: list[dict[str, Any]] = []
    drawn: list[Any] = []
    for dataset, network, depth in cells:
        found = runs.where(source.records, dataset=dataset, network=network, depth=depth)
        drawn += found
        columns.append(
            {
                "title": f"{DATASETS[dataset]},\n{NETWORKS[network, depth]}",
                "absent": "" if found else f"{kept.ABSENT}:\nsweep {SWEEP}\n--preset {source.preset}",
                "panels": [
                    cosine_panels.series(found, {"value": quantity}, "weight_decay")
                    for _, quantity in MEASURES
                ],
            }
        )
    every = [entry for column in columns for panel in column["panels"] for entry in panel]
    each = cosine_panels.seeds(every)
    return {
        "columns": columns,
        "decays": [pick(config["weight_decay"] for config in configs) for pick in (min, max)],
        "labels": [label for label, _ in MEASURES],
        "variants": [v for v in panels.LAST_LAYER if v in {entry["batch_norm"] for entry in every}],
        "hollow": cosine_panels.any_hollow(every),
        "mark": f"{source.scale}, {source.mark}, {each}",
        "records": runs.keys(drawn),
        "note": f"{source.scale[0].upper()}{source.scale[1:]}, {each} a point. {source.about}",
    }


def grid(data: Data) -> dict[str, Any]:
    """One row a measure, one column a network on a data set; a row shares its vertical axis."""
    return {"nrows": len(data["labels"]), "ncols": len(data["columns"]), "sharex": True, "sharey": "row"}


def draw(axes: Any, data: Data) -> None:
    """Draw the panels and one legend below them."""
    for j, column in enumerate(data["columns"]):
        axes[0, j].set_title(column["title"])
        axes[-1, j].set_xlabel("weight decay $\\lambda$" if len(data["columns"]) < 7 else "$\\lambda$")
        for i, entries in enumerate(column["panels"]):
            ax = axes[i, j]
            ax.set_xscale("log")
            ax.set_xlim(0.7 * data["decays"][0], 1.4 * data["decays"][1])
            ax.set_yscale("log")
            for entry in entries:
                look = style.series(panels.LAST_LAYER[entry["batch_norm"]][0])
                panels.series_with_errors(ax, entry["value"], look)
            if column["absent"]:
                cosine_panels.empty(ax, column["absent"])
    for i, label in enumerate(data["labels"]):
        axes[i, 0].set_ylabel(label)
        panels.plain_log_ticks(axes[i, 0].yaxis, *axes[i, 0].get_ylim())
    handles = [
        panels.handle(style.series(panels.LAST_LAYER[v][0]), panels.LAST_LAYER[v][1])
        for v in data["variants"]
    ]
    if data["hollow"]:
        look = style.hollow({"color": style.PALETTE["black"], "marker": "o"})
        handles.append(panels.handle(look, "hollow: a run below 99.9 % accuracy"))
    axes[0, 0].figure.legend(handles=handles, loc="outside lower center", ncols=3, title=data["mark"])


FIGURE = Figure(
    name="pan-cao-appendix",
    title="The vision runs by the other signs of collapse",
    caption=(
        "The runs of the figure of VGG and ResNet by three other measures, after training, against weight "
        "decay: within-class against between-class variability, Tr(Σ_W Σ_B⁺)/C; distance of the class means "
        "from the largest possible angles, mean |cos + 1/(C − 1)|; and distance of the classifier from the "
        "class means, ‖W/‖W‖ − M/‖M‖‖². All are 0 at exact collapse. "
        "Markers are means over seeds, with bars of one standard error where there are several."
    ),
    source="after Pan & Cao 2023, arXiv:2309.04644, appendix; measures: Papyan, Han & Donoho 2020",
    cost="nothing is trained: frozen records, those of pan-cao-vision; --preset paper trains them anew",
    frozen=(FROZEN,),
    original=(SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=4.6,
)
