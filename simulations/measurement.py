# SPDX-License-Identifier: MIT
"""measure(): every collapse metric of both papers, the loss-gap decomposition and the guarantees."""

import html
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from simulations import metrics
from simulations.metrics import _arrays as arrays
from simulations.metrics import _inputs as inputs
from simulations.metrics._statistics import Batch, Classifier, FirstSums, Reference, first_sums

# Entries of one float64 temporary, small enough for a cache; larger inputs go by in slices of rows.
_CHUNK = 2**18
# Slices whose logits NumPy works on at once: calls on few numbers cost more than the numbers.
_TOGETHER = 2


class Section(dict):
    """A group of values, such as ``nc1``, readable as ``m.nc1.cdnv`` or ``m.nc1["cdnv"]``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no value {name!r} here; there are: {', '.join(self)}") from None


class Measurement:
    """Measured values with what the theory guarantees about them.

    Every value is an attribute under its name (``m.loss_gap``, ``m.nc1.cdnv``) and an item under its dotted
    name (``m["nc1.cdnv"]``); None means undefined for these data (0/0). ``guarantees`` is a list of rows
    {theorem, quantity, direction, measured, bound, delta, holds, unmet}. str() is a plain-text table.
    """

    def __init__(self, values: Mapping[str, Any], guarantees: list[dict]) -> None:
        self.values = dict(values)
        self.guarantees = guarantees

    def to_dict(self) -> dict[str, Any]:
        """Nested plain dictionaries of Python numbers, ready for JSON."""
        return {**nest(self.values, dict), "guarantees": [dict(row) for row in self.guarantees]}

    def __getitem__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        raise metrics_unknown(name, self.values)

    def __getattr__(self, name: str) -> Any:
        nested = nest(self.__dict__.get("values", {}), Section)
        if name in nested:
            return nested[name]
        raise AttributeError(f"a Measurement has no value {name!r}; it has: {', '.join(nested)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *nest(self.values, dict)})

    def rows(self) -> Iterator[tuple[str, str, float | None, float | None]]:
        """(family title, name, value, value at exact collapse) of every quantity, in table order."""
        for family in metrics.families().values():
            for quantity in family.quantities:
                collapse = quantity.collapse_value(self.values["num_classes"])
                yield family.title, quantity.name, self.values[quantity.name], collapse

    def __str__(self) -> str:
        return self.table()

    def _metric_lines(self) -> list[str]:
        head = self.values
        lines = [
            f"{head['num_classes']} classes, {head['num_samples']} samples "
            f"({head['samples_per_class_min']} to {head['samples_per_class_max']} a class), "
            f"{head['feature_dim']} features"
        ]
        title = None
        for family, name, value, collapse in self.rows():
            if "regularized_loss" in name and head["weight_decay"] is None:
                continue
            if family != title:
                title = family
                lines += ["", f"{title:<40} {'measured':>12} {'at collapse':>12}"]
            at = "" if collapse is None else format_number(collapse)
            lines.append(f"  {name:<38} {format_number(value):>12} {at:>12}".rstrip())
        return lines

    __repr__ = __str__

    def table(self, *, every: bool = False) -> str:
        """What str() gives, or with ``every`` all guarantees and not just the tightest for each quantity."""
        return "\n".join([*self._metric_lines(), "", *self._guarantee_lines(every)])

    def _guarantee_lines(self, every: bool) -> list[str]:
        if not self.guarantees:
            return ["Guarantees: none registered"]
        chosen = self.guarantees if every else tightest(self.guarantees)
        width = max(len(row["theorem"]) for row in chosen)
        lines = [f"{'Guarantees':<{width}}  {'measured':>12}    {'bound':>12}  holds  quantity"]
        for row in chosen:
            numbers = (
                f"{format_number(row['measured']):>12} {row['direction']} {format_number(row['bound']):>12}"
            )
            holds = {True: "yes", False: "NO", None: "-"}[row["holds"]]
            why = f"  (not met: {'; '.join(row['unmet'])})" if row["unmet"] else ""
            lines.append(f"{row['theorem']:<{width}}  {numbers}  {holds:<5}  {row['quantity']}{why}")
        if len(chosen) < len(self.guarantees):
            unmet = sum(row["holds"] is None for row in self.guarantees)
            lines.append(
                f"The tightest of {len(self.guarantees)} guarantees for each quantity ({unmet} with an unmet "
                "hypothesis); table(every=True), or measure --all, shows every one."
            )
        return lines

    def _repr_html_(self) -> str:
        cells, title = [], None
        for family, name, value, collapse in self.rows():
            if family != title:
                title = family
                cells.append(_html_row("th", [title, "measured", "at collapse"]))
            at = "" if collapse is None else format_number(collapse)
            cells.append(_html_row("td", [name, format_number(value), at]))
        rows = [_html_row("th", ["guarantee", "quantity", "measured", "", "bound", "holds", "not met"])]
        for row in self.guarantees:
            numbers = [format_number(row["measured"]), row["direction"], format_number(row["bound"])]
            holds = {True: "yes", False: "NO", None: ""}[row["holds"]]
            rows.append(
                _html_row("td", [row["theorem"], row["quantity"], *numbers, holds, "; ".join(row["unmet"])])
            )
        return f"<table>{''.join(cells)}</table><table>{''.join(rows)}</table>"


def tightest(rows: list[dict]) -> list[dict]:
    """For each quantity and direction the applicable row with the sharpest bound, else one that is not met;
    and every row that is violated. In the order in which the quantities come up."""
    best: dict[tuple[str, str], dict] = {}
    for row in rows:
        key = row["quantity"], row["direction"]
        kept = best.get(key)
        if kept is None or (kept["bound"] is None and row["bound"] is not None):
            best[key] = row
        elif row["bound"] is not None and kept["bound"] is not None:
            sharper = (
                row["bound"] < kept["bound"] if row["direction"] == "<=" else row["bound"] > kept["bound"]
            )
            best[key] = row if sharper else kept
    chosen = list(best.values())
    return chosen + [row for row in rows if row["holds"] is False and row not in chosen]


def _html_row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def format_number(value: float | None) -> str:
    """Five significant digits; a dash for an undefined value."""
    return "-" if value is None else f"{value:.5g}"


def nest(values: Mapping[str, Any], group: type) -> dict[str, Any]:
    """{"nc1.cdnv": x} to {"nc1": group(cdnv=x)}."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        head, _, tail = name.partition(".")
        if tail:
            result.setdefault(head, group())[tail] = value
        else:
            result[head] = value
    return result


def metrics_unknown(name: str, values: Mapping[str, Any]) -> KeyError:
    """The error for a dotted name that does not exist, naming the nearest."""
    from simulations.errors import unknown

    return KeyError(str(unknown("quantity", name, values)))


def measure(
    *,
    features: Any,
    labels: Any,
    weight: Any,
    bias: Any = None,
    weight_decay: float | None = None,
    class_means: Any = None,
) -> Measurement:
    """Every collapse metric, the loss-gap decomposition and the guarantees of one last layer on one data set.

    features: (n, d), what the classifier multiplies, rows are samples; labels: (n,) integers 0..C-1, every
    class present, one sample of a class is enough; weight: (C, d); bias: (C,) or None. NumPy arrays or torch
    tensors of any float dtype; the work is done where the features are (on the CPU if that device has no
    float64), in float64. weight_decay: lambda >= 0 of the last layer and its batch norm; gives the
    regularised loss and its guarantees. class_means: (C, d) for ``nc4`` only, when they come from other
    data (Papyan et al. classify test data by training means); default: the means of these features.

    Returns a Measurement. Raises InputError for wrong shapes, labels outside 0..C-1, an absent class, NaN or
    infinite entries, C = 1.
    """
    from simulations import comparison

    values = evaluate(
        features=features,
        labels=labels,
        weight=weight,
        bias=bias,
        weight_decay=weight_decay,
        class_means=class_means,
    )
    return Measurement(values, comparison.guarantees(values))


def evaluate(
    *,
    features: Any,
    labels: Any,
    weight: Any,
    bias: Any = None,
    weight_decay: float | None = None,
    class_means: Any = None,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """The values of ``measure`` by dotted name, without the guarantees.

    Arguments as for ``measure``; only: names of metric families (files of ``simulations.metrics``, such as
    "nc1"), default all. The features are read twice, in slices of rows; beyond one slice in float64 nothing
    of their size is kept.
    """
    features = arrays.native(inputs.unread("features", features))
    weight, bias = inputs.classifier(weight, bias, reference=features)
    C, d = weight.shape
    features, labels = inputs.samples(features, labels, classes=C, dimension=d)
    means = None if class_means is None else check_means(class_means, weight)
    decay = inputs.decay(weight_decay)

    with np.errstate(over="ignore", invalid="ignore"):
        first = first_pass(features, labels, C)
        inputs.present(first.counts)
        reference = Reference(first, Classifier(weight, bias), weight_decay=decay, ncc_means=means)
        sums = second_pass(features, labels, reference, only)
        return {**describe(reference), **metrics.values(sums, reference, only)}


def first_pass(features: Any, labels: Any, C: int, scratch: arrays.Scratch | None = None) -> FirstSums:
    """The first pass over checked features (n, d) and labels (n,), slice by slice.

    Raises InputError if a feature is NaN or infinite.
    """
    scratch = scratch or arrays.Scratch()
    slices = _slices(features, C)
    first = _add_all(first_sums(features[s], labels[s], C, scratch) for s in slices)
    return _finite(first, features)


def second_pass(
    features: Any,
    labels: Any,
    reference: Reference,
    only: Collection[str] | None = None,
    scratch: arrays.Scratch | None = None,
) -> dict[str, Any]:
    """The second pass over the same features: (C, width) sums of the metric families by "family.term"."""
    scratch = scratch or arrays.Scratch()
    sums: dict[str, Any] = {}
    together = 1 if arrays.is_tensor(features) else _TOGETHER
    slices = _slices(features, reference.C)
    for i in range(0, len(slices), together):
        group = slices[i : i + together]
        rows = slice(group[0].start, group[-1].stop)
        parts = [slice(s.start - rows.start, s.stop - rows.start) for s in group]
        batch = Batch(features[rows], labels[rows], reference, scratch, parts)
        for part in metrics.part_sums(batch, only):
            for name, term in part.items():
                sums[name] = sums[name] + term if name in sums else term
    return sums


def _finite(first: FirstSums, features: Any) -> FirstSums:
    """``first`` itself; its squares are finite if all entries are, unless they overflow."""
    if not bool(arrays.namespace(first.squares).isfinite(first.squares).all()):
        inputs.finite("features", features)
    return first


def check_means(class_means: Any, weight: Any) -> Any:
    """Checked class means (C, d), where the weight lives."""
    from simulations.errors import InputError

    means = inputs.matrix("class_means", arrays.like(class_means, weight))
    if tuple(means.shape) != tuple(weight.shape):
        raise InputError(
            f"class_means have shape {tuple(means.shape)}; required: {tuple(weight.shape)}, as weight has"
        )
    return means


def describe(reference: Reference) -> dict[str, Any]:
    """What was measured: sizes, counts, whether there is a bias, and the weight decay if given."""
    counts = arrays.to_numpy(reference.counts)
    return {
        "num_classes": reference.C,
        "feature_dim": reference.d,
        "num_samples": int(counts.sum()),
        "samples_per_class_min": int(counts.min()),
        "samples_per_class_max": int(counts.max()),
        "has_bias": reference.classifier.has_bias,
        "weight_decay": reference.weight_decay,
    }


def _slices(features: Any, C: int) -> list[slice]:
    n, d = features.shape
    rows = max(1, _CHUNK // max(C, d))
    return [slice(i, min(i + rows, n)) for i in range(0, n, rows)]


def _add_all(parts: Iterator[FirstSums]) -> FirstSums:
    total = next(parts)
    for part in parts:
        total = FirstSums(*(a + b for a, b in zip(total, part, strict=True)))
    return total
