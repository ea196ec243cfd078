# SPDX-License-Identifier: MIT
"""Verdicts kept between runs of ``python -m theory``, by the content of all that they depend on.

A verdict depends on the theorem's file, the files of everything in its ``uses`` closure, the lemma files on
which these rest, every other file below ``theory/`` but those that only use what is proved (kernel, rules,
definitions, ...: the *foundation*), and the versions of Python, SymPy, python-flint and mpmath.  A record is
read back only if all of these are, byte for byte, what they were.  It holds a row of the ledger and nothing
that could become a theorem: who wants to build on a proof runs it.  Only verdicts that are as expected are
kept; a failure is looked at anew each time.

The records lie in the folder named by the environment variable ``THEORY_CACHE``, else in the user's cache
folder (``~/.cache/neural-collapse-toolkit/verdicts`` on Linux).  Any of them may be deleted at any time.  A
record that cannot be read is as good as none, and so is a folder that cannot be written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from theory.dependencies import mentioned, named, with_all_below
from theory.discovery import TheoremFile, roots, theorem_files
from theory.ledger import VERDICTS, Row

LIBRARIES = ("sympy", "python-flint", "mpmath", "gmpy2")
VARIABLE = "THEORY_CACHE"
MOST_RECORDS = 4000
NO_PART = ("interactive", "soundness")  # folders that no proof and no check rests on


@dataclass(frozen=True)
class Head:
    """What a record says of its theorem, enough for the ledger, the table and the order."""

    name: str
    title: str
    kind: str
    source: str
    says: str
    uses: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class Record:
    """A kept verdict: the row, the theorem's head, and the digests of the files of its ``uses`` closure."""

    head: Head
    row: Row
    digests: Mapping[str, str]


def folder() -> Path | None:
    """Where the records lie; None if that would be inside the package."""
    named = os.environ.get(VARIABLE)
    place = Path(named).expanduser() if named else _user_cache() / "neural-collapse-toolkit" / "verdicts"
    inside = place.resolve().is_relative_to(Path(__file__).resolve().parent)
    return None if inside else place


def _user_cache() -> Path:
    """The platform's folder for caches: by platformdirs where it is installed, else ``~/.cache``."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return user_cache_path()


@dataclass(frozen=True)
class Snapshot:
    """The content of ``theory/`` at one moment.

    Attributes:
        foundation: a digest of everything but theorem files, the lemma files on which only those rest, and
            what no verdict rests on.
        digests: a digest of each theorem file and the lemma files on which it rests.
        files: the theorem files.
        lemmas: the lemma files on which each theorem file rests.
    """

    foundation: str
    digests: Mapping[str, str]
    files: Sequence[TheoremFile]
    lemmas: Mapping[str, Set[str]]


def snapshot() -> Snapshot:
    """Read every file of ``theory/``.  Raises ``OSError`` if one cannot be read."""
    files = theorem_files()
    package = Path(__file__).resolve().parent
    lemmas = {path.stem: _read(path) for path in sorted((package / "lemmas").glob("[!_]*.py"))}
    rests_on = {name: mentioned(text, lemmas) for name, text in lemmas.items()}
    apart = {file.path.resolve() for file in files} | {package / "lemmas" / f"{name}.py" for name in lemmas}
    parts, common = _versions(), set[str]()
    for place in sorted({package, *(root.resolve() for root in roots())}):
        for path in sorted(place.rglob("*")):
            if path in apart or "__pycache__" in path.parts or not path.is_file():
                continue
            if path.is_relative_to(package) and path.relative_to(package).parts[0] in NO_PART:
                continue
            text = _read(path)
            parts.append(f"{path.relative_to(place).as_posix()} {_digest(text)}")
            if path.suffix == ".py":
                common |= named(text, lemmas)
    common = with_all_below(common, rests_on)

    texts = {file.shown: _read(file.path) for file in files}
    below = {shown: with_all_below(mentioned(text, lemmas), rests_on) for shown, text in texts.items()}

    def digest(shown: str) -> str:
        own = (_digest(lemmas[name]) for name in sorted(below[shown] - common))
        return _digest(" ".join([_digest(texts[shown]), *own]))

    foundation = _digest("\n".join([*parts, *(_digest(lemmas[name]) for name in sorted(common))]))
    return Snapshot(foundation, {shown: digest(shown) for shown in texts}, files, below)


def _read(path: Path) -> str:
    """The file as text, byte for byte a character."""
    return path.read_bytes().decode("latin-1")


def _versions() -> list[str]:
    found = [f"{sys.implementation.cache_tag} {sys.version} {sys.platform} {sys.flags.optimize}"]
    found.append(os.environ.get("SYMPY_GROUND_TYPES", ""))
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{name} {metadata.version(name)}")
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class VerdictCache:
    """The records of one snapshot.

    Args:
        read: whether kept verdicts may be returned at all; without, they are only replaced.
        place: the folder of the records, by default :func:`folder`.
    """

    def __init__(self, *, read: bool = True, place: Path | None = None) -> None:
        self.read = read
        self.place = place or folder()
        self.snapshot = snapshot()

    def records(self) -> dict[str, Record]:
        """The record of each theorem file that has one, by the name of the file for readers."""
        if not self.read or self.place is None:
            return {}
        found = {file.shown: self._load(file.shown) for file in self.snapshot.files}
        return {file: record for file, record in found.items() if record is not None}

    def digests(self, files: Sequence[str]) -> dict[str, str]:
        """The digests of these theorem files."""
        return {file: self.snapshot.digests[file] for file in sorted(files)}

    def unchanged(self) -> set[str]:
        """The theorem files whose digest is still what it was at the snapshot.

        Of any other, what was imported meanwhile could be the old text or the new.
        """
        try:
            now = snapshot()
        except OSError:
            return set()
        same = {file for file, digest in self.snapshot.digests.items() if now.digests.get(file) == digest}
        return same if now.foundation == self.snapshot.foundation else set()

    def store(self, head: Head, row: Row, files: Sequence[str]) -> None:
        """Keep a verdict that depends on the theorem files ``files``.

        Nothing is kept if the verdict is not as expected.  The caller asks :meth:`unchanged` first.
        """
        if self.place is None or not row.expected or row.cached:
            return
        with suppress(OSError, KeyError):
            body = {
                "head": vars(head) | {"uses": list(head.uses)},
                "row": row.to_dict(),
                "digests": self.digests(files),
            }
            self._write(self._path(head.file), body)

    def tidy(self) -> None:
        """Delete the oldest records beyond ``MOST_RECORDS``."""
        with suppress(OSError):
            if self.place is not None:
                kept = sorted(self.place.glob("*.json"), key=lambda p: p.stat().st_mtime)
                for path in kept[:-MOST_RECORDS]:
                    path.unlink(missing_ok=True)

    def _path(self, file: str) -> Path:
        assert self.place is not None
        key = "\n".join((self.snapshot.foundation, file, self.snapshot.digests[file]))
        return self.place / f"{_digest(key)[:40]}.json"

    def _load(self, file: str) -> Record | None:
        try:
            seal, _, text = self._path(file).read_text(encoding="utf-8").partition("\n")
            if seal != _digest(text):  # damaged
                return None
            body = json.loads(text)
            head = Head(**(body["head"] | {"uses": tuple(body["head"]["uses"])}))
            row = Row(**(body["row"] | {"cached": True}))
            if head.file != file or row.verdict not in VERDICTS or not row.expected:
                return None
            return Record(head, row, dict(body["digests"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _write(self, path: Path, body: dict[str, Any]) -> None:
        text = json.dumps(body, indent=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(f"{_digest(text)}\n{text}")
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
