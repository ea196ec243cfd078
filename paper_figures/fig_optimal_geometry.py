# SPDX-License-Identifier: MIT
"""Optimal geometry: Gram matrices of the solved unconstrained-features model, balanced and not."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import style
from paper_figures.figure import Data, Figure

#: Titles and class counts; five classes large and five small from the second case on.
CASES = (
    ("balanced", (100,) * 10),
    ("imbalanced 10 : 1", (500,) * 5 + (50,) * 5),
    ("imbalanced 100 : 1", (500,) * 5 + (5,) * 5),
)
# kappa = sqrt(5e-3 * 2e-4) = 1e-3 lies above the collapse threshold sqrt(n_B)/n of the third case (8.9e-4)
# and below that of the second (2.6e-3).
WEIGHT_DECAY, FEATURE_DECAY, FEATURE_DIM = 5e-3, 2e-4, 10


def solved(*, counts: list[int]) -> dict[str, Any]:
    """Value, gap, status and the two Gram matrices (C, C) of the model with class sizes `counts`."""
    import simulations

    solution = simulations.solve(
        loss="cross-entropy",
        counts=tuple(counts),
        weight_decay=WEIGHT_DECAY,
        feature_decay=FEATURE_DECAY,
        feature_dim=FEATURE_DIM,
    )
    return {
        "value": float(solution.value),
        "gap": float(solution.gap),
        # The next power of ten: what is printed; digits of rounding error would differ between machines.
        "gap_below": float(10.0 ** max(np.floor(np.log10(max(float(solution.gap), 1e-300))) + 1, -12)),
        "status": str(solution.status),
        "classifier": cosines(np.asarray(solution.weight, dtype=np.float64)),
        "class_means": cosines(np.asarray(solution.class_means, dtype=np.float64)),
    }


def cosines(rows: np.ndarray) -> np.ndarray:
    """Cosines (C, C) between the `rows` (C, d).

    A row shorter than 1e-6 of the longest has no direction: its cosines are 0.
    """
    lengths = np.linalg.norm(rows, axis=1)
    alive = lengths > 1e-6 * max(lengths.max(), np.finfo(np.float64).tiny)
    unit = np.where(alive[:, None], rows / np.where(alive, lengths, 1.0)[:, None], 0.0)
    return unit @ unit.T


def data(context: Any) -> Data:
    """One column per case, with the certificate of the solver."""
    cases = CASES[:2] if context.preset == "tiny" else CASES
    solutions = context.compute(
        solved,
        [{"counts": list(counts)} for _, counts in cases],
        label="optimal geometry",
        places=("simulations/geometry",),
    )
    columns = []
    for (title, counts), solution in zip(cases, solutions, strict=True):
        grams = {name: np.asarray(solution[name]) for name in ("classifier", "class_means")}
        blocks = {name: _blocks(gram, list(counts)) for name, gram in grams.items()}
        columns.append({"title": title, "counts": list(counts), "blocks": blocks, **solution, **grams})
    note = (
        f"Weight decay {WEIGHT_DECAY:g}, feature decay {FEATURE_DECAY:g} a sample, {FEATURE_DIM} feature "
        "dimensions, cross-entropy; the (duality) gap bounds how far the value is above the global "
        "minimum."
    )
    return {"columns": columns, "note": note}


def grid(data: Data) -> dict[str, Any]:
    """Classifier above, class means below; one column per case."""
    return {"nrows": 2, "ncols": len(data["columns"])}


def _blocks(gram: np.ndarray, counts: list[int]) -> list[dict[str, float]]:
    """One off-diagonal cosine for each pair of groups of equally large classes, and its place."""
    sizes = sorted(set(counts), reverse=True)
    groups = [[c for c, count in enumerate(counts) if count == size] for size in sizes]
    blocks = []
    for rows in groups:
        for columns in groups:
            shift = len(rows) / 4 if rows is columns else 0.0
            centre_x, centre_y = float(np.mean(columns)), float(np.mean(rows))
            value = float(gram[rows[0], columns[-1]])
            blocks.append({"x": centre_x + shift, "y": centre_y - shift, "value": value})
    return blocks


def _number(ax: Any, *, x: float, y: float, value: float) -> None:
    colour = "white" if abs(value) > 0.6 else "black"
    ax.text(x, y, f"{value:+.2f}".replace("-", "−"), ha="center", va="center", fontsize=6, color=colour)


def draw(axes: Any, data: Data) -> None:
    """Draw the matrices on one diverging scale centred at 0."""
    words = {"classifier": "classifier rows", "class_means": "class means"}
    last = len(words) - 1
    for j, column in enumerate(data["columns"]):
        for i, name in enumerate(words):
            ax = axes[i, j]
            image = ax.imshow(column[name], cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
            ax.grid(False)
            ax.spines[:].set_visible(False)
            ticks = [0, len(column["counts"]) // 2, len(column["counts"]) - 1]
            ax.set_xticks(ticks, [str(tick + 1) for tick in ticks] if i == last else [])
            if i == last:
                ax.set_xlabel("class")
            for block in column["blocks"][name]:
                _number(ax, **block)
            ax.set_yticks(ticks, [str(tick + 1) for tick in ticks])
            if j == 0:
                ax.set_ylabel(f"{words[name]}\nclass")
        axes[0, j].set_title(f"{column['title']}\n{column['status']}, gap < {column['gap_below']:.0e}")
    bar = axes[0, 0].figure.colorbar(image, ax=list(axes.flat), shrink=0.75, aspect=30, pad=0.02)
    bar.set_label("cosine")
    bar.set_ticks([-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)


FIGURE = Figure(
    name="optimal-geometry",
    title="Optimal geometry of the unconstrained-features model",
    caption=(
        "Cosines between classifier rows and between class means at the certified global optimum. "
        "Balanced classes: a simplex equiangular tight frame, every off-diagonal cosine -1/(C-1). "
        "Imbalanced classes (1 to 5 large, 6 to 10 small): the large classes move apart and the small "
        "ones together, and at strong imbalance the small classes share one direction (minority "
        "collapse)."
    ),
    source="this project; minority collapse: Fang et al. 2021, arXiv:2101.12699",
    cost="no training; 5 seconds of processor time",
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=3.75,
)
