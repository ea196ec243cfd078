# SPDX-License-Identifier: MIT
"""The batched program of an ensemble: stacked weights, one matrix product a layer for all members.

Each member keeps the `_Loop` that `train` would run. Its network, data, random stream, decays, measurements
and errors are that loop's own, on memory shared with the stack; only the steps are taken together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import torch
from torch.nn import functional

from simulations import losses
from simulations.configuration import Config, TrainingDiverged
from simulations.datasets import Samples
from simulations.errors import InputError
from simulations.training.loop import _Loop, build_network, load_samples

# Members are stacked in this order, so that those with a batch norm, and those with its bias, come first.
_NORMS = ("affine", "scale-only", "none")


class ShapesDiffer(InputError):
    """The members' data, known only once they are drawn, have not one shape; each can be trained alone."""


def rank(config: Config) -> tuple[int, bool, float]:
    """Sorting by this puts together what is computed or updated together."""
    return (_NORMS.index(config.batch_norm), config.gamma_norm is not None, config.learning_rate)


class Program:
    """E perceptrons in the order of `rank`, on one device. Raises ShapesDiffer where their data do."""

    def __init__(self, configs: Sequence[Config], device: torch.device) -> None:
        self.config = configs[0]
        dtype = {"float32": torch.float32, "float64": torch.float64}[self.config.dtype]
        self.loss = losses.get(self.config.loss, **self.config.loss_options)
        self.normed = sum(config.batch_norm != "none" for config in configs)
        self._make_loops(configs, device, dtype)
        self._stack_parameters()
        self._make_optimizer(device)

    def _make_loops(self, configs: Sequence[Config], device: torch.device, dtype: torch.dtype) -> None:
        """The members' loops; members with the same data share them in memory."""
        kept: dict[str, tuple[int, Samples, _Loop]] = {}
        self.loops: list[_Loop] = []
        places: list[int] = []
        for config in configs:
            seed = config.seed if config.dataset_seed is None else config.dataset_seed
            key = json.dumps([config.dataset, seed, dict(config.dataset_options)], sort_keys=True)
            samples = kept[key][1] if key in kept else load_samples(config)
            if self.loops and (mine := _shape(samples)) != (first := _shape(self.loops[0].samples)):
                raise ShapesDiffer(
                    f"train_ensemble: {config.label()} has (samples, inputs, classes) = {mine} and another "
                    f"member has {first}; the data of one program must have one shape"
                )
            module = build_network(config, samples, device=device, dtype=dtype)
            loop = _Loop(config, module, self.loss, samples, device, dtype)
            place, _, same = kept.setdefault(key, (len(kept), samples, loop))
            loop.inputs, loop.labels, loop.test = same.inputs, same.labels, same.test
            self.loops.append(loop)
            places.append(place)
        count = len(self.loops[0].labels)
        # Every distinct data set once, one below the other.
        self.inputs = torch.cat([loop.inputs for _, _, loop in kept.values()])
        self.labels = torch.cat([loop.labels for _, _, loop in kept.values()])
        self.offsets = [place * count for place in places]
        self.edges = self.loops[0].edges
        self.logits = self.loops[0].logits.new_empty((len(configs), *self.loops[0].logits.shape))
        self.losses = torch.empty_like(self.loops[0].losses)
        for place, loop in enumerate(self.loops):
            start = self.offsets[place]
            loop.inputs, loop.labels = self.inputs[start : start + count], self.labels[start : start + count]
            loop.logits = self.logits[place]

    def _stack_parameters(self) -> None:
        """One (m, ...) tensor for each parameter of the first member: of the m members that have it, which
        from now on hold views of it."""
        self.stacked: dict[str, torch.Tensor] = {}
        self.decays: dict[str, torch.Tensor] = {}
        decays = [
            {id(p): group["weight_decay"] for group in loop.optimizer.param_groups for p in group["params"]}
            for loop in self.loops
        ]
        owned = [dict(loop.module.named_parameters()) for loop in self.loops]
        self.trained: dict[str, list[bool]] = {}
        for name in owned[0]:
            parts = [mine[name] for mine in owned if name in mine]
            # What is in no group of its optimizer is held constant.
            self.trained[name] = [id(part) in decay for part, decay in zip(parts, decays, strict=False)]
            values = [decay.get(id(part), 0.0) for part, decay in zip(parts, decays, strict=False)]
            stack = torch.stack([part.detach() for part in parts])
            for part, view in zip(parts, stack, strict=True):
                part.data = view
            self.stacked[name] = stack.requires_grad_()
            if any(values):
                self.decays[name] = stack.new_tensor(values).view(-1, *[1] * (stack.dim() - 1))

    def _make_optimizer(self, device: torch.device) -> None:
        """One optimizer over slices of the stacks: trained neighbours with one learning rate together."""
        self.slices: list[tuple[str, slice, torch.Tensor]] = []
        groups: dict[float, list[torch.Tensor]] = {}
        rates = [loop.config.learning_rate for loop in self.loops]
        for name, stack in self.stacked.items():
            start = 0
            kinds = zip(rates, self.trained[name], strict=False)
            for (rate, trained), run in groupby(kinds):
                part = slice(start, start := start + len(list(run)))
                if trained:
                    view = stack.detach()[part]
                    self.slices.append((name, part, view))
                    groups.setdefault(rate, []).append(view)
        settings: list[dict[str, Any]] = [
            {"params": views, "lr": rate, "full_rate": rate} for rate, views in groups.items()
        ]
        fused = device.type in ("cpu", "cuda")
        if self.config.optimizer == "adam":
            self.optimizer: torch.optim.Optimizer = torch.optim.Adam(settings, fused=fused)
        else:
            self.optimizer = torch.optim.SGD(settings, momentum=self.config.momentum, fused=fused)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits (E, b, C) of inputs (E, b, p).

        Features come first inside, (E, width, b): a layer is one product without a transposed weight, and the
        channels of all members are those of one batch norm.
        """
        h = inputs.transpose(1, 2)
        for layer in range(self.config.depth - 1):
            h = torch.relu(torch.bmm(self.stacked[f"hidden.{layer}.weight"], h))
        head = self.stacked["head.weight"]
        if self.normed == 0:
            return torch.bmm(head, h).transpose(1, 2)
        sizes = [self.normed, len(head) - self.normed]
        (normed, plain), (head_normed, head_plain) = h.split(sizes), head.split(sizes)
        logits = torch.bmm(head_normed, self._batch_norm(normed))
        if sizes[1]:
            logits = torch.cat([logits, torch.bmm(head_plain, plain)])
        return logits.transpose(1, 2)

    def _batch_norm(self, h: torch.Tensor) -> torch.Tensor:
        """Batch norm of (m, width, b) over the batch, m times width channels at once."""
        scale, shift = self.stacked["batch_norm.weight"], self.stacked.get("batch_norm.bias")
        if shift is not None and len(shift) < len(scale):
            shift = torch.cat([shift, shift.new_zeros(len(scale) - len(shift), shift.shape[1])])
        norm: Any = self.loops[0].module.batch_norm
        return functional.batch_norm(
            h.reshape(1, -1, h.shape[2]),
            None,
            None,
            scale.reshape(-1),
            None if shift is None else shift.reshape(-1),
            training=True,
            eps=norm.eps,
        ).view_as(h)

    def step(self, number: int, rows: torch.Tensor) -> None:
        """Step `number` (from 0) of an epoch, on the batch of rows (E, b) of the data."""
        members, size = rows.shape
        flat = rows.reshape(-1)
        logits = self.forward(self.inputs.index_select(0, flat).view(members, size, -1))
        labels = self.labels.index_select(0, flat)
        # The mean over all E b samples times E: the gradient of a member is that of its own mean.
        mean = self.loss.torch_form(torch, logits=logits.reshape(members * size, -1), labels=labels)
        for stack in self.stacked.values():
            stack.grad = None
        (mean * members).backward()
        with torch.no_grad():
            for name, decay in self.decays.items():
                self._gradient(name).addcmul_(self.stacked[name], decay)
        for name, part, view in self.slices:
            view.grad = self._gradient(name)[part]
        self.optimizer.step()
        self.logits[:, self.edges[number] : self.edges[number + 1]] = logits.detach()
        self.losses[number] = mean.detach()

    def _gradient(self, name: str) -> torch.Tensor:
        gradient = self.stacked[name].grad
        assert gradient is not None  # every parameter takes part in every step
        return gradient

    def epoch(self, epoch: int) -> list[float | TrainingDiverged]:
        """One pass over the data: each member's accuracy on its own batches, or how it diverged."""
        factor = self.config.rate_at(epoch) / self.config.learning_rate
        for group in self.optimizer.param_groups:
            group["lr"] = factor * group["full_rate"]
        order = self._shuffled()
        for number, (start, stop) in enumerate(pairwise(self.edges)):
            self.step(number, order[:, start:stop])
        right = (self.logits.argmax(dim=2) == self.labels[order]).double().mean(dim=1).tolist()
        finite = torch.isfinite(self.logits).all(dim=2).all(dim=1)
        for stack in self.stacked.values():
            finite[: len(stack)] &= torch.isfinite(stack.detach()).flatten(1).all(dim=1)
        suspects = ~finite if bool(torch.isfinite(self.losses).all()) else torch.ones_like(finite)
        for place in suspects.nonzero().flatten().tolist():
            right[place] = self._diverged(place, epoch, order[place]) or right[place]
        return right

    def _shuffled(self) -> torch.Tensor:
        """Each member's rows of the data in its own order, (E, n)."""
        count = self.logits.shape[1]
        # Members with one seed draw the same: it is drawn once.
        drawn: dict[int, torch.Tensor] = {}
        rows = []
        for loop, start in zip(self.loops, self.offsets, strict=True):
            seed = loop.config.seed
            if seed not in drawn:
                drawn[seed] = torch.randperm(count, generator=loop.shuffle, device="cpu")
            rows.append(drawn[seed] + start)
        return torch.stack(rows).to(self.labels.device)

    def _diverged(self, place: int, epoch: int, rows: torch.Tensor) -> TrainingDiverged | None:
        """What its own loop says of a member's epoch, from the logits and labels of its batches."""
        loop = self.loops[place]
        for number, (start, stop) in enumerate(pairwise(self.edges)):
            loop.losses[number] = self.loss.torch_form(
                torch, logits=loop.logits[start:stop], labels=self.labels[rows[start:stop]]
            )
        try:
            loop._check_finite(epoch, loop.config.rate_at(epoch))
        except TrainingDiverged as error:
            return error
        return None

    def release(self, place: int, epochs: int) -> torch.nn.Module:
        """The member's network with memory of its own, as `epochs` epochs of training leave it."""
        module = self.loops[place].module
        for parameter in module.parameters():
            parameter.data = parameter.data.clone()
        for name, buffer in module.named_buffers():
            if name.endswith("num_batches_tracked"):
                buffer.fill_(epochs * (len(self.edges) - 1))
        return module


def _shape(samples: Samples) -> tuple[int, int, int]:
    count, inputs = samples.inputs.shape
    return count, inputs, samples.num_classes
