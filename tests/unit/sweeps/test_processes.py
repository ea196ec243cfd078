# SPDX-License-Identifier: MIT
"""Real processes on one machine: killed workers, a killed driver, two drivers on one store, a full disk."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulations.configuration import TrainingDiverged
from simulations.errors import InputError
from simulations.sweeps import SweepStopped, _queue, engine
from simulations.sweeps._claims import Claims
from simulations.sweeps.store import content_key

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is a POSIX notion")
LONG = {"points": 400, "epochs": 80}


def leftovers(store):
    """Files that only a driver at work has any use for."""
    return [path for pattern in (".*.tmp", "*.lock", "*.owner") for path in Path(store).rglob(pattern)]


def running(pid):
    """Whether a process exists and is no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc").is_dir():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_dead_workers_cost_their_run_alone_and_only_after_three(
    tmp_path, monkeypatch, deadly, runs, collect, files, capsys
):
    monkeypatch.setattr(_queue, "DEATHS", 2)
    monkeypatch.syspath_prepend(str(deadly.parent))
    import deadly_workers

    configs = runs([14, 13, 15])
    serve = engine._serve
    monkeypatch.setattr(engine, "_serve", deadly_workers.serve)
    with pytest.raises(SweepStopped, match=r"1 of 3 runs could not be finished.*2 of 3 runs are stored"):
        collect(tmp_path / "disturbed", configs, workers=1)
    said = capsys.readouterr().err
    assert said.count("(SIGKILL)") == 3, "seed 13 twice, seed 14 once"
    assert "seed=14; that is tried again" in said
    assert "seed=13; the sweep goes on without it" in said
    assert leftovers(tmp_path) == []
    engine._close_pool()
    monkeypatch.setattr(engine, "_serve", serve)
    calls = []
    collect(tmp_path / "disturbed", configs, progress=lambda *call: calls.append(call[1]))
    assert calls == [2, 3]
    collect(tmp_path / "whole", configs)
    assert files(tmp_path / "disturbed") == files(tmp_path / "whole")


def test_where_every_worker_dies_the_sweep_stops(runs, capsys):
    queue = _queue.Queue(runs(range(6)), finished=lambda *_: None)
    died = 0
    with pytest.raises(SweepStopped, match="3 in a row"):  # noqa: PT012 - how many deaths it takes is the point
        while task := queue.next():
            died += 1
            queue.died(task, "worker process 1 died (SIGKILL)")
    assert (died, len(queue.lost)) == (6 * 2 + 3, 3)


def test_an_idle_worker_that_died_is_replaced_and_a_failing_run_stops_all(tmp_path, runs, collect):
    pool = engine._pool(1)
    os.kill(pool.workers[0].process.pid, signal.SIGKILL)
    assert len(collect(tmp_path, runs([0]), workers=1)) == 1
    bad = runs([1], batch_size=1)
    with pytest.raises(InputError, match="batch of one sample") as caught:
        collect(tmp_path, bad, workers=1)
    assert "in execute" in caught.value.__notes__[0], "the notes say where in the worker it was raised"
    assert engine._kept.workers == [], "the workers of a failed sweep are stopped"
    assert leftovers(tmp_path) == []


def test_runs_that_diverge_cost_the_others_nothing(tmp_path, runs, collect, files, capsys):
    wild = runs([7, 8], optimizer="sgd", learning_rate=1e30)
    with pytest.raises(
        TrainingDiverged, match=r"seed=7 diverged in epoch 2: .*smaller learning_rate"
    ) as caught:
        collect(tmp_path, [*wild, *runs([9])], workers=1)
    assert (caught.value.epoch, caught.value.batch) == (2, 1)
    assert "2 of 3 runs diverged; 1 of 3 runs are stored" in str(caught.value)
    assert capsys.readouterr().err.count("the sweep goes on without it") == 2
    assert len(files(tmp_path)) == 1
    assert leftovers(tmp_path) == []


def test_kill_9_of_the_driver_and_resume_gives_identical_results(tmp_path, runs, driver, collect, files):
    configs, store = runs(range(6), **LONG), tmp_path / "killed"
    (tmp_path / "go").touch()
    killed = driver("killed", configs, store, workers=1)
    for line in killed.stdout:
        _, done, *workers = map(int, line.replace("done", "0").split())
        if done >= 2:
            break
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(workers) == 1
    stored = files(store)
    assert 2 <= len(stored) < len(configs), "killed in mid-sweep"
    deadline = time.monotonic() + 10
    while any(running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(running(pid) for pid in workers), "the workers die with their driver"
    (store / "claims" / f"{content_key(configs[5])}.lock").touch()
    (store / "claims" / f"{'ab' * 16}.lock").touch()
    (store / f".x.json.{killed.pid}-1@{os.uname().nodename}.tmp").touch()
    calls = []
    collect(store, configs, progress=lambda *call: calls.append(call[1]))
    assert calls[0] == len(stored), "finished runs are not made again"
    assert files(store).items() >= stored.items()
    assert leftovers(store) == []
    collect(tmp_path / "whole", configs)
    assert files(store) == files(tmp_path / "whole")


def test_two_drivers_share_the_work_of_one_store(tmp_path, runs, driver, files):
    configs, store = runs(range(6), **{**LONG, "epochs": 40}), tmp_path / "store"
    both = [driver(name, configs, store, workers=0) for name in ("one", "two")]
    while len(list(tmp_path.glob("*.ready"))) < 2:
        assert all(process.poll() is None for process in both)
        time.sleep(0.02)
    (tmp_path / "go").touch()
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    computed = [line for out, _ in said for line in out.splitlines() if line.startswith("computes")]
    assert sorted(computed) == [f"computes {seed}" for seed in range(6)], "nothing double, nothing lost"
    assert all(out.splitlines()[-1].startswith("done 6") for out, _ in said), "both have all"
    assert any("another driver, pid" in err for _, err in said)
    assert len(files(store)) == 6
    assert leftovers(store) == []


HOLDER = """
import sys, time
from pathlib import Path
from simulations.sweeps._claims import Claims
claims = Claims(Path(sys.argv[1]))
assert claims.take(sys.argv[2]) is None
print("ready", flush=True)
time.sleep(600)
"""


def test_the_runs_of_a_driver_that_dies_fall_to_the_one_that_waits(
    tmp_path, runs, collect, capsys, monkeypatch
):
    configs = runs(range(3))
    command = [sys.executable, "-c", HOLDER, str(tmp_path), content_key(configs[0])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "ready\n"
        assert Claims(tmp_path).take(content_key(configs[0])).startswith(f"pid {holder.pid} on host ")
        calls = []

        def progress(name, done, total):
            calls.append(done)
            if done == 2:
                threading.Timer(0.5, holder.kill).start()

        assert len(collect(tmp_path, configs, progress=progress)) == 3
    assert calls == [0, 1, 2, 3]
    said = capsys.readouterr().err
    assert said.count(f"another driver, pid {holder.pid} on host ") == 1
    assert leftovers(tmp_path) == []


@contextmanager
def files_of_at_most(size):
    """Inside, this process cannot write a longer file: the kernel refuses, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_refused_write_stops_the_sweep_with_what_is_stored(tmp_path, runs, collect, files):
    collect(tmp_path, runs([0]))
    stored = files(tmp_path)
    with files_of_at_most(10_000), pytest.raises(SweepStopped) as caught:
        collect(tmp_path, runs([0, 1]))
    assert "cannot write" in str(caught.value)
    assert "1 of 2 runs are stored" in str(caught.value)
    assert files(tmp_path) == stored
    assert leftovers(tmp_path) == []
    assert len(collect(tmp_path, runs([0, 1]))) == 2


FULL = """
import subprocess, sys
from pathlib import Path
from simulations.__main__ import main

folder = Path(sys.argv[1])
sweep = ["sweep", "digits", "--preset", "tiny", "--store", str(folder / "records")]
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder]).returncode:
    sys.exit(77)
print("status", main(sweep))
print("stored", len(list(folder.glob("records/*.json"))), "temporary", len(list(folder.rglob("*.tmp"))))
subprocess.run(["mount", "-o", "remount,size=32m", folder], check=True)
print("status", main(sweep))
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare: no disk of our own to fill")
def test_a_full_disk_loses_nothing_and_the_next_call_goes_on(tmp_path):
    command = ["unshare", "-rm", sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip("no user namespaces here: no disk of our own to fill")
    lines = done.stdout.splitlines()
    assert lines[0] == "status 1", done.stderr
    assert lines[-1] == "status 0", done.stderr
    _, kept, _, temporary = lines[1].split()
    assert (1 <= int(kept) < 6, temporary) == (True, "0")
    _, _, after = done.stderr.partition("No space left on device")
    assert f"{kept} of 6 runs are stored" in after
    assert f"digits: {kept} of 6 runs, " in after, "the next call goes on from there"
    assert "digits: 6 of 6 runs, " in after
