# SPDX-License-Identifier: MIT
"""Theorems for readers: a proof step by step, and the table in the README.

The documents with all proofs are made by ``theory.rendering``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from theory.entry import Entry
    from theory.ledger import Row


class Described(Protocol):
    """What the table says of a theorem, besides its verdict."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def source(self) -> str: ...


def readme_table(entries: Iterable[Described], rows: Sequence[Row]) -> str:
    """The Markdown table name | kind | verdict | says | source, one row per entry in order."""
    verdicts = {r.name: r.verdict for r in rows}
    lines = ["| name | kind | verdict | says | source |", "|---|---|---|---|---|"]
    for entry in entries:
        cells = (f"`{entry.name}`", entry.kind, verdicts[entry.name], entry.says, entry.source)
        # A bar or a line break inside a cell would end it.
        lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def tables(entries: Iterable[Described], rows: Sequence[Row]) -> str:
    """The whole library in Markdown: a table for each folder of theorems, under the folder's first line."""
    folders: dict[str, list[Described]] = {}
    files = {r.name: r.file for r in rows}
    for entry in entries:
        folders.setdefault(files[entry.name].rpartition("/")[0], []).append(entry)
    parts = ["# The theorems\n", "Made by `python -m theory --table`; verdicts: see the README.\n"]
    for folder in sorted(folders):
        inside = folder.startswith("theory/theorems/")
        words = importlib.import_module(folder.replace("/", ".")).__doc__ if inside else None
        parts.append(f"## {(words or folder).strip().splitlines()[0].rstrip('.')}\n")
        parts.append(readme_table(sorted(folders[folder], key=lambda e: e.name), rows))
    return "\n".join(parts)


def explain(entry: Entry) -> str:
    """The statement and its proof as text: number, rule, premises, words, evidence, conclusion."""
    from theory.rendering.terminal import explain as told

    return told(entry)
