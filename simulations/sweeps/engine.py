# SPDX-License-Identifier: MIT
"""Many runs at once: spawned processes with one torch thread each, which only compute and send results back.

A worker writes no file. It ends when its driver does, however the driver ends: a thread of it waits for the
driver's death, so that `kill -9` leaves nothing running. Workers are kept for the next sweep of the same
driver, because starting one costs seconds.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Outcome:
    """What became of one run.

    seconds that it took, and the type of the device it ran on; history and terminal_phase_epoch of a
    finished run. A run that measured something against a proved bound has `violation` instead, the offending
    line of its history, with the `arrays` it was measured on; one that raised has `error`.
    """

    seconds: float
    history: list[dict[str, Any]] | None = None
    terminal_phase_epoch: int | None = None
    violation: dict[str, Any] | None = None
    arrays: dict[str, Any] | None = None
    error: BaseException | None = None
    device: str = "cpu"


class _Violation(Exception):
    """Carries the offending line and arrays out of the training loop."""


def execute(config: Mapping[str, Any], device: str = "auto") -> Outcome:
    """One run, in this process, on one torch thread (the thread count is put back afterwards)."""
    import torch

    from simulations.comparison import verdicts
    from simulations.configuration import Config
    from simulations.devices import choose
    from simulations.evaluation import Snapshot
    from simulations.training import train

    def check(line: dict[str, Any], state: Snapshot) -> None:
        rows = verdicts(line["collapse"]["guarantees"])
        if any(row["verdict"] == "violated" for row in rows):
            raise _Violation(line, state.arrays(config["weight_decay"]))

    threads = torch.get_num_threads()
    start = time.perf_counter()
    try:
        torch.set_num_threads(1)
        chosen = choose(device)
        run = train(Config.from_dict(config), device=chosen, observe=check)
    except _Violation as found:
        line, arrays = found.args
        return Outcome(time.perf_counter() - start, violation=line, arrays=arrays)
    finally:
        torch.set_num_threads(threads)
    seconds = time.perf_counter() - start
    return Outcome(seconds, run.history, run.terminal_phase_epoch, device=chosen.type)


def run_all(
    configs: Sequence[Mapping[str, Any]],
    *,
    workers: int,
    finished: Callable[[int, Outcome], None],
    device: str = "auto",
) -> None:
    """Run every configuration; finished(index, outcome) is called in this process as each one ends.

    workers: processes; 0 runs everything in this process. An exception of a run, or in `finished`, ends the
    sweep: the workers are stopped and it is raised here. Raises RuntimeError when a worker process dies.
    """
    if not configs:
        return
    order = sorted(range(len(configs)), key=lambda index: -_cost(configs[index]))
    if workers == 0:
        for index in order:
            finished(index, execute(configs[index], device))
        return
    pool = _pool(min(workers, len(configs)))
    try:
        pool.run(configs, order, finished, device)
    except BaseException:
        _close_pool()
        raise


def _cost(config: Mapping[str, Any]) -> float:
    """A guess at relative duration, for starting the longest runs first."""
    options = config["dataset_options"]
    samples = options.get("points") or 10 * (options.get("per_class") or 174)
    return config["epochs"] * samples * config["depth"] * (config["width"] + 100)


class _Worker:
    """One spawned process and the line to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, far_end = context.Pipe()
        self.process = context.Process(target=_serve, args=(far_end,), daemon=True)
        with _single_threaded(), _main_module_hidden():
            self.process.start()
        far_end.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.line.close()


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

    def run(
        self,
        configs: Sequence[Mapping[str, Any]],
        order: Sequence[int],
        finished: Callable[[int, Outcome], None],
        device: str = "auto",
    ) -> None:
        waiting = list(reversed(order))
        idle = list(self.workers)
        busy: dict[_Worker, int] = {}
        while waiting or busy:
            while waiting and idle:
                worker = idle.pop()
                busy[worker] = waiting.pop()
                try:
                    worker.line.send((dict(configs[busy[worker]]), device))
                except ConnectionError:
                    self._receive(worker, configs[busy[worker]])  # raises: the worker has ended
            ready = connection.wait([worker.line for worker in busy] + [w.process.sentinel for w in busy])
            for worker in [w for w in busy if w.line in ready or w.process.sentinel in ready]:
                index = busy.pop(worker)
                outcome = self._receive(worker, configs[index])
                idle.append(worker)
                if outcome.error is not None:
                    raise outcome.error
                finished(index, outcome)

    def _receive(self, worker: _Worker, config: Mapping[str, Any]) -> Outcome:
        try:
            return worker.line.recv()
        except (EOFError, ConnectionError) as error:
            worker.process.join()
            raise RuntimeError(
                f"a worker process ended (exit status {worker.process.exitcode}) while training "
                f"{dict(config)}; often the machine ran out of memory: try fewer workers. Finished runs are "
                "stored"
            ) from error


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
            config, device = line.recv()
        except EOFError:
            return
        start = time.perf_counter()
        try:
            outcome = execute(config, device)
        except Exception as error:
            error.add_note("In a worker process:\n" + traceback.format_exc())
            outcome = Outcome(time.perf_counter() - start, error=error)
        line.send(outcome)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
