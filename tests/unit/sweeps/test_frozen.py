# SPDX-License-Identifier: MIT
"""Frozen records: every number to the last bit, the same bytes twice, damage said, runs made again."""

import gzip
import json
from dataclasses import replace

import pytest

from simulations import sweeps
from simulations.__main__ import main
from simulations.errors import InputError
from simulations.sweeps import _reproduction, frozen
from simulations.sweeps._columns import columns, flat, rows
from simulations.sweeps._reproduction import compare, reproduce
from simulations.sweeps._runs import execute
from simulations.sweeps.store import Record, Store, canonical, content_key, provenance

NAME = "frozen-gamma-tiny"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two of the three runs of a tiny sweep."""
    made = Store(tmp_path_factory.mktemp("store"))
    for config in sweeps.get("frozen-gamma").configs("tiny")[:2]:
        (outcome,) = execute([config], "cpu")
        history = [{**row, "collapse": {**row["collapse"]}} for row in outcome.history]
        for row in history:
            del row["collapse"]["guarantees"]
        made.write(
            Record(
                content_key(config),
                config,
                history,
                outcome.terminal_phase_epoch,
                provenance(outcome.seconds),
            )
        )
    return made


@pytest.fixture
def kept(store, tmp_path):
    frozen.freeze("frozen-gamma", store=store, preset="tiny", folder=tmp_path)
    return tmp_path


def stored(store):
    return {key: store.load(key) for key in store.keys()}  # noqa: SIM118 - a store is no dictionary


def test_freezing_takes_what_is_there_says_what_is_missing_and_writes_the_same_bytes_twice(store, tmp_path):
    done = frozen.freeze("frozen-gamma", store=store, preset="tiny", folder=tmp_path / "1")
    assert (done.name, done.runs, done.grid, done.thinned) == (NAME, 2, 3, 1)
    assert done.missing == sweeps.get("frozen-gamma").configs("tiny")[2:]
    assert done.size == len(done.path.read_bytes()) <= frozen.LIMIT
    again = frozen.freeze("frozen-gamma", store=store, preset="tiny", folder=tmp_path / "2")
    assert again.path.read_bytes() == done.path.read_bytes()
    assert frozen.names(tmp_path / "1") == [NAME]
    assert frozen.header(NAME, tmp_path / "1")["grid"] == 3


def test_frozen_numbers_are_the_stored_ones_and_say_how_they_were_made(store, kept):
    found = frozen.records(NAME, folder=kept, guarantees="none")
    assert len(found) == 2
    for record in found:
        original = stored(store)[record.key]
        assert canonical(record.history) == canonical(original.history)
        assert record.config == original.config
        assert record.terminal_phase_epoch == original.terminal_phase_epoch
        words = record.provenance.pop("frozen")
        assert record.provenance == original.provenance
        assert original.provenance["date"] in words
        assert str(original.provenance["commit"]) in words


def test_records_are_read_whatever_became_of_the_code(kept, monkeypatch):
    monkeypatch.setattr("simulations.sweeps.store.content_key", None)
    monkeypatch.setattr("simulations.sweeps.store.code_hash", None)
    monkeypatch.setattr("simulations.sweeps.get", None)
    assert len(frozen.records(NAME, folder=kept, guarantees="none")) == 2


def test_guarantees_are_derived_from_todays_theorems_and_kept_where_asked(kept, tmp_path):
    last = frozen.records(NAME, folder=kept)[0]
    assert "guarantees" not in last.history[0]["collapse"]
    assert {row["holds"] for row in last.final["collapse"]["guarantees"]} >= {True}
    cache = tmp_path / "cache"
    every = frozen.records(NAME, folder=kept, guarantees="all", cache=cache)[0]
    assert all(row["collapse"]["guarantees"] for row in every.history)
    assert every.final == last.final
    file = cache / f"{every.key}.json"
    content = json.loads(file.read_bytes())
    content["rows"][0][0]["theorem"] = "read from the cache"
    file.write_bytes(canonical(content))
    again = frozen.records(NAME, folder=kept, guarantees="all", cache=cache)[0]
    assert again.history[0]["collapse"]["guarantees"][0]["theorem"] == "read from the cache"
    with pytest.raises(InputError, match="last"):
        frozen.records(NAME, folder=kept, guarantees="lats")


def rewrite(folder, change):
    """Decompress, change the lines, and put the file back without repairing any checksum."""
    path = folder / f"{NAME}.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines()
    path.write_bytes(gzip.compress(b"\n".join(change(lines)) + b"\n"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[:-1], "announces 2 runs and holds 1"),
        (lambda lines: [lines[0], lines[1].replace(b"0.", b"1.", 1), lines[2]], "checksum of line 2"),
        (lambda lines: [lines[0], lines[2], lines[1]], "checksum of its lines"),
        (lambda lines: [lines[0].replace(b'"format":1', b'"format":7'), *lines[1:]], "format is 7"),
        (lambda lines: [b"no json", *lines[1:]], "damaged"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(kept, change, says):
    rewrite(kept, change)
    with pytest.raises(InputError, match=says):
        frozen.records(NAME, folder=kept)


@pytest.mark.parametrize("length", [0, 5, 300])
def test_a_truncated_file_is_refused(kept, length):
    path = kept / f"{NAME}.jsonl.gz"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match="damaged"):
        frozen.header(NAME, kept)


def test_absent_files_name_the_nearest_or_the_place(kept, tmp_path):
    with pytest.raises(InputError, match=f"did you mean '{NAME}'"):
        frozen.records("frozen-gama-tiny", folder=kept)
    nowhere = tmp_path / "nowhere"
    with pytest.raises(InputError, match=rf"{nowhere}.*not of an installed package"):
        frozen.records("synthetic", folder=nowhere)
    assert frozen.names(nowhere) == []
    with pytest.raises(InputError, match="none of the 3 runs"):
        frozen.freeze("frozen-gamma", store=Store(kept), preset="tiny", folder=kept)
    with pytest.raises(InputError, match="no folder"):
        frozen.freeze("frozen-gamma", store=nowhere, preset="tiny", folder=kept)


def test_a_file_over_the_limit_keeps_every_kth_epoch_and_the_first(store, tmp_path, monkeypatch):
    for record in stored(store).values():
        longer = [{**record.history[0], "epoch": epoch, "extra": epoch / 7} for epoch in range(1, 12)]
        Store(tmp_path / "long").write(replace(record, history=longer))
    whole = frozen.freeze("frozen-gamma", store=tmp_path / "long", preset="tiny", folder=tmp_path)
    monkeypatch.setattr(frozen, "LIMIT", whole.size - 1)
    thinned = frozen.freeze("frozen-gamma", store=tmp_path / "long", preset="tiny", folder=tmp_path)
    assert thinned.thinned == 2
    assert thinned.size < whole.size
    history = frozen.records(NAME, folder=tmp_path, guarantees="none")[0].history
    assert [row["epoch"] for row in history] == [1, 3, 5, 7, 9, 11]
    assert frozen.kept(12, 3) == [0, 2, 5, 8, 11]
    monkeypatch.setattr(frozen, "LIMIT", 100)
    with pytest.raises(InputError, match="100 at most"):
        frozen.freeze("frozen-gamma", store=tmp_path / "long", preset="tiny", folder=tmp_path)


def test_columns_are_lossless_also_for_none_missing_and_empty_values():
    history = [
        {"a": 0.1 + 0.2, "b": {"c": None, "d": {}}, "e": 1, "f": -0.0, "g": 0.3},
        {"a": 1e-300, "b": {"c": None, "d": {}}, "e": 1.0, "f": 0.0, "g": 0.3, "h": {"i": 7}},
        {"a": 5e-324, "b": {"c": None, "d": {}}, "e": True, "f": 0.0, "g": 0.3},
    ]
    assert canonical(rows(columns(history), 3)) == canonical(history)
    twins = [{"x": k / 3, "y": k / 3} for k in range(3)]
    assert columns(twins)["y"] == {"as": "x"}
    assert rows(columns(twins), 3) == twins
    with pytest.raises(ValueError, match="values for"):
        rows({"x": [1, 2]}, 3)
    with pytest.raises(ValueError, match="in its name"):
        flat({"a/b": 1})


def test_runs_made_again_are_bit_identical_and_a_changed_number_is_found(kept, store):
    results = reproduce(NAME, sample=2, seed=0, folder=kept)
    assert [found.verdict for found in results] == ["bit-identical"] * 2
    assert {found.key for found in results} == set(stored(store))
    for found in results:
        numbers = 1 + sum(len(flat(row)) for row in stored(store)[found.key].history)
        assert found.identical == found.numbers == numbers
        assert found.worst is None
        assert found.changed == {}
    old = frozen.records(NAME, folder=kept, guarantees="none")[0]
    new = replace(old, history=json.loads(canonical(old.history)))
    new.history[1]["collapse"]["nc1"]["cdnv"] *= 1 + 1e-12
    found = compare(old, new, tolerance=1e-9)
    assert (found.verdict, found.numbers - found.identical) == ("within tolerance", 1)
    assert (found.worst["quantity"], found.worst["epoch"]) == ("collapse/nc1/cdnv", old.history[1]["epoch"])
    new.history[1]["collapse"]["nc1"]["cdnv"] *= 1.5
    assert compare(old, new, tolerance=0.05).verdict == "differs"
    other = replace(old, terminal_phase_epoch=(old.terminal_phase_epoch or 0) + 99)
    assert compare(old, other, tolerance=0.05).verdict == "differs"
    del new.history[1]["collapse"]["nc1"]["cdnv"]
    assert compare(old, new, tolerance=1.0).absent == ("collapse/nc1/cdnv",)
    assert compare(old, new, tolerance=1.0).verdict == "differs"


def test_a_tampered_store_is_found_by_the_command(store, tmp_path, capsys):
    for record in stored(store).values():
        history = json.loads(canonical(record.history))
        history[-1]["train_loss"] *= 1.2
        Store(tmp_path / "tampered").write(replace(record, history=history))
    where = ["--folder", str(tmp_path)]
    frozen_run = [
        "frozen",
        "freeze",
        "frozen-gamma",
        "--preset",
        "tiny",
        "--store",
        str(tmp_path / "tampered"),
    ]
    assert main([*frozen_run, *where]) == 0
    assert "2 of 3 runs" in capsys.readouterr().out
    assert main(["frozen", "reproduce", NAME, "--sample", "1", *where, "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["runs"]
    assert found["verdict"] == "differs"
    assert found["worst"]["quantity"] == "train_loss"
    assert found["worst"]["difference"] == pytest.approx(1 / 6)
    assert found["numbers"] - found["identical"] == 1
    assert main(["frozen", "list", *where]) == 0
    assert "2 of 3 runs" in capsys.readouterr().out
    assert main(["frozen", "show", NAME, *where, "--json"]) == 0
    assert [row["key"] for row in json.loads(capsys.readouterr().out)["records"]] != []
    assert main(["frozen", "show", "other", *where]) == 2


def test_what_cannot_be_made_again_is_said(kept, monkeypatch):
    old = frozen.records(NAME, folder=kept, guarantees="none")[0]
    strange = replace(old, config={**old.config, "batch_size_2": 3})
    found = _reproduction._again(strange, 0.05, "cpu")
    assert found.verdict == "not run"
    assert "batch_size_2" in found.reason
    assert _reproduction._again(replace(old, execution="batched"), 0.05, "cpu").verdict == "not run"
    for sample in (0, 3, True):
        with pytest.raises(InputError, match="from 1 to 2"):
            reproduce(NAME, sample=sample, folder=kept)
