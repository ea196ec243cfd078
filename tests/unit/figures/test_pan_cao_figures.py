# SPDX-License-Identifier: MIT
"""Pan & Cao's figures from records kept in the repository: numbers, what is missing, what is said of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from paper_figures import build, discovery, fig_pan_cao_frozen_gamma, gallery, kept, runs, style
from paper_figures.context import Context
from simulations.sweeps import frozen
from simulations.sweeps._summary import summary
from simulations.sweeps.store import Store

FIGURES = discovery.figures()
#: Mean cosine within a class, seed 0, from 2e-4 to 1e-2, as `simulations frozen summary` printed it.
PRINTED = {
    ("digits", "VGG-11", "scale-only"): [0.7956, 0.8206, 0.9051, 0.9549],
    ("digits", "VGG-11", "none"): [0.8169, 0.8155, 0.8109, 0.8250],
    ("digits", "VGG-19", "scale-only"): [0.8941, 0.9282, 0.9694, 0.9803],
    ("digits", "ResNet-18", "none"): [0.8853, 0.8690, 0.8364, 0.8173],
}


class Chosen(Context):
    """A context whose frozen records are those given, whatever the repository holds."""

    def __init__(self, found, store, preset="quick", records=()):
        super().__init__(preset=preset, records=dict(records), store=store)
        self.found = found

    def frozen(self, name):
        return list(self.found.get(name, []))


@pytest.fixture(scope="module")
def vision():
    return runs.where(frozen.records("vision-cpu", guarantees="none"), seed=0)


@pytest.fixture(scope="module")
def gamma():
    return runs.where(frozen.records("frozen-gamma-quick", guarantees="none"), seed=0)


def _panels(data):
    return {
        (row["label"].removesuffix(": cosine"), column): panel
        for row in data["rows"]
        for column, panel in zip(data["columns"], row["panels"], strict=True)
    }


def test_vision_shows_the_numbers_of_the_summary(vision, tmp_path):
    found = _panels(FIGURES["pan-cao-vision"].data(Chosen({"vision-cpu": vision}, tmp_path)))
    for (dataset, network, variant), printed in PRINTED.items():
        (entry,) = [e for e in found[dataset, network]["series"] if e["batch_norm"] == variant]
        assert entry["intra"]["x"].tolist() == [2e-4, 1e-3, 5e-3, 1e-2]
        # Half a unit of the last digit, and a run on other code differs by 1e-6.
        assert entry["intra"]["mean"] == pytest.approx(printed, abs=6e-5)
        assert entry["intra"]["runs"].tolist() == [1, 1, 1, 1]


def test_every_point_is_the_mean_that_the_summary_computes(tmp_path):
    """All kept runs, against the summary's own grouping and arithmetic."""
    records = frozen.records("vision-cpu", guarantees="none")
    data = FIGURES["pan-cao-vision"].data(Chosen({"vision-cpu": records}, tmp_path))
    points = {
        (row["label"].removesuffix(": cosine"), column, entry["batch_norm"], x): (mean, error, n)
        for row in data["rows"]
        for column, panel in zip(data["columns"], row["panels"], strict=True)
        for entry in panel["series"]
        for x, mean, error, n in zip(
            *(entry["intra"][k] for k in ("x", "mean", "error", "runs")), strict=True
        )
    }
    rows = summary(records)
    assert len(points) == len(rows)
    titles = {"digits": "digits", "fashion-mnist": "Fashion-MNIST", "vgg": "VGG", "resnet": "ResNet"}
    for row in rows:
        config, intra = row["config"], row["intra"]
        network = f"{titles[config['network']]}-{config['depth']}"
        mean, error, n = points[
            titles[config["dataset"]], network, config["batch_norm"], config["weight_decay"]
        ]
        assert n == intra["n"]
        assert mean == pytest.approx(intra["mean"], rel=1e-12)
        assert error == pytest.approx((intra["deviation"] or 0.0) / math.sqrt(n), rel=1e-12)


def test_a_panel_without_runs_names_the_command(vision, tmp_path):
    left = [record for record in vision if record.config["depth"] != 19]
    data = FIGURES["pan-cao-vision"].data(Chosen({"vision-cpu": left}, tmp_path))
    found = _panels(data)
    assert "sweep vision --preset cpu" in found["digits", "VGG-19"]["absent"].replace("\n", " ")
    assert "not in the grid" in found["Fashion-MNIST", "VGG-19"]["absent"]
    assert found["digits", "VGG-11"]["absent"] == ""
    assert f"{len(left)} runs of the 80" in data["note"]
    assert "python -m simulations sweep vision --preset cpu" in data["note"]


@pytest.mark.parametrize("name", ["pan-cao-vision", "pan-cao-appendix"])
def test_runs_that_did_not_converge_are_hollow_and_the_legend_fits(name, vision, tmp_path, legibility):
    slow = replace(vision[0], history=[*vision[0].history[:-1], {**vision[0].final, "train_accuracy": 0.99}])
    data = FIGURES[name].data(Chosen({"vision-cpu": [slow, *vision[1:]]}, tmp_path))
    assert data["hollow"]
    width, height = FIGURES[name].size(data)
    with style.applied(width=width, height=height):
        canvas = FIGURES[name].render(data)
        canvas.draw_without_rendering()
        assert legibility(canvas) == []


@pytest.mark.parametrize(
    "name", ["pan-cao-vision", "pan-cao-frozen-gamma", "pan-cao-appendix", "pan-cao-depths"]
)
def test_without_any_records_the_figure_says_so_and_can_be_drawn(name, tmp_path, legibility):
    figure = FIGURES[name]
    data = figure.data(Chosen({}, tmp_path))
    assert "are not there yet; python -m simulations sweep" in data["note"]
    assert data["records"] == []
    width, height = figure.size(data)
    with style.applied(width=width, height=height):
        canvas = figure.render(data)
        canvas.draw_without_rendering()
        assert legibility(canvas) == []


def test_frozen_gamma_is_guaranteed_from_its_own_numbers(gamma, tmp_path):
    data = FIGURES["pan-cao-frozen-gamma"].data(Chosen({"frozen-gamma-quick": gamma}, tmp_path))
    assert [column["title"] for column in data["columns"]][:2] == [
        "$\\lambda$ = 0.0001",
        "$\\lambda$ = 0.0005",
    ]
    first = data["columns"][0]
    printed = [0.9402, 0.8797, 0.7983, 0.6640, 0.5758, 0.5159]
    assert first["series"]["intra"]["x"].tolist() == [1, 2, 4, 8, 16, 32]
    assert first["series"]["intra"]["mean"] == pytest.approx(printed, abs=6e-5)
    # (phi^{-1}(L)/T)^2 by hand, phi(t) = log(1 + (C - 1) exp(-t)), T = C/(C - 1) alpha beta.
    (record,) = runs.where(gamma, weight_decay=1e-4, gamma_norm=1.0)
    measured = record.final["collapse"]
    margin = math.log(9 / math.expm1(measured["loss"]))
    by_hand = (margin / (10 / 9 * measured["feature_norm"] * measured["weight_norm"])) ** 2
    assert first["guaranteed"]["mean"][0] == pytest.approx(by_hand, rel=1e-9)
    for column in data["columns"]:
        proved = ~np.isnan(column["guaranteed"]["mean"])
        assert np.all(
            column["guaranteed"]["mean"][proved] <= column["series"]["intra"]["mean"][proved] + 1e-9
        )
    assert "above the measured cosine in 0;" in data["note"]


def test_a_run_below_its_guarantee_is_counted(gamma, tmp_path):
    (record,) = runs.where(gamma, weight_decay=1e-4, gamma_norm=1.0)
    collapse = {**record.final["collapse"], "intra_class_cosine": {"mean": 0.5, "min": 0.4}}
    broken = replace(record, history=[*record.history[:-1], {**record.final, "collapse": collapse}])
    others = [other for other in gamma if other is not record]
    data = FIGURES["pan-cao-frozen-gamma"].data(Chosen({"frozen-gamma-quick": [broken, *others]}, tmp_path))
    assert "above the measured cosine in 1;" in data["note"]


def test_a_guarantee_whose_hypothesis_fails_is_not_drawn(gamma):
    (record,) = runs.where(gamma, weight_decay=1e-4, gamma_norm=1.0)
    collapse = {**record.final["collapse"], "mean_norm": 0.5}
    moved = replace(record, history=[{**record.final, "collapse": collapse}])
    assert math.isnan(fig_pan_cao_frozen_gamma.guaranteed(moved))


def test_the_synthetic_figure_takes_the_published_grid_where_it_is_kept(fake_records, gamma, tmp_path):
    figure = FIGURES["pan-cao-synthetic"]
    (record,) = runs.where(gamma, weight_decay=1e-4, gamma_norm=1.0)
    record = replace(record, config={**record.config, "dataset": "mlp3", "depth": 6, "gamma_norm": None})
    data = figure.data(Chosen({"synthetic": [record]}, tmp_path, records=fake_records))
    assert data["mark"] == "published scale, frozen records: 1 of 168 runs, n = 1"
    absent = [panel["absent"] for panel in data["rows"][0]["panels"]]
    assert [bool(words) for words in absent] == [True, True, True, False]
    assert "sweep synthetic --preset paper" in absent[0].replace("\n", " ")
    assert data["rows"][0]["panels"][3]["series"][0]["intra"]["mean"] == pytest.approx([0.94024], abs=1e-4)
    # What is kept is not trained; without it, the quick runs are, and the picture says which they are.
    assert figure.trained("quick", ["synthetic"]) == ()
    assert figure.trained("quick") == figure.trained("paper", ["synthetic"]) == ("synthetic",)
    live = figure.data(Chosen({}, tmp_path, records=fake_records))
    assert live["mark"].startswith("quick preset, trained by this build")
    assert live["rows"][0]["panels"][0]["series"][0]["intra"]["runs"].tolist() == [3, 3, 3, 3]


def test_frozen_figures_train_at_the_preset_paper_only():
    originals = {"vision": "vision", "frozen-gamma": "frozen-gamma", "depths": "synthetic-depths"}
    for name, sweep in ((f"pan-cao-{name}", sweep) for name, sweep in originals.items()):
        assert FIGURES[name].trained("quick") == FIGURES[name].trained("tiny") == ()
        assert FIGURES[name].trained("paper") == (sweep,)


def test_the_sidecar_names_frozen_records_and_how_they_were_made(gamma, tmp_path, ledger):
    store = Store(tmp_path / "runs")
    for record in gamma[:2]:
        store.write(record)
    frozen.freeze("frozen-gamma", preset="quick", store=store, folder=tmp_path / "frozen")
    context = Context(preset="quick", records={}, store=tmp_path, frozen_folder=tmp_path / "frozen")
    figure = FIGURES["pan-cao-frozen-gamma"]
    built = build.build(figure, context, tmp_path / "out", ledger)
    assert {row["key"] for row in built.sidecar["records"]} == {record.key for record in gamma[:2]}
    assert {row["sweep"] for row in built.sidecar["records"]} == {"frozen/frozen-gamma-quick"}
    made = gamma[0].provenance
    for words in ("2 runs of the 80", made["date"][:10], made["commit"][:8], made["machine"]):
        assert words in built.caption
    other = build.picture(figure, figure.data(context))
    assert other == {kind: built.paths[kind].read_bytes() for kind in other}


def test_a_frozen_run_made_again_is_told_apart_from_one_that_changed(gamma, tmp_path, monkeypatch):
    from simulations.sweeps import _reproduction

    def again(record, tolerance, device):
        today = replace(record, history=[{**record.final, "train_loss": 2 * record.final["train_loss"]}])
        return _reproduction.compare(record, today, tolerance=tolerance)

    files = {"frozen-gamma-quick": frozen.records("frozen-gamma-quick", guarantees="none"), "gone": []}
    monkeypatch.setattr(_reproduction, "_again", again)
    (row,) = kept.again(files, 1)
    assert row["file"] == "frozen-gamma-quick"
    assert row["verdict"] == "differs"
    assert kept.again(files, 0) == kept.again({}, None) == []
    assert len(kept.again(files, None)) == 1
    assert len(kept.again(files, 3)) == 3


def test_renewing_one_figure_keeps_the_rest_of_the_gallery(gamma, tmp_path, ledger):
    figure = FIGURES["pan-cao-frozen-gamma"]
    context = Chosen({"frozen-gamma-quick": gamma[:1]}, tmp_path)
    built = build.build(figure, context, tmp_path / "out", ledger)
    before = "# Gallery\n\n## A\n\n![A](images/worst-cases.png)\n\n## B\n\n![B](images/gone.png)\n"
    page = gallery.page([built], before + f"\n## C\n\n![C](images/{figure.name}.png)\n")
    assert [line for line in page.splitlines() if line.startswith("## ")] == [f"## {figure.title}", "## A"]
    assert "of frozen/frozen-gamma-quick" in page
    assert gallery.page([], page) == page
