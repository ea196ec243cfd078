# SPDX-License-Identifier: MIT
"""What the convolutional families share: shapes, multipliers, the three last-layer variants, initial weights.

A network is backbone -> mean over the image -> last batch norm or nothing -> bias-free linear classifier.
In the variant "none" every batch norm is taken out of the backbone, too. Modules are made without storage,
run once so to find the image that each convolution sees, and only then given their weights: the padding of
a 3x3 convolution on a 1x1 image leaves one ninth of its weights at work, and He's variance counts those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from simulations.errors import InputError, unknown
from simulations.networks import BATCH_NORMS
from simulations.networks._norms import last_batch_norm

# Three halvings before the mean over the image: what DenseNet-201's average pooling needs.
LEAST_SIDE = 8
# From this side on, the stems are those of the networks for ImageNet: stride 2 and a pooling.
LARGE_SIDE = 64


@dataclass(frozen=True)
class ImageShape:
    """Square images of 1 or 3 channels."""

    channels: int
    side: int

    @property
    def large(self) -> bool:
        """Whether the stem for large images is used."""
        return self.side >= LARGE_SIDE


def image_shape(name: str, num_inputs: int | Sequence[int]) -> ImageShape:
    """The shape of an image with that many numbers, or of that shape (channels, side, side).

    A number of inputs is s*s or 3*s*s for at most one s, as 3 is no square. Raises InputError for other
    numbers and for images of a side below 8.
    """
    need = f"1 or 3 channels of s*s pixels with s >= {LEAST_SIDE}"
    if isinstance(num_inputs, int):
        given = f"{num_inputs} inputs"
        sides = {channels: math.isqrt(max(num_inputs, 0) // channels) for channels in (1, 3)}
        shapes = [ImageShape(c, s) for c, s in sides.items() if c * s * s == num_inputs and s > 0]
    else:
        given = f"inputs of shape {tuple(num_inputs)}"
        fits = len(num_inputs) == 3 and num_inputs[0] in (1, 3) and num_inputs[1] == num_inputs[2] > 0
        shapes = [ImageShape(num_inputs[0], num_inputs[1])] if fits else []
    if not shapes:
        raise InputError(f"{name}: received {given}; required are square images, {need}")
    if shapes[0].side < LEAST_SIDE:
        raise InputError(
            f"{name}: received images of {shapes[0].side}x{shapes[0].side} pixels; the network halves them "
            f"three times at least, so that {LEAST_SIDE}x{LEAST_SIDE} pixels are required (pad them)"
        )
    return shapes[0]


def positive_multiplier(name: str, option: str, value: float) -> float:
    """The multiplier, or InputError unless it is a positive finite number."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or value <= 0:
        raise InputError(f"{name}: {option} = {value!r}; required is a finite number > 0 (1 = as published)")
    return float(value)


def width_factor(name: str, width: int | None, full: int, multiplier: float) -> float:
    """By how much every number of channels is multiplied: (width / full) * multiplier.

    width: channels of the first stage (DenseNet: growth rate), None or `full` as published. More than
    published is asked for by the multiplier, so that a width meant for a perceptron is not taken silently.
    """
    factor = positive_multiplier(name, "width_multiplier", multiplier)
    if width is None:
        return factor
    if not isinstance(width, int) or isinstance(width, bool) or not 1 <= width <= full:
        raise InputError(
            f"{name}: width = {width!r}; required is a whole number from 1 to {full}, the published "
            f"{'growth rate' if name == 'densenet' else 'channels of the first stage'} (a wider network: "
            "width_multiplier)"
        )
    return factor * width / full


def scaled(channels: int, factor: float) -> int:
    """A number of channels times the factor, rounded, at least 1."""
    return max(1, round(channels * factor))


def stage_blocks(
    name: str,
    depth: int,
    published: Mapping[int, tuple[int, ...]],
    blocks: Sequence[int] | None,
    multiplier: float,
) -> tuple[int, ...]:
    """Blocks of each stage: as published for that depth, times the multiplier (rounded, at least 1), or
    `blocks`."""
    if depth not in published:
        known = ", ".join(str(d) for d in published)
        raise InputError(
            f"{name}: depth = {depth}; published depths are {known}; for others take one of these with "
            "depth_multiplier or blocks"
        )
    factor = positive_multiplier(name, "depth_multiplier", multiplier)
    own = published[depth]
    if blocks is None:
        return tuple(max(1, round(count * factor)) for count in own)
    if factor != 1:
        raise InputError(f"{name}: received both blocks and depth_multiplier; required is one of them")
    if len(blocks) != len(own) or any(not isinstance(b, int) or b < 1 for b in blocks):
        raise InputError(
            f"{name}: blocks = {blocks!r}; required are {len(own)} whole numbers of at least 1, one a stage "
            f"(published at depth {depth}: {own})"
        )
    return tuple(blocks)


class ImageNetwork(nn.Module):
    """x -> head(features(x)); x is (n, channels, side, side) or its rows flattened, (n, channels*side*side).

    features(x): (n, d), the backbone's mean over the image and then the last batch norm, if there is one:
    exactly what the bias-free head multiplies.
    """

    def __init__(
        self, backbone: nn.Module, batch_norm: nn.Module, head: nn.Linear, shape: ImageShape
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.batch_norm = batch_norm
        self.head = head
        self.shape = shape

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """What the classifier multiplies, shape (n, d)."""
        channels, side = self.shape.channels, self.shape.side
        if x.dim() == 2 and x.shape[1] == channels * side * side:
            x = x.unflatten(1, (channels, side, side))
        if x.dim() != 4 or x.shape[1] != channels:
            raise InputError(
                f"received inputs of shape {tuple(x.shape)}; required is (n, {channels}, {side}, {side}) or "
                f"(n, {channels * side * side})"
            )
        return self.batch_norm(self.backbone(x).mean(dim=(2, 3)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, shape (n, C)."""
        return self.head(self.features(x))


def assemble(
    name: str,
    backbone_of: Callable[[], nn.Module],
    *,
    shape: ImageShape,
    num_classes: int,
    batch_norm: str,
    seed: int,
    device: str | torch.device,
    dtype: torch.dtype | None,
    residual_ends: Callable[[nn.Module], list[nn.Module]] | None = None,
) -> ImageNetwork:
    """The network around a backbone (n, channels, side, side) -> (n, d, s, s), its weights drawn from `seed`.

    Convolutions: normal, variance 2/fan-in, fan-in counting the weights that meet the image (He et al. 2015);
    head: variance 1/fan-in; biases 0, scales 1. Without batch norm the last convolution of each of B residual
    branches, `residual_ends`, is divided by sqrt(B), so that the depth does not add up. Weights are drawn on
    the CPU in float64 and copied: a seed means the same network on every device. The global random state is
    neither used nor changed. Raises InputError for an unknown variant or num_classes < 1.
    """
    if batch_norm not in BATCH_NORMS:
        raise unknown("batch norm", batch_norm, list(BATCH_NORMS))
    if num_classes < 1:
        raise InputError(f"{name}: num_classes = {num_classes}; required is at least 1")
    dtype = dtype or torch.float32
    with torch.device("meta"):
        backbone = backbone_of()
        if batch_norm == "none":
            _take_out_batch_norm(backbone)
        image = torch.empty((2, shape.channels, shape.side, shape.side), dtype=torch.float32, device="meta")
        seen = _Convolutions()
        with seen, torch.no_grad():
            width = backbone.eval()(image).shape[1]
        norm = last_batch_norm(batch_norm, width, device="meta", dtype=torch.float32)
        head = nn.Linear(width, num_classes, bias=False, device="meta")
        module = ImageNetwork(backbone, norm, head, shape)
    fan_in = {weight: weight.shape[1] * taps for weight, taps in seen.found}
    places = {id(part.weight): part for part in module.modules() if isinstance(part, nn.Conv2d)}
    fans = {places[id(weight)]: value for weight, value in fan_in.items()}
    module = module.to(dtype=dtype).to_empty(device=device).train()
    ends = residual_ends(backbone) if residual_ends is not None and batch_norm == "none" else []
    _initialise(module, fans, {part: len(ends) ** -0.5 for part in ends}, seed)
    return module


def _take_out_batch_norm(module: nn.Module) -> None:
    """Every batch norm becomes an identity. ReLUs no longer work in place: their input may be needed."""
    for parent in list(module.modules()):
        for name, part in list(parent.named_children()):
            if isinstance(part, nn.BatchNorm2d):
                setattr(parent, name, nn.Identity())
            elif isinstance(part, nn.ReLU):
                part.inplace = False


class _Convolutions(TorchFunctionMode):
    """Notes each convolution's weight, and how many of the kernel's entries meet the image on average."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[torch.Tensor, float]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is functional.conv2d:
            x, weight, _, stride, padding = args[:5]
            self.found.append((weight, _taps(x.shape[2], weight.shape[2], stride[0], padding[0])))
        return func(*args, **(kwargs or {}))


@cache
def _taps(side: int, kernel: int, stride: int, padding: int) -> float:
    along = [
        sum(0 <= start + k < side for k in range(kernel))
        for start in range(-padding, side + padding - kernel + 1, stride)
    ]
    return (sum(along) / len(along)) ** 2


def _initialise(
    module: ImageNetwork, fans: Mapping[nn.Conv2d, float], factors: Mapping[nn.Module, float], seed: int
) -> None:
    generator = torch.Generator(device="cpu").manual_seed(seed)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d):
                _draw(part.weight, math.sqrt(2.0 / fans[part]) * factors.get(part, 1.0), generator)
                if part.bias is not None:
                    part.bias.zero_()
            elif isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
                part.reset_parameters()
        _draw(module.head.weight, math.sqrt(1.0 / module.head.in_features), generator)


def _draw(weight: torch.Tensor, deviation: float, generator: torch.Generator) -> None:
    values = torch.empty(weight.shape, device="cpu", dtype=torch.float64)
    weight.copy_(values.normal_(0.0, deviation, generator=generator))
