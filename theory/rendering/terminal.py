# SPDX-License-Identifier: MIT
"""A theorem and its proof as text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from theory.rendering.plain import plain
from theory.rendering.present import Reference, Shown, Step, library

if TYPE_CHECKING:
    from theory.entry import Entry

WIDTH = 110


def explain(entry: Entry) -> str:
    """The statement and its proof: number, rule, premises, words, conclusion, evidence.

    Theorems that the proof builds on are named, not repeated; steps that only rename or substitute are told
    with the step that uses them.
    """
    from theory.registry import get, premises

    used = sorted(premises(entry.name))
    shown = next(t.shown for t in library([*map(get, used), entry]).theorems if t.entry is entry)
    lines = [f"{entry.name} ({entry.kind}): {entry.title}", *_wrapped(entry.says, 2)]
    lines += _wrapped(f"source: {entry.source}", 2)
    lines += [f"  where {plain(latex)} is {meaning}" for latex, meaning in shown.symbols]
    lines += [line for name, latex in shown.hypotheses for line in _formula(f"  {name:<4}", latex)]
    lines += _formula("  claim ", shown.conclusion + _for_all(shown))
    if shown.proof is None:
        words = "no proof here"
        words += "; refuted by a stored configuration" if entry.refutation_of is not None else ""
        words += f"; not covered: {entry.uncovered}" if entry.uncovered else ""
        return "\n".join([*lines, *_wrapped(words, 2)])
    steps = shown.proof.steps
    lines.append(f"  proof, {shown.proof.kernel_steps} applications of a rule in {len(steps)} steps")
    lines += [x for name, latex in shown.proof.assumptions for x in _formula(f"    assume {name}: ", latex)]
    for step in steps:
        lines += _step(step)
    return "\n".join(lines)


def _step(step: Step) -> list[str]:
    premises = f" from {', '.join(map(_name, step.premises))}" if step.premises else ""
    title = f" - {step.title}" if step.title else ""
    head = _wrapped(f"{', '.join(step.rules)}{premises}{title}   [{step.evidence}]", 9)
    head[0] = f"  {step.name:>4}. " + head[0].lstrip()
    return head + _formula("         ", step.conclusion)


def _name(reference: Reference) -> str:
    return f"the theorem {reference.name}" if reference.kind == "theorem" else reference.name


def _for_all(shown: Shown) -> str:
    return rf" \quad \forall\, {shown.free}" if shown.free else ""


def _formula(head: str, latex: str) -> list[str]:
    return textwrap.wrap(
        plain(latex),
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * (len(head) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)
