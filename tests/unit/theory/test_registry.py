# SPDX-License-Identifier: MIT
"""Discovery: what counts as a theorem file, in which order theorems come, and unknown names."""

import sys
from types import ModuleType

import pytest

import theory
from theory import registry
from theory.entry import Entry, Statement
from theory.expressions import le
from theory.proving import visible
from theory.symbols import real

y = real("y", "y", "")


def entry(name, *uses, **changes):
    given = {
        "name": name,
        "title": name,
        "kind": "upper",
        "source": "a test, theorem 1",
        "says": name,
        "statement_of": lambda: Statement(le(0, y**2)),
        "prove": lambda: visible(le(0, y**2)),
        "uses": uses,
    }
    return Entry(**(given | changes))


def test_premises_come_first():
    table = {e.name: e for e in (entry("a", "c"), entry("b"), entry("c", "b"))}
    assert list(registry.ordered(table)) == ["b", "c", "a"]
    seen = set()
    for name, found in theory.theorems().items():
        assert set(found.uses) <= seen
        seen.add(name)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry("a", "b"), entry("b", "a")], "circle: a -> b -> a"),
        ([entry("a", "a")], "circle: a -> a"),
        ([entry("a", "b"), entry("b", "c"), entry("c", "b")], "circle"),
        ([entry("a", "zz")], "'a' uses 'zz', which does not exist"),
    ],
)
def test_circles_and_unknown_premises_are_refused(entries, words):
    with pytest.raises(ImportError, match=words):
        registry.ordered({e.name: e for e in entries})


def discover(monkeypatch, **files):
    """What the registry makes of a package with these modules."""
    import theory.theorems as package

    for name, content in files.items():
        module = ModuleType(f"{package.__name__}.{name}")
        if content is not None:
            module.THEOREM = content
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "_modules", lambda path, prefix: [f"{prefix}.{name}" for name in files])
    return registry.theorems.__wrapped__()


def test_discovery_takes_every_file(monkeypatch):
    found = discover(monkeypatch, zz=entry("first"), aa=entry("second", "first"))
    assert list(found) == ["first", "second"]


@pytest.mark.parametrize(
    "content", [None, "a string", Statement(le(0, y))], ids=["nothing", "text", "statement"]
)
def test_a_file_without_a_theorem_is_refused(monkeypatch, content):
    with pytest.raises(ImportError, match=r"theory/theorems/broken\.py has no THEOREM"):
        discover(monkeypatch, fine=entry("a"), broken=content)


def test_two_files_with_one_name_are_refused(monkeypatch):
    with pytest.raises(ImportError, match=r"theory/theorems/two\.py: the name 'a' is taken"):
        discover(monkeypatch, one=entry("a"), two=entry("a"))


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        theory.theorems()["mine"] = entry("mine")


@pytest.mark.parametrize("name", theory.theorems())
def test_a_name_gives_its_theorem_and_a_typing_error_gives_the_name(name):
    assert theory.get(name).name == name
    with pytest.raises(theory.UnknownTheorem) as caught:
        theory.get(name[:-1] + "?")
    assert repr(name[:-1] + "?") in str(caught.value)
    assert f"did you mean {name!r}?" in str(caught.value)
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "fact"}, "kind 'fact' must be one of"),
        ({"source": "folklore"}, "needs a year"),
        ({"prove": None}, "needs a proof"),
    ],
)
def test_a_theorem_file_with_bad_data_says_what_is_wrong(changes, words):
    with pytest.raises(ValueError, match=words):
        entry("mine", **changes)


def test_quoted_statements_need_no_proof_and_stay_undecided():
    for kind in ("published", "conjecture"):
        row = entry("mine", kind=kind, prove=None).verify()
        assert row.verdict == "UNDECIDED"
        assert row.expected


def test_verify_takes_names():
    rows = registry.verify(["batch-norm-feature-norm"])
    assert [r.name for r in rows] == ["batch-norm-feature-norm"]
    with pytest.raises(theory.UnknownTheorem):
        registry.verify(["batch-norm"])
