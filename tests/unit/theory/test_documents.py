# SPDX-License-Identifier: MIT
"""The library as documents: proofs without repetition, LaTeX, BibTeX, HTML, and what ``--why`` prints."""

import html.parser
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

import theory
from theory.__main__ import main
from theory.ledger import Row
from theory.registry import library as registry
from theory.rendering import files, words
from theory.rendering.bibliography import BY_KEY, bibtex, citations, keys, reference, unresolved
from theory.rendering.classics import PAPERS
from theory.rendering.page import page
from theory.rendering.present import library
from theory.rendering.proofs import Graph, chapters
from theory.rendering.terminal import explain
from theory.rendering.tex import document, escape

NAMES = (
    "cross-entropy-identity",
    "minimum-cross-entropy",
    "within-class-variability",
    "within-class-variability-linear",
    "sample-cosine",
    "pan-cao-2.1-intra",
    "intra-class-cosine-unconditional",
    "nc2-at-collapse",
)


def row(entry, **changes):
    fields = (entry.name, entry.kind, "PROVED", "28 steps", 28, 0.1, entry.source, True)
    return replace(Row(*fields), **changes)


@pytest.fixture(scope="module")
def entries():
    return [theory.get(name) for name in NAMES]


@pytest.fixture(scope="module")
def shown(entries):
    return library(entries, {e.name: row(e) for e in entries})


@pytest.fixture(scope="module")
def tex(shown):
    return document(shown)


@pytest.fixture(scope="module")
def web(shown):
    return page(shown)


# ---- proofs


def test_every_premise_is_told_before_it_is_used(shown):
    lemmas = {lemma.name for lemma in shown.lemmas}
    told = [t.shown for t in shown.theorems if t.shown.proof] + list(shown.lemmas)
    assert lemmas
    for item in told:
        given = {name for name, _ in (*item.hypotheses, *item.proof.assumptions)}
        for place, step in enumerate(item.proof.steps):
            earlier = {s.name for s in item.proof.steps[:place]}
            for premise in step.premises:
                known = {"step": earlier, "hypothesis": given, "lemma": lemmas, "theorem": set(NAMES)}
                assert premise.name in known[premise.kind], (item.name, step)
        assert item.proof.steps[-1].conclusion == item.conclusion


def test_a_lemma_stands_once_and_its_proof_uses_earlier_lemmas_only(shown):
    conclusions = [(lemma.hypotheses, lemma.conclusion) for lemma in shown.lemmas]
    assert len(conclusions) == len(set(conclusions))
    for lemma in shown.lemmas:
        used = [p.name for step in lemma.proof.steps for p in step.premises if p.kind == "lemma"]
        assert all(int(name) < int(lemma.name) for name in used)
        assert set(lemma.used_by) <= set(NAMES)


def test_chapters_hold_every_kernel_step_that_proves_something_new(entries):
    graph = Graph()
    heads = [graph.add(e.theorem) for e in entries if e.prove]
    told = {n.number for c in chapters(graph, heads).values() for line in c.lines for n in line.nodes}
    proper = {n.number for n in graph.nodes if n.rule != "assume"}
    assert told == proper
    for node in graph.nodes:
        assert all(premise < node.number for premise in node.premises)


def test_a_proof_without_verdict_or_with_a_bad_one_is_left_out(entries):
    one = [theory.get("minimum-cross-entropy")]
    assert library(one, proofs=False).theorems[0].shown.proof is None
    bad = {one[0].name: row(one[0], verdict="UNDECIDED", evidence="step 3: no", expected=False)}
    shown = library(one, bad)
    assert shown.theorems[0].shown.proof is None
    assert "Not established: step 3: no." in shown.theorems[0].remarks


# ---- the terminal


def test_why_names_hypotheses_rules_and_evidence():
    text = explain(theory.get("within-class-variability"))
    assert "H1  α² = E_ci[‖h_ci‖²]" in text
    assert "claim E_ci[‖h_ci − μ_c‖²]/α² ≤ 1 − τ²/T²" in text
    assert "assume A1: p < 1" in text
    assert "from the theorem cross-entropy-identity" in text
    assert re.search(r"cauchy_schwarz - over classes and coordinates +\[Cauchy-Schwarz inequality\]", text)
    assert re.search(r"algebra from [H\d, ]+H2 - combine", text)
    assert max(map(len, text.splitlines())) <= 112


def test_why_says_what_is_not_proved_here_and_how_a_claim_is_refuted():
    text = explain(theory.get("intra-class-cosine-unconditional"))
    assert "no proof" in text
    assert "refuted" in text.lower()


# ---- LaTeX


def test_document_has_every_theorem_and_lemma_once(shown, tex):
    for name in NAMES:
        assert tex.count(f"\\label{{thm:{name}}}") == 1
    assert tex.count("\\begin{lemma}") == len(shown.lemmas) == tex.count("\\label{lem:")
    begins, ends = (re.findall(rf"\\{word}{{(\w+)}}", tex) for word in ("begin", "end"))
    assert sorted(begins) == sorted(ends)
    for kind in ("identity", "published", "conjecture", "theorem"):
        assert kind in begins
    for label in re.findall(r"\\ref{([^}]*)}", tex):
        assert f"\\label{{{label}}}" in tex
    for cited in re.findall(r"\\cite{([^}]*)}", tex):
        assert set(cited.split(",")) <= set(BY_KEY)


def test_escape():
    assert escape("50% of A_1 & {B} #2 $x$") == r"50\% of A\_1 \& \{B\} \#2 \$x\$"
    assert escape("a\\b^c~d") == r"a\textbackslash{}b\textasciicircum{}c\textasciitilde{}d"
    assert escape("lambda <= 1/√C – Súkeník") == r"$\lambda$ $\le$ 1/$\surd$C -- Súkeník"
    assert escape("\u6f22") == "[U+6F22]"


def test_formulas_in_prose_become_nicer_and_names_stay():
    assert words.typeset("nu <= 1 - (phi^{-1}(L)/T)^2") == "ν ≤ 1 − (φ⁻¹(L)/T)²"
    assert escape("E<w~_c, h>, wbar") == r"E\textless{}$\tilde w$\_c, h\textgreater{}, $\bar w$"
    assert (
        words.typeset("the beta-test of within-class-variability")
        == "the beta-test of within-class-variability"
    )
    assert words.typeset("x - the rest") == "x - the rest"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_document_compiles_with_references_and_without_wide_lines(tmp_path, shown):
    paths = files.write(shown, tmp_path / "new")
    assert [p.name for p in paths] == [*files.NAMES, "theorems.pdf"]
    first = {p.name: p.read_bytes() for p in paths}
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "theorems.tex"]
    done = subprocess.run(command, cwd=paths[0].parent, capture_output=True, timeout=60)
    log = done.stdout.decode(errors="replace")
    assert all(float(size) < 12 for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log))
    assert first == {p.name: p.read_bytes() for p in files.write(shown, tmp_path / "new")}


def test_without_a_tex_engine_the_document_is_the_tex_file(tmp_path, shown, monkeypatch):
    monkeypatch.setattr(files.shutil, "which", lambda name: None)
    said = []
    paths = files.write(shown, tmp_path, said.append)
    assert [p.name for p in paths] == list(files.NAMES)
    assert "no TeX engine found" in said[-1]


# ---- BibTeX


def test_every_citation_of_the_library_resolves():
    missing = {e.name: unresolved(e.source) for e in registry().entries.values() if unresolved(e.source)}
    assert not missing, f"add these to theory/rendering/papers.py or classics.py: {missing}"


def test_sources_resolve_to_the_paper_that_is_meant():
    assert keys("Zhou et al. 2022 (arXiv:2210.02192), label smoothing") == ["zhou2022losses"]
    assert keys("minimisers: Tirer & Bruna 2022 (ICML); Zhou et al. 2022 (ICML)") == [
        "tirer2022",
        "zhou2022mse",
    ]
    assert keys("this project (2026); sharpens Pan & Cao 2023, theorem 2.1") == ["pan2023"]
    assert keys("this project (2026)") == []
    assert unresolved("Nobody & Noone 1999, arXiv:0000.00000") == ["Nobody & Noone 1999", "0000.00000"]
    assert citations("Papyan, Han & Donoho 2020, theorem 5") == ["Papyan, Han & Donoho 2020"]


def test_bibtex_records_are_complete_and_keys_are_unique():
    assert len(BY_KEY) == len(PAPERS)
    text = bibtex()
    assert text.count("{") == text.count("}")
    assert re.findall(r"^@\w+\{(\w+),", text, flags=re.M) == sorted(BY_KEY)
    for paper in PAPERS:
        assert re.fullmatch(r"[a-z]+\d{4}[a-z]*", paper.key)
        assert str(paper.year) in paper.key
        assert paper.arxiv or paper.venue or paper.extra
    assert "Súkeník" in reference(BY_KEY["sukenik2024"])
    assert re.findall(r"@\w+\{(\w+),", bibtex(["pan2023"])) == ["pan2023"]


# ---- HTML


class Checker(html.parser.HTMLParser):
    EMPTY = ("meta", "mspace")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.outside = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if tag == "a" else []
        self.outside += [tag] if tag in ("script", "link", "img", "iframe") else []
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


def test_page_is_well_formed_needs_nothing_and_its_links_lead_somewhere(web):
    checker = Checker()
    checker.feed(web)
    assert checker.open == []
    assert checker.outside == []
    assert "url(" not in web
    assert "@import" not in web
    assert len(checker.ids) == len(set(checker.ids))
    assert set(NAMES) <= set(checker.ids)
    assert {link.removeprefix("#") for link in checker.links} <= set(checker.ids)
    assert web.count("<details><summary>Proof") == sum(
        theory.get(n).prove is not None for n in NAMES
    ) + web.count('<article id="lemma-')


def test_same_library_same_bytes(entries, web, tex):
    again = library(entries, {e.name: row(e) for e in entries})
    assert page(again) == web
    assert document(again) == tex


# ---- the command


def test_output_writes_all_documents(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(files.shutil, "which", lambda name: None)
    assert main(["--output", str(tmp_path / "library"), "minimum-cross-entropy"]) == 0
    assert sorted(p.name for p in (tmp_path / "library").iterdir()) == sorted(files.NAMES)
    assert "minimum-cross-entropy" in (tmp_path / "library" / "theorems.html").read_text()
    assert capsys.readouterr().out.splitlines()[0].endswith("theorems.tex")


def test_output_refuses_a_file(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["--output", str(tmp_path / "taken")]) == 2
    assert "is a file; give a folder" in capsys.readouterr().err


def test_bibtex_of_named_theorems(capsys):
    assert main(["--bibtex", "pan-cao-2.1-intra"]) == 0
    assert re.findall(r"@\w+\{(\w+),", capsys.readouterr().out) == ["pan2023"]
