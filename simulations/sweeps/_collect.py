# SPDX-License-Identifier: MIT
"""The driver of a sweep: what is stored, what is missing, and what to do with each run that ends.

The driver alone writes. Several drivers may share a store: each claims a run just before computing it, leaves
those of the others to them, and waits at the end for what they have not finished; should one of them die,
another takes its runs over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from simulations.sweeps._claims import Claims
from simulations.sweeps._files import remove_temporary_files
from simulations.sweeps._queue import Queue, SweepStopped, say
from simulations.sweeps._records import compare, read, violations_folder, write
from simulations.sweeps._runs import BATCHED, THREADED
from simulations.sweeps.store import Record, Store, content_key, provenance

if TYPE_CHECKING:
    from simulations.sweeps._runs import Outcome

Progress = Callable[[str, int, int], None]
# Seconds between two looks at what another driver has finished.
POLL = 1.0


def collect(
    name: str,
    configs: Sequence[Mapping[str, Any]],
    *,
    store: Store,
    engine: Engine,
    progress: Progress | None = None,
) -> list[Record]:
    """The records of `configs` in their order: read, or computed, compared with the theorems and stored.

    Raises SweepStopped when the store cannot be written, or when workers died with some runs, and what a run
    raises; TrainingDiverged only when all others are stored.
    """
    return _Driver(name, configs, store, progress).run(engine)


class Engine(Protocol):
    """What computes: `engine.Local` or `cluster.Remote`."""

    def ready(self) -> None:
        """Raise InputError for a device or a scheduler that is not there, before anything is begun."""

    def tasks(self, configs: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """The configurations in groups, each of which one worker computes at once."""

    def run(self, queue: Queue) -> None:
        """Run every task of the queue."""


class _Driver:
    """One call of `collect`."""

    def __init__(
        self,
        name: str,
        configs: Sequence[Mapping[str, Any]],
        store: Store,
        progress: Progress | None,
    ) -> None:
        self.name, self.store, self.progress = name, store, progress
        # A run goes by the key of its plain execution, whichever way it is computed.
        self.keys = [content_key(config) for config in configs]
        self.wanted = dict(zip(self.keys, configs, strict=True))
        self.records: dict[str, Record] = {}
        self.lost: dict[str, str] = {}
        self.failed: dict[str, BaseException] = {}
        self.claims = Claims(store.folder)
        self.reported = -1
        self.drivers: set[str] = set()
        # The keys of a run's other executions.
        self.others: dict[str, list[str]] = {}

    def run(self, engine: Engine) -> list[Record]:
        """See `collect`."""
        remove_temporary_files(self.store.folder)
        for key in self.wanted:
            self._look_up(key)
        if len(self.records) < len(self.wanted):
            engine.ready()
        self._report()
        try:
            if len(self.records) < len(self.wanted):
                with self._writing():
                    self.claims.tidy()
            while missing := self._unfinished(self.wanted):
                self._round(missing, engine)
        except KeyboardInterrupt:
            say(f"sweep {self.name}: interrupted; {self._stored()}, the same call goes on from there")
            raise
        finally:
            self.claims.close()
        if self.lost:
            raise SweepStopped(
                f"sweep {self.name}: {len(self.lost)} of {len(self.wanted)} runs could not be finished: "
                f"{next(iter(self.lost.values()))}; often a machine ran out of memory: try fewer workers. "
                f"{self._stored()}, the same call tries the rest again"
            )
        if self.failed:
            error = next(iter(self.failed.values()))
            many = f"{len(self.failed)} of {len(self.wanted)} runs diverged"
            error.args = (f"{error} (sweep {self.name}: {many}; {self._stored()})",)
            raise error
        return [self.records[key] for key in self.keys]

    def _unfinished(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if key not in self.records | self.lost | self.failed]

    def _round(self, missing: list[str], engine: Engine) -> None:
        """Compute what is missing and ours; where nothing is, wait for the other drivers."""
        configs = [self.wanted[key] for key in missing]
        queue = Queue(
            configs,
            begin=lambda indices: [index for index in indices if self._is_ours(missing[index])],
            finished=lambda index, outcome: self._finished(missing[index], outcome),
            tasks=engine.tasks(configs),
        )
        try:
            engine.run(queue)
        finally:
            for index, why in queue.lost.items():
                self.lost[missing[index]] = why
                self.claims.give_back(missing[index])
            for index, error in queue.failed.items():
                self.failed[missing[index]] = error
                self.claims.give_back(missing[index])
        self._wait(self._unfinished(missing))

    def _wait(self, others: list[str]) -> None:
        """Until all of these runs of other drivers are stored, or one falls to us, its driver having died."""
        while others := [key for key in others if not self._look_up(key)]:
            if any(self._is_ours(key) for key in others):
                return
            self._report()
            time.sleep(POLL)
        self._report()

    def _is_ours(self, key: str) -> bool:
        """Claim a run; False where another driver has it, or has had it and finished."""
        with self._writing():
            owner = self.claims.take(key)
        if owner is not None:
            if owner not in self.drivers:
                say(
                    f"sweep {self.name}: another driver, {owner}, is at work on {self.store.folder}: "
                    "this one takes the runs that are left, and waits for the other's"
                )
            self.drivers.add(owner)
            return False
        if self._look_up(key):
            self.claims.give_back(key)
            self._report()
            return False
        return True

    def _look_up(self, key: str) -> bool:
        """Whether the run is stored: trained plainly or, second choice, in another way."""
        record = read(self.store, key)
        if record is None:
            if key not in self.others:
                ways = (BATCHED, THREADED)
                self.others[key] = [content_key(self.wanted[key], execution) for execution in ways]
            found = (read(self.store, other) for other in self.others[key])
            record = next((record for record in found if record is not None), None)
        if record is not None:
            self.records[key] = record
        return record is not None

    def _finished(self, key: str, outcome: Outcome) -> None:
        stored_as = content_key(self.wanted[key], outcome.execution) if outcome.execution else key
        if outcome.violation:
            self._stop(stored_as, outcome)
        assert outcome.history is not None  # a run without violation has one
        record = Record(
            stored_as,
            dict(self.wanted[key]),
            outcome.history,
            outcome.terminal_phase_epoch,
            provenance(outcome.seconds, outcome.device, outcome.machine),
            outcome.execution,
        )
        compare(record, self.store)
        with self._writing():
            write(self.store, record)
        self.records[key] = record
        self.claims.give_back(key)
        self._report()

    def _stop(self, key: str, outcome: Outcome) -> None:
        """Save the offending arrays, for `python -m simulations measure`, and raise BoundViolation."""
        from simulations.comparison import check

        line = outcome.violation
        assert line is not None  # the caller's condition
        label = f"{key}-epoch-{line['epoch']}"
        folder = violations_folder(self.store)
        check(line["collapse"], arrays=outcome.arrays, save_to=folder, label=label)
        raise RuntimeError(
            f"{label}: a worker found a violated theorem that the driver does not find: {line}"
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SweepStopped(
                f"sweep {self.name}: cannot write to {self.store.folder}: {error.strerror or error}; "
                f"{self._stored()}; make room or take another store, the same call goes on from there"
            ) from error

    def _report(self) -> None:
        if self.progress is not None and self.reported != len(self.records):
            self.reported = len(self.records)
            self.progress(self.name, len(self.records), len(self.wanted))

    def _stored(self) -> str:
        return f"{len(self.records)} of {len(self.wanted)} runs are stored in {self.store.folder}"
