# SPDX-License-Identifier: MIT
"""Every theorem against one network, with proved numbers: bounds rounded outward, slacks rounded down."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from simulations import comparison
from simulations.certification.enclosures import enclosures
from simulations.certification.recording import Recording
from theory.certificates import Enclosed, Undefined, enclose
from theory.certificates.spectral import float_above, float_below
from theory.evaluation import CENTRED, HypothesisError
from theory.registry import theorems

RIGOROUS, FLOATING_POINT = "rigorous", "floating point"
_PRECISIONS = (128, 256)

# Measured values that do not change when all features are moved by one vector.
_UNMOVED = (
    "intra_class_cosine.",
    "inter_class_cosine.",
    "nc2.max_angle_",
    "nc2.equinorm_",
    "nc2.equiangular_",
    "row_cosine_centred.",
)


def rigorous_rows(
    rows: list[dict],
    recording: Recording,
    *,
    weight_decay: float | None,
    registry: Mapping[str, Any] | None = None,
) -> list[dict]:
    """Rows of `simulations.comparison.verdicts` with proved numbers where the theorem allows it.

    rows: one for every theorem with a measurable side, from floats. Added to each row: ``arithmetic``,
    "rigorous" or "floating point"; ``interval`` [low, high] of the measured value; ``width`` and
    ``measured_width``, how wide the intervals of bound and measured value are relative to them. In rigorous
    rows ``bound`` is the outward end of its interval, ``slack`` a lower bound of the distance between bound
    and measured value, ``verdict`` "holds" only if the slack is proved not to be negative, "violated" or
    "contradicted" only if it is proved to be, and "undecided" otherwise (``holds`` None, ``unmet`` empty).
    What is undecided is tried again with twice the precision; a theorem with a hypothesis that stays
    undecided keeps its floats, one with a hypothesis proved not to hold gives no guarantee.
    """
    known = theorems() if registry is None else registry
    wanted = {row["theorem"] for row in rows}
    done: dict[str, dict] = {}
    for precision in _PRECISIONS:
        values: dict[bool, dict[str, Enclosed | None]] = {}
        again: set[str] = set()
        for row in rows:
            if row["theorem"] not in wanted:
                continue
            centred = CENTRED in known[row["theorem"]].hypotheses
            if centred and not _moves_little(row):
                continue
            if centred not in values:
                values[centred] = enclosures(
                    recording, weight_decay=weight_decay, centred=centred, precision=precision
                )
            name = row["theorem"]
            try:
                done[name] = _row(row, known[name], values[centred], precision)
            except Undefined:
                done[name] = floating_point(row)
                again.add(name)
            if done[name]["verdict"] == "undecided":
                again.add(name)
        wanted = again
        if not wanted:
            break
    return [done.get(row["theorem"], floating_point(row)) for row in rows]


def _moves_little(row: Mapping[str, Any]) -> bool:
    """Whether the features' mean is zero up to rounding, and removing it leaves what is bounded as it is."""
    return row["quantity"].startswith(_UNMOVED) and CENTRED.text not in "; ".join(row["unmet"])


def floating_point(row: Mapping[str, Any]) -> dict:
    """The row with the numbers that it has, marked as floats."""
    return {**row, "arithmetic": FLOATING_POINT, "interval": None, "width": None, "measured_width": None}


def _row(row: Mapping[str, Any], entry: Any, values: Mapping[str, Enclosed | None], precision: int) -> dict:
    """The row with proved numbers; raises Undefined where more precision may decide."""
    measured = values.get(row["quantity"])
    arguments: dict[str, Any] = comparison.theorem_inputs(values)
    if row["delta"] is not None:
        each = entry.measurable.delta == "1/C"
        arguments["delta"] = 1 / arguments["C"].low if each else Fraction(row["delta"])
    if measured is None and row["measured"] is None:
        return floating_point(row)
    if measured is None:
        raise Undefined(f"{row['quantity']} is not enclosed with {precision} bits")
    try:
        bound = enclose(entry, arguments, precision=precision)
    except HypothesisError as error:
        # Floats may call a hypothesis met that fails by a rounding error; what fails has no guarantee.
        unmet = row["unmet"] or [str(error)]
        nothing = {"bound": None, "holds": None, "slack": None, "ratio": None, "verdict": "not applicable"}
        return {**floating_point(row), **nothing, "unmet": unmet}
    return _decided(row, entry, bound, measured)


def _decided(row: Mapping[str, Any], entry: Any, bound: Enclosed, measured: Enclosed) -> dict:
    """The row with the verdict that the two intervals prove."""
    if row["direction"] == "<=":
        least, most, outward = bound.low - measured.high, bound.high - measured.low, float_above(bound.high)
    else:
        least, most, outward = measured.low - bound.high, measured.high - bound.low, float_below(bound.low)
    holds = True if least >= 0 else False if most < 0 else None
    failed = "violated" if comparison.is_proved(entry) else "contradicted"
    # Floats call undefined what rounding makes 0/0, such as the angles of class means that nearly agree.
    value = float((measured.low + measured.high) / 2) if row["measured"] is None else row["measured"]
    small, large = value, outward
    if row["direction"] == ">=":
        small, large = large, small
    return {
        **row,
        "measured": value,
        "bound": outward,
        "holds": holds,
        "unmet": [],
        "slack": float_below(least),
        "ratio": small / large if small >= 0 and large > 0 else None,
        "kind": entry.kind,
        "verdict": {True: "holds", False: failed, None: "undecided"}[holds],
        "arithmetic": RIGOROUS,
        "interval": [float_below(measured.low), float_above(measured.high)],
        "width": _relative(bound),
        "measured_width": _relative(measured),
    }


def _relative(found: Enclosed) -> float:
    """Width relative to the larger end, absolute where both are zero."""
    size = max(abs(found.low), abs(found.high))
    return float(found.width / size) if size else 0.0
