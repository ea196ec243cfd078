# SPDX-License-Identifier: MIT
"""Frozen runs made again with today's code, and every number held against the frozen one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulations.errors import InputError
from simulations.sweeps._columns import flat
from simulations.sweeps.store import Record, canonical, versions

IDENTICAL, WITHIN, DIFFERS, NOT_RUN = "bit-identical", "within tolerance", "differs", "not run"
# Relative. The same code, libraries and kind of processor give the same bits. Another processor rounds
# differently in float32, and training amplifies that: see docs/experiments.md for what was measured.
TOLERANCE = 0.05
# Below this, two numbers count as equal within tolerance: fractions and residuals that are zero up to
# rounding.
FLOOR = 1e-6


@dataclass(frozen=True)
class Reproduction:
    """One frozen run against the same run made today.

    verdict: "bit-identical"; "within tolerance" (relative difference of every number at most the tolerance);
    "differs"; or "not run", and `reason` says why. numbers compared, of which `identical` to the last bit;
    worst: {quantity, epoch, frozen, today, difference} of the largest relative difference, |a - b| /
    max(|a|, |b|), or None; absent: frozen quantities that today's code does not measure. seconds of today's
    run. changed: libraries whose versions differ, name -> [frozen, today].
    """

    key: str
    config: dict[str, Any]
    verdict: str
    numbers: int = 0
    identical: int = 0
    worst: dict[str, Any] | None = None
    absent: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    changed: Mapping[str, Sequence[str]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        worst = dict(self.worst) if self.worst else None
        if worst is not None and worst["difference"] == float("inf"):
            worst["difference"] = None  # between a number and something else, there is none
        return asdict(self) | {
            "worst": worst,
            "absent": list(self.absent),
            "changed": dict(self.changed or {}),
        }


def reproduce(
    name: str,
    *,
    sample: int = 2,
    seed: int = 0,
    folder: Path | None = None,
    tolerance: float = TOLERANCE,
    device: str = "cpu",
    progress: Callable[[Reproduction], None] | None = None,
) -> list[Reproduction]:
    """Make `sample` of the frozen runs again, drawn by `seed` without replacement, and compare every number.

    folder, name: as for `frozen.records`. tolerance: >= 0, relative. progress: called after each run.
    Raises InputError for a sample that is not 1..number of runs, and BoundViolation where a run made today
    contradicts a proved theorem.
    """
    from simulations.sweeps import frozen

    kept = frozen.records(name, folder=folder, guarantees="none")
    if not isinstance(sample, int) or isinstance(sample, bool) or not 1 <= sample <= len(kept):
        raise InputError(
            f"reproduce: sample = {sample!r}; required is a whole number from 1 to {len(kept)}, the frozen "
            f"runs of {name}"
        )
    if not tolerance >= 0:
        raise InputError(f"reproduce: tolerance = {tolerance!r}; required is a number >= 0")
    from simulations.devices import choose

    choose(device)
    results = []
    for index in random.Random(seed).sample(range(len(kept)), sample):
        results.append(_again(kept[index], tolerance, device))
        if progress is not None:
            progress(results[-1])
    return results


def _again(record: Record, tolerance: float, device: str) -> Reproduction:
    from simulations import comparison
    from simulations.sweeps._runs import execute

    if record.execution is not None:
        return _not_run(record, f"it was trained {record.execution}, in one program with others")
    try:
        (outcome,) = execute([record.config], device)
    except InputError as error:  # a choice or data set that today's code does not know
        return _not_run(record, str(error))
    if outcome.error is not None:
        return _not_run(record, str(outcome.error))
    if outcome.violation is not None:
        label = f"{record.key}-epoch-{outcome.violation['epoch']}"
        comparison.check(outcome.violation["collapse"], arrays=outcome.arrays, label=label)
    assert outcome.history is not None  # a run without violation has one
    today = Record(record.key, record.config, outcome.history, outcome.terminal_phase_epoch)
    return compare(record, today, tolerance=tolerance, seconds=outcome.seconds)


def _not_run(record: Record, reason: str) -> Reproduction:
    return Reproduction(record.key, record.config, NOT_RUN, reason=reason)


def compare(old: Record, new: Record, *, tolerance: float, seconds: float = 0.0) -> Reproduction:
    """Every number of `old` against the same one of `new`; what only `new` has is not looked at."""
    lines = {row["epoch"]: flat(row) for row in new.history}
    pairs: list[tuple[str, int | None, Any, Any]] = [
        ("terminal_phase_epoch", None, old.terminal_phase_epoch, new.terminal_phase_epoch)
    ]
    absent = set()
    for row in old.history:
        epoch = row["epoch"]
        for quantity, value in flat(row).items():
            if quantity in lines.get(epoch, {}):
                pairs.append((quantity, epoch, value, lines[epoch][quantity]))
            else:
                absent.add(quantity)
    changed = [pair for pair in pairs if canonical(pair[2]) != canonical(pair[3])]
    worst, verdict = None, IDENTICAL
    if changed:
        quantity, epoch, a, b = max(changed, key=lambda pair: _distance(pair[2], pair[3]))
        beyond, relative = _distance(a, b)
        worst = {"quantity": quantity, "epoch": epoch, "frozen": a, "today": b, "difference": relative}
        verdict = WITHIN if not beyond or relative <= tolerance else DIFFERS
    before, now = old.provenance.get("versions", {}), versions()
    return Reproduction(
        key=old.key,
        config=old.config,
        verdict=DIFFERS if absent else verdict,
        numbers=len(pairs),
        identical=len(pairs) - len(changed),
        worst=worst,
        absent=tuple(sorted(absent)),
        seconds=round(seconds, 3),
        changed={name: [was, now.get(name, "none")] for name, was in before.items() if was != now.get(name)},
    )


def _distance(a: Any, b: Any) -> tuple[bool, float]:
    """Whether two values differ by more than `FLOOR`, and their relative difference, |a - b| / max(|a|, |b|);
    infinite between a number and something else."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (a, b)):
        return True, float("inf")
    size = max(abs(a), abs(b))
    return abs(a - b) > FLOOR, abs(a - b) / size if size else 0.0
