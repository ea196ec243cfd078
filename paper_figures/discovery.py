# SPDX-License-Identifier: MIT
"""Finding the figures: every file ``fig_*.py`` in this folder holds one object ``FIGURE``.

Adding a figure is adding one file. A file without its object is an error, not a figure that is missing.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from paper_figures.figure import Figure

FOLDER = Path(__file__).parent


class FigureError(Exception):
    """A figure file breaks the contract; the message names the file and what it lacks."""


class UnknownFigure(KeyError):
    """No figure has this name; the message names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])


def figures(folder: Path = FOLDER) -> dict[str, Figure]:
    """Every figure in `folder`, by name, in the order of the file names.

    Raises
    ------
    FigureError
        If a file ``fig_*.py`` has no ``FIGURE``, one of the wrong type, or a name that is already taken.
    """
    found: dict[str, Figure] = {}
    for path in sorted(folder.glob("fig_*.py")):
        figure = getattr(_load(path), "FIGURE", None)
        if figure is None:
            raise FigureError(
                f"{path.name} has no FIGURE; a figure file must define one paper_figures.figure.Figure"
            )
        if not isinstance(figure, Figure):
            raise FigureError(f"{path.name}: FIGURE is a {type(figure).__name__}, it must be a Figure")
        if figure.name in found:
            raise FigureError(
                f"{path.name}: the name {figure.name!r} is already taken by another figure file"
            )
        found[figure.name] = figure
    return found


def select(names: list[str], folder: Path = FOLDER) -> list[Figure]:
    """The figures called `names`, in that order and without repeats; all of them if `names` is empty.

    Raises
    ------
    UnknownFigure
        If a name is not known; the message names the nearest.
    """
    known = figures(folder)
    for name in names:
        if name not in known:
            raise UnknownFigure(_unknown(name, list(known)))
    return [known[name] for name in dict.fromkeys(names or known)]


def _unknown(name: str, known: list[str]) -> str:
    import difflib

    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"unknown figure {name!r}{hint} (--list shows all {len(known)})"


def _load(path: Path) -> ModuleType:
    if path.parent == FOLDER:
        return importlib.import_module(f"paper_figures.{path.stem}")
    spec = importlib.util.spec_from_file_location(f"_figure_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FigureError(f"{path.name} cannot be imported as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
