# SPDX-License-Identifier: MIT
"""Tightness: the worst case that an adversarial optimiser finds, beside the bound, over loss gaps."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, style
from paper_figures.figure import Data, Figure

SAMPLES, MARGIN, WEIGHT_DECAY = 3, 6.0, 5e-3
#: Theorem: title, vertical label, setting.
CLAIMS: dict[str, tuple[str, str, dict[str, float]]] = {
    "within-class-variability": (
        "from loss and norms",
        "within-class variability $\\nu$",
        {"T": MARGIN},
    ),
    "within-class-variability-weight-decay": (
        "from $\\lambda$ and regularised loss",
        "within-class variability $\\nu$",
        {"weight_decay": WEIGHT_DECAY},
    ),
    "intra-class-cosine": (
        "mean intra-class cosine",
        "1 − mean intra-class cosine",
        {"T": MARGIN},
    ),
}
LOOKS = {
    "wide": {"color": style.PALETTE["blue"], "marker": "o", "linestyle": "none"},
    "narrow": {"color": style.PALETTE["vermillion"], "marker": "^", "linestyle": "none"},
    "bound": {"color": style.PALETTE["black"], "linestyle": "-"},
    "published": {"color": style.PALETTE["grey"], "linestyle": ":"},
}


def attacked(
    *, theorem: str, classes: int, dimension: int, gap: float, setting: dict[str, float]
) -> dict[str, float]:
    """The worst departure found at one loss gap, and the bound there."""
    from simulations.geometry import worst_case

    case = worst_case(
        theorem,
        C=classes,
        samples_per_class=SAMPLES,
        feature_dim=dimension,
        loss_gap=gap,
        starts=("orthogonal-noise", "random-noise"),
        **setting,
    )
    return {"attained": float(case.attained), "bound": float(case.bound), "ratio": float(case.ratio)}


def data(context: Any) -> Data:
    """For each theorem: bound and worst cases (d = C, d = C - 1) over loss gaps, ratio, slopes."""
    classes, count = context.choose(tiny=(4, 2), quick=(10, 11), paper=(10, 26))
    gaps = np.logspace(-6, -1, count)
    calls = [
        {"theorem": name, "classes": classes, "dimension": dimension, "gap": float(gap), "setting": setting}
        for name, (_, _, setting) in CLAIMS.items()
        for dimension in (classes, classes - 1)
        for gap in gaps
    ]
    places = ("theory/scalars.py", "simulations/geometry")
    results = iter(context.compute(attacked, calls, label="adversary against bounds", places=places))
    columns = []
    for name, (title, label, _) in CLAIMS.items():
        wide, narrow = ([next(results) for _ in gaps] for _ in range(2))
        attained = np.array([result["attained"] for result in wide])
        bound = np.array([result["bound"] for result in wide])
        columns.append(
            {
                "theorem": name,
                "title": title,
                "label": label,
                "gap": gaps,
                "bound": bound,
                "wide": attained,
                "narrow": np.array([result["attained"] for result in narrow]),
                "worst_ratio": float(max(result["ratio"] for result in (*wide, *narrow))),
                "slope": _slope(gaps, attained),
                "bound_slope": _slope(gaps, bound),
                # Through the bound's last point: only the slope of this line means something.
                "published": bound[-1] * np.sqrt(gaps / gaps[-1]),
            }
        )
    note = (
        f"{classes} classes, {SAMPLES} samples each; margin T = {MARGIN:g} (left, right), weight decay "
        f"{WEIGHT_DECAY:g} (middle). Slopes are fitted to the smaller half of the gaps."
    )
    return {"columns": columns, "classes": classes, "note": note}


def _slope(gaps: np.ndarray, numbers: np.ndarray) -> float:
    """Least-squares slope in logarithms over the smaller half of the gaps, where the bounds are linear."""
    half = max(2, (len(gaps) + 1) // 2)
    return float(np.polyfit(np.log(gaps[:half]), np.log(numbers[:half]), 1)[0])


def grid(data: Data) -> dict[str, Any]:
    """One panel a theorem."""
    return {"nrows": 1, "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw bound, worst cases and the published exponent, with the slopes written in each panel."""
    for ax, column in zip(axes.flat, data["columns"], strict=True):
        ax.plot(column["gap"], column["published"], **LOOKS["published"])
        ax.plot(column["gap"], column["bound"], **LOOKS["bound"])
        ax.plot(column["gap"], column["wide"], **LOOKS["wide"])
        ax.plot(column["gap"], column["narrow"], **LOOKS["narrow"])
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("loss gap, nats")
        ax.set_title(column["title"])
        ax.set_ylabel(column["label"])
        ax.annotate(
            f"slope of the worst case {column['slope']:.3f}\nslope of the bound {column['bound_slope']:.3f}\n"
            f"largest worst case / bound {column['worst_ratio']:.4f}",
            (0.97, 0.03),
            xycoords="axes fraction",
            ha="right",
            va="bottom",
            fontsize=6.5,
        )
    classes = data["classes"]
    entries = [
        panels.handle(LOOKS["bound"], "bound"),
        panels.handle(LOOKS["wide"], f"worst case found, d = C = {classes}"),
        panels.handle(LOOKS["published"], "slope 1/2: the published exponent"),
        panels.handle(LOOKS["narrow"], f"worst case found, d = C − 1 = {classes - 1}"),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=2)


FIGURE = Figure(
    name="tightness",
    title="The bounds are attained",
    caption=(
        "The largest departure from collapse that an optimiser finds among all configurations of features "
        "and classifier with a given loss gap, beside the proved bound. With at least as many feature "
        "dimensions as classes the bound on within-class variability is attained at every gap and the "
        "bound on the cosine as the gap vanishes; with one dimension less there is room between them. "
        "Both go to zero linearly in the loss gap; the published rate is its square root."
    ),
    source="this project; published exponent: Pan & Cao 2023, arXiv:2309.04644, Theorems 2.1 and 2.2",
    cost="no training; about a minute of processor time",
    theorems=tuple(CLAIMS),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=3.1,
)
