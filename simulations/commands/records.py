# SPDX-License-Identifier: MIT
"""List the stored runs of sweeps, check them for damage, or merge the stores of several machines.

Exit status: 0 when all is well, 1 where check or merge finds damaged records, or merge conflicts, 2 for bad
usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulations.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="list | check | merge", required=True)
    described = {
        "list": "one line a stored run, current or of other code or libraries than these",
        "check": "verify every checksum",
        "merge": "copy what is missing from other stores into --store; nothing is overwritten",
    }
    for name, words in described.items():
        action = actions.add_parser(name, help=words, description=words)
        if name == "merge":
            action.add_argument("others", nargs="+", type=Path, metavar="OTHER", help="a folder of records")
        action.add_argument(
            "--store",
            type=Path,
            default=Path("records"),
            metavar="DIR",
            help="the store (default: %(default)s)",
        )
        action.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 where something is damaged or in conflict. Raises InputError for bad usage."""
    if args.action == "merge":
        return _merge(args)
    store = _existing(args.store)
    return _list(store, args.json) if args.action == "list" else _check(store, args.json)


def _existing(folder: Path) -> Any:
    from simulations.sweeps.store import Store

    if not folder.is_dir():
        raise InputError(
            f"{folder} is {'a file' if folder.exists() else 'absent'}; required is a folder of "
            "records, as `python -m simulations sweep` writes it"
        )
    return Store(folder)


def _list(store: Any, as_json: bool) -> int:
    from simulations.sweeps._merge import is_current
    from simulations.sweeps.store import Damaged

    rows = []
    for key in store:
        try:
            record = store.load(key)
        except Damaged as reason:
            print(f"{key}.json is damaged: {reason}", file=sys.stderr)
            continue
        rows.append(
            {
                "key": key,
                "config": record.config,
                "execution": record.execution,
                "current": is_current(record),
                "provenance": record.provenance,
            }
        )
    if as_json:
        print(json.dumps({"store": str(store.folder), "records": rows}))
    else:
        _print(map(_line, rows))
        old = sum(not row["current"] for row in rows)
        print(f"{len(rows)} runs in {store.folder}, {old} of them of other code or libraries than these")
    return 0


def _line(row: dict[str, Any]) -> str:
    config, made = row["config"], row["provenance"]
    age = "current" if row["current"] else "old    "
    return (
        f"{row['key'][:8]}  {age}  {made.get('date', 'date unknown'):<25}  "
        f"{made.get('seconds', float('nan')):>8.1f} s  {config['dataset']} {config['network']} "
        f"{config['depth']}x{config['width']} {config['batch_norm']} decay {config['weight_decay']:g} "
        f"seed {config['seed']}"
    )


def _check(store: Any, as_json: bool) -> int:
    from simulations.sweeps._merge import problems

    found, count = problems(store), sum(1 for _ in store)
    if as_json:
        print(json.dumps({"store": str(store.folder), "records": count, "problems": found}))
    else:
        _print(f"{name}: {why}" for name, why in found.items())
        print(f"{count} runs in {store.folder}, {len(found) or 'no'} problem{'s' * (len(found) != 1)}")
    return 1 if found else 0


def _merge(args: argparse.Namespace) -> int:
    from simulations.sweeps._merge import merge
    from simulations.sweeps.store import Store

    others = [_existing(folder) for folder in args.others]
    if args.store.exists() and not args.store.is_dir():
        raise InputError(f"--store {args.store} is a file; required is a folder")
    results = {}
    for other in others:
        if args.store.exists() and other.folder.samefile(args.store):
            raise InputError(f"{other.folder} is the store itself; required are other folders of records")
        try:
            results[str(other.folder)] = done = merge(other, Store(args.store))
        except OSError as error:
            print(
                f"cannot write to {args.store}: {error.strerror or error}; what was copied is whole, the "
                "same call goes on from there",
                file=sys.stderr,
            )
            return 1
        if not args.json:
            _print(f"{key}: conflict, both kept: {why}" for key, why in done.conflicts.items())
            _print(f"{key}: damaged in {other.folder}, left out: {why}" for key, why in done.damaged.items())
            print(
                f"{other.folder}: {len(done.copied)} copied, {len(done.had)} here already, "
                f"{len(done.conflicts)} in conflict, {len(done.damaged)} damaged"
            )
    if args.json:
        print(json.dumps({"store": str(args.store), "merged": {k: vars(v) for k, v in results.items()}}))
    return 1 if any(done.conflicts or done.damaged for done in results.values()) else 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
