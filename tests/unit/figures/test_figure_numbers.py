# SPDX-License-Identifier: MIT
"""Numbers behind the figures, against values worked out by other means; and what missing files say."""

import math

import numpy as np
import pytest

from paper_figures import discovery, published
from paper_figures.context import Context


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A context without records."""
    return Context(preset="tiny", records={}, store=tmp_path_factory.mktemp("numbers"))


def test_half_a_unit_of_the_last_digit():
    assert published.half_unit("0.0380") == pytest.approx(0.00005)
    assert published.half_unit("129.4") == pytest.approx(0.05)
    assert published.half_unit("15") == 0.5


def test_imagenet_guarantees_are_those_of_the_formula(bare):
    """(phi^{-1}(L)/T')^2 by hand from the printed numbers: rounding up costs below a hundredth."""
    data = discovery.figures()["pan-cao-imagenet32"].data(bare)
    assert [column["title"] for column in data["columns"]] == ["VGG11", "VGG19", "ResNet18"]
    rows = published.table("pan_cao_2023_imagenet32")
    assert len(rows) == 21
    guaranteed = np.concatenate([c["within-class-variability-centred"] for c in data["columns"]])
    for row, bound in zip(rows, guaranteed, strict=True):
        loss, weight, feature = (float(row[name]) for name in ("loss", "weight_frobenius", "feature_norm"))
        margin = math.log(999 / math.expm1(loss))
        scale = 1000 / 999 * feature * weight / math.sqrt(1000)
        exact = (margin / scale) ** 2
        assert 0 <= exact - bound < 0.01
        assert bound < float(row["intra_mean"])
    # The bound on the plain mean, by its formula (1 - eps'/(T' q))^2, at ResNet18's decay 0.003.
    cosine = data["columns"][2]["intra-class-cosine-centred"]
    scale = 1000 / 999 * 16.7 * 17.36 / math.sqrt(1000)
    share = 999 * math.exp(-scale)
    by_hand = (1 - (0.1555 - math.log1p(share)) / (scale * share / (1 + share))) ** 2
    assert cosine[4] == pytest.approx(by_hand, abs=0.01)
    assert np.isnan(cosine[0])
    assert np.all(np.isnan(data["columns"][0]["intra-class-cosine-centred"]))


def test_normalising_the_gap_turns_the_bound_round(bare, fake_records, tmp_path):
    context = Context(preset="tiny", records={**fake_records}, store=tmp_path)
    data = discovery.figures()["decay-normalisation"].data(context)
    gap, excess = data["limits"]["gap"], data["limits"]["excess"]
    assert np.all(np.diff(gap) < 0)
    assert np.all(np.diff(excess) > 0)
    # 2 sqrt(C) eps/((C-1) lambda T*) at the first decay.
    decay = data["decay"][0]
    best = math.log(math.sqrt(10) / decay - 9)
    assert gap[0] == pytest.approx(2 * math.sqrt(10) * 1e-3 / (9 * decay * best), rel=1e-9)


def test_a_missing_measurement_names_its_command(bare, monkeypatch, tmp_path):
    from paper_figures import content

    monkeypatch.setattr(content, "ROOT", tmp_path)
    with pytest.raises(OSError, match="python -m benchmarks solver_speed --store"):
        discovery.figures()["solver-speed"].data(bare)


def test_solver_speed_is_what_was_stored(bare):
    data = discovery.figures()["solver-speed"].data(bare)
    for column in data["columns"]:
        assert set(column["series"]) >= {"simulations.solve", "CVXPY + SCS"}
        ours = column["series"]["simulations.solve"]
        assert ours["x"].tolist() == [4, 10, 20, 40, 60]
        assert all(ours["converged"])
    assert "Measured once on" in data["note"]


def test_the_scatter_shows_a_violation_as_one(fake_records, tmp_path):
    """A measurement above its bound is counted and drawn where it is."""
    import copy

    broken = copy.deepcopy(fake_records)
    row = broken["digits"][0].final["collapse"]["guarantees"][0]
    row["measured"] = 1.01 * row["bound"]
    figure = discovery.figures()["guarantee-scatter"]
    whole = figure.data(_with(fake_records, tmp_path))
    assert ", 0 in the forbidden region" in whole["note"]
    for name in figure.frozen:  # none in this context
        assert f"{name} (python -m simulations sweep " in whole["note"]
    found = figure.data(_with(broken, tmp_path))
    assert ", 1 in the forbidden region" in found["note"]
    assert found["violated"] == 1
    marked = [points["violated"].sum() for points in found["columns"][0]["points"]]
    assert marked == [0, 0, *([1, 0] if broken["digits"][0].config["batch_norm"] != "none" else [0, 1])]


def _with(records, store):
    return Context(preset="tiny", records=records, store=store, frozen_folder=store / "none")


def test_frozen_runs_get_todays_guarantees(tmp_path):
    """Of one run, at every measured epoch and at the last, what the comparison itself says."""
    from paper_figures import kept, pipeline
    from simulations import comparison
    from simulations.sweeps import frozen

    (run, *_) = frozen.records("vision-cpu", guarantees="none")
    context = Context(preset="quick", records={}, store=tmp_path)
    context.frozen = lambda name: [run]
    (found,) = kept.with_guarantees(context, ["vision-cpu"])["vision-cpu"]
    expected = comparison.guarantees(run.final["collapse"])
    assert [entry["epoch"] for entry in found.history] == [run.final["epoch"]]
    assert found.final["collapse"]["guarantees"] == expected
    one = ["within-class-variability"]
    (every,) = kept.with_guarantees(context, ["vision-cpu"], theorems=one, every_epoch=True)["vision-cpu"]
    assert [entry["epoch"] for entry in every.history] == [entry["epoch"] for entry in run.history]
    assert {row["theorem"] for entry in every.history for row in entry["collapse"]["guarantees"]} == set(one)
    # The table of bounds says which of its rows is closest at a frozen run.
    rows = {row["theorem"]: row for row in pipeline.compare([], frozen=[found])}
    assert rows[one[0]]["where"].endswith("(frozen)")
    assert rows[one[0]]["verdict"] == "holds"
