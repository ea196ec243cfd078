# SPDX-License-Identifier: MIT
"""Models beyond the plain unconstrained-features model, one file each. Every file defines `MODEL`, a `Model`.

`solve_model(name, ...)` calls a model's own `solve`, whose keyword arguments and closed forms its file
documents. Every model returns a `simulations.geometry.solution.Solution`: point, value, gap and status.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.discovery import by_name, discover
from simulations.errors import InputError
from simulations.geometry.solution import STATUSES, Solution

__all__ = ["Example", "Model", "all_models", "get", "names", "solve_model"]


@dataclass(frozen=True, eq=False)
class Example:
    """A problem whose optimum is known without the solver.

    arguments: keywords of the model's solve. value: the optimum. status: what the solver must say, by
    default "optimal". source: where the optimum comes from (paper and theorem).
    """

    arguments: Mapping[str, Any]
    value: float
    source: str
    status: str = "optimal"

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(f"Example: received status = {self.status!r}; one of {', '.join(STATUSES)}.")


@dataclass(frozen=True, eq=False)
class Model:
    """What a model file provides.

    name: unique, lower case with hyphens. says: the problem it solves and how, one sentence. source: the
    paper that states the model. solve: keyword-only function -> Solution; it takes max_iterations. maximises:
    whether the objective is maximised. examples: () -> problems with known optimum, for the contract tests.
    starved: arguments under which the budget does not suffice; None where the model is solved in closed form.
    refused: arguments that must raise InputError, with a word that the message must contain.
    """

    name: str
    says: str
    source: str
    solve: Callable[..., Solution]
    examples: Callable[[], Sequence[Example]]
    starved: Mapping[str, Any] | None
    refused: Sequence[tuple[Mapping[str, Any], str]]
    maximises: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise InputError(f"Model: received name = {self.name!r}; lower-case words joined by hyphens.")
        kinds = {parameter.kind for parameter in inspect.signature(self.solve).parameters.values()}
        if kinds - {inspect.Parameter.KEYWORD_ONLY}:
            raise InputError(f"Model {self.name}: solve must take keyword-only arguments.")
        if not self.refused:
            raise InputError(
                f"Model {self.name}: refused is empty; give bad inputs and a word of each message."
            )


def all_models() -> list[Model]:
    """Every model, in the order of the file names; ImportError for a file without a MODEL or a taken name."""
    taken: dict[str, str] = {}
    found = discover(__name__, "MODEL")
    for file, model in found.items():
        if not isinstance(model, Model):
            raise ImportError(f"{__name__}.{file}: MODEL is a {type(model).__name__}, not a Model")
        if model.name in taken:
            raise ImportError(
                f"{__name__}.{file}: the name {model.name} is already that of {taken[model.name]}"
            )
        taken[model.name] = file
    return list(found.values())


def names() -> list[str]:
    """The names of all models."""
    return sorted(model.name for model in all_models())


def get(name: str) -> Model:
    """The model of that name; InputError names the nearest one otherwise."""
    return by_name("model", all_models(), name)


def solve_model(name: str, **arguments: Any) -> Solution:
    """Solve the model called ``name``.

    Raises InputError: an unknown model (the nearest is given), a keyword the model does not take (those it
    takes are listed), or what the model itself refuses.
    """
    model = get(name)
    known = inspect.signature(model.solve).parameters
    required = [key for key, one in known.items() if one.default is inspect.Parameter.empty]
    unknown, missing = sorted(set(arguments) - set(known)), [key for key in required if key not in arguments]
    if unknown or missing:
        raise InputError(
            f"solve_model: {name} takes {', '.join(known)}; "
            + (f"not taken: {', '.join(unknown)}. " if unknown else "")
            + (f"missing: {', '.join(missing)}." if missing else "")
        )
    return model.solve(**arguments)
