# SPDX-License-Identifier: MIT
"""The commands train and sweep: one JSON object on stdout, progress on stderr, status 2 for bad usage."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from simulations import networks
from simulations.__main__ import main
from simulations.training import checkpoint

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
        ([*SMALL, "--seed", str(2**64)], "below 2^63"),
        ([*SMALL, "--dataset-seed", "-1"], "dataset_seed = -1"),
        ([*SMALL, "--epochs", str(10**26)], "below 2^31"),
        ([*SMALL, "--batch-size", "1"], "batch of one sample"),
        ([*SMALL, "--decay-group", "biases=1"], "no trained parameter in that group"),
        ([*SMALL, "--checkpoint", __file__], "exists; continue it"),
        ([*SMALL, "--optimizer", "sgd", "--learning-rate", "1e200"], "diverged in epoch 1"),
        (["sweep", "digits", "--preset", "tiny", "--device", "nowhere"], "device 'nowhere'"),
        (["sweep", "digits", "--preset", "tiny", "--scheduler", "tcp://127.0.0.1:1"], "cannot be reached"),
        (["frozen", "reproduce", "synthetic", "--device", "nowhere"], "device 'nowhere'"),
        (["phases", "--quick", "--shift", "0"], "a positive number"),
        (["attack", "--seed", "-1"], "at least 0"),
        (["attack", "--weight-decay", "0"], "a positive number"),
        (["attack", "--store", "."], "a file in a folder"),
        (["frozen", "list", "--folder", __file__], "is a file"),
        (["frozen", "list", "--folder", "nowhere"], "is absent"),
        ([*SMALL, "--batch-norm", "full"], "invalid choice"),
        ([*SMALL, "--device", "nowhere"], "device 'nowhere'"),
        ([*SMALL, "--device", "meta"], "holds no numbers"),
        ([*SMALL, "--save", "net.txt"], ".npz"),
        ([*SMALL, "--dataset", "digits"], "has no option 'points'"),
        ([*SMALL, "--dataset-option", "seperation=3"], "did you mean 'separation'"),
        ([*SMALL, "--dataset-option", "separation"], "required is NAME=VALUE"),
        ([*SMALL, "--network", "resnte"], "did you mean 'resnet'"),
        ([*SMALL, "--network", "resnet", "--network-option", "blokcs=[1,1,1,1]"], "did you mean 'blocks'"),
        ([*SMALL, "--loss-option", "smoothing=0.1"], "it has none"),
        ([*SMALL, "--decay-group", "haed=0.1"], "did you mean 'head'"),
        ([*SMALL, "--decay-group", "head=much"], "non-negative number"),
        ([*SMALL, "--protocol", "pan-cao"], "known: pan-cao-synthetic"),
        ([*SMALL, "--fraction", "0.1"], "--protocol NAME"),
        ([*SMALL, "--milestones", "half"], "numbers between 0 and 1"),
        ([*SMALL, "--resume"], "needs --checkpoint"),
        ([*SMALL, "--gamma-norm", "2", "--batch-norm", "none"], "has none"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("simulations.sweeps.cluster.CONNECT", 0.2)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert says in err


def trained(arguments, capsys):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", networks.names())
def test_every_network_has_defaults_that_train(name, capsys):
    arguments = ["train", "--network", name, "--per-class", "4", "--epochs", "1", "--measurements", "1"]
    found = trained(arguments, capsys)
    assert found["history"][-1]["epoch"] == 1
    assert found["config"]["width"] >= 12
    met = {row["hypothesis"]: row["met"] for row in found["hypotheses"]}
    assert met["the last-layer batch norm has no bias"] is True


def test_the_hypotheses_of_the_network_are_one_line(capsys):
    assert main([*SMALL, "--batch-norm", "affine"]) == 0
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("hypotheses: ")]
    unmet = line.partition("; not met: ")[2].partition("; left to")[0]
    assert "the last-layer batch norm has no bias" in unmet


def test_a_protocol_is_beaten_by_options(capsys):
    options = ["--protocol", "papyan-han-donoho", "--fraction", "0.01", "--momentum", "0.5", "--depth", "2"]
    small = [
        word for pair in zip(SMALL[1::2], SMALL[2::2], strict=True) if pair[0] != "--epochs" for word in pair
    ]
    config = trained(["train", *small, *options], capsys)["config"]
    chosen = {
        key: config[key] for key in ("optimizer", "momentum", "learning_rate", "epochs", "depth", "width")
    }
    assert chosen == {
        "optimizer": "sgd", "momentum": 0.5, "learning_rate": 0.0679, "epochs": 4, "depth": 2, "width": 8
    }  # fmt: skip
    # The squared error of four classes: 2/C times the published rate, C/2 times the decay.
    config = trained(["train", *small, *options, "--loss", "squared-error"], capsys)["config"]
    assert config["learning_rate"] == pytest.approx(0.0184 / 2)
    assert config["weight_decay"] == pytest.approx(1e-3)


def test_options_reach_the_run(capsys):
    options = [
        "--test",
        "0.25",
        "--dataset-option",
        "separation=12",
        "--loss",
        "focal",
        "--milestones",
        "0.5",
    ]
    options += ["--loss-option", "focusing=1", "--decay-group", "head=0", "--gamma-norm", "2", "--seed", "3"]
    found = trained([*SMALL, *options], capsys)
    config = found["config"]
    assert config["dataset_options"] == {"points": 80, "separation": 12, "test": 0.25}
    assert (config["loss_options"], config["decay_groups"]) == ({"focusing": 1}, {"head": 0})
    assert (config["gamma_norm"], config["milestones"], config["seed"]) == (2.0, [0.5], 3)
    assert found["history"][-1]["gamma_norm"] == pytest.approx(2.0)
    assert 0 <= found["history"][-1]["test"]["accuracy"] <= 1


def test_an_interrupted_command_is_continued(tmp_path, capsys):
    """SIGTERM, as a batch system sends it, to a real process: the last whole epoch is on file."""
    file, epochs = tmp_path / "run.pt", ["--epochs", "4000"]
    command = [
        *SMALL,
        "--checkpoint",
        str(file),
        *epochs,
        "--checkpoint-every",
        "100000",
        "--measurements",
        "3",
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "simulations", *command], stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as child:
        next(line for line in child.stderr if line.startswith("epoch    63 "))
        child.send_signal(signal.SIGTERM)
        said = child.stderr.read()
        assert child.wait(timeout=60) == 130
    assert "--resume goes on from there" in said
    content = checkpoint.read(file)
    assert 62 <= content["epoch"] < 4000
    # The same run, shorter, would take another schedule: it is refused and the file is kept.
    assert main([*SMALL, "--checkpoint", str(file), "--resume"]) == 2
    assert "epochs = 4000 there and 3 here" in capsys.readouterr().err
    assert checkpoint.read(file)["epoch"] == content["epoch"]


def test_divergence_is_said_after_the_progress(capsys):
    assert main([*SMALL, "--learning-rate", "1e30", "--optimizer", "sgd"]) == 2
    assert "diverged in epoch" in capsys.readouterr().err.splitlines()[-1]


def test_what_was_computed_before_a_divergence_is_printed(tmp_path, capsys):
    file = tmp_path / "run.pt"
    growing = ["--optimizer", "sgd", "--momentum", "0", "--learning-rate", "1", "--weight-decay", "1000"]
    options = ["--batch-norm", "none", "--epochs", "40", "--measurements", "40", "--checkpoint", str(file)]
    assert main([*SMALL, *growing, *options, "--json"]) == 2
    out, err = capsys.readouterr()
    found = json.loads(out)
    where = found["diverged"]
    assert where["batch"] == 1
    assert where["learning_rate"] == 1.0
    assert where["checkpoint"] == str(file)
    assert [line["epoch"] for line in found["history"]] == list(range(1, where["epoch"]))
    assert f"diverged in epoch {where['epoch']}: " in err.splitlines()[-1]
    assert checkpoint.read(file)["epoch"] == where["epoch"] - 1


def test_sweep_without_its_data_is_bad_usage(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no records either
    monkeypatch.setenv("FASHION_MNIST", str(tmp_path))
    assert main(["sweep", "fashion-mnist"]) == 2
    assert "dataset-fashion-mnist" in capsys.readouterr().err
