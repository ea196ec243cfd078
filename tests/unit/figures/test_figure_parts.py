# SPDX-License-Identifier: MIT
"""Selecting and averaging runs, content keys, cached computations, atomic files, style."""

import math

import numpy as np
import pytest

from paper_figures import content, runs, style
from paper_figures.context import Context


def test_mean_and_standard_error():
    assert runs.mean_and_error([1.0, 2.0, 3.0]) == (2.0, pytest.approx(1 / math.sqrt(3)))
    assert runs.mean_and_error([5.0]) == (5.0, 0.0)
    assert all(map(math.isnan, runs.mean_and_error([])))


def test_over_seeds_marks_what_did_not_converge(fake_records):
    chosen = runs.where(fake_records["digits"], batch_norm="none")
    series = runs.over_seeds(chosen, "weight_decay", "within_class_variability")
    assert series["runs"].tolist() == [3, 3, 3, 3]
    assert series["converged"].tolist() == [True, True, True, False]
    assert np.all(np.diff(series["mean"]) < 0)


def test_terminal_phase_needs_every_run(fake_records):
    reached, never = [
        runs.where(fake_records["digits"], batch_norm="none", weight_decay=w) for w in (1e-3, 1e-2)
    ]
    assert runs.terminal_phase_start(reached) == 34
    assert runs.terminal_phase_start(reached + never) is None
    assert runs.terminal_phase_start([]) is None


def test_counts_are_plain_english(fake_records):
    assert [runs.count(number, "seed") for number in (0, 1, 2)] == ["0 seeds", "1 seed", "2 seeds"]
    chosen = runs.where(fake_records["digits"], batch_norm="none")
    assert runs.describe(chosen) == "This build: 12 runs, 3 seeds, 200 epochs."
    assert runs.describe([]) == "No runs."


def test_a_sweep_that_was_not_named_cannot_be_read(tmp_path):
    with pytest.raises(KeyError, match=r"FIGURE\.sweeps"):
        Context(preset="tiny", records={}, store=tmp_path).records("digits")


def test_keys_depend_on_every_value_and_on_nothing_else():
    one = {"a": np.array([1.0, 2.0]), "b": (1, 2)}
    assert content.key(one) == content.key({"b": [1, 2], "a": [1.0, 2.0]})
    assert content.key(one) != content.key({**one, "a": np.array([1.0, np.nextafter(2.0, 3.0)])})


def test_not_a_number_becomes_null_in_sidecars():
    assert content.finite({"x": np.array([1.0, np.nan, np.inf])}) == {"x": [1.0, None, None]}


def test_writing_leaves_the_old_file_when_it_fails(tmp_path):
    target = tmp_path / "file.txt"
    content.write(target, "old")
    with pytest.raises(TypeError):
        content.write(target, 3)  # type: ignore[arg-type]
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def counted(*, x: float, log: str) -> dict:
    """A computation that leaves a trace each time it runs."""
    with open(log, "a") as stream:
        stream.write("ran\n")
    return {"square": np.array([x * x])}


def test_long_computations_run_once(tmp_path):
    log = tmp_path / "log"
    calls = [{"x": 2.0, "log": str(log)}, {"x": 3.0, "log": str(log)}]
    seen = []
    for _ in range(2):
        context = Context(
            preset="tiny", records={}, store=tmp_path / "s", progress=lambda *args: seen.append(args)
        )
        results = context.compute(counted, calls, label="squares", places=("paper_figures/content.py",))
        assert [result["square"] for result in results] == [[4.0], [9.0]]
    assert log.read_text() == "ran\nran\n"
    assert seen == [("squares", 0, 2), ("squares", 1, 2), ("squares", 2, 2), ("squares", 2, 2)]


def test_series_that_share_axes_differ_without_colour():
    for names in (
        ("batch-norm", "no-batch-norm", "scale-only"),
        ("measured", "guaranteed", "guaranteed-weight-decay", "published"),
        ("classifier", "class-means"),
    ):
        looks = [style.series(name) for name in names]
        assert len({look["marker"] for look in looks}) == len(names)
        assert len({look["linestyle"] for look in looks}) == len(names)


def test_an_unknown_series_is_an_error():
    with pytest.raises(KeyError, match="no style"):
        style.series("rainbow")


def test_style_functions_are_pure():
    assert style.rc(height=2.0) == style.rc(height=2.0)
    assert style.rc(height=2.0)["figure.figsize"] == (style.PAGE_WIDTH, 2.0)
