# SPDX-License-Identifier: MIT
"""Bias-free ReLU perceptrons of any depth and width, with or without batch norm directly before the
classifier."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar

import torch
from torch import nn

from simulations.errors import InputError
from simulations.networks._norms import last_batch_norm


class MultilayerPerceptron(nn.Module):
    """x -> head(features(x)) with depth - 1 hidden ReLU layers and a linear head, all without bias.

    features(x): (n, num_inputs) -> (n, width), the last hidden layer after its ReLU and, if there is one,
    after the batch norm. head: Linear(width, num_classes).
    """

    def __init__(self, hidden: list[nn.Linear], batch_norm: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.hidden = nn.ModuleList(hidden)
        self.batch_norm = batch_norm
        self.head = head

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """What the classifier multiplies, shape (n, width)."""
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.batch_norm(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, shape (n, C)."""
        return self.head(self.features(x))


class MLP:
    """Builds the networks of Pan & Cao 2023 (depth 3, 4, 6 or 9, width 300, batch norm once, after the last
    ReLU)."""

    name = "mlp"
    tiny: ClassVar[dict[str, Any]] = {"num_inputs": 6, "depth": 3, "width": 8}

    def build(
        self,
        *,
        num_inputs: int,
        num_classes: int,
        depth: int,
        width: int,
        batch_norm: str,
        seed: int,
        device: str | torch.device,
        dtype: torch.dtype | None = None,
    ) -> MultilayerPerceptron:
        """A perceptron with `depth` linear layers, the classifier included.

        batch_norm: "none", "scale-only" (no bias) or "affine" (scale and bias). Hidden weights are normal
        with variance 2 / fan-in (He et al. 2015), the head's normal with variance 1 / fan-in, gamma is 1.
        Weights are drawn on the CPU and copied, so a seed means the same network on every device.
        Raises InputError for depth < 2, a size < 1 or an unknown batch norm.
        """
        if depth < 2 or min(num_inputs, num_classes, width) < 1:
            raise InputError(
                f"mlp: received depth = {depth}, num_inputs = {num_inputs}, width = {width}, num_classes = "
                f"{num_classes}; required are depth >= 2 (a hidden layer and the classifier) and sizes >= 1"
            )
        dtype = dtype or torch.float32
        generator = torch.Generator(device="cpu").manual_seed(seed)
        sizes = [num_inputs, *[width] * (depth - 1)]
        hidden = [
            _linear(a, b, math.sqrt(2.0 / a), generator, device, dtype) for a, b in itertools.pairwise(sizes)
        ]
        norm = last_batch_norm(batch_norm, width, device=device, dtype=dtype)
        head = _linear(width, num_classes, math.sqrt(1.0 / width), generator, device, dtype)
        return MultilayerPerceptron(hidden, norm, head)


def _linear(
    fan_in: int,
    fan_out: int,
    deviation: float,
    generator: torch.Generator,
    device: str | torch.device,
    dtype: torch.dtype,
) -> nn.Linear:
    """A bias-free layer with normal weights; skip_init, because the default initialisation draws from a
    global seed."""
    layer = torch.nn.utils.skip_init(nn.Linear, fan_in, fan_out, bias=False, device=device, dtype=dtype)
    weight = torch.empty((fan_out, fan_in), device="cpu", dtype=torch.float64)
    weight.normal_(0.0, deviation, generator=generator)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return layer


NETWORK = MLP()
