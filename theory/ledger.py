# SPDX-License-Identifier: MIT
"""The rows of the ledger: what was established of each theorem.  Plain data, without SymPy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

PROVED, CERTIFIED, REFUTED, UNDECIDED = "PROVED", "CERTIFIED", "REFUTED", "UNDECIDED"
VERDICTS = (PROVED, CERTIFIED, REFUTED, UNDECIDED)


@dataclass(frozen=True)
class Row:
    """One line of the ledger.

    Attributes:
        name, kind, source, region, uncovered: as in the theorem's ``Entry``.
        verdict: one of ``VERDICTS``.
        evidence: what the verdict rests on; for a failure the file, the step and the reason.
        steps: number of kernel steps of the proof.
        seconds: how long the check took, when it was made.
        expected: whether the verdict is the one that the theorem's kind calls for.
        cached: whether the verdict was read back and not made by this run.
        file: the theorem's file; "" for an entry that does not come from one.
    """

    name: str
    kind: str
    verdict: str
    evidence: str
    steps: int
    seconds: float
    source: str
    expected: bool
    region: str = ""
    uncovered: str = ""
    cached: bool = False
    file: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return asdict(self)
