# SPDX-License-Identifier: MIT
"""``python -m theory.soundness --unsettled``: hypotheses of which nobody knows if they are needed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from theory.entry import Entry
from theory.soundness.hypotheses import OPEN, Fate, OnFile
from theory.soundness.unsettled import keep, settle, standing, standings, totals


def print_unsettled(
    entries: Sequence[Entry], *, search: float | None = None, put: bool = False, as_json: bool = False
) -> None:
    """Print each hypothesis of ``entries`` without a verdict, and the totals.

    With ``search``, look for one first, so many seconds a hypothesis, and ``put`` what is found on file.
    """
    found: list[tuple[str, list[Fate]]] = []
    for name, rows in standings(entries):
        if search is not None and any(fate.verdict == OPEN for fate in rows):
            entry = next(e for e in entries if e.name == name)
            rows = settle(entry, search)
            if put:
                keep(name, rows)
                rows = standing(entry, OnFile.about(name))
        found.append((name, rows))
        if not as_json:
            for fate in rows:
                if fate.verdict == OPEN:
                    print(f"{name}: hypothesis {fate.number + 1}, {fate.hypothesis}", flush=True)
    count = totals(found)
    if as_json:
        rows_of = {name: [fate.to_dict() for fate in rows] for name, rows in found}
        print(json.dumps({"totals": count, "theorems": rows_of}, indent=1))
        return
    print(
        f"{sum(count.values())} hypotheses of {len(found)} theorems: {count['needed']} needed (a "
        f"counterexample without each), {count['domain']} that give the statement its meaning, "
        f"{count['signs']} superfluous up to a change of signs, {count['choice']} that a choice can meet, "
        f"{count['unnecessary']} not used by the proof, {count['open']} unsettled."
    )
