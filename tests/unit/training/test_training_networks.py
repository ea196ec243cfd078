# SPDX-License-Identifier: MIT
"""Every discovered network, and the inspection of hypotheses on honest modules and on liars."""

import math
import socket

import numpy as np
import pytest
import torch
from torch import nn

from simulations import losses, networks
from simulations.errors import InputError
from simulations.networks import BATCH_NORMS, hypotheses


def build(name="mlp", **changes):
    network = networks.get(name)
    options = {"num_classes": 3, "batch_norm": "scale-only", "seed": 0, **network.tiny}
    return network.build(**{**options, **changes}, device="cpu")


def draw(name, samples):
    generator = torch.Generator(device="cpu").manual_seed(0)
    shape = (samples, networks.get(name).tiny["num_inputs"])
    return torch.randn(shape, device="cpu", generator=generator)


def state_bytes(module):
    return [value.numpy().tobytes() for value in module.state_dict().values()]


@pytest.mark.parametrize("name", networks.names())
@pytest.mark.parametrize("batch_norm", BATCH_NORMS)
class TestContract:
    def test_same_seed_same_bytes(self, name, batch_norm):
        torch.manual_seed(0)
        first = build(name, batch_norm=batch_norm)
        torch.manual_seed(1)
        assert state_bytes(first) == state_bytes(build(name, batch_norm=batch_norm))
        assert state_bytes(first) != state_bytes(build(name, batch_norm=batch_norm, seed=1))

    def test_features_and_head_are_apart(self, name, batch_norm):
        module = build(name, batch_norm=batch_norm).eval()
        x = draw(name, 5)
        features = module.features(x)
        assert features.shape[0] == 5
        assert torch.equal(module(x), module.head(features))
        assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())

    def test_ten_steps_lower_the_loss_of_every_loss(self, name, batch_norm, monkeypatch):
        def refuse(*_, **__):
            raise AssertionError("a network opened a connection")

        monkeypatch.setattr(socket, "socket", refuse)
        x = draw(name, 12)
        y = torch.arange(12, device="cpu") % 3
        for loss_name in losses.names():
            module = build(name, batch_norm=batch_norm)
            optimizer = torch.optim.Adam(module.parameters(), lr=5e-3, fused=True)
            values = []
            for _ in range(11):
                loss = losses.get(loss_name).torch_form(torch, logits=module(x), labels=y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                values.append(loss.item())
            assert values[-1] < values[0]

    def test_the_last_layer_has_no_bias_but_that_of_affine_batch_norm(self, name, batch_norm):
        module = build(name, batch_norm=batch_norm)
        biases = [key for key, _ in module.named_parameters() if key.endswith("bias")]
        last = [key for key in biases if key.startswith(("head", "batch_norm"))]
        assert last == (["batch_norm.bias"] if batch_norm == "affine" else [])
        assert name != "mlp" or biases == last

    def test_inspection_finds_the_variant(self, name, batch_norm):
        module = build(name, batch_norm=batch_norm).train()
        before = state_bytes(module)
        met = hypotheses(module)
        assert met.bias_free_head
        assert met.last_layer_batch_norm == batch_norm
        assert met.head_weight is module.head.weight
        assert state_bytes(module) == before
        assert module.training
        if batch_norm == "none":
            assert met.gamma_norm is None
        else:
            assert met.gamma_norm == pytest.approx(math.sqrt(module.head.in_features))


class Lying(nn.Module):
    """A network whose parts are chosen freely, whatever they are called."""

    def __init__(self, batch_norm, head=None, after=None):
        super().__init__()
        self.first = nn.Linear(6, 8, bias=False, device="cpu")
        self.batch_norm = batch_norm
        self.after = after or nn.Identity()
        self.head = head or nn.Linear(8, 3, bias=False, device="cpu")

    def features(self, x):
        return self.after(self.batch_norm(torch.relu(self.first(x))))

    def forward(self, x):
        return self.head(self.features(x))


def bare_norm(bias):
    norm = nn.BatchNorm1d(8, device="cpu")
    norm.bias = bias
    return norm


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (Lying(nn.Identity()), "none"),
        (Lying(nn.LayerNorm(8, device="cpu")), "none"),
        (Lying(bare_norm(None)), "scale-only"),
        (Lying(bare_norm(nn.Parameter(torch.zeros(8, device="cpu"), requires_grad=False))), "affine"),
        (Lying(bare_norm(nn.Parameter(torch.ones(8, device="cpu")))), "affine"),
        (Lying(bare_norm(None), after=nn.ReLU()), "none"),
        (Lying(bare_norm(None), after=nn.ReLU(inplace=True)), "none"),
        (Lying(bare_norm(None), after=nn.Linear(8, 8, bias=False, device="cpu")), "none"),
        (Lying(bare_norm(None), after=nn.Identity()), "scale-only"),
        (Lying(nn.BatchNorm1d(8, affine=False, device="cpu")), "scale-only"),
        (Lying(nn.Identity(), head=nn.Sequential(nn.Linear(8, 3), bare_norm(None))), "none"),
    ],
    ids=[
        "identity called batch_norm",
        "layer norm called batch_norm",
        "no bias",
        "zero bias that exists",
        "bias",
        "relu after it",
        "in-place relu after it",
        "a layer between it and the head",
        "identity after it",
        "no scale",
        "head that is no linear map",
    ],
)
def test_inspection_is_not_fooled(module, expected):
    if isinstance(module.head, nn.Sequential):
        module.head = nn.Sequential(nn.Linear(8, 8, device="cpu"), nn.BatchNorm1d(8, device="cpu"))
    met = hypotheses(module)
    assert met.last_layer_batch_norm == expected
    if isinstance(module.head, nn.Sequential):
        assert not met.bias_free_head
        assert met.head_weight is None


def test_inspection_sees_a_head_bias_and_a_scale():
    norm = bare_norm(None)
    with torch.no_grad():
        norm.weight.fill_(3.0)
    met = hypotheses(Lying(norm, head=nn.Linear(8, 3, device="cpu")))
    assert not met.bias_free_head
    assert any("bias" in note for note in met.notes)
    assert met.gamma_norm == pytest.approx(3 * math.sqrt(8))
    assert hypotheses(Lying(nn.BatchNorm1d(8, affine=False, device="cpu"))).gamma_norm == pytest.approx(
        8**0.5
    )


def test_inspection_without_a_linear_layer_asks_for_an_example():
    with pytest.raises(InputError, match="example="):
        hypotheses(nn.Sequential(nn.Identity()))


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"depth": 1}, "depth >= 2"), ({"width": 0}, "sizes >= 1"), ({"batch_norm": "scale"}, "scale-only")],
)
def test_bad_sizes_are_refused(changes, says):
    with pytest.raises(InputError, match=says):
        build(**changes)


def test_depth_counts_linear_layers_and_initial_scale_is_preserved():
    module = build(depth=6, width=400, batch_norm="none", num_inputs=50)
    linear = [part for part in module.modules() if isinstance(part, nn.Linear)]
    assert len(linear) == 6
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((200, 50)).astype(np.float32))
    # He initialisation: E h^2 = E x^2 through every layer.
    assert 0.5 < module.features(x).pow(2).mean().item() < 2.0
