# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho (2020), Figure 1: features, class means and classifier moving to a simplex."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from paper_figures import panels, style
from paper_figures.figure import Animation, Data, Figure

#: The classes that are shown, of ten: the first three, so that nobody chose.
SHOWN = (0, 1, 2)
#: Decimals of the coordinates that are kept: a five-thousandth of an inch on the page.
DECIMALS = 4
#: Looks of the three classes, distinct in grey: colour and marker.
LOOKS = (("blue", "o"), ("orange", "s"), ("black", "^"))
#: Where the picture ends, in units of the features' spread: left, right, below, above.
EDGES = (-1.28, 1.28, -1.0, 1.56)


def run(*, seed: int, epochs: int, measurements: int, per_class: int, width: int) -> dict[str, Any]:
    """Train one perceptron on digits, and project what it is at each measured epoch; epoch 0 is untrained.

    Centre: the mean of the shown class means at that epoch. Unit: the root-mean-square distance of the shown
    features from it (of the classifier: the root-mean-square norm of the shown rows less their mean). Plane:
    that of the simplex that fits the last epoch's class means and classifier rows best (orthogonal
    Procrustes), the same one at every epoch.
    """
    import torch

    from simulations.configuration import Config
    from simulations.evaluation import row, snapshot
    from simulations.losses import get
    from simulations.training.loop import build_network, load_samples, train

    config = Config(
        dataset="digits",
        dataset_options={"per_class": per_class},
        network="mlp",
        depth=5,
        width=width,
        batch_norm="scale-only",
        optimizer="sgd",
        learning_rate=0.05,
        milestones=(0.8, 0.9),
        weight_decay=5e-3,
        epochs=epochs,
        batch_size=100,
        measurements=measurements,
        seed=seed,
    )
    device, samples = torch.device("cpu"), load_samples(config)
    untrained = snapshot(
        build_network(config, samples, device=device, dtype=torch.float32),
        inputs=torch.from_numpy(samples.inputs).to(device=device),
        labels=samples.labels,
    )
    first = row(untrained, epoch=0, loss=get(config.loss), weight_decay=config.weight_decay)
    seen = [(first, _bare(untrained))]
    done = train(config, observe=lambda line, state: seen.append((line, _bare(state))))
    plane = simplex_plane(*seen[-1][1][1:])
    labels = samples.labels[np.isin(samples.labels, SHOWN)]
    moments = [_moment(line, *arrays, labels=labels, plane=plane) for line, arrays in seen]
    return {
        "config": config.to_dict(),
        "terminal_phase_epoch": done.terminal_phase_epoch,
        "labels": labels.tolist(),
        "moments": moments,
    }


def _bare(state: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, d) of the shown classes, their means (3, d) and their classifier rows (3, d)."""
    means = np.stack([state.features[state.labels == c].mean(axis=0) for c in SHOWN])
    return state.features[np.isin(state.labels, SHOWN)], means, state.weight[list(SHOWN)]


def triangle() -> np.ndarray:
    """The simplex of three points in its plane: rows of norm 1 with inner products -1/2, the first one up."""
    angles = np.pi / 2 - 2 * np.pi * np.arange(3) / 3
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def simplex_plane(means: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Orthonormal columns (d, 2) that carry the triangle nearest to `means` and `weight`, both (3, d).

    Rows less their mean, scaled to Frobenius norm 1 and added: A. The Q that maximises tr(E Q^T A^T) with the
    triangle E is U V^T for A^T E = U S V^T (orthogonal Procrustes problem, Schoenemann 1966).
    """
    both = sum(
        (rows - rows.mean(axis=0)) / np.linalg.norm(rows - rows.mean(axis=0)) for rows in (means, weight)
    )
    left, _, right = np.linalg.svd(both.T @ triangle(), full_matrices=False)
    return left @ right


def _moment(
    line: Any, features: np.ndarray, means: np.ndarray, weight: np.ndarray, *, labels: Any, plane: Any
) -> dict[str, Any]:
    """Coordinates in the plane at one epoch, and what the projection hides."""
    centred, middle = features - means.mean(axis=0), means - means.mean(axis=0)
    rows = weight - weight.mean(axis=0)
    unit, length = _scale(centred), _scale(rows)
    inside = np.square(centred @ plane).sum() / np.square(centred).sum()
    return {
        "epoch": line["epoch"],
        "accuracy": line["train_accuracy"],
        "variability": line["collapse"]["nc1"]["pinv_trace"],
        "inside": float(inside),
        "features": np.round(centred @ plane / unit, DECIMALS),
        "means": np.round(middle @ plane / unit, DECIMALS),
        "classifier": np.round(rows @ plane / length, DECIMALS),
    }


def _scale(rows: np.ndarray) -> float:
    """Root of the mean squared norm of `rows`."""
    return float(np.sqrt(np.square(rows).sum(axis=1).mean()))


def data(context: Any) -> Data:
    """Coordinates at every measured epoch, and which of them are the stills."""
    size = context.choose(
        tiny={"epochs": 12, "measurements": 6, "per_class": 20, "width": 16},
        quick={"epochs": 200, "measurements": 48, "per_class": 60, "width": 64},
        paper={"epochs": 200, "measurements": 48, "per_class": 60, "width": 64},
    )
    (found,) = context.compute(run, [{"seed": 0, **size}], label="train the network of collapse-seen")
    moments = [
        {**moment, **{name: np.array(moment[name]) for name in ("features", "means", "classifier")}}
        for moment in found["moments"]
    ]
    start, last = found["terminal_phase_epoch"], moments[-1]
    chosen = stills([moment["epoch"] for moment in moments], start)
    beyond = sum(_outside(moments[index]["features"]) for index in chosen)
    config = found["config"]
    words = f"reached at epoch {start}" if start is not None else "not reached"
    return {
        "labels": np.array(found["labels"]),
        "moments": moments,
        "stills": chosen,
        "terminal_phase": start,
        "vertices": np.round(triangle(), DECIMALS),
        "config": config,
        "note": (
            f"One run (n = 1, seed {config['seed']}): {config['depth']} layers of width {config['width']}, "
            f"batch norm, {10 * config['dataset_options']['per_class']} images, {config['epochs']} epochs; "
            f"terminal phase {words}; NC1 ends at {last['variability']:.2g}, and "
            f"{100 * last['inside']:.0f} % of the features' spread lies in the plane."
            + (f" {beyond} features lie outside of the stills." if beyond else "")
        ),
    }


def _outside(points: np.ndarray) -> int:
    """How many of the (n, 2) points the picture does not show."""
    low, high = np.array(EDGES[::2]), np.array(EDGES[1::2])
    return int(np.any((points < low) | (points > high), axis=1).sum())


def stills(epochs: list[int], start: int | None) -> list[int]:
    """Indices of six measured epochs: untrained, first, start of the terminal phase, last, two in between.

    In between: the ones nearest to the geometric means of their neighbours.
    """
    middle = start if start is not None and 1 < start < epochs[-1] else math.sqrt(epochs[-1])
    wanted = [0, 1, math.sqrt(middle), middle, math.sqrt(middle * epochs[-1]), epochs[-1]]
    nearest = [
        min(range(len(epochs)), key=lambda k: abs(math.log((epochs[k] + 0.5) / (epoch + 0.5))))
        for epoch in wanted
    ]
    return sorted(dict.fromkeys(nearest))


def grid(data: Data) -> dict[str, Any]:
    """Two rows of three stills."""
    return {"nrows": 2, "ncols": 3, "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw the stills."""
    for ax in axes.flat[len(data["stills"]) :]:
        ax.set_facecolor("#F6F6F6")
    for ax, index in zip(axes.flat, data["stills"], strict=False):
        moment = data["moments"][index]
        _scene(ax, data, moment)
        ax.set_title(_title(moment, data["terminal_phase"]))
        panels.letter(
            ax, f"accuracy {100 * moment['accuracy']:.1f} %\nin the plane {100 * moment['inside']:.0f} %"
        )
    for ax in axes[-1]:
        ax.set_xlabel("first coordinate in the plane")
    for ax in axes[:, 0]:
        ax.set_ylabel("second coordinate")
    axes[0, 0].figure.legend(handles=_legend(), loc="outside lower center", ncols=4)


def _title(moment: Data, start: int | None) -> str:
    if moment["epoch"] == 0:
        return "untrained"
    return f"epoch {moment['epoch']}" + (": terminal phase begins" if moment["epoch"] == start else "")


def _scene(ax: Any, data: Data, moment: Data) -> None:
    """One epoch: features small, class means large, classifier rows as spokes, the simplex as a triangle."""
    corners = data["vertices"]
    ax.fill(corners[:, 0], corners[:, 1], facecolor="none", edgecolor="#9A9A9A", linewidth=0.9, zorder=1)
    ax.plot(
        corners[:, 0], corners[:, 1], linestyle="none", marker="*", markersize=8, color="#9A9A9A", zorder=2
    )
    for number, (label, (colour, marker)) in enumerate(zip(SHOWN, LOOKS, strict=True)):
        look: dict[str, Any] = {"color": style.PALETTE[colour], "marker": marker}
        points = moment["features"][data["labels"] == label]
        ax.plot(*points.T, **look, linestyle="none", markersize=2.2, markeredgewidth=0, alpha=0.55, zorder=3)
        row, mean = moment["classifier"][number], moment["means"][number]
        ax.plot(
            [0, row[0]], [0, row[1]], color=look["color"], linewidth=1.6, linestyle=(0, (3, 1.2)), zorder=4
        )
        ax.plot(*row, color=look["color"], marker="D", markersize=6.5, markerfacecolor="none", zorder=5)
        ax.plot(*mean, **look, markersize=6, markeredgecolor="white", markeredgewidth=0.8, zorder=6)
    ax.set_aspect("equal")
    ax.set_xlim(*EDGES[:2])
    ax.set_ylim(*EDGES[2:])
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])


def _legend() -> list[Any]:
    """Entries: what a glyph is, then whose colour it is."""
    grey: dict[str, Any] = {"color": "#555555", "linestyle": "none"}
    spoke: dict[str, Any] = {"color": "#555555", "marker": "D", "markersize": 6, "markerfacecolor": "none"}
    entries = [
        panels.handle({**grey, "marker": "o", "markersize": 2.4}, "feature of an image"),
        panels.handle({**grey, "marker": "o", "markersize": 6, "markeredgecolor": "white"}, "class mean"),
        panels.handle({**spoke, "linestyle": (0, (3, 1.2))}, "classifier row"),
        panels.handle({"color": "#9A9A9A", "marker": "*", "markersize": 8}, "simplex"),
    ]
    for label, (colour, marker) in zip(SHOWN, LOOKS, strict=True):
        look = {"color": style.PALETTE[colour], "marker": marker, "markersize": 5, "linestyle": "none"}
        entries.append(panels.handle(look, f"digit {label}"))
    return entries


def frames(data: Data) -> int:
    """One a measured epoch."""
    return len(data["moments"])


def draw_frame(axes: Any, data: Data, frame: int) -> None:
    """The scene of one epoch above NC1 so far."""
    scene, course = axes[:, 0]
    moment = data["moments"][frame]
    _scene(scene, data, moment)
    scene.set_title(f"epoch {moment['epoch']}, accuracy {100 * moment['accuracy']:.1f} %")
    scene.set_xlabel("first coordinate in the plane")
    scene.set_ylabel("second coordinate")
    epochs = [one["epoch"] for one in data["moments"]]
    values = [one["variability"] for one in data["moments"]]
    course.plot(epochs, values, color="#BBBBBB", linewidth=1.0)
    course.plot(epochs[: frame + 1], values[: frame + 1], color="black")
    course.plot(epochs[frame], values[frame], color="black", marker="o")
    course.set_xscale("symlog", linthresh=1)
    ticks = [tick for tick in (0, 1, 3, 10, 30, 100, 300) if tick <= epochs[-1]]
    course.set_xticks(ticks, [str(tick) for tick in ticks])
    course.set_yscale("log")
    panels.plain_log_ticks(course.yaxis, *course.get_ylim())
    panels.marked_epoch(course, data["terminal_phase"])
    course.set_xlabel("epoch (log from 1 on)")
    course.set_ylabel("NC1")


FIGURE = Figure(
    name="collapse-seen",
    title="The collapse seen (Papyan, Han & Donoho's Figure 1)",
    caption=(
        "Papyan, Han and Donoho's Figure 1 from a real run: a perceptron on ten handwritten digits, of which "
        "the first three are shown, in the plane of the simplex that fits the last epoch's class means and "
        "classifier rows best; the plane is the same in every still. The unit is the root-mean-square "
        "distance of the shown features from their centre, so that class means can reach the corners of the "
        "triangle only if the features no longer vary within a class and lie in the plane; each still says "
        "which share of the squared distance lies in it. Classifier rows have their own unit."
    ),
    source="Papyan, Han & Donoho 2020, PNAS 117(40):24652, Figure 1",
    cost="one training run, 20 seconds of processor time",
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=5.2,
    animation=Animation(
        frames=frames, draw=draw_frame, grid={"nrows": 2, "ncols": 1, "height_ratios": (3.4, 1)}, height=4.7
    ),
)
