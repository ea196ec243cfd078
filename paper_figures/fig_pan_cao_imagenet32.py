# SPDX-License-Identifier: MIT
"""Pan & Cao's own ImageNet32 networks: the cosines that they released, beside what is guaranteed for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_figures import panels, published, style
from paper_figures.figure import Data, Figure

CLASSES = 1000
#: What the bounds are evaluated from.
USED = ("loss", "weight_frobenius", "feature_norm")
#: Bounds used, all with any bias (the released networks have one) and for features minus their mean.
WEIGHTED = "within-class-variability-centred"
COSINE = "intra-class-cosine-centred"
WORDS = {
    WEIGHTED: "guaranteed, pairs weighted by norms",
    COSINE: "guaranteed, mean cosine",
}


def data(context: Any) -> Data:
    """One column a network: released cosines with quantiles, and the two guarantees at every decay."""
    rows = published.table("pan_cao_2023_imagenet32")
    columns: list[dict[str, Any]] = []
    asked = []
    for network in dict.fromkeys(row["network"] for row in rows):
        chosen = [row for row in rows if row["network"] == network]
        numbers = {
            name: np.array([float(row[name]) for row in chosen]) for name in chosen[0] if name != "network"
        }
        columns.append({"title": network, **numbers})
        asked.append({"rows": [{name: row[name] for name in USED} for row in chosen]})
    found = context.compute(guarantees, asked, label="guarantees for ImageNet32", places=("theory",))
    for column, bounds in zip(columns, found, strict=True):
        column.update({name: np.array(numbers, dtype=np.float64) for name, numbers in bounds.items()})
    best = max(columns, key=lambda column: float(np.max(column[WEIGHTED])))
    place = int(np.argmax(best[WEIGHTED]))
    note = (
        f"{CLASSES} classes, n = 1 run a point. Largest guarantee: {best[WEIGHTED][place]:.3f} for "
        f"{best['title']} at weight decay {best['weight_decay'][place]:g}, where the mean cosine is "
        f"{best['intra_mean'][place]:.3f}; least, over all {len(rows)} runs: "
        f"{min(float(np.min(c[WEIGHTED])) for c in columns):.3f}."
    )
    return {"columns": columns, "at_collapse": [1.0, -1.0 / (CLASSES - 1)], "note": note}


def guarantees(*, rows: list[dict[str, str]]) -> dict[str, list[float | None]]:
    """Both bounds for each run; None, which is not drawn, where a hypothesis is not met.

    From the loss, ||W||_F and the feature norm as printed, each at the end of its rounding that is worst for
    the bound (all larger). ||W||_F / sqrt(C) is at least the centred weight norm, so T' is not
    underestimated. The bound on the weighted mean falls as T' grows, so it holds whatever the mean row of the
    classifier is; that on the plain mean falls too (for T' (1 - q) >= 1), but its hypothesis on T' is met for
    certain only if the mean row is zero, as weight decay makes it.
    """
    from theory.evaluation import HypothesisError
    from theory.registry import get

    found: dict[str, list[float | None]] = {WEIGHTED: [], COSINE: []}
    for row in rows:
        loss, weight, feature = (float(row[name]) + published.half_unit(row[name]) for name in USED)
        values = {
            "C": CLASSES,
            "L": loss,
            "alpha": feature,
            "alpha_centred": feature,
            "beta": weight / np.sqrt(CLASSES),
            "mean_norm": 0.0,
        }
        for name, numbers in found.items():
            theorem = get(name)
            try:
                bound = float(theorem.evaluate(**{key: values[key] for key in theorem.inputs}))
            except HypothesisError:
                numbers.append(None)
                continue
            # The first bounds the variability nu' = 1 - weighted mean, from above.
            numbers.append(1.0 - bound if name == WEIGHTED else bound)
    return found


def grid(data: Data) -> dict[str, Any]:
    """One panel a network."""
    return {"nrows": 1, "ncols": len(data["columns"]), "sharex": True, "sharey": True}


def draw(axes: Any, data: Data) -> None:
    """Draw cosines with quantiles, and the guarantees as a floor under the intra-class cosine."""
    looks = {WEIGHTED: style.series("guaranteed"), COSINE: style.series("guaranteed-cosine")}
    for ax, column in zip(axes.flat, data["columns"], strict=True):
        for level in data["at_collapse"]:
            ax.axhline(level, color=style.PALETTE["grey"], linewidth=0.8, linestyle=(0, (1, 1.5)))
        decay = column["weight_decay"]
        for kind in ("intra", "inter"):
            mean, quantile, look = column[f"{kind}_mean"], column[f"{kind}_quantile"], style.series(kind)
            ax.fill_between(decay, mean, quantile, color=look["color"], alpha=0.18, linewidth=0)
            ax.plot(decay, quantile, color=look["color"], linewidth=0.6, linestyle=look["linestyle"])
            ax.plot(decay, mean, **look)
        for name, look in looks.items():
            ax.plot(decay, column[name], **look)
        ax.set_xscale("log")
        ax.set_ylim(-0.08, 1.05)
        ax.set_xlabel("weight decay $\\lambda$")
        ax.set_title(column["title"])
    axes[0, 0].set_ylabel("cosine")
    entries = [
        panels.handle(style.series("intra"), "released: within a class, mean; band to the 5 % quantile"),
        panels.handle(style.series("inter"), "released: between classes, mean; band to the 95 % quantile"),
        *(panels.handle(look, WORDS[name]) for name, look in looks.items()),
    ]
    axes[0, 0].figure.legend(handles=entries, loc="outside lower center", ncols=2)


FIGURE = Figure(
    name="pan-cao-imagenet32",
    title="ImageNet32: the authors' own networks beside our guarantee",
    caption=(
        "Cosines that Pan and Cao released for VGG11, VGG19 and ResNet18 trained on ImageNet32, against "
        "weight decay, and what the theorems guarantee for those very runs from three released numbers: "
        "loss, norm of the classifier and norm of the features. The lower bound marked by triangles is on "
        "the intra-class cosine in which each pair counts by the norms of its features (1 - within-class "
        "variability); the one marked by inverted triangles is on the plain mean over classes, and is "
        "drawn where its hypotheses hold, for a classifier whose rows have mean zero. The released "
        "networks have a bias, and both bounds allow any. The networks are the authors'; nothing was "
        "trained here. Dotted: the values at exact collapse."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, ImageNet32 figure, from the released measurements",
    cost="no training; 3 seconds of processor time",
    theorems=(WEIGHTED, COSINE),
    data=data,
    draw=draw,
    grid=grid,
    width=style.PAGE_WIDTH,
    height=2.9,
)
