# SPDX-License-Identifier: MIT
"""One measurement of a network on its whole training set, exact where training is approximate."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulations.networks._inspection import ExactStatistics, evaluation, hypotheses


@dataclass(frozen=True)
class Snapshot:
    """A network frozen at one epoch, as float64 arrays.

    features (n, d) are what the classifier multiplies; logits (n, C); weight (C, d); bias (C,) or None;
    labels (n,). gamma_norm: ||gamma|| of the last-layer batch norm, or None; batch_norm_deficit:
    sum_k gamma_k^2 eta / (var_k + eta), which is ||gamma||^2 - alpha^2 for a batch norm without bias, or
    None.
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    logits: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: NDArray[np.float64] | None
    gamma_norm: float | None
    batch_norm_deficit: float | None

    def arrays(self, weight_decay: float | None = None) -> dict[str, NDArray]:
        """The arrays of an .npz file that `python -m simulations measure` reads."""
        content: dict[str, NDArray] = {
            "features": self.features,
            "labels": self.labels,
            "weight": self.weight,
        }
        if self.bias is not None:
            content["bias"] = self.bias
        if weight_decay is not None:
            content["weight_decay"] = np.asarray(weight_decay)
        return content


@torch.no_grad()
def snapshot(
    module: torch.nn.Module, *, inputs: torch.Tensor, labels: NDArray[np.int64], exact: bool = True
) -> Snapshot:
    """Freeze `module` on its training set, inputs (n, ...) on the module's device, in float64.

    With `exact`, the batch-norm statistics are first recomputed over all n samples (population mean and
    variance of what enters each batch norm, in float64), and stored back into the module at its own
    precision. Bias-free batch norm then has exactly mean-zero features and E||h||^2 = sum_k gamma_k^2 var_k /
    (var_k + eta), which is what the batch-norm theorems speak of. The module's mode and parameters are left
    as they were.
    """
    device = inputs.device if inputs.device.type not in ("mps", "meta") else torch.device("cpu")
    # Any: features and head are the promise of every network, which nn.Module does not declare.
    double: Any = copy.deepcopy(module).to(device=device, dtype=torch.float64)
    x = inputs.to(device=device, dtype=torch.float64)
    met = hypotheses(double, example=x[:2])
    with evaluation(double):
        if exact:
            with ExactStatistics():
                double(x)
            _copy_statistics(double, module)
        features = double.features(x)
        logits = double.head(features)
    weight, bias = double.head.weight, double.head.bias
    return Snapshot(
        features=features.cpu().numpy(),
        labels=labels,
        logits=logits.cpu().numpy(),
        weight=weight.cpu().numpy(),
        bias=None if bias is None else bias.cpu().numpy(),
        gamma_norm=met.gamma_norm,
        batch_norm_deficit=_deficit(double, met),
    )


def _copy_statistics(source: torch.nn.Module, target: torch.nn.Module) -> None:
    exact = dict(source.named_buffers())
    for name, buffer in target.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.copy_(exact[name])


def _deficit(module: torch.nn.Module, met: Any) -> float | None:
    if met.last_layer_batch_norm == "none":
        return None
    for part in module.modules():
        variance = getattr(part, "running_var", None)
        if variance is not None and getattr(part, "weight", None) is met.gamma:
            gamma = torch.ones_like(variance) if met.gamma is None else met.gamma
            return float((gamma**2 * met.eps / (variance + met.eps)).sum())
    return None


def row(state: Snapshot, *, epoch: int, loss: Any, weight_decay: float | None) -> dict[str, Any]:
    """One line of a run's history: plain JSON values.

    train_loss is the ordinary mean over the training set; "collapse" is `simulations.measure` of the
    snapshot.
    """
    from simulations.measurement import measure

    collapse = measure(
        features=state.features,
        labels=state.labels,
        weight=state.weight,
        bias=state.bias,
        weight_decay=weight_decay,
    ).to_dict()
    return {
        "epoch": epoch,
        "train_accuracy": float((state.logits.argmax(axis=1) == state.labels).mean()),
        "train_loss": float(loss.value(logits=state.logits, labels=state.labels).mean()),
        "gamma_norm": state.gamma_norm,
        "batch_norm_deficit": state.batch_norm_deficit,
        "collapse": collapse,
    }
