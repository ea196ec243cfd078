# SPDX-License-Identifier: MIT
"""Run a grid of trainings in parallel; finished runs are stored, the same call goes on after a stop.

Before anything is trained it is said which data sets are not on this machine, and how to get them; the other
runs are made. Exit status: 0 when all runs of the grid are there, 1 when some are not or a proved guarantee
is violated, 2 for bad usage, and when the data of every run are missing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from simulations.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    from simulations.sweeps import STRATEGIES, get, names

    presets = {preset: None for name in names() for preset in get(name).presets}
    parser.add_argument("name", metavar="NAME", help=", ".join(names()))
    parser.add_argument(
        "--preset",
        default="quick",
        metavar="NAME",
        help=f"{', '.join(presets)}; not every sweep has every one (default: %(default)s)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes on this machine (default: one per core; tiny: none)",
    )
    where.add_argument("--scheduler", metavar="ADDRESS", help="Dask cluster that trains, tcp://host:8786")
    parser.add_argument(
        "--strategy",
        default="processes",
        metavar="|".join(STRATEGIES),
        help="processes, batched (perceptrons of one shape as one program), threads, or auto, the fastest by "
        "measurement; only processes gives plain training's numbers to the last bit (default: %(default)s)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the stored runs: always done, accepted for clarity"
    )
    parser.add_argument(
        "--store",
        type=Path,
        default=Path("records"),
        metavar="DIR",
        help="where runs are stored and looked for (default: %(default)s)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(args: argparse.Namespace) -> int:
    """Run the sweep; 1 when it could not be finished, or only in part for want of data.

    Raises InputError for bad usage and BoundViolation for a violated guarantee.
    """
    from simulations.sweeps import SweepStopped, get, run_sweep, unavailable

    if args.workers is not None and args.workers < 1:
        raise InputError(f"--workers {args.workers}: required is a whole number of at least 1")
    if args.store.exists() and not args.store.is_dir():
        raise InputError(f"--store {args.store} is a file; required is a folder")
    reason = unavailable(args.name, preset=args.preset, store=args.store)
    if reason is not None:
        raise InputError(f"sweep {args.name} cannot run here: {reason}")
    start = time.monotonic()
    first: list[int] = []

    def progress(name: str, done: int, total: int) -> None:
        first[:] = first or [done]
        elapsed = time.monotonic() - start
        left = ""
        if first[0] < done < total:
            left = f", about {elapsed / (done - first[0]) * (total - done):.0f} s left"
        print(f"{name}: {done} of {total} runs, {elapsed:.0f} s{left}", file=sys.stderr)

    try:
        records = run_sweep(
            args.name,
            preset=args.preset,
            workers=args.workers,
            scheduler=args.scheduler,
            store=args.store,
            device=args.device,
            progress=progress,
            strategy=args.strategy,
        )
    except SweepStopped as stopped:
        print(" ".join(str(stopped).split()), file=sys.stderr)
        return 1
    rows = [_row(record) for record in records]
    if args.json:
        print(json.dumps({"sweep": args.name, "preset": args.preset, "records": rows}, allow_nan=False))
    else:
        for row in rows:
            print(_line(row))
    if (total := len(get(args.name).configs(args.preset))) > len(rows):
        print(
            f"sweep {args.name}: {len(rows)} of {total} runs; the others wait for their data", file=sys.stderr
        )
        return 1
    return 0


def _row(record: Any) -> dict[str, Any]:
    """One record in a few numbers."""
    collapse = record.final["collapse"]
    return {
        "key": record.key,
        "config": record.config,
        "terminal_phase_epoch": record.terminal_phase_epoch,
        "train_accuracy": record.final["train_accuracy"],
        "train_loss": record.final["train_loss"],
        "within_class_variability": collapse["within_class_variability"],
        "intra_class_cosine": collapse["intra_class_cosine"]["mean"],
        "inter_class_cosine": collapse["inter_class_cosine"]["mean"],
    }


def _line(row: dict[str, Any]) -> str:
    config = row["config"]
    return (
        f"{row['key'][:8]}  {config['dataset']:<14} depth {config['depth']}  {config['batch_norm']:<10}  "
        f"decay {config['weight_decay']:<7g} seed {config['seed']}  accuracy {row['train_accuracy']:.4f}  "
        f"loss {row['train_loss']:.4f}  nu {row['within_class_variability']:.4f}  "
        f"intra {row['intra_class_cosine']:.4f}  inter {row['inter_class_cosine']:.4f}"
    )
