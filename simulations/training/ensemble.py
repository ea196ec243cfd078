# SPDX-License-Identifier: MIT
"""Many perceptrons of one shape trained as one batched program: stacked weights, one matrix product for all.

Every member starts from the weights and sees the batches that `simulations.training.train` would give it, and
is measured by the same code. Only the order of floating-point sums differs, so a member agrees with its own
sequential run up to rounding, which training then amplifies. Measured on four-layer networks over tens of
epochs, relative to the largest weight: float64 stays within 1e-9; float32 begins at 1e-6 and is no longer the
same trajectory once a ReLU has switched in one run and not in the other (see docs/ensembles.md). A float32
member is then another sample of the same experiment, not a copy of the sequential record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from itertools import groupby
from typing import Any

import torch
from torch.nn import functional

from simulations import datasets, losses, networks
from simulations.configuration import Config, TrainingDiverged
from simulations.datasets import Samples
from simulations.errors import InputError
from simulations.evaluation import Snapshot, row, snapshot
from simulations.training.loop import TERMINAL_ACCURACY, Run, parameter_groups

# What the members of one program may differ in, and what they must have in common.
VARYING = (
    "seed",
    "dataset",
    "dataset_options",
    "dataset_seed",
    "batch_norm",
    "weight_decay",
    "learning_rate",
)
COMMON = (
    "network",
    "depth",
    "width",
    "loss",
    "loss_options",
    "optimizer",
    "momentum",
    "milestones",
    "decay_on",
    "epochs",
    "batch_size",
    "measurements",
    "dtype",
)
# Members are stacked in this order, so that those with a batch norm, and those with its bias, come first.
_STACKED = ("affine", "scale-only", "none")

Observer = Callable[[int, dict[str, Any], Snapshot], None]


def obstacle(config: Config) -> str | None:
    """Why this run cannot be a member of any batched program, in words; None when it can."""
    if config.network != "mlp":
        return f"network = {config.network!r}, and only 'mlp' is batched"
    for entry in fields(Config):
        default = entry.default if entry.default_factory is MISSING else entry.default_factory()
        value = getattr(config, entry.name)
        if entry.name not in VARYING + COMMON and value != default:
            return f"{entry.name} = {value!r}, which the batched program does not support"
    return None


def group(configs: Sequence[Config]) -> list[list[int]]:
    """Indices of `configs`, split into the largest groups that `train_ensemble` takes, in order of the first
    members. Runs that cannot be batched stand alone, and so do runs on different data sets: that their sizes
    agree is not known before they are loaded."""
    groups: dict[str, list[int]] = {}
    for index, config in enumerate(configs):
        shared = [getattr(config, name) for name in (*COMMON, "dataset", "dataset_options")]
        key = json.dumps(shared if obstacle(config) is None else index, sort_keys=True)
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def train_ensemble(
    configs: Sequence[Config], *, device: str | torch.device = "cpu", observe: Observer | None = None
) -> list[Run | TrainingDiverged]:
    """Train all `configs` as one program; the outcomes in their order.

    The members share network ("mlp"), depth, width, loss, optimizer, schedule, epochs, batch size,
    measurements and dtype, and the shape of their data; they may differ in seed, data, batch norm, weight
    decay and learning rate. A member whose logits are no longer finite is returned as the TrainingDiverged
    that `train` would raise, and the others are not affected. observe: called as observe(index, row,
    snapshot) after each measurement; an exception in it ends the whole program.
    Raises InputError, naming the first difference, for members that cannot be one program.
    """
    if not configs:
        return []
    _check(configs)
    order = sorted(range(len(configs)), key=lambda i: _rank(configs[i]))
    program = Program([configs[index] for index in order], torch.device(device))
    loss, measured = losses.get(configs[0].loss, **configs[0].loss_options), set(configs[0].measured_epochs())
    outcomes: list[Any] = [None] * len(configs)
    histories: list[list[dict[str, Any]]] = [[] for _ in configs]
    terminal: list[int | None] = [None] * len(configs)
    for epoch in range(1, configs[0].epochs + 1):
        accuracies = program.epoch(epoch)
        for place, index in enumerate(order):
            config, accuracy = configs[index], accuracies[place]
            if outcomes[index] is not None:
                continue
            if accuracy is None:
                outcomes[index] = _diverged(config, epoch, histories[index])
                continue
            if epoch in measured:
                state = program.snapshot(place, epoch)
                line = row(state, epoch=epoch, loss=loss, weight_decay=config.weight_decay)
                histories[index].append(line)
                accuracy = max(accuracy, line["train_accuracy"])
                if observe is not None:
                    observe(index, line, state)
            if terminal[index] is None and accuracy >= TERMINAL_ACCURACY:
                terminal[index] = epoch
            if epoch == config.epochs:
                module = program.modules[place]
                outcomes[index] = Run(config, histories[index], terminal[index], module, state)
        if all(isinstance(outcome, TrainingDiverged) for outcome in outcomes):
            break
    return outcomes


def _rank(config: Config) -> tuple[int, float]:
    return (_STACKED.index(config.batch_norm), config.learning_rate)


def _check(configs: Sequence[Config]) -> None:
    for index, config in enumerate(configs):
        reason = obstacle(config)
        if reason is None and config.batch_norm not in _STACKED:
            reason = f"batch_norm = {config.batch_norm!r}, which is none of {', '.join(_STACKED)}"
        if reason is not None:
            raise InputError(f"train_ensemble: member {index} has {reason}; train it on its own")
        for name in COMMON:
            mine, first = getattr(config, name), getattr(configs[0], name)
            if mine != first:
                raise InputError(
                    f"train_ensemble: member {index} has {name} = {mine!r} and member 0 has {first!r}; the "
                    f"members of one program may differ in {', '.join(VARYING)} only: split them with group()"
                )


def _diverged(config: Config, epoch: int, history: list[dict[str, Any]]) -> TrainingDiverged:
    rate = config.rate_at(epoch)
    return TrainingDiverged(
        f"training {config.label()} diverged in epoch {epoch}: its logits are no longer finite at learning "
        f"rate {rate:g}; take a smaller learning_rate (or a larger batch)",
        epoch=epoch,
        learning_rate=rate,
        history=history,
    )


class Program:
    """The stacked networks, E of them in the order of `_STACKED`, and their optimizer."""

    def __init__(self, configs: Sequence[Config], device: torch.device) -> None:
        self.configs, first = configs, configs[0]
        self.loss = losses.get(first.loss, **first.loss_options)
        dtype = {"float32": torch.float32, "float64": torch.float64}[first.dtype]
        self._load(device, dtype)
        samples = self.samples[0]
        self.modules: list[Any] = [
            networks.build(
                "mlp",
                num_inputs=samples.inputs.shape[1],
                num_classes=samples.num_classes,
                depth=first.depth,
                width=first.width,
                batch_norm=config.batch_norm,
                seed=config.seed,
                device=device,
                dtype=dtype,
            )
            for config in configs
        ]
        self.normed = sum(config.batch_norm != "none" for config in configs)
        count = len(samples.labels)
        batches = -(-count // first.batch_size)
        if count // batches < 2 and self.normed:
            raise InputError(
                f"batch_size = {first.batch_size} with {count} samples leaves a batch of one sample, whose "
                f"variance batch norm cannot divide by; take batches of at least 2"
            )
        self.edges = [count * k // batches for k in range(batches + 1)]
        self.logits = torch.empty((len(configs), count, samples.num_classes), device=device, dtype=dtype)
        # The streams of `train`, one for each seed.
        seeds = {config.seed for config in configs}
        self.shuffles = {s: torch.Generator(device="cpu").manual_seed(s + 2**32) for s in seeds}
        self._stack()
        self._optimize(device)

    def _load(self, device: torch.device, dtype: torch.dtype) -> None:
        """Each distinct data set once, one below the other: inputs (D n, p) and labels (D n,)."""
        loaded: dict[str, tuple[int, Samples]] = {}
        self.samples: list[Samples] = []
        places = []
        for config in self.configs:
            seed = config.seed if config.dataset_seed is None else config.dataset_seed
            key = json.dumps([config.dataset, seed, dict(config.dataset_options)], sort_keys=True)
            if key not in loaded:
                samples = datasets.load(config.dataset, seed=seed, **config.dataset_options)
                loaded[key] = (len(loaded), samples)
            place, samples = loaded[key]
            mine, first = _shape(samples), _shape(self.samples[0] if self.samples else samples)
            if mine != first:
                raise InputError(
                    f"train_ensemble: {config.label()} has (samples, inputs, classes) = {mine} and another "
                    f"member has {first}; the data of one program must have one shape"
                )
            self.samples.append(samples)
            places.append(place)
        arrays = [samples for _, samples in loaded.values()]
        count = len(arrays[0].labels)
        self.inputs = torch.cat([torch.from_numpy(a.inputs).to(device=device, dtype=dtype) for a in arrays])
        self.labels = torch.cat([torch.from_numpy(a.labels).to(device=device) for a in arrays])
        self.offsets = [place * count for place in places]

    def _stack(self) -> None:
        """One (m, ...) tensor for each parameter of the first member: of the m members that have it."""
        self.names = [name for name, _ in self.modules[0].named_parameters()]
        owned = [dict(module.named_parameters()) for module in self.modules]
        self.stacked = {
            name: torch.stack([mine[name].detach() for mine in owned if name in mine]).requires_grad_()
            for name in self.names
        }
        self.decays: dict[str, torch.Tensor] = {}
        rates: dict[str, list[float]] = {name: [] for name in self.names}
        decays: dict[str, list[float]] = {name: [] for name in self.names}
        for config, module in zip(self.configs, self.modules, strict=True):
            groups = parameter_groups(module, weight_decay=config.weight_decay, decay_on=config.decay_on)
            decay = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
            for name, parameter in module.named_parameters():
                decays[name].append(decay[id(parameter)])
                rates[name].append(config.learning_rate)
        for name, values in decays.items():
            if any(values):
                tensor = self.stacked[name]
                shape = (-1, *[1] * (tensor.dim() - 1))
                self.decays[name] = torch.tensor(values, device=tensor.device, dtype=tensor.dtype).view(shape)

    def _optimize(self, device: torch.device) -> None:
        """One optimizer over slices of the stacked tensors: neighbours with one learning rate together."""
        self.slices: list[tuple[str, slice, torch.Tensor]] = []
        groups: dict[float, list[torch.Tensor]] = {}
        for name, tensor in self.stacked.items():
            start = 0
            for rate, run in groupby(self.configs[: len(tensor)], key=lambda config: config.learning_rate):
                part = slice(start, start + len(list(run)))
                view = tensor.detach()[part]
                self.slices.append((name, part, view))
                groups.setdefault(rate, []).append(view)
                start = part.stop
        settings: list[dict[str, Any]] = [
            {"params": views, "lr": rate, "first": rate} for rate, views in groups.items()
        ]
        fused, first = device.type in ("cpu", "cuda"), self.configs[0]
        if first.optimizer == "adam":
            self.optimizer: torch.optim.Optimizer = torch.optim.Adam(settings, fused=fused)
        else:
            self.optimizer = torch.optim.SGD(settings, momentum=first.momentum, fused=fused)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits (E, b, C) of inputs (E, b, p). Features come first inside, (E, width, b): one layer is one
        product without a transposed weight, and the channels of all members are one batch norm's."""
        weights = self.stacked
        h = inputs.transpose(1, 2)
        for layer in range(self.configs[0].depth - 1):
            h = torch.relu(torch.bmm(weights[f"hidden.{layer}.weight"], h))
        head = weights["head.weight"]
        if self.normed == 0:
            logits = torch.bmm(head, h)
        else:
            parts = [self.normed, len(head) - self.normed]
            normed, plain = h.split(parts)
            head_normed, head_plain = head.split(parts)
            logits = torch.bmm(head_normed, self._batch_norm(normed))
            if parts[1]:
                logits = torch.cat([logits, torch.bmm(head_plain, plain)])
        return logits.transpose(1, 2)

    def _batch_norm(self, h: torch.Tensor) -> torch.Tensor:
        """Batch norm of (m, width, b) over the batch, m width channels at once."""
        scale, shift = self.stacked["batch_norm.weight"], self.stacked.get("batch_norm.bias")
        if shift is not None and len(shift) < len(scale):
            shift = torch.cat([shift, shift.new_zeros(len(scale) - len(shift), shift.shape[1])])
        flat = functional.batch_norm(
            h.reshape(1, -1, h.shape[2]),
            None,
            None,
            scale.reshape(-1),
            None if shift is None else shift.reshape(-1),
            training=True,
            eps=self.modules[0].batch_norm.eps,
        )
        return flat.view_as(h)

    def epoch(self, epoch: int) -> list[float | None]:
        """One pass over the data. Returns each member's accuracy on its own batches, None for one whose
        logits are not all finite."""
        for group_ in self.optimizer.param_groups:
            group_["lr"] = self.configs[0].rate_at(epoch) / self.configs[0].learning_rate * group_["first"]
        count = self.logits.shape[1]
        drawn = {s: torch.randperm(count, generator=g, device="cpu") for s, g in self.shuffles.items()}
        rows = [drawn[c.seed] + start for c, start in zip(self.configs, self.offsets, strict=True)]
        order = torch.stack(rows).to(self.labels.device)
        for start, stop in zip(self.edges[:-1], self.edges[1:], strict=True):
            self.step(order[:, start:stop], self.logits[:, start:stop])
        right = (self.logits.argmax(dim=2) == self.labels[order]).double().mean(dim=1).tolist()
        finite = torch.isfinite(self.logits).all(dim=2).all(dim=1).tolist()
        return [mean if sound else None for mean, sound in zip(right, finite, strict=True)]

    def step(self, rows: torch.Tensor, out: torch.Tensor) -> None:
        """One step on the batch of rows (E, b) of the data; its logits go to `out` (E, b, C)."""
        members, size = rows.shape
        rows = rows.reshape(-1)
        logits = self.forward(self.inputs.index_select(0, rows).view(members, size, -1))
        labels = self.labels.index_select(0, rows)
        # The mean over all E b samples times E: every member's gradient is that of its own mean.
        flat = logits.reshape(members * size, -1)
        loss = self.loss.torch_form(torch, logits=flat, labels=labels) * members
        for tensor in self.stacked.values():
            tensor.grad = None
        loss.backward()
        with torch.no_grad():
            for name, decay in self.decays.items():
                tensor = self.stacked[name]
                assert tensor.grad is not None  # every parameter takes part in every step
                tensor.grad.addcmul_(tensor, decay)
        for name, part, view in self.slices:
            gradient = self.stacked[name].grad
            view.grad = None if gradient is None else gradient[part]
        self.optimizer.step()
        out.copy_(logits.detach())

    @torch.no_grad()
    def snapshot(self, place: int, epoch: int) -> Snapshot:
        """The member's weights put back into its own module, measured as `train` does."""
        module, start = self.modules[place], self.offsets[place]
        for name, parameter in module.named_parameters():
            parameter.copy_(self.stacked[name][place])
        for name, buffer in module.named_buffers():
            if name.endswith("num_batches_tracked"):
                buffer.fill_(epoch * (len(self.edges) - 1))
        samples = self.samples[place]
        inputs = self.inputs[start : start + self.logits.shape[1]]
        held_out = None
        if samples.test is not None:
            held_out = (torch.from_numpy(samples.test.inputs).to(inputs), samples.test.labels)
        return snapshot(module, inputs=inputs, labels=samples.labels, test=held_out)


def _shape(samples: Samples) -> tuple[int, int, int]:
    return (*samples.inputs.shape, samples.num_classes)
