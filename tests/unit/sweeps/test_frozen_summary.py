# SPDX-License-Identifier: MIT
"""Means, spreads and changes against hand-worked numbers; what is kept is a part of the grids of today."""

import pytest

from simulations import sweeps
from simulations.sweeps import frozen
from simulations.sweeps._summary import summary, table
from simulations.sweeps.store import Record, canonical


def record(seed, decay, *, test, event=None, terminal=3):
    """A run whose last row has that test accuracy, and whose zero-error row, if any, has `event`."""
    rows = [{"epoch": 1, "train_accuracy": 0.5, "collapse": {}, "test": {"accuracy": 0.1}}]
    if event is not None:
        rows.append({"epoch": 3, "event": "zero-error", "collapse": {}, "test": {"accuracy": event}})
    rows.append({"epoch": 9, "train_accuracy": 1.0, "collapse": {}, "test": {"accuracy": test}})
    return Record(f"{seed}", {"weight_decay": decay, "seed": seed, "width": 8}, rows, terminal)


RECORDS = [
    record(0, 1e-3, test=0.90, event=0.80),
    record(0, 5e-3, test=0.70, terminal=None),
    record(1, 1e-3, test=0.96, event=0.90),
    record(2, 1e-3, test=0.93),
]


def test_seeds_are_grouped_and_changes_are_taken_run_by_run():
    first, second = summary(RECORDS)
    assert first["config"] == {"weight_decay": 1e-3, "width": 8}
    assert (first["runs"], first["terminal"], first["zero_error"]) == (3, 3, 2)
    assert first["test_accuracy"] == pytest.approx({"n": 3, "mean": 0.93, "deviation": 0.03})
    gain = first["test_accuracy_gain"]
    assert gain == pytest.approx({"n": 2, "mean": 0.08, "deviation": 0.04 / 2**0.5})
    assert (second["runs"], second["terminal"], second["zero_error"]) == (1, 0, 0)
    assert second["test_accuracy"] == {"n": 1, "mean": 0.70, "deviation": None}
    assert "test_accuracy_gain" not in second
    assert "robustness" not in first


def test_the_table_shows_what_varies():
    text = table(summary(RECORDS), ["test_accuracy", "test_accuracy_gain", "robustness"])
    assert text.splitlines() == [
        "| weight_decay | runs | terminal | test_accuracy | test_accuracy_gain |",
        "| --- | --- | --- | --- | --- |",
        "| 0.001 | 3 | 3 | 0.93 ± 0.03 | 0.08 ± 0.028 |",
        "| 0.005 | 1 | 0 | 0.7 | – |",
    ]
    assert table([]) == ""


@pytest.mark.parametrize("name", frozen.names())
def test_every_kept_run_belongs_to_the_grid_of_its_preset(name):
    """Runs are found by their configuration: a grid that is written otherwise must be the same grid."""
    about = frozen.header(name)
    configs = sweeps.get(about["sweep"]).configs(about["preset"])
    order = [canonical(config) for config in configs]
    places = [order.index(canonical(r.config)) for r in frozen.records(name, guarantees="none")]
    assert len(order) == about["grid"]
    assert len(places) == about["runs"]
    assert places == sorted(places)
