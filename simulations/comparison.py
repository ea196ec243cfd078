# SPDX-License-Identifier: MIT
"""Bound against measurement: what every theorem guarantees for measured values, and what a violation means.

A measurement meets a bound if it exceeds it by no more than ``ROUNDING`` = 1e-9 times the size of the terms
involved: max(|measured|, |bound|, s), where s = 1 for quantities of size one (cosines, variabilities) and
s = T q(T), the price of one unit of relative misalignment, for losses. What a violation means depends on
whether the theorem has a proof: with one, whatever its kind, it is an error in this toolkit and stops the
job with the evidence saved; a contradicted published statement or conjecture without proof is reported,
no more.

Where T = C alpha beta/(C-1) is below ``LEAST_T`` = 1e-5 a bound that fails decides nothing: bounds then come
from how far the loss is below log C, at most T, and 64-bit numbers hold losses to 1e-16 log C, so that a
margin found from the loss, an error of 1e-16/T, would exceed ``ROUNDING`` from T = 1e-7 on. Such are networks
that decay shrinks to nothing; `simulations.certify` computes with as many digits as it takes.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulations import metrics
from simulations.errors import BoundViolation
from simulations.evidence import save_evidence
from theory import scalars

__all__ = ["BoundViolation", "check", "compare", "guarantees", "summary", "verdicts"]

ROUNDING = 1e-9
LEAST_T = 1e-5
_UNPROVED_KINDS = frozenset({"published", "conjecture"})

# Names under which theorems take measured values, and where they come from.
_INPUTS = {
    "C": "num_classes",
    "L": "loss",
    "eps": "loss_gap",
    "alpha": "feature_norm",
    "alpha_centred": "feature_norm_centred",
    "beta": "weight_norm",
    "weight_frobenius": "weight_frobenius",
    "weight_decay": "weight_decay",
    "L_reg": "regularized_loss",
    "eps_reg": "regularized_loss_gap",
    "bias_norm": "bias_norm",
    "mean_norm": "mean_norm",
    "weight_spectral": "nc2.spectral_weights",
    "means_spectral": "nc2.spectral_means",
}


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """{"nc1": {"cdnv": x}} to {"nc1.cdnv": x}; dotted names stay."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{key}": inner for key, inner in flatten(value).items()})
        else:
            flat[name] = value
    return flat


def theorem_inputs(values: Mapping[str, Any]) -> dict[str, float]:
    """The arguments of ``entry.evaluate`` and ``entry.unmet`` that these measured values supply."""
    flat = flatten(values)
    found = {name: flat[source] for name, source in _INPUTS.items() if flat.get(source) is not None}
    if "eps_reg" not in found and {"regularized_loss", "minimum_regularized_loss"} <= flat.keys():
        pair = flat["regularized_loss"], flat["minimum_regularized_loss"]
        if None not in pair:
            found["eps_reg"] = max(pair[0] - pair[1], 0.0)
    return found


def tolerance(quantity: str, measured: float, bound: float, values: Mapping[str, Any]) -> float:
    """By how much rounding alone may carry ``measured`` over ``bound``; see the module's first lines."""
    known = metrics.quantities().get(quantity)
    size = 1.0
    if known is not None and known.scale == "loss":
        size = values["T"] * float(scalars.q(values["T"], values["num_classes"]))
    return ROUNDING * max(abs(measured), abs(bound), size)


def guarantees(values: Mapping[str, Any], registry: Mapping[str, Any] | None = None) -> list[dict]:
    """What every registered theorem with a measurable side says about these values.

    values: the dictionary of a Measurement, nested or dotted. registry: name -> theorem, default
    ``theory.theorems()``. Returns rows {theorem, quantity, direction, measured, bound, delta, holds, unmet}:
    ``delta`` is the fraction of classes exempted (None for averages; 1/C for statements about every class);
    where a hypothesis is not met, or the numbers decide nothing, ``holds`` and ``bound`` are None and
    ``unmet`` says why.
    """
    flat = flatten(values)
    arguments = theorem_inputs(flat)
    return [_row(entry, flat, arguments) for entry in _measurable(registry)]


def _registry(registry: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if registry is not None:
        return registry
    import theory

    return theory.theorems()


def _measurable(registry: Mapping[str, Any] | None) -> list[Any]:
    return [entry for entry in _registry(registry).values() if entry.measurable is not None]


def _row(entry: Any, flat: Mapping[str, Any], arguments: Mapping[str, float]) -> dict:
    side = entry.measurable
    delta = 1.0 / arguments["C"] if side.delta == "1/C" else side.delta
    given = dict(arguments) if delta is None else {**arguments, "delta": float(delta)}
    measured = flat.get(side.quantity)
    row = {
        "theorem": entry.name,
        "quantity": side.quantity,
        "direction": side.direction,
        "measured": measured,
        "bound": None,
        "delta": delta,
        "holds": None,
        "unmet": [],
    }
    with np.errstate(all="ignore"):  # what is not finite is no hypothesis that is met
        row["unmet"] = [str(reason) for reason in entry.unmet(**given)]
    if side.quantity not in metrics.quantities():
        return {**row, "unmet": [f"{side.quantity!r} is not measured: no metric has this name"]}
    if row["unmet"]:
        return row
    if measured is None:
        return {**row, "unmet": [f"{side.quantity} is undefined for these data"]}
    try:
        with np.errstate(all="ignore"):  # a bound that is not finite is reported below, in words
            bound = float(entry.evaluate(**given))
    except (ValueError, ArithmeticError) as error:  # theory.HypothesisError, or division by an underflow
        return {**row, "unmet": [str(error)]}
    if not np.isfinite(bound):
        return {**row, "unmet": [f"the bound is {bound} in float64, which says nothing"]}
    excess = measured - bound if side.direction == "<=" else bound - measured
    if excess <= tolerance(side.quantity, measured, bound, flat):
        return {**row, "bound": bound, "holds": True}
    if flat.get("T", LEAST_T) < LEAST_T:
        reason = f"T = {flat['T']:.3g} is below {LEAST_T:g}, where float64 cannot tell the loss from log C"
        return {**row, "unmet": [reason]}
    return {**row, "bound": bound, "holds": False}


def verdicts(rows: Iterable[Mapping[str, Any]], registry: Mapping[str, Any] | None = None) -> list[dict]:
    """Guarantee rows with the theorem's kind and a verdict.

    Adds ``kind``; ``slack`` = distance from the measurement to the bound, negative when violated; ``ratio`` =
    measured/bound for "<=", bound/measured for ">=" (1 when attained; None where it has no meaning);
    ``verdict`` = "holds", "not applicable", "violated" (the theorem has a proof: an error in this toolkit) or
    "contradicted" (a published statement or conjecture without proof).
    """
    known = _registry(registry)
    return [_verdict(row, known[row["theorem"]]) for row in rows]


def is_proved(entry: Any) -> bool:
    """Whether the theorem has a proof; of an entry that cannot say, every kind that must have one."""
    if hasattr(entry, "prove"):
        return entry.prove is not None
    return entry.kind not in _UNPROVED_KINDS


def _verdict(row: Mapping[str, Any], entry: Any) -> dict:
    kind = entry.kind
    if row["holds"] is None:
        return {**row, "kind": kind, "slack": None, "ratio": None, "verdict": "not applicable"}
    small, large = row["measured"], row["bound"]
    if row["direction"] == ">=":
        small, large = large, small
    ratio = small / large if small >= 0 and large > 0 else None
    failed = "violated" if is_proved(entry) else "contradicted"
    verdict = "holds" if row["holds"] else failed
    return {**row, "kind": kind, "slack": large - small, "ratio": ratio, "verdict": verdict}


def check(
    values: Mapping[str, Any],
    *,
    arrays: Mapping[str, Any] | None = None,
    save_to: str | Path | None = None,
    label: str = "measurement",
    registry: Mapping[str, Any] | None = None,
) -> list[dict]:
    """Verdict rows for one measurement; stops at a violated proved bound.

    values: a Measurement's dictionary; arrays: what it was measured on (features, labels, ...), saved as
    evidence; save_to: folder for the evidence, created if needed, None to save nothing; label: start of the
    file name. Raises BoundViolation, which names the .npz file: the arrays, every measured number under its
    dotted name, and the offending rows as JSON under ``violations``.
    """
    rows = verdicts(guarantees(values, registry), registry)
    broken = [row for row in rows if row["verdict"] == "violated"]
    if not broken:
        return rows
    path = None
    if save_to is not None:
        path = Path(save_to) / f"{label}.violation.npz"
        save_evidence(path, values=flatten(values), rows=broken, arrays=arrays or {})
    worst = broken[0]
    more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
    where = f"; evidence saved in {path}" if path else ""
    raise BoundViolation(
        f"{label}: {worst['kind']} theorem {worst['theorem']} is violated{more}: measured "
        f"{worst['quantity']} = {worst['measured']!r}, guaranteed {worst['direction']} {worst['bound']!r}"
        f"{where}; this is an error in the toolkit, please report it with the data",
        rows=broken,
        path=path,
    )


def compare(
    record: Any,
    *,
    save_to: str | Path | None = None,
    arrays: Mapping[str, Any] | None = None,
    registry: Mapping[str, Any] | None = None,
) -> list[dict]:
    """Every theorem against every measurement of a run, with the epoch of each row under ``epoch``.

    record: anything with ``key`` and ``history``, a list of {"epoch", "collapse": Measurement dictionary}, or
    the same as a dictionary. Bounds are evaluated anew: an old record is held against today's theorems.
    Raises BoundViolation as ``check`` does, after saving what is known to ``save_to``.
    """
    key, history = (
        (record.get("key"), record["history"])
        if isinstance(record, Mapping)
        else (getattr(record, "key", None), record.history)
    )
    rows = []
    for step in history:
        label = f"{key or 'run'}-epoch-{step['epoch']}"
        found = check(step["collapse"], arrays=arrays, save_to=save_to, label=label, registry=registry)
        rows += [{**row, "run": key, "epoch": step["epoch"]} for row in found]
    return rows


def summary(rows: Iterable[Mapping[str, Any]]) -> list[dict]:
    """One row per theorem over many runs' rows, in order of appearance, with the tightest case.

    rows: from ``compare``, ``check`` or ``verdicts``. Returns {theorem, kind, quantity, direction, delta,
    cases, applicable, violated, measured, bound, slack, ratio, run, epoch, verdict}: the numbers are those
    of the applicable row with the least slack, violated rows first and an excess that is rounding counted as
    no slack; None where the theorem applied nowhere. The slack of a loss counts relative to the larger of
    loss and bound, so that a bound far from a tiny loss is not taken for a close one; cosines, variabilities
    and distances have a scale of their own, 1.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["theorem"], []).append(row)
    return [_tightest(group) for group in groups.values()]


def _closeness(row: Mapping[str, Any]) -> tuple[bool, float]:
    """Sorts rows from the worst violated to the loosest: (holds, slack in units of the quantity)."""
    known = metrics.quantities().get(row["quantity"])
    is_loss = known is not None and known.scale == "loss"
    size = max(abs(row["measured"]), abs(row["bound"])) if is_loss else 1.0
    relative = row["slack"] / size if size else 0.0
    return row["holds"], max(relative, 0.0) if row["holds"] else relative


def _tightest(group: list[Mapping[str, Any]]) -> dict:
    applicable = [row for row in group if row["holds"] is not None]
    tightest: Mapping[str, Any] = min(applicable, key=_closeness) if applicable else {}
    failures = [row for row in applicable if not row["holds"]]
    verdict = failures[0]["verdict"] if failures else "holds" if applicable else "not applicable"
    return {
        **{name: group[0][name] for name in ("theorem", "kind", "quantity", "direction", "delta")},
        "cases": len(group),
        "applicable": len(applicable),
        "violated": len(failures),
        **{name: tightest.get(name) for name in ("measured", "bound", "slack", "ratio", "run", "epoch")},
        "verdict": verdict,
    }
