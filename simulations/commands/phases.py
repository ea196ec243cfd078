# SPDX-License-Identifier: MIT
"""Phase diagrams of the optimal geometry: where it changes, every boundary tested on both sides.

Each exact boundary is solved for just below and just above. A crossing holds if both sides are certified, by
a dual gap or an explicit competitor, and are the phases that the boundary says.

Exit status: 0 when every boundary of the diagrams asked for is certified, 1 when one is not, 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.geometry.phases import Boundary, Diagram, PhaseData


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which diagrams, and how large a grid."""
    parser.add_argument("name", nargs="*", metavar="NAME", help="diagrams (default: all)")
    parser.add_argument("--list", action="store_true", help="names, one a line, and what changes phase")
    parser.add_argument("--quick", action="store_true", help="a small grid, a matter of seconds")
    parser.add_argument(
        "--shift", type=float, help="factor on every boundary, to see that a wrong one is not certified"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, with every grid")


def run(args: argparse.Namespace) -> int:
    """Print the diagrams; 1 if a boundary is not certified."""
    from simulations.errors import InputError
    from simulations.geometry.phases import all_diagrams, get

    chosen = [get(name) for name in args.name] or all_diagrams()
    if args.list:
        rows = [{"name": one.name, "says": one.says, "source": one.source} for one in chosen]
        width = max(len(one.name) for one in chosen)
        text = "\n".join(f"{row['name']:<{width}}  {row['says']}" for row in rows)
        print(json.dumps({"diagrams": rows}) if args.json else text)
        return 0
    if args.shift is not None and not 0.0 < args.shift < float("inf"):
        raise InputError(f"phases: received --shift {args.shift!r}; a positive number is required")
    shift = {} if args.shift is None else {"shift": args.shift}
    records, failed = [], []
    for diagram in chosen:
        print(f"{diagram.name} ...", file=sys.stderr)
        data = diagram.compute(**{**(diagram.quick if args.quick else {}), **shift})
        failed += [f"{diagram.name}: {one.label}" for one in data.boundaries if not one.certified]
        if args.json:
            records.append(record(data))
        else:
            print(table(diagram, data), end="\n\n")
    if args.json:
        print(json.dumps({"diagrams": records}, allow_nan=False))
    for label in failed:
        print(f"not certified: {label}", file=sys.stderr)
    return 1 if failed else 0


def table(diagram: Diagram, data: PhaseData) -> str:
    """Plain text: the map, rows from the largest y down, and the boundaries with their verdicts."""
    marks = "".join(name[0] for name in data.phases)
    if len(set(marks)) < len(marks):
        marks = "".join(chr(ord("a") + at) for at in range(len(data.phases)))
    lines = (
        [f"{data.name}: {diagram.says}", f"  {data.note}"] if data.note else [f"{data.name}: {diagram.says}"]
    )
    lines.append(f"  rows: {data.y.label}; columns: {data.x.label}")
    for at in reversed(range(len(data.y.values))):
        cells = (
            marks[phase] + (" " if sure else "?")
            for phase, sure in zip(data.phase[at], data.certified[at], strict=True)
        )
        lines.append(f"  {data.y.values[at]:>9.4g}  {''.join(cells)}")
    known = ", ".join(f"{mark} = {name}" for mark, name in zip(marks, data.phases, strict=True))
    lines.append(f"  {known}; ? = not certified; x from {data.x.values[0]:g} to {data.x.values[-1]:g}")
    for boundary in data.boundaries:
        lines += _verdict(boundary)
    return "\n".join(lines)


def _verdict(boundary: Boundary) -> list[str]:
    good = sum(crossing.holds for crossing in boundary.crossings)
    verdict = "CERTIFIED" if boundary.certified else "FAILS"
    named = boundary.theorem or boundary.source
    lines = [f"  {verdict:<9} {boundary.label}: {good} of {len(boundary.crossings)} crossings hold ({named})"]
    for crossing in boundary.crossings:
        if not crossing.holds:
            lines.append(f"    x = {crossing.x:g}, y = {crossing.y:.6g}:")
            lines.append(f"      at {crossing.below:.6g} {crossing.phase_below}: {crossing.evidence_below}")
            lines.append(f"      at {crossing.above:.6g} {crossing.phase_above}: {crossing.evidence_above}")
    return lines


def record(data: PhaseData) -> dict[str, Any]:
    """The whole diagram as JSON values; NaN is null."""
    axes = {
        name: {"label": axis.label, "values": plain(axis.values), "log": axis.log}
        for name, axis in (("x", data.x), ("y", data.y))
    }
    boundaries = [
        {
            "label": one.label,
            "x": plain(one.x),
            "y": plain(one.y),
            "source": one.source,
            "theorem": one.theorem,
            "certified": one.certified,
            "crossings": [{key: plain(value) for key, value in vars(test).items()} for test in one.crossings],
        }
        for one in data.boundaries
    ]
    return {
        "name": data.name,
        **axes,
        "phases": list(data.phases),
        "phase": plain(data.phase),
        "certified": plain(data.certified),
        "order": plain(data.order),
        "order_label": data.order_label,
        "boundaries": boundaries,
        "note": data.note,
        "details": {key: plain(value) for key, value in data.details.items()},
    }


def plain(value: Any) -> Any:
    """Arrays and NumPy scalars as lists and numbers; what is not finite as None."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return [plain(entry) for entry in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
