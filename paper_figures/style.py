# SPDX-License-Identifier: MIT
"""The look of every figure: pure functions that return rcParams, and a small vocabulary of line styles.

Sizes are in inches, type sizes in points. Colours are the colour-blind-safe palette of Okabe and Ito (2008);
every series also has its own marker and dash pattern, so that a figure reads in black-and-white print.
Fonts are the ones that ship with Matplotlib and are embedded (TrueType), and no date or program name is
written into a file, so that two builds of one figure are the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Width of a text column (single) and of a page (double), in inches: no figure has another.
COLUMN_WIDTH, PAGE_WIDTH = 3.4, 7.0
#: Dots per inch of the PNG files.
RESOLUTION = 200

#: Okabe and Ito (2008), ordered so that neighbours differ in lightness too.
PALETTE = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "black": "#000000",
    "grey": "#767676",
}

#: Metadata per file type: nothing that changes from one build to the next.
METADATA: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None, "Creation Time": None},
    "svg": {"Date": None, "Creator": None},
}

# One meaning, one look. Colour, marker and dashes all differ between any two that share axes.
_SERIES: dict[str, dict[str, Any]] = {
    "batch-norm": {"color": PALETTE["blue"], "marker": "o", "linestyle": "-"},
    "no-batch-norm": {"color": PALETTE["vermillion"], "marker": "s", "linestyle": "--"},
    "scale-only": {"color": PALETTE["green"], "marker": "D", "linestyle": "-."},
    "measured": {"color": PALETTE["black"], "marker": "o", "linestyle": "-"},
    "guaranteed": {"color": PALETTE["blue"], "marker": "^", "linestyle": "--"},
    "guaranteed-weight-decay": {"color": PALETTE["vermillion"], "marker": "v", "linestyle": "-."},
    "guaranteed-cosine": {"color": PALETTE["green"], "marker": "v", "linestyle": "-."},
    "published": {"color": PALETTE["grey"], "marker": "x", "linestyle": ":"},
    "classifier": {"color": PALETTE["vermillion"], "marker": "s", "linestyle": "--"},
    "class-means": {"color": PALETTE["blue"], "marker": "o", "linestyle": "-"},
    "intra": {"color": PALETTE["black"], "marker": "o", "linestyle": "-"},
    "inter": {"color": PALETTE["vermillion"], "marker": "s", "linestyle": "--"},
}

#: Fills of regions, light enough for black text on them; neighbours differ in grey too, and each has a hatch
#: for figures that draw one over another.
REGIONS = ("#FFFFFF", "#D4E6F2", "#8DBBD9", "#F0DEC0")
FORBIDDEN = {"facecolor": "#EDEDED", "edgecolor": "#C4C4C4", "hatch": "////", "linewidth": 0.0}


def series(name: str, **changes: Any) -> dict[str, Any]:
    """Keyword arguments for ``Axes.plot`` of the series called `name`, updated by `changes`.

    Raises
    ------
    KeyError
        If `name` is not one of the meanings that this project draws.
    """
    if name not in _SERIES:
        raise KeyError(f"series {name!r} has no style; known: {', '.join(_SERIES)}")
    return {**_SERIES[name], **changes}


def hollow(look: dict[str, Any]) -> dict[str, Any]:
    """The same look with an empty marker and no line: used for runs that are not converged."""
    return {**look, "markerfacecolor": "white", "markeredgecolor": look["color"], "linestyle": "none"}


def size(width: float = PAGE_WIDTH, *, height: float) -> dict[str, Any]:
    """rcParams for a figure of `width` x `height` inches."""
    return {"figure.figsize": (width, height)}


def fonts(base: float = 8.0) -> dict[str, Any]:
    """rcParams for embedded type: `base` points for labels, one less for ticks and legends."""
    return {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "mathtext.fontset": "dejavusans",
        "font.size": base,
        "axes.titlesize": base,
        "axes.labelsize": base,
        "figure.titlesize": base + 1,
        "xtick.labelsize": base - 1,
        "ytick.labelsize": base - 1,
        "legend.fontsize": base - 1,
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
    }


def lines() -> dict[str, Any]:
    """rcParams for strokes, ticks, grids and legends."""
    return {
        "lines.linewidth": 1.2,
        "lines.markersize": 3.8,
        "lines.markeredgewidth": 0.9,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#E2E2E2",
        "grid.linewidth": 0.5,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4,
        "xtick.direction": "out",
        "ytick.direction": "out",
        "hatch.linewidth": 0.5,
        "legend.frameon": False,
        "legend.handlelength": 2.6,
        "axes.titlepad": 4.0,
        "figure.constrained_layout.use": True,
    }


def reproducible() -> dict[str, Any]:
    """rcParams that make the bytes of a saved figure depend on its content alone."""
    return {"svg.hashsalt": "neural-collapse-toolkit", "savefig.dpi": RESOLUTION, "savefig.bbox": None}


def rc(*, width: float = PAGE_WIDTH, height: float = 3.0, base: float = 8.0) -> dict[str, Any]:
    """All rcParams of a figure of `width` x `height` inches with `base`-point type."""
    return {**fonts(base), **lines(), **reproducible(), **size(width, height=height)}


@contextmanager
def applied(*, width: float = PAGE_WIDTH, height: float = 3.0) -> Iterator[None]:
    """Matplotlib's own defaults plus :func:`rc`, whatever the user's configuration; undone on leaving.

    Both drawing and saving happen inside, because Matplotlib reads some settings only when it saves.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = rc(width=width, height=height)
        matplotlib.rcParams.update(settings)
        yield
