# SPDX-License-Identifier: MIT
"""What a theorem's file says besides statement and proof: where it is sharp, what is false beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory.entry import Entry
    from theory.ledger import Row


def remarks(entry: Entry, row: Row | None) -> tuple[str, ...]:
    """What the file says of where a claim is proved, and of what is not covered; how it is refuted."""
    found = []
    if row is not None and not row.expected:
        found.append(f"Not established: {row.evidence}.")
    if entry.region:
        found.append(f"Proved for: {entry.region}.")
    if entry.uncovered:
        found.append(f"Not covered: {entry.uncovered}.")
    if entry.refutation_of is not None:
        note = entry.refutation_of().note
        found.append(f"Refuted by a stored configuration{f': {note}' if note else ''}.")
    if entry.attained_of is not None:
        note = entry.attained_of().note
        found.append(f"Both sides are equal at a stored configuration{f': {note}' if note else ''}.")
    changes = [twin.change for twin in entry.twins_of()]
    if changes:
        found.append(f"False variants, each refuted by an exact configuration: {'; '.join(changes)}.")
    return tuple(text.replace("..", ".") for text in found)
