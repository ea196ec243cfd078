# SPDX-License-Identifier: MIT
"""What is known of every dropped hypothesis of the library, from the files alone: no search, few proofs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from theory.entry import Entry
from theory.soundness.attack import targets
from theory.soundness.choices import chosen_anew
from theory.soundness.hypotheses import (
    CHOICE,
    DOMAIN,
    NEEDED,
    OPEN,
    SIGNS,
    UNNECESSARY,
    Fate,
    OnFile,
    fates,
    without,
)
from theory.soundness.store import COUNTEREXAMPLES, MEANINGLESS, load, save, text_of
from theory.soundness.symmetry import partners


def standing(entry: Entry, stored: OnFile) -> list[Fate]:
    """The fate of each hypothesis of the entry as the files have it, taken at their word.

    That the witnesses on file do what they are kept for is checked by the tests and by the campaign.  The
    entry is proved only if its statement alone does not tell.
    """
    from theory.checker import establishes

    result = []
    for n, hypothesis in enumerate(entry.statement.hypotheses):
        text = text_of(hypothesis)
        if text in stored.counterexamples:
            result.append(Fate(n, text, NEEDED))
        elif text in stored.meaningless:
            result.append(Fate(n, text, DOMAIN))
        elif (atoms := partners(entry.statement, n)) is not None:
            result.append(Fate(n, text, SIGNS, " and ".join(atoms)))
        elif (words := chosen_anew(entry.statement, n)) is not None:
            result.append(Fate(n, text, CHOICE, words))
        elif establishes(entry.theorem, without(entry.statement, n)):
            result.append(Fate(n, text, UNNECESSARY))
        else:
            result.append(Fate(n, text, OPEN))
    return result


def standings(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Fate]]]:
    """The standing of each entry that has a proof."""
    examples, meaningless = load(COUNTEREXAMPLES), load(MEANINGLESS)
    for entry in entries:
        if entry.prove is not None:
            stored = OnFile(examples.get(entry.name, {}), meaningless.get(entry.name, {}))
            yield entry.name, standing(entry, stored)


def totals(found: Sequence[tuple[str, list[Fate]]]) -> dict[str, int]:
    """How many hypotheses of each fate."""
    count = Counter(fate.verdict for _, rows in found for fate in rows)
    return {v: count[v] for v in (NEEDED, DOMAIN, SIGNS, CHOICE, UNNECESSARY, OPEN)}


def settle(entry: Entry, seconds: float) -> list[Fate]:
    """Search for what the files lack about one entry, ``seconds`` of processor time a hypothesis."""
    return fates(entry, targets(entry, entry.theorem)[-1], OnFile.about(entry.name), seconds=seconds)


def keep(name: str, found: Sequence[Fate]) -> None:
    """Put the witnesses of an entry's hypotheses on file, in the place of what was there."""
    for verdict, file in ((NEEDED, COUNTEREXAMPLES), (DOMAIN, MEANINGLESS)):
        kept = load(file)
        kept[name] = {f.hypothesis: f.witness for f in found if f.verdict == verdict and f.witness}
        save(kept, file)
