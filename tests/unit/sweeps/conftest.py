# SPDX-License-Identifier: MIT
"""Small runs, a driver in a process of its own, and workers that die at a run's first measurement."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulations.configuration import Config
from simulations.sweeps import _collect, engine
from simulations.sweeps.store import Store

# Workers import this. A run with seed 13 kills its worker always; one with seed 14 the first time,
# at its first measurement.
DEADLY = """
import os, signal
from pathlib import Path

from simulations.sweeps import _runs

once = Path(ONCE)

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def execute(configs, device="auto", threads=1, abandoned=lambda: False):
    seeds = {config["seed"] for config in configs}
    if 13 in seeds:
        kill()
    if 14 in seeds and not once.exists():
        once.touch()
        return _runs.execute(configs, device, threads, kill)
    return _runs.execute(configs, device, threads, abandoned)

def serve(line):
    from simulations.sweeps import engine
    engine.execute = execute
    engine._serve(line)

def dask_setup(worker):
    from simulations.sweeps import cluster
    cluster.execute = execute
"""

DRIVER = """
import json, multiprocessing, sys, time
from pathlib import Path
from simulations.sweeps import _collect, engine
from simulations.sweeps.store import Store

here, configs, store, workers, name = Path(sys.argv[1]), *sys.argv[2:]
real = engine.execute
def execute(configs, *rest):
    print("computes", configs[0]["seed"], flush=True)
    return real(configs, *rest)
engine.execute = execute

def progress(name, done, total):
    print("done", done, *[child.pid for child in multiprocessing.active_children()], flush=True)

if workers == "0":
    import torch
(here / f"{name}.ready").touch()
while not (here / "go").exists():
    time.sleep(0.01)
# Without an `if __name__ == "__main__"` guard, as a user's script may be.
configs = json.loads(Path(configs).read_text())
local = engine.Local(workers=int(workers))
_collect.collect(name, configs, store=Store(store), engine=local, progress=progress)
"""


@pytest.fixture(scope="session")
def runs():
    """runs(seeds, **changes): configurations of milliseconds each."""

    def make(seeds, **changes):
        settings = {"points": 40, "epochs": 2, "width": 32, "measurements": 2, **changes}
        options = {"points": settings.pop("points")}
        fixed = {"dataset": "gaussian-mixture", "dataset_options": options, "depth": 3, "weight_decay": 1e-3}
        return [Config(**fixed, **settings, seed=seed).to_dict() for seed in seeds]

    return make


@pytest.fixture(scope="session")
def collect():
    """collect(folder, configs, **engine options): the records, made in this process unless told otherwise."""

    def call(folder, configs, *, progress=None, on=None, **options):
        on = on or engine.Local(**{"workers": 0, **options})
        return _collect.collect("test", configs, store=Store(folder), engine=on, progress=progress)

    return call


@pytest.fixture(scope="session")
def files():
    """The bytes of a store's records, by file name."""
    return lambda folder: {path.name: path.read_bytes() for path in Path(folder).glob("*.json")}


@pytest.fixture
def driver(tmp_path):
    """driver(name, configs, store, workers): a driver in its own process; it starts when `go` is touched."""
    (tmp_path / "driver.py").write_text(DRIVER)
    started = []

    def start(name, configs, store, workers):
        (tmp_path / f"{name}.configs").write_text(json.dumps(configs))
        given = [tmp_path, tmp_path / f"{name}.configs", store, workers, name]
        command = [sys.executable, str(tmp_path / "driver.py"), *map(str, given)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def deadly(tmp_path_factory):
    """The file of the workers that die."""
    path = tmp_path_factory.mktemp("deadly") / "deadly_workers.py"
    path.write_text(DEADLY.replace("ONCE", repr(str(path.with_name("died")))))
    return path
