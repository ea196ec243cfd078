# SPDX-License-Identifier: MIT
"""Which of many guarantees a reader is shown: the tightest of a theorem, the tightest of a quantity."""

from types import SimpleNamespace

import pytest

from simulations import comparison, measure
from simulations.measurement import tightest


def verdicts(pairs, *, direction="<=", quantity="within_class_variability", kind="published"):
    """Verdict rows of one theorem, an epoch for each (measured, bound); an excess of 1e-9 is rounding."""
    rows = []
    for epoch, (measured, bound) in enumerate(pairs):
        excess = measured - bound if direction == "<=" else bound - measured
        row = {"theorem": "planted", "quantity": quantity, "direction": direction, "delta": None, "unmet": []}
        rows.append({**row, "measured": measured, "bound": bound, "holds": excess <= 1e-9, "epoch": epoch})
    return comparison.verdicts(rows, {"planted": SimpleNamespace(kind=kind)})


PAIRS = {  # direction, [(measured, bound), ...], position of the row that the summary shows
    "least slack": ("<=", [(0.5, 0.52), (0.9, 1.0)], 0),
    "a vacuous lower bound": (">=", [(0.2, -1e10), (0.9, 0.5)], 1),
    "zero measured and guaranteed": ("<=", [(0.9, 1.0), (0.0, 0.0)], 1),
    "a violation before rounding": ("<=", [(1e-16, 1e-22), (1.1, 1.0)], 1),
}


@pytest.mark.parametrize("case", PAIRS)
def test_the_summary_shows_the_least_slack(case):
    direction, pairs, expected = PAIRS[case]
    rows = verdicts(pairs, direction=direction)
    (row,) = comparison.summary(rows)
    assert row["epoch"] == expected
    assert row["slack"] == rows[expected]["slack"]


def test_the_slack_of_a_loss_is_relative():
    """A bound of 3e-22 is not close to a loss of 2.6e-4, though less than 1e-3 below it."""
    rows = verdicts([(2.6e-4, 3e-22), (0.015, 0.01)], direction=">=", quantity="loss", kind="lower")
    assert comparison.summary(rows)[0]["epoch"] == 1


def test_the_summary_reports_contradictions():
    (row,) = comparison.summary(verdicts([(0.5, 0.0)]))
    assert (row["verdict"], row["violated"]) == ("contradicted", 1)


def test_the_table_shows_the_tightest_guarantee_of_each_quantity(collapsed_layer):
    m = measure(**collapsed_layer(noise=1e-3))
    shown, every = str(m).split("Guarantees")[1], m.table(every=True).split("Guarantees")[1]
    applicable = [
        row for row in m.guarantees if row["quantity"] == "within_class_variability" and row["holds"]
    ]
    assert len(applicable) >= 2
    best = min(applicable, key=lambda row: row["bound"])
    assert f"\n{best['theorem']} " in shown
    assert shown.count(" within_class_variability") == 1
    assert all(f"\n{row['theorem']} " in every for row in m.guarantees)


def test_a_violated_guarantee_is_never_left_out():
    rows = [
        {"theorem": name, "quantity": "q", "direction": "<=", "measured": 0.5, "bound": bound, "holds": holds}
        for name, bound, holds in (("loose", 0.9, True), ("sharp", 0.6, True), ("broken", 0.4, False))
    ]
    assert [row["theorem"] for row in tightest(rows)] == ["broken"]
    rows[2]["bound"] = 0.7
    assert [row["theorem"] for row in tightest(rows)] == ["sharp", "broken"]
    unmet = {**rows[0], "theorem": "unmet", "bound": None, "holds": None}
    assert tightest([unmet]) == [unmet]
    assert [row["theorem"] for row in tightest([unmet, *rows[:2]])] == ["sharp"]
