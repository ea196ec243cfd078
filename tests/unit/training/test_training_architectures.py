# SPDX-License-Identifier: MIT
"""VGG, ResNet and DenseNet: small images, three real variants, training, refusals."""

import math

import pytest
import torch
from torch import nn

from simulations import networks
from simulations.configuration import Config
from simulations.errors import InputError
from simulations.networks import BATCH_NORMS
from simulations.training import train

FAMILIES = ("vgg", "resnet", "densenet")
PUBLISHED = {"vgg": (11, 13, 19), "resnet": (18, 34, 50), "densenet": (40, 201, 250)}
IMAGES = {64: (1, 8, 8), 784: (1, 28, 28), 3072: (3, 32, 32)}


def build(name, **changes):
    options = {"num_classes": 3, "batch_norm": "scale-only", "seed": 0, "device": "cpu"}
    return networks.get(name).build(**{**options, **networks.get(name).tiny, **changes})


def count(module):
    return sum(p.numel() for p in module.parameters())


def images(count, shape):
    generator = torch.Generator(device="cpu").manual_seed(0)
    return torch.randn((count, *shape), device="cpu", generator=generator)


@pytest.mark.parametrize("num_inputs", IMAGES)
@pytest.mark.parametrize("name", FAMILIES)
def test_small_images_flat_or_not(name, num_inputs):
    for depth in PUBLISHED[name]:
        module = build(name, num_inputs=num_inputs, depth=depth, width=2, depth_multiplier=0.25).eval()
        x = images(2, IMAGES[num_inputs])
        features = module.features(x)
        assert features.shape == (2, module.head.in_features)
        assert features.dtype == torch.float32
        assert module(x).shape == (2, 3)
        assert torch.equal(module(x), module(x.flatten(1)))
        assert torch.isfinite(features).all()
        # The image matters: another one has other features.
        assert not torch.equal(features[0], features[1])


def test_a_shape_may_be_given_in_place_of_a_number():
    flat, shaped = build("vgg", num_inputs=3 * 9 * 9), build("vgg", num_inputs=(3, 9, 9))
    assert all(torch.equal(a, b) for a, b in zip(flat.parameters(), shaped.parameters(), strict=True))


@pytest.mark.parametrize("name", FAMILIES)
class TestVariants:
    def norms(self, module):
        return [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]

    def test_none_has_no_batch_norm_anywhere(self, name):
        module = build(name, batch_norm="none")
        assert self.norms(module) == []
        assert not any("running" in key for key in module.state_dict())

    def test_affine_has_scale_and_bias_in_each_and_one_more_at_the_end(self, name):
        module = build(name, batch_norm="affine")
        assert all(norm.weight is not None and norm.bias is not None for norm in self.norms(module))
        assert isinstance(module.batch_norm, nn.BatchNorm1d)
        assert len(self.norms(module)) == len(self.norms(module.backbone)) + 1 > 1

    def test_scale_only_lacks_the_parameter_itself(self, name):
        module = build(name, batch_norm="scale-only")
        assert module.batch_norm.bias is None
        assert module.head.bias is None
        assert "batch_norm.weight" in dict(module.named_parameters())
        assert not [key for key in module.state_dict() if key in ("batch_norm.bias", "head.bias")]
        assert all(norm.bias is not None for norm in self.norms(module.backbone))
        module.train()
        features = module.features(images(16, IMAGES[64]))
        assert features.mean(dim=0).abs().max() < 1e-5
        assert features.square().sum(dim=1).mean().item() == pytest.approx(module.head.in_features, rel=1e-2)

    def test_the_backbone_is_drawn_alike_in_both_batch_norm_variants(self, name):
        one, two = (build(name, batch_norm=variant).backbone for variant in ("affine", "scale-only"))
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))

    def test_global_random_state_is_left_alone(self, name):
        torch.manual_seed(7)
        before = torch.get_rng_state()
        build(name)
        assert torch.equal(before, torch.get_rng_state())

    @pytest.mark.parametrize("batch_norm", BATCH_NORMS)
    def test_ten_steps_of_gradient_descent_lower_the_loss(self, name, batch_norm):
        module = build(name, batch_norm=batch_norm)
        x, y = images(12, IMAGES[64]), torch.arange(12, device="cpu") % 3
        optimizer = torch.optim.SGD(module.parameters(), lr=0.02)
        values = []
        for _ in range(11):
            loss = nn.functional.cross_entropy(module(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            values.append(loss.item())
        assert values[-1] < values[0]
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in module.parameters())

    @pytest.mark.parametrize("batch_norm", BATCH_NORMS)
    def test_trains_through_the_training_loop(self, name, batch_norm):
        tiny = dict(networks.get(name).tiny)
        tiny.pop("num_inputs")
        config = Config(
            dataset="digits",
            dataset_options={"per_class": 6},
            network=name,
            depth=tiny.pop("depth"),
            width=tiny.pop("width"),
            network_options=tiny,
            batch_norm=batch_norm,
            epochs=3,
            batch_size=20,
            measurements=2,
            weight_decay=1e-3,
            decay_on="last-layer",
        )
        assert Config.from_dict(config.to_dict()) == config
        run = train(config)
        assert run.history[-1]["train_loss"] < run.history[0]["train_loss"]
        assert (run.history[-1]["gamma_norm"] is None) == (batch_norm == "none")
        assert run.final.features.shape == (60, run.module.head.in_features)
        if batch_norm == "scale-only":
            # The theorem's hypothesis, as measured: exactly centred, and E||h||^2 = ||gamma||^2 - deficit.
            line = run.history[-1]
            assert abs(run.final.features.mean(axis=0)).max() < 1e-9
            expected = line["gamma_norm"] ** 2 - line["batch_norm_deficit"]
            assert line["collapse"]["feature_norm"] ** 2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("name", "depth"), [(name, d) for name in FAMILIES for d in PUBLISHED[name]])
def test_without_batch_norm_signals_neither_vanish_nor_explode(name, depth):
    options = {"depth_multiplier": 1.0, "width": 8 if name == "densenet" else 16}
    module = build(name, depth=depth, batch_norm="none", **options)
    features = module.features(images(8, IMAGES[64]))
    assert 0.05 < features.square().mean().item() < 100
    loss = nn.functional.cross_entropy(module(images(8, IMAGES[64])), torch.arange(8, device="cpu") % 3)
    loss.backward()
    assert all(p.grad.abs().max() > 0 for p in module.parameters())


def test_multipliers_scale_channels_and_blocks():
    half = build("resnet", width=None, width_multiplier=0.5, device="meta")
    assert half.head.in_features == 256
    assert count(half) == count(build("resnet", width=32, device="meta"))
    assert build("vgg", width=None, width_multiplier=2, device="meta").head.in_features == 1024
    deep, short = (build("resnet", depth_multiplier=m, device="meta") for m in (1, 0.5))
    assert [len(getattr(deep.backbone, f"layer{k}")) for k in range(1, 5)] == [2, 2, 2, 2]
    assert [len(getattr(short.backbone, f"layer{k}")) for k in range(1, 5)] == [1, 1, 1, 1]
    own = build("densenet", depth_multiplier=1.0, blocks=(1, 2, 3), device="meta").backbone
    assert [len(getattr(own, f"denseblock{k}")) for k in range(1, 4)] == [1, 2, 3]


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"width_multiplier": 0}, "width_multiplier = 0; required is a finite number > 0"),
        ({"width_multiplier": -0.5}, "width_multiplier = -0.5"),
        ({"width_multiplier": math.nan}, "width_multiplier = nan"),
        ({"depth_multiplier": 0}, "depth_multiplier = 0"),
        ({"width": 300}, "width = 300; required is a whole number from 1 to (64|12)"),
        ({"width": 0}, "width = 0"),
        ({"depth": 12}, "published depths are"),
        ({"num_inputs": 49}, "7x7 pixels.*8x8 pixels are required"),
        ({"num_inputs": (3, 4, 4)}, "8x8 pixels are required"),
        ({"num_inputs": 65}, "65 inputs; required are square images, 1 or 3 channels"),
        ({"num_inputs": (2, 8, 8)}, "1 or 3 channels"),
        ({"num_inputs": 0}, "0 inputs"),
        ({"batch_norm": "scale_only"}, "did you mean 'scale-only'"),
        ({"num_classes": 0}, "num_classes = 0"),
        ({"blocks": (1,), "depth_multiplier": 1.0}, r"blocks = \(1,\); required are"),
        ({"blocks": (1, 1, 1), "depth_multiplier": 0.5}, "required is one of them"),
    ],
)
def test_what_cannot_be_built_is_refused(name, changes, says):
    with pytest.raises(InputError, match=says):
        build(name, **changes)


def test_unknown_networks_and_options_name_the_nearest():
    with pytest.raises(InputError, match="did you mean 'resnet'"):
        networks.get("resnet18")
    settings = {"num_inputs": 64, "num_classes": 3, "depth": 11, "width": 4, "batch_norm": "none", "seed": 0}
    with pytest.raises(InputError, match="did you mean 'width_multiplier'"):
        networks.build("vgg", options={"width_multiplyer": 1}, **settings, device="cpu")
    with pytest.raises(InputError, match="unknown option of network 'mlp'"):
        networks.build("mlp", options={"blocks": (1,)}, **settings, device="cpu")


def test_inputs_of_another_shape_are_refused():
    module = build("vgg").eval()
    for shape in ((2, 3, 8, 8), (2, 63), (2, 8, 8)):
        with pytest.raises(InputError, match=r"required is \(n, 1, 8, 8\) or \(n, 64\)"):
            module(torch.zeros(shape, device="cpu"))


def test_records_of_runs_without_network_options_keep_their_configuration():
    assert "network_options" not in Config().to_dict()
    options = {"width_multiplier": 0.5}
    assert (
        Config(network="vgg", depth=11, width=64, network_options=options).to_dict()["network_options"]
        == options
    )
