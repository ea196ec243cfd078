# SPDX-License-Identifier: MIT
"""Solvers of the unconstrained-features model, one file each. Every file defines `SOLVER`, a `Solver`.

The model is stated in `simulations.geometry.unconstrained_features`. A solver proposes a point and a lower
bound; the objective at the point, the gap and the status are worked out there, the same for every solver.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
    max_iterations: the budget, >= 1, in the solver's own steps. bias_decay: None for no bias, 0 for a free
    one, positive for one that costs (bias_decay/2) ||b||^2. parameters: of the loss, by name.
    """

    counts: NDArray
    weight_decay: float
    feature_decay: float
    feature_dim: int
    tolerance: float
    max_iterations: int
    bias_decay: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Candidate:
    """What a solver proposes.

    weight (C, d), class_means (C, d): the point. lower_bound: certified, at most the least objective in every
    feature dimension, whatever the point is; -inf where nothing is known. certificate: where the bound comes
    from, in words, None for a dual point; one that names a closed form may hold for this feature_dim alone.
    iterations: spent. settled: a stationary point was reached and feature_dim is too small for the bound to
    meet the minimum, so that a larger budget would not close the gap. bias (C,): None where the problem has
    none. dual (C, C): the feasible dual point that proves the bound, row c a slope of the loss of class c;
    None where the solver does not hand it out. certified_dimension: the feature_dim from which on the
    minimum over all of them is known to be attained; None where it is C - 1. closed_form: the source of the
    closed form that is the point, None where it was iterated.
    """

    weight: NDArray
    class_means: NDArray
    lower_bound: float
    iterations: int
    settled: bool = False
    bias: NDArray | None = None
    dual: NDArray | None = None
    certified_dimension: int | None = None
    closed_form: str | None = None
    certificate: str | None = None


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
    where it is the only one. handles_bias: whether it solves with a bias too, free and regularised.
    smooth: whether the loss has a slope everywhere.
    Raises InputError (a ValueError) where a field is not of that form.
    """

    name: str
    loss: str
    says: str
    solve: Callable[[Problem], Candidate]
    planted: Callable[[], Sequence[Planted]]
    starved: Mapping[str, Any]
    default: bool = False
    handles_bias: bool = False
    smooth: bool = True

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


def choose(loss: str, name: str | None = None, *, biased: bool = False) -> Solver:
    """The solver called ``name``, or else the one for ``loss``; ``biased``: one that handles a bias.

    Of several for one loss it is the one marked default. Raises InputError: an unknown name (the nearest is
    given), a loss without a solver, a solver of another loss or for problems without bias, several solvers
    and not one default.
    """
    solvers = all_solvers()
    if name is not None:
        return _checked_choice(by_name("solver", solvers, name), loss, biased)
    of_loss = [solver for solver in solvers if solver.loss == loss]
    if not of_loss:
        solved = sorted({solver.loss for solver in solvers})
        if loss in losses.names():
            raise InputError(
                f"solve: received loss = {loss!r}, which no solver handles; handled: {', '.join(solved)}. "
                "A file in simulations/geometry/solvers adds a solver."
            )
        raise unknown("loss", loss, solved)
    fitting = [solver for solver in of_loss if solver.handles_bias] if biased else of_loss
    if not fitting:
        raise InputError(
            f"solve: received a bias_decay for {loss!r}, whose solvers take no bias "
            f"({', '.join(s.name for s in of_loss)}). Leave bias_decay out."
        )
    if len(fitting) > 1:
        marked = [solver for solver in fitting if solver.default]
        if len(marked) != 1:
            raise InputError(
                f"solve: {len(fitting)} solvers handle {loss!r} ({', '.join(s.name for s in fitting)}) and "
                f"{len(marked)} of them are marked default; exactly one must be. Name the one you mean."
            )
        fitting = marked
    return fitting[0]


def _checked_choice(solver: Solver, loss: str, biased: bool) -> Solver:
    """The solver asked for by name, if it is for this problem."""
    if solver.loss != loss:
        raise InputError(f"solve: solver {solver.name!r} is for the loss {solver.loss!r}; received {loss!r}.")
    if biased and not solver.handles_bias:
        raise InputError(
            f"solve: received a bias_decay with solver {solver.name!r}, which takes no bias. Leave one out."
        )
    return solver
