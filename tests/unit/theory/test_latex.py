# SPDX-License-Identifier: MIT
"""Rendering of theorem entries from their plain attributes."""

import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest

from theory.latex import bibtex, escape, latex_document, markdown_table


def entry(**changes):
    fields = {
        "name": "within-class-variability",
        "title": "Sharp bound for λ ≤ 1/√C, 100 % & more",
        "kind": "tight",
        "source": "Pan & Cao 2023, Theorem 2.1",
        "latex": r"\nu \le 1 - (\phi^{-1}(L)/T)^2",
        "verdict": "PROVED",
        "says": "nu <= 1 - (tau/T)^2 | for all C",
    }
    return SimpleNamespace(**(fields | changes))


def test_document_holds_every_statement_once_and_balances_its_environments():
    names = ["a-one", "b_two", "c-three"]
    kinds = ["identity", "conjecture", "published"]
    text = latex_document(entry(name=n, kind=k) for n, k in zip(names, kinds, strict=True))
    assert text.startswith(r"\documentclass")
    assert text.rstrip().endswith(r"\end{document}")
    assert [text.count(f"\\label{{{name}}}") for name in names] == [1, 1, 1]
    assert text.count(r"\nu \le 1") == 3
    begins, ends = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert sorted(begins) == sorted(ends)
    for environment in ("theorem", "conjecture", "published"):
        assert begins.count(environment) == 1
    assert text.isascii()


def test_environments_in_the_mathematics_are_not_wrapped_again():
    aligned = r"\begin{align*} a &= b \end{align*}"
    assert "\\[\n\\begin{align*}" not in latex_document([entry(latex=aligned)])


def test_a_statement_is_required():
    with pytest.raises(ValueError, match=r"within-class-variability.*empty \.latex"):
        latex_document([entry(latex="  ")])


def test_escape():
    assert escape("50% of A_1 & {B} #2 $x$") == r"50\% of A\_1 \& \{B\} \#2 \$x\$"
    assert escape("a\\b^c~d") == r"a\textbackslash{}b\textasciicircum{}c\textasciitilde{}d"


def test_table_has_five_cells_in_every_row():
    lines = markdown_table([entry(), entry(name="two", says="two\nlines")]).splitlines()
    assert len(lines) == 4
    assert lines[0] == "| name | kind | verdict | says | source |"
    assert all(len(re.split(r"(?<!\\)\|", line)) == 7 for line in lines)
    assert "| two lines |" in lines[3]


def test_bibtex_records_both_papers():
    text = bibtex()
    assert re.findall(r"@article{(\w+),", text) == ["papyan2020", "pan2023"]
    assert text.count("{") == text.count("}")
    assert "2309.04644" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_document_compiles(tmp_path):
    (tmp_path / "theorems.tex").write_text(latex_document([entry(), entry(name="two", kind="conjecture")]))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "theorems.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
