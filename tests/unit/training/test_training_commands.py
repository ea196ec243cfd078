# SPDX-License-Identifier: MIT
"""The commands train and sweep: one JSON object on stdout, progress on stderr, status 2 for bad usage."""

import json

import numpy as np
import pytest

from simulations.__main__ import main

SMALL = [
    "train",
    "--dataset",
    "gaussian-mixture",
    "--points",
    "80",
    "--width",
    "8",
    "--epochs",
    "3",
    "--measurements",
    "2",
]


def test_train_prints_one_object_and_saves_what_measure_reads(tmp_path, capsys):
    file = tmp_path / "net.npz"
    assert main([*SMALL, "--json", "--save", str(file)]) == 0
    out, err = capsys.readouterr()
    trained = json.loads(out)
    assert trained["config"]["width"] == 8
    assert [line["epoch"] for line in trained["history"]] == [1, 3]
    assert "epoch" in err
    assert main(["measure", str(file), "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    final = trained["history"][-1]["collapse"]
    assert measured["within_class_variability"] == pytest.approx(final["within_class_variability"], rel=1e-12)
    assert measured["weight_decay"] == trained["config"]["weight_decay"]
    with np.load(file) as arrays:
        assert arrays["features"].shape == (80, 8)


def test_train_prints_a_table(capsys):
    assert main(SMALL) == 0
    out = capsys.readouterr().out
    assert out.startswith("terminal phase")
    assert "within_class_variability" in out


@pytest.mark.parametrize("name", ["digits", "synthetic"])
def test_sweep_computes_then_reads(name, tmp_path, capsys, monkeypatch):
    arguments = ["sweep", name, "--preset", "tiny", "--store", str(tmp_path), "--json"]
    assert main(arguments) == 0
    first = capsys.readouterr()
    monkeypatch.setattr("simulations.sweeps.engine.execute", None)  # training anything would fail
    assert main([*arguments, "--resume"]) == 0
    second = capsys.readouterr()
    assert json.loads(first.out) == json.loads(second.out)
    assert json.loads(first.out)["sweep"] == name
    assert f"{name}: 0 of" in first.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sweep"], "NAME"),
        (["sweep", "digit"], "did you mean 'digits'"),
        (["sweep", "digits", "--preset", "quik"], "did you mean 'quick'"),
        (["sweep", "digits", "--strategy", "proceses"], "did you mean 'processes'"),
        (["sweep", "digits", "--workers", "0"], "at least 1"),
        (["sweep", "digits", "--store", __file__], "is a file"),
        ([*SMALL, "--dataset", "digit"], "did you mean 'digits'"),
        ([*SMALL, "--epochs", "0"], "epochs = 0"),
        ([*SMALL, "--batch-norm", "full"], "invalid choice"),
        ([*SMALL, "--device", "nowhere"], "device 'nowhere'"),
        ([*SMALL, "--device", "meta"], "holds no numbers"),
        ([*SMALL, "--save", "net.txt"], ".npz"),
        ([*SMALL, "--dataset", "digits"], "has no option 'points'"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, says, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert says in err


def test_divergence_is_said_after_the_progress(capsys):
    assert main([*SMALL, "--learning-rate", "1e30", "--optimizer", "sgd"]) == 2
    assert "diverged in epoch" in capsys.readouterr().err.splitlines()[-1]


def test_sweep_without_its_data_is_bad_usage(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FASHION_MNIST", str(tmp_path))
    assert main(["sweep", "fashion-mnist"]) == 2
    assert "dataset-fashion-mnist" in capsys.readouterr().err
