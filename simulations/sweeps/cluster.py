# SPDX-License-Identifier: MIT
"""A sweep on a Dask cluster: the workers of a scheduler compute, the driver hands out runs and stores them.

A worker needs this package, the same code with the same versions of the libraries, as the key of a record
states both: it is asked before its first run, and at each run, and one that differs is refused. Each worker
process trains one task at a time on one torch thread. A task is bound to its worker, and when that is lost
the driver hands it out again. (Left to Dask, a task whose worker dies while there is no other would wait for
ever.)
"""

from __future__ import annotations

import functools
import threading
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from simulations.errors import InputError
from simulations.sweeps._fingerprint import Fingerprint, differences, fingerprint
from simulations.sweeps._queue import Queue, SweepStopped, say
from simulations.sweeps._runs import execute, portable

# Seconds to reach the scheduler, and between two looks at which workers there are.
CONNECT = 10.0
POLL = 2.0
# Seconds for the numbers of a finished run to come over.
FETCH = 60.0
# torch's thread count and its random state are a process's: one task at a time, however many threads it has.
_one_at_a_time = threading.Lock()


class Remote:
    """The engine of a cluster; strategy: "processes" or "batched" (see `simulations.training.strategy`)."""

    def __init__(self, scheduler: str, *, device: str = "auto", strategy: str = "processes") -> None:
        if strategy not in ("processes", "batched"):
            raise InputError(
                f"strategy {strategy!r} with a scheduler: the driver cannot time the machines of a cluster, "
                "and their workers train on one thread; take processes or batched"
            )
        self.scheduler, self.device, self.strategy = scheduler, device, strategy

    def ready(self) -> None:
        """Raise InputError for a scheduler that cannot be reached."""
        connect(self.scheduler).close()

    def tasks(self, configs: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """The configurations in groups, each of which one worker computes at once."""
        if self.strategy == "processes":
            return [[index] for index in range(len(configs))]
        from simulations.configuration import Config
        from simulations.training.strategy import plan

        client = connect(self.scheduler)
        try:
            workers = max(1, len(client.nthreads()))
        finally:
            client.close()
        runs = [Config.from_dict(config) for config in configs]
        return plan(runs, strategy=self.strategy, workers=workers, device="cpu").tasks

    def run(self, queue: Queue) -> None:
        """Run every task of the queue."""
        run_all(queue, scheduler=self.scheduler, device=self.device)


def run_all(queue: Queue, *, scheduler: str, device: str = "auto") -> None:
    """Run every task of the queue on the cluster whose scheduler has that address.

    Raises InputError when `distributed` is not installed, the scheduler cannot be reached, or every worker is
    refused, and SweepStopped when the scheduler goes away. An exception of a run, except TrainingDiverged,
    ends the sweep and is raised here. However it ends, what was handed out and not finished is cancelled; a
    run that is under way stops at its next measurement.
    """
    if queue.is_empty():
        return  # before any connection is made
    client = connect(scheduler)
    cluster = _Cluster(client, queue, scheduler, device)
    try:
        cluster.run()
    finally:
        if client.status == "running":
            client.cancel(list(cluster.running), force=True)
        client.close()


def connect(scheduler: str) -> Any:
    """A `distributed.Client`. Raises InputError as `run_all` does."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            f"scheduler {scheduler}: a cluster needs the package 'distributed', which is not installed; "
            "pip install 'neural-collapse-toolkit[cluster]'"
        ) from error
    try:
        # A client that is given no address hangs when it is thrown away: so this is looked at before.
        scheme, place = distributed.comm.parse_address(scheduler)
        if scheme in ("tcp", "tls"):
            distributed.comm.parse_host_port(place)
        distributed.comm.registry.get_backend(scheme)
        return distributed.Client(scheduler, timeout=CONNECT, set_as_default=False, name="sweep")
    except (OSError, ValueError, TypeError) as error:  # TimeoutError and its like are OSErrors
        raise InputError(
            f"scheduler {scheduler} cannot be reached ({' '.join(str(error).split())}); required is the "
            "address that `dask scheduler` prints, such as tcp://host:8786"
        ) from error


@dataclass(frozen=True)
class _Refused:
    """A worker's answer to a task when its code or its libraries are not the driver's."""

    worker: str
    fingerprint: Fingerprint


def serve(configs: Sequence[Mapping[str, Any]], device: str, expected: Fingerprint) -> Any:
    """On a worker: the outcomes of a task, its exception, or a refusal."""
    import distributed

    worker = distributed.get_worker()
    key = worker.get_current_task()

    def abandoned() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    found = fingerprint(configs)
    if differences(found, expected):
        return _Refused(worker.address, found)
    with _one_at_a_time:
        try:
            return execute(configs, device, abandoned=abandoned)
        except Exception as error:
            reply = portable(error)
            reply.add_note(f"On worker {worker.address}:\n" + traceback.format_exc())
            return reply


@dataclass
class _Cluster:
    """One sweep on a cluster. running: the task of each future; places: the worker it was given to."""

    client: Any
    queue: Queue
    scheduler: str
    device: str
    running: dict[Any, tuple[int, ...]] = field(default_factory=dict)
    places: dict[Any, str] = field(default_factory=dict)
    admitted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    ended: SimpleQueue = field(default_factory=SimpleQueue)
    waiting_said: bool = False

    @functools.cached_property
    def sample(self) -> list[Mapping[str, Any]]:
        """A run of each data set, network and loss: together they execute all files that any run does."""
        kinds = {(c["dataset"], c["network"], c["loss"]): c for c in self.queue.configs}
        return list(kinds.values())

    def run(self) -> None:
        """Empty the queue."""
        while self.running or not self.queue.is_empty():
            for worker in self.idle_workers():
                if (task := self.queue.next()) is None:
                    break
                self.submit(task, worker)
            try:
                future = self.ended.get(timeout=POLL)
            except Empty:
                continue
            if future in self.running:
                self.settle(future)

    def submit(self, task: tuple[int, ...], worker: str) -> None:
        """Hand a task to a worker."""
        configs = self.queue.of(task)
        future = self.client.submit(
            serve,
            configs,
            self.device,
            fingerprint(configs),
            key=f"neural-collapse-{uuid.uuid4().hex}",
            pure=False,
            workers=[worker],
        )
        self.running[future] = task
        self.places[future] = worker
        future.add_done_callback(self.ended.put)

    def settle(self, future: Any) -> None:
        """Take what became of a future."""
        from distributed import KilledWorker

        task = self.running.pop(future)
        place = self.places.pop(future)
        if future.status == "finished":
            try:
                reply = future.result(timeout=FETCH)
            except TimeoutError:  # lost between the end of the run and now
                self.lost(future, task, place)
                return
            if isinstance(reply, _Refused):
                self.refuse(reply.worker, differences(reply.fingerprint, fingerprint(self.queue.of(task))))
                self.queue.put_back(task)
            elif isinstance(reply, BaseException):
                raise reply
            else:
                self.queue.done(task, reply)
        elif future.status == "error" and isinstance(future.exception(), KilledWorker):
            self.lost(future, task, place)
        elif future.status == "error":
            error = future.exception()
            raise SweepStopped(
                f"a task failed on the cluster at {self.scheduler}: {type(error).__name__}: {error}; "
                "finished runs are stored, the same call goes on from there"
            ) from error
        else:
            raise self.gone()

    def lost(self, future: Any, task: tuple[int, ...], worker: str) -> None:
        """The task's worker died."""
        self.client.cancel([future], force=True)
        self.queue.died(task, f"worker {worker} was lost")

    def idle_workers(self) -> list[str]:
        """The admitted workers without a task, after looking at those that are new."""
        try:
            present = set(self.client.nthreads())
        except (OSError, ValueError, RuntimeError) as error:
            raise self.gone() from error
        if self.client.status != "running":
            raise self.gone()
        for future, place in list(self.places.items()):
            if place not in present:
                del self.places[future]
                self.lost(future, self.running.pop(future), place)
        self.admitted &= present
        self.admit(present - self.admitted - self.refused)
        if present and present <= self.refused:
            raise InputError(
                f"every worker at {self.scheduler} is refused, see above: install this version of the "
                "package, and the same versions of its libraries, where they run, and start them again"
            )
        waited, self.waiting_said = self.waiting_said, not self.admitted
        if self.waiting_said and not waited:
            say(f"the scheduler at {self.scheduler} has no worker: waiting; `dask worker {self.scheduler}`")
        return sorted(self.admitted - set(self.places.values()))

    def admit(self, new: set[str]) -> None:
        """Ask new workers for their code and versions."""
        if not new:
            return
        ours = fingerprint(self.sample)
        answers = self.client.run(fingerprint, self.sample, workers=sorted(new), on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, BaseException):
                self.refuse(worker, f"it cannot run this package ({type(answer).__name__}: {answer})")
            elif differing := differences(answer, ours):
                self.refuse(worker, differing)
            else:
                self.admitted.add(worker)

    def refuse(self, worker: str, why: str) -> None:
        """Give a worker no runs."""
        self.admitted.discard(worker)
        if worker not in self.refused:
            say(f"worker {worker} is refused, for its records would bear false keys: {why}")
        self.refused.add(worker)

    def gone(self) -> SweepStopped:
        """The error for a scheduler that went away."""
        return SweepStopped(
            f"the scheduler at {self.scheduler} is gone; finished runs are stored, the same call with a new "
            "scheduler goes on from there"
        )
