# SPDX-License-Identifier: MIT
"""A Dask cluster of real processes on loopback: same bytes, lost workers, refusals, nothing to reach."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import simulations
from simulations import sweeps
from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.sweeps import SweepStopped, cluster, engine, run_sweep
from simulations.sweeps._definition import Sweep
from simulations.sweeps._fingerprint import differences

distributed = pytest.importorskip("distributed")
QUIET = {"dashboard_address": None, "host": "127.0.0.1", "silence_logs": 50}


@pytest.fixture(scope="module")
def workers(deadly):
    """The address of a scheduler with one worker, which a nanny starts again when it dies."""
    options = {"n_workers": 1, "threads_per_worker": 2, "preload": [str(deadly)]}
    with distributed.LocalCluster(**options, **QUIET) as found:
        yield found.scheduler_address


@pytest.fixture
def empty():
    """The address of a scheduler without workers."""
    with distributed.LocalCluster(n_workers=0, **QUIET) as found:
        yield found.scheduler_address


def test_a_lost_worker_costs_nothing_and_the_records_have_the_same_bytes(
    tmp_path, workers, runs, collect, files, capsys
):
    configs = runs([14, 15])
    collect(tmp_path / "cluster", configs, on=cluster.Remote(workers))
    said = capsys.readouterr().err
    assert said.count(" was lost while training") == 1
    assert "seed=14; that is tried again at the end (death 1 of 3)" in said
    collect(tmp_path / "here", configs)
    assert files(tmp_path / "cluster") == files(tmp_path / "here")


def test_what_a_run_raises_comes_back(tmp_path, workers, runs, collect):
    bad = [{**runs([1])[0], "optimizer": "sgd", "learning_rate": 1e30}]
    with pytest.raises(TrainingDiverged, match="smaller learning_rate"):
        collect(tmp_path, bad, on=cluster.Remote(workers))


def test_runs_whose_data_the_driver_lacks_wait_while_the_others_are_made(
    tmp_path, workers, monkeypatch, capsys
):
    monkeypatch.setenv("NC_DATA", str(tmp_path))
    options = {"depth": 2, "width": 8, "epochs": 1, "measurements": 1}
    here = Config(dataset="gaussian-mixture", dataset_options={"points": 40}, **options)
    gone = Config(dataset="cifar10", dataset_options={"per_class": 4}, **options)
    mixed = Sweep(name="mixed", title="mixed", presets={"tiny": lambda: [gone, here]})
    monkeypatch.setattr(sweeps, "get", lambda name: mixed)
    found = run_sweep("mixed", preset="tiny", store=tmp_path / "records", scheduler=workers)
    assert [record.config for record in found] == [here.to_dict()]
    assert "no data on this machine for cifar10 (1 run); 1 of 2 runs stay" in capsys.readouterr().err


def test_an_interrupted_sweep_frees_the_cluster(tmp_path, workers, runs, collect, capsys):
    with distributed.Client(workers, set_as_default=False) as client:

        def interrupt_when_at_work():
            while not any(client.run(executing).values()):
                time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt_when_at_work, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            collect(tmp_path, runs([1], epochs=10**7, measurements=2000), on=cluster.Remote(workers))
        assert "0 of 1 runs are stored" in capsys.readouterr().err
        deadline = time.monotonic() + 30
        while any(client.run(executing).values()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(client.run(executing).values()), "the run, of hours, is stopped on the worker"


def executing(dask_worker):
    return len(dask_worker.state.executing)


@pytest.fixture
def other_code(tmp_path):
    """The package as another machine may have it: one line of the training loop differs."""
    root = Path(simulations.__file__).parents[1]
    for name in ("simulations", "theory"):
        ignored = shutil.ignore_patterns("__pycache__", "stored")
        shutil.copytree(root / name, tmp_path / "other" / name, ignore=ignored)
    with open(tmp_path / "other/simulations/training/loop.py", "a") as stream:
        stream.write("# changed\n")
    return tmp_path / "other"


def start_worker(address, path, tmp_path):
    """A Dask worker that finds the packages in `path` first."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard"]
    options = ["--nthreads", "1", "--local-directory", str(tmp_path), "--host", "127.0.0.1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.Popen([*command, *options], env=env, cwd=path, **quiet)


def test_workers_of_other_code_or_without_the_package_are_refused(
    tmp_path, empty, other_code, runs, collect, capsys
):
    (tmp_path / "none" / "simulations").mkdir(parents=True)
    absent = "raise ModuleNotFoundError('No module named simulations')"
    (tmp_path / "none" / "simulations" / "__init__.py").write_text(absent)
    paths = [other_code, tmp_path / "none"]
    started = [start_worker(empty, path, tmp_path / "dask") for path in paths]
    try:
        with distributed.Client(empty, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        with pytest.raises(InputError, match=r"every worker at tcp://.* is refused"):
            collect(tmp_path / "records", runs([0]), on=cluster.Remote(empty))
    finally:
        for process in started:
            process.kill()
            process.wait()
    said = capsys.readouterr().err
    assert "other code in simulations/training/loop.py" in said
    assert "it cannot run this package (" in said
    assert not list((tmp_path / "records").glob("*.json"))


def test_what_differs_is_named():
    ours = {"torch": "2.5.0", "python": "3.11", "a.py": "0"}
    assert differences(dict(ours), ours) == ""
    assert differences({**ours, "torch": "2.4.0"}, ours) == "torch 2.4.0 (here 2.5.0)"
    assert "torch None" in differences({"python": "3.11", "a.py": "0"}, ours)
    assert "other code in b.py" in differences({**ours, "b.py": "1"}, ours)


def test_a_worker_of_this_machine_that_started_after_an_edit_is_refused(tmp_path, runs, collect, monkeypatch):
    monkeypatch.setattr(engine, "fingerprint", lambda configs: {"simulations/training/loop.py": "edited"})
    with pytest.raises(SweepStopped, match="code was changed while the sweep was at work"):
        collect(tmp_path, runs([0]), workers=1)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_a_scheduler_that_cannot_be_reached_is_one_line(tmp_path, monkeypatch, address):
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    told = []
    with pytest.raises(InputError, match=f"scheduler {address} cannot be reached.*`dask scheduler` prints"):
        run_sweep(
            "digits", preset="tiny", scheduler=address, store=tmp_path, progress=lambda *_: told.append(_)
        )
    assert told == []  # nothing is begun


@pytest.mark.parametrize("address", ["nonsense", "tcp://host", "http://host:1"])
def test_an_address_that_is_none_makes_no_client(monkeypatch, address):
    """One that is made hangs for twenty seconds when the process ends, and then prints a traceback."""
    monkeypatch.setattr("distributed.Client", None)
    with pytest.raises(InputError, match=f"scheduler {address} cannot be reached"):
        cluster.connect(address)


def test_a_missing_package_and_bad_combinations_are_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'neural-collapse-toolkit\[cluster\]'"):
        run_sweep("digits", preset="tiny", scheduler="tcp://host:8786", store=tmp_path)
    with pytest.raises(InputError, match="take one of them"):
        run_sweep("digits", preset="tiny", scheduler="tcp://host:8786", workers=2, store=tmp_path)
    with pytest.raises(InputError, match="take processes or batched"):
        run_sweep("digits", preset="tiny", scheduler="tcp://host:8786", strategy="auto", store=tmp_path)
