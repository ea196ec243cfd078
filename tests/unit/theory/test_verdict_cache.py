# SPDX-License-Identifier: MIT
"""Kept verdicts: read back only if nothing they depend on has changed, and never more than a row."""

import ast
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import theory
from theory import verdict_cache, verdicts
from theory.dependencies import closure, mentioned
from theory.ledger import Row
from theory.verdict_cache import Head, VerdictCache


@pytest.fixture
def three(small):
    """Theorems one <- two, and three apart from both."""
    small.good("one.py")
    small.good("two.py", "one")
    small.good("three.py")
    return small


def rows(done):
    assert done.stdout, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["theorems"]}


def kept(done):
    """Names whose verdict was read back."""
    return {name for name, row in rows(done).items() if row["cached"]}


def test_nothing_changed_nothing_imported_same_rows(three, kept_verdicts):
    cold = three.run("--json")
    assert cold.returncode == 0, cold.stderr
    assert kept(cold) == set()
    assert len(list(kept_verdicts.glob("*.json"))) == 3
    warm = three.run("--json")
    assert warm.returncode == 0
    assert "sympy loaded: False" in warm.stderr
    assert kept(warm) == {"one", "two", "three"}
    assert list(rows(warm)) == list(rows(cold)) == ["one", "three", "two"]
    for name, row in rows(warm).items():
        assert row == rows(cold)[name] | {"cached": True}
    assert "PROVED" not in warm.stderr
    assert kept(three.run("two", "--json")) == {"two"}
    assert "two" in three.run("--table").stdout
    text = three.run().stdout
    assert text.count("kept") == 3


def test_a_change_is_noticed_by_what_depends_on_it(three):
    assert three.run().returncode == 0
    three.change("one.py", "T is not", "T is never")
    assert kept(three.run("--json")) == {"three"}
    assert kept(three.run("--json")) == {"one", "two", "three"}
    three.good("four.py")
    assert kept(three.run("--json")) == {"one", "two", "three"}
    (three.folder / "four.py").unlink()
    (three.folder / "notes.txt").write_text("a file that some theorem might read")
    assert kept(three.run("--json")) == set()


def test_no_cache_checks_everything_and_replaces_what_is_kept(three, kept_verdicts):
    three.run()
    before = {path: path.stat().st_mtime_ns for path in kept_verdicts.iterdir()}
    assert kept(three.run("--json", "--no-cache")) == set()
    after = {path: path.stat().st_mtime_ns for path in kept_verdicts.iterdir()}
    assert before.keys() == after.keys()
    assert all(after[path] > before[path] for path in before)


def test_a_failure_is_never_kept(three):
    three.change("one.py", "return visible(le(0, T))", "return visible(le(0, 2 * T))")
    for _ in range(2):
        done = three.run("--json")
        assert done.returncode == 1
        assert "one" not in kept(done)
        assert rows(done)["one"]["verdict"] == rows(done)["two"]["verdict"] == "UNDECIDED"
        assert "not as expected: one, two" in done.stderr
    assert "uses 'one', which failed" in rows(done)["two"]["evidence"]


def test_a_new_name_clash_or_circle_is_seen_although_verdicts_are_kept(three):
    three.run()
    three.change("one.py", "uses=()", "uses=('two',)")
    done = three.run("--json")
    assert done.returncode == 1
    assert list(rows(done)) == ["three"]
    assert "circle" in done.stderr
    three.change("one.py", "uses=('two',)", "uses=()")
    three.good("another.py", name="three")
    done = three.run("--json")
    assert done.returncode == 1
    assert "the name 'three' is taken by" in done.stderr
    assert "three.py" in done.stderr


def test_a_process_that_had_the_library_before_lets_another_check(three):
    """What it has in memory may be older than the files; what is kept must not be."""
    older = "import theory.expressions, theory.checker as checker; checker.check = None"
    done = three.run("one", "--json", "--workers", "1", before=older)
    assert done.returncode == 0, done.stderr
    assert rows(done)["one"]["verdict"] == "PROVED"
    assert kept(three.run("--json")) == {"one"}


def test_rows_do_not_depend_on_the_number_of_processes(three):
    for number in range(6):
        three.good(f"more_{number}.py", "two")
    one = rows(three.run("--json", "--no-cache", "--workers", "1"))
    several = three.run("--json", "--no-cache", "--workers", "3")
    assert several.returncode == 0
    assert list(rows(several)) == list(one)
    for name, row in rows(several).items():
        assert row | {"seconds": 0} == one[name] | {"seconds": 0}
    assert len([line for line in several.stderr.splitlines() if line.startswith("[")]) == 9
    assert "[9/9] PROVED" in several.stderr
    assert len(kept(three.run("--json"))) == 9


def test_a_theorem_that_kills_its_process_costs_no_other_verdict(three):
    (three.folder / "three.py").unlink()
    for name in ("deadly", "xyz"):
        three.good(f"{name}.py")
    three.change("deadly.py", "return visible", "import os; os._exit(7)\n    return visible")
    done = three.run("--json", "--workers", "2")
    assert done.returncode == 1
    found = {name: row["verdict"] for name, row in rows(done).items()}
    assert found == {"deadly": "UNDECIDED", "one": "PROVED", "two": "PROVED", "xyz": "PROVED"}
    assert "ended without an answer" in rows(done)["deadly"]["evidence"]


# ---- the store by itself


def head(name="one", file="f.py"):
    return Head(name, "A title", "upper", "a test (2026)", "It says.", (), file)


@pytest.fixture
def cache(small, added, monkeypatch):
    small.good("one.py")
    import theory.theorems as package

    monkeypatch.setattr(package, "__path__", [str(small.folder)])
    return VerdictCache()


def plain(**changes):
    return Row("one", "upper", "PROVED", "evidence", 1, 0.5, "a test (2026)", True, **changes)


def test_only_fresh_expected_rows_of_unchanged_text_are_kept(cache, small, kept_verdicts):
    (file,) = (found.shown for found in cache.snapshot.files)
    one = head(file=file)
    cache.store(one, replace(plain(), expected=False), [file])
    cache.store(one, plain(cached=True), [file])
    assert not kept_verdicts.exists()
    cache.store(one, plain(), [file])
    (record,) = VerdictCache().records().values()
    assert record.row == plain(cached=True)
    assert record.head == one
    assert VerdictCache(read=False).records() == {}
    (path,) = kept_verdicts.iterdir()
    path.unlink()
    heads = {"one": one}
    small.change("one.py", "T is not", "T is never")
    assert not cache.unchanged()
    verdicts._save([plain()], heads, cache)
    assert list(kept_verdicts.iterdir()) == []
    small.change("one.py", "T is never", "T is not")
    assert cache.unchanged()
    verdicts._save([plain()], heads, cache)
    assert len(list(kept_verdicts.iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("PROVED", "REFUTED"),
        lambda text: sealed("null"),
        lambda text: sealed("{}"),
        lambda text: sealed(text.partition("\n")[2].replace("PROVED", "TRUE")),
        lambda text: sealed(text.partition("\n")[2].replace('"steps"', '"leaps"')),
        lambda text: "\x00\xff" * 100,
    ],
)
def test_a_damaged_record_is_as_good_as_none(cache, kept_verdicts, damage):
    (file,) = (found.shown for found in cache.snapshot.files)
    cache.store(head(file=file), plain(), [file])
    (path,) = kept_verdicts.iterdir()
    assert len(cache.records()) == 1
    good = path.read_text()
    path.write_text(damage(good), encoding="latin-1")
    assert cache.records() == {}
    cache.store(head(file=file), plain(), [file])
    assert path.read_text() == good


def sealed(text):
    return f"{verdict_cache._digest(text)}\n{text}"


@pytest.mark.parametrize("obstacle", ["a file", "below a file", "no writing"])
def test_a_folder_that_cannot_be_written_is_no_obstacle(cache, kept_verdicts, obstacle, monkeypatch):
    (file,) = (found.shown for found in cache.snapshot.files)
    if obstacle == "no writing":
        kept_verdicts.mkdir()
        monkeypatch.setattr(verdict_cache.os, "replace", refuse)
    else:
        kept_verdicts.write_text("in the way")
        if obstacle == "below a file":
            monkeypatch.setenv("THEORY_CACHE", str(kept_verdicts / "folder"))
    stubborn = VerdictCache()
    stubborn.store(head(file=file), plain(), [file])
    stubborn.tidy()
    assert stubborn.records() == {}
    assert kept_verdicts.is_file() or list(kept_verdicts.iterdir()) == []


def refuse(*arguments):
    raise PermissionError(13, "read-only", str(arguments))


def test_the_command_works_without_a_folder_for_verdicts(three, kept_verdicts):
    kept_verdicts.write_text("in the way")
    done = three.run("--json")
    assert done.returncode == 0
    assert set(rows(done)) == {"one", "two", "three"}


def test_what_was_established_before_an_interruption_is_kept(three, kept_verdicts):
    three.good("zzz.py")
    three.change("zzz.py", "return visible", "raise KeyboardInterrupt\n    return visible")
    done = three.run("--workers", "1")
    assert done.returncode != 0
    assert len(list(kept_verdicts.iterdir())) == 3


def test_every_version_and_every_file_is_part_of_the_key(cache, monkeypatch):
    before = verdict_cache.snapshot().foundation
    assert verdict_cache.snapshot().foundation == before
    original = verdict_cache.metadata.version
    for library in verdict_cache.LIBRARIES[:3]:
        changed = {library: "0.0.0"}
        monkeypatch.setattr(
            verdict_cache.metadata, "version", lambda name, c=changed: c.get(name) or original(name)
        )
        assert verdict_cache.snapshot().foundation != before
    monkeypatch.setattr(verdict_cache.metadata, "version", original)
    monkeypatch.setattr(sys, "version", "4.0")
    assert verdict_cache.snapshot().foundation != before
    monkeypatch.undo()


def test_every_file_is_read(monkeypatch):
    read = []
    original = verdict_cache._read
    monkeypatch.setattr(verdict_cache, "_read", lambda path: read.append(path) or original(path))
    found = verdict_cache.snapshot()
    package = Path(theory.__file__).parent
    apart = {"__pycache__", *verdict_cache.NO_PART}
    sources = {path for path in package.rglob("*") if path.is_file() and apart.isdisjoint(path.parts)}
    assert sources <= set(read)
    assert set(found.digests) == {f"theory/{f.path.relative_to(package).as_posix()}" for f in found.files}


def test_no_verdict_rests_on_what_has_no_part_in_it():
    package = Path(theory.__file__).parent
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] not in verdict_cache.NO_PART and path.name != "__main__.py":
            for folder in verdict_cache.NO_PART:
                assert f"theory.{folder}" not in path.read_text(encoding="utf-8"), path


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
    assert closure("a", {"a": "b", "b": "ac", "c": "", "d": "a"}) == {"a", "b", "c"}


def test_where_verdicts_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("THEORY_CACHE", str(tmp_path / "here"))
    assert verdict_cache.folder() == tmp_path / "here"
    monkeypatch.setenv("THEORY_CACHE", str(Path(theory.__file__).parent / "kept"))
    assert verdict_cache.folder() is None
    for value in ("", None):
        if value is None:
            monkeypatch.delenv("THEORY_CACHE")
        else:
            monkeypatch.setenv("THEORY_CACHE", value)
        place = verdict_cache.folder()
        assert place.parts[-2:] == ("neural-collapse-toolkit", "verdicts")
        assert not place.is_relative_to(Path(theory.__file__).parent)
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert verdict_cache.folder() == tmp_path / "xdg" / "neural-collapse-toolkit" / "verdicts"


def test_old_records_go_first(cache, kept_verdicts, monkeypatch):
    kept_verdicts.mkdir()
    for number in range(5):
        path = kept_verdicts / f"{number}.json"
        path.write_text("old")
        os.utime(path, (number, number))
    monkeypatch.setattr(verdict_cache, "MOST_RECORDS", 2)
    cache.tidy()
    assert sorted(path.name for path in kept_verdicts.iterdir()) == ["3.json", "4.json"]


def test_verify_in_python_neither_reads_nor_writes(cache, kept_verdicts):
    (found,) = theory.verify(["one"])
    assert not found.cached
    assert not kept_verdicts.exists()


def test_no_theorem_comes_from_a_kept_verdict():
    """The modules that read records cannot even name the kernel."""
    for module in (verdict_cache, sys.modules["theory.ledger"], sys.modules["theory.discovery"]):
        assert "theory.kernel" not in Path(module.__file__).read_text()


def test_few_checks_start_no_processes():
    assert [verdicts._processes(8, checks) for checks in (0, 1, 3, 4, 9, 100)] == [1, 1, 1, 2, 4, 8]
    assert verdicts._processes(1, 100) == 1
    assert verdicts._processes(None, 100) >= 1


def test_every_theorem_is_in_one_chunk_and_the_last_are_single():
    for length, count in ((0, 2), (1, 2), (7, 2), (100, 2), (100, 16)):
        names = [str(number) for number in range(length)]
        chunks = verdicts._chunks(names, count, dict.fromkeys(names, {"in all"} if length > 10 else set()))
        assert [name for chunk in chunks for name in chunk] == names
        assert all(1 <= len(chunk) <= verdicts.LONGEST_CHUNK for chunk in chunks)
        assert all(len(chunk) == 1 for chunk in chunks[-count:])


def test_kin_are_in_one_chunk_and_come_first():
    names = [str(number) for number in range(40)]
    lemmas = {name: {"in all"} for name in names}
    for name in ("3", "17", "30"):
        lemmas[name] = {"in all", "rare"}
    lemmas["17"] |= {"other"}
    lemmas["39"] = {"other"}
    first, *rest = verdicts._chunks(names, 2, lemmas)
    assert first == ["3", "17", "30", "39"]
    assert sorted(name for chunk in (first, *rest) for name in chunk) == sorted(names)
    large = verdicts._chunks(names[:8], 2, {name: {"few"} for name in names})
    assert [len(chunk) for chunk in large] == [5, 3]
