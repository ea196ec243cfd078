# SPDX-License-Identifier: MIT
"""python -m simulations solve: its keys, its exit status, its one-line complaints."""

import argparse
import json

import numpy as np
import pytest

from simulations import losses
from simulations.commands import solve as command
from simulations.errors import InputError
from simulations.geometry import solve

EXAMPLE = "--loss cross-entropy --counts 500,500,50 --weight-decay 5e-3 --feature-decay 1e-5 --feature-dim 10"


def run(text):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(text.split()))


def test_json_has_the_promised_keys_and_nothing_else_on_stdout(capsys):
    assert run(f"{EXAMPLE} --json") == 0
    record = json.loads(capsys.readouterr().out)
    promised = {"value", "gap", "status", "seconds", "logits"}
    assert set(record) == promised | {"bias", "certificate", "closed_form", "certified_dimension"}
    assert record["bias"] is None
    assert record["status"] == "optimal"
    assert record["gap"] <= 1e-9
    assert np.array(record["logits"]).shape == (3, 3)
    assert record["value"] == pytest.approx(0.052465711714519164, rel=1e-9)


def test_text_output_names_the_status(capsys):
    assert run(EXAMPLE) == 0
    assert "optimal" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("--counts 5,5 --weight-decay 1 --feature-decay 1", "trivial"),
        ("--counts 5,5,5,5,5 --weight-decay 1e-3 --feature-decay 1e-3 --feature-dim 2", "uncertified"),
        ("--counts 5,5,4 --weight-decay 1e-3 --feature-decay 1e-3 --max-iterations 1", "not-converged"),
    ],
)
def test_exit_status_is_zero_only_for_a_certificate(arguments, status, capsys):
    code = run(f"{arguments} --json")
    assert json.loads(capsys.readouterr().out)["status"] == status
    assert code == (0 if status == "trivial" else 1)


def test_bias_and_smoothing_are_passed_on(capsys):
    shared = "--counts 60,30,10 --weight-decay 1e-3 --feature-decay 1e-3"
    assert run(f"--loss label-smoothing --smoothing 0.2 --bias-decay 0 {shared} --json") == 0
    record = json.loads(capsys.readouterr().out)
    expected = solve(
        loss=losses.get("label-smoothing", smoothing=0.2),
        counts=(60, 30, 10),
        weight_decay=1e-3,
        feature_decay=1e-3,
        bias_decay=0.0,
    )
    assert record["status"] == expected.status == "optimal"
    assert record["value"] == expected.value
    assert record["bias"] == expected.bias.tolist()
    assert run(f"--loss label-smoothing --bias-decay 0 {shared}") == 0
    assert "bias" in capsys.readouterr().out


def test_the_dimension_that_can_be_certified_is_named(capsys):
    assert run("--counts 5,5,5,5,5 --weight-decay 1e-3 --feature-decay 1e-3 --feature-dim 2") == 1
    assert "feature_dim of 4" in capsys.readouterr().err


def test_smoothing_of_a_loss_without_it_is_refused():
    with pytest.raises(InputError, match="smoothing"):
        run(f"{EXAMPLE} --smoothing 0.1")


@pytest.mark.parametrize("counts", ["5,x", "", "5", "5,0", "1.5,2"])
def test_bad_counts_are_input_errors(counts):
    with pytest.raises(InputError, match="counts"):
        run(f"--counts={counts} --weight-decay 1 --feature-decay 1")


def test_an_interval_around_the_minimum_is_proved_on_demand(capsys):
    assert run(f"{EXAMPLE} --prove --json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["proved_low"] <= record["proved_high"]
    assert record["proved_high"] - record["proved_low"] <= 1e-9 * record["value"]
    assert record["proved_high"] == pytest.approx(record["value"], rel=1e-12)
    assert run(f"{EXAMPLE} --prove") == 0
    assert "<= minimum <=" in capsys.readouterr().out
