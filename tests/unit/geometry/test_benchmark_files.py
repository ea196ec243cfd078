# SPDX-License-Identifier: MIT
"""The benchmarks are found by discovery, have a description, and refuse an unknown name."""

import importlib

import pytest

main = importlib.import_module("benchmarks.__main__")


@pytest.mark.parametrize("name", main.names())
def test_every_file_describes_itself_and_runs(name):
    module = importlib.import_module(f"benchmarks.{name}")
    assert callable(module.run)
    assert module.__doc__
    assert module.__doc__.splitlines()[0].endswith(".")


def test_unknown_name_exits_2_and_names_the_nearest(capsys):
    assert main.main(["solvr"]) == 2
    assert "solver" in capsys.readouterr().err


def test_wrong_answers_are_reported_as_such():
    solver = importlib.import_module("benchmarks.solver")
    row = solver._row("p", "m", 1.0, 2.0, "optimal", (0.9, 1.0))
    assert "WRONG" in row.outcome
    assert "said so" in solver._row("p", "m", 1.0, float("nan"), "user_limit", (0.9, 1.0)).outcome
    assert solver._row("p", "m", 1.0, 1.0, "optimal", (0.9, 1.0)).outcome == "optimal: right"
