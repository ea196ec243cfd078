# SPDX-License-Identifier: MIT
"""Measure collapse in FILE.npz or FOLDER: every metric, how the loss gap is spent, what theory guarantees.

FILE.npz holds features (n, d), labels (n,) integers 0..C-1, weight (C, d), and optionally bias (C,) and
weight_decay (a number); it is read into memory. FOLDER holds the same as features.npy, labels.npy,
weight.npy and so on; its features are streamed from the disk and may be larger than the memory. Exit status
1 if a proved guarantee is violated, which is an error in the toolkit; the arrays are then saved for a report.
"""

import argparse
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from simulations.errors import InputError, nearest

_REQUIRED = ("features", "labels", "weight")
_OPTIONAL = ("bias", "weight_decay")
_MISSPELLED = 0.75  # likeness from which an unknown array is taken for a known one that the file lacks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument(
        "file",
        metavar="FILE.npz|FOLDER",
        type=Path,
        help="arrays of one last layer; a folder of .npy files streams its features",
    )
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
    arrays, notes = load(args.file)
    from simulations import comparison
    from simulations.measurement import measure

    result = measure(**arrays)
    for note in notes:
        print(note, file=sys.stderr)
    values = result.to_dict()
    print(json.dumps(values, allow_nan=False) if args.json else result.table(every=args.all), flush=True)
    comparison.check(values, arrays=arrays, save_to=args.save_to, label=Path(os.path.abspath(args.file)).stem)
    return 0


def load(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The arrays of an .npz file by name, or of a folder of .npy files, whose features stay on the disk; and
    a line about each further array that is there and not used.

    Raises InputError if it cannot be read, lacks a key, or names an array almost like one that it lacks
    (measuring without it would give other numbers).
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    return _folder(path) if path.is_dir() else _file(path)


def _file(path: Path) -> tuple[dict[str, Any], list[str]]:
    with _readable(path, ".npz", "numpy.savez"):
        opened = np.load(path, allow_pickle=False)
        if not isinstance(opened, np.lib.npyio.NpzFile):
            raise InputError(f"{path} holds one bare array (.npy); an .npz with {_listed()} is required")
        with opened as file:
            names = list(file.files)
            notes = _check_names(path, names)
            return {name: file[name] for name in (*_REQUIRED, *_OPTIONAL) if name in names}, notes


def _folder(path: Path) -> tuple[dict[str, Any], list[str]]:
    names = sorted(file.stem for file in path.glob("*.npy"))
    notes = _check_names(path, names, suffix=".npy")
    return {name: _bare(path / f"{name}.npy") for name in (*_REQUIRED, *_OPTIONAL) if name in names}, notes


def _bare(path: Path) -> np.ndarray:
    """The array of an .npy file: features as a view of the disk, all else in memory."""
    with _readable(path, ".npy", "numpy.save"):
        array = np.load(path, mmap_mode="r" if path.stem == "features" else None, allow_pickle=False)
    if isinstance(array, np.lib.npyio.NpzFile):
        array.close()
        raise InputError(f"{path} is an .npz file; one bare array, written by numpy.save, is required")
    return array


@contextmanager
def _readable(path: Path, kind: str, writer: str) -> Iterator[None]:
    """Turn what NumPy raises at an unusable file into an InputError."""
    try:
        yield
    except InputError:
        raise
    except ValueError as error:
        if not any(word in str(error).lower() for word in ("pickle", "python objects")):
            raise _unreadable(path, kind, writer, error) from None
        raise InputError(
            f"{path} is no {kind} file, or holds pickled Python objects, which are never loaded (they could "
            f"run code); save plain numeric arrays with {writer}"
        ) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError) as error:
        raise _unreadable(path, kind, writer, error) from None


def _unreadable(path: Path, kind: str, writer: str, error: Exception) -> InputError:
    return InputError(
        f"{path} cannot be read as {kind} ({error}); it is truncated or was not written by {writer}: "
        "save it again"
    )


def _check_names(path: Path, names: list[str], suffix: str = "") -> list[str]:
    """A line about each array that is not used; suffix: of the files that hold the arrays of a folder."""
    kind = "file" if suffix else "array"
    known = (*_REQUIRED, *_OPTIONAL)
    extra = [name for name in names if name not in known]
    for name in _REQUIRED:
        if name not in names:
            guess = nearest(name, extra)
            hint = f"; did you mean it by {guess + suffix!r}?" if guess else "."
            held = ", ".join(other + suffix for other in names) or ("no .npy file" if suffix else "nothing")
            raise InputError(
                f"{path} has no {kind} {name + suffix!r}{hint} It holds: {held}. Required: {_listed(suffix)}"
            )
    absent = [name for name in _OPTIONAL if name not in names]
    for name in extra:
        meant = nearest(name, absent, cutoff=_MISSPELLED)
        if meant:
            raise InputError(
                f"{path} has {'a' if suffix else 'an'} {kind} {name + suffix!r}: did you mean "
                f"{meant + suffix!r}? Rename it, or leave it out. What is read: {_listed(suffix)}"
            )
    guesses = {name: nearest(name, _OPTIONAL) for name in extra}
    hints = {name: f" (did you mean {guess + suffix!r}?)" if guess else "" for name, guess in guesses.items()}
    return [f"{path}: {kind} {name + suffix!r} is not used{hint}" for name, hint in hints.items()]


def _listed(suffix: str = "") -> str:
    required, optional = (", ".join(name + suffix for name in names) for names in (_REQUIRED, _OPTIONAL))
    return f"{required} and optionally {optional}"
