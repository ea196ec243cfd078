# SPDX-License-Identifier: MIT
"""``python -m paper_figures``: train what is missing, draw the figures, write the report, print the summary.

Exit status: 0 success; 1 a theorem's verdict is not what it must be, or a measurement violates a proved
bound; 2 bad usage, with one line that says what is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paper_figures import discovery
from paper_figures.figure import Figure

PRESETS = ("quick", "paper", "tiny")
PROGRAM = "python -m paper_figures"


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{PROGRAM}: {message} (see --help)\n")


def parser() -> argparse.ArgumentParser:
    """The command line of ``python -m paper_figures``."""
    made = _Parser(prog=PROGRAM, description="Train, measure, draw every figure and write one report.")
    made.add_argument("names", nargs="*", metavar="NAME", help="figures to draw (default: all; see --list)")
    made.add_argument(
        "--preset", choices=PRESETS, default="quick", help="size of the experiments (default: quick)"
    )
    made.add_argument("--list", action="store_true", help="list the figures and stop")
    made.add_argument(
        "--output", type=Path, default=Path(__file__).parent / "output", metavar="DIR", help="where files go"
    )
    made.add_argument("--workers", type=_positive, metavar="N", help="processes (default: one per core)")
    made.add_argument(
        "--store", type=Path, default=Path("records"), metavar="DIR", help="finished runs (default: records)"
    )
    made.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    made.add_argument(
        "--gallery",
        type=Path,
        nargs="?",
        const=Path("docs"),
        metavar="DIR",
        help="write the gallery page and its pictures too (default: docs)",
    )
    made.add_argument(
        "--reproduce",
        type=_whole,
        metavar="N",
        help="train N random runs of each frozen file that is drawn again, and compare every number; exit "
        "status 1 if one differs (default: one run of the file whose runs are shortest, reported only)",
    )
    made.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        chosen = discovery.select(options.names)
        if options.list:
            return _list(chosen, as_json=options.json)
        # One thread per process, set before anything heavy is imported: the work is spread over processes.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        for option, folder in (("--output", options.output), ("--store", options.store)):
            _make_writable(option, folder)
        from paper_figures import pipeline

        return pipeline.run(
            chosen,
            preset=options.preset,
            output=options.output,
            store=options.store,
            workers=options.workers or os.cpu_count() or 1,
            device=options.device,
            reproduce=options.reproduce,
            as_json=options.json,
            pictures=options.gallery,
        )
    except (discovery.UnknownFigure, OSError) as error:
        return _complain(error, 2)
    except KeyboardInterrupt:
        return _complain("interrupted; finished runs are kept and the next call goes on from there", 130)
    except Exception as error:
        # Judged by name, so that --list and bad usage never import the simulations.
        status = {"InputError": 2, "BoundViolation": 1}.get(type(error).__name__)
        if status is None:
            raise
        return _complain(error, status)


def _make_writable(option: str, folder: Path) -> None:
    """Make `folder` and write into it once, so that a bad one is named before any work is done."""
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(0, "it exists and is not a folder")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0")
    except OSError as error:
        why = error.strerror or str(error)
        raise OSError(f"{option} {folder}: {why}; name a folder that can be made and written") from error


def _list(chosen: Sequence[Figure], *, as_json: bool) -> int:
    """What each figure shows, where its numbers come from, what it costs."""
    if as_json:
        fields = ("name", "title", "shows", "source", "sweeps", "frozen", "original", "theorems", "cost")
        print(json.dumps({"figures": [{name: getattr(f, name) for name in fields} for f in chosen]}))
        return 0
    for figure in chosen:
        print(f"{figure.name}: {figure.title}")
        needs = [f"sweeps {', '.join(figure.sweeps)}"] if figure.sweeps else []
        needs += [f"frozen records {', '.join(figure.frozen)} (not trained)"] if figure.frozen else []
        needs += [f"--preset paper trains {', '.join(figure.original)}"] if figure.original else []
        needs += [f"theorems {', '.join(figure.theorems)}"] if figure.theorems else []
        rows = {
            "shows": figure.shows,
            "source": figure.source,
            "needs": "; ".join(needs) or "nothing but what is stored",
            "cost": figure.cost,
        }
        for label, text in rows.items():
            start = f"  {label:<7} "
            indent: Any = {"initial_indent": start, "subsequent_indent": " " * len(start)}
            print(textwrap.fill(text, 100, break_on_hyphens=False, **indent))
    return 0


def _complain(what: object, status: int) -> int:
    print(f"{PROGRAM}: {' '.join(str(what).split())}", file=sys.stderr)
    return status


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
