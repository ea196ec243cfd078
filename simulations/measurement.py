# SPDX-License-Identifier: MIT
"""measure(): every collapse metric of both papers, the loss-gap decomposition and the guarantees."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from simulations import metrics
from simulations.measurement_result import (
    Measurement,
    Section,
    format_number,
    metrics_unknown,
    nest,
    tightest,
)
from simulations.metrics import _arrays as arrays
from simulations.metrics import _inputs as inputs
from simulations.metrics import _sweep
from simulations.metrics._batch import Batch
from simulations.metrics._statistics import Classifier, FirstSums, Reference, first_sums

__all__ = [
    "Measurement",
    "Section",
    "check_means",
    "describe",
    "evaluate",
    "first_pass",
    "format_number",
    "measure",
    "metrics_unknown",
    "nest",
    "second_pass",
    "tightest",
]

# Entries of one float64 temporary, small enough for a cache; larger inputs go by in slices of rows.
_CHUNK = 2**18
# Slices whose logits NumPy works on at once: calls on few numbers cost more than the numbers.
_TOGETHER = 2
# Entries of the features from which on both passes are sweeps. Fewer are measured by the plain formulas, in
# whose arithmetic the frozen records of training runs were made, which must be made again to the last bit.
_MANY = 2**22
# Entries (n, C) that a sweep works on at once, once features have become products.
_GROUP = 2**16


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
        many = not arrays.is_tensor(features) and features.size >= _MANY
        first = first_pass(features, labels, C, many=many)
        inputs.present(first.counts)
        reference = Reference(first, Classifier(weight, bias), weight_decay=decay, ncc_means=means)
        if many:
            sums, _ = swept_pass(features, labels, reference, only)
        else:
            sums = second_pass(features, labels, reference, only)
        return {**describe(reference), **metrics.values(sums, reference, only)}


def first_pass(
    features: Any, labels: Any, C: int, scratch: arrays.Scratch | None = None, *, many: bool = False
) -> FirstSums:
    """The first pass over checked features (n, d) and labels (n,), slice by slice.

    Raises InputError if a feature is NaN or infinite.
    """
    scratch = scratch or arrays.Scratch()
    slices = _slices(features, C)
    sums = _sweep.first_sums if many else first_sums
    first = _add_all(sums(features[s], labels[s], C, scratch) for s in slices)
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


def swept_pass(
    features: Any,
    labels: Any,
    reference: Reference,
    only: Collection[str] | None = None,
    scratch: arrays.Scratch | None = None,
    *,
    again: bool = False,
) -> tuple[dict[str, Any], FirstSums | None]:
    """``second_pass`` for NumPy and many samples, in one sweep, equal up to rounding.

    again: return the sums of the first pass as well; then a NaN or infinite feature raises InputError.
    """
    scratch = scratch or arrays.Scratch()
    rows = max(1, _CHUNK // max(reference.C, reference.d))
    group = rows * max(1, _GROUP // (reference.C * rows))
    units = any("d" in family.widths.values() for family in metrics.chosen(only).values())
    sums: dict[str, Any] = {}
    firsts = []
    for i in range(0, len(labels), group):
        s = slice(i, min(i + group, len(labels)))
        wants = {"rows": rows, "units": units, "again": again}
        batch = _sweep.SweptBatch(features[s], labels[s], reference, scratch, **wants)
        if again:
            firsts.append(_finite(batch.first_sums(), features[s]))
        for name, term in metrics.term_sums(batch, only).items():
            sums[name] = sums[name] + term if name in sums else term
    return sums, _add_all(iter(firsts)) if again else None


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
