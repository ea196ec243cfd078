# SPDX-License-Identifier: MIT
"""Weights from a file: found in what people save, checked against the module before they are loaded."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.errors import InputError

if TYPE_CHECKING:
    import torch

_KEYS = ("state_dict", "model_state_dict", "model", "module", "network", "net", "weights")
_WRAPPERS = ("module.", "_orig_mod.", "model.", "network.", "net.")


def read(path: Path) -> Mapping[str, Any]:
    """What a file of torch.save or safetensors holds, tensors on the CPU; no code in the file is run.

    Raises InputError for a file that does not exist, is truncated, holds pickled objects, or is neither.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix == ".safetensors":
        return _safetensors(path)
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "weights_only" in str(error).lower() or "unsupported" in str(error).lower():
            raise InputError(
                f"{path} holds pickled Python objects, which are never loaded (they could run code); save "
                "the weights alone: torch.save(module.state_dict(), file)"
            ) from None
        raise _unreadable(path, error) from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError) as error:
        raise _unreadable(path, error) from None
    if not isinstance(content, Mapping):
        raise InputError(f"{path} holds a {type(content).__name__}; a state_dict is required")
    return content


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = next(iter(str(error).splitlines()), "") or type(error).__name__
    return InputError(
        f"{path} cannot be read as a file of torch.save ({reason}); it is truncated or of another kind"
    )


def _safetensors(path: Path) -> Mapping[str, Any]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise InputError(f"{path}: the package safetensors is needed to read it (pip install it)") from None
    try:
        content: Mapping[str, Any] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} cannot be read as safetensors ({error})") from None
    return content


def weights(content: Mapping[str, Any], path: Path) -> dict[str, torch.Tensor]:
    """The state_dict in a checkpoint: the whole of it, or what lies under one of the usual keys.

    Raises InputError, listing the keys that there are, where none is found.
    """
    if _is_state(content):
        return dict(content)
    for key in _KEYS:
        inner = content.get(key)
        if isinstance(inner, Mapping):
            return dict(inner) if _is_state(inner) else weights(inner, path)
    found = ", ".join(map(repr, list(content)[:6])) or "nothing"
    raise InputError(
        f"{path} holds no state_dict, neither itself nor under {', '.join(_KEYS)}; it holds {found}"
    )


def _is_state(content: Mapping[Any, Any]) -> bool:
    import torch

    return bool(content) and all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in content.items()
    )


def load(module: torch.nn.Module, state: Mapping[str, torch.Tensor], path: Path) -> torch.nn.Module:
    """The module with these weights; in float64 where they are.

    Prefixes that data-parallel and compiled modules add to every name are taken off. Raises InputError for
    weights of another architecture, with the first names that are missing, too many, or of another shape.
    """
    import torch

    own = module.state_dict()
    state = _without_wrappers(state, own)
    missing = [name for name in own if name not in state and not name.endswith("num_batches_tracked")]
    extra = [name for name in state if name not in own]
    shapes = [
        f"{name} is {_shape(state[name])} there and {_shape(own[name])} here"
        for name in own
        if name in state and state[name].shape != own[name].shape
    ]
    problems = [
        f"{what} {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
        for what, names in (("missing", missing), ("unexpected", extra), ("misshaped", shapes))
        if names
    ]
    if problems:
        raise InputError(
            f"{path} is a checkpoint of another architecture than {type(module).__name__}: "
            f"{'; '.join(problems)}"
        )
    if any(value.dtype is torch.float64 for value in state.values()):
        module = module.double()
    module.load_state_dict(state, strict=False)
    return module


def _without_wrappers(
    state: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]
) -> Mapping[str, torch.Tensor]:
    while not set(state) & set(own):
        prefix = next((p for p in _WRAPPERS if all(name.startswith(p) for name in state)), None)
        if prefix is None:
            return state
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _shape(tensor: torch.Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a number"
