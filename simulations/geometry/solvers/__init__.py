# SPDX-License-Identifier: MIT
"""Solvers of the unconstrained-features model, one file each. Every file defines `SOLVER`, a `Solver`.

The model is stated in `simulations.geometry.unconstrained_features`. A solver proposes a point and a lower
bound; the objective at the point, the gap and the status are worked out there, the same for every solver.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations import losses
from simulations.discovery import by_name, discover
from simulations.errors import InputError, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Candidate", "Planted", "Problem", "Solver", "all_solvers", "choose", "names"]


@dataclass(frozen=True, eq=False)
class Problem:
    """One checked instance, as handed to a solver.

    counts (C,): samples in each class, positive whole numbers as float64, C >= 2. weight_decay,
    feature_decay: positive. feature_dim: d >= 1. tolerance: accepted gap, relative to min(1, value).
    max_iterations: the budget, >= 1, in the solver's own steps.
    """

    counts: NDArray
    weight_decay: float
    feature_decay: float
    feature_dim: int
    tolerance: float
    max_iterations: int


@dataclass(frozen=True, eq=False)
class Candidate:
    """What a solver proposes.

    weight (C, d), class_means (C, d): the point. lower_bound: certified, at most the least objective over
    every feature dimension, whatever the point is; -inf where nothing is known. iterations: spent.
    settled: a stationary point was reached and feature_dim is too small for the bound to meet the minimum,
    so that a larger budget would not close the gap.
    """

    weight: NDArray
    class_means: NDArray
    lower_bound: float
    iterations: int
    settled: bool = False


@dataclass(frozen=True, eq=False)
class Planted:
    """A problem whose optimum is known without the solver.

    arguments: of `simulations.solve` (counts, weight_decay, feature_decay, ...). value: the least objective.
    logits (C, C): of the optimum, None where they are not unique or not known. status: what `solve` must
    say, "optimal" or "trivial". source: where the optimum comes from.
    """

    arguments: Mapping[str, Any]
    value: float
    source: str
    logits: NDArray | None = None
    status: str = "optimal"


@dataclass(frozen=True, eq=False)
class Solver:
    """What a solver file provides.

    name: unique, lower case with hyphens. loss: the name of the loss whose problem it solves. says: what it
    solves and how, one sentence. solve: Problem -> Candidate. planted: () -> the problems with known optimum
    that the contract tests run. starved: arguments of `simulations.solve`, max_iterations among them, under
    which the budget does not suffice. default: used for its loss where several solvers share it; needless
    where it is the only one.
    Raises InputError (a ValueError) where a field is not of that form.
    """

    name: str
    loss: str
    says: str
    solve: Callable[[Problem], Candidate]
    planted: Callable[[], Sequence[Planted]]
    starved: Mapping[str, Any]
    default: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise InputError(f"Solver: received name = {self.name!r}; lower-case words joined by hyphens.")
        for label, text in (("loss", self.loss), ("says", self.says)):
            if not (isinstance(text, str) and text.strip()):
                raise InputError(f"Solver {self.name}: received {label} = {text!r}; words are required.")
        for label, function in (("solve", self.solve), ("planted", self.planted)):
            if not callable(function):
                raise InputError(
                    f"Solver {self.name}: received {label} = {function!r}; a function is required."
                )
        if "max_iterations" not in self.starved:
            raise InputError(
                f"Solver {self.name}: starved has the keys {sorted(self.starved)}; arguments of "
                "simulations.solve with a max_iterations that does not suffice are required."
            )


def all_solvers() -> list[Solver]:
    """Every solver, in the order of the file names.

    Raises ImportError where a file defines no SOLVER, or one that is not a Solver, or a name taken before.
    """
    taken: dict[str, str] = {}
    found = discover(__name__, "SOLVER")
    for file, solver in found.items():
        if not isinstance(solver, Solver):
            raise ImportError(f"{__name__}.{file}: SOLVER is a {type(solver).__name__}, not a Solver")
        if solver.name in taken:
            raise ImportError(
                f"{__name__}.{file}: the name {solver.name} is already that of {taken[solver.name]}"
            )
        taken[solver.name] = file
    return list(found.values())


def names() -> list[str]:
    """The names of all solvers."""
    return sorted(solver.name for solver in all_solvers())


def choose(loss: str, name: str | None = None) -> Solver:
    """The solver called ``name``, or else the one for ``loss``.

    Of several for one loss it is the one marked default. Raises InputError: an unknown name (the nearest is
    given), a loss without a solver, a solver of another loss, several solvers and not one default.
    """
    solvers = all_solvers()
    if name is not None:
        solver = by_name("solver", solvers, name)
        if solver.loss != loss:
            raise InputError(f"solve: solver {name!r} is for the loss {solver.loss!r}; received {loss!r}.")
        return solver
    fitting = [solver for solver in solvers if solver.loss == loss]
    if not fitting:
        solved = sorted({solver.loss for solver in solvers})
        if loss in losses.names():
            raise InputError(
                f"solve: received loss = {loss!r}, which no solver handles; handled: {', '.join(solved)}. "
                "A file in simulations/geometry/solvers adds a solver."
            )
        raise unknown("loss", loss, solved)
    if len(fitting) > 1:
        marked = [solver for solver in fitting if solver.default]
        if len(marked) != 1:
            raise InputError(
                f"solve: {len(fitting)} solvers handle {loss!r} ({', '.join(s.name for s in fitting)}) and "
                f"{len(marked)} of them are marked default; exactly one must be. Name the one you mean."
            )
        fitting = marked
    return fitting[0]
