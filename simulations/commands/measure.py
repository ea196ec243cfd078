# SPDX-License-Identifier: MIT
"""Measure collapse in FILE.npz: every metric, how the loss gap is spent, and what theory guarantees.

FILE.npz holds features (n, d), labels (n,) integers 0..C-1, weight (C, d), and optionally bias (C,) and
weight_decay (a number). Exit status 1 if a proved guarantee is violated, which is an error in the toolkit;
the arrays are then saved for a report.
"""

import argparse
import json
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from simulations.errors import InputError, nearest

_REQUIRED = ("features", "labels", "weight")
_OPTIONAL = ("bias", "weight_decay")
_MISSPELLED = 0.75  # likeness from which an unknown array is taken for a known one that the file lacks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("file", metavar="FILE.npz", type=Path, help="arrays of one last layer")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--all", action="store_true", help="every guarantee, not just the tightest ones")
    parser.add_argument(
        "--save-to",
        metavar="DIR",
        type=Path,
        default=Path("violations"),
        help="where the evidence of a violated guarantee goes (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the measurement. Raises InputError (unusable file), BoundViolation (violated guarantee)."""
    arrays = load(args.file)
    from simulations import comparison
    from simulations.measurement import measure

    result = measure(**arrays)
    values = result.to_dict()
    print(json.dumps(values, allow_nan=False) if args.json else result.table(every=args.all), flush=True)
    comparison.check(values, arrays=arrays, save_to=args.save_to, label=args.file.stem)
    return 0


def load(path: Path) -> dict[str, Any]:
    """The arrays of an .npz file by name.

    Raises InputError if it cannot be read, lacks a key, or names an array almost like one that it lacks
    (measuring without it would give other numbers); any other unknown array is mentioned on standard error.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    try:
        opened = np.load(path, allow_pickle=False)
        if not isinstance(opened, np.lib.npyio.NpzFile):
            raise InputError(f"{path} holds one bare array (.npy); an .npz with {_listed()} is required")
        with opened as file:
            names = list(file.files)
            _check_names(path, names)
            return {name: file[name] for name in (*_REQUIRED, *_OPTIONAL) if name in names}
    except InputError:
        raise
    except ValueError as error:
        if "pickle" not in str(error).lower():
            raise _unreadable(path, error) from None
        raise InputError(
            f"{path} is no .npz file, or holds pickled Python objects, which are never loaded (they could "
            "run code); save plain numeric arrays with numpy.savez"
        ) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path} cannot be read as .npz ({error}); it is truncated or was not written by numpy.savez: "
        "save it again"
    )


def _check_names(path: Path, names: list[str]) -> None:
    known = (*_REQUIRED, *_OPTIONAL)
    extra = [name for name in names if name not in known]
    for name in _REQUIRED:
        if name not in names:
            guess = nearest(name, extra)
            hint = f"; did you mean it by {guess!r}?" if guess else "."
            raise InputError(
                f"{path} has no array {name!r}{hint} It holds: {', '.join(names) or 'nothing'}. "
                f"Required: {_listed()}"
            )
    absent = [name for name in _OPTIONAL if name not in names]
    for name in extra:
        meant = nearest(name, absent, cutoff=_MISSPELLED)
        if meant:
            raise InputError(
                f"{path} has an array {name!r}: did you mean {meant!r}? Rename it, or leave it out. "
                f"Arrays that are read: {_listed()}"
            )
    for name in extra:
        guess = nearest(name, _OPTIONAL)
        hint = f" (did you mean {guess!r}?)" if guess else ""
        print(f"{path}: array {name!r} is not used{hint}", file=sys.stderr)


def _listed() -> str:
    return f"{', '.join(_REQUIRED)} and optionally {', '.join(_OPTIONAL)}"
