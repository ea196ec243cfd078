# SPDX-License-Identifier: MIT
"""The report is one file that loads nothing, escapes what it is given, and shows every row."""

import re
from html.parser import HTMLParser

import pytest

from paper_figures import build, closing, discovery, report
from paper_figures.context import Context

SUMMARY = [
    {
        "theorem": "within-class-variability",
        "quantity": "within_class_variability",
        "direction": "<=",
        "measured": 0.0123,
        "bound": 0.0456,
        "slack": 0.0333,
        "applicable": 40,
        "cases": 48,
        "verdict": "holds",
        "where": "digits, seed 0",
    },
    {
        "theorem": "never-met",
        "quantity": "loss",
        "direction": ">=",
        "measured": None,
        "bound": None,
        "slack": None,
        "applicable": 0,
        "cases": 48,
        "verdict": "not applicable",
        "where": "",
    },
]
LEDGER = [
    {
        "name": "loss-gap-identity",
        "title": "a title",
        "says": "a < b & c",
        "kind": "identity",
        "verdict": "PROVED",
        "evidence": "proof",
        "steps": 12,
        "seconds": 0.1,
        "source": "this project",
        "region": "",
        "uncovered": "",
    },
    {
        "name": "pan-cao-2.1-intra",
        "title": "a published title",
        "says": "a published sentence",
        "kind": "published",
        "verdict": "PROVED",
        "evidence": "proof",
        "steps": 3,
        "seconds": 0.1,
        "source": "Pan & Cao 2023",
        "region": "eps < 1/2",
        "uncovered": "large eps",
    },
]


class _Resources(HTMLParser):
    """Collects everything a browser would load."""

    def __init__(self):
        super().__init__()
        self.loaded, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data") or (name == "href" and tag == "link"):
                self.loaded.append(value)


@pytest.fixture(scope="module")
def page(fake_records, ledger, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("report")
    context = Context(preset="tiny", records=fake_records, store=tmp_path / "store")
    built = [build.build(discovery.figures()["papyan-nc"], context, tmp_path, ledger)]
    path = report.write(
        tmp_path / "report.html",
        built=built,
        summary=SUMMARY,
        ledger=LEDGER,
        provenance={"preset": "tiny", "hardware": "none"},
        skipped={"fashion-mnist": "not installed"},
    )
    return path.read_text()


def test_nothing_is_loaded_from_outside(page):
    parser = _Resources()
    parser.feed(page)
    assert "script" not in parser.tags
    assert len(parser.loaded) == 1
    assert parser.loaded[0].startswith("data:image/png;base64,iVBOR")
    assert not re.search(r"@import|url\(", page)
    assert "http://" not in page
    assert "https://" not in page


def test_every_row_is_there_and_escaped(page):
    for text in ("within-class-variability", "0.0333", "40 of 48", "not applicable", "never-met", "PROVED"):
        assert text in page
    assert "a &lt; b &amp; c" in page
    assert "Skipped: fashion-mnist. not installed" in page


def test_a_verdict_on_a_part_names_the_part(page):
    row = page.split('id="theorem-pan-cao-2.1-intra"')[1].split("</tr>")[0]
    assert "Proved for: eps &lt; 1/2." in row
    assert "Not covered: large eps." in row
    assert "a published sentence" in row
    assert "a published title" not in page
    whole = page.split('id="theorem-loss-gap-identity"')[1].split("</tr>")[0]
    assert "Proved for" not in whole
    assert "Not covered" not in whole


def test_numbers_have_three_digits_and_nothing_is_a_dash():
    assert report.number(0.012345) == "0.0123"
    assert report.number(None) == "–"
    assert report.number(float("nan")) == "–"
    assert report.number(12) == "12"


@pytest.mark.parametrize("compared", [False, True])
def test_it_says_whether_frozen_runs_are_in_the_table_of_bounds(compared, tmp_path):
    run = {"key": "k" * 32, "sweep": "frozen/synthetic", "what": "w", "accuracy": 1.0, "loss": 0.1}
    path = report.write(
        tmp_path / "report.html",
        built=[],
        summary=SUMMARY,
        ledger=LEDGER,
        provenance={"preset": "quick"},
        skipped={},
        runs=[{**run, "variability": 0.1, "seconds": 1.0}],
        frozen_compared=compared,
    )
    text = " ".join(path.read_text().split())
    assert ("; of frozen runs, the last epoch." in text) == compared
    assert ("read from the repository; the others are compared" in text) != compared
    assert ("read from the repository; compared with the bounds 40 times" in text) == compared


def test_the_exit_status_is_1_for_a_violation_an_unexpected_verdict_or_a_run_that_differs(capsys):
    good = {"name": "a", "expected": True}
    held, broken = ({**SUMMARY[0], "verdict": verdict} for verdict in ("holds", "violated"))
    assert closing.status({"a": good}, [held], [{"verdict": "bit-identical"}]) == 0
    assert capsys.readouterr().err == ""
    assert closing.status({"a": good}, [held, broken], []) == 1
    assert "violated: within-class-variability by digits, seed 0" in capsys.readouterr().err
    assert closing.status({"a": {**good, "expected": False}}, [], []) == 1
    assert closing.status({}, [], [{"verdict": "differs"}]) == 1
