# SPDX-License-Identifier: MIT
"""``python -m theory.soundness [NAME ...]``: mutate statements, weaken proofs, drop hypotheses; the score."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from theory.soundness.campaign import Effort, Report


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows the usage)\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = _Parser(
        prog="python -m theory.soundness",
        description="Mutate every theorem, weaken every proof step, drop every hypothesis. Exit status 1 if "
        "a false statement is proved.",
    )
    p.add_argument("names", nargs="*", metavar="NAME", help="theorems to attack (default: all)")
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on standard output")
    form.add_argument("--markdown", action="store_true", help="the score as docs/soundness.md has it")
    effort = p.add_mutually_exclusive_group()
    effort.add_argument("--quick", action="store_true", help="a few mutants and steps a theorem, no search")
    effort.add_argument("--everything", action="store_true", help="every mutant, and a longer search")
    p.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")
    p.add_argument("--save", action="store_true", help="put new counterexamples on file")
    p.add_argument("--output", metavar="DIR", help="keep a report a theorem in DIR, and skip those kept")
    p.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help="begin no mutant or step of a theorem after S s of processor time",
    )
    p.add_argument("--trial", type=float, metavar="S", help="at most S s for one mutant or one step")
    only = p.add_mutually_exclusive_group()
    only.add_argument("--unsettled", action="store_true", help="list the hypotheses not known to be needed")
    only.add_argument(
        "--settle", type=float, metavar="S", help="only search, S s for each hypothesis that is not settled"
    )
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    args = parser().parse_args(argv)
    from theory.registry import UnknownTheorem, get, theorems
    from theory.soundness.campaign import EVERYTHING, FULL, QUICK, score
    from theory.soundness.table import markdown, print_table

    if args.workers < 1:
        print(f"python -m theory.soundness: --workers {args.workers} must be at least 1", file=sys.stderr)
        return 2
    try:
        names = [get(name).name for name in args.names] or list(theorems())
    except UnknownTheorem as error:
        print(f"python -m theory.soundness: {error}", file=sys.stderr)
        return 2
    for flag, number in (("--seconds", args.seconds), ("--trial", args.trial), ("--settle", args.settle)):
        if number is not None and not number > 0:
            print(f"python -m theory.soundness: {flag} {number:g} must be above 0", file=sys.stderr)
            return 2
    if args.unsettled or args.settle is not None:
        from theory.soundness.listing import print_unsettled

        print_unsettled([get(name) for name in names], search=args.settle, put=args.save, as_json=args.json)
        return 0
    effort = QUICK if args.quick else EVERYTHING if args.everything else FULL
    limits = {"seconds": args.seconds, "trial": args.trial}
    effort = replace(effort, **{k: v for k, v in limits.items() if v is not None})
    try:
        reports = _reports(names, effort, args.workers, args.output)
    except OSError as error:
        print(f"python -m theory.soundness: --output {args.output}: {error}", file=sys.stderr)
        return 2
    if args.save:
        _save(reports)
    total = score(reports)
    if args.markdown:
        print(markdown(reports, total))
    elif args.json:
        print(json.dumps({"score": total, "theorems": [r.to_dict() for r in reports]}, indent=1))
    else:
        print_table(reports, total)
    return 1 if any(r.unsound for r in reports) else 0


def _reports(names: list[str], effort: Effort, workers: int, output: str | None) -> list[Report]:
    """A report on each theorem, in this order; those kept in the folder ``output`` are not made again."""
    from theory.soundness.reports import Reports
    from theory.soundness.workers import reports_on

    folder = None if output is None else Reports(Path(output), effort)
    done = {name: r for name in names if folder is not None and (r := folder.load(name)) is not None}
    left = [name for name in names if name not in done]
    for report in _progress(reports_on(left, effort, workers), len(left)):
        done[report.name] = report
        if folder is not None:
            folder.store(report)
    return [done[name] for name in names]


def _progress(reports: Iterator[Report], total: int) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import track

    yield from track(
        reports, description="attacking", total=total, console=Console(stderr=True), transient=True
    )


def _save(reports: list[Report]) -> None:
    from theory.soundness.unsettled import keep

    for report in reports:
        if report.steps is not None:
            keep(report.name, report.fates)


if __name__ == "__main__":
    sys.exit(main())
