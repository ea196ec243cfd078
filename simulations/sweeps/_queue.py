# SPDX-License-Identifier: MIT
"""What is still to be computed. The engines, local processes and cluster, take tasks from here and bring back
what became of them; who dies with a task, how often, and what then, is decided once, here."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulations.sweeps._runs import Outcome, cost

# Deaths of the worker that a run is given before it counts as the cause of them.
DEATHS = 3


class SweepStopped(RuntimeError):
    """A sweep could not be finished; the message says why, what is stored and what to do.

    Commands print it and exit with status 1. Whatever ended before is stored: the same call goes on.
    """


def say(message: str) -> None:
    """A line on standard error."""
    print(message, file=sys.stderr, flush=True)


class Queue:
    """Tasks, each a tuple of indices into `configs` that one worker computes together, longest first.

    begin(indices) -> those of them that are ours to compute, asked just before a task is handed out.
    finished(index, outcome): called as each run ends. lost: runs whose workers died, and how; failed: runs
    that diverged, and what was raised.
    """

    def __init__(
        self,
        configs: Sequence[Mapping[str, Any]],
        *,
        finished: Callable[[int, Outcome], None],
        begin: Callable[[Sequence[int]], Sequence[int]] = lambda indices: indices,
        tasks: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.configs = configs
        self._finished = finished
        self._begin = begin
        found = [(index,) for index in range(len(configs))] if tasks is None else map(tuple, tasks)
        self._waiting = deque(sorted(found, key=lambda task: -sum(cost(configs[index]) for index in task)))
        self._deaths: Counter[int] = Counter()
        self._lost_in_a_row = 0
        self.lost: dict[int, str] = {}
        self.failed: dict[int, BaseException] = {}

    def __len__(self) -> int:
        """Tasks that wait."""
        return len(self._waiting)

    def is_empty(self) -> bool:
        """Whether nothing waits that is ours to compute."""
        if (task := self.next()) is not None:
            self.put_back(task)
        return task is None

    def next(self) -> tuple[int, ...] | None:
        """The next task, or None when nothing waits that is ours to compute."""
        while self._waiting:
            if task := tuple(self._begin(self._waiting.popleft())):
                return task
        return None

    def of(self, task: Sequence[int]) -> list[dict[str, Any]]:
        """The configurations of a task."""
        return [dict(self.configs[index]) for index in task]

    def put_back(self, task: tuple[int, ...]) -> None:
        """The task was not begun; it is the next."""
        self._waiting.appendleft(task)

    def done(self, task: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """What became of each run of a task. The sweep goes on without one that diverged."""
        self._lost_in_a_row = 0
        for index, outcome in zip(task, outcomes, strict=True):
            if outcome.error is None:
                self._finished(index, outcome)
            else:
                say(f"{outcome.error}; the sweep goes on without it")
                self.failed[index] = outcome.error

    def died(self, task: tuple[int, ...], how: str) -> None:
        """The task's worker died: another try after everything else, when there is more memory, or none."""
        for index in task:
            self._deaths[index] += 1
        deaths = max(self._deaths[index] for index in task)
        label = _label(self.of(task))
        if deaths < DEATHS:
            say(f"{how} while training {label}; that is tried again at the end (death {deaths} of {DEATHS})")
            self._waiting.append(task)
        else:
            self.give_up(task, f"{how}, as did {deaths - 1} others with it")

    def give_up(self, task: tuple[int, ...], why: str) -> None:
        """Go on without a task. Raises SweepStopped after three in a row: then it is not the task's fault."""
        say(f"{why} while training {_label(self.of(task))}; the sweep goes on without it")
        self.lost |= dict.fromkeys(task, why)
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= DEATHS:
            raise SweepStopped(
                f"no run ends any more, {self._lost_in_a_row} in a row lost their workers ({why}): look for "
                f"the reason on the machine, such as its memory, and repeat the call"
            )


def _label(configs: Sequence[Mapping[str, Any]]) -> str:
    from simulations.configuration import Config

    more = f" and {len(configs) - 1} more" if len(configs) > 1 else ""
    return Config.from_dict(configs[0]).label() + more
