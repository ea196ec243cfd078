# SPDX-License-Identifier: MIT
"""Many perceptrons of one shape trained as one batched program: stacked weights, one matrix product for all.

Every member starts from the weights and sees the batches that `simulations.training.train` would give it, and
is measured by the same code. Only the order of floating-point sums differs, so a member agrees with its own
sequential run up to rounding, which training amplifies as it does any change of the initial weights in their
last bit. Measured as the largest difference of a weight relative to the largest of its layer, depth 4, Adam
at 1e-3, batches of 128 of 2000 conic-hull points, in brackets that of a sequential run whose initial weights
were moved by one unit in the last place: at width 300 with batch norm after 64 steps 3e-12 (1e-12) in float64
and 9e-2 (6e-2) in float32; without batch norm 3e-15 (1e-14) and 1e-6 (4e-6). A float64 member is thus its
sequential run; a float32 member is, with batch norm, soon another run of the same experiment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from functools import partial
from typing import Any

import torch

from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.evaluation import Snapshot
from simulations.networks import BATCH_NORMS
from simulations.training._stacked import Program, ShapesDiffer, rank
from simulations.training.checkpoint import Progress
from simulations.training.loop import Run, record

__all__ = ["COMMON", "VARYING", "ShapesDiffer", "group", "obstacle", "train_ensemble"]

# What the members of one program may differ in, and what they must have in common.
VARYING = (
    "seed",
    "dataset",
    "dataset_options",
    "dataset_seed",
    "batch_norm",
    "gamma_norm",
    "weight_decay",
    "decay_on",
    "decay_groups",
    "learning_rate",
    "measurements",
    "robustness_samples",
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
    "epochs",
    "batch_size",
    "dtype",
)

# Called with the index of the member, a row of its history and what the row was measured on.
EnsembleObserver = Callable[[int, dict[str, Any], Snapshot], None]


def obstacle(config: Config) -> str | None:
    """Why this run cannot be a member of any batched program, in words; None when it can."""
    if config.network != "mlp":
        return f"network = {config.network!r}, and only 'mlp' is batched"
    if config.batch_norm not in BATCH_NORMS:
        return f"batch_norm = {config.batch_norm!r}, which is none of {', '.join(BATCH_NORMS)}"
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
    configs: Sequence[Config],
    *,
    device: str | torch.device = "cpu",
    observe: EnsembleObserver | None = None,
) -> list[Run | TrainingDiverged]:
    """Train all `configs` as one program; what became of each, in their order.

    The members are perceptrons ("mlp") that share the fields `COMMON` and the shape of their data, and may
    differ in the fields `VARYING`. A member that diverges is returned as the TrainingDiverged that `train`
    would raise; the others do not notice. observe: called as observe(index, row, snapshot) after each
    measurement; an exception in it ends the whole program.
    Raises InputError, naming the first difference, for members that cannot be one program: ShapesDiffer, a
    kind of it, where that is the shape of their data alone, which may follow from the seed.
    """
    if not configs:
        return []
    _check(configs)
    order = sorted(range(len(configs)), key=lambda index: rank(configs[index]))
    program = Program([configs[index] for index in order], torch.device(device))
    watch = [None if observe is None else partial(observe, index) for index in order]
    progress = [Progress() for _ in order]
    outcomes: dict[int, Run | TrainingDiverged] = {}
    last = configs[0].epochs
    for epoch in range(1, last + 1):
        for place, accuracy in enumerate(program.epoch(epoch)):
            if order[place] in outcomes:
                continue  # it has diverged before
            if isinstance(accuracy, TrainingDiverged):
                accuracy.history = progress[place].history
                outcomes[order[place]] = accuracy
                continue
            state = record(program.loops[place], progress[place], epoch, accuracy, watch[place])
            if epoch == last:
                assert state is not None  # the last epoch is always measured
                outcomes[order[place]] = Run(
                    config=configs[order[place]],
                    history=progress[place].history,
                    terminal_phase_epoch=progress[place].terminal_phase_epoch,
                    module=program.release(place, last),
                    final=state,
                    zero_error_epoch=progress[place].zero_error_epoch,
                )
        if len(outcomes) == len(order):
            break
    return [outcomes[index] for index in range(len(configs))]


def _check(configs: Sequence[Config]) -> None:
    for index, config in enumerate(configs):
        reason = obstacle(config)
        if reason is not None:
            raise InputError(f"train_ensemble: member {index} has {reason}; train it on its own")
        for name in COMMON:
            mine, first = getattr(config, name), getattr(configs[0], name)
            if mine != first:
                raise InputError(
                    f"train_ensemble: member {index} has {name} = {mine!r} and member 0 has {first!r}; the "
                    f"members of one program may differ in {', '.join(VARYING)} only: split them with group()"
                )
