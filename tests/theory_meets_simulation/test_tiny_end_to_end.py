# SPDX-License-Identifier: MIT
"""The command at the tiny preset: trains, proves, draws, reports; a second call only reads back.

Four figures stand for all: of trained networks, of frozen records, of theorems alone. Each figure by itself
is built by the contract tests.
"""

import json
import os
import subprocess
import sys

import pytest

from paper_figures import discovery
from simulations.sweeps.frozen import records

NAMES = ("bounds-weight-decay", "loss-gap-anatomy", "pan-cao-vision", "exponent-audit")
VERDICTS = {"PROVED", "CERTIFIED", "REFUTED", "UNDECIDED"}


def _run(folder) -> subprocess.CompletedProcess:
    """The command without a display, for a user whose Matplotlib would open windows."""
    headless = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    return subprocess.run(
        [
            *(sys.executable, "-m", "paper_figures", *NAMES, "--preset", "tiny", "--json"),
            *("--workers", "1", "--output", str(folder / "output"), "--store", str(folder / "records")),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        env={**headless, "OMP_NUM_THREADS": "1", "MPLBACKEND": "tkagg"},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def first(folder):
    """The answer of the first call."""
    done = _run(folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_figure_and_the_report_are_written(first, folder):
    names = set(NAMES)
    assert {figure["name"] for figure in first["figures"]} == names
    written = {path.name for path in (folder / "output").iterdir()}
    assert written == {f"{name}.{kind}" for name in names for kind in ("pdf", "png", "json")} | {
        "report.html"
    }


def test_bounds_stand_beside_measurements(first):
    rows = {row["theorem"]: row for row in first["summary"]}
    row = rows["within-class-variability"]
    assert row["verdict"] == "holds"
    assert row["applicable"] > 0
    assert row["slack"] == pytest.approx(row["bound"] - row["measured"])
    assert row["slack"] >= 0
    assert not [name for name, other in rows.items() if other["verdict"] == "violated"]


def test_every_theorem_has_a_verdict(first):
    assert {row["verdict"] for row in first["theorems"]} <= VERDICTS
    assert all(row["expected"] for row in first["theorems"])


def test_sidecars_name_the_records(first, folder):
    stored = {path.stem for path in (folder / "records").glob("*.json")}
    for name in NAMES:
        figure = discovery.figures()[name]
        sidecar = json.loads((folder / "output" / f"{name}.json").read_text())
        keys = {record["key"] for record in sidecar["records"]}
        kept = {record.key for frozen in figure.frozen for record in records(frozen, guarantees="none")}
        assert keys <= stored | kept
        assert bool(keys) == bool(figure.sweeps or figure.frozen)
        assert set(sidecar["theorems"]) == set(figure.theorems)


def test_a_second_call_trains_and_draws_nothing(first, folder):
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "output").glob("*.p*")}
    done = _run(folder)
    assert done.returncode == 0, done.stderr
    assert not [figure for figure in json.loads(done.stdout)["figures"] if figure["redrawn"]]
    assert {path.name: path.stat().st_mtime_ns for path in (folder / "output").glob("*.p*")} == before
