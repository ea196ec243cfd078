# SPDX-License-Identifier: MIT
"""``python -m theory [NAME ...] [--json]``: prove or certify every theorem and print the ledger."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from theory.discovery import Refusal
    from theory.ledger import Row


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows the usage)\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = _Parser(
        prog="python -m theory",
        description=(
            "Prove or certify the theorems. Exit status 0 only if every verdict is as expected and no "
            "theorem file was refused. Verdicts are kept, by content, in the folder $THEORY_CACHE or the "
            "user's cache folder."
        ),
    )
    p.add_argument("names", nargs="*", metavar="NAME", help="theorems to check (default: all)")
    p.add_argument("--json", action="store_true", help="one JSON object on standard output")
    p.add_argument("--no-cache", action="store_true", help="check everything anew, also what did not change")
    p.add_argument("--workers", type=_count, metavar="N", help="processes (default: one a core)")
    output = p.add_mutually_exclusive_group()
    output.add_argument(
        "--list", action="store_true", help="names, kinds and one sentence each; checks nothing"
    )
    output.add_argument("--why", action="store_true", help="the proof of each NAME, step by step")
    output.add_argument("--latex", action="store_true", help="the statements as one LaTeX document")
    output.add_argument("--bibtex", action="store_true", help="BibTeX of the papers that are cited")
    output.add_argument(
        "--output",
        metavar="DIR",
        help="write the library with its proofs into DIR: LaTeX, BibTeX, HTML, and PDF where there is TeX",
    )
    output.add_argument("--table", action="store_true", help="the theorems in Markdown, all by subject")
    return p


def _count(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 or more")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status, 0 only if every row is as expected and no file refused."""
    args = parser().parse_args(argv)
    if args.why and not args.names:
        print("python -m theory --why: give at least one NAME", file=sys.stderr)
        return 2
    try:
        if args.list or args.why or args.latex or args.bibtex:
            return _describe(args)
        if args.output is not None:
            return _documents(args)
        return _ledger(args)
    except KeyError as error:
        from theory.registry import UnknownTheorem

        if not isinstance(error, UnknownTheorem):
            raise
        print(f"python -m theory: {error}", file=sys.stderr)
        return 2


def _describe(args: argparse.Namespace) -> int:
    """What checks nothing: the list, proofs step by step, the LaTeX document of statements, BibTeX."""
    from theory.registry import RefusedTheorem, get, library

    try:
        entries = [get(name) for name in args.names] if args.names else list(library().entries.values())
    except RefusedTheorem as error:
        print(f"python -m theory: {error}", file=sys.stderr)
        return 1
    if args.list:
        rows = [{"name": e.name, "kind": e.kind, "says": e.says, "source": e.source} for e in entries]
        print(json.dumps({"theorems": rows}, indent=1) if args.json else _listing(rows))
    elif args.why:
        from theory.render import explain

        print("\n\n".join(explain(e) for e in entries))
    elif args.bibtex:
        from theory.rendering.bibliography import bibtex, keys

        print(bibtex(key for e in entries for key in keys(e.source)), end="")
    else:
        from theory.rendering.present import library as arranged
        from theory.rendering.tex import document

        print(document(arranged(entries, proofs=False)), end="")
    return _complain([], [] if args.names else library().refusals)


def _documents(args: argparse.Namespace) -> int:
    """Check everything, prove it once more with the steps kept, and write the documents."""
    from pathlib import Path

    from theory.progress import shown_on_stderr
    from theory.registry import get
    from theory.rendering.files import write
    from theory.rendering.present import library
    from theory.verdicts import ledger

    folder = Path(args.output)
    if folder.exists() and not folder.is_dir():
        print(f"python -m theory --output: {folder} is a file; give a folder", file=sys.stderr)
        return 2
    with shown_on_stderr() as progress:
        found = ledger(
            args.names or None, read_cache=not args.no_cache, workers=args.workers, progress=progress
        )
    rows = {row.name: row for row in found.rows}

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def proved(name: str, done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            say(f"[{done}/{total}] proofs, up to {name}")

    paths = write(library([get(row.name) for row in found.rows], rows, proved), folder, say)
    print(json.dumps({"files": [str(p) for p in paths]}) if args.json else "\n".join(map(str, paths)))
    return _complain(found.rows, found.refused)


def _listing(rows: list[dict[str, str]]) -> str:
    width = max(len(r["name"]) for r in rows)
    return "\n".join(f"{r['name']:<{width}}  {r['kind']:<10}  {r['says']}" for r in rows)


def _ledger(args: argparse.Namespace) -> int:
    from theory.progress import shown_on_stderr
    from theory.verdicts import ledger

    with shown_on_stderr() as progress:
        found = ledger(
            args.names or None, read_cache=not args.no_cache, workers=args.workers, progress=progress
        )
    if args.table:
        from theory.render import readme_table, tables

        print((readme_table if args.names else tables)(found.heads, found.rows), end="")
    elif args.json:
        rows = [row.to_dict() for row in found.rows]
        refused = [refusal.to_dict() for refusal in found.refused]
        print(json.dumps({"theorems": rows, "refused": refused}, indent=1))
    else:
        _print_table(found.rows)
    return _complain(found.rows, found.refused)


def _print_table(rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Theorems")
    for heading in ("name", "kind", "verdict", "evidence", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left", overflow="fold")
    for r in rows:
        table.add_row(r.name, r.kind, r.verdict, r.evidence, f"{'kept ' if r.cached else ''}{r.seconds:.2f}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for r in rows:
        if r.region or r.uncovered:
            console.print(f"{r.name}: {_coverage(r)}", soft_wrap=True, highlight=False)


def _complain(rows: Sequence[Row], refusals: Sequence[Refusal]) -> int:
    """Name on stderr what is not as expected; the exit status."""
    for refusal in refusals:
        print(f"refused: {refusal}", file=sys.stderr)
    bad = [r.name for r in rows if not r.expected]
    if bad:
        print(f"not as expected: {', '.join(bad)}", file=sys.stderr)
    return 1 if bad or refusals else 0


def _coverage(row: Row) -> str:
    parts = [f"proved for: {row.region}"] if row.region else []
    return "; ".join([*parts, f"not covered: {row.uncovered}"] if row.uncovered else parts)


if __name__ == "__main__":
    sys.exit(main())
