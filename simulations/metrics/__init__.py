# SPDX-License-Identifier: MIT
"""The collapse metrics: every file here without a leading underscore holds one ``METRIC`` and is found.

Adding a metric is adding one file; measure(), the streaming metric, the table and the tests pick it up.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simulations.discovery import discover
from simulations.metrics._family import MetricFamily, Quantity, Summed, Value, Weighted

if TYPE_CHECKING:
    from simulations.metrics._batch import Batch
    from simulations.metrics._statistics import Reference

__all__ = [
    "MetricFamily",
    "Quantity",
    "Summed",
    "Weighted",
    "chosen",
    "families",
    "part_sums",
    "quantities",
    "state_widths",
    "term_sums",
    "values",
]


@lru_cache(maxsize=1)
def families() -> Mapping[str, MetricFamily]:
    """Every metric family by file name, in table order. A file that lacks its METRIC raises ImportError."""
    found = discover(__name__, "METRIC")
    return dict(sorted(found.items(), key=lambda item: item[1].order))


@lru_cache(maxsize=1)
def quantities() -> Mapping[str, Quantity]:
    """Every quantity by its dotted name."""
    listed = [quantity for family in families().values() for quantity in family.quantities]
    named = {quantity.name: quantity for quantity in listed}
    if len(named) < len(listed):
        names = [quantity.name for quantity in listed]
        raise TypeError(f"two metrics share a name: {sorted({n for n in names if names.count(n) > 1})}")
    return named


def state_widths(C: int, d: int) -> dict[str, int]:
    """Columns of every second-pass sum, by "family.term"."""
    sizes = {"1": 1, "d": d, "C": C}
    return {f"{name}.{term}": sizes[w] for name, fam in families().items() for term, w in fam.widths.items()}


def term_sums(batch: "Batch", only: Collection[str] | None = None) -> dict[str, Any]:
    """``part_sums`` of a batch of one part."""
    (sums,) = part_sums(batch, only)
    return sums


def part_sums(batch: "Batch", only: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """What each part of a batch adds to the second pass: (C, width) by "family.term"; of ``only`` these."""
    columns: dict[str, Any] = {}
    wide: dict[str, Weighted] = {}
    done: dict[str, Any] = {}
    for name, family in chosen(only).items():
        for term, value in family.terms(batch).items():
            if isinstance(value, Summed):
                done[f"{name}.{term}"] = value.total
            elif isinstance(value, Weighted):
                wide[f"{name}.{term}"] = value
            elif value.ndim == 1:
                columns[f"{name}.{term}"] = value
            else:
                wide[f"{name}.{term}"] = Weighted(value, None)
    stacked = batch.xp.stack([*columns.values()], axis=1) if columns else None
    for part in batch.parts:
        sums = done | {name: batch.class_sums(part, *value) for name, value in wide.items()}
        if stacked is not None:  # in one product
            totals = batch.class_sums(part, stacked)
            sums.update({name: totals[:, i : i + 1] for i, name in enumerate(columns)})
        yield sums


def values(
    sums: Mapping[str, Any], reference: "Reference", only: Collection[str] | None = None
) -> dict[str, Value]:
    """Every quantity by its dotted name, from the second-pass sums (C, width) by "family.term"."""
    from simulations.metrics._statistics import Averages

    result: dict[str, Value] = {}
    for name, family in chosen(only).items():
        averages = {}
        for term in family.widths:
            mean = sums[f"{name}.{term}"] / reference.counts[:, None]
            averages[term] = mean[:, 0] if family.widths[term] == "1" else mean
        found = family.values(Averages(averages, reference.counts), reference)
        result.update({quantity.name: found[quantity.name] for quantity in family.quantities})
    return result


def chosen(only: Collection[str] | None) -> Mapping[str, MetricFamily]:
    """The families of these names, all for None."""
    return families() if only is None else {name: families()[name] for name in only}
