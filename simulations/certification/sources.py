# SPDX-License-Identifier: MIT
"""What a user names on the command line: a module by its factory, data by a name, a file or a factory."""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.errors import InputError, unknown

if TYPE_CHECKING:
    import torch

    from simulations.datasets import Samples


_BETWEEN_OPTIONS = re.compile(r",(?![^(\[]*[)\]])")  # commas outside brackets


def options(pairs: Iterable[str], *, what: str) -> dict[str, Any]:
    """{"k": value} from "k=value" texts; values are Python literals, anything else is text."""
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"{what} {pair!r}; required is NAME=VALUE")
        try:
            found[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            found[name] = text
    return found


def target(spec: str, *, what: str) -> Any:
    """The object that "package.module:name" stands for; the current directory is searched first.

    Raises InputError for a module that cannot be imported, with the reason, or a name that it lacks.
    """
    place, _, name = spec.partition(":")
    if not place or not name:
        raise InputError(f"{what} {spec!r}; required is package.module:name")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{what} {spec!r}: no module named {error.name!r} (searched from {here} on)"
        ) from error
    except Exception as error:  # whatever the user's own file raises
        raise InputError(f"{what} {spec!r}: importing {place} fails ({_reason(error)})") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise unknown(f"name in {place}", part, [n for n in vars(found) if not n.startswith("_")][:40])
        found = getattr(found, part)
    return found


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


def module(spec: str, arguments: Mapping[str, Any]) -> torch.nn.Module:
    """The torch module that a factory or class makes, or that the name itself is."""
    import torch

    found = target(spec, what="--module")
    if not isinstance(found, torch.nn.Module):
        found = _called(found, spec, arguments, what="--module")
    elif arguments:
        raise InputError(f"--module {spec!r} is a module already; it takes no --module-arg")
    if not isinstance(found, torch.nn.Module):
        raise InputError(f"--module {spec!r} gives a {type(found).__name__}; a torch.nn.Module is required")
    return found


def _called(factory: Any, spec: str, arguments: Mapping[str, Any], *, what: str) -> Any:
    if not callable(factory):
        raise InputError(f"{what} {spec!r} is a {type(factory).__name__}; something to call is required")
    try:
        return factory(**arguments)
    except Exception as error:  # whatever the user's own code raises
        raise InputError(f"{what} {spec!r}: calling it fails ({_reason(error)})") from error


def loader(spec: str, network: torch.nn.Module, *, batch_size: int) -> Iterable[Any]:
    """Batches (inputs, labels) of what --data names.

    spec: a data set of ours with options ("digits:per_class=50"), an .npz file with ``inputs`` and
    ``labels``, or a factory of loaders ("package.module:name").

    Inputs get the network's own precision where they are floats. Raises InputError for anything else.
    """
    from simulations import datasets

    name, _, rest = spec.partition(":")
    if spec.endswith(".npz"):
        return _batched(*_arrays(Path(spec)), network, batch_size)
    if name in datasets.names():
        given = options(filter(None, _BETWEEN_OPTIONS.split(rest)), what="--data option")
        samples = datasets.load(name, **given)
        return of_samples(samples, network, batch_size=batch_size)
    if not rest or "=" in rest:
        raise unknown("data set (or .npz file, or package.module:loader)", name, datasets.names())
    found = target(spec, what="--data")
    found = found if _is_loader(found) else _called(found, spec, {}, what="--data")
    if not _is_loader(found):
        raise InputError(f"--data {spec!r} gives a {type(found).__name__}; a loader of batches is required")
    return _InPrecision(found, network)


class _InPrecision:
    """A loader's batches, whose inputs get the network's own precision where they are floats."""

    def __init__(self, loader: Iterable[Any], network: torch.nn.Module) -> None:
        self._loader, self._dtype = loader, _precision(network)

    def __iter__(self) -> Iterator[Any]:
        import torch

        for batch in self._loader:
            if isinstance(batch, tuple | list) and len(batch) == 2 and isinstance(batch[0], torch.Tensor):
                inputs = batch[0].to(self._dtype) if batch[0].is_floating_point() else batch[0]
                yield inputs, batch[1]
            else:
                yield batch  # `certify` says what is wrong with it


def _precision(network: torch.nn.Module) -> torch.dtype:
    import torch

    return next((p.dtype for p in network.parameters() if p.is_floating_point()), torch.float32)


def _is_loader(found: Any) -> bool:
    return hasattr(found, "__iter__") and not isinstance(found, type | str | bytes)


def of_samples(samples: Samples, network: torch.nn.Module, *, batch_size: int) -> Iterable[Any]:
    """Batches of a data set of ours; images, where it has some and the network begins with a convolution."""
    import torch

    kinds = (torch.nn.Linear, torch.nn.Conv2d)
    first = next((part for part in network.modules() if isinstance(part, kinds)), None)
    ours = hasattr(network, "features") and type(network).__module__.startswith("simulations.")
    shaped = isinstance(first, torch.nn.Conv2d) and samples.image_shape is not None and not ours
    return _batched(samples.images if shaped else samples.inputs, samples.labels, network, batch_size)


def _batched(inputs: Any, labels: Any, network: torch.nn.Module, batch_size: int) -> Iterable[Any]:
    import torch

    x, y = torch.as_tensor(inputs), torch.as_tensor(labels)
    x = x.to(_precision(network)) if x.is_floating_point() else x
    return list(zip(x.split(batch_size), y.split(batch_size), strict=True))


def _arrays(path: Path) -> tuple[Any, Any]:
    """inputs (n, ...) and labels (n,) of an .npz file."""
    import zipfile

    import numpy as np

    if not path.is_file():
        raise InputError(f"--data {path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise InputError(f"--data {path} cannot be read as .npz ({error})") from None
    for name in ("inputs", "labels"):
        if name not in found:
            raise unknown(f"array of {path}; required are inputs and labels, but there is no", name, found)
    inputs, labels = found["inputs"], found["labels"]
    if inputs.ndim < 2 or labels.shape != (len(inputs),) or not len(inputs):
        raise InputError(
            f"--data {path}: inputs have shape {inputs.shape} and labels {labels.shape}; required: (n, ...) "
            "and (n,), n >= 1"
        )
    return inputs, labels
