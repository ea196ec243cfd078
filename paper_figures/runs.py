# SPDX-License-Identifier: MIT
"""Reading records: selecting runs by configuration, and averaging over seeds with standard errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

#: Training accuracy at which the terminal phase of training begins (Papyan, Han & Donoho 2020).
TERMINAL_ACCURACY = 0.999


def where(records: Iterable[Any], **wanted: Any) -> list[Any]:
    """The records whose configuration has every value of `wanted`; a tuple means any of its values."""

    def fits(config: Mapping[str, Any]) -> bool:
        return all(
            config.get(name) in value if isinstance(value, tuple) else config.get(name) == value
            for name, value in wanted.items()
        )

    return [record for record in records if fits(record.config)]


def values(records: Iterable[Any], name: str) -> list[Any]:
    """The distinct values of configuration entry `name`, sorted."""
    return sorted({record.config[name] for record in records})


def with_and_without(records: Iterable[Any]) -> list[str]:
    """The last-layer variants to compare, of those that `records` have: one with batch norm, then "none".

    With batch norm means bias-free batch norm if there is one, which is what the theorems ask for.
    """
    present = {record.config["batch_norm"] for record in records}
    with_norm = [variant for variant in ("scale-only", "affine") if variant in present][:1]
    return [*with_norm, *(["none"] if "none" in present else [])]


def look_up(collapse: Mapping[str, Any], quantity: str) -> Any:
    """The number called `quantity` (dotted, such as ``"intra_class_cosine.min"``) in a measurement."""
    value: Any = collapse
    for part in quantity.split("."):
        value = value[part]
    return value


def mean_and_error(numbers: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error (ddof = 1) of `numbers`; error 0 for one number, both NaN for none."""
    sample = np.asarray(numbers, dtype=np.float64)
    if sample.size == 0:
        return float("nan"), float("nan")
    error = sample.std(ddof=1) / np.sqrt(sample.size) if sample.size > 1 else 0.0
    return float(sample.mean()), float(error)


def over_seeds(
    records: Sequence[Any], axis: str, quantity: str | Callable[[Any], float]
) -> dict[str, np.ndarray]:
    """Mean and standard error over seeds of a quantity after training, against configuration entry `axis`.

    Parameters
    ----------
    records
        Runs that differ in `axis` and in the seed.
    axis
        Name of the configuration entry on the horizontal axis.
    quantity
        Dotted name in the final measurement, or a function of a record.

    Returns
    -------
    dict of arrays, all of one length
        ``x``, ``mean``, ``error``, ``runs`` (how many) and ``converged`` (True where every run ended at
        99.9 % training accuracy or more).
    """
    read = quantity if callable(quantity) else lambda record: look_up(record.final["collapse"], quantity)
    xs = values(records, axis)
    columns = [where(records, **{axis: x}) for x in xs]
    pairs = [mean_and_error([read(record) for record in column]) for column in columns]
    return {
        "x": np.array(xs, dtype=np.float64),
        "mean": np.array([mean for mean, _ in pairs], dtype=np.float64),
        "error": np.array([error for _, error in pairs], dtype=np.float64),
        "runs": np.array([len(column) for column in columns], dtype=np.int64),
        "converged": np.array([all(map(converged, column)) for column in columns], dtype=bool),
    }


def converged(record: Any) -> bool:
    """Whether the run ended at 99.9 % training accuracy or more."""
    return bool(record.final["train_accuracy"] >= TERMINAL_ACCURACY)


def course(
    records: Sequence[Any], quantity: str | Callable[[Mapping[str, Any]], float]
) -> dict[str, np.ndarray]:
    """Mean and standard error over runs of a quantity at every measured epoch.

    `quantity` is a dotted name in the measurement or a function of one entry of a history; only epochs that
    all of `records` measured are returned, as arrays ``x``, ``mean``, ``error``.
    """
    read = quantity if callable(quantity) else lambda entry: look_up(entry["collapse"], quantity)
    histories = [{entry["epoch"]: entry for entry in record.history} for record in records]
    epochs = sorted(set.intersection(*map(set, histories))) if histories else []
    pairs = [mean_and_error([read(history[epoch]) for history in histories]) for epoch in epochs]
    return {
        "x": np.array(epochs, dtype=np.float64),
        "mean": np.array([mean for mean, _ in pairs], dtype=np.float64),
        "error": np.array([error for _, error in pairs], dtype=np.float64),
    }


def terminal_phase_start(records: Sequence[Any]) -> float | None:
    """The first measured epoch at which every run has 99.9 % training accuracy, or None if there is none."""
    starts = []
    for record in records:
        reached = [e["epoch"] for e in record.history if e["train_accuracy"] >= TERMINAL_ACCURACY]
        if not reached:
            return None
        starts.append(min(reached))
    return float(max(starts)) if starts else None


def count(number: int, noun: str) -> str:
    """`number` and `noun`, which gets an "s" unless `number` is 1: "1 run", "40 runs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def describe(records: Sequence[Any]) -> str:
    """One sentence on how the records came about: runs, distinct seeds and epochs."""
    if not records:
        return "No runs."
    seeds, epochs = values(records, "seed"), values(records, "epochs")
    span = count(epochs[0], "epoch") if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]} epochs"
    return f"This build: {count(len(records), 'run')}, {count(len(seeds), 'seed')}, {span}."


def keys(records: Iterable[Any]) -> list[str]:
    """The keys of `records`, for the entry ``"records"`` of a figure's data."""
    return [record.key for record in records]
