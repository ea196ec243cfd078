# SPDX-License-Identifier: MIT
"""NumPy arrays and torch tensors behind one set of names: the only file here that tells them apart.

Both libraries spell exp, log1p, where, amax, sum(axis=...), linalg.svd and ``@`` alike; what they spell
differently is below. torch is never imported: a tensor can only be met if its owner imported torch already.
"""

import sys
from typing import Any

import numpy as np

Array = Any  # np.ndarray or torch.Tensor, float64 unless said


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is a torch tensor."""
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
    """``x`` as a NumPy array on the CPU; bfloat16, which NumPy lacks, is widened to float32."""
    if is_tensor(x):
        x = x.detach().cpu()
        return (x.float() if x.dtype is sys.modules["torch"].bfloat16 else x).numpy()
    return np.asarray(x)


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


def norms(rows: Array) -> Array:
    """Euclidean norm of each row: (k, d) to (k,)."""
    xp = namespace(rows)
    return xp.sqrt((rows * rows).sum(axis=1))


def normalise(rows: Array, smallest: float = 0.0) -> Array:
    """Rows divided by their norms; a row whose norm is at most ``smallest`` becomes zero."""
    xp = namespace(rows)
    length = norms(rows)[:, None]
    keep = length > smallest
    return xp.where(keep, rows, 0.0) / xp.where(keep, length, 1.0)
