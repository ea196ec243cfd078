# SPDX-License-Identifier: MIT
"""Phase diagrams of the optimal geometry: solved cell by cell, exact boundaries tested from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, style
from paper_figures.figure import Data, Figure

#: Diagrams in the order drawn: title, and short words for labels and phases where the full ones do not fit.
DIAGRAMS = {
    "minority-collapse": "minority collapse",
    "layer-peeled-collapse": "minority, norm budgets",
    "relu-vanishing": "ReLU features",
    "zero-threshold": "label smoothing",
    "bias-transition": "squared error, decayed bias",
    "deep-collapse": "deep linear, squared error",
    "deep-relu-collapse": "deep ReLU, squared error",
    "low-rank-bias": "deep linear, cross-entropy",
    "softmax-codes": "softmax codes",
}
SHORT = {
    "between simplex and orthogonal frame": "simplex to frame",
    "small classes vanish": "small vanish",
    "lower rank beats collapse": "lower rank",
    "collapse beats zero": "collapse",
    "only graphs beat zero": "graphs only",
    "margin below 1": "margin < 1",
    "margin 1": "margin = 1",
    "samples of a large class / of a small class": "large / small class",
    "kappa = sqrt(weight decay x feature decay)": "$\\kappa$",
    "c = C kappa sqrt(samples a class)": "$c = C\\kappa\\sqrt{n}$",
    "decay of every layer and of the features": "decay of each factor",
    "linear layers after the features L": "layers $L$",
    "layers after the features L": "layers $L$",
    "budget of the features E_H": "budget of features $E_H$",
    "decay of the bias": "decay of the bias",
    "label smoothing": "label smoothing $\\alpha$",
    "classes C": "classes $C$",
    "dimension d": "dimension $d$",
}
#: Thin phases, whose names would lie on their boundaries: (diagram, phase) -> a point inside, the offset of
#: the name from it in points (with a line to the point), and how far the name is turned, in degrees.
THIN = {
    ("deep-relu-collapse", "only graphs beat zero"): ((6.0, 0.0265), (12, 55), 0),
    ("softmax-codes", "margin 1"): ((6.0, 10.2), (0, 0), 33),
}
UNSURE: dict[str, Any] = {"fill": False, "edgecolor": "#8A8A8A", "hatch": "xxxxx", "linewidth": 0.0}
BOUNDARY = {"color": style.PALETTE["black"], "linewidth": 1.3}


def solved(*, name: str, quick: bool) -> dict[str, Any]:
    """One diagram as plain values: axes, phases, certificates, boundaries with their tests."""
    from simulations.geometry.phases import get, phase_diagram

    found = phase_diagram(name, **(dict(get(name).quick) if quick else {}))
    return {
        "phases": list(found.phases),
        "x": {"label": found.x.label, "values": found.x.values, "log": found.x.log},
        "y": {"label": found.y.label, "values": found.y.values, "log": found.y.log},
        "phase": np.asarray(found.phase),
        "certified": np.asarray(found.certified).astype(int),
        "boundaries": [
            {
                "label": boundary.label,
                "short": _parity(boundary.label),
                "x": boundary.x,
                "y": boundary.y,
                "theorem": boundary.theorem,
                "certified": boundary.certified,
                "tests": [[one.x, one.below, one.above, one.holds] for one in boundary.crossings],
            }
            for boundary in found.boundaries
        ],
    }


def _parity(label: str) -> str:
    """Which classes a boundary is for, where there is one for even and one for odd numbers of them."""
    return next((f"{word} $C$" for word in ("odd", "even") if word in label), "")


def data(context: Any) -> Data:
    """Every diagram with the edges of its cells and a place for the name of each phase."""
    quick = context.preset == "tiny"
    found = context.compute(
        solved,
        [{"name": name, "quick": quick} for name in DIAGRAMS],
        label="phase diagrams",
        places=("simulations/geometry", "simulations/losses", "theory/scalars.py"),
    )
    columns = []
    for (name, title), one in zip(DIAGRAMS.items(), found, strict=True):
        columns.append({"name": name, "title": title, **one, **_drawn(name, one)})
    every = [boundary for column in columns for boundary in column["boundaries"]]
    tests = sum(len(boundary["tests"]) for boundary in every)
    holding = sum(test[3] for boundary in every for test in boundary["tests"])
    cells = sum(np.asarray(column["phase"]).size for column in columns)
    sure = sum(int(np.sum(column["certified"])) for column in columns)
    note = (
        f"{cells} optimal geometries, {sure} certified; {len(every)} exact boundaries, tested from both "
        f"sides at {tests} places, of which {holding} hold."
    )
    return {"columns": columns, "note": note}


def _drawn(name: str, one: dict[str, Any]) -> dict[str, Any]:
    """Edges between cells, and where each phase's name goes: the cell deepest inside the phase."""
    edges = {axis: _edges(np.asarray(one[axis]["values"], dtype=float), one[axis]["log"]) for axis in "xy"}
    phase = np.asarray(one["phase"])
    places = []
    for index, words in enumerate(one["phases"]):
        if not np.any(phase == index):
            continue
        x, y, aside, turned = _named(phase == index, one, edges, THIN.get((name, words)))
        place = {"x": x, "y": y, "aside": list(aside), "turned": turned}
        places.append({**place, "words": SHORT.get(words, words)})
    x, y = edges["x"], edges["y"]
    unsure = [
        [float(v) for v in (x[c], y[r], x[c + 1] - x[c], y[r + 1] - y[r])]
        for r, c in zip(*np.nonzero(np.asarray(one["certified"]) == 0), strict=True)
    ]
    return {"x_edges": x, "y_edges": y, "places": places, "unsure": unsure}


def _edges(values: np.ndarray, log: bool) -> np.ndarray:
    """Midpoints between neighbours (geometric on a log axis), and as far out again at both ends."""
    if len(values) == 1:
        return np.array([values[0] * 0.9, values[0] * 1.1])
    scale = np.log(values) if log else values
    middle = (scale[1:] + scale[:-1]) / 2
    edges = np.concatenate([[2 * scale[0] - middle[0]], middle, [2 * scale[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def _named(mask: np.ndarray, one: dict[str, Any], edges: dict[str, np.ndarray], thin: Any) -> Any:
    """Where a phase's name goes: coordinates, offset and angle as `thin` says if that point is in the phase,
    else the cell deepest inside."""
    if thin is not None:
        (x, y), aside, turned = thin
        if _inside(mask, int(np.searchsorted(edges["y"], y)) - 1, int(np.searchsorted(edges["x"], x)) - 1):
            return x, y, aside, turned
    row, column = _deepest(mask)
    return float(one["x"]["values"][column]), float(one["y"]["values"][row]), (0, 0), 0


def _deepest(mask: np.ndarray) -> tuple[int, int]:
    """Row and column of the cell of `mask` farthest from its edge; width counts half, as names are wide."""
    best, place = -1.0, (0, 0)
    rows, columns = mask.shape
    outside = [(r, c) for r in range(-1, rows + 1) for c in range(-1, columns + 1) if not _inside(mask, r, c)]
    for r, c in zip(*np.nonzero(mask), strict=True):
        away = min(max(abs(r - a) / rows, 0.55 * abs(c - b) / columns) for a, b in outside)
        if away > best + 1e-9:
            best, place = away, (int(r), int(c))
    return place


def _inside(mask: np.ndarray, row: int, column: int) -> bool:
    return 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and bool(mask[row, column])


def grid(data: Data) -> dict[str, Any]:
    """Three columns."""
    return {"nrows": -(-len(data["columns"]) // 3), "ncols": 3}


def draw(axes: Any, data: Data) -> None:
    """Draw cells by phase, hatched where uncertified, boundaries and their tests."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Rectangle

    colours = ListedColormap(style.REGIONS)
    for ax, one in zip(axes.flat, data["columns"], strict=True):
        last = len(style.REGIONS) - 1
        shown = np.where(np.asarray(one["phase"]) == len(one["phases"]) - 1, last, one["phase"])
        ax.pcolormesh(one["x_edges"], one["y_edges"], shown, cmap=colours, vmin=0, vmax=last, rasterized=True)
        for left, low, width, height in one["unsure"]:
            ax.add_patch(Rectangle((left, low), width, height, **UNSURE))
        for boundary in one["boundaries"]:
            ax.plot(boundary["x"], boundary["y"], **BOUNDARY)
            for x, below, above, holds in boundary["tests"]:
                mark = {"color": "black" if holds else "red", "markersize": 2.4, "linestyle": "none"}
                ax.plot([x], [below], marker="^", **mark)
                ax.plot([x], [above], marker="v", **mark)
            if boundary["short"]:
                end, shift = (0, (4, 2)) if boundary["short"].startswith("odd") else (-1, (-4, 5))
                panels.beside(ax, boundary["x"][end], boundary["y"][end], boundary["short"], xytext=shift)
        for place in one["places"]:
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
            arrow = {"arrowstyle": "-", "linewidth": 0.6} if any(place["aside"]) else None
            look = {"ha": "center", "bbox": box, "arrowprops": arrow, "rotation": place["turned"]}
            panels.beside(ax, place["x"], place["y"], place["words"], xytext=place["aside"], **look)
        _axes(ax, one)
    entries = [
        panels.handle(BOUNDARY, "exact boundary"),
        panels.handle(
            {"color": "black", "marker": "^", "markersize": 3, "linestyle": "none"}, "certified below it"
        ),
        panels.handle(
            {"color": "black", "marker": "v", "markersize": 3, "linestyle": "none"}, "certified above it"
        ),
    ]
    axes[0, 0].figure.legend(handles=[*entries, _hatched()], loc="outside lower center", ncols=4)


def _hatched() -> Any:
    from matplotlib.patches import Patch

    return Patch(
        facecolor="white", edgecolor="#777777", hatch="xxxx", linewidth=0, label="optimum not certified"
    )


def _axes(ax: Any, one: dict[str, Any]) -> None:
    for axis, which, limits in ((one["x"], ax.xaxis, ax.set_xlim), (one["y"], ax.yaxis, ax.set_ylim)):
        edges = one["x_edges"] if which is ax.xaxis else one["y_edges"]
        if axis["log"]:
            (ax.set_xscale if which is ax.xaxis else ax.set_yscale)("log")
            if edges[-1] < 100 * edges[0]:
                panels.plain_log_ticks(which, edges[0], edges[-1])
        limits(edges[0], edges[-1])
        which.set_label_text(SHORT.get(axis["label"], axis["label"]))
    ax.set_title(one["title"])
    ax.grid(False)


FIGURE = Figure(
    name="phase-diagrams",
    title="Phase diagrams of the optimal geometry",
    caption=(
        "Which geometry is optimal, for nine models of the literature, solved cell by cell (fill), with "
        "the exact boundaries (lines) put to the test: at each triangle the model was solved a little "
        "below or above the line, and a certificate that does not know the line decides the phase. "
        "Hatched: the best structure known is drawn and its optimality is not certified. Minority "
        "collapse: the small classes share one classifier row above the line. Layer counts, dimensions and"
        " numbers of classes are whole, and boundaries run between them."
    ),
    source=(
        "this project; models: Hong & Ling 2023, Fang et al. 2021, Dang et al. 2023 and 2024, Zhou et al. "
        "2022, Tirer & Bruna 2022, Súkeník et al. 2023 and 2024, Garrod & Keating 2024, Jiang et al. 2024"
    ),
    cost="no training; 17 seconds of processor time",
    theorems=(
        "hong-ling-2023-minority-collapse",
        "hong-ling-2023-no-collapse-below",
        "imbalanced-least-loss",
        "fang-2021-minority-collapse",
        "dang-2024-relu-imbalanced",
        "zhou-2022-label-smoothing-threshold",
        "tirer-bruna-2022-mse-bias",
        "dang-2023-deep-mse-threshold",
        "sukenik-2023-zero-above",
        "garrod-keating-2024-low-rank",
        "garrod-keating-2024-low-rank-odd",
        "jiang-2024-softmax-code",
        "jiang-2024-code-margin-cosine",
    ),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=6.6,
)
