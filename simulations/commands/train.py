# SPDX-License-Identifier: MIT
"""Train one network and measure it at log-spaced epochs.

Every option is a choice of the run; the same choices and seed give the same numbers. A protocol sets those
that a paper fixed; an option that is given beats it. With --save the last layer goes to an .npz file that the
measure command reads. With --checkpoint a run that is interrupted or killed goes on by --resume, to the same
bytes on a CPU. What is in brackets is taken where an option is left out.

Exit status: 0 for a finished run, 1 if a proved guarantee is violated, which is an error in the toolkit (the
last layer is then saved in violations/ for a report), 2 for bad choices and for a loss that is not finite.
"""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.commands import _train_options
from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError

if TYPE_CHECKING:
    from simulations.training import Run

_EVERY = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    _train_options.declare(parser)
    add = parser.add_argument
    add(
        "--device",
        default="auto",
        help="cpu, cuda, mps, or auto: the first there is of cuda, mps, cpu (auto)",
    )
    add(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="keep the whole state of the run here, to resume or certify",
    )
    add(
        "--checkpoint-every",
        type=int,
        default=_EVERY,
        metavar="K",
        help="write it every K epochs (%(default)s)",
    )
    add("--resume", action="store_true", help="go on from the checkpoint if it exists")
    add("--save", type=Path, metavar="FILE.npz", help="write the last layer of the end, which measure reads")
    add("--json", action="store_true", help="one JSON object on standard output")


def run(args: argparse.Namespace) -> int:
    """Train and print. Raises InputError for bad choices and BoundViolation for a violated guarantee."""
    if args.save is not None and args.save.suffix != ".npz":
        raise InputError(f"--save {args.save}: the name of an .npz file is required")
    if args.resume and args.checkpoint is None:
        raise InputError("--resume needs --checkpoint FILE, the file to go on from")
    config = _train_options.config(args)
    import torch

    from simulations import losses
    from simulations.devices import choose
    from simulations.training import train

    device = choose(args.device)
    torch.set_num_threads(1 if device.type == "cpu" else torch.get_num_threads())
    losses.get(config.loss, **config.loss_options)
    rows = _hypotheses(config)
    announce = _once(_sentence(rows))
    try:
        with _terminated_like_interrupted(args.checkpoint):
            result = train(
                config,
                device=device,
                observe=_observer(config, announce),
                checkpoint=args.checkpoint,
                checkpoint_every=args.checkpoint_every,
                resume=args.resume,
            )
    except TrainingDiverged as error:
        if args.json:
            print(json.dumps(_diverged(config, error), allow_nan=False), flush=True)
        raise
    announce()
    if args.save is not None:
        _save(args.save, result.final.arrays(config.weight_decay))
    if args.json:
        content = {
            "config": config.to_dict(),
            "hypotheses": rows,
            "terminal_phase_epoch": result.terminal_phase_epoch,
            "zero_error_epoch": result.zero_error_epoch,
            "history": result.history,
        }
        print(json.dumps(content, allow_nan=False))
    else:
        _print(result)
    return 0


def _print(result: Run) -> None:
    from simulations.measurement import measure

    for title, epoch in (
        ("terminal phase (99.9 % training accuracy)", result.terminal_phase_epoch),
        ("zero training error", result.zero_error_epoch),
    ):
        print(f"{title}: {'not reached' if epoch is None else f'from epoch {epoch}'}")
    if result.history and "test" in result.history[-1]:
        test = result.history[-1]["test"]
        print(
            f"held-out samples: accuracy {test['accuracy']:.4f}, loss {test['loss']:.4g}, "
            f"nearest-class-centre mismatch {test['ncc_mismatch']:.4f}"
        )
    arrays: dict[str, Any] = result.final.arrays(result.config.weight_decay)
    print(measure(**arrays))


def _diverged(config: Config, error: TrainingDiverged) -> dict[str, Any]:
    return {
        "config": config.to_dict(),
        "diverged": {
            "epoch": error.epoch,
            "batch": error.batch,
            "learning_rate": error.learning_rate,
            "checkpoint": None if error.checkpoint is None else str(error.checkpoint),
        },
        "history": error.history,
    }


def _once(line: str) -> Callable[[], None]:
    """Prints the line on stderr when it is first called."""
    said: list[str] = []

    def announce() -> None:
        if not said:
            said.append(line)
            print(line, file=sys.stderr)

    return announce


def _observer(config: Config, announce: Callable[[], None]) -> Any:
    """Prints a line of progress for each measurement and compares it with the theorems.

    announce: called first; what it says is not said where the training cannot begin.
    """
    from simulations import comparison

    def observe(line: dict[str, Any], state: Any) -> None:
        announce()
        collapse = line["collapse"]
        held_out = f"  test accuracy {line['test']['accuracy']:.4f}" if "test" in line else ""
        event = f"  ({line['event']})" if "event" in line else ""
        print(
            f"epoch {line['epoch']:>5}  accuracy {line['train_accuracy']:.4f}  "
            f"loss {line['train_loss']:.4g}{held_out}  "
            f"within-class variability {collapse['within_class_variability']:.4g}{event}",
            file=sys.stderr,
        )
        label = f"train-epoch-{line['epoch']}"
        arrays = state.arrays(config.weight_decay)
        comparison.check(collapse, arrays=arrays, save_to=Path("violations"), label=label)

    return observe


def _hypotheses(config: Config) -> list[dict[str, Any]]:
    """Which hypotheses of the theorems the untrained network meets."""
    import torch

    from simulations import networks
    from simulations.training.loop import build_network, load_samples

    samples = load_samples(config)
    module = build_network(config, samples, device=torch.device("cpu"))
    rows = networks.hypotheses(module, example=torch.from_numpy(samples.inputs[:2]))
    return [{key: row[key] for key in ("hypothesis", "met", "why")} for row in rows]


def _sentence(rows: list[dict[str, Any]]) -> str:
    named = {met: [row["hypothesis"] for row in rows if row["met"] is met] for met in (True, False, None)}
    line = f"hypotheses: {len(named[True])} of {len(rows)} met"
    for title, found in (("not met", named[False]), ("left to the measurement", named[None])):
        line += f"; {title}: {', '.join(found)}" if found else ""
    return line


@contextmanager
def _terminated_like_interrupted(checkpoint: Path | None) -> Iterator[None]:
    """With a checkpoint, SIGTERM (a batch system's warning) saves the last whole epoch as Ctrl-C does."""
    if checkpoint is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        print(
            f"{checkpoint} holds the last whole epoch; the same command with --resume goes on from there",
            file=sys.stderr,
        )
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _save(path: Path, arrays: dict[str, Any]) -> None:
    import numpy as np

    from simulations.sweeps.store import write_atomically

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise InputError(f"--save {path}: {error.strerror}") from error
