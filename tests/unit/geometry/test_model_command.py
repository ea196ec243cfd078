# SPDX-License-Identifier: MIT
"""python -m simulations model: values of every kind, exit status, one-line complaints."""

import argparse
import json

import pytest

from simulations.commands import model as command
from simulations.errors import InputError
from simulations.geometry import solve_model
from simulations.geometry.models import names

PEELED = "layer-peeled counts=50,50,5 classifier-budget=1 feature-budget=5"


def run(text):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(text.split()))


def test_the_list_names_every_model(capsys):
    assert run("--list") == 0
    text = capsys.readouterr().out
    assert all(name in text for name in names())
    assert run("--list --json") == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == names()


def test_the_optimum_is_that_of_solve_model(capsys):
    assert run(f"{PEELED} --json") == 0
    record = json.loads(capsys.readouterr().out)
    expected = solve_model("layer-peeled", counts=[50, 50, 5], classifier_budget=1, feature_budget=5)
    assert record["status"] == expected.status == "optimal"
    assert record["value"] == pytest.approx(expected.value, rel=1e-12)
    assert len(record["logits"]) == 3
    assert run(PEELED) == 0
    assert "minority_cosine" in capsys.readouterr().out


def test_words_and_uncertified_results(capsys):
    assert run(f"{PEELED} budget=sample") == 0
    deep = "deep-linear counts=9,9,9,9 depth=3 weight_decay=1e-2 feature_decay=1e-2 restarts=0 --json"
    assert run(deep) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["status"] == "uncertified"
    assert "not certified" in captured.err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("layer-peeled counts", "key=value"),
        ("no-such-model", "no-such-model"),
        ("layer-peeled counts=5,5 colour=1", "not taken: colour"),
        ("spheres counts=4,2 inverse-temperature=1 counts=3,3", "counts twice"),
    ],
)
def test_bad_usage_is_refused(text, word):
    with pytest.raises(InputError, match=word):
        run(text)
