# SPDX-License-Identifier: MIT
"""``python -m theory [NAME ...] [--json]``: prove or certify every theorem and print the ledger."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows the usage)\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = _Parser(
        prog="python -m theory",
        description="Prove or certify the theorems. Exit status 1 if a verdict is not as expected.",
    )
    p.add_argument("names", nargs="*", metavar="NAME", help="theorems to check (default: all)")
    p.add_argument("--json", action="store_true", help="one JSON object on standard output")
    output = p.add_mutually_exclusive_group()
    output.add_argument(
        "--list", action="store_true", help="names, kinds and one sentence each; checks nothing"
    )
    output.add_argument("--why", action="store_true", help="the proof of each NAME, step by step")
    output.add_argument("--latex", action="store_true", help="the library as one LaTeX document")
    output.add_argument("--table", action="store_true", help="the table of theorems, as in the README")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    args = parser().parse_args(argv)
    from theory.registry import UnknownTheorem, get, theorems

    try:
        entries = [get(name) for name in args.names] if args.names else list(theorems().values())
    except UnknownTheorem as error:
        print(f"python -m theory: {error}", file=sys.stderr)
        return 2
    if args.list:
        rows = [{"name": e.name, "kind": e.kind, "says": e.says, "source": e.source} for e in entries]
        print(json.dumps({"theorems": rows}, indent=1) if args.json else _listing(rows))
        return 0
    if args.why:
        if not args.names:
            print("python -m theory --why: give at least one NAME", file=sys.stderr)
            return 2
        from theory.render import explain

        print("\n\n".join(explain(e) for e in entries))
        return 0
    if args.latex:
        from theory.latex import latex_document

        print(latex_document(entries))
        return 0
    return _ledger(entries, args)


def _listing(rows: list[dict[str, str]]) -> str:
    width = max(len(r["name"]) for r in rows)
    return "\n".join(f"{r['name']:<{width}}  {r['kind']:<10}  {r['says']}" for r in rows)


def _ledger(entries: list, args: argparse.Namespace) -> int:  # type: ignore[type-arg]
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    from theory.checker import check

    progress = Console(stderr=True)
    rows = [check(e) for e in track(entries, description="checking", console=progress, transient=True)]
    if args.table:
        from theory.render import readme_table

        print(readme_table(entries, rows))
    elif args.json:
        print(json.dumps({"theorems": [r.to_dict() for r in rows]}, indent=1))
    else:
        table = Table(title="Theorems")
        for heading in ("name", "kind", "verdict", "evidence", "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left", overflow="fold")
        for r in rows:
            table.add_row(r.name, r.kind, r.verdict, r.evidence, f"{r.seconds:.2f}")
        console = Console(width=None if sys.stdout.isatty() else 160)
        console.print(table)
        for r in rows:
            if r.region or r.uncovered:
                console.print(f"{r.name}: {_coverage(r)}", soft_wrap=True, highlight=False)
    bad = [r.name for r in rows if not r.expected]
    if bad:
        print(f"not as expected: {', '.join(bad)}", file=sys.stderr)
    return 1 if bad else 0


def _coverage(row) -> str:  # type: ignore[no-untyped-def]
    parts = [f"proved for: {row.region}"] if row.region else []
    return "; ".join([*parts, f"not covered: {row.uncovered}"] if row.uncovered else parts)


if __name__ == "__main__":
    sys.exit(main())
