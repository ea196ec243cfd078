# SPDX-License-Identifier: MIT
"""What a metric file declares: its quantities, the per-sample terms they need, the formula from averages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from simulations.metrics._batch import Batch
    from simulations.metrics._statistics import Averages, Reference

Value = float | int | bool | None
Width = Literal["1", "d", "C"]

_AT_COLLAPSE: dict[str, Callable[[int], float]] = {
    "0": lambda C: 0.0,
    "1": lambda C: 1.0,
    "-1/(C-1)": lambda C: -1.0 / (C - 1),
}


@dataclass(frozen=True)
class Quantity:
    """One published number.

    name: dotted, as in the output ("nc1.cdnv"); formula: what is computed; source: who defined it, where;
    range: an interval that holds every value it can take; at_collapse: "0", "1", "-1/(C-1)" or None where
    collapse fixes no value; scale: what rounding is relative to, "unit" (numbers of size one, such as
    cosines) or "loss" (max(loss, T q(T))).
    """

    name: str
    formula: str
    source: str
    range: str
    at_collapse: str | None = None
    scale: Literal["unit", "loss"] = "unit"

    def collapse_value(self, C: int) -> float | None:
        """The value at exact collapse with C classes, or None where collapse does not fix it."""
        return None if self.at_collapse is None else _AT_COLLAPSE[self.at_collapse](C)


class Weighted(NamedTuple):
    """A term that is a product: rows values (n, width) times weights (n,). Their sums cost less than it."""

    values: Any
    weights: Any


class Summed(NamedTuple):
    """A term that is summed by class already: (C, width), of all samples of a batch."""

    total: Any


def no_terms(batch: "Batch") -> Mapping[str, Any]:
    """For families that need nothing beyond the class means and the classifier."""
    return {}


@dataclass(frozen=True)
class MetricFamily:
    """One file's worth of metrics.

    title and order: heading and place in the printed table. quantities: what ``values`` returns, in order.
    widths: name of each per-sample term and its number of columns ("1", "d" or "C"). terms(batch): the
    per-sample terms, each (n,), (n, width), Weighted or Summed; they are summed by class, batch after batch.
    values(averages, reference): the quantities, from the class averages of those terms; None where a
    quantity is undefined (0/0: no spread between classes, zero features, ...).
    """

    title: str
    order: int
    quantities: tuple[Quantity, ...]
    values: Callable[["Averages", "Reference"], Mapping[str, Value]]
    widths: Mapping[str, Width] = field(default_factory=dict)
    terms: Callable[["Batch"], Mapping[str, Any]] = no_terms
