# SPDX-License-Identifier: MIT
"""ResNet-18, 34, 50, 101 and 152 (He et al. 2016); images below 64 pixels enter by a 3x3 convolution."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import nn

from simulations.networks import _images

STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
CHANNELS = (64, 128, 256, 512)


class ResNet:
    """torchvision's residual blocks: basic ones below depth 50, bottlenecks from there on."""

    name = "resnet"
    tiny: ClassVar[dict[str, Any]] = {"num_inputs": 64, "depth": 18, "width": 4}

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
        """A ResNet for square images of 1 or 3 channels and at least 8x8 pixels.

        num_inputs: s*s or 3*s*s, or (channels, s, s); below 64 pixels the stem is a 3x3 convolution of stride
        1 without max pooling, from there on torchvision's. depth: 18, 34, 50, 101 or 152 layers. width:
        channels of the first stage, 1..64 (None: 64). blocks: residual blocks of each of the four stages,
        instead of those of the depth. See `simulations.networks._images` for the multipliers and the initial
        weights. Raises InputError for sizes and names out of range.
        """
        shape = _images.image_shape(self.name, num_inputs)
        counts = _images.stage_blocks(self.name, depth, STAGES, blocks, depth_multiplier)
        factor = _images.width_factor(self.name, width, CHANNELS[0], width_multiplier)
        return _images.assemble(
            self.name,
            lambda: _backbone(shape, depth, counts, factor),
            shape=shape,
            num_classes=num_classes,
            batch_norm=batch_norm,
            seed=seed,
            device=device,
            dtype=dtype,
            residual_ends=_residual_ends,
        )


def _backbone(shape: _images.ImageShape, depth: int, counts: Sequence[int], factor: float) -> nn.Module:
    from torchvision.models.resnet import BasicBlock, Bottleneck

    block: Any = Bottleneck if depth >= 50 else BasicBlock
    widths = [_images.scaled(channels, factor) for channels in CHANNELS]
    before = widths[0]
    kernel: dict[str, Any] = (
        {"kernel_size": 7, "stride": 2, "padding": 3} if shape.large else {"kernel_size": 3, "padding": 1}
    )
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(shape.channels, before, bias=False, **kernel),
        bn1=nn.BatchNorm2d(before),
        relu=nn.ReLU(inplace=True),
    )
    if shape.large:
        parts["maxpool"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
    for stage, (count, width) in enumerate(zip(counts, widths, strict=True)):
        blocks = []
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            after, shortcut = width * block.expansion, None
            if stride != 1 or before != after:
                shortcut = nn.Sequential(
                    nn.Conv2d(before, after, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(after)
                )
            blocks.append(block(before, width, stride, shortcut))
            before = after
        parts[f"layer{stage + 1}"] = nn.Sequential(*blocks)
    return nn.Sequential(parts)


def _residual_ends(backbone: nn.Module) -> list[nn.Module]:
    """The last convolution of every residual branch."""
    from torchvision.models.resnet import BasicBlock, Bottleneck

    blocks = [part for part in backbone.modules() if isinstance(part, BasicBlock | Bottleneck)]
    return [block.conv3 if isinstance(block, Bottleneck) else block.conv2 for block in blocks]


NETWORK = ResNet()
