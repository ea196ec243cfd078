# SPDX-License-Identifier: MIT
"""Losses, one file each. Every file defines `LOSS`, an object with the interface of `Loss`.

A loss with parameters is a frozen dataclass, `LOSS` holding the usual ones: ``get("label-smoothing")`` has
smoothing 0.1 and ``get("label-smoothing", smoothing=0.2)`` the one asked for. Whatever takes a loss takes its
name or such an object (`resolve`).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol, cast

from numpy.typing import ArrayLike, NDArray

from simulations.discovery import by_name, discover
from simulations.errors import InputError

__all__ = ["Loss", "get", "names", "resolve"]


class Loss(Protocol):
    """What a loss file provides. The libraries are arguments, so the file itself imports neither torch nor
    CVXPY."""

    @property
    def name(self) -> str:
        """Unique, lower case with hyphens."""

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray:
        """Gradient of each sample's loss with respect to its logits, shape (n, C)."""

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression of the logits (n, C)."""

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray:
        """phi(t): the loss of logits whose wrong classes are equal and `margin` = t below the true one;
        the wrong logits are zero for a loss that changes when a constant is added to all logits."""


def names() -> list[str]:
    """The names of all losses."""
    return sorted(loss.name for loss in discover(__name__, "LOSS").values())


def get(name: str, **parameters: Any) -> Loss:
    """The loss of that name, with ``parameters`` in place of its usual ones.

    Raises InputError: an unknown name (the nearest is given), a parameter that the loss does not have.
    """
    loss: Any = by_name("loss", list(discover(__name__, "LOSS").values()), name)
    known = [entry.name for entry in dataclasses.fields(loss)] if dataclasses.is_dataclass(loss) else []
    strange = sorted(set(parameters) - set(known))
    if strange:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise InputError(f"losses.get: received the parameters {strange} for {name!r}; {has}.")
    return cast("Loss", dataclasses.replace(loss, **parameters) if parameters else loss)


def resolve(loss: str | Loss) -> Loss:
    """The loss itself, from its name or from an object made by `get`; InputError for anything else."""
    if isinstance(loss, str):
        return get(loss)
    if not isinstance(getattr(loss, "name", None), str):
        raise InputError(
            f"received loss = {loss!r}; a loss made by losses.get or its name is required, one of "
            f"{', '.join(names())}."
        )
    return loss
