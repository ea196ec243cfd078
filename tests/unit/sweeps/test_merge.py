# SPDX-License-Identifier: MIT
"""Merging, listing and checking stores: overlap, a conflict, damage, nothing twice."""

import json
import os
import subprocess
import sys

import pytest

from simulations.__main__ import main
from simulations.sweeps import _files
from simulations.sweeps._merge import merge
from simulations.sweeps.store import Damaged, Record, Store, content_key

HISTORY = [
    {"epoch": 1, "train_accuracy": 1.0, "train_loss": 0.25, "collapse": {"loss": 0.5, "nc1": {"a": 2.0}}}
]


@pytest.fixture
def record(runs):
    """record(seed, loss): a record whose key is today's, with that loss."""

    def make(seed, loss=0.5, execution=None):
        config = runs([seed])[0]
        collapse = {**HISTORY[0]["collapse"], "loss": loss}
        history = [{**HISTORY[0], "collapse": collapse}]
        made = {"machine": "one", "seconds": 1.0}
        return Record(content_key(config, execution), config, history, 1, made, execution)

    return make


def stored(folder, *records):
    for each in records:
        Store(folder).write(each)
    return Store(folder)


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_stores_with_overlap_become_one_and_a_second_merge_changes_nothing(tmp_path, record, files):
    one = stored(tmp_path / "1", record(0), record(1))
    two = stored(tmp_path / "2", record(1), record(2), record(2, execution="batched"))
    before = everything(two.folder)
    done = merge(two, one)
    assert (len(done.copied), done.had, done.conflicts, done.damaged) == (2, [record(1).key], {}, {})
    assert everything(two.folder) == before
    assert files(one.folder).items() >= files(two.folder).items()
    assert len(list(one)) == 4
    assert one.load(record(2).key) == record(2)
    assert one.load(record(2, execution="batched").key).execution == "batched"
    whole = everything(one.folder)
    assert len(merge(two, one).had) == 3
    assert everything(one.folder) == whole


def test_a_conflict_keeps_both_once_and_names_the_numbers(tmp_path, record, capsys):
    mine, theirs = record(0, 0.5), record(0, 0.5 * (1 + 2**-30))
    one, two = stored(tmp_path / "1", mine), stored(tmp_path / "2", theirs)
    for _ in range(2):
        assert main(["records", "merge", str(two.folder), "--store", str(one.folder)]) == 1
        out = capsys.readouterr().out
        assert (
            f"{mine.key}: conflict, both kept: 1 values differ, first history[0].collapse.loss: 0.5 here"
            in out
        )
        assert "largest relative difference is 9.3e-10" in out
        assert one.load(mine.key) == mine
        kept = one.folder / "conflicts" / f"{mine.key}-1.json"
        assert kept.read_bytes() == two.path(mine.key).read_bytes()
    assert len(list((one.folder / "conflicts").glob("*.json"))) == 2, "numbers and provenance, once"
    assert list(one) == [mine.key]
    assert main(["records", "check", "--store", str(one.folder), "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)["problems"]) == [f"conflicts/{mine.key}-1.json"]


def test_damage_elsewhere_is_left_out_and_damage_here_is_replaced(tmp_path, record, capsys):
    one, two = stored(tmp_path / "1", record(0)), stored(tmp_path / "2", record(0), record(1))
    two.path(record(1).key).write_bytes(b"{}")
    one.path(record(0).key).write_bytes(one.path(record(0).key).read_bytes().replace(b"0.25", b"0.26"))
    assert main(["records", "check", "--store", str(one.folder)]) == 1
    assert "damaged: its checksum does not fit" in capsys.readouterr().out
    assert main(["records", "merge", str(two.folder), "--store", str(one.folder), "--json"]) == 1
    (done,) = json.loads(capsys.readouterr().out)["merged"].values()
    assert done["copied"] == [record(0).key]
    assert list(done["damaged"]) == [record(1).key]
    assert one.load(record(0).key) == record(0)
    with pytest.raises(Damaged):
        two.load(record(1).key)


def test_a_record_that_comes_while_merging_is_not_overwritten(tmp_path, record, monkeypatch):
    one, two = Store(tmp_path / "1"), stored(tmp_path / "2", record(0, 0.5))
    link = os.link

    def late(source, target):
        monkeypatch.setattr(_files.os, "link", link)
        one.write(record(0, 0.75))
        return link(source, target)

    monkeypatch.setattr(_files.os, "link", late)
    done = merge(two, one)
    assert (done.copied, list(done.conflicts)) == ([], [record(0).key])
    assert one.load(record(0).key).final["collapse"]["loss"] == 0.75


def test_the_list_says_which_runs_are_current(tmp_path, record, capsys):
    old = Record("ab" * 16, record(1).config, HISTORY, None, {})
    stored(tmp_path, record(0), old)
    assert main(["records", "list", "--store", str(tmp_path), "--json"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)["records"]}
    assert (rows[record(0).key]["current"], rows["ab" * 16]["current"]) == (True, False)
    assert main(["records", "list", "--store", str(tmp_path)]) == 0
    assert "2 runs in" in (out := capsys.readouterr().out)
    assert "1 of them of other code or libraries" in out


@pytest.mark.parametrize("action", [["list"], ["check"], ["merge", "absent"], ["merge", "{here}"], []])
def test_bad_requests_are_one_line_and_status_2(tmp_path, action, capsys):
    where = tmp_path if "{here}" in action else tmp_path / "absent"
    words = [word.format(here=tmp_path) for word in action]
    assert main(["records", *words, *(["--store", str(where)] if action else [])]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.strip().splitlines())) == ("", 1)


def test_listing_needs_no_torch(tmp_path, record):
    stored(tmp_path, record(0))
    script = (
        "import sys\nfrom simulations.__main__ import main\n"
        f"status = main(['records', 'list', '--store', {str(tmp_path)!r}])\n"
        "print(status, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0 False"
