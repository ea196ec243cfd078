# SPDX-License-Identifier: MIT
"""Following a forward pass from inside: which linear layers and batch norms run, on which tensors, in which
order."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_BATCH_NORM_ARGUMENTS = (
    "input",
    "running_mean",
    "running_var",
    "weight",
    "bias",
    "training",
    "momentum",
    "eps",
)


@dataclass
class Call:
    """One call of ``linear`` or ``batch_norm``; parameters that it has none of are None."""

    result: torch.Tensor
    input: torch.Tensor
    weight: torch.Tensor | None
    bias: torch.Tensor | None
    eps: float | None
    running_mean: torch.Tensor | None
    # Counters of in-place changes when the call was made: a later one would leave the identity but not the
    # values.
    result_version: int
    input_version: int


class Recorder(TorchFunctionMode):
    """Keeps every result of linear and batch_norm alive, so that identity of tensors means identity of
    values.

    batch_norms: False leaves those of batch norms alone, whose results are the memory of a whole network.
    """

    def __init__(self, *, batch_norms: bool = True) -> None:
        super().__init__()
        self._keep_batch_norms = batch_norms
        self.linear: list[Call] = []
        self.batch_norm: list[Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func is functional.linear:
            given = dict(zip(("input", "weight", "bias"), args, strict=False)) | kwargs
            self.linear.append(_call(result, given))
        elif func is functional.batch_norm and self._keep_batch_norms:
            given = dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
            self.batch_norm.append(_call(result, given))
        return result


def _call(result: torch.Tensor, given: dict[str, Any]) -> Call:
    x = given["input"]
    return Call(
        result,
        x,
        given.get("weight"),
        given.get("bias"),
        given.get("eps", 1e-5),
        given.get("running_mean"),
        result._version,
        x._version,
    )


class Tracer(Recorder):
    """Notes besides which functions returned a tensor, without keeping it alive."""

    def __init__(self) -> None:
        super().__init__()
        self._makers: dict[int, tuple[weakref.ref[torch.Tensor], list[str]]] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_function__(func, types, args, kwargs)
        if isinstance(result, torch.Tensor):
            known, names = self._makers.get(id(result), (None, []))
            if known is None or known() is not result:
                names = []
                self._makers[id(result)] = (weakref.ref(result), names)
            names.append(getattr(func, "__name__", str(func)))
        return result

    def makers(self, tensor: torch.Tensor) -> tuple[str, ...]:
        """Names of the functions that returned this very tensor, in order, properties left out."""
        known, names = self._makers.get(id(tensor), (None, []))
        if known is None or known() is not tensor:
            return ()
        return tuple(name for name in names if not name.startswith("__"))


@contextmanager
def evaluation(module: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode inside, and every submodule's own mode again afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


class ExactStatistics(TorchFunctionMode):
    """Inside this context every batch norm uses, and stores, the population mean and variance of what it is
    given.

    One pass over the full training set in evaluation mode thus makes the running statistics exact: mean over
    the samples, and biased variance, as in training, but of the whole set instead of a moving average over
    batches. Works for inputs (n, d) and (n, d, ...), and for any number of batch norms, each seeing the exact
    output of those before it.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not functional.batch_norm:
            return func(*args, **kwargs)
        given = dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
        x = given["input"]
        others = [axis for axis in range(x.dim()) if axis != 1]
        mean, variance = x.mean(dim=others), x.var(dim=others, correction=0)
        for name, value in (("running_mean", mean), ("running_var", variance)):
            if given.get(name) is None:
                given[name] = value
            else:
                given[name].copy_(value)
        given["training"] = False
        return func(**given)
