# SPDX-License-Identifier: MIT
"""Worst cases drawn: three classes in the plane, the whole loss gap spent on one departure from collapse."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, style
from paper_figures.figure import Data, Figure

CLASSES, SAMPLES, MARGIN, GAP = 3, 4, 6.0, 0.006
#: Theorem attacked: what the gap is spent on, and the words of its quantity.
SPENT: dict[str, tuple[str, str]] = {
    "collapse": ("nothing: collapse", ""),
    "within-class-variability": ("spread within classes", "ν ="),
    "intra-class-cosine-per-class-sharp": ("one class's cosines", "1 − intra ="),
    "self-duality-tradeoff": ("self-duality", "distance"),
    "norms-of-rows": ("unequal rows", "std/mean ="),
    "equiangular-weights": ("angles of rows", "deviation"),
    "norms-of-means": ("unequal means", "std/mean ="),
    "equiangular-means": ("angles of means", "deviation"),
}
LOOKS = (
    {"color": style.PALETTE["black"], "marker": "o"},
    {"color": style.PALETTE["vermillion"], "marker": "s"},
    {"color": style.PALETTE["sky"], "marker": "^"},
)
TERMS = {
    "misalignment": ("misalignment", style.PALETTE["blue"], ""),
    "margin_spread": ("margin spread", style.PALETTE["orange"], "////"),
    "wrong_class_spread": ("wrong-class spread", style.PALETTE["sky"], "...."),
}


def attacked(*, theorem: str) -> dict[str, Any]:
    """The worst plane configuration for `theorem` ("collapse": the simplex), and how its gap is spent."""
    from simulations import measure
    from simulations.geometry import worst_case

    if theorem == "collapse":
        return _simplex()
    case = worst_case(
        theorem, C=CLASSES, samples_per_class=SAMPLES, feature_dim=2, T=MARGIN, loss_gap=GAP, repeats=2
    )
    found = measure(features=case.features, labels=case.labels, weight=case.weight).to_dict()
    return {
        "features": case.features / found["feature_norm"],
        "weight": case.weight / found["weight_norm"],
        "attained": float(case.attained),
        "bound": float(case.bound),
        "gap": float(found["loss_gap"]),
        "spent": {name: float(found["gap_decomposition"][name]) for name in TERMS},
    }


def _simplex() -> dict[str, Any]:
    angle = np.pi / 2 + 2 * np.pi * np.arange(CLASSES) / CLASSES
    rows = np.column_stack([np.cos(angle), np.sin(angle)])
    return {
        "features": np.repeat(rows, SAMPLES, axis=0),
        "weight": rows,
        "attained": 0.0,
        "bound": 0.0,
        "gap": 0.0,
        "spent": dict.fromkeys(TERMS, 0.0),
    }


def data(context: Any) -> Data:
    """One panel a departure; rotated so that the first row of the classifier points up."""
    names = list(SPENT)[: context.choose(tiny=3, quick=None, paper=None)]
    found = context.compute(
        attacked,
        [{"theorem": name} for name in names],
        label="worst cases in the plane",
        places=("theory/scalars.py", "simulations/geometry"),
    )
    columns = []
    for name, one in zip(names, found, strict=True):
        features, weight = np.asarray(one["features"]), np.asarray(one["weight"])
        turn = _upright(weight)
        title, words = SPENT[name]
        shares = {term: one["spent"][term] / one["gap"] if one["gap"] else 0.0 for term in TERMS}
        columns.append(
            {
                "theorem": name,
                "title": title,
                "features": features @ turn,
                "weight": weight @ turn,
                "means": (features @ turn).reshape(CLASSES, SAMPLES, 2).mean(axis=1),
                "shares": shares,
                "words": f"{words} {one['attained']:.2f}, at most {one['bound']:.2f}" if words else "",
            }
        )
    limit = 1.12 * max(
        float(np.abs(column[name]).max()) for column in columns for name in ("features", "weight")
    )
    note = (
        f"{CLASSES} classes, {SAMPLES} samples each, 2 dimensions, T = {MARGIN:g}, loss gap {GAP:g} nats; "
        "features over α, rows over β."
    )
    return {"columns": columns, "limit": limit, "note": note}


def _upright(weight: np.ndarray) -> np.ndarray:
    """An orthogonal matrix (2, 2) that turns the longest row up and the next class to its left."""
    order = np.argsort(-np.linalg.norm(weight, axis=1), kind="stable")
    x, y = weight[order[0]] / np.linalg.norm(weight[order[0]])
    turn = np.array([[y, x], [-x, y]])
    flip = -1.0 if (weight[order[1]] @ turn)[0] > 0 else 1.0
    return turn * np.array([flip, 1.0])


def grid(data: Data) -> dict[str, Any]:
    """Four columns; under each configuration a strip that says how the gap is spent."""
    rows = -(-len(data["columns"]) // 4)
    return {
        "nrows": 2 * rows,
        "ncols": min(4, len(data["columns"])),
        "gridspec_kw": {"height_ratios": [1.0, 0.07] * rows},
    }


def draw(axes: Any, data: Data) -> None:
    """Draw rows as arrows, samples as markers, means as crosses; below, shares of the gap."""
    for index, column in enumerate(data["columns"]):
        ax, strip = axes[2 * (index // 4), index % 4], axes[2 * (index // 4) + 1, index % 4]
        for c, look in enumerate(LOOKS):
            row = column["weight"][c]
            arrow = {
                "arrowstyle": "-|>",
                "color": look["color"],
                "linewidth": 1.4,
                "shrinkA": 0,
                "shrinkB": 0,
            }
            ax.annotate("", row, (0, 0), arrowprops=arrow)
            own = column["features"].reshape(len(LOOKS), -1, 2)[c]
            ax.plot(
                own[:, 0],
                own[:, 1],
                **look,
                linestyle="none",
                markersize=4.2,
                alpha=0.75,
                markeredgecolor="white",
            )
            ax.plot(*column["means"][c], color=look["color"], marker="+", markersize=7)
        ax.set_xlim(-data["limit"], data["limit"])
        ax.set_ylim(-data["limit"], data["limit"])
        ax.set_aspect("equal")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(True)
        ax.set_title(column["title"])
        ax.text(0, -0.95 * data["limit"], column["words"], ha="center", va="bottom", fontsize=6)
        if index % 4 == 0:
            ax.set_ylabel("plane of\nthe simplex")
        _strip(strip, column["shares"], first=index % 4 == 0)
    _legend(axes[0, 0].figure)


def _strip(ax: Any, shares: dict[str, float], *, first: bool) -> None:
    left = 0.0
    for name, (_, colour, hatch) in TERMS.items():
        ax.barh([0], [shares[name]], left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.3)
        left += shares[name]
    ax.set_xlim(0, 1)
    ax.set_yticks([])
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    ax.grid(False)
    ax.set_xlabel("share of the gap")
    if first:
        ax.set_ylabel(" ")


def _legend(figure: Any) -> None:
    from matplotlib.patches import Patch

    black = {"color": "#444444", "linestyle": "none"}
    entries = [
        panels.handle({**black, "marker": "o", "markersize": 4.2}, "features"),
        panels.handle({**black, "marker": "+", "markersize": 7}, "class means"),
        panels.handle(
            {"color": "#444444", "linestyle": "-", "linewidth": 1.4}, "rows of the classifier (arrows)"
        ),
        *(Patch(facecolor=c, hatch=h, edgecolor="white", label=words) for words, c, h in TERMS.values()),
    ]
    figure.legend(handles=entries, loc="outside lower center", ncols=3)


FIGURE = Figure(
    name="worst-cases",
    title="Worst cases: a network that spends its whole gap on one thing",
    caption=(
        "Three classes whose features and classifier lie in a plane, so that nothing is projected. Each "
        "panel is the configuration with the largest departure of one kind that an optimiser finds at the "
        "same loss gap and norms; below it the departure and the proved bound, which may be attained in "
        "higher dimension only. Strips: how the gap is spent, exactly."
    ),
    source="this project; adversary: python -m simulations attack",
    cost="no training; 30 seconds of processor time",
    theorems=("loss-gap-identity", *(name for name in SPENT if name != "collapse")),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=5.2,
)
