# SPDX-License-Identifier: MIT
"""Theorems for readers: a proof step by step, and the table in the README.

The documents with all proofs are made by ``theory.rendering``.
"""

from __future__ import annotations

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


def explain(entry: Entry) -> str:
    """The statement and its proof as text: number, rule, premises, words, evidence, conclusion."""
    from theory.rendering.terminal import explain as told

    return told(entry)
