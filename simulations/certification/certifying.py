# SPDX-License-Identifier: MIT
"""certify(): a torch module and a loader in; hypotheses and guarantees with their slack out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations import comparison
from simulations.certification.certificate import Certificate
from simulations.certification.recording import Recording, batches, forward_errors, record
from simulations.certification.rigorous import floating_point, rigorous_rows
from simulations.errors import BoundViolation, InputError
from simulations.evidence import save_evidence
from simulations.measurement import Measurement
from simulations.trivial_bounds import judged

if TYPE_CHECKING:
    import torch

    from simulations.networks._inspection import Hypotheses


def certify(
    module: torch.nn.Module,
    loader: Iterable[Any],
    *,
    weight_decay: float | None = None,
    feature_layer: str | None = None,
    head: str | None = None,
    exact_batch_norm: bool = False,
    rigorous: bool = True,
    save_to: str | Path | None = None,
) -> Certificate:
    """What the theorems guarantee about a network, from the network and its training data alone.

    module: any torch.nn.Module that returns the logits W h + b of a linear layer, as a tensor, as ``.logits``
    of an object or under the key "logits"; the layer is found by following the forward pass, no names are
    needed. It runs in evaluation mode, without gradients, on its own device and in its own precision, and is
    left as it was; a data-parallel or compiled module is looked into.
    loader: batches (inputs, labels), such as a DataLoader or a list; labels (n,) are integers 0..C-1, all
    classes present. It is passed once, and the certificate is about the features of that pass; they lie in
    memory up to 256 MiB, in a temporary file beyond.
    weight_decay: lambda > 0 of (lambda/2)(E||h||^2 + ||W||_F^2), for the guarantees from weight decay; they
    are true for every lambda, and say most for the one trained with.
    feature_layer: dotted name of the submodule whose output a linear layer multiplies, or head: that of the
    linear layer itself, for modules that have several heads or change the logits; the loss is then that of
    this head.
    exact_batch_norm: replace the moving averages of the batch norm directly before the classifier by mean and
    variance over all the data, on a copy of the module and at the price of one more pass; over balanced
    classes the features then have mean zero, which the guarantees on cosines need.
    rigorous: bounds and slacks in ball arithmetic (see `simulations.certification.rigorous`), about 3 s for
    1800 samples of 64 features on one core, in proportion to samples times (features + classes); False gives
    floats. save_to: folder for the evidence of a violated bound.

    Raises InputError for a loader that holds no pairs, or that can be passed only once while
    ``exact_batch_norm`` needs two passes; a module whose output is not that of a linear layer; an unknown
    name; ``exact_batch_norm`` without such a batch norm; and what `measure` refuses. Raises BoundViolation if
    a proved bound does not hold, which is an error in this toolkit.
    """
    import torch

    from simulations.networks._inspection import evaluation, hypotheses, unwrapped

    if exact_batch_norm and iter(loader) is loader:
        raise InputError(
            f"exact_batch_norm: received a {type(loader).__name__}, which can be passed only once; a loader "
            "that can be passed again is required (a DataLoader, a list of batches), for the statistics of "
            "all the data come first"
        )
    module = unwrapped(module)
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    names = {"feature_layer": feature_layer, "head": head}
    if exact_batch_norm:
        module = _with_exact_batch_norm(module, loader, device, names)
    with evaluation(module), torch.no_grad():
        recording, example = record(module, loader, device, **names)
    structure = hypotheses(module, example=example, **names)
    measurement = _measurement(recording, weight_decay)
    rows = comparison.verdicts(measurement.guarantees)
    if rigorous:
        rows = rigorous_rows(rows, recording, weight_decay=measurement.weight_decay)
    else:
        rows = [floating_point(row) for row in rows]
    _stop_at_violations(rows, measurement, recording, save_to)
    rows = [judged(row, measurement.num_classes) for row in rows]
    return _certificate(rows, measurement, structure)


def _measurement(recording: Recording, weight_decay: float | None) -> Measurement:
    import torch

    from simulations.collapse_metric import NeuralCollapse

    C, d = recording.weight.shape
    metric = NeuralCollapse(C, d, weight=recording.weight, bias=recording.bias, weight_decay=weight_decay)
    for phase in (1, 2):
        if phase == 2:
            metric.start_second_phase()
        for features, labels in recording.chunks():
            metric.update(torch.from_numpy(features), torch.from_numpy(labels))
    found: Measurement = metric.compute()
    return found


def _stop_at_violations(
    rows: list[dict], measurement: Measurement, recording: Recording, save_to: str | Path | None
) -> None:
    broken = [row for row in rows if row["verdict"] == "violated"]
    if not broken:
        return
    path = None
    if save_to is not None:
        path = Path(save_to) / "certify.violation.npz"
        features = np.concatenate([features for features, _ in recording.chunks()])
        arrays = {"features": features, "labels": recording.labels, "weight": recording.weight}
        arrays |= {} if recording.bias is None else {"bias": recording.bias}
        save_evidence(path, values=measurement.values, rows=broken, arrays=arrays)
    worst = broken[0]
    raise BoundViolation(
        f"certify: {worst['kind']} theorem {worst['theorem']} is violated: {worst['quantity']} = "
        f"{worst['measured']!r}, guaranteed {worst['direction']} {worst['bound']!r} ({worst['arithmetic']} "
        f"arithmetic){f'; evidence saved in {path}' if path else ''}; this is an error in the toolkit, "
        "please report it with the data",
        rows=broken,
        path=path,
    )


def _with_exact_batch_norm(
    module: torch.nn.Module, loader: Iterable[Any], device: torch.device, names: Mapping[str, str | None]
) -> torch.nn.Module:
    """A copy whose last-layer batch norm holds mean and biased variance over all the data.

    Sums are taken in float64 of what enters the batch norm, in one pass, shifted by the moving average so
    that nothing cancels.
    """
    import torch

    from simulations.metrics._arrays import float64_device
    from simulations.networks._inspection import evaluation

    module = copy.deepcopy(module)
    first = next(batches(loader, device), None)
    if first is None:
        raise InputError("certify: the loader has no batches; at least one sample of every class is required")
    with forward_errors(module, first[0]):
        norm = _last_batch_norm(module, first[0], names)
    place = float64_device(device)
    shift = norm.running_mean.to(place).double()
    count, sums, squares = 0, torch.zeros_like(shift), torch.zeros_like(shift)

    def add(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        nonlocal count, sums, squares
        apart = inputs[0].to(place).double() - shift
        count, sums, squares = (
            count + len(apart),
            sums + apart.sum(dim=0),
            squares + apart.square().sum(dim=0),
        )

    handle = norm.register_forward_pre_hook(add)
    try:
        with evaluation(module), torch.no_grad():
            for inputs, _ in batches(loader, device):
                with forward_errors(module, inputs):
                    module(inputs)
    finally:
        handle.remove()
    mean = sums / count
    norm.running_mean.copy_(shift + mean)
    norm.running_var.copy_(squares / count - mean.square())
    return module


def _last_batch_norm(module: torch.nn.Module, example: torch.Tensor, names: Mapping[str, str | None]) -> Any:
    """The batch-norm submodule whose output the classifier multiplies, or InputError."""
    from simulations.networks._inspection import hypotheses

    found = hypotheses(module, example=example, **names)
    if found.last_layer_batch_norm == "none":
        raise InputError(
            f"exact_batch_norm: {'; '.join(found.notes)}; a batch norm directly before the last linear layer "
            "is required"
        )
    parts = [
        part
        for part in module.modules()
        if getattr(part, "running_var", None) is not None and getattr(part, "weight", None) is found.gamma
    ]
    if len(parts) != 1:
        raise InputError(
            f"exact_batch_norm: {len(parts)} submodules could be the batch norm before the last linear "
            "layer; exactly one with running statistics is required (give it a scale, or running statistics)"
        )
    return parts[0]


def _certificate(rows: list[dict], measurement: Measurement, structure: Hypotheses) -> Certificate:
    lost = [row for row in rows if row["verdict"] == "not applicable"]
    kept = [row for row in rows if row["verdict"] != "not applicable"]
    order = list(dict.fromkeys(row["quantity"] for row in kept))
    kept.sort(key=lambda row: (order.index(row["quantity"]), row["direction"], row["slack"]))
    return Certificate(measurement, structure, kept, lost, _hypothesis_rows(kept, lost))


def _hypothesis_rows(kept: list[dict], lost: list[dict]) -> list[dict]:
    """Failing hypotheses first, then the ones that are met; each that concern most theorems first."""
    from theory.registry import theorems

    registry = theorems()
    failing: dict[str, dict] = {}
    for row in lost:
        for reason in row["unmet"]:
            text, _, found = reason.partition(", but ")
            failing.setdefault(text, {"hypothesis": text, "met": False, "found": found, "theorems": []})
            failing[text]["theorems"].append(row["theorem"])
    met: dict[str, dict] = {}
    for row in kept:
        for text in (condition.text for condition in registry[row["theorem"]].hypotheses):
            if text not in failing:
                met.setdefault(text, {"hypothesis": text, "met": True, "found": "", "theorems": []})
                met[text]["theorems"].append(row["theorem"])
    return [
        row for rows in (failing, met) for row in sorted(rows.values(), key=lambda r: -len(r["theorems"]))
    ]
