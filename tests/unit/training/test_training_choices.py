# SPDX-License-Identifier: MIT
"""Choices of a run: decay of each group, frozen gamma, held-out samples, mixed precision, compiled steps."""

import json

import numpy as np
import pytest
import torch

from simulations import networks
from simulations.configuration import Config
from simulations.errors import InputError
from simulations.training import parameter_groups, train

SMALL = Config(
    dataset="gaussian-mixture",
    dataset_options={"points": 120, "separation": 8.0},
    depth=3,
    width=12,
    epochs=6,
    batch_size=32,
    learning_rate=1e-2,
    measurements=2,
)


def small(**changes):
    return Config.from_dict({**SMALL.to_dict(), **changes})


def text(run):
    return json.dumps(run.history, sort_keys=True)


def parameters(module):
    return [value.numpy().tobytes() for value in module.state_dict().values()]


class TestDecayGroups:
    def groups(self, name="resnet", **settings):
        module = networks.get(name).build(
            **networks.get(name).tiny, num_classes=3, batch_norm="affine", seed=0, device="cpu"
        )
        names = {id(p): key for key, p in module.named_parameters()}
        found = parameter_groups(module, **{"weight_decay": 0.1, "decay_on": "all", **settings})
        return {names[id(p)]: group["weight_decay"] for group in found for p in group["params"]}

    def test_every_parameter_gets_the_decay_of_its_group(self):
        decays = {"head": 1.0, "last_batch_norm": 2.0, "batch_norms": 3.0, "rest": 4.0}
        found = self.groups(decay_groups=decays)
        assert found["head.weight"] == 1.0
        assert found["batch_norm.weight"] == found["batch_norm.bias"] == 2.0
        assert found["backbone.bn1.weight"] == found["backbone.layer1.0.bn2.bias"] == 3.0
        assert found["backbone.conv1.weight"] == 4.0
        assert set(found.values()) == {1.0, 2.0, 3.0, 4.0}
        assert sum(value == 3.0 for value in found.values()) == 2 * 20

    def test_what_no_group_names_keeps_its_decay(self):
        found = self.groups(decay_groups={"head": 1.0})
        assert found.pop("head.weight") == 1.0
        assert set(found.values()) == {0.1}
        found = self.groups(decay_groups={"batch_norms": 0.0}, decay_on="last-layer")
        assert found["head.weight"] == found["batch_norm.weight"] == 0.1
        assert found["batch_norm.bias"] == found["backbone.conv1.weight"] == found["backbone.bn1.bias"] == 0.0

    def test_a_convolution_without_batch_norm_has_further_biases(self):
        found = self.groups("vgg", decay_groups={"biases": 7.0})
        assert {key for key, value in found.items() if value == 7.0} == {
            key for key in found if key.endswith("bias") and found[key] == 7.0
        }
        assert found["backbone.0.bias"] == 7.0
        assert found["backbone.1.bias"] == 0.1  # that of a batch norm

    def test_refusals(self):
        with pytest.raises(
            InputError, match=r"'biases' a decay of 7, but .* head, last_batch_norm, batch_norms"
        ):
            self.groups(decay_groups={"biases": 7.0})
        with pytest.raises(InputError, match="did you mean 'last_batch_norm'"):
            small(decay_groups={"last-batch-norm": 1.0})
        with pytest.raises(InputError, match="non-negative"):
            small(decay_groups={"head": -1.0})
        with pytest.raises(InputError, match="'last_batch_norm' a decay"):
            train(small(gamma_norm=1.0, decay_groups={"last_batch_norm": 1.0}))


class TestFrozenGamma:
    @pytest.mark.parametrize("batch_norm", ["scale-only", "affine"])
    def test_the_scale_stays_and_everything_else_is_trained(self, batch_norm):
        run = train(small(gamma_norm=3.0, batch_norm=batch_norm, weight_decay=0.1))
        gamma = run.module.batch_norm.weight
        assert torch.equal(gamma, torch.full_like(gamma, 3.0 / 12**0.5))
        assert [line["gamma_norm"] for line in run.history] == pytest.approx([3.0] * 2, rel=1e-6)
        free = train(small(batch_norm=batch_norm, weight_decay=0.1)).module
        assert not torch.equal(free.batch_norm.weight, gamma)
        assert not torch.equal(free.head.weight, run.module.head.weight)
        if batch_norm == "affine":
            assert run.module.batch_norm.bias.abs().max() > 0

    def test_refusals(self):
        for bad in (0.0, -1.0, float("nan"), True, "1"):
            with pytest.raises(InputError, match="gamma_norm"):
                small(gamma_norm=bad)
        with pytest.raises(InputError, match="batch_norm = 'none' has none"):
            small(gamma_norm=1.0, batch_norm="none")


class TestHeldOut:
    def test_zero_error_is_measured_once_and_changes_nothing_else(self):
        options = {"points": 160, "separation": 12.0, "test": 0.2}
        rare = train(small(epochs=25, measurements=2, dataset_options=options))
        events = [line for line in rare.history if "event" in line]
        assert [line["event"] for line in events] == ["zero-error"]
        assert events[0]["epoch"] == rare.zero_error_epoch
        assert 1 < rare.zero_error_epoch < 25
        assert events[0]["train_accuracy"] == 1.0
        assert [line["epoch"] for line in rare.history] == [1, rare.zero_error_epoch, 25]
        assert all(line["test"].keys() == {"accuracy", "loss", "ncc_mismatch"} for line in rare.history)
        dense = train(small(epochs=25, measurements=25, dataset_options=options))
        assert dense.zero_error_epoch <= rare.zero_error_epoch
        assert parameters(dense.module) == parameters(rare.module)
        assert dense.history[-1] == rare.history[-1]

    def test_without_held_out_samples_there_is_no_extra_row(self):
        run = train(small(epochs=25, measurements=2, dataset_options={"points": 120, "separation": 12.0}))
        assert run.zero_error_epoch is not None
        assert [line["epoch"] for line in run.history] == [1, 25]
        assert not any("event" in line or "test" in line for line in run.history)


class TestFasterArithmetic:
    @pytest.mark.parametrize("precision", ["bfloat16", "float16"])
    def test_mixed_precision_trains_and_is_measured_in_float64(self, precision):
        mixed = train(small(precision=precision, epochs=10))
        full = train(small(epochs=10))
        assert mixed.final.features.dtype == np.float64
        assert mixed.module.head.weight.dtype == torch.float32
        assert text(mixed) != text(full)
        assert mixed.history[-1]["train_loss"] == pytest.approx(full.history[-1]["train_loss"], rel=0.2)
        assert text(mixed) == text(train(small(precision=precision, epochs=10)))

    def test_compiled_steps_are_the_same_steps(self, monkeypatch):
        """Traced by torch.compile, and run without its code generator, which needs a C++ compiler."""
        compiled, calls = torch.compile, []

        def traced(module):
            calls.append(module)
            return compiled(module, backend="eager")

        monkeypatch.setattr(torch, "compile", traced)
        one, two = (train(small(compile=flag, epochs=2, dtype="float64")) for flag in (True, False))
        assert len(calls) == 1
        for a, b in zip(one.module.parameters(), two.module.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)

    def test_refusals(self, monkeypatch):
        with pytest.raises(InputError, match="did you mean 'float16'"):
            small(precision="flaot16")
        with pytest.raises(InputError, match="float32"):
            small(precision="bfloat16", dtype="float64")
        with pytest.raises(InputError, match="True or False"):
            small(compile="yes")

        def fails(module):
            raise RuntimeError("no compiler here")

        monkeypatch.setattr(torch, "compile", fails)
        with pytest.raises(InputError, match="no compiler here"):
            train(small(compile=True))


def test_later_choices_are_left_out_of_plain_values_at_their_default():
    assert not {"loss_options", "decay_groups", "gamma_norm", "precision", "compile"} & SMALL.to_dict().keys()
    later = {
        "loss_options": {"a": 1},
        "decay_groups": {"head": 0.0},
        "gamma_norm": 2.0,
        "precision": "float16",
    }
    config = small(**later, compile=True)
    assert config.to_dict() == {**SMALL.to_dict(), **later, "compile": True}
    assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("seed", "dataset_seed") for value in (-1, 2**63, 2**64, 1.0, True)],
        *[(name, 2**31) for name in ("epochs", "batch_size", "measurements", "width")],
        ("depth", 2**16),
        ("robustness_samples", -1),
        ("epochs", 0),
    ],
)
def test_whole_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(InputError, match=f"{name} = {value}; required is a whole number .*, below 2"):
        small(**{name: value})


def test_the_largest_seeds_train():
    changes = {"seed": 2**63 - 1, "dataset_seed": 2**63 - 1, "epochs": 1}
    assert text(train(small(**changes))) == text(train(small(**changes)))


def test_a_network_that_does_not_fit_into_memory_is_named(monkeypatch):
    def build(*_, **__):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 137 GB")

    monkeypatch.setattr(networks, "build", build)
    with pytest.raises(InputError, match="width = 12: network 'mlp' does not fit into the memory"):
        train(SMALL)
