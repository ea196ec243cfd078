# SPDX-License-Identifier: MIT
"""At full width: the parameters of the papers, and the functions of torchvision."""

import pytest
import torch
import torchvision
from torch import nn

from simulations import networks

FAMILIES = ("vgg", "resnet", "densenet")
PUBLISHED = {"vgg": (11, 13, 19), "resnet": (18, 34, 50), "densenet": (40, 201, 250)}


def build(name, **changes):
    options = {"num_classes": 3, "batch_norm": "scale-only", "seed": 0, "device": "cpu"}
    return networks.get(name).build(**{**options, **networks.get(name).tiny, **changes})


def count(module):
    return sum(p.numel() for p in module.parameters())


def images(count, shape):
    generator = torch.Generator(device="cpu").manual_seed(0)
    return torch.randn((count, *shape), device="cpu", generator=generator)


def on_meta(make):
    with torch.device("meta"):
        return make()


@pytest.mark.parametrize(("name", "depth"), [(name, d) for name in FAMILIES for d in PUBLISHED[name]])
def test_full_width_has_the_published_number_of_parameters(name, depth):
    """Everything but last batch norm and head, against torchvision or the number of its paper."""
    large = name == "resnet" or depth == 201
    num_inputs = (3, 224, 224) if large else (3, 32, 32)
    module = build(
        name,
        num_inputs=num_inputs,
        depth=depth,
        width=None,
        depth_multiplier=1.0,
        num_classes=10,
        device="meta",
    )
    if name == "vgg":
        published = count(on_meta(lambda: getattr(torchvision.models, f"vgg{depth}_bn")().features))
    elif large:
        whole = on_meta(lambda: getattr(torchvision.models, f"{name}{depth}")())
        published = count(whole) - count(whole.fc if name == "resnet" else whole.classifier)
    else:
        # Huang et al. 2017, Table 2: 1.0 and 15.3 million with a classifier (with bias) for 10 classes.
        whole = {40: 1_019_722, 250: 15_324_406}[depth]
        published = whole - 10 * (module.head.in_features + 1)
    assert count(module.backbone) == published
    assert count(module) == published + module.head.in_features * (1 + 10)


@pytest.mark.parametrize(
    ("name", "depth", "side"),
    [("vgg", 13, 32), ("resnet", 18, 32), ("resnet", 50, 32), ("resnet", 34, 64), ("densenet", 121, 64)],
)
def test_torchvision_computes_the_same_features_with_the_same_weights(name, depth, side):
    """Strides, poolings and the last ReLU: not seen by counting parameters."""
    options = {"num_inputs": (3, side, side), "width": None, "depth_multiplier": 1.0}
    module = build(name, depth=depth, batch_norm="affine", **options).eval()
    published = on_meta(lambda: getattr(torchvision.models, f"{name}{depth}{'_bn' * (name == 'vgg')}")())
    if name == "resnet" and side == 32:
        published.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False, device="meta")
        published.maxpool = nn.Identity()
    target = published if name == "resnet" else published.features
    target.load_state_dict(module.backbone.state_dict(), strict=name != "resnet", assign=True)
    published.fc = published.classifier = nn.Identity()
    published.avgpool = nn.AdaptiveAvgPool2d(1)
    x = images(2, (3, side, side))
    with torch.no_grad():
        torch.testing.assert_close(module.backbone(x).mean(dim=(2, 3)), published.eval()(x))


@pytest.mark.parametrize("name", ["resnet", "densenet"])
def test_small_stems_differ_from_large_ones_by_the_stem_alone(name):
    depth = {"resnet": 18, "densenet": 201}[name]
    options = {"depth": depth, "width": None, "depth_multiplier": 1.0, "device": "meta"}
    small = build(name, num_inputs=(3, 32, 32), **options).backbone
    large = build(name, num_inputs=(3, 224, 224), **options).backbone
    kernel = 64 * 3 * (49 - 9)
    assert count(large) - count(small) == kernel + (0 if name == "resnet" else 2 * 64)
    assert not any(isinstance(part, nn.MaxPool2d) for part in small.modules())
