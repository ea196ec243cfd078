# SPDX-License-Identifier: MIT
"""certify(): a torch module and a loader in; hypotheses and guarantees with their slack out."""

from __future__ import annotations

import copy
import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations import comparison
from simulations.errors import InputError
from simulations.measurement import Measurement, format_number

if TYPE_CHECKING:
    import torch

    from simulations.networks._inspection import Hypotheses


@dataclass(frozen=True, repr=False)
class Certificate:
    """What is guaranteed about one network on one data set; made by `certify`.

    measurement: every measured value (a `Measurement`). structure: what the module is, found by following a
    forward pass (see `simulations.networks.hypotheses`). guarantees: the rows that apply, tightest first
    within each quantity: {theorem, quantity, direction, measured, bound, slack, ratio, kind, verdict, ...} as
    from `simulations.comparison.verdicts`. lost: the rows that do not apply, with the reasons under
    ``unmet``. hypotheses: rows {hypothesis, met, found, theorems} over all theorems: first those that fail,
    with the value found and the theorems lost by it; then those that are met, with the theorems that need it.
    str() is a plain-text report.
    """

    measurement: Measurement
    structure: Hypotheses
    guarantees: list[dict]
    lost: list[dict]
    hypotheses: list[dict]

    def best(self, quantity: str, direction: str | None = None) -> dict | None:
        """The tightest guarantee on a measured quantity (dotted name), or None if there is none.

        direction: "<=" or ">=", needed only for a quantity that is bounded from both sides.
        """
        rows = (r for r in self.guarantees if r["quantity"] == quantity)
        return next((r for r in rows if direction in (None, r["direction"])), None)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain dictionaries of Python numbers, ready for JSON."""
        found = self.structure
        structure = {
            "bias_free_head": found.bias_free_head,
            "last_layer_batch_norm": found.last_layer_batch_norm,
            "gamma_norm": found.gamma_norm,
            "notes": list(found.notes),
        }
        tables = {"guarantees": self.guarantees, "lost": self.lost, "hypotheses": self.hypotheses}
        return {
            "measurement": self.measurement.to_dict(),
            "structure": structure,
            **{name: [dict(row) for row in rows] for name, rows in tables.items()},
        }

    def _headline(self) -> list[str]:
        m, found = self.measurement, self.structure
        norm = {
            "none": "not directly after a batch norm",
            "scale-only": "directly after a batch norm without bias",
            "affine": "directly after a batch norm with bias",
        }[found.last_layer_batch_norm]
        bias = "without bias" if found.bias_free_head else "with bias"
        decay = "not given" if m.weight_decay is None else f"{m.weight_decay:g}"
        return [
            f"Last layer: {m.feature_dim} features to {m.num_classes} classes, {bias}, {norm}",
            f"Data: {m.num_samples} samples, accuracy {m.accuracy:.4f}, loss {m.loss:.5g} (least for these "
            f"norms: {m.minimum_loss:.5g}), weight decay {decay}",
        ]

    def __str__(self) -> str:
        wide = max(len(row["hypothesis"]) for row in self.hypotheses)
        lines = [*self._headline(), "", f"{'Hypotheses':<{wide + 2}}  met  theorems"]
        for row in self.hypotheses:
            met, what = ("yes", "need it") if row["met"] else ("NO", "lost by it")
            lines.append(f"  {row['hypothesis']:<{wide}}  {met:<3}  {len(row['theorems'])} {what}")
            if row["found"]:
                lines.append(f"      found: {row['found']}")
        width = max((len(row["theorem"]) for row in self.guarantees), default=10)
        lines += ["", f"{'Guarantees':<{width + 2}} {'measured':>10}    {'bound':>10} {'slack':>10}"]
        quantity = None
        for row in self.guarantees:
            if row["quantity"] != quantity:
                quantity = row["quantity"]
                lines.append(f" {quantity}")
            lines.append(
                f"  {row['theorem']:<{width}} {format_number(row['measured']):>10} {row['direction']} "
                f"{format_number(row['bound']):>10} {format_number(row['slack']):>10}"
                + ("" if row["holds"] else f"  {row['verdict'].upper()}")
            )
        if self.lost:
            lines += ["", "No guarantee from"]
            lines += [f"  {row['theorem']}: {'; '.join(row['unmet'])}" for row in self.lost]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def table(head: list[str], rows: Iterable[list[str]]) -> str:
            cells = [("th", head), *(("td", row) for row in rows)]
            lines = ("".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in row) for tag, row in cells)
            return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"

        met = (
            [r["hypothesis"], "yes" if r["met"] else "no", r["found"], ", ".join(r["theorems"])]
            for r in self.hypotheses
        )
        numbers = ("measured", "bound", "slack")
        bounds = (
            [r["quantity"], r["theorem"], r["direction"], *(format_number(r[n]) for n in numbers)]
            for r in self.guarantees
        )
        none = ([r["theorem"], "; ".join(r["unmet"])] for r in self.lost)
        return (
            "".join(f"<p>{html.escape(line)}</p>" for line in self._headline())
            + table(["hypothesis", "met", "found", "theorems"], met)
            + table(["quantity", "guarantee", "", *numbers], bounds)
            + (table(["no guarantee from", "because"], none) if self.lost else "")
        )


def certify(
    module: torch.nn.Module,
    loader: Iterable[Any],
    *,
    weight_decay: float | None = None,
    exact_batch_norm: bool = False,
) -> Certificate:
    """What the theorems guarantee about a network, from the network and its training data alone.

    module: any torch.nn.Module that returns the logits W h + b of a linear layer; the layer is found by
    following the forward pass, no names are needed. It runs in evaluation mode, without gradients, on its own
    device and in its own precision, and is left as it was. loader: batches (inputs, labels) that can be
    passed more than once, such as a DataLoader or a list; labels (n,) are integers 0..C-1, all classes
    present; the order may change, the inputs may not (no random augmentation). Memory is that of one batch.
    weight_decay: lambda > 0 of (lambda/2)(E||h||^2 + ||W||_F^2), for the guarantees from weight decay; they
    are true for every lambda, and say most for the one trained with. exact_batch_norm: replace the moving
    averages of the batch norm directly before the classifier by mean and variance over all the data, on a
    copy of the module and at the price of one more pass; the features then have mean zero, which the
    guarantees on cosines need.

    Raises InputError for a loader that can be passed only once or holds no pairs, a module whose output is
    not that of a linear layer, ``exact_batch_norm`` without such a batch norm, and what `measure` refuses;
    BoundViolation if a proved bound does not hold, which is an error in this toolkit.
    """
    import torch

    from simulations.collapse_metric import NeuralCollapse
    from simulations.networks._inspection import evaluation, hypotheses, last_layer

    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    example = next(_batches(loader, device), None)
    if example is None:
        raise InputError("certify: the loader has no batches; at least one sample of every class is required")
    if exact_batch_norm:
        module = _with_exact_batch_norm(module, loader, device)
    with evaluation(module), torch.no_grad():
        layer = last_layer(module, example[0])
        C, d = layer.weight.shape
        metric = NeuralCollapse(C, d, weight=layer.weight, bias=layer.bias, weight_decay=weight_decay)
        for phase in (1, 2):
            if phase == 2:
                metric.start_second_phase()
            for inputs, labels in _batches(loader, device):
                metric.update(last_layer(module, inputs).features, labels)
    structure = hypotheses(module, example=example[0])
    return _certificate(metric.compute(), structure)


def _batches(loader: Iterable[Any], device: torch.device) -> Iterator[tuple[Any, Any]]:
    """The loader's pairs, on the module's device."""
    import torch

    if iter(loader) is loader:
        raise InputError(
            f"certify: received a {type(loader).__name__}, which can be passed only once; a loader that "
            "can be passed again is required (a DataLoader, a list of batches), for class means come first"
        )
    for batch in loader:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise InputError(
                f"certify: a batch is a {type(batch).__name__}"
                f"{f' of {len(batch)}' if isinstance(batch, tuple | list) else ''}; a pair (inputs, labels) "
                "is required"
            )
        inputs, labels = batch
        if not isinstance(inputs, torch.Tensor):
            raise InputError(
                f"certify: a batch's inputs are a {type(inputs).__name__}; a torch.Tensor is required"
            )
        yield inputs.to(device), torch.as_tensor(labels).to(device)


def _with_exact_batch_norm(
    module: torch.nn.Module, loader: Iterable[Any], device: torch.device
) -> torch.nn.Module:
    """A copy whose last-layer batch norm holds mean and biased variance over all the data.

    Sums are taken in float64 of what enters the batch norm, in one pass, shifted by the moving average so
    that nothing cancels.
    """
    import torch

    from simulations.metrics._arrays import float64_device
    from simulations.networks._inspection import evaluation

    module = copy.deepcopy(module)
    norm = _last_batch_norm(module, next(_batches(loader, device))[0])
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
            for inputs, _ in _batches(loader, device):
                module(inputs)
    finally:
        handle.remove()
    mean = sums / count
    norm.running_mean.copy_(shift + mean)
    norm.running_var.copy_(squares / count - mean.square())
    return module


def _last_batch_norm(module: torch.nn.Module, example: torch.Tensor) -> Any:
    """The batch-norm submodule whose output the classifier multiplies, or InputError."""
    from simulations.networks._inspection import hypotheses

    found = hypotheses(module, example=example)
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


def _certificate(measurement: Measurement, structure: Hypotheses) -> Certificate:
    rows = comparison.check(measurement.to_dict())
    lost = [row for row in rows if row["holds"] is None]
    kept = [row for row in rows if row["holds"] is not None]
    order = list(dict.fromkeys(row["quantity"] for row in kept))
    kept.sort(key=lambda row: (order.index(row["quantity"]), row["direction"], row["slack"]))
    return Certificate(measurement, structure, kept, lost, _hypothesis_rows(kept, lost))


def _hypothesis_rows(kept: list[dict], lost: list[dict]) -> list[dict]:
    """Failing hypotheses first, then the ones that are met; each that concern most theorems first."""
    import theory

    registry = theory.theorems()
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
