# SPDX-License-Identifier: MIT
"""Batched programs in a sweep: what becomes of members that cannot share one, or that fail."""

import pytest

from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.sweeps import engine
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
