# SPDX-License-Identifier: MIT
"""Pieces that several figures draw: a series with error bars, a marked epoch, plain logarithmic ticks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from paper_figures import style

#: The variants of the last layer: name of their style and words for the legend.
LAST_LAYER = {
    "affine": ("batch-norm", "batch norm"),
    "scale-only": ("scale-only", "batch norm, no bias"),
    "none": ("no-batch-norm", "no batch norm"),
}

#: The look of the line at the start of the terminal phase.
MARKED_EPOCH = {"color": "#333333", "linewidth": 0.9, "linestyle": (0, (4, 2))}


def series_with_errors(axes: Any, series: Mapping[str, Any], look: Mapping[str, Any], **more: Any) -> Any:
    """Plot ``series["mean"]`` with error bars against ``series["x"]``; hollow markers where not converged.

    `series` holds equally long arrays ``x``, ``mean``, ``error`` and optionally the booleans ``converged``.
    Returns the line, for the legend.
    """
    x, mean, error = (np.asarray(series[name], dtype=np.float64) for name in ("x", "mean", "error"))
    full = np.asarray(series.get("converged", np.ones(len(x), dtype=bool)), dtype=bool)
    (line,) = axes.plot(x, mean, **{**look, "marker": "none"}, **more)
    if np.any(error > 0):
        axes.errorbar(x, mean, yerr=error, fmt="none", ecolor=look["color"], elinewidth=0.8, capsize=1.8)
    axes.plot(x[full], mean[full], **{**look, "linestyle": "none"})
    axes.plot(x[~full], mean[~full], **style.hollow(dict(look)))
    return line


def handle(look: Mapping[str, Any], label: str, **more: Any) -> Any:
    """A legend entry with the look of a series: line and marker."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **look, label=label, **more)


def marked_epoch(axes: Any, epoch: float | None) -> None:
    """A vertical line with the look ``MARKED_EPOCH`` at `epoch`; nothing if it is None."""
    if epoch is not None:
        axes.axvline(epoch, zorder=3, **MARKED_EPOCH)


def log_epochs(axes: Any, epochs: Any) -> None:
    """A logarithmic axis over the positive `epochs`, with plain numbers 1, 3, 10, 30, ..."""
    positive = np.asarray(epochs, dtype=np.float64)
    positive = positive[positive > 0]
    axes.set_xscale("log")
    if positive.size:
        low, high = float(positive.min()), float(positive.max())
        plain_log_ticks(axes.xaxis, low, high)
        axes.set_xlim(low * 0.93, high * 1.08)
    axes.set_xlabel("epoch")


def plain_log_ticks(axis: Any, low: float, high: float) -> None:
    """Plain numbers on a logarithmic `axis` from `low` to `high`: 1, 10, ... or 1, 3, ... or 1, 2, 5, ..."""
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks: list[float] = []
    # The coarsest of three sets that leaves four ticks, else the finest.
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [step * 10.0**power for power in decades for step in steps]
        ticks = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(ticks) >= 4:
            break
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(lambda value, position: f"{value:g}")
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def sparse(x: Any, *, per_decade: int = 8) -> list[int]:
    """Indices of points of the increasing, positive `x` at least 1 / `per_decade` decades apart."""
    chosen: list[int] = []
    for index, value in enumerate(np.asarray(x, dtype=np.float64)):
        if value > 0 and (not chosen or np.log10(value / x[chosen[-1]]) >= 1.0 / per_decade):
            chosen.append(index)
    return chosen


def letter(axes: Any, text: str) -> None:
    """A short note in the upper left corner of a panel."""
    axes.annotate(
        text, (0.02, 0.98), xycoords="axes fraction", va="top", ha="left", fontsize=6.5, color="#333333"
    )


def beside(axes: Any, x: float, y: float, text: str, **look: Any) -> Any:
    """Words beside the point (x, y) of a line, instead of a legend; `look` as for ``Axes.annotate``.

    Offsets are in points (``xytext``), three to the right unless told.
    """
    settings = {"xytext": (3, 0), "ha": "left", "va": "center", "fontsize": 6.5, **look}
    return axes.annotate(text, (x, y), textcoords="offset points", annotation_clip=False, **settings)


def forbidden(axes: Any, x: Any, low: Any, high: Any) -> None:
    """Shade what a proved bound excludes, between `low` and `high` over `x`."""
    axes.fill_between(x, low, high, zorder=0, **style.FORBIDDEN)
