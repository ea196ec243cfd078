# SPDX-License-Identifier: MIT
"""One sweep by every strategy; and batched programs whose members cannot share one, or fail."""

import itertools

import pytest

from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.sweeps import engine
from simulations.sweeps.store import content_key
from simulations.training._assembly import load_samples

# The largest class may be as large as the smallest is drawn, which the seed decides.
UNEVEN = {"points": 120, "balanced": False, "imbalance": "step", "imbalance_ratio": 7.0}


@pytest.fixture
def uneven():
    """Configurations of which one has data of another shape."""

    def make(seeds, **changes):
        settings = {"depth": 2, "width": 8, "epochs": 3, "measurements": 2, "optimizer": "sgd", **changes}
        return [
            Config(dataset="conic-hull", dataset_options=UNEVEN, seed=seed, **settings).to_dict()
            for seed in seeds
        ]

    return make


def test_data_whose_shape_depends_on_the_seed_are_trained_one_by_one(tmp_path, uneven, collect):
    configs = uneven(range(3))
    shapes = {load_samples(Config.from_dict(config)).inputs.shape for config in configs}
    assert len(shapes) > 1, "the point of these data"
    batched = engine.Local(workers=0, device="cpu", strategy="batched")
    assert [len(task) for task in batched.tasks(configs)] == [3], "they are one group until they are drawn"
    found = collect(tmp_path / "batched", configs, on=batched)
    plain = collect(tmp_path / "plain", configs)
    assert [record.execution for record in found] == [None] * 3
    assert [(record.key, record.history) for record in found] == [(r.key, r.history) for r in plain]


def test_one_that_diverges_costs_the_others_of_its_program_nothing(tmp_path, runs, collect, files):
    wild = runs([9], optimizer="sgd", learning_rate=1e30, batch_norm="none")
    configs = [*wild, *runs(range(3), optimizer="sgd")]
    batched = engine.Local(workers=0, device="cpu", strategy="batched")
    with pytest.raises(TrainingDiverged, match="seed=9 diverged"):
        collect(tmp_path, configs, on=batched)
    assert len(files(tmp_path)) == 3


def test_one_that_diverges_among_them_is_raised_after_the_others_are_stored(tmp_path, uneven, collect, files):
    calm, wild = uneven(range(2)), uneven([2], learning_rate=1e30, batch_norm="none")
    batched = engine.Local(workers=0, device="cpu", strategy="batched")
    with pytest.raises(TrainingDiverged, match="seed=2 diverged in epoch 2") as caught:
        collect(tmp_path, [calm[0], *wild, calm[1]], on=batched)
    assert caught.value.batch is not None
    assert len(files(tmp_path)) == 2


def test_only_a_difference_of_shape_takes_a_program_apart(tmp_path, uneven, collect, files, monkeypatch):
    monkeypatch.setattr("simulations.sweeps._runs._alone", None)  # training one alone would fail
    batched = engine.Local(workers=0, device="cpu", strategy="batched")
    with pytest.raises(InputError, match="batch of one sample"):
        collect(tmp_path, uneven([1, 2], batch_size=1), on=batched)
    assert files(tmp_path) == {}


def apart(one, other, where=""):
    """The largest difference of two numbers at the same place, relative to the larger one or absolute below
    1; anything but numbers must be equal."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        return max((apart(one[key], other[key], f"{where}.{key}") for key in one), default=0.0)
    if isinstance(one, list):
        assert len(one) == len(other), where
        return max((apart(*pair, where) for pair in zip(one, other, strict=True)), default=0.0)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) / max(1.0, abs(one), abs(other))
    if isinstance(one, str):  # what is said of a hypothesis that fails, without the numbers
        one, other = one.partition(", but")[0], other.partition(", but")[0]
    assert one == other, where
    return 0.0


def test_every_strategy_gives_the_same_records(tmp_path, runs, collect, monkeypatch):
    changes = {"dtype": "float64", "epochs": 4, "width": 8, "batch_size": 16, "learning_rate": 1e-2}
    configs = [
        *runs([0, 1], **changes),
        *runs([0], **changes, batch_norm="none"),
        *runs([0], **changes, optimizer="sgd"),
    ]
    found = {}
    for strategy, workers in (("processes", 1), ("threads", 2), ("batched", 0)):
        local = engine.Local(workers=workers, device="cpu", strategy=strategy)
        found[strategy] = collect(tmp_path / strategy, configs, on=local)
    singles = {"processes": None, "threads": "threads"}
    for strategy, records in found.items():
        assert [record.config for record in records] == configs
        # The last run has another optimizer than the others and is no member of their program.
        ways = [singles[strategy]] * 4 if strategy in singles else ["batched"] * 3 + [None]
        assert [record.execution for record in records] == ways
        expected = [content_key(*pair) for pair in zip(configs, ways, strict=True)]
        assert [record.key for record in records] == expected
        for record, plain in zip(records, found["processes"], strict=True):
            assert record.terminal_phase_epoch == plain.terminal_phase_epoch
            assert apart(record.history, plain.history) < 1e-9
    losses = [record.final["train_loss"] for record in found["processes"]]
    assert min(abs(a - b) for a, b in itertools.combinations(losses, 2)) > 1e-4, "runs can be told apart"
    monkeypatch.setattr(engine, "execute", None)  # training anything would fail
    for strategy, records in found.items():
        again = collect(tmp_path / strategy, configs)
        assert [record.key for record in again] == [record.key for record in records]
