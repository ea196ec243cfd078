# SPDX-License-Identifier: MIT
"""Kept verdicts: read back only if nothing they depend on has changed, and never more than a row."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import theory
from theory import verdict_cache, verdicts
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
