# SPDX-License-Identifier: MIT
"""Where to compute: ``auto`` takes CUDA where there is one, else MPS, else the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulations.errors import InputError

if TYPE_CHECKING:
    import torch

AUTO = "auto"


def choose(name: str = AUTO) -> torch.device:
    """The torch device called ``name``, shown to work.

    name: "auto", or what torch calls a device: "cpu", "cuda", "cuda:1", "mps".
    Raises InputError for a device that this machine cannot use, or that holds no numbers ("meta").
    """
    import torch

    if name == AUTO:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"device {name!r} cannot be used on this machine: {reason}") from error
    if device.type == "meta":
        raise InputError("device 'meta' holds no numbers; take auto, cpu, cuda or mps")
    return device
