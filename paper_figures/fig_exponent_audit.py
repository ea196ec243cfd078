# SPDX-License-Identifier: MIT
"""Exponents of the bounds: as published, as proved here, and as measured on attained worst cases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from paper_figures import panels, style
from paper_figures.figure import Data, Figure

#: Theorems of the audit's rows, and the published statements whose exponents are drawn.
THEOREMS = (
    "intra-class-cosine-per-class",
    "inter-class-cosine",
    "equiangular-weights-rms",
    "intra-class-cosine-weight-decay-per-class",
    "intra-class-cosine-relative-excess",
    "pan-cao-2.1-intra",
    "pan-cao-2.1-inter",
    "pan-cao-2.2-intra",
)
_PRETTY = (
    ("-", "−"),
    ("alpha beta", "αβ"),
    ("eps", "ε"),
    ("delta", "δ"),
    ("lambda", "λ"),
    ("m_reg", "least loss"),
    ("e^T", "$e^T$"),
    ("w_c", "$w_c$"),
    ("w_j", "$w_j$"),
    ("intra_c", "intra"),
)
PUBLISHED = style.series("published", linestyle="none")
OURS = style.series("guaranteed", linestyle="none", markersize=6.5, markerfacecolor="white")
MEASURED = style.series("measured", linestyle="none", markersize=3.0)


def audited() -> list[dict[str, Any]]:
    """The rows of the audit as plain values."""
    from theory.audit import rows

    return [asdict(row) for row in rows()]


def data(context: Any) -> Data:
    """The rows of the audit, those where a larger exponent is better first."""
    (rows,) = context.compute(audited, [{}], label="exponent audit", places=("theory",))
    found = sorted(rows, key=lambda row: row["better"] != "larger")
    if unknown := {row["theorem"] for row in found} - set(THEOREMS):
        raise ValueError(f"exponent-audit: name these theorems of the audit in the figure: {sorted(unknown)}")
    away = max(abs(row["measured"] - row["ours_value"]) for row in found)
    return {
        "labels": [_pretty(row["statement"]) for row in found],
        "published": np.array(
            [np.nan if row["published_value"] is None else row["published_value"] for row in found]
        ),
        "published_words": [row["published"] for row in found],
        "ours": np.array([row["ours_value"] for row in found]),
        "measured": np.array([row["measured"] for row in found]),
        "larger_is_better": sum(row["better"] == "larger" for row in found),
        "note": (
            f"{len(found)} dependences, computed with 60 digits; the measured exponent is the slope between"
            f" two exact configurations and differs from ours by at most {away:.0e}."
        ),
    }


def _pretty(statement: str) -> str:
    head = statement.split(", T = ")[0].split(", the share")[0]
    for plain, typeset in _PRETTY:
        head = head.replace(plain, typeset)
    return head


def draw(axes: Any, data: Data) -> None:
    """Draw one line a dependence; O(C) lies beyond the axis and is written at its end."""
    ax = axes[0, 0]
    count, turn = len(data["labels"]), data["larger_is_better"]
    place = np.arange(count, dtype=float)
    place[turn:] += 0.9
    ax.plot(data["published"], place, **PUBLISHED)
    ax.plot(data["ours"], place, **OURS)
    ax.plot(data["measured"], place, **MEASURED)
    for y, published, ours, words in zip(
        place, data["published"], data["ours"], data["published_words"], strict=True
    ):
        grey = style.PALETTE["grey"]
        if published == published:
            arrow = {"arrowstyle": "->", "color": grey, "linewidth": 0.7, "shrinkA": 4, "shrinkB": 5}
            ax.annotate("", (ours, y), (published, y), arrowprops=arrow)
        elif words == "none":
            panels.beside(ax, 0.0, y, "none published", color="#555555", xytext=(2, 0))
        else:
            arrow = {"arrowstyle": "<-", "color": grey, "linewidth": 0.7, "shrinkA": 5, "shrinkB": 0}
            ax.annotate("", (1.14, y), (ours, y), arrowprops=arrow)
            panels.beside(ax, 1.14, y, f"published {words}", color="#555555", xytext=(2, 0))
    ax.set_yticks(place, data["labels"])
    ax.set_ylim(count + 0.5, -0.9)
    ax.set_xlim(0, 1.42)
    ax.set_xticks([0, 1 / 6, 0.5, 1], ["0", "1/6", "1/2", "1"])
    ax.set_xlabel("exponent")
    ax.set_ylabel("dependence")
    ax.grid(axis="y", visible=False)
    small = {"fontsize": 6.5, "color": "#333333", "ha": "right", "va": "center", "style": "italic"}
    ax.text(1.41, -0.62, "larger is better", **small)
    ax.text(1.41, turn - 0.05, "smaller is better", **small)
    ax.axhline(turn - 0.05, xmax=0.8, color="#BBBBBB", linewidth=0.6)
    entries = [
        panels.handle(PUBLISHED, "published"),
        panels.handle(OURS, "proved here"),
        panels.handle(MEASURED, "measured on the attained worst case"),
    ]
    ax.figure.legend(handles=entries, loc="outside lower center", ncols=3)


FIGURE = Figure(
    name="exponent-audit",
    title="Exponents: published, proved, attained",
    caption=(
        "How the guaranteed departure from collapse depends on the loss gap, on the share of classes or "
        "pairs left out, and on the norms or the decay: the published exponent (Pan and Cao, Theorems 2.1 "
        "and 2.2; their O(C) is unspecified and lies off the scale), the exponent proved here, and the "
        "exponent measured on explicit worst configurations. No smaller departure can be guaranteed than "
        "what is attained, so where the measured exponent equals ours, ours is the best possible."
    ),
    source="this project; published exponents: Pan & Cao 2023, arXiv:2309.04644, Theorems 2.1 and 2.2",
    cost="no training; 3 seconds of processor time",
    theorems=THEOREMS,
    data=data,
    draw=draw,
    width=style.PAGE_WIDTH,
    height=2.9,
)
