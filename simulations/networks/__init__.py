# SPDX-License-Identifier: MIT
"""Networks, one file each, and the inspection that says which hypotheses of the theorems a module meets.

Every file defines `NETWORK`, an object with the interface of `Network`. PyTorch is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from simulations.discovery import by_name, discover

if TYPE_CHECKING:
    import torch

    from simulations.networks._inspection import Hypotheses

__all__ = ["BATCH_NORMS", "Network", "build", "get", "hypotheses", "names"]

BATCH_NORMS = ("none", "affine", "scale-only")


class Network(Protocol):
    """What a network file provides.

    The module that `build` returns has `features(x)`, the (n, d) tensor that the classifier multiplies, and
    `head`, the classifier itself, with module(x) equal to head(features(x)). Nothing is hooked.
    """

    name: str
    # Arguments of `build` that make a network small enough for a test.
    tiny: Mapping[str, Any]

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
        """A freshly initialised module on `device`; the same seed gives the same bytes.

        A network may take further arguments with defaults; `Config.network_options` are passed to them.
        """


def names() -> list[str]:
    """The names of all networks."""
    return sorted(network.name for network in discover(__name__, "NETWORK").values())


def get(name: str) -> Network:
    """The network of that name; InputError names the nearest one otherwise."""
    return by_name("network", list(discover(__name__, "NETWORK").values()), name)


def build(name: str, *, options: Mapping[str, Any] | None = None, **settings: Any) -> torch.nn.Module:
    """The named network, built with the settings of `Network.build` and the network's own options.

    Raises InputError for an unknown network, and for an option that this network does not take.
    """
    import inspect

    from simulations.errors import unknown

    network, options = get(name), options or {}
    allowed = set(inspect.signature(network.build).parameters) - set(
        inspect.signature(Network.build).parameters
    )
    for option in options:
        if option not in allowed:
            raise unknown(f"option of network {name!r}", option, sorted(allowed))
    return network.build(**settings, **options)


def hypotheses(
    module: Any, *, example: Any = None, feature_layer: str | None = None, head: str | None = None
) -> Hypotheses:
    """Which hypotheses of the theorems any torch module meets, found by following one forward pass.

    feature_layer: name of the submodule whose output the classifier multiplies, or head: name of the
    classifier itself; left out, it is the linear layer whose result the module returns. Iterating over the
    result gives rows {hypothesis, met, why, theorems}, those that fail first; str() shows them. See
    `simulations.networks._inspection.hypotheses`, which this calls, for the arguments and errors.
    """
    from simulations.networks import _inspection

    return _inspection.hypotheses(module, example=example, feature_layer=feature_layer, head=head)
