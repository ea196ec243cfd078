# SPDX-License-Identifier: MIT
"""Stored certificates: the independent checker confirms each, refuses each once it is tampered with."""

import copy
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import theory
from theory.certificates import store
from theory.certificates.contact import Contact
from theory.recheck import STORED, Refused, verify
from theory.recheck.__main__ import main

FILES = sorted(STORED.glob("*.json"))
CERTIFICATES = {
    f"{path.stem}-{n}": data
    for path in FILES
    for n, data in enumerate(json.loads(path.read_text())["certificates"], 1)
}
ROOT = Path(theory.__file__).parent


def tampered(data, **changes):
    return copy.deepcopy(data) | changes


def test_there_are_certificates_and_they_are_small():
    assert len(FILES) >= 8
    assert all(path.stat().st_size < 300_000 for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_holds_exactly_what_its_theorem_needs(path):
    """The inequality in the file is the inequality in the proof, text by text."""
    del store.asked[:]
    entry = theory.get(path.stem)
    _forget(entry)
    entry.prove()
    entry.neighbour_of().prove()
    asked = {store._key(store.described(claim)) for claim in store.asked}
    stored = {store._key(data) for data in json.loads(path.read_text())["certificates"]}
    assert asked == stored


def _forget(entry):
    """Whatever of the theorem's proof other tests of this process have found."""
    own = inspect.unwrap(entry.prove).__globals__
    lemmas = [vars(module) for name, module in sys.modules.items() if name.startswith("theory.lemmas")]
    for module in (own, *lemmas):
        for found in module.values():
            if hasattr(found, "cache_clear"):
                found.cache_clear()


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_leaf_removed_or_added_is_refused(name):
    data = CERTIFICATES[name]
    tree = "".join(data["tree"])
    places = {0, len(tree) // 3, len(tree) // 2, len(tree) - 1}
    for place in places:
        with pytest.raises(Refused):
            verify(tampered(data, tree=[tree[:place] + tree[place + 1 :]]))
    with pytest.raises(Refused):
        verify(tampered(data, tree=[tree + "v"]))
    with pytest.raises(Refused):
        verify(tampered(data, leaves=data["leaves"] + 1))
    with pytest.raises(Refused):
        verify(tampered(data, tree=[]))


@pytest.mark.parametrize("name", [n for n, data in CERTIFICATES.items() if data["leaves"] > 1])
def test_a_leaf_that_covers_more_than_it_proves_is_refused(name):
    data = CERTIFICATES[name]
    tree = "".join(data["tree"])
    for leaf in "vgAB":
        with pytest.raises(Refused):
            verify(tampered(data, tree=[leaf], leaves=1))
    merged = _without_last_split(tree)
    for leaf in "vgA":
        with pytest.raises(Refused):
            verify(tampered(data, tree=[merged.replace("?", leaf)], leaves=data["leaves"] - 1))


def _without_last_split(tree):
    """The tree with its first pair of sibling leaves merged into one, marked '?'."""
    place = next(
        n
        for n in range(len(tree) - 2)
        if tree[n].isdigit()
        and not (tree[n + 1 : n + 3] + "0").isdigit()
        and not any(t.isdigit() or t == "f" for t in tree[n + 1 : n + 3])
    )
    return tree[:place] + "?" + tree[place + 3 :]


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_false_inequality_under_the_same_boxes_is_refused(name):
    data = CERTIFICATES[name]
    if data["relation"] == "<":
        changes = [{"lhs": data["rhs"], "rhs": data["lhs"]}, {"rhs": data["lhs"]}]
    elif data["contacts"]:
        changes = [{"rhs": f"{data['rhs']} - 1/1000000000000"}, {"lhs": f"{data['lhs']} + 1/10**30"}]
    else:
        changes = [{"lhs": data["rhs"], "rhs": data["lhs"]}]
    for change in changes:
        with pytest.raises(Refused):
            verify(tampered(data, **change))


WIDER = {
    "exponential-remainder-1": {"T": ["-1", "2"]},
    "half-margin-parabola-1": {"T": ["1", "60"]},
    "half-margin-parabola-3": {"v": ["0", "2"]},
    "joint-cosine-inequality-1": {"x": ["-1", "2"]},
    "turned-samples-inequality-1": {"g_kept": ["1/100000", "1"]},
    "threshold-explicit-1": {"C": ["1/2", "20"]},
}


@pytest.mark.parametrize("name", WIDER)
def test_a_wider_box_is_refused(name):
    data = CERTIFICATES[name]
    assert set(WIDER[name]) <= set(data["sides"])
    with pytest.raises(Refused):
        verify(tampered(data, sides=data["sides"] | WIDER[name]))


@pytest.mark.parametrize("name", [n for n, data in CERTIFICATES.items() if data["contacts"]])
def test_a_moved_contact_or_another_order_is_refused(name):
    data = CERTIFICATES[name]
    (contact,) = data["contacts"]
    symbol = next(iter(contact["at"]))
    with pytest.raises(Refused):
        verify(tampered(data, contacts=[contact | {"at": contact["at"] | {symbol: "1/2"}}]))
    with pytest.raises(Refused):
        verify(tampered(data, contacts=[contact | {"order": contact["order"] + 1}]))
    if contact["order"] > 1:  # at a contact of order 1 the slope alone proves the leaf
        with pytest.raises(Refused):
            verify(tampered(data, contacts=[]))


@pytest.mark.parametrize(
    "change",
    [
        {"rhs": "__import__('os').getcwd()"},
        {"rhs": "T.__class__"},
        {"rhs": "0.5*T"},
        {"rhs": "sin(T)"},
        {"rhs": "T + S"},
        {"relation": "=="},
        {"domains": {"T": "complex"}},
        {"domains": {}},
        {"sides": {"T": ["0", "inf"]}},
        {"sides": {"T": ["0", 2]}},
        {"sides": {"T": ["2", "0"]}},
        {"tree": ["q"]},
        {"tree": ["7"]},
        {"tree": None},
    ],
)
def test_what_is_no_certificate_is_refused(change):
    with pytest.raises(Refused):
        verify(tampered(CERTIFICATES["exponential-remainder-1"], **change))


def test_the_command(tmp_path, capsys):
    assert main([str(FILES[0]), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["verdict"] == "CONFIRMED"
    data = json.loads(FILES[0].read_text())
    data["certificates"][0]["tree"] = ["v"]
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(data))
    assert main([str(bad)]) == 1
    assert "REFUSED" in capsys.readouterr().out
    assert main([str(tmp_path / "missing.json")]) == 1


def test_the_checker_shares_no_code_with_what_it_checks():
    code = (
        "import sys, theory.recheck.__main__ as m; code = m.main([]); "
        "own = sorted(n for n in sys.modules if n.startswith('theory.')); "
        "assert all(n.startswith('theory.recheck') for n in own), own; "
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("CONFIRMED") == len(FILES)
    for path in (ROOT / "recheck").glob("*.py"):
        assert "flint" not in path.read_text()


def test_certificates_are_packaged():
    text = (ROOT.parent / "pyproject.toml").read_text()
    assert '"theory.certificates" = ["stored/*.json"]' in text


def test_a_symbol_that_is_no_name_is_not_stored():
    import sympy

    from theory.certificates.cover import Inequality

    odd = sympy.Symbol("lambda", positive=True)
    claim = Inequality.on(sympy.Integer(0), odd, {odd: (0, 1)}, (Contact({odd: 0}, 1),))
    with pytest.raises(ValueError, match="rename"):
        store.described(claim)
    assert store.find(claim) is None


def test_the_builder_writes_what_both_checkers_accept(tmp_path, monkeypatch, capsys):
    from theory.certificates.__main__ import main as build

    monkeypatch.setattr(store, "FOLDER", tmp_path)
    assert build(["exponential-remainder"]) == 0
    assert "21 boxes" in capsys.readouterr().out
    assert main([str(tmp_path / "exponential-remainder.json")]) == 0
    assert build(["no-such-theorem"]) == 2
