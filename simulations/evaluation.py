# SPDX-License-Identifier: MIT
"""One measurement of a network on its whole training set, exact where training is approximate.

The network runs in float64 on all samples at once while the largest result in between stays within
`BATCH_BYTES`, and in batches of bounded size beyond; batch-norm statistics are those of all samples either
way.
"""

from __future__ import annotations

import copy
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulations.networks._inspection import ExactStatistics, evaluation, hypotheses
from simulations.networks._streaming import StreamedStatistics, bytes_per_row, in_batches

# Bytes of the largest float64 result of one function in a forward pass: 2^29 = 512 MiB. What is alive at once
# is a few times that (DenseNet keeps the features of a whole block).
BATCH_BYTES = 2**29


@dataclass(frozen=True)
class HeldOut:
    """Samples that were not trained on, through the same network: features (m, d), labels (m,), logits
    (m, C)."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    logits: NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """A network frozen at one epoch, as float64 arrays.

    features (n, d) are what the classifier multiplies; logits (n, C); weight (C, d); bias (C,) or None;
    labels (n,). gamma_norm: ||gamma|| of the last-layer batch norm, or None; batch_norm_deficit:
    sum_k gamma_k^2 eta / (var_k + eta), which is ||gamma||^2 - alpha^2 for a batch norm without bias, or
    None. test: the held-out samples, or None where there are none.
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    logits: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: NDArray[np.float64] | None
    gamma_norm: float | None
    batch_norm_deficit: float | None
    test: HeldOut | None = None

    @property
    def accuracy(self) -> float:
        """Fraction of the training samples that are classified rightly."""
        return float((self.logits.argmax(axis=1) == self.labels).mean())

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
    module: torch.nn.Module,
    *,
    inputs: torch.Tensor,
    labels: NDArray[np.int64],
    exact: bool = True,
    test: tuple[torch.Tensor, NDArray[np.int64]] | None = None,
    batch_bytes: int = BATCH_BYTES,
) -> Snapshot:
    """Freeze `module` on its training set, inputs (n, ...) on the module's device, in float64.

    With `exact`, the batch-norm statistics are first recomputed over all n samples (population mean and
    variance of what enters each batch norm, in float64), and stored back into the module at its own
    precision. Bias-free batch norm then has exactly mean-zero features and E||h||^2 = sum_k gamma_k^2 var_k /
    (var_k + eta), which is what the batch-norm theorems speak of. The module's mode and parameters are left
    as they were.

    test: inputs (m, ...) and labels (m,) of held-out samples, which go through the same network with the
    statistics of the training set. batch_bytes: the samples go through at once as long as no result of a
    function in between has more bytes, else in batches; then the exact statistics of K batch norms take K
    passes, the k-th one up to the k-th batch norm.
    """
    device = inputs.device if inputs.device.type not in ("mps", "meta") else torch.device("cpu")
    # Any: features and head are the promise of every network, which nn.Module does not declare.
    double: Any = copy.deepcopy(module).to(device=device, dtype=torch.float64)
    example = inputs[:2].to(device=device, dtype=torch.float64)
    met = hypotheses(double, example=example)
    with evaluation(double):
        rows = max(1, batch_bytes // bytes_per_row(double, example))
        statistics = None
        if exact:
            statistics = _exact_statistics(double, inputs, rows)
            _copy_statistics(double, module)
        features, logits = _run(double, inputs, rows, statistics)
        held_out = None
        if test is not None:
            features_out, logits_out = _run(double, test[0], rows, statistics)
            held_out = HeldOut(features_out, test[1], logits_out)
    weight, bias = double.head.weight, double.head.bias
    return Snapshot(
        features=features,
        labels=labels,
        logits=logits,
        weight=weight.cpu().numpy(),
        bias=None if bias is None else bias.cpu().numpy(),
        gamma_norm=met.gamma_norm,
        batch_norm_deficit=_deficit(double, met),
        test=held_out,
    )


def _exact_statistics(double: Any, inputs: torch.Tensor, rows: int) -> StreamedStatistics | None:
    """Store the statistics of all samples in every batch norm; returned too, if that took several batches."""
    batches = in_batches(double, inputs, rows)
    if len(batches) == 1:
        with ExactStatistics():
            double(next(iter(batches)))
        return None
    statistics = StreamedStatistics()
    while not statistics.complete:
        statistics.one_pass(double, batches)
    return statistics


def _run(
    double: Any, inputs: torch.Tensor, rows: int, statistics: StreamedStatistics | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, d) and logits (n, C) of all samples; statistics: what batch norms that store none use."""
    features, logits = [], []
    for batch in in_batches(double, inputs, rows):
        with nullcontext() if statistics is None else statistics.applied():
            features.append(double.features(batch))
        logits.append(double.head(features[-1]))
    if len(features) == 1:
        return features[0].cpu().numpy(), logits[0].cpu().numpy()
    return torch.cat(features).cpu().numpy(), torch.cat(logits).cpu().numpy()


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
    snapshot. Where there are held-out samples, "test" has their accuracy, mean loss and ncc_mismatch: the
    fraction of them on which the network decides otherwise than the nearest mean of the training classes
    (NC4, Papyan, Han & Donoho 2020, Figure 7).
    """
    from simulations.measurement import measure

    collapse = measure(
        features=state.features,
        labels=state.labels,
        weight=state.weight,
        bias=state.bias,
        weight_decay=weight_decay,
    ).to_dict()
    line = {
        "epoch": epoch,
        "train_accuracy": state.accuracy,
        "train_loss": float(loss.value(logits=state.logits, labels=state.labels).mean()),
        "gamma_norm": state.gamma_norm,
        "batch_norm_deficit": state.batch_norm_deficit,
        "collapse": collapse,
    }
    return line if state.test is None else line | {"test": _held_out(state, loss)}


def _held_out(state: Snapshot, loss: Any) -> dict[str, float]:
    assert state.test is not None  # the caller's condition
    features, labels, logits = state.test.features, state.test.labels, state.test.logits
    decisions = logits.argmax(axis=1)
    means = np.stack([state.features[state.labels == c].mean(axis=0) for c in range(logits.shape[1])])
    # argmin_c ||h - mu_c||^2 = argmax_c <h - mu_G, mu_c - mu_G> - ||mu_c - mu_G||^2/2, as in NC4 on training
    # samples.
    middle = means.mean(axis=0)
    centres = means - middle
    nearest = ((features - middle) @ centres.T - 0.5 * np.square(centres).sum(axis=1)).argmax(axis=1)
    return {
        "accuracy": float((decisions == labels).mean()),
        "loss": float(loss.value(logits=logits, labels=labels).mean()),
        "ncc_mismatch": float((decisions != nearest).mean()),
    }
