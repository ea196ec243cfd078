# SPDX-License-Identifier: MIT
"""The tightness table as text, and as the document docs/tightness.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulations.geometry.attack.table import markdown, ratio

COMMAND = "python -m simulations attack --store docs/tightness.json --markdown > docs/tightness.md"

_HEAD = """# How tight the bounds are

Every theorem that bounds a departure from collapse by a loss, attacked: the largest departure that an
optimiser finds among all configurations with that loss, beside the bound of the theorem at that loss. A
ratio of 1 means attained, and a ratio above 1 would refute the theorem. The bound is the theorem's own
formula, evaluated to fifty digits; what is attained is evaluated at a configuration that keeps the norms
and the loss exactly. A ratio below 1 is a lower bound of the true one: the optimiser is local.

Made by `{command}`
(one draw of every start, seed 0; {seconds:.0f} seconds of processor time; rows without change are re-used).
Gaps are relative to T q(T), or T* q* with weight decay: the loss that one unit of relative misalignment
costs. Bounds on the least loss itself have no gap. Departures of cosines are 1 - cosine. Starts: see
`simulations/geometry/attack/starts.py`; `exact-witness` is a closed form, reached without optimisation.

{theorems} theorems, {rows} rows; {reached} bounds are attained to 1e-6 in some row; the largest ratio
is {top}.

| theorem | kind | largest ratio by gap |
|---|---|---|
"""


def document(rows: Sequence[dict[str, Any]]) -> str:
    """The whole document: what the numbers are, how they were made, a summary and the tables."""
    numbers = [row for row in rows if row["ratio"] is not None]
    reached = {row["theorem"] for row in numbers if row["ratio"] >= 1.0 - 1e-6}
    names = dict.fromkeys(row["theorem"] for row in rows)
    seconds = sum(row["seconds"] for row in rows)
    top = max((row["ratio"] for row in numbers), default=0.0)
    lines = _HEAD.format(
        command=COMMAND,
        seconds=seconds,
        theorems=len(names),
        rows=len(numbers),
        reached=len(reached),
        top=f"1 {'+' if top >= 1.0 else '-'} {abs(top - 1.0):.0e}",
    ).splitlines()
    for name in names:
        own = [row for row in numbers if row["theorem"] == name]
        if own:
            best = ", ".join(
                f"{ratio(max(row['ratio'] for row in own if row['relative_gap'] == gap))}"
                + ("" if gap is None else f" ({gap:g})")
                for gap in dict.fromkeys(row["relative_gap"] for row in own)
            )
            lines.append(f"| `{name}` | {own[0]['kind']} | {best} |")
    return "\n".join([*lines, "", markdown(rows)])


def text(rows: Sequence[dict[str, Any]]) -> str:
    """A plain-text table."""
    width = max((len(row["theorem"]) for row in rows), default=7)
    lines = [
        f"{'theorem':<{width}}  {'C':>3} {'d':>3} {'gap/(T q)':>9}  {'attained':>11} {'bound':>11} "
        f"{'ratio':>9}  {'start':<16} {'s':>6}"
    ]
    for row in rows:
        gap = "" if row["relative_gap"] is None else f"{row['relative_gap']:g}"
        head = f"{row['theorem']:<{width}}  {row['C']:>3} {row['dimension']:>3} {gap:>9}  "
        if row["refused"]:
            lines.append(head + "refused: " + row["refused"].removeprefix("worst_case: "))
        else:
            lines.append(
                f"{head}{row['attained']:>11.4e} {row['bound']:>11.4e} {ratio(row['ratio']):>9}  "
                f"{row['start']:<16} {row['seconds']:>6.1f}"
            )
    return "\n".join(lines)
