# SPDX-License-Identifier: MIT
"""The one training loop: a `Config` in, a history of exact measurements out; two runs give the same bytes.

Batches are slices of a permutation drawn once an epoch, the logits of an epoch are kept in one buffer, and
nothing is synchronised within an epoch. The optimizers are PyTorch's fused ones: the fastest on small
networks, with coupled decay. All randomness comes from generators seeded by the configuration, and every
tensor names its device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from simulations import losses
from simulations.configuration import Config, TrainingDiverged
from simulations.datasets import Samples
from simulations.errors import InputError
from simulations.evaluation import Snapshot, row, snapshot
from simulations.training._assembly import build_network, forward_pass, load_samples, optimizer
from simulations.training._parameters import parameter_groups
from simulations.training.checkpoint import EVERY, Keeper, Progress

__all__ = [
    "TERMINAL_ACCURACY",
    "ZERO_ERROR",
    "Observer",
    "Run",
    "build_network",
    "load_samples",
    "parameter_groups",
    "train",
]

# Papyan, Han & Donoho 2020: the terminal phase of training begins at 99.9 % training accuracy.
TERMINAL_ACCURACY = 0.999
ZERO_ERROR = "zero-error"

Observer = Callable[[dict[str, Any], Snapshot], None]


@dataclass(frozen=True)
class Run:
    """A finished run.

    history: one dictionary per measured epoch (see `simulations.evaluation.row`). terminal_phase_epoch: the
    first epoch in which the training accuracy reached 99.9 %, counted on the epoch's own batches or, at
    measured epochs, on the whole training set; None if it never did. zero_error_epoch: the first epoch with
    no error on its own batches or at a measurement after which the network, batch-norm statistics exact,
    classifies every training sample rightly; None if there was none. module: the trained network, batch-norm
    statistics exact.
    """

    config: Config
    history: list[dict[str, Any]]
    terminal_phase_epoch: int | None
    module: torch.nn.Module
    final: Snapshot
    zero_error_epoch: int | None = None


def train(
    config: Config,
    *,
    device: str | torch.device = "cpu",
    observe: Observer | None = None,
    checkpoint: Path | str | None = None,
    checkpoint_every: int = EVERY,
    resume: bool = False,
) -> Run:
    """Train one network and measure it at log-spaced epochs.

    With held-out samples (`test` among the dataset_options) every row has their numbers, and the epoch of
    zero training error is measured as well: its row, an extra one unless the epoch is measured anyway, has
    "event": "zero-error".

    observe: called as observe(row, snapshot) after each measurement; an exception in it ends the run.
    checkpoint: a file that takes the whole state of the run every `checkpoint_every` epochs, and the last
    whole epoch when the run is ended by an exception or an interrupt. resume: go on from that file if it
    exists; rows that it holds are in the history, but not shown to observe again.
    Raises InputError for names, sizes or options out of range and for a checkpoint that cannot be used, and
    TrainingDiverged, with the history so far, when the loss is no longer finite.
    """
    device = torch.device(device)
    dtype = {"float32": torch.float32, "float64": torch.float64}[config.dtype]
    samples = load_samples(config)
    module = build_network(config, samples, device=device, dtype=dtype)
    loop = _Loop(config, module, losses.get(config.loss, **config.loss_options), samples, device, dtype)
    keeper = None
    progress = Progress()
    if checkpoint is not None:
        keeper = Keeper(
            Path(checkpoint),
            config=config,
            samples=samples,
            state={"module": module, "optimizer": loop.optimizer, "scaler": loop.scaler},
            generator=loop.shuffle,
            device=device,
            every=checkpoint_every,
        )
        progress = keeper.begin(resume=resume)
    elif resume:
        raise InputError("resume = True without a checkpoint; name the file to go on from")
    try:
        state = _epochs(loop, progress, keeper, observe)
    except BaseException as error:
        if keeper is not None:
            keeper.rescue()
        if isinstance(error, TrainingDiverged):
            raise _with_history(error, progress, keeper) from None
        raise
    if state is None:  # the checkpoint was that of a finished run
        state = loop.measure()
    return Run(
        config, progress.history, progress.terminal_phase_epoch, module, state, progress.zero_error_epoch
    )


def _epochs(
    loop: _Loop, progress: Progress, keeper: Keeper | None, observe: Observer | None
) -> Snapshot | None:
    """Train and measure from where `progress`, which is brought forward, stands; the last measurement."""
    last = loop.config.epochs
    state: Snapshot | None = None
    for epoch in range(progress.epoch + 1, last + 1):
        state = record(loop, progress, epoch, loop.epoch(epoch), observe) or state
        if keeper is not None:
            keeper.commit(progress, last=epoch == last)
    return state


def record(
    loop: _Loop, progress: Progress, epoch: int, accuracy: float, observe: Observer | None
) -> Snapshot | None:
    """What follows an epoch with that accuracy on its own batches: measure, if it is to be measured, bring
    `progress` forward, and return the measurement."""
    config = loop.config
    measured = epoch in config.measured_epochs()
    known = loop.measure() if measured else None
    if known is not None:
        accuracy = max(accuracy, known.accuracy)
    zero = False
    if progress.zero_error_epoch is None and accuracy == 1.0:
        known = known or loop.measure()
        zero = known.accuracy == 1.0
        progress.zero_error_epoch = epoch if zero else None
    event = {"event": ZERO_ERROR} if zero and loop.test is not None else {}
    if measured or event:
        assert known is not None  # measured in both cases
        line = row(known, epoch=epoch, loss=loop.loss, weight_decay=config.weight_decay) | event
        if config.robustness_samples and (event or epoch == config.epochs):
            line["robustness"] = loop.robustness()
        progress.history.append(line)
        if observe is not None:
            observe(line, known)
    if progress.terminal_phase_epoch is None and accuracy >= TERMINAL_ACCURACY:
        progress.terminal_phase_epoch = epoch
    progress.epoch = epoch
    return known


def _with_history(error: TrainingDiverged, progress: Progress, keeper: Keeper | None) -> TrainingDiverged:
    """The same error with what was measured before it, and the file of the last good state."""
    kept = f"; {keeper.file} holds the network after epoch {keeper.written}" if keeper is not None else ""
    return TrainingDiverged(
        f"{error}{kept}",
        epoch=error.epoch,
        batch=error.batch,
        learning_rate=error.learning_rate,
        history=progress.history,
        checkpoint=None if keeper is None else keeper.file,
    )


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
        self.config, self.module, self.loss, self.samples = config, module, loss, samples
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
        self.losses = torch.empty(batches, device=device, dtype=dtype)
        # A stream of its own, apart from the one that the initial weights were drawn from.
        self.shuffle = torch.Generator(device="cpu").manual_seed(config.seed + 2**32)
        self.optimizer = optimizer(config, module, self.inputs[:2])
        self.call, self.autocast, self.scaler = forward_pass(config, module, device)

    def epoch(self, epoch: int) -> float:
        """One pass over the data. Returns the accuracy on its own batches; raises TrainingDiverged."""
        rate = self.config.rate_at(epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        order = torch.randperm(len(self.labels), generator=self.shuffle, device="cpu").to(self.labels.device)
        inputs, labels = self.inputs[order], self.labels[order]
        self.module.train()
        try:
            for number, (start, stop) in enumerate(zip(self.edges[:-1], self.edges[1:], strict=True)):
                with self.autocast:
                    logits = self.call(inputs[start:stop])
                logits = logits.to(self.logits.dtype)
                loss = self.loss.torch_form(torch, logits=logits, labels=labels[start:stop])
                self.optimizer.zero_grad(set_to_none=True)
                self._step(loss)
                self.logits[start:stop] = logits.detach()
                self.losses[number] = loss.detach()
        except Exception as error:
            if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
                raise InputError(
                    f"compile = True: torch.compile cannot compile this network on this machine "
                    f"({next(iter(str(error).splitlines()), type(error).__name__)}); leave it out"
                ) from error
            raise
        self._check_finite(epoch, rate)
        return float((self.logits.argmax(dim=1) == labels).double().mean())

    def measure(self) -> Snapshot:
        """The network as it is now, on all samples."""
        return snapshot(self.module, inputs=self.inputs, labels=self.samples.labels, test=self.test)

    def robustness(self) -> dict[str, Any]:
        """`simulations.robustness.Robustness.to_dict` of the first held-out samples of each class, as it is
        now."""
        from simulations.robustness import balanced, deepfool

        assert self.test is not None  # Config requires it
        inputs, labels = self.test
        return deepfool(self.module, inputs[balanced(labels, self.config.robustness_samples)]).to_dict()

    def _step(self, loss: torch.Tensor) -> None:
        if self.scaler is None:
            loss.backward()
            self.optimizer.step()
            return
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def _check_finite(self, epoch: int, rate: float) -> None:
        """Raise TrainingDiverged, saying in which batch, unless losses, logits and weights are finite."""
        count = len(self.edges) - 1
        if bool(torch.isfinite(self.logits).all() & torch.isfinite(self.losses).all()):
            if all(bool(torch.isfinite(p).all()) for p in self.module.parameters()):
                return
            batch, what = count, f"the weights after its last batch, {count} of {count}, are"
        else:
            parts = zip(self.edges[:-1], self.edges[1:], strict=True)
            finite = [
                bool(torch.isfinite(self.logits[start:stop]).all() & torch.isfinite(loss))
                for (start, stop), loss in zip(parts, self.losses, strict=True)
            ]
            batch = 1 + finite.index(False)
            what = f"the loss of batch {batch} of {count} is"
        raise TrainingDiverged(
            f"training {self.config.label()} diverged in epoch {epoch}: {what} not finite at learning rate "
            f"{rate:g}; take a smaller learning_rate (or a larger batch)",
            epoch=epoch,
            batch=batch,
            learning_rate=rate,
        )
