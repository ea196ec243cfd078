# SPDX-License-Identifier: MIT
"""Discovery: what counts as a theorem file, in which order theorems come, and unknown names."""

import ast
from pathlib import Path

import pytest

import theory
from theory import discovery, registry
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
    placed, reasons = discovery.arrange(table)
    assert list(placed) == ["b", "c", "a"]
    assert reasons == {}
    assert [e.name for e in discovery.closure("a", placed)] == ["a", "c", "b"]
    seen = set()
    for name, found in theory.theorems().items():
        assert set(found.uses) <= seen
        seen.add(name)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry("a", "b"), entry("b", "a")], {"a": "circle: a -> b -> a", "b": "circle: a -> b -> a"}),
        ([entry("a", "a")], {"a": "circle: a -> a"}),
        ([entry("a", "b"), entry("b", "c"), entry("c", "b")], {"a": "'b', which was refused", "c": "circle"}),
        ([entry("a", "zz")], {"a": "uses 'zz', which does not exist"}),
        ([entry("a", "b"), entry("b", "zz")], {"a": "uses 'b', which was refused: uses 'zz'"}),
        ([entry("a", "gone")], {"a": "uses 'gone', which was refused: no source"}),
    ],
)
def test_circles_and_unknown_premises_are_refused_and_nothing_else(entries, words):
    table = {e.name: e for e in (*entries, entry("fine"), entry("after", "fine"))}
    placed, reasons = discovery.arrange(table, {"gone": "no source"})
    assert list(placed) == ["fine", "after"]
    assert set(reasons) == {e.name for e in entries}
    for name, text in words.items():
        assert text in reasons[name]


def test_nothing_in_the_library_is_refused():
    """A broken file is left out of the library; here it is an error."""
    assert [str(refusal) for refusal in registry.refused()] == []


def test_lemmas_do_not_build_on_registered_theorems():
    """A lemma is proved once per process, so a theorem inside it would be invisible to `uses`."""
    package = Path(theory.__file__).parent
    for path in package.rglob("*.py"):
        inside = path.relative_to(package).parts[0]
        if inside in ("lemmas", "rules", "losses"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    assert node.module != "theory.registry", path
                    names = {alias.name for alias in node.names}
                    assert not (node.module == "theory.proving" and "theorem" in names), path


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
        ({"source": ""}, "needs a year"),
        ({"uses": "other"}, "must be a tuple of names"),
        ({"name": ""}, "non-empty string"),
        ({"prove": None}, "needs a proof"),
    ],
)
def test_a_theorem_file_with_bad_data_says_what_is_wrong(changes, words):
    with pytest.raises(ValueError, match=words):
        entry(**({"name": "mine"} | changes))


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
