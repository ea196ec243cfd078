# SPDX-License-Identifier: MIT
"""NumPy arrays and torch tensors behind one set of names: the only file here that tells them apart.

Both libraries spell exp, log1p, where, amax, sum(axis=...), linalg.svd and ``@`` alike; what they spell
differently is below. torch is never imported: a tensor can only be met if its owner imported torch already.
What touches every feature (n, d) is written for speed: no fresh memory, products in slices that fit a cache.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any  # np.ndarray or torch.Tensor, float64 unless said

# Rows of a tall matrix that a BLAS multiplies at once by a few columns; twice as fast as all rows at once.
_TALL = 64
# Multiplications up to which OpenBLAS does not copy its arguments, and the least rows that are worth a call.
_SMALL, _LEAST = 10**6, 16
# Sums (classes times columns) up to which a dense product is sooner done than a sparse matrix is set up.
_FEW = 2**12


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is a torch tensor."""
    if type(x) is np.ndarray:
        return False
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def namespace(x: Array) -> Any:
    """The library of ``x``: the module torch or the module numpy."""
    return sys.modules["torch"] if is_tensor(x) else np


def float64_device(device: Any) -> Any:
    """``device`` where it can hold float64, else the CPU (Apple's MPS has no float64)."""
    torch = sys.modules["torch"]
    try:
        torch.zeros(1, dtype=torch.float64, device=device)
    except (TypeError, RuntimeError):
        return torch.device("cpu")
    return device


def to_float64(x: Array) -> Array:
    """``x`` in float64, detached from any graph, on its own device or, where that has no float64, the CPU."""
    if is_tensor(x):
        x = x.detach().to(float64_device(x.device))
        return x.to(sys.modules["torch"].float64)
    return np.asarray(x, dtype=np.float64)


def like(x: Any, reference: Array) -> Array:
    """``x`` (array, tensor or list) in the library and on the device of ``reference``, its own dtype kept."""
    if is_tensor(reference):
        return sys.modules["torch"].as_tensor(x, device=reference.device)
    return to_numpy(x)


def to_numpy(x: Any) -> np.ndarray:
    """``x`` as a NumPy array on the CPU; floats that NumPy lacks (bfloat16) become float32."""
    if is_tensor(x):
        torch, x = sys.modules["torch"], x.detach().cpu()
        known = (torch.float16, torch.float32, torch.float64)
        return (x if x.dtype in known or not x.is_floating_point() else x.float()).numpy()
    return np.asarray(x)


def native(x: Array) -> Array:
    """``x`` in the library that measures it: a tensor on the CPU as a NumPy view of it, all else as it is.

    On a CPU NumPy is the faster of the two here: see ``blocks``, ``sums_by_class`` and ``Scratch``.
    """
    return to_numpy(x) if is_tensor(x) and x.device.type == "cpu" else x


def zeros(shape: tuple[int, ...], reference: Array) -> Array:
    """float64 zeros in the library and on the device of ``reference``."""
    if is_tensor(reference):
        torch = sys.modules["torch"]
        return torch.zeros(shape, dtype=torch.float64, device=reference.device)
    return np.zeros(shape)


def one_hot(labels: Array, classes: int) -> Array:
    """Boolean (n, C): row i is true at labels[i]."""
    if is_tensor(labels):
        index = sys.modules["torch"].arange(classes, device=labels.device)
    else:
        index = np.arange(classes)
    return labels[:, None] == index[None, :]


def as_float(mask: Array) -> Array:
    """A boolean array as zeros and ones in float64."""
    return mask.to(sys.modules["torch"].float64) if is_tensor(mask) else mask.astype(np.float64)


def via_numpy(function: Any, x: Array) -> Array:
    """``function``, which knows NumPy alone, applied to ``x``; the result goes back to where ``x`` lives."""
    return like(function(to_numpy(x)), x)


def softplus(x: Array) -> Array:
    """log(1 + e^x) without overflow, to full relative accuracy; softplus(-inf) = 0."""
    xp = namespace(x)
    return xp.clip(x, 0.0, None) + xp.log1p(xp.exp(-xp.abs(x)))


class Scratch:
    """Buffers for (n, d) temporaries, the same ones batch after batch.

    Fresh memory costs several times the arithmetic that fills it. A buffer's content lasts until the same
    name is asked for again.
    """

    def __init__(self) -> None:
        self._buffers: dict[str, Array] = {}

    def __reduce__(self) -> Any:
        """Copies and pickles are empty: the content is nobody's."""
        return Scratch, ()

    def rows(self, name: str, count: int, reference: Array) -> Array:
        """An uninitialised float64 (count, d) array, d and library as ``reference`` (k, d) has."""
        held = self._buffers.get(name)
        if held is None or len(held) < count:
            shape = (count, reference.shape[1])
            if is_tensor(reference):
                torch = sys.modules["torch"]
                held = torch.empty(shape, dtype=torch.float64, device=reference.device)
            else:
                held = np.empty(shape)
            self._buffers[name] = held
        return held[:count]

    def label_matrix(self, classes: int, rows: int, entries: int) -> Any:
        """A sparse (entries classes, rows) matrix of ``entries`` numbers a column, to be filled in."""
        name = f"labels {classes} {rows} {entries}"
        if name not in self._buffers:
            from scipy.sparse import csc_array

            ends = np.arange(0, rows * entries + 1, entries, dtype=np.int32)
            parts = np.ones(rows * entries), np.zeros(rows * entries, dtype=np.int32), ends
            self._buffers[name] = csc_array(parts, shape=(entries * classes, rows))
        return self._buffers[name]


def widened(rows: Array, scratch: Scratch) -> Array:
    """``rows`` in float64: themselves if they are, else in the buffer "features"."""
    if is_tensor(rows):
        return to_float64(rows)
    if rows.dtype == np.float64:
        return rows
    out = scratch.rows("features", len(rows), rows)
    out[...] = rows
    return out


def rows_at(table: Array, labels: Array, out: Array | None = None) -> Array:
    """``table[labels]``, in the buffer ``out`` if given: (C, d) and (n,) to (n, d). Labels are in range."""
    if is_tensor(table):
        return sys.modules["torch"].index_select(table, 0, labels, out=out)
    return np.take(table, labels, axis=0, out=out, mode="clip")


def picked(table: Array, labels: Array) -> Array:
    """(n,): the entry of each row of (n, C) at its label."""
    if is_tensor(table):
        return table.gather(1, labels[:, None])[:, 0]
    return table[np.arange(len(labels)), labels]


def dots(a: Array, b: Array) -> Array:
    """Inner products of rows: (k, d) and (k, d) to (k,)."""
    if is_tensor(a):
        return sys.modules["torch"].linalg.vecdot(a, b)
    return np.vecdot(a, b) if hasattr(np, "vecdot") else np.einsum("ij,ij->i", a, b)


def contiguous(x: Array) -> Array:
    """``x`` row by row in memory, if NumPy's."""
    return x if is_tensor(x) else np.ascontiguousarray(x)


def blocks(rows: Array, parts: Sequence[slice]) -> list[slice]:
    """Slices of each part of rows (n, d) that a cache holds, and a BLAS multiplies fastest; tensors whole."""
    if is_tensor(rows):
        return [*parts]
    return [
        slice(i, min(i + _TALL, part.stop)) for part in parts for i in range(part.start, part.stop, _TALL)
    ]


def joined(parts: list[Array]) -> Array:
    """Results block by block, as one array."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def sums_by_class(rows: Array, labels: Array, classes: int, weights: Array | None = None) -> Array:
    """(C, w): rows (n, w), times weights (n,) if given, summed by label.

    A product with the matrix of labels, always in the same order: dense on other devices, where adding by
    index would round differently from run to run, sparse for NumPy.
    """
    if is_tensor(rows) or rows.shape[1] * classes <= _FEW:
        mask = as_float(one_hot(labels, classes))
        return (mask if weights is None else mask * weights[:, None]).T @ rows
    from scipy.sparse import csc_array

    entries = np.ones(len(rows)) if weights is None else weights
    return csc_array((entries, labels, np.arange(len(rows) + 1)), shape=(classes, len(rows))) @ rows


def weighted_sums(
    rows: np.ndarray, labels: np.ndarray, classes: int, weights: Sequence[np.ndarray], scratch: Scratch
) -> np.ndarray:
    """(k, C, d): NumPy's rows (n, d) times each of k weights (n,), summed by label; rows are read once."""
    count = len(weights)
    matrix = scratch.label_matrix(classes, len(rows), count)
    for k, column in enumerate(weights):
        matrix.indices[k::count] = labels if k == 0 else labels + k * classes
        matrix.data[k::count] = column
    return (matrix @ rows).reshape(count, classes, rows.shape[1])


def multiply_tall(rows: np.ndarray, columns: np.ndarray, out: np.ndarray) -> None:
    """out (n, w) = rows (n, d) @ columns (d, w), for NumPy: in blocks that a BLAS multiplies fastest."""
    step = min(_TALL, _SMALL // columns.size)
    step = step if step >= _LEAST else len(rows)
    for i in range(0, len(rows), step):
        np.matmul(rows[i : i + step], columns, out=out[i : i + step])


def norms(rows: Array) -> Array:
    """Euclidean norm of each row: (k, d) to (k,)."""
    return namespace(rows).sqrt(dots(rows, rows))


def normalise(rows: Array, smallest: float = 0.0) -> Array:
    """Rows divided by their norms; a row whose norm is at most ``smallest`` becomes zero."""
    return rows * reciprocals(norms(rows), smallest)[:, None]


def reciprocals(lengths: Array, smallest: float = 0.0) -> Array:
    """1/lengths (k,), and 0 where a length is at most ``smallest``."""
    xp = namespace(lengths)
    keep = lengths > smallest
    return xp.where(keep, 1.0, 0.0) / xp.where(keep, lengths, 1.0)
