# SPDX-License-Identifier: MIT
"""The tightness table: every bound that can be attacked, attacked in the same few settings.

A row is one theorem in one setting at one loss gap; gaps are relative to the price of misalignment (T q(T),
or T* q* with weight decay), so that they mean the same everywhere. Rows are kept by content: a hash of the
theorem's formula, the setting, the budget and the code of the adversary. A row that is kept under its hash
is not computed again, so an interrupted table goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from simulations.errors import InputError
from simulations.geometry.attack.claims import Claim, attackable, claim_of
from simulations.geometry.attack.inputs import setting_for
from simulations.geometry.attack.starts import SUITABLE
from simulations.geometry.attack.worst_case import worst_case
from theory import scalars

__all__ = ["GAPS", "ROUNDING", "SHAPES", "Shape", "beaten", "markdown", "problem_of", "tightness_table"]

#: Small, medium and large loss gaps, relative to the price of misalignment.
GAPS = (1e-6, 1e-2, 0.2)
#: By how much rounding may carry a ratio over 1.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Shape:
    """C classes, samples of each, feature dimension; T for fixed norms, lambda for weight decay, and the
    mass of smoothed labels and exponent of the focal loss for the theorems that have them."""

    C: int
    samples: int
    dimension: int
    margin: float
    weight_decay: float
    smoothing: float = 0.05
    focal_gamma: float = 2.0
    gaps: tuple[float, ...] = GAPS


#: The settings of the published table. Every theorem's hypotheses on T, lambda and d are met in both.
SHAPES = (Shape(4, 4, 6, 7.0, 0.02), Shape(10, 2, 11, 8.0, 0.01, gaps=(1e-2,)))


def problem_of(claim: Claim, shape: Shape, relative: float) -> dict[str, Any]:
    """The arguments of `worst_case` for a claim in a setting, at a relative gap."""
    inputs = claim.formula.inputs if claim.formula else ()
    problem: dict[str, Any] = {
        "C": shape.C,
        "samples_per_class": shape.samples,
        "feature_dim": shape.C - 2 if "dimension" in inputs else shape.dimension,
    }
    if claim.decay:
        problem["weight_decay"] = shape.weight_decay
        if claim.feature_decay:  # the same effective decay
            problem["feature_decay"] = shape.weight_decay / (shape.samples * shape.C)
        if "smoothing" in inputs:
            problem["smoothing"] = shape.smoothing
    else:
        problem["T"] = shape.margin
        if claim.loss == "focal":
            problem["focal_gamma"] = shape.focal_gamma
    if not claim.minimum:
        problem["loss_gap"] = relative * setting_for(claim, problem).price
    return problem


def tightness_table(
    theorems: Sequence[str] | None = None,
    *,
    shapes: Sequence[Shape] = SHAPES,
    relative_gaps: Sequence[float] | None = None,
    repeats: int = 1,
    seed: int = 0,
    store: str | Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[dict[str, Any]]:
    """Rows {theorem, kind, quantity, C, samples, dimension, T, weight_decay, relative_gap, loss_gap,
    attained,
    bound, ratio, start, seconds, refused, key}; a refused row says which hypothesis is not met, without
    numbers.

    theorems: names, all that can be attacked when omitted. relative_gaps: in units of T q(T), positive,
    those of the shapes when omitted;
    bounds on the least loss have one row a setting. repeats, seed: as for `worst_case`. seconds: of this
    process on its processor. store: a JSON file of kept rows, read first and written after every new row.
    progress: called with rows done, rows in all, and the theorem.
    """
    names = attackable() if theorems is None else list(theorems)
    todo = [
        (claim, shape, gap)
        for claim in map(claim_of, names)
        for shape in shapes
        for gap in ([0.0] if claim.minimum else relative_gaps or shape.gaps)
    ]
    kept = _kept(store)
    rows = []
    for count, (claim, shape, gap) in enumerate(todo):
        if progress is not None:
            progress(count, len(todo), claim.name)
        key = _key(claim, shape, gap, repeats, seed)
        if key not in kept:
            kept[key] = _row(claim, shape, gap, repeats, seed) | {"key": key}
            _keep(store, kept)
        rows.append(kept[key])
    if progress is not None:
        progress(len(todo), len(todo), "")
    if store is not None and theorems is None:
        _keep(store, {row["key"]: row for row in rows})
    return rows


def _row(claim: Claim, shape: Shape, gap: float, repeats: int, seed: int) -> dict[str, Any]:
    problem = problem_of(claim, shape, gap)
    assert claim.entry is not None
    row = {
        "theorem": claim.name,
        "kind": claim.entry.kind,
        "quantity": claim.quantity.words,
        "direction": claim.direction,
        "C": shape.C,
        "samples": shape.samples,
        "dimension": problem["feature_dim"],
        "T": problem.get("T"),
        "weight_decay": problem.get("weight_decay"),
        "relative_gap": None if claim.minimum else gap,
        "loss_gap": problem.get("loss_gap"),
    }
    numbers = dict.fromkeys(("attained", "bound", "ratio", "start"))
    start = time.process_time()
    try:
        found = worst_case(claim.entry, **problem, repeats=repeats, seed=seed)
    except InputError as error:
        return row | numbers | {"seconds": 0.0, "refused": str(error)}
    numbers = {name: getattr(found, name) for name in numbers}
    return row | numbers | {"seconds": round(time.process_time() - start, 2), "refused": None}


def beaten(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows whose bound was beaten by more than rounding: none, unless a theorem is false."""
    return [row for row in rows if row["ratio"] is not None and not row["ratio"] <= 1.0 + ROUNDING]


def _key(claim: Claim, shape: Shape, gap: float, repeats: int, seed: int) -> str:
    formula = claim.formula
    assert formula is not None
    content = [
        [claim.name, claim.quantity.words, claim.loss, claim.decay, claim.feature_decay],
        [claim.centred, claim.bias, list(SUITABLE[claim.quantity.kind])],
        sympy.srepr(formula.bound),
        [condition.text for condition in formula.conditions],
        {name: value for name, value in asdict(shape).items() if name != "gaps"},
        [gap, repeats, seed],
        _code(),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@lru_cache
def _code() -> str:
    """Hash of the code that makes the numbers; what is attacked and how is in the key itself."""
    names = "adversary angles bounds departures divergence exact other_losses precise settings starts values"
    own = [Path(__file__).parent / f"{name}.py" for name in names.split()]
    files = [*own, Path(scalars.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _kept(store: str | Path | None) -> dict[str, dict[str, Any]]:
    if store is None or not Path(store).exists():
        return {}
    try:
        return {row["key"]: row for row in json.loads(Path(store).read_text(encoding="utf-8"))}
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"attack: {store} is not a file of kept rows ({error}); remove it or name another."
        ) from None


def _keep(store: str | Path | None, rows: dict[str, dict[str, Any]]) -> None:
    if store is None:
        return
    part = Path(f"{store}.part")
    lines = ",\n".join(json.dumps(row, sort_keys=True) for row in rows.values())
    part.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    os.replace(part, store)


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as one Markdown table a setting."""
    parts = []
    for shape in dict.fromkeys((row["C"], row["samples"]) for row in rows):
        chosen = [row for row in rows if (row["C"], row["samples"]) == shape]
        margins = {f"T = {row['T']:g}" for row in chosen if row["T"] is not None}
        decays = {f"lambda = {row['weight_decay']:g}" for row in chosen if row["weight_decay"] is not None}
        title = ", ".join([f"C = {shape[0]}", f"{shape[1]} samples a class", *sorted(margins | decays)])
        parts += [f"## {title}", "", _HEAD, _RULE, *map(_line, chosen), ""]
    return "\n".join(parts)


_HEAD = "| theorem | kind | bounded | d | gap/(T q) | attained | bound | ratio | start | s |"
_RULE = "|---|---|---|--:|--:|--:|--:|--:|---|--:|"


def _line(row: dict[str, Any]) -> str:
    gap = "" if row["relative_gap"] is None else f"{row['relative_gap']:g}"
    cells = [f"`{row['theorem']}`", row["kind"], f"`{row['quantity']}`", str(row["dimension"]), gap]
    if row["refused"]:
        return "| " + " | ".join([*cells, "", "", "refused", _reason(row).replace("|", "/"), ""]) + " |"
    numbers = [f"{row['attained']:.4g}", f"{row['bound']:.4g}", ratio(row["ratio"])]
    return "| " + " | ".join([*cells, *numbers, row["start"], f"{row['seconds']:.1f}"]) + " |"


def _reason(row: dict[str, Any]) -> str:
    return str(row["refused"]).removeprefix("worst_case: ").removeprefix(f"{row['theorem']}: ")


def ratio(value: float) -> str:
    """A ratio for reading: "1" only where it is 1 up to 1e-9."""
    if abs(value - 1.0) <= ROUNDING:
        return "1"
    return f"{np.floor(value * 1e6) / 1e6:.6f}" if 1e-3 <= value < 1.0 else f"{value:.2e}"
