# SPDX-License-Identifier: MIT
"""Theorems for readers: a proof step by step, and the table in the README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory.checker import Row
from theory.entry import Entry
from theory.latex import markdown_table


@dataclass(frozen=True)
class _Line:
    name: str
    title: str
    kind: str
    verdict: str
    says: str
    source: str


def readme_table(entries: Sequence[Entry], rows: Sequence[Row]) -> str:
    """The Markdown table name | kind | verdict | says | source."""
    verdicts = {r.name: r.verdict for r in rows}
    return markdown_table(
        [_Line(e.name, e.title, e.kind, verdicts[e.name], e.says, e.source) for e in entries]
    )


def explain(entry: Entry) -> str:
    """The statement and its proof: number, rule, premises, words, conclusion, evidence."""
    lines = [f"{entry.name} ({entry.kind}): {entry.says}", f"  source: {entry.source}"]
    lines += [f"  given: {a}" for a in entry.statement.hypotheses]
    lines.append(f"  claim: {entry.statement.conclusion}")
    if entry.prove is None:
        return "\n".join([*lines, f"  no proof here; not covered: {entry.uncovered}"])
    for step in entry.proof:
        premises = f" from {', '.join(map(str, step.premises))}" if step.premises else ""
        label = f" - {step.label}" if step.label else ""
        lines.append(f"  {step.number:>3}. {step.rule}{premises}{label}")
        lines.append(f"       {step.conclusion}   [{step.evidence}]")
    return "\n".join(lines)
