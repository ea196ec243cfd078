# SPDX-License-Identifier: MIT
"""Many runs at once: spawned processes with one torch thread each, which only compute and send results back.

A worker writes no file. It ends when its driver does, however the driver ends: a thread of it waits for the
driver's death, so that `kill -9` leaves nothing running. Workers are kept for the next sweep of the same
driver, because starting one costs seconds. A worker that dies is replaced and its task is tried again.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any

from simulations.sweeps._fingerprint import differences, fingerprint
from simulations.sweeps._queue import Queue, SweepStopped, say
from simulations.sweeps._runs import execute, portable

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Local:
    """The engine of one machine.

    workers: processes; 0 runs everything in this process. strategy: "processes" gives each run a process,
    "batched", "threads" and "auto" are those of `simulations.training.strategy`.
    """

    def __init__(self, *, workers: int, device: str = "auto", strategy: str = "processes") -> None:
        self.workers, self.device, self.strategy, self.threads = workers, device, strategy, 1

    def ready(self) -> None:
        """Raise InputError for a device that this machine has not."""
        if self.device not in ("auto", "cpu"):
            from simulations.devices import choose

            choose(self.device)

    def tasks(self, configs: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """The configurations in groups, each of which one worker computes at once."""
        if self.strategy == "processes":
            return [[index] for index in range(len(configs))]
        from simulations.configuration import Config
        from simulations.training.strategy import plan

        runs = [Config.from_dict(config) for config in configs]
        found = plan(runs, strategy=self.strategy, workers=self.workers, device=self.device)
        self.threads = found.threads
        for choice in found.choices:
            say(f"fastest here: {choice}")
        return found.tasks

    def run(self, queue: Queue) -> None:
        """Run every task of the queue."""
        workers = min(self.workers, 1) if self.threads > 1 else self.workers
        run_all(queue, workers=workers, device=self.device, threads=self.threads)


def run_all(queue: Queue, *, workers: int, device: str = "auto", threads: int = 1) -> None:
    """Run every task of the queue; it is told in this process of each one that ends.

    workers: processes; 0 runs everything in this process. threads: torch threads of each. An exception of a
    run, except TrainingDiverged, or of the queue, ends the sweep: the workers are stopped and it is raised
    here.
    """
    if workers == 0:
        while (task := queue.next()) is not None:
            queue.done(task, execute(queue.of(task), device, threads))
        return
    if queue.is_empty():
        return  # before any process is started
    pool = _pool(min(workers, len(queue)))
    try:
        pool.run(queue, device, threads)
    except BaseException:
        _close_pool()
        raise


class _Worker:
    """One spawned process and the line to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, far_end = context.Pipe()
        self.process = context.Process(target=_serve, args=(far_end,), daemon=True)
        with _single_threaded(), _main_module_hidden():
            self.process.start()
        far_end.close()

    def stop(self) -> str:
        """End the process, if it has not ended, and say how it ended."""
        self.process.kill()
        self.process.join()
        self.line.close()
        status = self.process.exitcode or 0
        how = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        return f"worker process {self.process.pid} died ({how})"


class Pool:
    """Idle and busy workers of this process."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []

    def grow(self, size: int) -> None:
        """Have at least `size` living workers."""
        for dead in [worker for worker in self.workers if not worker.process.is_alive()]:
            dead.stop()
            self.workers.remove(dead)
        while len(self.workers) < size:
            self.workers.append(_Worker())

    def close(self) -> None:
        """Stop every worker."""
        while self.workers:
            self.workers.pop().stop()

    def run(self, queue: Queue, device: str = "auto", threads: int = 1) -> None:
        """Empty the queue."""
        idle = list(self.workers)
        busy: dict[_Worker, tuple[int, ...]] = {}
        while True:
            while idle and (task := queue.next()) is not None:
                worker = idle.pop()
                busy[worker] = task
                configs = queue.of(task)
                try:
                    worker.line.send((configs, device, threads, fingerprint(configs)))
                except OSError:  # it died while it was idle
                    del busy[worker]
                    queue.put_back(task)
                    idle.append(self._replace(worker)[0])
            if not busy:
                return
            ready = connection.wait([w.line for w in busy] + [w.process.sentinel for w in busy])
            for worker in [w for w in busy if w.line in ready or w.process.sentinel in ready]:
                task = busy.pop(worker)
                try:
                    reply = worker.line.recv()
                except (EOFError, OSError):
                    fresh, how = self._replace(worker)
                    idle.append(fresh)
                    queue.died(task, how)
                    continue
                idle.append(worker)
                if isinstance(reply, BaseException):
                    raise reply
                queue.done(task, reply)

    def _replace(self, worker: _Worker) -> tuple[_Worker, str]:
        worker.process.join(timeout=1)  # the line closes a moment before the process has a status
        how = worker.stop()
        self.workers.remove(worker)
        self.workers.append(_Worker())
        return self.workers[-1], how


_kept = Pool()
atexit.register(_kept.close)


def _pool(size: int) -> Pool:
    # More workers than asked may be left from an earlier sweep; the number asked is a limit, so they go.
    while len(_kept.workers) > size:
        _kept.workers.pop().stop()
    _kept.grow(size)
    return _kept


def _close_pool() -> None:
    _kept.close()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Processes started inside inherit an environment with one thread for every numerical library."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Processes started inside do not run the main module again.

    A worker needs nothing from it, and a script that calls a sweep without an `if __name__ == "__main__"`
    guard would otherwise start the sweep anew in each of its workers.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {
        name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)
    }
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)


def _serve(line: Any) -> None:
    """The life of a worker: configurations in, outcomes out, until the driver closes the line or dies."""
    # Ctrl-C reaches the whole process group; the driver alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            configs, device, threads, expected = line.recv()
        except EOFError:
            return
        try:
            if differing := differences(fingerprint(configs), expected):
                raise SweepStopped(
                    f"the code was changed while the sweep was at work, and records would bear false keys: "
                    f"{differing}; finished runs are stored, the same call starts anew with the code as it is"
                )
            reply: Any = execute(configs, device, threads)
        except Exception as error:
            reply = portable(error)
            reply.add_note("In a worker process:\n" + traceback.format_exc())
        line.send(reply)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
