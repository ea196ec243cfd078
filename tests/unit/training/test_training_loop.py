# SPDX-License-Identifier: MIT
"""The training loop: determinism, decay, schedules, exact batch-norm statistics, divergence."""

import json

import numpy as np
import pytest
import torch

from simulations import networks
from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.evaluation import snapshot
from simulations.training import parameter_groups, train

SMALL = Config(
    dataset="gaussian-mixture",
    dataset_options={"points": 120, "separation": 8.0},
    depth=3,
    width=12,
    epochs=6,
    batch_size=32,
    learning_rate=1e-2,
    measurements=3,
)


def small(**changes):
    return Config.from_dict({**SMALL.to_dict(), **changes})


def text(run):
    return json.dumps([run.history, run.terminal_phase_epoch], sort_keys=True)


def parameters(module):
    return [value.numpy().tobytes() for value in module.state_dict().values()]


@pytest.mark.parametrize("batch_norm", networks.BATCH_NORMS)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_two_runs_give_the_same_bytes(batch_norm, optimizer):
    config = small(batch_norm=batch_norm, optimizer=optimizer)
    first = train(config)
    torch.manual_seed(99)
    second = train(config)
    assert text(first) == text(second)
    assert parameters(first.module) == parameters(second.module)
    assert text(train(small(batch_norm=batch_norm, optimizer=optimizer, seed=1))) != text(first)


def test_history_has_the_promised_keys_and_is_json():
    run = train(small(weight_decay=5e-3))
    assert [line["epoch"] for line in run.history] == run.config.measured_epochs() == [1, 2, 6]
    for line in run.history:
        assert {"epoch", "train_accuracy", "train_loss", "gamma_norm", "collapse"} <= line.keys()
        assert {"loss_gap", "nc1", "guarantees", "regularized_loss"} <= line["collapse"].keys()
        assert line["train_loss"] == pytest.approx(line["collapse"]["mean_loss"], rel=1e-12)
        assert line["train_accuracy"] == pytest.approx(line["collapse"]["accuracy"], abs=1e-12)
        assert line["collapse"]["weight_decay"] == 5e-3
    json.dumps(run.history, allow_nan=False)


def test_observer_sees_every_measurement_and_may_stop_the_run():
    seen = []

    def observe(line, state):
        seen.append(line["epoch"])
        assert state.features.dtype == np.float64
        if len(seen) == 2:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        train(SMALL, observe=observe)
    assert seen == [1, 2]


class TestBatchNormStatistics:
    @pytest.mark.parametrize("decay_on", ["all", "last-layer"])
    def test_feature_norm_is_the_norm_of_gamma_up_to_epsilon(self, decay_on):
        run = train(small(weight_decay=5e-3, decay_on=decay_on))
        norm = run.module.batch_norm
        with torch.no_grad():
            double = networks.get("mlp").build(
                num_inputs=16, num_classes=4, depth=3, width=12, batch_norm="none", seed=0, device="cpu"
            )
            double.load_state_dict(
                {k: v for k, v in run.module.state_dict().items() if not k.startswith("batch_norm")}
            )
            hidden = double.double().features(self.inputs(run)).numpy()
        gamma, variance = norm.weight.detach().double().numpy(), hidden.var(axis=0)
        expected = (gamma**2).sum() - (gamma**2 * norm.eps / (variance + norm.eps)).sum()
        line = run.history[-1]
        assert line["collapse"]["feature_norm"] ** 2 == pytest.approx(expected, rel=1e-12)
        assert line["gamma_norm"] ** 2 - line["batch_norm_deficit"] == pytest.approx(expected, rel=1e-12)
        # Without a bias the features have mean zero, exactly: what the theorems on centred cosines need.
        assert np.abs(run.final.features.mean(axis=0)).max() < 1e-12

    def test_running_statistics_are_the_population_ones(self):
        run = train(SMALL)
        hidden = self.inputs(run)
        with torch.no_grad():
            for layer in run.module.hidden:
                hidden = torch.relu(hidden @ layer.weight.double().T)
        np.testing.assert_allclose(run.module.batch_norm.running_mean, hidden.mean(0), rtol=1e-6, atol=1e-7)
        variance = hidden.var(0, correction=0)
        np.testing.assert_allclose(run.module.batch_norm.running_var, variance, rtol=1e-6, atol=1e-7)

    def test_several_batch_norms_each_see_the_exact_output_of_those_before(self):
        class Two(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.one = torch.nn.BatchNorm1d(5, device="cpu")
                self.two = torch.nn.BatchNorm1d(5, device="cpu")
                self.head = torch.nn.Linear(5, 3, device="cpu")

            def features(self, x):
                return self.two(torch.relu(self.one(x)))

            def forward(self, x):
                return self.head(self.features(x))

        x = torch.randn((50, 5), device="cpu", generator=torch.Generator(device="cpu").manual_seed(0))
        state = snapshot(Two(), inputs=x, labels=np.arange(50) % 3)
        np.testing.assert_allclose(state.features.mean(axis=0), 0, atol=1e-14)
        np.testing.assert_allclose(state.features.var(axis=0), 1, atol=1e-3)
        assert state.bias is not None

    def test_measuring_leaves_the_parameters_and_the_mode(self):
        run = train(SMALL)
        run.module.train()
        before = [p.detach().clone() for p in run.module.parameters()]
        snapshot(run.module, inputs=self.inputs(run).float(), labels=run.final.labels)
        assert all(torch.equal(a, b) for a, b in zip(before, run.module.parameters(), strict=True))
        assert run.module.training
        assert run.module.batch_norm.training

    @staticmethod
    def inputs(run):
        from simulations import datasets

        samples = datasets.load(run.config.dataset, seed=run.config.seed, **run.config.dataset_options)
        return torch.from_numpy(samples.inputs).to("cpu").double()


class TestDecay:
    def test_last_layer_means_gamma_and_head(self):
        module = train(small(epochs=1)).module
        decayed, rest = parameter_groups(module, weight_decay=0.1, decay_on="last-layer")
        assert {id(p) for p in decayed["params"]} == {id(module.batch_norm.weight), id(module.head.weight)}
        assert rest["weight_decay"] == 0.0
        assert {id(p) for p in rest["params"]} == {id(layer.weight) for layer in module.hidden}

    def test_decay_is_coupled(self):
        """One SGD step from the same start differs by learning rate x lambda x parameter, no more."""
        settings = {
            "epochs": 1,
            "batch_size": 120,
            "optimizer": "sgd",
            "momentum": 0.0,
            "dtype": "float64",
            "milestones": [],
        }
        free, decayed = (train(small(weight_decay=w, **settings)).module for w in (0.0, 0.5))
        start = networks.get("mlp").build(
            num_inputs=16,
            num_classes=4,
            depth=3,
            width=12,
            batch_norm="scale-only",
            seed=0,
            device="cpu",
            dtype=torch.float64,
        )
        for a, b, s in zip(free.parameters(), decayed.parameters(), start.parameters(), strict=True):
            torch.testing.assert_close(a - b, 1e-2 * 0.5 * s, rtol=1e-9, atol=1e-12)


def test_learning_rate_falls_at_the_milestones():
    config = small(epochs=100)
    rates = [config.rate_at(epoch) for epoch in (1, 25, 26, 50, 51, 75, 76, 100)]
    np.testing.assert_allclose(rates, [1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])


@pytest.mark.parametrize(("epochs", "measurements"), [(1, 5), (7, 1), (7, 50), (350, 20)])
def test_measured_epochs_are_increasing_and_end_with_the_last(epochs, measurements):
    measured = small(epochs=epochs, measurements=measurements).measured_epochs()
    assert measured == sorted(set(measured))
    assert measured[-1] == epochs
    assert len(measured) <= max(measurements, 1)


def test_terminal_phase_is_the_first_epoch_at_99_9_percent():
    easy = train(small(epochs=30, measurements=30, dataset_options={"points": 120, "separation": 20.0}))
    assert easy.terminal_phase_epoch is not None
    reached = [line["epoch"] for line in easy.history if line["train_accuracy"] >= 0.999]
    assert easy.terminal_phase_epoch <= reached[0]
    hard = train(small(epochs=2, dataset_options={"points": 120, "separation": 0.0}))
    assert hard.terminal_phase_epoch is None


def test_divergence_stops_with_a_clear_error():
    with pytest.raises(TrainingDiverged, match=r"diverged in epoch 1: .*learning rate 1e\+30.*smaller"):
        train(small(optimizer="sgd", learning_rate=1e30))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"epochs": 0}, "epochs = 0"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"weight_decay": -1.0}, "non-negative"),
        ({"optimizer": "adamm"}, "'adam'"),
        ({"decay_on": "head"}, "last-layer"),
        ({"milestones": [1.5]}, "fractions"),
        ({"momentum": 1.0}, "momentum < 1"),
        ({"batch_size": 1}, "variance"),
        ({"widht": 3}, "width"),
        ({"network": "mpl"}, "mlp"),
        ({"dataset": "mlp4"}, "mlp3"),
        ({"loss": "entropy"}, "cross-entropy"),
    ],
)
def test_bad_choices_are_refused(changes, says):
    with pytest.raises(InputError, match=says):
        train(Config.from_dict({**SMALL.to_dict(), **changes}))


def test_the_whole_path_names_its_device():
    """With "meta" as the default device, a tensor made without a device would hold no numbers."""
    plain = {
        (bn, opt): text(train(small(batch_norm=bn, optimizer=opt, decay_on="last-layer")))
        for bn in networks.BATCH_NORMS
        for opt in ("adam", "sgd")
    }
    torch.set_default_device("meta")
    try:
        for (bn, opt), expected in plain.items():
            config = small(batch_norm=bn, optimizer=opt, decay_on="last-layer")
            assert text(train(config, device="cpu")) == expected
    finally:
        torch.set_default_device(None)
