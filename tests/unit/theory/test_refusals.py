# SPDX-License-Identifier: MIT
"""Bad theorem files: refused with the file, the step and the reason, while everything else verifies."""

import json

import pytest

import theory
from theory import registry
from theory.symbols import SHARED, TABLE

HEAD = """
from sympy import Rational, Symbol
from theory.configurations import simplex
from theory.entry import Entry, Statement, Twin
from theory.evaluation import Formula, value
from theory.expressions import Exists, Expansion, le
from theory.proving import combine, visible
from theory.symbols import T, alpha, beta, real, tau

def prove():
    return visible(le(0, T))

def entry(**changes):
    given = dict(
        name="bad", title="A title", kind="upper", source="a test (2026)", says="T is not negative.",
        statement_of=lambda: Statement(le(0, T)), prove=prove,
    )
    return Entry(**(given | changes))

"""

# The line on which what is appended begins.
FIRST = HEAD.count("\n") + 1

AT_LOAD = {
    "syntax": ("THEOREM = entry(\n", f"line {FIRST}", "SyntaxError: '(' was never closed"),
    "import": (
        "import no_such_module\nTHEOREM = entry()\n",
        f"line {FIRST}",
        "No module named 'no_such_module'",
    ),
    "exception": ("1 / 0\nTHEOREM = entry()\n", f"line {FIRST}", "ZeroDivisionError"),
    "exit": ("raise SystemExit(3)\n", f"line {FIRST}", "SystemExit: 3"),
    "nothing": ("", "", "has no THEOREM of type Entry, but NoneType"),
    "text": ("THEOREM = 'a theorem'", "", "has no THEOREM of type Entry, but str"),
    "no source": ("given = vars(entry()); del given['source']; Entry(**given)", f"line {FIRST}", "'source'"),
    "empty source": ("THEOREM = entry(source='')", "line ", "source '' needs a year"),
    "folklore": ("THEOREM = entry(source='folklore')", "line ", "needs a year or theorem number"),
    "kind": ("THEOREM = entry(kind='fact')", "line ", "kind 'fact' must be one of"),
    "float at import": ("CLAIM = le(0.5, T)\nTHEOREM = entry()", f"line {FIRST}", "a float in 0.5"),
    "redeclared": (
        "alpha = real('alpha', 'a', 'another one')\nTHEOREM = entry()",
        "",
        "declares the symbol 'alpha' as real; the table of symbols says real, > 0",
    ),
    "uses unknown": ("THEOREM = entry(uses=('gone',))", "uses", "uses 'gone', which does not exist"),
    "uses text": ("THEOREM = entry(uses='fine')", "line ", "uses must be a tuple of names"),
}


def only(library, file):
    """The refusal of the one refused file; the good theorems beside it are there and verify."""
    (refusal,) = library.refusals
    assert refusal.file.endswith(f"/{file}")
    assert list(library.entries) == ["fine", "after"]
    assert [row.verdict for row in map(registry.check, library.entries.values())] == ["PROVED", "PROVED"]
    return refusal


@pytest.fixture
def goods(small):
    """Two good theorems, before and after any other in the alphabet."""
    small.good("aaa.py", name="fine")
    small.good("zzz.py", "fine", name="after")
    return small


@pytest.mark.parametrize(("text", "step", "words"), AT_LOAD.values(), ids=AT_LOAD)
def test_a_bad_file_is_refused_at_load_and_the_rest_verifies(goods, added, text, step, words):
    before = {name: TABLE[name] for name in SHARED}, dict(SHARED)
    goods.write("bad.py", HEAD + text)
    refusal = only(added(alone=True), "bad.py")
    assert refusal.step.startswith(step)
    assert words in refusal.reason
    assert ({name: TABLE[name] for name in SHARED}, dict(SHARED)) == before
    assert words in str(refusal)
    registry._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match=r"theorem file refused: .*bad\.py"):
        theory.theorems()


@pytest.mark.parametrize("file", ["2.1.py", "a-b.py", "my theorem.py"])
def test_a_file_name_that_python_cannot_import_is_refused(goods, added, file):
    goods.good(file, name="strange")
    assert "must be Python identifiers" in only(added(alone=True), file).reason


def test_hidden_files_are_no_theorems(goods, added):
    goods.write(".#bad.py", "not Python")
    goods.write(".hidden/bad.py", "not Python")
    assert added(alone=True).refusals == ()


def test_of_two_files_with_one_name_the_later_is_refused_and_both_are_named(goods, added):
    goods.good("other.py", name="fine")
    refusal = only(added(alone=True), "other.py")
    assert refusal.name == "fine"
    assert f"the name 'fine' is taken by {goods.folder / 'aaa.py'}" in refusal.reason
    assert registry.get("fine").file.endswith("aaa.py")


def test_a_circle_is_refused_with_all_that_is_on_it_or_builds_on_it(goods, added):
    goods.good("one.py", "two")
    goods.good("two.py", "one")
    goods.good("three.py", "two")
    library = added(alone=True)
    assert list(library.entries) == ["fine", "after"]
    reasons = {refusal.name: refusal.reason for refusal in library.refusals}
    assert set(reasons) == {"one", "two", "three"}
    assert "in a circle: one -> two -> one" in reasons["one"]
    assert reasons["three"].startswith("uses 'two', which was refused: theorems use each other")


def test_what_uses_a_refused_theorem_is_refused_with_the_reason(goods, added):
    goods.write("bad.py", HEAD + "THEOREM = entry(source='')")
    goods.write("broken.py", "from theory.entry import Entry\nTHEOREM = Entry(name='broken', source=)")
    goods.good("child.py", "fine", "broken")
    goods.good("grandchild.py", "child")
    library = added(alone=True)
    reasons = {refusal.name: str(refusal) for refusal in library.refusals}
    assert list(library.entries) == ["fine", "after"]
    assert set(reasons) == {None, "broken", "child", "grandchild"}
    assert "child.py, uses: uses 'broken', which was refused: " in reasons["child"]
    assert "broken.py: SyntaxError" in reasons["child"]
    assert "uses 'child', which was refused: uses 'broken'" in reasons["grandchild"]
    for name in ("broken", "child", "grandchild"):
        with pytest.raises(theory.UnknownTheorem) as caught:
            theory.get(name)
        assert isinstance(caught.value, registry.RefusedTheorem)
        assert str(caught.value) == f"the theorem {name!r} was refused: {reasons[name]}"


AT_CHECK = {
    "float in the claim": (
        "def claim():\n    return Statement(le(0.25 * T, T))\nTHEOREM = entry(statement_of=claim)",
        [f"line {FIRST + 1}, in claim", "a float in 0.25*T"],
    ),
    "float in an expansion": (
        "THEOREM = entry(statement_of=lambda: Statement(Expansion(T, alpha, (1, 0.5 * beta))))",
        ["a float in 0.5*beta"],
    ),
    "float in a formula": (
        "THEOREM = entry(formula=Formula(0.5 * value('L')))",
        ["a float in 0.5*L", "the formula"],
    ),
    "float in the proof": (
        "def prove():\n    return combine(le(0, T), {visible(le(0, T)): 1.0})\nTHEOREM = entry(prove=prove)",
        [f"line {FIRST + 1}, in prove", "algebra", "1.0 of type float is not an argument of a rule"],
    ),
    "float in a witness": (
        "TWIN = lambda: [Twin('less', Statement(le(T, 0)), simplex(2, values={T: 0.5}))]\n"
        "THEOREM = entry(twins_of=TWIN)",
        ["the false twin: less", "cannot use the float 0.5"],
    ),
    "undeclared": (
        "THEOREM = entry(statement_of=lambda: Statement(le(0, Symbol('myst', positive=True) + T)))",
        ["the symbol 'myst' is not declared", "T + myst"],
    ),
    "undeclared atom": (
        "from sympy import Function\nfrom theory.symbols import c\n"
        "THEOREM = entry(statement_of=lambda: Statement(le(0, Function('mystery', real=True)(c) ** 2)))",
        ["the atom 'mystery' is not declared", "mystery(c)**2"],
    ),
    "other assumptions": (
        "THEOREM = entry(statement_of=lambda: Statement(le(0, Symbol('alpha', real=True) ** 2)))",
        ["the symbol 'alpha' has the assumptions real; the table of symbols says real, > 0", "alpha**2"],
    ),
    "redeclared in the proof": (
        "def prove():\n    real('alpha', 'a', 'another')\n    return visible(le(0, T))\n"
        "THEOREM = entry(prove=prove)",
        ["declares the symbol 'alpha' as real; the table of symbols says real, > 0"],
    ),
    "a step that does not follow": (
        "def prove():\n    return combine(le(T, 2 * T), {visible(le(0, T)): 2}, label='twice')\n"
        "THEOREM = entry(prove=prove, statement_of=lambda: Statement(le(T, 2 * T)))",
        [f"line {FIRST + 1}, in prove", "KernelError: algebra (twice)", "not an identity"],
    ),
    "another statement": (
        "THEOREM = entry(statement_of=lambda: Statement(le(0, 2 * T)))",
        ["the proof does not end in the statement: it ends in |- 0 <= T"],
    ),
    "a true twin": (
        "THEOREM = entry(twins_of=lambda: [Twin('same', Statement(le(0, T)), simplex(2, values={T: 1}))])",
        ["the proof also establishes the false twin: same"],
    ),
    "no value": (
        "THEOREM = entry(twins_of=lambda: [Twin('less', Statement(le(T, tau)), simplex(2))])",
        ["the false twin: less: KeyError: tau has no value at the witness"],
    ),
    "any exception": (
        "def prove():\n    return [][1]\nTHEOREM = entry(prove=prove)",
        [f"line {FIRST + 1}, in prove", "IndexError"],
    ),
    "endless recursion": (
        "def prove():\n    return prove()\nTHEOREM = entry(prove=prove)",
        [f"line {FIRST + 1}, in prove", "RecursionError"],
    ),
    "unlisted": (
        "from theory.proving import theorem\nTHEOREM = entry(prove=lambda: theorem('fine'))",
        ["builds on 'fine' and does not list it in uses"],
    ),
    "sibling": (
        "from theory.theorems.aaa import prove as stolen\nTHEOREM = entry(prove=stolen)",
        ["imports the theorem file theory.theorems.aaa"],
    ),
    "relative": (
        "from .aaa import prove as stolen\nTHEOREM = entry(prove=stolen)",
        ["imports the theorem file .aaa"],
    ),
}


@pytest.mark.parametrize(("text", "words"), AT_CHECK.values(), ids=AT_CHECK)
def test_a_bad_theorem_is_refused_at_check_and_the_rest_verifies(goods, added, text, words):
    before = dict(SHARED)
    path = goods.write("bad.py", HEAD + text)
    library = added(alone=True)
    assert library.refusals == ()
    rows = {name: registry.check(entry) for name, entry in library.entries.items()}
    assert {name: row.verdict for name, row in rows.items()} == {
        "fine": "PROVED",
        "bad": "UNDECIDED",
        "after": "PROVED",
    }
    assert [row.expected for row in rows.values()] == [True, False, True]
    assert rows["bad"].evidence.startswith(str(path))
    for word in words:
        assert word in rows["bad"].evidence
    assert dict(SHARED) == before


def test_a_listed_premise_is_allowed(goods, added):
    goods.write(
        "good.py",
        HEAD
        + "from theory.proving import theorem\n"
        + "THEOREM = entry(name='good', prove=lambda: theorem('after'), uses=('after',))",
    )
    added(alone=True)
    assert registry.get("good").verify().verdict == "PROVED"


def test_a_session_may_use_a_name_of_the_library_for_something_else(goods, added):
    from theory.entry import Entry, Statement
    from theory.expressions import le
    from theory.proving import visible
    from theory.symbols import alpha, real

    try:
        mine = real("alpha", "a", "my own")
        assert added(alone=True).refusals == ()
        assert registry.get("fine").verify().expected
        statement = Statement(le(0, mine**2))
        own = Entry(
            "own", "t", "upper", "a test (2026)", "s", lambda: statement, lambda: visible(le(0, mine**2))
        )
        assert own.verify().verdict == "PROVED"
    finally:
        from theory import symbols

        symbols.SESSION.pop("alpha")
        TABLE["alpha"] = SHARED["alpha"]
    assert alpha.is_positive


def test_two_files_may_use_a_name_for_different_things(goods, added):
    for kind in ("positive", "real"):
        goods.write(
            f"{kind}.py",
            f"from theory.symbols import {kind}\n{HEAD}\nx_own = {kind}('x_own', 'x', 'a {kind} number')\n"
            f"THEOREM = entry(name='{kind}', statement_of=lambda: Statement(le(0, x_own**2)),\n"
            "    prove=lambda: visible(le(0, x_own**2)))",
        )
    goods.write(
        "thief.py",
        HEAD + "THEOREM = entry(statement_of=lambda: Statement(le(0, Symbol('x_own', positive=True))))",
    )
    library = added(alone=True)
    assert library.refusals == ()
    rows = {name: registry.check(entry) for name, entry in library.entries.items()}
    assert [name for name, row in rows.items() if not row.expected] == ["bad"]
    assert "the symbol 'x_own' is not declared" in rows["bad"].evidence


def test_measurements_keep_their_guarantees(small, added):
    """A broken file takes nothing from ``simulations.measure`` but its own guarantee."""
    import numpy as np

    from simulations import measure

    rng = np.random.default_rng(0)
    layer = {
        "features": rng.normal(size=(30, 4)),
        "labels": np.arange(30) % 3,
        "weight": rng.normal(size=(3, 4)),
    }
    known = [row["theorem"] for row in measure(**layer).to_dict()["guarantees"]]
    small.write("bad.py", HEAD + "THEOREM = entry(source='')")
    assert any(refusal.file.endswith("bad.py") for refusal in added().refusals)
    registry._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match="theorem file refused"):
        found = measure(**layer).to_dict()["guarantees"]
    assert [row["theorem"] for row in found] == known
    assert len(known) > 5


def test_the_command_prints_refusals_and_exits_1(goods):
    goods.write("bad.py", HEAD + "THEOREM = entry(source='')")
    goods.good("child.py", "bad")
    done = goods.run("--json", "--workers", "1")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [(row["name"], row["verdict"]) for row in found["theorems"]] == [
        ("fine", "PROVED"),
        ("after", "PROVED"),
    ]
    refused = {row["file"].rpartition("/")[2]: row for row in found["refused"]}
    assert set(refused) == {"bad.py", "child.py"}
    assert all(row.keys() == {"file", "name", "step", "reason"} for row in refused.values())
    assert done.stderr.count("refused: ") >= 2
    assert "needs a year" in done.stderr
    assert goods.run("fine").returncode == 0
    assert goods.run("--list").returncode == 1


def test_asking_for_a_refused_theorem_exits_1_and_for_an_unknown_one_2(goods):
    goods.good("broken.py", "gone")
    done = goods.run("broken", "fine", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [row["name"] for row in found["theorems"]] == ["fine"]
    assert [row["name"] for row in found["refused"]] == ["broken"]
    assert "uses 'gone', which does not exist" in done.stderr
    done = goods.run("--why", "broken")
    assert (done.returncode, done.stdout) == (1, "")
    assert "was refused" in done.stderr
    done = goods.run("brokn")
    assert done.returncode == 2
    assert "no theorem is called 'brokn'" in done.stderr


def test_a_failed_premise_fails_what_uses_it(goods):
    """The kernel would accept the later theorem; the ledger says that its premise has lost its evidence."""
    goods.change("aaa.py", "says=", "twins_of=lambda: [Twin('same', claim(), simplex(2))], says=")
    goods.change(
        "aaa.py",
        "import Entry, Statement",
        "import Entry, Statement, Twin\nfrom theory.configurations import simplex",
    )
    done = goods.run("--json")
    assert done.returncode == 1
    rows = {row["name"]: row for row in json.loads(done.stdout)["theorems"]}
    assert "establishes the false twin" in rows["fine"]["evidence"]
    assert rows["after"]["verdict"] == "UNDECIDED"
    assert not rows["after"]["expected"]
    assert "uses 'fine', which failed; by itself: PROVED" in rows["after"]["evidence"]
