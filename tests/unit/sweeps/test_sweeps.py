# SPDX-License-Identifier: MIT
"""Sweeps: presets, resuming, interruption, damage, planted violations, bad requests."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simulations import comparison, sweeps
from simulations.configuration import Config
from simulations.errors import BoundViolation, InputError
from simulations.sweeps import _collect, engine, run_sweep
from simulations.sweeps.store import Store

SHORT = [
    Config(
        dataset="gaussian-mixture",
        dataset_options={"points": 40},
        depth=3,
        width=32,
        epochs=2,
        measurements=2,
        weight_decay=1e-3,
        seed=seed,
    ).to_dict()
    for seed in range(6)
]


def collect(folder, configs=SHORT, progress=None, **options):
    local = engine.Local(**{"workers": 0, **options})
    return _collect.collect("test", configs, store=Store(folder), engine=local, progress=progress)


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.json")}


@pytest.mark.parametrize("name", sweeps.names())
@pytest.mark.parametrize("preset", ["quick", "paper", "tiny"])
def test_every_preset_is_a_grid_of_distinct_runs_over_batch_norms_and_json(name, preset):
    configs = sweeps.get(name).configs(preset)
    texts = {json.dumps(config, sort_keys=True) for config in configs}
    assert len(texts) == len(configs) > 1
    variants = {config["batch_norm"] for config in configs}
    assert {"scale-only", "none"} <= variants or variants == {"affine"}  # as published, where only that was
    assert [Config.from_dict(config).to_dict() for config in configs] == configs


def test_paper_preset_of_the_synthetic_sweep_is_the_published_protocol():
    configs = sweeps.get("synthetic").configs("paper")
    assert {config["dataset_options"]["points"] for config in configs} == {10_000}
    assert {config["width"] for config in configs} == {300}
    assert {config["epochs"] for config in configs} == {300}
    assert {config["batch_size"] for config in configs} == {128}
    assert {config["learning_rate"] for config in configs} == {1e-3}
    assert {config["weight_decay"] for config in configs} == {1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2}
    assert {config["depth"] for config in configs} == {4, 6}


@pytest.fixture(scope="module")
def tiny_records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    return folder, {name: run_sweep(name, preset="tiny", store=folder) for name in sweeps.names()}


def test_tiny_sweeps_learn_and_come_back_in_grid_order(tiny_records):
    _, records = tiny_records
    for name, found in records.items():
        if sweeps.unavailable(name):
            assert found == []
            continue
        assert [record.config for record in found] == sweeps.get(name).configs("tiny")
        for record in found:
            assert record.final["train_loss"] < record.history[0]["train_loss"]
            assert record.provenance["seconds"] > 0


def test_a_second_call_reads_the_store_without_torch(tiny_records):
    folder, _ = tiny_records
    script = (
        "import sys\n"
        "from simulations import sweeps\n"
        "for name in sweeps.names():\n"
        f"    sweeps.run_sweep(name, preset='tiny', store={str(folder)!r})\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_two_stores_have_the_same_bytes(tmp_path):
    collect(tmp_path / "1")
    collect(tmp_path / "2")
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert len(files(tmp_path / "1")) == len(SHORT)


def test_a_damaged_record_is_made_again(tmp_path, capsys):
    records = collect(tmp_path)
    whole = files(tmp_path)
    path = tmp_path / f"{records[2].key}.json"
    path.write_bytes(path.read_bytes()[:100])
    calls = []
    again = collect(tmp_path, progress=lambda *call: calls.append(call))
    assert calls == [("test", 5, 6), ("test", 6, 6)]
    assert files(tmp_path) == whole
    assert [r.history for r in again] == [r.history for r in records]
    assert "damaged" in capsys.readouterr().err


def test_interruption_says_what_is_stored_and_the_next_call_goes_on(tmp_path, capsys):
    def interrupt(name, done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(tmp_path, progress=interrupt)
    assert "2 of 6 runs are stored" in capsys.readouterr().err
    calls = []
    collect(tmp_path, progress=lambda *call: calls.append(call[1]))
    assert calls == [2, 3, 4, 5, 6]


def planted(kind, bound=0.0):
    side = SimpleNamespace(quantity="within_class_variability", direction="<=", delta=None, inputs=())
    return SimpleNamespace(
        name="planted", kind=kind, measurable=side, unmet=lambda **_: [], evaluate=lambda **_: bound
    )


def test_a_violated_proved_bound_stops_the_sweep_and_saves_arrays(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "_registry", lambda _: {"planted": planted("upper")})
    with pytest.raises(BoundViolation, match="planted") as caught:
        collect(tmp_path)
    assert files(tmp_path) == {}, "the contradicted run is not stored"
    with np.load(caught.value.path) as saved:
        arrays = {name: saved[name] for name in ("features", "labels", "weight", "weight_decay")}
    monkeypatch.undo()
    from simulations.measurement import measure

    again = measure(**{**arrays, "weight_decay": float(arrays["weight_decay"])})
    assert again.within_class_variability == pytest.approx(caught.value.rows[0]["measured"], rel=1e-12)


def test_a_contradicted_published_claim_does_not_stop_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "_registry", lambda _: {"planted": planted("published")})
    records = collect(tmp_path, SHORT[:1])
    assert records[0].final["collapse"]["guarantees"][0]["holds"] is False


def test_new_theorems_are_held_against_old_records_without_training(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "_registry", lambda _: {"planted": planted("upper", bound=1.0)})
    monkeypatch.setattr("simulations.sweeps._guarantees.code", lambda: "one")
    collect(tmp_path, SHORT[:2])
    whole = files(tmp_path)
    monkeypatch.setattr(engine, "execute", None)  # training anything would fail
    monkeypatch.setattr("simulations.sweeps._guarantees.code", lambda: "two")
    monkeypatch.setattr(comparison, "_registry", lambda _: {"planted": planted("upper", bound=2.0)})
    again = collect(tmp_path, SHORT[:2])
    assert again[0].final["collapse"]["guarantees"][0]["bound"] == 2.0
    assert files(tmp_path) == whole
    monkeypatch.setattr("simulations.sweeps._guarantees.code", lambda: "three")
    monkeypatch.setattr(comparison, "_registry", lambda _: {"planted": planted("upper", bound=0.0)})
    with pytest.raises(BoundViolation, match="planted"):
        collect(tmp_path, SHORT[:2])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: run_sweep("sinthetic"), "synthetic"),
        (lambda: run_sweep("digits", preset="quik"), "quick"),
        (lambda: run_sweep("digits", workers=-1), "workers"),
    ],
)
def test_bad_requests_are_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()
