# SPDX-License-Identifier: MIT
"""What a module really does between its last batch norm and its logits, found by following one forward pass.

Names and flags can lie: a module called `batch_norm` may be an identity, a batch norm may sit one layer too
early. Here every call of `batch_norm` and `linear` in a forward pass is intercepted, and tensors are compared
by identity: the classifier is the linear map whose result the module returns, and the batch norm is "last"
when its result is the very tensor which that map multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from simulations.errors import InputError

_BATCH_NORM_ARGUMENTS = (
    "input",
    "running_mean",
    "running_var",
    "weight",
    "bias",
    "training",
    "momentum",
    "eps",
)

# Sides of square images that are tried when a module's input is guessed.
_SIDES = (32, 28, 64, 224, 96, 16, 8)


@dataclass(frozen=True)
class Hypotheses:
    """What an inspected module meets.

    bias_free_head: logits are W h without a bias. last_layer_batch_norm: "scale-only", "affine" (a bias
    exists, whatever its value) or "none" (no batch norm, or its output is not what the head multiplies).
    gamma_norm: ||gamma||_2 (sqrt(d) when the batch norm has no scale), None without last-layer batch norm.
    gamma: the scale itself, a (d,) tensor, or None. eps: the batch norm's variance epsilon, or None.
    head_weight: the (C, d) matrix that multiplies the features, or None when the logits do not come from one.
    notes: in words, why a hypothesis is not met.
    """

    bias_free_head: bool
    last_layer_batch_norm: str
    gamma_norm: float | None
    gamma: torch.Tensor | None
    eps: float | None
    head_weight: torch.Tensor | None
    notes: tuple[str, ...]


@dataclass
class _Call:
    result: torch.Tensor
    input: torch.Tensor
    weight: torch.Tensor | None
    bias: torch.Tensor | None
    eps: float | None
    # Counters of in-place changes when the call was made: a later one would leave the identity but not the
    # values.
    result_version: int
    input_version: int


class _Recorder(TorchFunctionMode):
    """Keeps every result of linear and batch_norm alive, so that identity of tensors means identity of
    values."""

    def __init__(self) -> None:
        super().__init__()
        self.linear: list[_Call] = []
        self.batch_norm: list[_Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func is functional.linear:
            given = dict(zip(("input", "weight", "bias"), args, strict=False)) | kwargs
            self.linear.append(_call(result, given))
        elif func is functional.batch_norm:
            given = dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
            self.batch_norm.append(_call(result, given))
        return result


def _call(result: torch.Tensor, given: dict[str, Any]) -> _Call:
    x = given["input"]
    return _Call(
        result,
        x,
        given.get("weight"),
        given.get("bias"),
        given.get("eps", 1e-5),
        result._version,
        x._version,
    )


def hypotheses(module: torch.nn.Module, *, example: torch.Tensor | None = None) -> Hypotheses:
    """Which hypotheses of the batch-norm theorems a module meets (Pan & Cao 2023, Theorem 2.2).

    example: a small batch (m, ...) of inputs on the module's device; left out, two rows of ones that fit the
    first linear layer or convolution. The module runs once, in evaluation mode and without gradients, and is
    left as it was. Raises InputError when there is no such layer to guess an input from.
    """
    if example is None:
        example = _example(module)
    recorder = _Recorder()
    with evaluation(module), torch.no_grad(), recorder:
        logits = module(example)
    notes: list[str] = []
    head = _head(recorder, logits)
    if head is None:
        return Hypotheses(
            False,
            "none",
            None,
            None,
            None,
            None,
            ("the module's output is not the result of a linear layer",),
        )
    if head.bias is not None:
        notes.append("the classifier has a bias")
    norm = next(
        (c for c in recorder.batch_norm if c.result is head.input and c.result_version == head.input_version),
        None,
    )
    if norm is None:
        elsewhere = (
            "; a batch norm exists, but its output is changed before that" if recorder.batch_norm else ""
        )
        notes.append(f"what the classifier multiplies is not the output of a batch norm{elsewhere}")
        return Hypotheses(head.bias is None, "none", None, None, None, head.weight, tuple(notes))
    if norm.bias is not None:
        notes.append("the last-layer batch norm has a bias")
    if norm.weight is not None:
        gamma_norm = (
            float(norm.weight.detach().double().norm()) if norm.weight.device.type != "meta" else math.nan
        )
    else:
        gamma_norm = math.sqrt(norm.input.shape[1])
    return Hypotheses(
        bias_free_head=head.bias is None,
        last_layer_batch_norm="scale-only" if norm.bias is None else "affine",
        gamma_norm=gamma_norm,
        gamma=norm.weight,
        eps=norm.eps,
        head_weight=head.weight,
        notes=tuple(notes),
    )


def _head(recorder: _Recorder, logits: Any) -> _Call | None:
    """The call of ``linear`` whose untouched result the module returned."""
    calls = (c for c in recorder.linear if c.result is logits and c.result_version == logits._version)
    return next(calls, None)


@dataclass(frozen=True)
class LastLayer:
    """What one forward pass did last: logits (m, C) = features (m, d) @ weight (C, d).T + bias (C,) or 0."""

    features: torch.Tensor
    logits: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None


@torch.no_grad()
def last_layer(module: torch.nn.Module, inputs: torch.Tensor) -> LastLayer:
    """Run the module on a batch, in the mode it is in, and keep what its last linear layer multiplied.

    Nothing is hooked, and no name or attribute is asked for: the last layer is the ``linear`` whose result
    the module returns. Raises InputError when there is none (a softmax after the classifier, a classifier
    that is not a linear layer), or when its input was changed in place afterwards.
    """
    recorder = _Recorder()
    with recorder:
        logits = module(inputs)
    head = _head(recorder, logits)
    if head is None or head.weight is None:
        raise InputError(
            f"{type(module).__name__}: the output is not the result of a linear layer; a module is required "
            "that returns the logits W h + b of torch.nn.Linear themselves, without softmax or reshaping "
            "after it (and neither compiled nor scripted, which hides the layers)"
        )
    if head.input._version != head.input_version:
        raise InputError(
            f"{type(module).__name__}: what the last linear layer multiplies is changed in place after it, "
            "so its values are lost; remove the in-place operation"
        )
    return LastLayer(head.input, logits, head.weight, head.bias)


def _example(module: torch.nn.Module) -> torch.Tensor:
    """Two rows that fit the first linear or convolutional layer; of images, the first size that passes."""
    kinds = (torch.nn.Linear, torch.nn.Conv2d)
    layer = next((part for part in module.modules() if isinstance(part, kinds)), None)
    if layer is None:
        raise InputError(
            "hypotheses(module): the module has no linear layer and no convolution to guess its input from; "
            "pass example=, a small batch"
        )
    if isinstance(layer, torch.nn.Linear):
        return layer.weight.new_ones((2, layer.in_features))
    for side in _SIDES:
        example = layer.weight.new_ones((2, layer.in_channels, side, side))
        try:
            with evaluation(module), torch.no_grad():
                module(example)
            return example
        except (RuntimeError, InputError):  # another image size is required
            continue
    raise InputError(
        f"hypotheses(module): the module takes no images of {layer.in_channels} channels and side "
        f"{', '.join(map(str, _SIDES))}; pass example=, a small batch of its inputs"
    )


@contextmanager
def evaluation(module: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode inside, and every submodule's own mode again afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


class ExactStatistics(TorchFunctionMode):
    """Inside this context every batch norm uses, and stores, the population mean and variance of what it is
    given.

    One pass over the full training set in evaluation mode thus makes the running statistics exact: mean over
    the samples, and biased variance, as in training, but of the whole set instead of a moving average over
    batches. Works for inputs (n, d) and (n, d, ...), and for any number of batch norms, each seeing the exact
    output of those before it.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not functional.batch_norm:
            return func(*args, **kwargs)
        given = dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
        x = given["input"]
        others = [axis for axis in range(x.dim()) if axis != 1]
        mean, variance = x.mean(dim=others), x.var(dim=others, correction=0)
        for name, value in (("running_mean", mean), ("running_var", variance)):
            if given.get(name) is None:
                given[name] = value
            else:
                given[name].copy_(value)
        given["training"] = False
        return func(**given)
