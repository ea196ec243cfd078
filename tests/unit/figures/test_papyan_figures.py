# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho's figures: numbers by other ways, runs that are missing, the animation."""

import copy
import io
import math
from dataclasses import replace

import numpy as np
import pytest

from paper_figures import animation, build, discovery, papyan_cells, style
from paper_figures.context import Context
from paper_figures.fig_collapse_seen import simplex_plane, stills, triangle


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A context of the repository's own frozen records."""
    return Context(preset="tiny", records={}, store=tmp_path_factory.mktemp("papyan"))


@pytest.fixture(scope="module")
def seen(kept):
    """The data of the collapse seen, at the size of the tests."""
    return discovery.figures()["collapse-seen"].data(kept)


def _figure(name):
    return discovery.figures()[f"papyan-{name}"]


def test_changes_are_those_of_the_summary(kept):
    """Mean and deviation of every cell, against the summary of the sweeps, which is other code."""
    from simulations.sweeps._summary import summary

    rows = {papyan_cells._names(row["config"]): row for row in summary(kept.frozen("papyan-cpu"))}
    data = _figure("table1").data(kept)
    names = {0: ("test_accuracy_gain", 100), 1: ("robustness_gain", 1), 2: ("nc4_test_gain", 100)}
    assert len(data["names"]) >= 2
    for number, (quantity, factor) in names.items():
        for name, cell in zip(data["names"], data["columns"][number]["cells"], strict=True):
            theirs = rows[name["dataset"], name["network"]][quantity]
            assert cell["change"]["n"] == theirs["n"]
            assert cell["change"]["mean"] == pytest.approx(factor * theirs["mean"], rel=1e-9)
            if theirs["deviation"] is None:  # a single seed
                assert math.isnan(cell["change"]["deviation"])
            else:
                assert cell["change"]["deviation"] == pytest.approx(factor * theirs["deviation"], rel=1e-9)


def test_the_first_row_of_the_table(kept):
    """VGG-11 on digits, three seeds: read off the records by hand."""
    table = _figure("table1").data(kept)["table"]
    assert table["rows"][0][:6] == ["digits", "VGG-11", "3", "94.30 ± 0.87", "95.60 ± 0.88", "+1.30 ± 0.21"]
    assert table["rows"][0][8::3] == ["+0.0195 ± 0.0065", "−1.02 ± 0.58"]
    assert table["rows"][-1][5::3] == ["+0.3495", "+0.0252", "–"]
    assert {len(row) for row in table["rows"]} == {len(table["head"])}


def test_a_fall_of_the_accuracy_is_counted_as_one(kept, monkeypatch):
    records = copy.deepcopy(kept.frozen("papyan-cpu")[:3])
    records[0].final["test"]["accuracy"] = 0.5
    monkeypatch.setattr(kept, "frozen", lambda name: records)
    data = _figure("table1").data(kept)
    assert "Test accuracy rose in 2 of 3 runs" in data["note"]
    assert data["columns"][0]["cells"][0]["change"]["mean"] < 0


def test_courses_are_the_records(kept):
    data = _figure("grid").data(kept)
    column = data["columns"][0]
    assert (column["dataset"], column["network"], column["runs"]) == ("digits", "VGG-11", 3)
    assert column["terminal"] == {"first": 10.0, "median": 13.0, "last": 15.0}
    # Seed 0, last epoch: norms (C - 1), cosines, angles, self-duality, NC1, NC4, attack.
    last = [[series["seeds"][0]["y"][-1] for series in row] for row in column["rows"]]
    assert np.concatenate(last) == pytest.approx(
        [0.070166, 0.058567, 0.103495, 0.091298, 0.081266, 0.080330, 0.254454, 0.057466, 0.005563, 0.122462],
        abs=1e-6,
    )
    nc1 = column["rows"][4][0]
    assert nc1["x"] == [1, 2, 6, 15, 37, 90]
    assert nc1["mean"][-1] == pytest.approx(np.mean([seed["y"][-1] for seed in nc1["seeds"]]), rel=1e-12)
    attack = column["rows"][6][0]
    assert [seed["x"] for seed in attack["seeds"]] == [[15, 90], [15, 90], [13, 90]]
    assert attack["x"] == [90]


@pytest.mark.parametrize("name", ["grid", "table1"])
def test_records_that_are_not_there_name_their_command(name, tmp_path):
    bare = Context(preset="tiny", records={}, store=tmp_path, frozen_folder=tmp_path)
    data = _figure(name).data(bare)
    assert "python -m simulations sweep papyan --preset cpu" in data["note"]
    assert data["records"] == []
    with style.applied(width=_figure(name).width, height=3.0):
        assert _figure(name).render(data).axes


@pytest.mark.parametrize("name", ["grid", "table1"])
def test_two_data_sets_with_one_cell_missing_are_legible(name, kept, monkeypatch, legibility):
    """Six columns: the digits' runs, and again under another data set's name, DenseNet without a run."""
    digits = [record for record in kept.frozen("papyan-cpu") if record.config["network"] != "densenet"]
    others = [replace(one, config={**one.config, "dataset": "fashion-mnist"}) for one in digits]
    monkeypatch.setattr(kept, "frozen", lambda _: [*digits, *others])
    figure = _figure(name)
    data = figure.data(kept)
    assert "DenseNet-40 on digits" in data["note"]
    assert len(data["columns" if name == "grid" else "names"]) == (6 if name == "grid" else 4)
    width, height = figure.size(data)
    with style.applied(width=width, height=height):
        canvas = figure.render(data)
        canvas.draw_without_rendering()
        assert legibility(canvas) == []


def test_the_plane_of_the_simplex():
    """Planted in ten dimensions and turned: the triangle comes back; a shift of all rows changes nothing."""
    corners = triangle()
    assert corners @ corners.T == pytest.approx(1.5 * np.eye(3) - 0.5, abs=1e-12)
    frame = np.linalg.qr(np.random.default_rng(0).standard_normal((10, 2)))[0]
    plane = simplex_plane(3.0 * corners @ frame.T + 7.0, 0.2 * corners @ frame.T)
    assert plane.T @ plane == pytest.approx(np.eye(2), abs=1e-12)
    assert corners @ frame.T @ plane == pytest.approx(corners, abs=1e-12)


def test_the_stills_are_six_epochs_of_meaning():
    epochs = [0, 1, 2, 3, 5, 8, 13, 21, 40, 80, 200]
    assert [epochs[k] for k in stills(epochs, 8)] == [0, 1, 3, 8, 40, 200]
    assert [epochs[k] for k in stills(epochs, None)][::5] == [0, 200]


def test_a_real_run_is_seen(seen):
    """Units and projection, by the identity that they imply, and where the run is at its ends."""
    moments = seen["moments"]
    assert [moment["epoch"] for moment in moments] == [0, 1, 2, 3, 4, 7, 12]
    for moment in moments:
        # Mean squared length in the plane, in units of the whole: the share in the plane.
        assert np.square(moment["features"]).sum(axis=1).mean() == pytest.approx(moment["inside"], abs=1e-3)
        assert np.square(moment["classifier"]).sum(axis=1).mean() <= 1 + 1e-3
        assert moment["means"].sum(axis=0) == pytest.approx([0, 0], abs=1e-3)
        labelled = [moment["features"][seen["labels"] == c].mean(axis=0) for c in range(3)]
        assert np.stack(labelled) == pytest.approx(moment["means"], abs=1e-3)
    assert moments[-1]["inside"] > 2 * moments[0]["inside"]
    assert np.linalg.norm(moments[-1]["means"]) > 2 * np.linalg.norm(moments[0]["means"])
    assert moments[0]["accuracy"] < 0.3 < 0.6 < moments[-1]["accuracy"]


def test_the_animation_is_small_and_whole(seen, legibility):
    from PIL import Image

    figure = discovery.figures()["collapse-seen"]
    drawn = animation.gif(figure, seen)
    assert len(drawn) < 2**20
    picture = Image.open(io.BytesIO(drawn))
    assert picture.n_frames == len(seen["moments"])
    assert picture.size[0] == math.floor(figure.animation.width * animation.RESOLUTION)
    assert picture.info["loop"] == 0
    with style.applied(width=figure.animation.width, height=figure.animation.height):
        for number in (0, len(seen["moments"]) - 1):
            canvas = figure.animation.render(seen, number)
            canvas.draw_without_rendering()
            assert legibility(canvas) == []
    with pytest.raises(ValueError, match="has no animation"):
        animation.gif(_figure("grid"), {})


def test_the_report_holds_the_animation_and_the_table(kept, ledger, tmp_path):
    from paper_figures import report

    chosen = [discovery.figures()["collapse-seen"], _figure("table1")]
    built = [build.build(figure, kept, tmp_path, ledger) for figure in chosen]
    assert (tmp_path / "collapse-seen.gif").read_bytes() == built[0].paths["gif"].read_bytes()
    # A damaged animation is drawn again.
    (tmp_path / "collapse-seen.gif").write_bytes(b"damaged")
    assert build.build(chosen[0], kept, tmp_path, ledger).redrawn
    path = report.write(
        tmp_path / "report.html",
        built=built,
        summary=[],
        ledger=[],
        provenance={"preset": "tiny"},
        skipped={},
    )
    page = path.read_text()
    assert page.count("data:image/gif;base64,R0lGOD") == 1
    assert '<td data-label="test accuracy: change">+1.30 ± 0.21</td>' in page
