# SPDX-License-Identifier: MIT
"""DenseNet-40 and 250 for small images, DenseNet-121, 169 and 201 for ImageNet (Huang et al. 2017).

DenseNet-40 is the paper's plain one (growth 12, no bottlenecks, no compression: 1.0 million weights), 250 its
DenseNet-BC (growth 24: 15.3 million), the others are those of its Table 1 (growth 32). torchvision has all
but the plain one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import nn

from simulations.networks import _images

# Dense layers of each block; a dense layer is one convolution at depth 40, two elsewhere.
STAGES = {
    40: (12, 12, 12),
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    250: (41, 41, 41),
}
_GROWTH = {40: 12, 250: 24}
_PLAIN_STEM = 16


class DenseNet:
    """Blocks of layers that each see all layers before them, without dropout."""

    name = "densenet"
    tiny: ClassVar[dict[str, Any]] = {"num_inputs": 64, "depth": 40, "width": 3, "depth_multiplier": 0.25}

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
        """A DenseNet for square images of 1 or 3 channels and at least 8x8 pixels.

        num_inputs: s*s or 3*s*s, or (channels, s, s); below 64 pixels the stem is a 3x3 convolution of stride
        1 without max pooling, from there on torchvision's. depth: 40, 121, 169, 201 or 250 layers. width:
        growth rate, from 1 to the published 12 (depth 40), 24 (250) or 32 (None: published); the stem's
        channels shrink with it. blocks: dense layers of each block, instead of those of the depth. See
        `simulations.networks._images` for the multipliers and the initial weights. Raises InputError for
        sizes and names out of range.
        """
        shape = _images.image_shape(self.name, num_inputs)
        counts = _images.stage_blocks(self.name, depth, STAGES, blocks, depth_multiplier)
        full = _GROWTH.get(depth, 32)
        factor = _images.width_factor(self.name, width, full, width_multiplier)
        growth = _images.scaled(full, factor)
        plain = depth == 40
        stem = _images.scaled(_PLAIN_STEM if plain else 2 * full, factor)
        make = _plain if plain else _with_bottlenecks
        return _images.assemble(
            self.name,
            lambda: make(shape, counts, growth, stem),
            shape=shape,
            num_classes=num_classes,
            batch_norm=batch_norm,
            seed=seed,
            device=device,
            dtype=dtype,
        )


def _stem(shape: _images.ImageShape, channels: int, *, normalised: bool) -> OrderedDict[str, nn.Module]:
    if not shape.large:
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(shape.channels, channels, kernel_size=3, padding=1, bias=False)
        )
    else:
        parts = OrderedDict(
            conv0=nn.Conv2d(shape.channels, channels, kernel_size=7, stride=2, padding=3, bias=False)
        )
    if normalised:
        parts["norm0"], parts["relu0"] = nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
    if shape.large:
        parts["pool0"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
    return parts


def _with_bottlenecks(shape: _images.ImageShape, counts: Sequence[int], growth: int, stem: int) -> nn.Module:
    """torchvision's DenseNet-BC behind our stem, with the ReLU that is outside of its `features`."""
    from torchvision.models import DenseNet as Published

    sizes: Any = tuple(counts)
    whole = Published(growth_rate=growth, block_config=sizes, num_init_features=stem, num_classes=1).features
    # As in Huang et al. 2017, only the stem for large images is followed by batch norm, ReLU and pooling.
    parts = _stem(shape, stem, normalised=shape.large)
    for name, part in whole.named_children():
        if not name.endswith("0"):
            parts[name] = part
    parts["relu5"] = nn.ReLU(inplace=True)
    return nn.Sequential(parts)


class _PlainLayer(nn.Module):
    """x -> (x, conv(relu(norm(x)))), joined along the channels."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(channels, growth, kernel_size=3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, channels, s, s) -> (n, channels + growth, s, s)."""
        return torch.cat([x, self.conv(self.relu(self.norm(x)))], dim=1)


def _plain(shape: _images.ImageShape, counts: Sequence[int], growth: int, stem: int) -> nn.Module:
    """Plain dense blocks, with transitions that keep the number of channels."""
    parts = _stem(shape, stem, normalised=shape.large)
    channels = stem
    for number, count in enumerate(counts, start=1):
        layers = [_PlainLayer(channels + growth * k, growth) for k in range(count)]
        parts[f"denseblock{number}"] = nn.Sequential(*layers)
        channels += growth * count
        if number < len(counts):
            parts[f"transition{number}"] = nn.Sequential(
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
                nn.Conv2d(channels, channels, kernel_size=1, bias=False),
                nn.AvgPool2d(kernel_size=2, stride=2),
            )
    parts["norm5"], parts["relu5"] = nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
    return nn.Sequential(parts)


NETWORK = DenseNet()
