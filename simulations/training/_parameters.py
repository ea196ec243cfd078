# SPDX-License-Identifier: MIT
"""Which parameters of a network are decayed, by how much, and which are held constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from simulations.errors import InputError
from simulations.networks._inspection import Hypotheses, hypotheses


def parameter_groups(
    module: torch.nn.Module,
    *,
    weight_decay: float,
    decay_on: str,
    decay_groups: Mapping[str, float] | None = None,
    example: torch.Tensor | None = None,
) -> list[dict[str, Any]]:
    """Optimizer groups: coupled decay on "all" parameters, or on the "last-layer" only.

    The last layer is found by inspection: the matrix that makes the logits and, where the features come
    straight from a batch norm, that batch norm's scale gamma. Its decay is that of Pan & Cao 2023, Theorem
    2.2: (lambda / 2)(||gamma||^2 + ||W||_F^2).

    decay_groups: decays of their own for the groups of `configuration.DECAY_GROUPS`; whatever is in no named
    group keeps the decay that weight_decay and decay_on give it. Parameters that are not trained
    (requires_grad False) are in no group. example: a small batch for the inspection, see
    `networks.hypotheses`. Raises InputError for a group that the network has no parameter in.
    """
    trained = [p for p in module.parameters() if p.requires_grad]
    if decay_on == "all" and not decay_groups:
        return [{"params": trained, "weight_decay": weight_decay}]
    met = hypotheses(module, example=example)
    if met.head_weight is None:
        raise InputError(
            f"decay on the last layer was asked, but {'; '.join(met.notes)}: there is no last layer to decay"
        )
    last = [p for p in (met.head_weight, met.gamma) if p is not None and p.requires_grad]
    rest = [p for p in trained if not _among(p, last)]
    base = weight_decay if decay_on == "all" else 0.0
    if not decay_groups:
        groups = [{"params": last, "weight_decay": weight_decay}]
        return groups + ([{"params": rest, "weight_decay": base}] if rest else [])
    decays = {id(p): base for p in trained} | {id(p): weight_decay for p in last}
    for name, members in _named_groups(module, met, trained, decay_groups).items():
        decays |= {id(p): decay_groups[name] for p in members}
    return [
        {"params": [p for p in trained if decays[id(p)] == decay], "weight_decay": decay}
        for decay in dict.fromkeys(decays.values())
    ]


def _among(parameter: torch.Tensor, others: list[Any]) -> bool:
    return any(parameter is other for other in others)


def _named_groups(
    module: torch.nn.Module, met: Hypotheses, trained: list[Any], names: Mapping[str, float]
) -> dict[str, list[Any]]:
    """The trained parameters of each named group; InputError for a group without any."""
    head = [met.head_weight, met.head_bias]
    last = [met.gamma, met.norm_bias]
    norms = [
        p
        for name in met.batch_norms
        if name != "?"
        for p in module.get_submodule(name).parameters(recurse=False)
        if not _among(p, last)
    ]
    biases = [
        p
        for name, p in module.named_parameters()
        if name.rpartition(".")[2] == "bias" and not _among(p, head + last + norms)
    ]
    groups: dict[str, list[Any]] = {
        "head": head,
        "last_batch_norm": last,
        "batch_norms": norms,
        "biases": biases,
    }
    found = {name: [p for p in trained if _among(p, groups[name])] for name in names if name != "rest"}
    if "rest" in names:
        taken = [p for members in found.values() for p in members]
        found["rest"] = [p for p in trained if not _among(p, taken)]
    for name, members in found.items():
        if not members:
            there = [other for other, some in groups.items() if any(_among(p, some) for p in trained)]
            raise InputError(
                f"decay_groups gives {name!r} a decay of {names[name]:g}, but this network has no trained "
                f"parameter in that group; it has parameters in {', '.join(there)}"
            )
    return found


@torch.no_grad()
def freeze_gamma(module: torch.nn.Module, norm: float, *, example: torch.Tensor | None = None) -> None:
    """Hold the scale of the last batch norm at equal entries with ||gamma||_2 = norm; it is trained no more.

    Pan & Cao 2023 (arXiv:2309.04644) measure collapse against ||gamma|| held so. Raises InputError where what
    the classifier multiplies does not come straight from a batch norm with a scale.
    """
    met = hypotheses(module, example=example)
    if met.gamma is None:
        why = "; ".join(met.notes) or "the last-layer batch norm has no scale"
        raise InputError(
            f"gamma_norm = {norm:g} was asked, but the network has no scale gamma directly before its "
            f"classifier ({why})"
        )
    met.gamma.fill_(norm / met.gamma.numel() ** 0.5)
    met.gamma.requires_grad_(False)
