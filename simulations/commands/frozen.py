# SPDX-License-Identifier: MIT
"""Records kept in the repository: list and show them, freeze new ones, make a sample of them again.

frozen list                         what is kept, from which grid, how much of it
frozen show NAME                    one line a run, with how it was made
frozen summary NAME                 one row for the runs that differ in the seed alone, as Markdown
frozen freeze SWEEP --store DIR     write the stored runs of a preset to frozen/
frozen reproduce NAME --sample 2    train a random sample again and compare every number

Exit status of reproduce: 0 when every number of the sample is the same to the last bit or within the
tolerance, 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    from simulations.sweeps._summary import CHANGES, LAST

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where the frozen files are (default: frozen/ in the repository)",
    )
    common.add_argument("--json", action="store_true", help="one JSON object on standard output")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=type(parser))

    def action(name: str, words: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = actions.add_parser(
            name, parents=[common], help=words, description=f"{words[0].upper()}{words[1:]}."
        )
        return made

    parser.set_defaults(action="list", folder=None, json=False)
    action("list", "what is kept (the action where none is given)")
    show = action("show", "the runs of one file, one line each")
    show.add_argument("name", metavar="NAME", help="a name that list shows")
    means = action("summary", "mean and standard deviation over the seeds, as a Markdown table")
    means.add_argument("name", metavar="NAME", help="a name that list shows")
    means.add_argument("--columns", metavar="A,B,...", help=f"only these of {', '.join([*LAST, *CHANGES])}")
    freeze = action("freeze", "write the stored runs of a preset to a file")
    freeze.add_argument("name", metavar="SWEEP", help="a sweep, whichever of its runs are stored")
    freeze.add_argument("--preset", default="paper", help="of the sweep (%(default)s)")
    freeze.add_argument("--store", type=Path, required=True, metavar="DIR", help="where the runs are stored")
    again = action("reproduce", "train a random sample again and compare every number")
    again.add_argument("name", metavar="NAME", help="a name that list shows")
    again.add_argument("--sample", type=int, default=2, metavar="K", help="how many runs (%(default)s)")
    again.add_argument("--seed", type=int, default=0, help="of the draw (%(default)s)")
    again.add_argument(
        "--tolerance", type=float, default=0.05, help="accepted relative difference (%(default)s)"
    )
    again.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises InputError for bad usage and damaged files, BoundViolation for a violated guarantee."""
    actions = {
        "list": _list,
        "show": _show,
        "summary": _summarise,
        "freeze": _freeze,
        "reproduce": _reproduce,
    }
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    from simulations.errors import InputError
    from simulations.sweeps import frozen

    where = args.folder or frozen.default_folder()
    if args.folder is not None and not where.is_dir():
        raise InputError(
            f"--folder {where} is {'a file' if where.exists() else 'absent'}; a folder is required"
        )
    rows = [{"name": name, **frozen.header(name, where)} for name in frozen.names(where)]
    if args.json:
        _dump({"folder": str(where), "frozen": rows})
    elif not rows:
        print(f"no frozen records in {where}")
    for row in rows if not args.json else []:
        thinned = "" if row["thinned"] == 1 else f", every {row['thinned']}th measured epoch"
        print(
            f"{row['name']:<20} {row['runs']} of {row['grid']} runs of sweep {row['sweep']}, preset "
            f"{row['preset']}{thinned}"
        )
    return 0


def _show(args: argparse.Namespace) -> int:
    from simulations.sweeps import frozen

    about = frozen.header(args.name, args.folder)
    found = frozen.records(args.name, folder=args.folder, guarantees="none")
    rows = [_summary(record) for record in found]
    if args.json:
        _dump({"name": args.name, **about, "records": rows})
        return 0
    for row in rows:
        config = row["config"]
        print(
            f"{row['key'][:8]}  {config['dataset']:<13} {config['network']:<8} {config['depth']:>2} x "
            f"{config['width']:<3}  {config['batch_norm']:<10}  decay {config['weight_decay']:<7g} seed "
            f"{config['seed']}  terminal phase {row['terminal_phase_epoch'] or 'not reached'}  accuracy "
            f"{row['train_accuracy']:.4f}  intra {row['intra_class_cosine']:.4f}  inter "
            f"{row['inter_class_cosine']:.4f}  {row['made']}"
        )
    print(f"{about['runs']} of the {about['grid']} runs of sweep {about['sweep']}, preset {about['preset']}")
    return 0


def _summarise(args: argparse.Namespace) -> int:
    from simulations.errors import unknown
    from simulations.sweeps import frozen
    from simulations.sweeps._summary import CHANGES, LAST, summary, table

    columns = None if args.columns is None else args.columns.split(",")
    for column in columns or ():
        if column not in {*LAST, *CHANGES}:
            raise unknown("column", column, {*LAST, *CHANGES})
    rows = summary(frozen.records(args.name, folder=args.folder, guarantees="none"))
    if args.json:
        _dump({"name": args.name, "rows": rows})
    else:
        print(table(rows, columns))
    return 0


def _summary(record: Any) -> dict[str, Any]:
    final, collapse = record.final, record.final["collapse"]
    return {
        "key": record.key,
        "config": record.config,
        "terminal_phase_epoch": record.terminal_phase_epoch,
        "train_accuracy": final["train_accuracy"],
        "train_loss": final["train_loss"],
        "intra_class_cosine": collapse["intra_class_cosine"]["mean"],
        "inter_class_cosine": collapse["inter_class_cosine"]["mean"],
        "made": record.provenance["frozen"],
    }


def _freeze(args: argparse.Namespace) -> int:
    from simulations.sweeps import frozen

    done = frozen.freeze(args.name, store=args.store, preset=args.preset, folder=args.folder)
    if args.json:
        _dump({**vars(done), "path": str(done.path)})
        return 0
    print(f"{done.path}: {done.runs} of {done.grid} runs, {done.size} bytes")
    if done.thinned > 1:
        print(f"thinned to fit: every {done.thinned}th measured epoch, and the first")
    for config in done.missing[:10]:
        print(f"  missing: {_label(config)}")
    if len(done.missing) > 10:
        print(f"  and {len(done.missing) - 10} more are missing")
    return 0


def _label(config: Mapping[str, Any]) -> str:
    from simulations.configuration import Config

    return Config.from_dict(config).label()


def _reproduce(args: argparse.Namespace) -> int:
    from simulations.sweeps._reproduction import IDENTICAL, WITHIN, Reproduction, reproduce

    def progress(found: Reproduction) -> None:
        print(f"{found.key[:8]} {found.verdict} after {found.seconds:.0f} s", file=sys.stderr)

    results = reproduce(
        args.name,
        sample=args.sample,
        seed=args.seed,
        folder=args.folder,
        tolerance=args.tolerance,
        device=args.device,
        progress=progress,
    )
    if args.json:
        _dump({"name": args.name, "tolerance": args.tolerance, "runs": [r.to_dict() for r in results]})
    else:
        for found in results:
            print(table_line(found))
    return 0 if all(found.verdict in (IDENTICAL, WITHIN) for found in results) else 1


def table_line(found: Any) -> str:
    """One line about one run that was made again."""
    config = found.config
    text = (
        f"{found.key[:8]}  {config['dataset']:<13} {config['network']} {config['depth']} x "
        f"{config['width']}  {config['batch_norm']:<10}  decay {config['weight_decay']:<7g} seed "
        f"{config['seed']}  {found.verdict}: "
    )
    if found.reason:
        return text + found.reason
    text += f"{found.identical} of {found.numbers} numbers to the last bit"
    if found.worst is not None:
        where = "" if found.worst["epoch"] is None else f" in epoch {found.worst['epoch']}"
        text += (
            f"; worst {found.worst['quantity']}{where}: frozen {found.worst['frozen']!r}, today "
            f"{found.worst['today']!r}"
        )
    if found.absent:
        text += f"; no longer measured: {', '.join(found.absent)}"
    if found.changed:
        text += "; " + ", ".join(f"{name} {a} -> {b}" for name, (a, b) in sorted(found.changed.items()))
    return text


def _dump(content: Mapping[str, Any]) -> None:
    print(json.dumps(content, allow_nan=False))
