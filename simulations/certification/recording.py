# SPDX-License-Identifier: MIT
"""One pass through a network, and what its last layer saw in it: features, labels, classifier."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError
from simulations.metrics import _arrays as arrays
from simulations.metrics import _inputs as inputs

if TYPE_CHECKING:
    import torch

_IN_MEMORY = 2**28  # bytes of features up to which no file is used
_CHUNK = 2**18  # entries of the features that are handled at once


@dataclass
class Recording:
    """Features as the network computed them, in its own precision, with their labels.

    weight (C, d), bias (C,) or None: the classifier, NumPy, own precision. labels: (n,) int64 of the samples
    in the order of the pass. Features lie in memory up to 256 MiB and in a temporary file beyond; `chunks`
    reads them back as often as needed, so that all numbers of a certificate are about the same features.
    """

    weight: NDArray[Any]
    bias: NDArray[Any] | None
    dtype: Any = None
    _labels: list[NDArray[np.int64]] = field(default_factory=list)
    _file: Any = field(default_factory=lambda: tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115

    def add(self, features: Any, labels: Any) -> None:
        """One batch: features (m, d), labels (m,). Raises InputError for what `measure` refuses."""
        C, d = self.weight.shape
        features, labels = inputs.samples(inputs.matrix("features", features), labels, classes=C, dimension=d)
        rows = np.ascontiguousarray(arrays.to_numpy(features))
        if self.dtype is None:
            self.dtype = rows.dtype
        self._file.write(rows.astype(self.dtype, copy=False).tobytes())
        self._labels.append(arrays.to_numpy(labels))

    @property
    def labels(self) -> NDArray[np.int64]:
        """All labels, (n,)."""
        return np.concatenate(self._labels) if self._labels else np.zeros(0, dtype=np.int64)

    def chunks(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
        """(features (m, d) in float64, labels (m,)): a few rows at a time, always in the same order."""
        labels, d = self.labels, self.weight.shape[1]
        step = max(1, _CHUNK // d)
        self._file.seek(0)
        for start in range(0, len(labels), step):
            count = min(step, len(labels) - start)
            raw = self._file.read(count * d * self.dtype.itemsize)
            rows = np.frombuffer(raw, dtype=self.dtype).reshape(count, d)
            yield rows.astype(np.float64), labels[start : start + count]


def record(
    module: torch.nn.Module,
    loader: Iterable[Any],
    device: torch.device,
    *,
    feature_layer: str | None = None,
    head: str | None = None,
) -> tuple[Recording, Any]:
    """Run a module over a loader once, in the mode it is in: (what its last layer saw, the first inputs).

    Raises InputError for a loader without batches or with bad ones, a module whose output is not that of a
    linear layer, a classifier that differs between batches, and an absent class.
    """
    from simulations.networks._inspection import last_layer

    recording, example = None, None
    for batch_inputs, labels in batches(loader, device):
        with forward_errors(module, batch_inputs):
            layer = last_layer(module, batch_inputs, feature_layer=feature_layer, head=head)
        weight, bias = inputs.classifier(layer.weight, layer.bias)
        found = arrays.to_numpy(weight), None if bias is None else arrays.to_numpy(bias)
        if recording is None:
            recording, example = Recording(*found), batch_inputs
        elif not (np.array_equal(recording.weight, found[0]) and _equal(recording.bias, found[1])):
            raise InputError(
                f"{type(module).__name__}: the last linear layer is not the same for all batches; one "
                "classifier is required (name the input of the one that is meant with feature_layer)"
            )
        recording.add(layer.features, labels)
    if recording is None:
        raise InputError("certify: the loader has no batches; at least one sample of every class is required")
    inputs.present(np.bincount(recording.labels, minlength=len(recording.weight)))
    return recording, example


@contextmanager
def forward_errors(module: torch.nn.Module, inputs: torch.Tensor) -> Iterator[None]:
    """Turns what the module's own forward pass raises, as on inputs of a wrong shape, into an InputError."""
    try:
        yield
    except InputError:
        raise
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        reason = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        raise InputError(
            f"{type(module).__name__} fails on inputs of shape {tuple(inputs.shape)}, {inputs.dtype} "
            f"({reason}); the loader's inputs must be what the network takes"
        ) from error


def _equal(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other))


def batches(loader: Iterable[Any], device: torch.device) -> Iterator[tuple[Any, Any]]:
    """The loader's pairs (inputs, labels), on the device; InputError for anything else."""
    import torch

    for batch in loader:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise InputError(
                f"certify: a batch is a {type(batch).__name__}"
                f"{f' of {len(batch)}' if isinstance(batch, tuple | list) else ''}; a pair (inputs, labels) "
                "is required"
            )
        found, labels = batch
        if not isinstance(found, torch.Tensor):
            raise InputError(
                f"certify: a batch's inputs are a {type(found).__name__}; a torch.Tensor is required"
            )
        yield found.to(device), torch.as_tensor(labels).to(device)
