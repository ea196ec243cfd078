# SPDX-License-Identifier: MIT
"""Phase diagrams of the optimal geometry, one file each. Every file defines `DIAGRAM`, a `Diagram`.

`phase_diagram(name, ...)` solves the model on a grid, says which geometry is optimal in every cell, and puts
every exact boundary under test: it is solved for on both sides, and the solver's certificate decides.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulations.discovery import by_name, discover
from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Axis",
    "Boundary",
    "Crossing",
    "Diagram",
    "PhaseData",
    "all_diagrams",
    "get",
    "names",
    "phase_diagram",
]


@dataclass(frozen=True, eq=False)
class Axis:
    """label: for the figure, with its unit. values: increasing. log: whether to draw it on a log scale."""

    label: str
    values: NDArray
    log: bool = False


@dataclass(frozen=True, eq=False)
class Crossing:
    """One test of a boundary: at ``x`` the exact boundary is at ``y``.

    below, above: the two values of y at which the model was solved, below < y < above. phase_below,
    phase_above: what was found there. evidence_below, evidence_above: why that is certain, in words (a dual
    gap, an explicit competitor). holds: whether both are certified and are what the boundary says.
    """

    x: float
    y: float
    below: float
    above: float
    phase_below: str
    phase_above: str
    evidence_below: str
    evidence_above: str
    holds: bool


@dataclass(frozen=True, eq=False)
class Boundary:
    """An exact boundary: the curve y(x), its source, and its tests.

    ``theorem`` is the registered name, None where only a paper states it.
    """

    label: str
    x: NDArray
    y: NDArray
    source: str
    theorem: str | None
    crossings: Sequence[Crossing]

    @property
    def certified(self) -> bool:
        """Whether there are crossings and all of them hold."""
        return bool(self.crossings) and all(crossing.holds for crossing in self.crossings)


@dataclass(frozen=True, eq=False)
class PhaseData:
    """A diagram's data, ready to draw.

    phase (len(y), len(x)): indices into ``phases``. certified (len(y), len(x)): whether the cell's geometry
    is that of a certified optimum. order (len(y), len(x)): the order parameter of ``order_label``.
    """

    name: str
    x: Axis
    y: Axis
    phases: Sequence[str]
    phase: NDArray
    certified: NDArray
    order: NDArray
    order_label: str
    boundaries: Sequence[Boundary]
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Diagram:
    """What a diagram file provides.

    name: unique, lower case with hyphens. says: what changes phase, one sentence. source: paper and theorem.
    compute: keyword-only function, every keyword with a default, -> PhaseData. quick: keywords that make it
    a matter of seconds, for tests. wrong: keywords that move every boundary from its place; the tests require
    that none of them is certified then.
    """

    name: str
    says: str
    source: str
    compute: Callable[..., PhaseData]
    quick: Mapping[str, Any]
    wrong: Mapping[str, Any] = field(default_factory=lambda: {"shift": 1.05})

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise InputError(f"Diagram: received name = {self.name!r}; lower-case words joined by hyphens.")
        for name, parameter in inspect.signature(self.compute).parameters.items():
            if parameter.kind is not parameter.KEYWORD_ONLY or parameter.default is parameter.empty:
                raise InputError(f"Diagram {self.name}: compute's {name} must be a keyword with a default.")


def all_diagrams() -> list[Diagram]:
    """Every diagram, in the order of the file names; ImportError for a file without one or a taken name."""
    taken: dict[str, str] = {}
    found = discover(__name__, "DIAGRAM")
    for file, diagram in found.items():
        if not isinstance(diagram, Diagram):
            raise ImportError(f"{__name__}.{file}: DIAGRAM is a {type(diagram).__name__}, not a Diagram")
        if diagram.name in taken:
            raise ImportError(f"{__name__}.{file}: the name {diagram.name} is taken by {taken[diagram.name]}")
        taken[diagram.name] = file
    return list(found.values())


def names() -> list[str]:
    """The names of all diagrams."""
    return sorted(diagram.name for diagram in all_diagrams())


def get(name: str) -> Diagram:
    """The diagram of that name; InputError names the nearest one otherwise."""
    return by_name("phase diagram", all_diagrams(), name)


def phase_diagram(name: str, **options: Any) -> PhaseData:
    """Compute the diagram called ``name``; InputError for an unknown name or option."""
    diagram = get(name)
    unknown = sorted(set(options) - set(inspect.signature(diagram.compute).parameters))
    if unknown:
        known = ", ".join(inspect.signature(diagram.compute).parameters)
        raise InputError(f"phase_diagram: {name} takes {known}; received {', '.join(unknown)}.")
    return diagram.compute(**options)
