# SPDX-License-Identifier: MIT
"""Batch-norm statistics of a whole data set that is too large to go through a network at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from simulations.networks._tracing import _BATCH_NORM_ARGUMENTS


class Batches:
    """Rows of a tensor, a batch at a time, in float64 on the module's device; iterable again and again."""

    def __init__(self, inputs: torch.Tensor, rows: int, device: torch.device) -> None:
        self._inputs, self._device = inputs, device
        count = len(inputs)
        number = -(-count // rows)
        self._edges = [count * k // number for k in range(number + 1)]

    def __len__(self) -> int:
        return len(self._edges) - 1

    def __iter__(self) -> Iterator[torch.Tensor]:
        for start, stop in zip(self._edges[:-1], self._edges[1:], strict=True):
            yield self._inputs[start:stop].to(device=self._device, dtype=torch.float64)


def in_batches(module: torch.nn.Module, inputs: torch.Tensor, rows: int) -> Batches:
    """The inputs (n, ...) in batches of nearly equal size, of at most `rows` rows."""
    return Batches(inputs, rows, next(module.parameters()).device)


class _Largest(TorchFunctionMode):
    """Notes the most bytes a row that any result with as many rows as the batch has."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows, self.bytes = rows, 1

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.dim() and len(result) == self._rows:
            self.bytes = max(self.bytes, result.numel() * result.element_size() // self._rows)
        return result


def bytes_per_row(module: torch.nn.Module, example: torch.Tensor) -> int:
    """Bytes for each row of the largest result of one function in module(example), example (m, ...)."""
    with _Largest(len(example)) as largest, torch.no_grad():
        module(example)
    return largest.bytes


class _Reached(BaseException):
    """Ends a forward pass at the batch norm whose statistics are being gathered; no handler of a module may
    catch it."""


class StreamedStatistics(TorchFunctionMode):
    """What `ExactStatistics` computes, over batches: population mean and variance of what enters each batch
    norm.

    The k-th pass gathers those of the k-th batch norm that runs, with the exact statistics of the ones before
    it, and leaves each forward pass there. A batch's mean and sum of squared deviations are merged into those
    of the batches before it by the formula of Chan, Golub & LeVeque (1983), which subtracts no large numbers:
    in float64 the result is that of one pass over everything, up to rounding.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._calls = 0
        self._gathered: tuple[int, torch.Tensor, torch.Tensor] | None = None
        self.complete = False

    def one_pass(self, module: torch.nn.Module, batches: Iterable[torch.Tensor]) -> None:
        """Gather the next batch norm's statistics from all batches, and store them; `complete` if there is
        none."""
        self._gathered = None
        with self:
            for batch in batches:
                self._calls = 0
                try:
                    module(batch)
                except _Reached:
                    continue
                self.complete = True
                return
        assert self._gathered is not None  # a batch that reaches no batch norm has returned above
        count, mean, squares = self._gathered
        self._known.append((mean, squares / count))

    def applied(self) -> StreamedStatistics:
        """A context for one forward pass, in which every batch norm uses what was gathered."""
        self._calls = 0
        return self

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not functional.batch_norm:
            return func(*args, **kwargs)
        given = dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
        if self._calls == len(self._known):
            self._gather(given["input"])
            raise _Reached
        mean, variance = self._known[self._calls]
        self._calls += 1
        for name, value in (("running_mean", mean), ("running_var", variance)):
            if given.get(name) is None:
                given[name] = value
            else:
                given[name].copy_(value)
        given["training"] = False
        return func(**given)

    def _gather(self, x: torch.Tensor) -> None:
        others = [axis for axis in range(x.dim()) if axis != 1]
        count = x.numel() // x.shape[1]
        mean = x.mean(dim=others)
        squares = x.var(dim=others, correction=0) * count
        if self._gathered is not None:
            before, mean_before, squares_before = self._gathered
            total, apart = before + count, mean - mean_before
            squares = squares_before + squares + apart**2 * (before * count / total)
            mean, count = mean_before + apart * (count / total), total
        self._gathered = (count, mean, squares)
