# SPDX-License-Identifier: MIT
"""Attack the theorems' bounds: the worst configuration an optimiser finds, beside the bound.

Every theorem that bounds a departure from collapse by a loss is attacked in the same few settings: augmented
Lagrangian from structured starts, and the closed form of the worst case where it is known. A ratio of 1 is a
bound that is attained; none may exceed 1. Gaps are relative to T q(T), the price of misalignment.

Exit status: 0 when no bound was beaten, 1 when one was, 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Settings of the table; without any of them that of docs/tightness.md."""
    parser.add_argument("theorem", nargs="*", metavar="THEOREM", help="by name (default: all)")
    parser.add_argument("--gap", action="append", type=float, help="relative loss gap > 0; may be repeated")
    parser.add_argument("--classes", type=int, help="one setting of your own: number of classes")
    parser.add_argument("--samples", type=int, default=2, help="samples a class (default: %(default)s)")
    parser.add_argument("--feature-dim", type=int, help="dimension (default: number of classes + 1)")
    parser.add_argument("--margin", type=float, default=7.0, help="T, fixed norms (default: %(default)s)")
    parser.add_argument("--weight-decay", type=float, default=0.01, help="lambda (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=1, help="random draws of every start (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--store", help="JSON file of kept rows: an interrupted run goes on from it")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--markdown", action="store_true", help="docs/tightness.md on stdout")


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 if a bound was beaten."""
    from simulations.geometry.attack.report import document, text
    from simulations.geometry.attack.table import beaten, tightness_table

    settings = _settings(args)
    with _Progress() as progress:
        rows = tightness_table(
            args.theorem or None,
            repeats=_positive("--repeats", args.repeats),
            seed=_positive("--seed", args.seed, 0),
            store=args.store,
            progress=progress.show,
            **settings,
        )
    if args.json:
        print(json.dumps({"rows": rows}))
    else:
        print(document(rows) if args.markdown else text(rows))
    worst = beaten(rows)
    for row in worst:
        print(f"beaten: {row['theorem']}, ratio {row['ratio']!r} at {row}", file=sys.stderr)
    return 1 if worst else 0


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    from simulations.errors import InputError
    from simulations.geometry.attack.table import Shape

    if args.store is not None and (Path(args.store).is_dir() or not Path(args.store).parent.is_dir()):
        raise InputError(
            f"attack: received --store {args.store}; a file in a folder that exists is required."
        )
    if not 0.0 < args.weight_decay < float("inf"):
        raise InputError(
            f"attack: received --weight-decay {args.weight_decay!r}; a positive number is required."
        )
    if not 0.0 < args.margin < float("inf"):
        raise InputError(f"attack: received --margin {args.margin!r}; a positive number is required.")
    found: dict[str, Any] = {}
    for gap in args.gap or ():
        if not 0.0 < gap < float("inf"):
            raise InputError(
                f"attack: received --gap {gap!r}; a positive number is required (in units of T q)."
            )
        found["relative_gaps"] = tuple(args.gap)
    if args.classes is not None:
        classes = _positive("--classes", args.classes, 2)
        width = classes + 1 if args.feature_dim is None else _positive("--feature-dim", args.feature_dim)
        samples = _positive("--samples", args.samples)
        found["shapes"] = (Shape(classes, samples, width, args.margin, args.weight_decay),)
    return found


def _positive(name: str, number: int, least: int = 1) -> int:
    from simulations.errors import InputError

    if number < least:
        raise InputError(f"attack: received {name} {number}; a whole number, at least {least}, is required.")
    return number


class _Progress:
    """A bar on stderr while rows are computed; nothing where stderr is not a terminal."""

    def __enter__(self) -> _Progress:
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("attack", total=None)
        self._bar.start()
        return self

    def show(self, done: int, total: int, name: str) -> None:
        """Rows done, rows in all, and the theorem under attack."""
        self._bar.update(self._task, completed=done, total=total, description=name or "done")

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
