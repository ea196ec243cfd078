# SPDX-License-Identifier: MIT
"""The store: what a key depends on, atomic and verified records, bytes that depend on the key alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulations.configuration import Config
from simulations.sweeps import store as store_module
from simulations.sweeps.store import Record, Store, canonical, closure, code_hash, content_key

CONFIG = Config(dataset="conic-hull", dataset_options={"points": 120}, depth=2, width=4, epochs=1).to_dict()
HISTORY = [{"epoch": 1, "train_accuracy": 0.5, "train_loss": 0.1 + 0.2, "collapse": {"loss": 1 / 3}}]


def record(**provenance):
    return Record("ab" * 16, CONFIG, HISTORY, 1, provenance)


def test_round_trip_is_exact(tmp_path):
    store = Store(tmp_path)
    store.write(record(seconds=1.0))
    back = store.read("ab" * 16)
    assert back == record(seconds=1.0)
    assert back.final["train_loss"] == 0.1 + 0.2
    assert list(store.keys()) == ["ab" * 16]
    assert store.read("cd" * 16) is None
    assert not list(tmp_path.rglob("*.tmp"))


def test_provenance_is_beside_the_numbers(tmp_path):
    first, second = Store(tmp_path / "1"), Store(tmp_path / "2")
    first.write(record(seconds=1.0, machine="one"))
    second.write(record(seconds=2.0, machine="two"))
    assert first.path("ab" * 16).read_bytes() == second.path("ab" * 16).read_bytes()
    assert first.read("ab" * 16).provenance["machine"] == "one"


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b"0.5", b"0.6"),
        lambda raw: b"",
        lambda raw: b"[1, 2]",
        lambda raw: raw.replace(b"ab" * 16, b"cd" * 16),
        lambda raw: b"\xff\xfe" + raw,
    ],
    ids=["cut short", "a changed number", "empty", "another shape", "another key", "not text"],
)
def test_a_damaged_record_is_set_aside(tmp_path, capsys, damage):
    store = Store(tmp_path)
    store.write(record())
    path = store.path("ab" * 16)
    spoiled = damage(path.read_bytes())
    path.write_bytes(spoiled)
    assert store.read("ab" * 16) is None
    assert not path.exists()
    assert (tmp_path / f"{'ab' * 16}.damaged-1").read_bytes() == spoiled
    assert "damaged" in capsys.readouterr().err


def test_a_failed_write_leaves_nothing_that_counts(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        Store(tmp_path).write(record())
    monkeypatch.undo()
    assert Store(tmp_path).read("ab" * 16) is None
    assert list(Store(tmp_path).keys()) == []


def test_nan_is_refused():
    with pytest.raises(ValueError):
        canonical({"x": float("nan")})


@pytest.mark.parametrize("change", [{"seed": 1}, {"weight_decay": 1e-3}, {"epochs": 2}, {"dataset": "mlp3"}])
def test_every_choice_is_in_the_key(change):
    assert content_key({**CONFIG, **change}) != content_key(CONFIG)
    assert content_key(dict(reversed(CONFIG.items()))) == content_key(CONFIG)


def test_library_versions_are_in_the_key(monkeypatch):
    before = content_key(CONFIG)
    monkeypatch.setattr(store_module, "versions", lambda: {"torch": "0.0"})
    assert content_key(CONFIG) != before


def test_code_is_in_the_key_but_other_datasets_are_not(monkeypatch):
    before = code_hash(CONFIG)
    names = {path.name for path in closure(CONFIG)}
    assert {"loop.py", "conic_hull.py", "mlp.py", "cross_entropy.py", "scalars.py"} <= names
    assert not {"digits.py", "engine.py", "sweep.py", "comparison.py"} & names
    digest = store_module.source_digest

    def changed(path):
        return "0" if path.name == "conic_hull.py" else digest(path)

    monkeypatch.setattr(store_module, "source_digest", changed)
    assert code_hash(CONFIG) != before
    assert code_hash({**CONFIG, "dataset": "digits"}) != code_hash(CONFIG)


def test_the_closure_covers_what_a_run_imports():
    """Every project module that a run imports is hashed, or is derived data, or only hands names on."""
    script = (
        "import sys, json\n"
        "from simulations.sweeps.engine import execute\n"
        f"execute([json.loads({json.dumps(json.dumps(CONFIG))})])\n"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items()"
        " if n.split('.')[0] in ('simulations', 'theory') and m.__file__]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    imported = {Path(name).resolve() for name in json.loads(done.stdout.splitlines()[-1])}
    root = Path(store_module.__file__).resolve().parents[2]
    unhashed = {str(path.relative_to(root)) for path in imported - set(closure(CONFIG))}
    allowed = {
        f"simulations/{name}.py" for name in ("__init__", "errors", "comparison", "evidence", "devices")
    }
    # Theorems become guarantees (kept apart); other extensions are imported by discovery, and do not run.
    extensions = tuple(f"simulations/{kind}/" for kind in ("datasets", "losses", "networks"))
    for name in unhashed - allowed:
        assert name.startswith(("theory/", "simulations/sweeps/", *extensions)), name
        assert not (name.startswith(extensions) and Path(name).name.startswith("_")), f"{name}: a helper"


def test_arrays_round_trip_through_json_as_float64():
    values = np.random.default_rng(0).standard_normal(100).tolist()
    assert json.loads(canonical(values)) == values
