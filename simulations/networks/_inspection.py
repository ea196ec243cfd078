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
from dataclasses import dataclass
from typing import Any

import torch

from simulations.errors import InputError
from simulations.networks._last_layer import LastLayer, classifier_call, last_layer, unwrapped
from simulations.networks._tracing import Call, ExactStatistics, Tracer, evaluation

__all__ = [
    "ExactStatistics",
    "Hypotheses",
    "LastLayer",
    "evaluation",
    "hypotheses",
    "last_layer",
    "unwrapped",
]


# Sides of square images that are tried when a module's input is guessed.
_SIDES = (32, 28, 64, 224, 96, 16, 8)


@dataclass(frozen=True)
class Hypotheses:
    """What an inspected module meets. Iterating gives the rows of `rows`, str() a table of them.

    bias_free_head: logits are W h without a bias. last_layer_batch_norm: "scale-only", "affine" (a bias
    exists, whatever its value) or "none" (no batch norm, or its output is not what the head multiplies).
    gamma_norm: ||gamma||_2 (sqrt(d) when the batch norm has no scale), None without last-layer batch norm.
    gamma: the scale itself, a (d,) tensor, or None. eps: the batch norm's variance epsilon, or None.
    head_weight: the (C, d) matrix that multiplies the features, or None when the logits do not come from one.
    notes: in words, why a hypothesis is not met.
    head_bias: the classifier's bias (C,), or None. norm_bias: that of the last-layer batch norm, or None.
    running_statistics: whether that batch norm keeps moving averages for evaluation; None without one.
    batch_norms: where batch norms run, in order, as dotted names of submodules ("?" for one that is none).
    features_from: the functions that returned the very tensor which the head multiplies, in order.
    head_name, norm_name: dotted names of the submodules that hold their parameters, or "".
    """

    bias_free_head: bool
    last_layer_batch_norm: str
    gamma_norm: float | None
    gamma: torch.Tensor | None
    eps: float | None
    head_weight: torch.Tensor | None
    notes: tuple[str, ...]
    head_bias: torch.Tensor | None = None
    norm_bias: torch.Tensor | None = None
    running_statistics: bool | None = None
    batch_norms: tuple[str, ...] = ()
    features_from: tuple[str, ...] = ()
    head_name: str = ""
    norm_name: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows {hypothesis, met, why, theorems}, those that fail first.

        met: True, False, or None where the module alone does not decide it. theorems: names of the
        registered theorems that need the hypothesis.
        """
        from simulations.networks import _report

        return _report.rows(self)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __str__(self) -> str:
        from simulations.networks import _report

        return _report.text(self.rows)


def hypotheses(
    module: torch.nn.Module,
    *,
    example: torch.Tensor | None = None,
    feature_layer: str | None = None,
    head: str | None = None,
) -> Hypotheses:
    """Which hypotheses of the theorems a module meets, such as those of Pan & Cao 2023, Theorem 2.2.

    example: a small batch (m, ...) of inputs on the module's device; left out, two rows of ones that fit the
    first linear layer or convolution. feature_layer: dotted name of the submodule whose output the classifier
    multiplies, for modules that change the logits afterwards (a softmax); left out, the classifier is the
    linear layer whose result the module returns. head: dotted name of the classifier itself, for modules with
    several. The module runs once, in evaluation mode and without gradients, and is left as it was.
    Raises InputError when there is no layer to guess an input from, for a feature_layer that does not exist
    or feeds no linear layer, and for a head that does not exist or is none.
    """
    module = unwrapped(module)
    if example is None:
        example = _example(module)
    tracer = Tracer()
    with evaluation(module), torch.no_grad():
        classifier = classifier_call(module, example, tracer, feature_layer, head)
    names = {id(p): name.rpartition(".")[0] for name, p in module.named_parameters()}
    names |= {id(p): name.rpartition(".")[0] for name, p in module.named_buffers()}
    norms = tuple(_norm_name(call, names) or "?" for call in tracer.batch_norm)
    if classifier is None:
        note = "the module's output is not the result of a linear layer"
        return Hypotheses(False, "none", None, None, None, None, (note,), batch_norms=norms)
    notes = ["the classifier has a bias"] if classifier.bias is not None else []
    common: dict[str, Any] = {
        "bias_free_head": classifier.bias is None,
        "head_weight": classifier.weight,
        "head_bias": classifier.bias,
        "head_name": names.get(id(classifier.weight), ""),
        "batch_norms": norms,
        "features_from": tracer.makers(classifier.input),
    }
    norm = next(
        (
            call
            for call in tracer.batch_norm
            if call.result is classifier.input and call.result_version == classifier.input_version
        ),
        None,
    )
    if norm is None:
        elsewhere = "; a batch norm exists, but its output is changed before that" if norms else ""
        notes.append(f"what the classifier multiplies is not the output of a batch norm{elsewhere}")
        return Hypotheses(
            last_layer_batch_norm="none", gamma_norm=None, gamma=None, eps=None, notes=tuple(notes), **common
        )
    if norm.bias is not None:
        notes.append("the last-layer batch norm has a bias")
    return Hypotheses(
        last_layer_batch_norm="scale-only" if norm.bias is None else "affine",
        gamma_norm=_gamma_norm(norm),
        gamma=norm.weight,
        eps=norm.eps,
        notes=tuple(notes),
        norm_bias=norm.bias,
        running_statistics=norm.running_mean is not None,
        norm_name=_norm_name(norm, names),
        **common,
    )


def _gamma_norm(norm: Call) -> float:
    if norm.weight is None:
        return math.sqrt(norm.input.shape[1])
    return float(norm.weight.detach().double().norm()) if norm.weight.device.type != "meta" else math.nan


def _norm_name(call: Call, names: dict[int, str]) -> str:
    """The submodule that holds a batch norm's scale or running mean, or "" if none does."""
    owned = (names.get(id(part)) for part in (call.weight, call.running_mean) if part is not None)
    return next((name for name in owned if name), "")


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
