# SPDX-License-Identifier: MIT
"""Every discovered figure keeps the contract: data apart from drawing, labels, sidecar, identical bytes."""

import ast
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from paper_figures import build, content, discovery, runs, style
from paper_figures.context import Context
from paper_figures.figure import ESTABLISHED, Figure

NAMES = list(discovery.figures())
#: Numbers that the data of the tests must hold: figure, path in the data, value, absolute tolerance, and by
#: what other means the value was found.
GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.fixture(params=NAMES, scope="module")
def figure(request):
    return discovery.figures()[request.param]


@pytest.fixture(scope="module")
def context(fake_records, tmp_path_factory):
    """One context for all: long computations run once."""
    return Context(preset="tiny", records=fake_records, store=tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def data(figure, context):
    return figure.data(context)


@pytest.fixture(scope="module")
def drawn(figure, data):
    return build.picture(figure, data)


def test_the_figures_are_found():
    papers = {"pan-cao-synthetic", "pan-cao-imagenet32", "papyan-nc"}
    ours = {"bounds-weight-decay", "loss-gap-anatomy", "tightness", "guarantee-scatter", "exponent-audit"}
    beyond = {"decay-normalisation", "phase-diagrams", "optimal-geometry", "worst-cases", "solver-speed"}
    assert papers | ours | beyond <= set(NAMES)


def test_data_is_plain(data):
    text = json.dumps(content.finite(data), allow_nan=False)
    assert isinstance(data, dict)
    assert len(text) > 100


def test_data_hold_the_golden_numbers(figure, data):
    golden = [row for row in GOLDEN if row["figure"] == figure.name]
    assert golden, f"{figure.name}: add a number to golden.json, found by other means than the figure's"
    wrong = []
    for row in golden:
        found = content.plain(data)
        for part in row["path"].split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        if not abs(found - row["value"]) <= row["tolerance"]:
            old = f"{row['value']!r} ± {row['tolerance']:g} ({row['by']})"
            wrong.append(f"{figure.name}, {row['path']}: golden {old}, now {found!r}")
    assert not wrong, "\n".join(wrong)


def test_draw_computes_nothing_and_reads_no_context(figure):
    """draw takes axes and data only, and names neither runs, theory, simulations nor context."""
    assert list(inspect.signature(figure.draw).parameters) == ["axes", "data"]
    tree = ast.parse(inspect.getsource(figure.draw))
    imported = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [node for node in imported if "matplotlib" not in ast.unparse(node)]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"runs", "theory", "simulations", "context"}


def test_the_picture_depends_on_the_stored_data_alone(figure, data, drawn):
    """Data that went through JSON, drawn under a user's own style, give the same vectors; the data stay as
    they were."""
    import matplotlib

    before = json.dumps(content.plain(data))
    stored = _arrays(json.loads(before))
    mine = {"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "x", "pdf.fonttype": 3, "axes.grid": False}
    with matplotlib.rc_context(mine):
        assert build.picture(figure, stored, kinds=("pdf",))["pdf"] == drawn["pdf"]
    assert json.dumps(content.plain(data)) == before


def test_panels_are_labelled_and_nothing_overlaps_or_is_cut_off(figure, data, legibility):
    width, height = figure.size(data)
    with style.applied(width=width, height=height):
        canvas = figure.render(data)
        canvas.draw_without_rendering()
        renderer = canvas.canvas.get_renderer()
        titles = [ax.title.get_window_extent(renderer) for ax in canvas.axes if ax.get_title()]
        boxes = [ax.get_tightbbox(renderer) for ax in canvas.axes]
        legends = [legend.get_window_extent(renderer) for legend in canvas.legends]
        assert legibility(canvas) == []
    assert width in (style.COLUMN_WIDTH, style.PAGE_WIDTH)
    logarithmic = [axis for ax in canvas.axes for axis in (ax.xaxis, ax.yaxis) if axis.get_scale() == "log"]
    assert all("(log)" in axis.get_label_text() for axis in logarithmic if axis.get_label_text())
    for ax in canvas.axes:
        place = ax.get_subplotspec()
        if place is not None and place.is_last_row():
            assert ax.get_xlabel(), "a panel of the last row has no horizontal label"
        if place is not None and place.is_first_col():
            assert ax.get_ylabel(), "a panel of the first column has no vertical label"
    for box in (*boxes, *legends):
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= canvas.bbox.x1 + 1
        assert box.y1 <= canvas.bbox.y1 + 1
    for i, one in enumerate(titles):
        assert not any(one.overlaps(other) for other in titles[i + 1 :])
    assert not any(legend.overlaps(box) for legend in legends for box in boxes)


def test_fonts_are_embedded_and_no_date_is_written(drawn):
    assert b"/FontFile2" in drawn["pdf"]
    assert b"CreationDate" not in drawn["pdf"]
    assert b"Software" not in drawn["png"]


def test_two_builds_are_identical_and_the_sidecar_says_where_numbers_come_from(
    figure, context, data, drawn, ledger, fake_records, tmp_path, monkeypatch
):
    # Drawn once more from the same data: test_the_picture_depends_on_the_stored_data_alone.
    monkeypatch.setattr(build, "picture", lambda figure, data: drawn)
    built = build.build(figure, context, tmp_path, ledger)
    assert built.redrawn
    for kind in ("pdf", "png"):
        assert built.paths[kind].read_bytes() == drawn[kind], kind
    sidecar = json.loads((tmp_path / f"{figure.name}.json").read_text())
    assert json.dumps(sidecar["theorems"]) == json.dumps(built.sidecar["theorems"])  # in one order too
    assert sidecar == built.sidecar
    assert sidecar["preset"] == "tiny"
    assert sidecar["theorems"] == dict.fromkeys(figure.theorems, "PROVED")
    trained = [record.key for sweep in figure.sweeps for record in fake_records[sweep]]
    every = trained + [record.key for name in figure.frozen for record in context.frozen(name)]
    used = [record["key"] for record in sidecar["records"]]
    assert used == [key for key in every if key in data.get("records", every)]
    if here := [key for key in used if key in trained]:
        assert f"This build: {runs.count(len(here), 'run')}, " in sidecar["caption"]
    for name in figure.frozen:
        if set(used) & {record.key for record in context.frozen(name)}:
            assert "not trained by this build: " in sidecar["caption"]
            assert name in sidecar["caption"]
    assert sidecar["data"] == content.finite(data)

    # Unchanged content is not drawn again; a damaged file is.
    text = built.paths["json"].read_bytes()
    assert not build.build(figure, context, tmp_path, ledger).redrawn
    built.paths["png"].write_bytes(b"damaged")
    assert build.build(figure, context, tmp_path, ledger).redrawn
    assert built.paths["png"].read_bytes() == drawn["png"]
    assert built.paths["json"].read_bytes() == text


def _arrays(value):
    """Lists of numbers back to arrays, as data functions return them."""
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, (int, float, bool)) for item in value):
            return np.asarray(value)
        if value and all(isinstance(item, list) for item in value):
            lengths = {len(item) for item in value}
            numeric = all(isinstance(entry, (int, float)) for item in value for entry in item)
            if len(lengths) == 1 and numeric:
                return np.asarray(value)
        return [_arrays(item) for item in value]
    return value


def test_only_the_records_that_entered_are_listed(context, ledger, fake_records, tmp_path):
    """One of two last layers enters this figure; its record alone is in the sidecar and in the caption."""
    built = build.build(discovery.figures()["papyan-nc"], context, tmp_path, ledger)
    (chosen,) = runs.where(fake_records["terminal-phase"], batch_norm="scale-only")
    assert built.sidecar["records"] == [{"sweep": "terminal-phase", "key": chosen.key}]
    assert "This build: 1 run, 1 seed, 200 epochs." in built.caption


def test_published_forms_are_named_with_their_verdicts():
    figure = discovery.figures()["bounds-weight-decay"]
    assert {"pan-cao-2.1-intra", "pan-cao-2.2-intra"} <= set(figure.theorems)
    assert "hypotheses are not checked" in figure.caption


def test_what_is_not_proved_is_marked_in_the_caption(tmp_path):
    """A figure of two theorems, one of them refuted: the picture's words say so, and name no other."""
    good, bad = "within-class-variability", "intra-class-cosine-sharp"
    context = Context(preset="tiny", records={}, store=tmp_path)
    figure = Figure(
        name="x",
        title="t",
        caption="What is drawn.",
        source="s",
        cost="c",
        data=lambda context: {"note": "A note."},
        draw=lambda axes, data: axes[0, 0].set_xlabel("x"),
        theorems=(good, bad),
    )
    verdicts = {good: {"verdict": "PROVED"}, bad: {"verdict": "REFUTED"}}
    caption = build.build(figure, context, tmp_path, verdicts).caption
    assert caption == f"What is drawn. A note. Not proved: {bad} (REFUTED)."
    verdicts[bad]["verdict"] = "CERTIFIED"
    assert build.build(figure, context, tmp_path, verdicts).caption == "What is drawn. A note."


def test_every_theorem_of_the_gallery_is_proved_or_marked():
    """The verdicts that the page's build found, figure by figure."""
    page = (content.ROOT / "docs" / "gallery.md").read_text()
    for figure in discovery.figures().values():
        section = page.split(f"(images/{figure.name}.png)")[1].split("\n## ")[0]
        found = dict(re.findall(r"`([a-z0-9.-]+)` ([A-Z]+)", section))
        assert set(found) == set(figure.theorems), figure.name
        for name, verdict in found.items():
            assert verdict in ESTABLISHED or f"{name} ({verdict})" in section


def test_theorems_and_sweeps_exist(figure):
    from simulations import sweeps
    from theory.registry import theorems

    assert set(figure.theorems) <= set(theorems())
    assert set(figure.sweeps) <= set(sweeps.names())
