# SPDX-License-Identifier: MIT
"""Train one network and measure it at log-spaced epochs.

Every option is a choice of the run; the same choices and seed give the same numbers. With --save the last
layer goes to an .npz file that the measure command reads.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

from simulations.configuration import DECAYED, OPTIMIZERS, Config
from simulations.errors import InputError

_DEFAULTS = Config(depth=3, width=128, learning_rate=5e-3, epochs=120)
_BATCH_NORMS = ("none", "affine", "scale-only")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    add = parser.add_argument
    add("--dataset", default=_DEFAULTS.dataset, help="default: %(default)s")
    add("--per-class", type=int, metavar="N", help="images of each class, for image data")
    add("--points", type=int, metavar="N", help="points in all, for synthetic data")
    add("--network", default=_DEFAULTS.network, help="default: %(default)s")
    add("--depth", type=int, default=_DEFAULTS.depth, help="linear layers, classifier included (%(default)s)")
    add("--width", type=int, default=_DEFAULTS.width, help="hidden units of a layer (%(default)s)")
    add("--batch-norm", choices=_BATCH_NORMS, default=_DEFAULTS.batch_norm, help="before the classifier")
    add("--loss", default=_DEFAULTS.loss, help="default: %(default)s")
    add("--optimizer", choices=OPTIMIZERS, default=_DEFAULTS.optimizer, help="default: %(default)s")
    add("--learning-rate", type=float, default=_DEFAULTS.learning_rate, help="default: %(default)s")
    add("--momentum", type=float, default=_DEFAULTS.momentum, help="of sgd (%(default)s)")
    add("--weight-decay", type=float, default=_DEFAULTS.weight_decay, help="default: %(default)s")
    add("--decay-on", choices=DECAYED, default=_DEFAULTS.decay_on, help="what is decayed (%(default)s)")
    add("--epochs", type=int, default=_DEFAULTS.epochs, help="default: %(default)s")
    add("--batch-size", type=int, default=_DEFAULTS.batch_size, help="default: %(default)s")
    add("--measurements", type=int, default=_DEFAULTS.measurements, help="about how many (%(default)s)")
    add("--seed", type=int, default=_DEFAULTS.seed, help="default: %(default)s")
    add("--device", default="auto", help="cpu, cuda, mps, or auto: the first there is of cuda, mps, cpu")
    add("--save", type=Path, metavar="FILE.npz", help="write features, labels and weight of the end")
    add("--json", action="store_true", help="one JSON object on standard output")


def run(args: argparse.Namespace) -> int:
    """Train and print. Raises InputError for bad choices and BoundViolation for a violated guarantee."""
    config = _config(args)
    if args.save is not None and args.save.suffix != ".npz":
        raise InputError(f"--save {args.save}: the name of an .npz file is required")
    import torch

    from simulations import comparison
    from simulations.devices import choose
    from simulations.evaluation import Snapshot
    from simulations.training import train

    device = choose(args.device)
    torch.set_num_threads(1 if device.type == "cpu" else torch.get_num_threads())
    violations = Path("violations")

    def observe(line: dict[str, Any], state: Snapshot) -> None:
        collapse = line["collapse"]
        print(
            f"epoch {line['epoch']:>5}  accuracy {line['train_accuracy']:.4f}  "
            f"loss {line['train_loss']:.4g}  "
            f"within-class variability {collapse['within_class_variability']:.4g}",
            file=sys.stderr,
        )
        label = f"train-epoch-{line['epoch']}"
        comparison.check(collapse, arrays=state.arrays(config.weight_decay), save_to=violations, label=label)

    result = train(config, device=device, observe=observe)
    if args.save is not None:
        _save(args.save, result.final.arrays(config.weight_decay))
    if args.json:
        content = {
            "config": config.to_dict(),
            "terminal_phase_epoch": result.terminal_phase_epoch,
            "history": result.history,
        }
        print(json.dumps(content, allow_nan=False))
    else:
        started = result.terminal_phase_epoch
        print(f"terminal phase (99.9 % training accuracy): {'not reached' if started is None else started}")
        from simulations.measurement import measure

        arrays: dict[str, Any] = result.final.arrays(config.weight_decay)
        print(measure(**arrays))
    return 0


def _config(args: argparse.Namespace) -> Config:
    options = {
        name: getattr(args, name) for name in ("per_class", "points") if getattr(args, name) is not None
    }
    chosen = {name: getattr(args, name) for name in _DEFAULTS.to_dict() if hasattr(args, name)}
    return Config.from_dict({**chosen, "dataset_options": options})


def _save(path: Path, arrays: dict[str, Any]) -> None:
    import numpy as np

    from simulations.sweeps.store import write_atomically

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise InputError(f"--save {path}: {error.strerror}") from error
