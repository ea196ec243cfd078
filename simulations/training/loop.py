# SPDX-License-Identifier: MIT
"""The one training loop: a `Config` in, a history of exact measurements out; two runs give the same bytes.

Batches are slices of a permutation drawn once an epoch, the logits of an epoch are kept in one buffer, and
nothing is synchronised within an epoch. The optimizers are PyTorch's fused ones: the fastest on small
networks, with coupled decay. All randomness comes from generators seeded by the configuration, and every
tensor names its device.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from simulations import datasets, losses, networks
from simulations.configuration import Config, TrainingDiverged
from simulations.datasets import Samples
from simulations.errors import InputError
from simulations.evaluation import Snapshot, row, snapshot
from simulations.networks._inspection import hypotheses

# Papyan, Han & Donoho 2020: the terminal phase of training begins at 99.9 % training accuracy.
TERMINAL_ACCURACY = 0.999

Observer = Callable[[dict[str, Any], Snapshot], None]


@dataclass(frozen=True)
class Run:
    """A finished run.

    history: one dictionary per measured epoch (see `simulations.evaluation.row`). terminal_phase_epoch: the
    first epoch in which the training accuracy reached 99.9 %, counted on the epoch's own batches or, at
    measured epochs, on the whole training set; None if it never did. module: the trained network, batch-norm
    statistics exact.
    """

    config: Config
    history: list[dict[str, Any]]
    terminal_phase_epoch: int | None
    module: torch.nn.Module
    final: Snapshot


def train(config: Config, *, device: str | torch.device = "cpu", observe: Observer | None = None) -> Run:
    """Train one network and measure it at log-spaced epochs.

    observe: called as observe(row, snapshot) after each measurement; an exception in it ends the run.
    Raises InputError for names, sizes or options out of range, and TrainingDiverged when the loss is no
    longer finite.
    """
    device = torch.device(device)
    dtype = {"float32": torch.float32, "float64": torch.float64}[config.dtype]
    data_seed = config.seed if config.dataset_seed is None else config.dataset_seed
    samples = datasets.load(config.dataset, seed=data_seed, **config.dataset_options)
    module = networks.build(
        config.network,
        num_inputs=_shape(config.network, samples),
        num_classes=samples.num_classes,
        depth=config.depth,
        width=config.width,
        batch_norm=config.batch_norm,
        seed=config.seed,
        device=device,
        dtype=dtype,
        options=config.network_options,
    )
    loss = losses.get(config.loss, **config.loss_options)
    loop = _Loop(config, module, loss, samples, device, dtype)
    measured = set(config.measured_epochs())
    history: list[dict[str, Any]] = []
    terminal: int | None = None
    state: Snapshot | None = None
    for epoch in range(1, config.epochs + 1):
        accuracy = loop.epoch(epoch)
        if epoch in measured:
            state = snapshot(module, inputs=loop.inputs, labels=samples.labels, test=loop.test)
            history.append(row(state, epoch=epoch, loss=loss, weight_decay=config.weight_decay))
            accuracy = max(accuracy, history[-1]["train_accuracy"])
            if observe is not None:
                observe(history[-1], state)
        if terminal is None and accuracy >= TERMINAL_ACCURACY:
            terminal = epoch
    assert state is not None  # the last epoch is always measured
    return Run(config, history, terminal, module, state)


def _shape(network: str, samples: Samples) -> int | tuple[int, int, int]:
    """What a network is told of its inputs: their shape where they are images and it takes one, else their
    number."""
    takes = inspect.signature(networks.get(network).build).parameters["num_inputs"].annotation
    if samples.image_shape is not None and "Sequence" in str(takes):
        return samples.image_shape
    return samples.inputs.shape[1]


def parameter_groups(module: torch.nn.Module, *, weight_decay: float, decay_on: str) -> list[dict[str, Any]]:
    """Optimizer groups: coupled decay on "all" parameters, or on the "last-layer" only.

    The last layer is found by inspection: the matrix that makes the logits and, where the features come
    straight from a batch norm, that batch norm's scale gamma. Its decay is that of Pan & Cao 2023, Theorem
    2.2: (lambda / 2)(||gamma||^2 + ||W||_F^2).
    """
    if decay_on == "all":
        return [{"params": list(module.parameters()), "weight_decay": weight_decay}]
    met = hypotheses(module)
    if met.head_weight is None:
        raise InputError(
            f"decay on the last layer was asked, but {'; '.join(met.notes)}: there is no last layer to decay"
        )
    last = [met.head_weight] + ([] if met.gamma is None else [met.gamma])
    rest = [p for p in module.parameters() if all(p is not q for q in last)]
    groups = [{"params": last, "weight_decay": weight_decay}]
    return groups + ([{"params": rest, "weight_decay": 0.0}] if rest else [])


class _Loop:
    """The state of a run between epochs."""

    def __init__(
        self,
        config: Config,
        module: torch.nn.Module,
        loss: losses.Loss,
        samples: Samples,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.config, self.module, self.loss = config, module, loss
        self.inputs = torch.from_numpy(samples.inputs).to(device=device, dtype=dtype)
        self.labels = torch.from_numpy(samples.labels).to(device=device)
        self.test = None
        if samples.test is not None:
            held_out = torch.from_numpy(samples.test.inputs).to(device=device, dtype=dtype)
            self.test = (held_out, samples.test.labels)
        count = len(self.labels)
        batches = -(-count // config.batch_size)
        if count // batches < 2 and config.batch_norm != "none":
            raise InputError(
                f"batch_size = {config.batch_size} with {count} samples leaves a batch of one sample, whose "
                f"variance batch norm cannot divide by; take batches of at least 2"
            )
        # Batches of nearly equal size: no last batch that is too small for a batch norm or weighs its
        # samples more.
        self.edges = [count * k // batches for k in range(batches + 1)]
        self.logits = torch.empty((count, samples.num_classes), device=device, dtype=dtype)
        # A stream of its own, apart from the one that the initial weights were drawn from.
        self.shuffle = torch.Generator(device="cpu").manual_seed(config.seed + 2**32)
        groups = parameter_groups(module, weight_decay=config.weight_decay, decay_on=config.decay_on)
        # The fused CPU and CUDA kernels make their step counters on the parameters' own device.
        fused = device.type in ("cpu", "cuda")
        if config.optimizer == "adam":
            self.optimizer: torch.optim.Optimizer = torch.optim.Adam(
                groups, lr=config.learning_rate, fused=fused
            )
        else:
            self.optimizer = torch.optim.SGD(
                groups, lr=config.learning_rate, momentum=config.momentum, fused=fused
            )

    def epoch(self, epoch: int) -> float:
        """One pass over the data. Returns the accuracy on its own batches; raises TrainingDiverged."""
        rate = self.config.rate_at(epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        order = torch.randperm(len(self.labels), generator=self.shuffle, device="cpu").to(self.labels.device)
        inputs, labels = self.inputs[order], self.labels[order]
        self.module.train()
        for start, stop in zip(self.edges[:-1], self.edges[1:], strict=True):
            logits = self.module(inputs[start:stop])
            loss = self.loss.torch_form(torch, logits=logits, labels=labels[start:stop])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.logits[start:stop] = logits.detach()
        if not bool(torch.isfinite(self.logits).all()):
            raise TrainingDiverged(
                f"training {self.config.label()} diverged in epoch {epoch}: its logits are no longer finite "
                f"at learning rate {rate:g}; take a smaller learning_rate (or a larger batch)"
            )
        return float((self.logits.argmax(dim=1) == labels).double().mean())
