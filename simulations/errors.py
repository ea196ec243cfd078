# SPDX-License-Identifier: MIT
"""The errors that a user can cause or must see; every command turns them into one line and an exit status."""

import difflib
from collections.abc import Iterable
from pathlib import Path


class InputError(ValueError):
    """Something given by the user cannot be used; the message says what was received and what is required.

    Commands print it as one line and exit with status 2.
    """


class BoundViolation(Exception):
    """A measurement contradicts a proved or certified theorem: an error in this toolkit, never in the data.

    ``rows`` are the offending rows of ``comparison.verdicts``, ``path`` the saved .npz or None.
    Commands print it and exit with status 1.
    """

    def __init__(self, message: str, *, rows: list[dict], path: Path | None) -> None:
        super().__init__(message)
        self.rows = rows
        self.path = path

    def __reduce__(self) -> tuple:
        # The attributes are sent besides, as notes are among them.
        return _rebuild_violation, (self.args[0], self.rows, self.path), self.__dict__


def _rebuild_violation(message: str, rows: list[dict], path: Path | None) -> BoundViolation:
    return BoundViolation(message, rows=rows, path=path)


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """The known name most like ``name``, or None where none resembles it by ``cutoff`` in 0..1 (1: equal)."""
    known = list(known)
    by_lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that does not exist: says the nearest one and lists all.

    kind: what is named ("command", "sweep", "loss", ...); known: the names that exist.
    Returned, not raised, so that the caller's ``raise`` shows in the traceback.
    """
    known = sorted(known)
    guess = nearest(name, known)
    hint = f"did you mean {guess!r}? " if guess else ""
    return InputError(f"unknown {kind} {str(name)!r}: {hint}known: {', '.join(known) or 'none'}")
