# SPDX-License-Identifier: MIT
"""Losses, one file each. Every file defines `LOSS`, an object with the interface of `Loss`."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import ArrayLike, NDArray

from simulations.discovery import by_name, discover

__all__ = ["Loss", "get", "names"]


class Loss(Protocol):
    """What a loss file provides. The libraries are arguments, so the file itself imports neither torch nor
    CVXPY."""

    name: str

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray:
        """Gradient of each sample's loss with respect to its logits, shape (n, C)."""

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression of the logits (n, C)."""

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray:
        """phi(t): the loss of logits whose wrong classes are equal and `margin` = t below the true one."""


def names() -> list[str]:
    """The names of all losses."""
    return sorted(loss.name for loss in discover(__name__, "LOSS").values())


def get(name: str) -> Loss:
    """The loss of that name; InputError names the nearest one otherwise."""
    return by_name("loss", list(discover(__name__, "LOSS").values()), name)
