# SPDX-License-Identifier: MIT
"""The report as a browser shows it: no errors, no dead links, nothing overlapping or too wide on a phone.

Chromium draws the page twice, 390 and 1200 pixels wide, in frames of a wrapper that writes down what it sees.
Without a browser these tests are skipped, unless NC_REQUIRE_BROWSER=1 makes that a failure.
"""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from paper_figures import build, discovery, report, style
from paper_figures.figure import Figure

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROBE = Path(__file__).with_name("report_probe.js").read_text()
LONG = "a-theorem-with-a-very-long-name-that-does-not-fit-on-a-telephone-and-goes-on"


def _row(name: str, verdict: str) -> dict:
    words = {
        "says": "sqrt(1 - nu) >= q*/psi^{-1}(L_reg), " * 4,
        "source": "this project (2026)",
        "title": name,
    }
    rest = {"kind": "tight", "evidence": "proof and witness", "steps": 12, "seconds": 0.1}
    return {"name": name, "verdict": verdict, **words, **rest, "region": "L < 1/2", "uncovered": "large L"}


@pytest.fixture(scope="module")
def page(tmp_path_factory, fake_records):
    """A report with one wide and one narrow figure, long names, and runs."""
    from paper_figures.context import Context

    folder = tmp_path_factory.mktemp("report")
    context = Context(preset="tiny", records=fake_records, store=folder / "store")
    ledger = {name: _row(name, verdict) for name, verdict in ((LONG, "PROVED"), ("short", "REFUTED"))}

    def data(context):
        return {"note": "A note with a number, 0.123.", "records": [context.records("terminal-phase")[0].key]}

    def draw(axes, data):
        axes[0, 0].plot([0, 1], [0, 1])
        axes[0, 0].set_xlabel("x")

    built = [
        build.build(
            Figure(
                name=name,
                title=f"A {name} figure",
                caption="What is drawn. " * 12,
                source="this project",
                cost="nothing",
                data=data,
                draw=draw,
                theorems=tuple(ledger),
                sweeps=("terminal-phase",),
                width=width,
                height=2.0,
            ),
            context,
            folder,
            ledger,
        )
        for name, width in (("wide", style.PAGE_WIDTH), ("narrow", style.COLUMN_WIDTH))
    ]
    number = {"measured": 0.0123, "bound": 0.0456, "slack": 0.0333, "applicable": 40, "cases": 48}
    summary = [
        {
            "theorem": LONG,
            "quantity": "nc2.gram_deviation_means",
            "direction": "<=",
            "verdict": "holds",
            **number,
        }
    ]
    key = built[0].sidecar["records"][0]["key"]
    run = {
        "key": key,
        "sweep": "terminal-phase",
        "what": "digits, 3 layers, no BN, decay 0.001, seed 0, epoch 200",
    }
    return report.write(
        folder / "report.html",
        built=built,
        summary=[{**row, "where": run["what"]} for row in summary],
        ledger=list(ledger.values()),
        provenance={"preset": "tiny", "hardware": "a processor, 2 cores", "time of this call": "1 s"},
        skipped={},
        runs=[{**run, "accuracy": 1.0, "loss": 0.01, "variability": 0.1, "seconds": 1.0}],
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A report of every figure: the pictures, captions and verdicts of the gallery, and a table of one."""
    from paper_figures import content
    from paper_figures.context import Context

    folder = tmp_path_factory.mktemp("whole")
    text = (content.ROOT / "docs" / "gallery.md").read_text()
    pictures = content.ROOT / "docs" / "images"
    context = Context(preset="tiny", records={}, store=folder / "store")
    built, ledger = [], {}
    for name, figure in discovery.figures().items():
        section = text.split(f"(images/{name}.png)")[1].split("\n## ")[0]
        caption = re.search(r"^\*(.+)\*$", section, re.M)[1].replace("\\*", "*")
        ledger |= {theorem: _row(theorem, "PROVED") for theorem in figure.theorems}
        sidecar = {"data": {}, "records": [], "content_key": "0" * 64}
        sidecar["theorems"] = {theorem: "PROVED" for theorem in figure.theorems}
        if name == "papyan-table1":
            sidecar["data"] = content.finite(figure.data(context))
        kinds = [kind for kind in build.formats(figure) if kind != "pdf"]
        paths = {kind: pictures / f"{name}.{kind}" for kind in kinds}
        for kind in (*build.formats(figure), "json"):
            (folder / f"{name}.{kind}").touch()  # what links name; what they hold is the other page's matter
        built.append(build.Built(figure, caption, paths, sidecar, redrawn=False))
    return report.write(
        folder / "report.html",
        built=built,
        summary=[],
        ledger=list(ledger.values()),
        provenance={"preset": "quick"},
        skipped={},
    )


def _chromium(*arguments: str) -> subprocess.CompletedProcess:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("NC_REQUIRE_BROWSER") == "1":
            pytest.fail(f"NC_REQUIRE_BROWSER=1 and none of {', '.join(BROWSERS)} is installed")
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--enable-logging=stderr",
    )
    return subprocess.run([found, *flags, *arguments], capture_output=True, text=True, timeout=240)


def _probe(page: Path, *flags: str, source: str | None = None) -> tuple[list[dict], str]:
    """What the probe finds at both widths, and the browser's own complaints."""
    text = html.escape(source or page.read_text(), quote=True)
    frames = "".join(f'<iframe width="{w}" height="900" srcdoc="{text}"></iframe>' for w in (390, 1200))
    wrapper = page.with_name("wrapper.html")
    wrapper.write_text(f"<!doctype html><body>{frames}<pre id=found></pre><script>{PROBE}</script>")
    done = _chromium(*flags, "--virtual-time-budget=20000", "--dump-dom", wrapper.as_uri())
    found = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.S)
    assert found, done.stderr[-2000:]
    complaints = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return json.loads(html.unescape(found[1])), complaints


@pytest.mark.parametrize(("name", "scheme"), [("whole", "light"), ("page", "dark")])
def test_the_page_is_whole_at_both_widths(name, scheme, request):
    """A report of every figure in the light, one of long names and runs in the dark."""
    page = request.getfixturevalue(name)
    pictures = page.read_text().count("<img ")
    assert pictures == (2 if name == "page" else len(discovery.figures()) + 1)  # one figure moves as well
    found, complaints = _probe(page, f"--blink-settings=preferredColorScheme={int(scheme == 'light')}")
    assert complaints == ""
    assert [frame["width"] for frame in found] == [390, 1200]
    for frame in found:
        assert frame["dark"] == (scheme == "dark")
        assert frame["page"] <= frame["width"], "the page scrolls sideways"
        assert frame["images"] == [True] * pictures
        assert frame["dead"] == []
        assert frame["overlaps"] == []
        assert frame["beyond"] == []
        assert frame["faint"] == []
        assert frame["texts"] > 60
        for link in frame["files"]:
            assert (page.parent / link).is_file(), link


def test_the_probe_sees_what_is_wrong(page):
    wrong = (
        '<p style="width:900px">wide</p><div style="position:relative;height:20px"><b style="position:'
        'absolute">one text</b><i style="position:absolute">another</i></div><a href="#nowhere">dead</a>'
        '<img src="absent.png"><p style="color:#888;background:#999">faint</p>'
        '<script>console.error("told"); undefined_name</script></body>'
    )
    broken = page.read_text().replace("</body>", wrong)
    found, complaints = _probe(page, source=broken)
    narrow = found[0]
    assert narrow["page"] > 390
    assert ["another", "one text"] in [sorted(pair) for pair in narrow["overlaps"]]
    assert narrow["dead"] == ["#nowhere"]
    assert narrow["images"] == [True, True, False]
    assert "faint" in narrow["faint"]
    assert "told" in complaints
    assert "undefined_name" in complaints


def test_it_prints(page, tmp_path):
    target = tmp_path / "report.pdf"
    _chromium(f"--print-to-pdf={target}", "--no-pdf-header-footer", page.as_uri())
    assert target.read_bytes().startswith(b"%PDF")
