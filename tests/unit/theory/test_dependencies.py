# SPDX-License-Identifier: MIT
"""On which lemma files a theorem rests, as its verdict's key has it."""

import ast
from pathlib import Path

import pytest

import theory
from theory import verdict_cache
from theory.dependencies import mentioned, with_all_below


def with_a_change_in(name, monkeypatch):
    """The snapshot if one more line stood in a file of the lemmas."""
    original = verdict_cache._read
    with monkeypatch.context() as patch:
        more = {f"{name}.py": "\n# more"}
        patch.setattr(verdict_cache, "_read", lambda path: original(path) + more.get(path.name, ""))
        return verdict_cache.snapshot()


def test_a_lemma_concerns_the_theorems_that_rest_on_it(monkeypatch):
    before, after = verdict_cache.snapshot(), with_a_change_in("radon", monkeypatch)
    changed = {file for file, digest in before.digests.items() if after.digests[file] != digest}
    assert before.foundation == after.foundation
    assert "theory/theorems/literature/rankin_1955_radon_cosine.py" in changed
    assert len(changed) < 10
    assert with_a_change_in("polar", monkeypatch).foundation != before.foundation  # in stock configurations


def test_no_import_of_a_lemma_is_overlooked():
    """The texts' mentions against Python's own parser, for every file of the library."""
    folder = Path(theory.__file__).parent
    lemmas = {path.stem: path for path in (folder / "lemmas").glob("[!_]*.py")}
    for path in [*lemmas.values(), *(folder / "theorems").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        imported = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module == "theory.lemmas":
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom | ast.Import):
                modules = [getattr(node, "module", None), *(alias.name for alias in node.names)]
                imported |= {m.split(".")[2] for m in modules if m and m.startswith("theory.lemmas.")}
        assert imported & set(lemmas) <= mentioned(text, lemmas), path.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from theory.lemmas.radon import a", {"radon"}),
        ("import theory.lemmas.polar as p", {"polar"}),
        (
            "def f():\n    from theory.lemmas import (\n        radon,  # (a)\n        other as polar_)",
            {"radon"},
        ),
        ("from theory.lemmas import a, \\\n    polar", {"polar"}),
        ("from theory.proving import radon", set()),
        ("from theory.lemmas.unknown import radon", set()),
        ("from theory import lemmas", {"radon", "polar"}),
        ("from ..lemmas import radon", {"radon", "polar"}),
        ("import importlib", {"radon", "polar"}),
        ("name = 'theory.lemmas.' + other", {"radon", "polar"}),
    ],
)
def test_which_lemmas_a_text_mentions(text, expected):
    assert mentioned(text, ("radon", "polar")) == expected


def test_what_rests_on_what():
    assert with_all_below("a", {"a": "b", "b": "ac", "c": "", "d": "a"}) == {"a", "b", "c"}
