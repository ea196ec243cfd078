# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), vision experiments: cosines against weight decay in VGG and ResNet."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_panels, kept, panels, runs, style
from paper_figures.figure import Data, Figure

FROZEN = "vision-cpu"
SWEEP = "vision"
DATASETS = {
    "digits": "digits",
    "fashion-mnist": "Fashion-MNIST",
    "mnist-padded": "MNIST",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "imagenet32": "ImageNet32",
}
NETWORKS = {("vgg", 11): "VGG-11", ("vgg", 19): "VGG-19", ("resnet", 18): "ResNet-18"}


def data(context: Any) -> Data:
    """Panels by data set (rows) and network (columns); series by last layer and cosine.

    The frozen runs at CPU scale; at the preset "paper", those that it trained, if it could.
    """
    original = context.preset == "paper" and context.trained(SWEEP)
    preset = "paper" if original else "cpu"
    records = context.records(SWEEP) if original else context.frozen(FROZEN)
    grid = _grid(preset)
    rows = []
    for dataset in dict.fromkeys(dataset for dataset, *_ in grid):
        chosen = runs.where(records, dataset=dataset)
        row = []
        for network, depth in NETWORKS:
            found = runs.where(chosen, network=network, depth=depth)
            absent = "" if found else _absent(preset, (dataset, network, depth) in grid)
            entries = cosine_panels.series(found, cosine_panels.QUANTITIES, "weight_decay")
            row.append({"series": entries, "absent": absent})
        classes = {record.final["collapse"]["num_classes"] for record in chosen}
        levels = [1.0, *(-1.0 / (count - 1) for count in sorted(classes))]
        rows.append({"title": DATASETS[dataset], "panels": row, "at_collapse": levels})
    every = [entry for row in rows for panel in row["panels"] for entry in panel["series"]]
    shown = [
        f"{row['title']}, {network}: {words}"
        for row in rows
        for network, panel in zip(NETWORKS.values(), row["panels"], strict=True)
        if (words := cosine_panels.ends(panel["series"]))
    ]
    each = cosine_panels.seeds(every)
    scale, mark = "CPU scale", kept.mark(records, len(_configs(preset)))
    about = (
        f"{kept.note(FROZEN, records, sweep=SWEEP, preset=preset)} The published scale: --preset paper, "
        "which needs the data and a GPU."
    )
    if original:
        scale, mark, about = "published scale", "trained by this build", runs.describe(records)
    return {
        "rows": rows,
        "columns": list(NETWORKS.values()),
        "variants": [v for v in panels.LAST_LAYER if v in {entry["batch_norm"] for entry in every}],
        "hollow": cosine_panels.any_hollow(every),
        "mark": f"{scale}, {mark}, {each}",
        "records": runs.keys(records),
        "note": f"{scale[0].upper()}{scale[1:]}, {each} a point. Mean cosine within a class from the least "
        f"to the largest decay: {'; '.join(shown) or 'no runs'}. {about}",
    }


def _configs(preset: str) -> list[dict[str, Any]]:
    from simulations import sweeps

    return sweeps.get(SWEEP).configs(preset)


def _grid(preset: str) -> list[tuple[str, str, int]]:
    """Data set, network and depth of the runs in the grid, in its order."""
    return list(dict.fromkeys((c["dataset"], c["network"], c["depth"]) for c in _configs(preset)))


def _absent(preset: str, planned: bool) -> str:
    if not planned:
        return f"not in the grid\nof preset {preset}"
    return f"{kept.ABSENT}:\npython -m simulations\nsweep {SWEEP} --preset {preset}"


def grid(data: Data) -> dict[str, Any]:
    """One row a data set, one column a network; all panels share both axes."""
    return {"nrows": len(data["rows"]), "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def height(data: Data) -> float:
    """Two inches a row, and the legend."""
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
            ax.set_ylim(-0.25, 1.06)
            if i == 0:
                ax.set_title(data["columns"][j])
            if i == len(data["rows"]) - 1:
                ax.set_xlabel("weight decay $\\lambda$")
            if j == 0:
                ax.set_ylabel(f"{row['title']}: cosine")
    handles = cosine_panels.handles(data["variants"], hollow=data["hollow"])
    axes[0, 0].figure.legend(handles=handles, loc="outside lower center", ncols=3, title=data["mark"])


FIGURE = Figure(
    name="pan-cao-vision",
    title="Neural collapse against weight decay in VGG and ResNet",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, against "
        "weight decay, in three convolutional networks with batch norm (bias-free before the classifier) "
        "and without any. Lines with markers: mean over classes (pairs of classes), averaged over seeds, "
        "with bars of one standard error where there are several; thin lines, with the tint between: the "
        "worst class (pair). Hollow: a run ended below 99.9 % training accuracy. Dotted: the values at exact "
        "collapse. At CPU scale the networks have an eighth of the channels and see a few hundred images; "
        "layout, optimiser, schedule and range of decays are the published ones."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, vision experiments (2 x 3 figure)",
    cost=(
        "nothing is trained: frozen records, those of vision-cpu; --preset paper trains 399 networks and "
        "needs a GPU"
    ),
    frozen=(FROZEN,),
    original=(SWEEP,),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=height,
)
