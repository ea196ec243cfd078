# SPDX-License-Identifier: MIT
"""Sweeps on data sets that are not on this machine: said before any training, in one message."""

import json
from dataclasses import replace

import pytest

from simulations import sweeps
from simulations.__main__ import main
from simulations.configuration import Config
from simulations.sweeps import run_sweep
from simulations.sweeps._data import availability
from simulations.sweeps._definition import Sweep
from simulations.sweeps.store import Store, content_key

HERE = Config(
    dataset="gaussian-mixture", dataset_options={"points": 40}, depth=2, width=8, epochs=1, measurements=1
)
GONE = replace(HERE, dataset="cifar10", dataset_options={"per_class": 4})


@pytest.fixture(autouse=True)
def nothing_there(tmp_path, monkeypatch):
    for variable in ("NC_DATA", "FASHION_MNIST"):
        monkeypatch.setenv(variable, str(tmp_path / "nothing"))


@pytest.fixture
def mixed(monkeypatch):
    """A sweep of three runs, of which the second and the third have no data here."""
    runs = [HERE, GONE, replace(GONE, dataset="mnist-padded")]
    sweep = Sweep(name="mixed", title="mixed", presets={"tiny": lambda: runs})
    monkeypatch.setattr(sweeps, "get", lambda name: sweep)
    return [run.to_dict() for run in runs]


def test_absent_data_skip_the_sweep_with_a_clear_message(tmp_path, capsys):
    assert run_sweep("fashion-mnist", preset="tiny", store=tmp_path / "records") == []
    assert "dataset-fashion-mnist" in capsys.readouterr().err
    assert not (tmp_path / "records").exists()


def test_the_published_grid_names_every_missing_data_set_at_once(tmp_path):
    reason = sweeps.unavailable("vision", preset="paper", store=tmp_path)
    missing = "mnist-padded (126 runs), cifar10 (126 runs), cifar100 (126 runs), imagenet32 (21 runs)"
    assert f"no data on this machine for {missing}; no run stays" in reason
    assert all(f"torchvision.datasets.{name}(" in reason for name in ("MNIST", "CIFAR10", "CIFAR100"))
    assert "image-net.org" in reason
    assert sweeps.unavailable("vision", preset="quick", store=tmp_path) is None


def test_what_stays_is_trained_and_the_command_says_that_the_rest_waits(tmp_path, mixed, capsys):
    command = ["sweep", "mixed", "--preset", "tiny", "--store", str(tmp_path / "records"), "--json"]
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert [row["config"] for row in json.loads(out)["records"]] == mixed[:1]
    first, *_, last = err.splitlines()
    assert "no data on this machine for cifar10 (1 run), mnist-padded (1 run); 1 of 3 runs stay" in first
    assert err.index("CIFAR10(") < err.index("mixed: 0 of 1 runs"), "before any training"
    assert last == "sweep mixed: 1 of 3 runs; the others wait for their data"


def test_a_stored_run_needs_no_data(tmp_path, mixed, collect, capsys):
    [made] = collect(tmp_path, mixed[:1])
    store = Store(tmp_path)
    store.write(replace(made, key=content_key(mixed[1]), config=mixed[1]))
    found = run_sweep("mixed", preset="tiny", store=tmp_path)
    assert [record.config for record in found] == mixed[:2]
    assert "for mnist-padded (1 run); 2 of 3 runs stay" in capsys.readouterr().err


def test_a_run_that_says_where_its_data_are_is_left_to_find_them(tmp_path):
    elsewhere = replace(GONE, dataset_options={**GONE.dataset_options, "root": str(tmp_path)})
    configs = [config.to_dict() for config in (GONE, elsewhere)]
    found = availability(configs, Store(tmp_path))
    assert (found.stays, found.absent) == (configs[1:], {"cifar10": 1})


def test_nothing_there_is_one_line_and_status_2(tmp_path, capsys):
    assert main(["sweep", "fashion-mnist", "--store", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "sweep fashion-mnist cannot run here: no data on this machine for fashion-mnist" in err
