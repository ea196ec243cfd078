# SPDX-License-Identifier: MIT
"""Does a larger weight decay give a tighter bound? It depends on what is kept of the loss gap."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, runs, style
from paper_figures.figure import Data, Figure

BOUND, AT_GAP, AT_EXCESS = "intra-class-cosine-weight-decay", "decay-at-fixed-gap", "decay-at-fixed-excess"
CLASSES, REFERENCE, GAP, DECAYS = 10, 5e-4, 1e-3, (1e-4, 2e-2)
#: What is kept as the decay changes: words, their shift in points, look.
KEPT: dict[str, tuple[str, float, dict[str, Any]]] = {
    "gap": ("ε kept", 5, {"color": style.PALETTE["blue"], "linestyle": "-"}),
    "room": ("ε/(log C − m) kept", -5, {"color": style.PALETTE["green"], "linestyle": "-."}),
    "excess": ("ε/m kept", 0, {"color": style.PALETTE["vermillion"], "linestyle": "--"}),
}
SWEEPS = {
    "digits": ("digits", -5, style.series("batch-norm")),
    "fashion-mnist": ("Fashion-MNIST", 5, style.series("no-batch-norm")),
}


def data(context: Any) -> Data:
    """Left: the bound over decays for three ways to keep the gap. Right: gaps that training left."""
    from theory.registry import get

    decay = np.geomspace(*DECAYS, 121)
    least = {x: _least(x) for x in (*decay, REFERENCE)}
    room = {x: float(np.log(CLASSES)) - value for x, value in least.items()}
    gaps = {
        "gap": [GAP for x in decay],
        "room": [GAP * room[x] / room[REFERENCE] for x in decay],
        "excess": [GAP * least[x] / least[REFERENCE] for x in decay],
    }
    bound = get(BOUND)
    limits = {
        kept: np.array(
            [1.0 - float(bound.evaluate(**_values(x, e, least[x]))) for x, e in zip(decay, by, strict=True)]
        )
        for kept, by in gaps.items()
    }
    trained, used = [], []
    for sweep, (words, _, _) in SWEEPS.items():
        chosen = runs.where(context.records(sweep), batch_norm="scale-only")
        used += chosen
        if chosen:
            gap = runs.over_seeds(chosen, "weight_decay", lambda record: _gap(record.final["collapse"]))
            trained.append({"sweep": sweep, "words": words, "gap": gap})
    return {
        "decay": decay,
        "limits": limits,
        "least": np.array([least[x] for x in decay]),
        "reference": REFERENCE,
        "at_reference": 1.0 - float(bound.evaluate(**_values(REFERENCE, GAP, least[REFERENCE]))),
        "trained": trained,
        "records": runs.keys(used),
        "note": (
            f"C = {CLASSES}. At weight decay {REFERENCE:g} the regularised loss gap is {GAP:g} nats for all"
            " three curves; over the range drawn the bound changes by a factor "
            f"{_change(limits['gap']):.2g} (gap kept), {_change(limits['room']):.2g} (relative to log C − "
            f"m) and {_change(limits['excess']):.2g} (relative to m). {_grown(trained)}{runs.describe(used)}"
        ),
    }


def _values(decay: float, gap: float, least: float) -> dict[str, float]:
    """What the theorem's formula and hypotheses ask for, at a gap above the least value."""
    return {
        "C": CLASSES,
        "weight_decay": decay,
        "L_reg": least + gap,
        "eps_reg": gap,
        "mean_norm": 0.0,
        "bias_norm": 0.0,
    }


def _gap(collapse: dict[str, Any]) -> float:
    return float(collapse["regularized_loss"] - collapse["minimum_regularized_loss"])


def _grown(trained: list[dict[str, Any]]) -> str:
    """By how much gap and least value grew over the decays that were trained."""
    words = []
    for series in trained:
        gap, ends = series["gap"], (float(series["gap"]["x"][0]), float(series["gap"]["x"][-1]))
        words.append(
            f"On {series['words']} from {ends[0]:g} to {ends[1]:g} the gap changes by a factor "
            f"{_change(gap['mean']):.2g}, m by {_least(ends[1]) / _least(ends[0]):.2g}. "
        )
    return "".join(words)


def _least(decay: float) -> float:
    from theory import scalars

    return float(scalars.least_regularized_loss(decay, CLASSES))


def _change(numbers: np.ndarray) -> float:
    return float(numbers[-1] / numbers[0])


def grid(data: Data) -> dict[str, Any]:
    """The bound on the left, the gaps of trained networks on the right."""
    return {"nrows": 1, "ncols": 2}


def draw(axes: Any, data: Data) -> None:
    """Draw three curves through one point, and measured gaps beside the least regularised loss."""
    left, right = axes[0]
    for kept, (words, shift, look) in KEPT.items():
        left.plot(data["decay"], data["limits"][kept], **look)
        end = (data["decay"][-1], data["limits"][kept][-1])
        panels.beside(left, *end, words, color=look["color"], xytext=(3, shift))
    left.plot([data["reference"]], [data["at_reference"]], color="black", marker="o", markersize=3.5)
    left.set_ylabel("bound on 1 − mean intra")
    right.plot(data["decay"], data["least"], color=style.PALETTE["grey"], linestyle=":")
    panels.beside(right, data["decay"][-1], data["least"][-1], "least value m", color="#555555")
    for series in data["trained"]:
        words, shift, look = SWEEPS[series["sweep"]]
        panels.series_with_errors(right, series["gap"], look)
        panels.beside(
            right,
            series["gap"]["x"][-1],
            series["gap"]["mean"][-1],
            f"ε, {words}",
            color=look["color"],
            xytext=(6, shift),
        )
    right.set_ylabel("nats")
    for ax, title in ((left, "the bound, three readings"), (right, "what training left")):
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("weight decay $\\lambda$")
        ax.set_title(title)
        ax.set_xlim(data["decay"][0] * 0.9, data["decay"][-1])


FIGURE = Figure(
    name="decay-normalisation",
    title="Larger decay, tighter bound? What normalising the gap does",
    caption=(
        "Left: the guaranteed mean of 1 - intra-class cosine for a network with batch norm, 2 ε/(T* q*), "
        "as the weight decay changes, if the regularised loss gap ε stays as it is, if it stays the same "
        "share of log C - m, or the same share of the least regularised loss m. With the gap kept the "
        "bound falls with the decay (theorem decay-at-fixed-gap), which is the published reading; relative"
        " to the least loss it rises (theorem decay-at-fixed-excess). Right: the gaps of trained networks "
        "with bias-free batch norm beside m; markers are means over seeds, bars one standard error."
    ),
    source="this project; statement: Pan & Cao 2023, arXiv:2309.04644, Theorem 2.2 and its reviews",
    cost="50 short training runs, 2 minutes of processor time (those of bounds-weight-decay)",
    theorems=(BOUND, AT_GAP, AT_EXCESS, "minimum-regularized-loss"),
    sweeps=tuple(SWEEPS),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=2.6,
)
