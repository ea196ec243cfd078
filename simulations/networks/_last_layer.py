# SPDX-License-Identifier: MIT
"""Which linear layer is the classifier, found in a forward pass or by name, and what it multiplies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch

from simulations.errors import InputError
from simulations.networks._tracing import Call, Recorder

# Names that a message lists: all up to _MANY, else _SHOWN.
_SHOWN, _MANY = 5, 10


def unwrapped(module: torch.nn.Module) -> torch.nn.Module:
    """The module inside data-parallel wrappers and torch.compile, which hide layers; it holds the weights."""
    while True:
        if isinstance(module, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
            module = module.module
        elif isinstance(getattr(module, "_orig_mod", None), torch.nn.Module):
            module = module._orig_mod  # type: ignore[assignment]
        else:
            return module


def classifier_call(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    recorder: Recorder,
    feature_layer: str | None = None,
    head: str | None = None,
) -> Call | None:
    """One recorded pass: the call of ``linear`` that is the classifier, None if there is none.

    It is the one whose untouched result the module returns (as a tensor, or as its ``logits``); with
    ``feature_layer`` the one that multiplies the output of that submodule, with ``head`` the one that this
    submodule makes.
    """
    if feature_layer is not None and head is not None:
        raise InputError("feature_layer and head were both given; one of them says which layer is meant")
    name = feature_layer or head
    if name is None:
        with recorder:
            return _returned(recorder.linear, _logits(module(inputs)))
    kind = "feature layer" if head is None else "head"
    parts = dict(module.named_modules())
    if name not in parts:
        raise _unknown(kind, name, parts)
    kept: list[Any] = []
    handle = parts[name].register_forward_hook(lambda *call: kept.append(call[2]))
    try:
        with recorder:
            result = _logits(module(inputs))
    finally:
        handle.remove()
    if len(kept) != 1:
        raise InputError(
            f"{kind} {name!r} runs {len(kept)} times in a forward pass; one that runs once is required"
        )
    if head is not None:
        found = _returned(recorder.linear, kept[0])
        if found is None:
            raise InputError(
                f"head {name!r} is a {type(parts[name]).__name__} whose output is not that of a linear "
                "layer; the name of a torch.nn.Linear is required"
            )
        return found
    calls = [call for call in recorder.linear if call.input is kept[0]]
    if not calls:
        raise InputError(
            f"feature layer {name!r} feeds no linear layer directly; required is a submodule that runs once "
            "and whose output is what a linear layer multiplies"
        )
    if len(calls) == 1:
        return calls[0]
    returned = _returned(calls, result)
    if returned is None:
        owners = {id(p): owner.rpartition(".")[0] for owner, p in module.named_parameters()}
        heads = ", ".join(repr(owners.get(id(call.weight), "?")) for call in calls)
        raise InputError(
            f"feature layer {name!r} feeds {len(calls)} linear layers ({heads}); say with head which is meant"
        )
    return returned


def _unknown(kind: str, name: str, parts: Mapping[str, torch.nn.Module]) -> InputError:
    """The error for a name that no submodule has: of a head the names of linear layers are asked for; of many
    names the nearest are given."""
    linear = [part for part in parts if isinstance(parts[part], torch.nn.Linear)]
    known = [part for part in (linear if kind == "head" and linear else parts) if part]
    what = "linear layers" if kind == "head" and linear else "submodules"
    near = get_close_matches(name, known, n=_SHOWN, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    if len(known) > _MANY:
        what = f"{'nearest' if near else 'last'} of {len(known)} {what}"
        known = near or known[-_SHOWN:]
    return InputError(f"unknown {kind} {name!r}: {hint}{what}: {', '.join(known) or 'none'}")


def _logits(output: Any) -> Any:
    """The output itself, or its logits, as in `transformers`."""
    if isinstance(output, Mapping):
        return output.get("logits", output)
    return output if isinstance(output, torch.Tensor) else getattr(output, "logits", output)


def _returned(calls: list[Call], result: Any) -> Call | None:
    """The call of ``linear`` that made this very tensor, unchanged since."""
    found = (c for c in calls if c.result is result and c.result_version == result._version)
    return next(found, None)


def _no_head(module: torch.nn.Module, recorder: Recorder) -> InputError:
    """What to do about a module whose output is not that of a linear layer."""
    owners = {id(p): owner.rpartition(".")[0] for owner, p in module.named_parameters()}
    ran = [owners.get(id(call.weight), "?") for call in recorder.linear]
    listed = ", ".join(dict.fromkeys(repr(name) for name in ran[-5:])) or "none"
    return InputError(
        f"{type(module).__name__}: the output is not the result of a linear layer; a module is required "
        "that returns the logits W h + b of torch.nn.Linear themselves, without softmax or reshaping after "
        "it (and not scripted, which hides the layers), or the name of the layer that makes them, as head "
        f"(linear layers that ran last: {listed})"
    )


@dataclass(frozen=True)
class LastLayer:
    """What one forward pass did last: logits (m, C) = features (m, d) @ weight (C, d).T + bias (C,) or 0."""

    features: torch.Tensor
    logits: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None


@torch.no_grad()
def last_layer(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    *,
    feature_layer: str | None = None,
    head: str | None = None,
) -> LastLayer:
    """Run the module on a batch, in the mode it is in, and keep what its last linear layer multiplied.

    No name or attribute is asked for: the last layer is the ``linear`` whose result the module returns, as a
    tensor or as its ``logits``; or, with ``feature_layer``, the one that multiplies the output of the
    submodule of that dotted name; or, with ``head``, the submodule of that name (and the logits are that
    one's). Raises InputError when there is none (a softmax after the classifier, a classifier that is not a
    linear layer), or when its input was changed in place afterwards.
    """
    recorder = Recorder(batch_norms=False)
    found = classifier_call(module, inputs, recorder, feature_layer, head)
    if found is None or found.weight is None:
        raise _no_head(module, recorder)
    if found.input._version != found.input_version:
        raise InputError(
            f"{type(module).__name__}: what the last linear layer multiplies is changed in place after it, "
            "so its values are lost; remove the in-place operation"
        )
    return LastLayer(found.input, found.result, found.weight, found.bias)
