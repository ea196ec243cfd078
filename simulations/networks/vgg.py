# SPDX-License-Identifier: MIT
"""VGG-11, 13, 16 and 19 with mean pooling and one linear layer, as both papers trained them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import nn

from simulations.networks import _images

# Convolutions of each stage (Simonyan & Zisserman 2015, Table 1, configurations A, B, D, E).
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)


class VGG:
    """torchvision's layers; a stage's max pooling is left out once the image is a single pixel."""

    name = "vgg"
    tiny: ClassVar[dict[str, Any]] = {"num_inputs": 64, "depth": 11, "width": 4}

    def build(
        self,
        *,
        num_inputs: int | Sequence[int],
        num_classes: int,
        depth: int,
        width: int | None = None,
        batch_norm: str,
        seed: int,
        device: str | torch.device,
        dtype: torch.dtype | None = None,
        width_multiplier: float = 1.0,
        depth_multiplier: float = 1.0,
        blocks: Sequence[int] | None = None,
    ) -> _images.ImageNetwork:
        """A VGG for square images of 1 or 3 channels and at least 8x8 pixels.

        num_inputs: s*s or 3*s*s, or (channels, s, s). depth: 11, 13, 16 or 19 layers. width: channels of the
        first stage, 1..64 (None: 64). blocks: convolutions of each of the five stages, instead of those of
        the depth. See `simulations.networks._images` for the multipliers and the initial weights.
        Convolutions have biases, as in torchvision; the head has none. Raises InputError for sizes and names
        out of range.
        """
        shape = _images.image_shape(self.name, num_inputs)
        counts = _images.stage_blocks(self.name, depth, STAGES, blocks, depth_multiplier)
        factor = _images.width_factor(self.name, width, CHANNELS[0], width_multiplier)
        return _images.assemble(
            self.name,
            lambda: _backbone(shape, counts, factor),
            shape=shape,
            num_classes=num_classes,
            batch_norm=batch_norm,
            seed=seed,
            device=device,
            dtype=dtype,
        )


def _backbone(shape: _images.ImageShape, counts: Sequence[int], factor: float) -> nn.Module:
    from torchvision.models.vgg import make_layers

    plan: list[str | int] = []
    side = shape.side
    for channels, count in zip(CHANNELS, counts, strict=True):
        plan += [_images.scaled(channels, factor)] * count
        if side > 1:
            plan.append("M")
            side //= 2
    layers = make_layers(plan, batch_norm=True)
    if shape.channels != 3:
        first: Any = layers[0]
        layers[0] = nn.Conv2d(shape.channels, first.out_channels, kernel_size=3, padding=1)
    return layers


NETWORK = VGG()
