# SPDX-License-Identifier: MIT
"""What a figure is: where its numbers come from, which theorems it speaks of, and how it is drawn.

A figure is one file ``fig_*.py`` with one object ``FIGURE``. ``data(context)`` turns training records, solver
results and theorems into a plain dictionary of arrays, with uncertainties; ``draw(axes, data)`` draws that
dictionary and computes nothing. The two never meet elsewhere, so what is drawn is what the sidecar holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paper_figures.context import Context

Data = dict[str, Any]
#: Verdicts of theorems that hold; a figure that draws another one says so.
ESTABLISHED = ("PROVED", "CERTIFIED")


@dataclass(frozen=True, kw_only=True)
class Animation:
    """The same data in motion, as ``<name>.gif`` beside the stills.

    Attributes
    ----------
    frames
        ``frames(data)`` -> number of frames.
    draw
        ``draw(axes, data, frame)`` draws one of them, 0 being the first; no computation.
    grid
        Keyword arguments of ``matplotlib.figure.Figure.subplots``.
    width, height
        Size in inches.
    milliseconds, rest
        How long a frame stays, and how long the first and the last one do.
    """

    frames: Callable[[Data], int]
    draw: Callable[[Any, Data, int], None]
    grid: dict[str, Any] = field(default_factory=dict)
    width: float = 3.4
    height: float = 3.4
    milliseconds: int = 150
    rest: int = 1500

    def render(self, data: Data, frame: int) -> Any:
        """Draw one frame and return the Matplotlib figure; call it inside ``style.applied``."""
        canvas = _canvas((self.width, self.height))
        self.draw(canvas.subplots(squeeze=False, **self.grid), data, frame)
        _say_logarithmic(canvas)
        return canvas


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the papers or of this project.

    Attributes
    ----------
    name
        File name of the outputs and name on the command line; lower case, words joined by hyphens.
    title, caption
        Title in the report, and the text below the figure: what is drawn and what a reader should see.
    source
        The published figure that is regenerated (authors, year, number), or "this project".
    cost
        What a first build costs, in words, as measured: processor time at the quick preset, and whether
        networks are trained for it.
    theorems
        Names of the theorems whose bounds are drawn or whose quantities are shown; may be empty.
    sweeps
        Names of the training sweeps whose records ``data`` reads; may be empty.
    frozen
        Names of records kept in the repository (``simulations.sweeps.frozen``) that ``data`` reads; they are
        never trained by a build. One of a sweep's own name stands in for that sweep at the preset "quick".
    original
        Names of the sweeps that are trained at the preset "paper" only: the published scale of what
        `frozen` shows at a smaller one.
    data
        ``data(context)`` -> dictionary of numbers, strings, lists, dictionaries and NumPy arrays. The
        optional key ``"note"`` is a sentence about this build (seeds, epochs) that is appended to the
        caption; the optional key ``"table"``, {"head": texts, "rows": lists of texts}, is shown as a table
        in the report; the optional key ``"records"`` lists the keys of the records that entered, if they are
        not all records of the sweeps that were trained and of `frozen`.
    draw
        ``draw(axes, data)`` with `axes` a two-dimensional object array of Matplotlib axes; no computation.
    grid
        ``grid(data)`` -> keyword arguments of ``matplotlib.figure.Figure.subplots`` (``nrows``, ``ncols``,
        ...).
    animation
        The same data in motion, or None.
    width, height
        Size in inches; `width` is that of a column or of a page (``style``), `height` may be a function of
        the data.
    """

    name: str
    title: str
    caption: str
    source: str
    cost: str
    data: Callable[[Context], Data]
    draw: Callable[[Any, Data], None]
    theorems: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    original: tuple[str, ...] = ()
    grid: Callable[[Data], dict[str, Any]] = field(default=lambda data: {"nrows": 1, "ncols": 1})
    width: float = 7.0
    height: float | Callable[[Data], float] = 3.0
    animation: Animation | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise ValueError(f"figure name {self.name!r} must be lower-case words joined by hyphens")
        for attribute in ("title", "caption", "source", "cost"):
            if not getattr(self, attribute).strip():
                raise ValueError(f"figure {self.name!r} has an empty {attribute}; the report prints it")
        for attribute in ("theorems", "sweeps", "frozen", "original"):
            value = getattr(self, attribute)
            if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
                raise ValueError(f"figure {self.name!r}: {attribute} must be a tuple of names, got {value!r}")
        for attribute in ("data", "draw", "grid"):
            if not callable(getattr(self, attribute)):
                raise ValueError(f"figure {self.name!r}: {attribute} must be a function")

    def trained(self, preset: str, kept: Collection[str] = ()) -> tuple[str, ...]:
        """The sweeps that a build at `preset` trains, where the frozen records `kept` exist."""
        if preset == "paper":
            return (*self.sweeps, *self.original)
        stands_in = set(self.frozen) & set(kept) if preset == "quick" else set()
        return tuple(sweep for sweep in self.sweeps if sweep not in stands_in)

    @property
    def shows(self) -> str:
        """The first sentence of the caption: what is drawn."""
        return re.split(r"(?<=[a-z0-9)])[.] ", self.caption, maxsplit=1)[0].rstrip(".") + "."

    def full_caption(self, data: Data, verdicts: Mapping[str, str] | None = None) -> str:
        """The caption, the note that `data` may carry about this build, and each of the figure's theorems
        whose verdict, in `verdicts` by name, is neither PROVED nor CERTIFIED."""
        open_ = [
            f"{name} ({verdict})" for name, verdict in (verdicts or {}).items() if verdict not in ESTABLISHED
        ]
        marks = f"Not proved: {', '.join(open_)}." if open_ else ""
        return " ".join(filter(None, (self.caption, data.get("note"), marks)))

    def size(self, data: Data) -> tuple[float, float]:
        """Width and height in inches for `data`."""
        return self.width, self.height(data) if callable(self.height) else self.height

    def render(self, data: Data) -> Any:
        """Draw `data` and return the Matplotlib figure; call it inside ``style.applied``.

        Labels of logarithmic axes get the word "(log)", so that none goes unsaid.
        """
        canvas = _canvas(self.size(data))
        self.draw(canvas.subplots(squeeze=False, **self.grid(data)), data)
        _say_logarithmic(canvas)
        return canvas


def _canvas(size: tuple[float, float]) -> Any:
    """An empty Matplotlib figure, through the object-oriented interface with the Agg canvas: no window, no
    global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=size, layout="constrained")
    FigureCanvasAgg(canvas)
    return canvas


def _say_logarithmic(canvas: Any) -> None:
    """Add the word "(log)" to the labels of logarithmic axes."""
    for axes in canvas.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log" and axis.get_label_text():
                axis.set_label_text(f"{axis.get_label_text()} (log)")
