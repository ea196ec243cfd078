# SPDX-License-Identifier: MIT
"""Checks on what users hand in: shapes, dtypes, finiteness, labels. Every complaint is an InputError."""

import math
import sys
from numbers import Real
from typing import Any

import numpy as np

from simulations.errors import InputError
from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array

_AT_ONCE = 2**22  # entries that are searched for NaN at a time
_SHAPES = {
    "features": "(n, d): one row per sample",
    "weight": "(C, d): one row per class, as torch.nn.Linear stores it",
    "bias": "(C,): one entry per class",
    "labels": "(n,): one integer per sample",
    "class_means": "(C, d): one row per class",
}


def matrix(name: str, x: Any) -> Array:
    """``x`` as a two-dimensional finite real array or tensor, in its own library, dtype and device."""
    return finite(name, _real(name, x, dimensions=2))


def unread(name: str, x: Any) -> Array:
    """``matrix`` without a look at the entries, for arrays whose first pass finds NaN as it sums."""
    return _real(name, x, dimensions=2)


def classifier(weight: Any, bias: Any, *, reference: Array | None = None) -> tuple[Array, Array | None]:
    """Checked weight (C, d), C >= 2, d >= 1 and bias (C,) or None, where ``reference`` lives if given."""
    if reference is not None:
        weight = _move("weight", weight, reference)
    weight = matrix("weight", weight)
    C, d = weight.shape
    if C < 2:
        raise InputError(
            f"weight has shape ({C}, {d}), so C = {C}; at least 2 classes are required, because every "
            "collapse metric compares classes"
        )
    if d < 1:
        raise InputError(f"weight has shape ({C}, {d}); at least one feature dimension is required")
    if bias is None:
        return weight, None
    bias = finite("bias", _real("bias", _move("bias", bias, weight), dimensions=1))
    if bias.shape[0] != C:
        raise InputError(f"bias has shape {_shape(bias)}; required: ({C},), because weight has {C} rows")
    return weight, bias


def samples(features: Any, labels: Any, *, classes: int, dimension: int) -> tuple[Array, Array]:
    """Checked features (n, d), n >= 1, and labels (n,) in 0..C-1 as int64 on the features' device.

    The features' entries are not read: hand them to ``finite`` if their sums of squares are not.
    """
    features = unread("features", features)
    n, d = features.shape
    if d != dimension:
        swapped = " (is weight transposed? its rows are classes)" if d == classes else ""
        raise InputError(
            f"features have shape ({n}, {d}) and weight ({classes}, {dimension}); both must have the same "
            f"number of columns, the feature dimension{swapped}"
        )
    if n == 0:
        raise InputError("features have no rows; at least one sample is required")
    labels = _labels(labels, features, n, classes)
    return features, labels


def _labels(labels: Any, features: Array, n: int, classes: int) -> Array:
    labels = _numeric("labels", _move("labels", labels, features))
    kind = _kind(labels)
    if kind != "integer":
        raise InputError(
            f"labels have {kind} entries ({labels.dtype}); integers 0..{classes - 1} are required"
        )
    if labels.ndim != 1 or labels.shape[0] != n:
        raise InputError(f"labels have shape {_shape(labels)}; required: ({n},), one per row of features")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        wrong = low if low < 0 else high
        raise InputError(
            f"labels contain {wrong}; required: integers 0..{classes - 1}, because weight has {classes} rows"
        )
    return labels.long() if arrays.is_tensor(labels) else labels.astype(np.int64)


def present(counts: Any) -> None:
    """Raise unless every class has at least one sample; counts (C,)."""
    absent = np.flatnonzero(arrays.to_numpy(counts) == 0)
    if len(absent):
        shown = ", ".join(map(str, absent[:10])) + (", ..." if len(absent) > 10 else "")
        raise InputError(
            f"no sample of class {shown} ({len(absent)} of {len(counts)} classes absent); class means need "
            "at least one sample of every class"
        )


def decay(value: Any) -> float | None:
    """A weight decay: None, or a finite real number >= 0 (a zero-dimensional array counts)."""
    if value is None:
        return None
    if arrays.is_tensor(value) or isinstance(value, np.ndarray):
        value = arrays.to_numpy(value)
        if value.size != 1 or value.dtype.kind not in "fiu":
            raise InputError(
                f"weight_decay has shape {value.shape} and dtype {value.dtype}; required: one number"
            )
        value = value.reshape(()).item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"weight_decay is {value!r}; required: a real number >= 0")
    number = float(value)
    if not (np.isfinite(number) and number >= 0):
        raise InputError(f"weight_decay is {number!r}; required: a finite number >= 0")
    return number


def _move(name: str, x: Any, reference: Array) -> Array:
    """``x`` in the library and on the device of ``reference``."""
    if arrays.is_tensor(reference) and not arrays.is_tensor(x):
        x = _numeric(name, x)
        if x.dtype.kind == "u":
            x = x.astype(np.int64)
        if not x.flags.writeable:
            x = x.copy()
    try:
        return arrays.like(x, reference)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise InputError(f"{name} cannot be read as an array of numbers: {error}") from None


def _real(name: str, x: Any, dimensions: int) -> Array:
    x = _numeric(name, x)
    kind = _kind(x)
    if kind not in ("real", "integer"):
        raise InputError(f"{name} has {kind} entries ({x.dtype}); real numbers are required")
    if x.ndim != dimensions:
        raise InputError(f"{name} has shape {_shape(x)}; required: {_SHAPES[name]}")
    return x


def finite(name: str, x: Array) -> Array:
    """``x`` itself. Raises InputError with the first NaN or infinite entry if there is one."""
    if _kind(x) != "real":
        return x
    xp, count, first = arrays.namespace(x), 0, None
    rows = max(1, _AT_ONCE // max(1, math.prod(x.shape[1:])))
    for start in range(0, len(x), rows):  # what lies on a disk may be larger than the memory
        good = xp.isfinite(x[start : start + rows])
        if bool(good.all()):
            continue
        bad = np.argwhere(~arrays.to_numpy(good))
        first = first or (int(bad[0][0]) + start, *map(int, bad[0][1:]))
        count += len(bad)
    if count:
        raise InputError(
            f"{name} contains {count} NaN or infinite entries, the first at {first}; "
            "all must be finite (did training diverge?)"
        )
    return x


def _numeric(name: str, x: Any) -> Array:
    if arrays.is_tensor(x):
        if x.device.type == "meta":
            raise InputError(
                f"{name} is a tensor on the meta device, which holds no numbers; move it to a device"
            )
        if x.layout is not sys.modules["torch"].strided:
            raise InputError(
                f"{name} is a sparse tensor ({x.layout}); required: a dense one, to_dense() gives it"
            )
        return x
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} cannot be read as an array: {error}") from None
    if array.dtype.kind not in "fiubc":
        raise InputError(f"{name} has dtype {array.dtype}; an array of numbers is required")
    return array


def _kind(x: Array) -> str:
    if arrays.is_tensor(x):
        if str(x.dtype) == "torch.bool":
            return "boolean"
        return "complex" if x.is_complex() else "real" if x.is_floating_point() else "integer"
    return {"f": "real", "i": "integer", "u": "integer", "b": "boolean", "c": "complex"}[x.dtype.kind]


def _shape(x: Array) -> str:
    return str(tuple(int(s) for s in x.shape))
