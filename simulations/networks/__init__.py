# SPDX-License-Identifier: MIT
"""Networks, one file each, and the inspection that says which hypotheses of the theorems a module meets.

Every file defines `NETWORK`, an object with the interface of `Network`. PyTorch is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from simulations.discovery import by_name, discover

if TYPE_CHECKING:
    import torch

__all__ = ["BATCH_NORMS", "Network", "get", "hypotheses", "names"]

BATCH_NORMS = ("none", "affine", "scale-only")


class Network(Protocol):
    """What a network file provides.

    The module that `build` returns has `features(x)`, the (n, d) tensor that the classifier multiplies, and
    `head`, the classifier itself, with module(x) equal to head(features(x)). Nothing is hooked.
    """

    name: str

    def build(
        self,
        *,
        num_inputs: int,
        num_classes: int,
        depth: int,
        width: int,
        batch_norm: str,
        seed: int,
        device: str | torch.device,
        dtype: torch.dtype | None = None,
    ) -> torch.nn.Module:
        """A freshly initialised module on `device`; the same seed gives the same bytes."""


def names() -> list[str]:
    """The names of all networks."""
    return sorted(network.name for network in discover(__name__, "NETWORK").values())


def get(name: str) -> Network:
    """The network of that name; InputError names the nearest one otherwise."""
    return by_name("network", list(discover(__name__, "NETWORK").values()), name)


def hypotheses(module: Any, *, example: Any = None) -> Any:
    """Which hypotheses of the theorems a module meets, found by following one forward pass.

    See `simulations.networks._inspection.hypotheses`, which this calls.
    """
    from simulations.networks import _inspection

    return _inspection.hypotheses(module, example=example)
