# SPDX-License-Identifier: MIT
"""Checks over several processes: which go together, the same rows, and what a death costs."""

import json

import pytest

from theory import verdicts


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
