# SPDX-License-Identifier: MIT
"""How to run many configurations at once: batched, in processes or on threads, chosen by measurement.

batched: perceptrons of one shape as one program (`simulations.training.ensemble`), a program a process.
processes: a run a process, each on one torch thread. threads: one run after another in one process, each on
all the cores through torch's own (intra-operation) threads. Python threads would be no fourth way: they do
what processes do and share one interpreter lock, which the small networks here wait for most of the time.

A choice never changes what is computed, only the order of floating-point sums: processes give the bytes of
`train` on one thread, the two others agree with it up to rounding, which training amplifies (see
`simulations.training.ensemble`).
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from simulations import losses
from simulations.configuration import Config, TrainingDiverged
from simulations.datasets import Samples
from simulations.devices import choose as choose_device
from simulations.errors import InputError, unknown
from simulations.training import ensemble
from simulations.training._stacked import Program, rank
from simulations.training.loop import _Loop, build_network, load_samples

STRATEGIES = ("auto", "batched", "processes", "threads")
# Members of one program at most. On a CPU the time of a member has levelled off by then (width 32: 114 us a
# step among 84 members, 122 among 32, 161 among 8, 583 alone), and a program that is lost is lost as a whole.
_LARGEST = {"cpu": 32}
_LARGEST_ELSEWHERE = 256
_STEPS = 4
_BUDGET = 0.3

Seconds = dict[str, float]
_measured: dict[str, Seconds] = {}


@dataclass(frozen=True)
class Choice:
    """The fastest way for one group of runs, and the seconds of each candidate for one epoch of one member,
    all cores counted: the duration of an epoch of all runs, divided by their number."""

    strategy: str
    seconds: Seconds

    def __str__(self) -> str:
        times = ", ".join(f"{name} {seconds:.3g} s" for name, seconds in sorted(self.seconds.items()))
        return f"{self.strategy} (a member's epoch: {times})"


@dataclass(frozen=True)
class Plan:
    """What to run: each task, a list of indices, in one process on `threads` torch threads, `processes` of
    them at once. A task of several runs is for `train_ensemble`. choices: what was measured, for "auto"."""

    tasks: list[list[int]]
    processes: int
    threads: int
    choices: list[Choice]


def partition(
    configs: Sequence[Config], *, strategy: str = "auto", workers: int, device: str = "auto"
) -> list[list[int]]:
    """The tasks of `plan`: indices of `configs` in groups that run as one."""
    return plan(configs, strategy=strategy, workers=workers, device=device).tasks


def plan(
    configs: Sequence[Config],
    *,
    strategy: str = "auto",
    workers: int,
    device: str = "auto",
    cache: MutableMapping[str, Seconds] | None = None,
) -> Plan:
    """How to run `configs` on `workers` cores (0 counts as 1).

    strategy: one of `STRATEGIES`. "auto" measures, about a second for each new shape, on a CPU; elsewhere it
    is "batched". Networks that cannot be batched get a process each under "auto" and "batched". cache: as in
    `choose`. Raises InputError for an unknown strategy or device, or workers < 0.
    """
    if strategy not in STRATEGIES:
        raise unknown("strategy", strategy, list(STRATEGIES))
    if workers < 0:
        raise InputError(f"plan: workers = {workers}; required is a number of processes, at least 0")
    cores, place = max(1, workers), choose_device(device)
    singles = [[index] for index in range(len(configs))]
    if strategy == "threads":
        return Plan(singles, 1, cores, [])
    if strategy == "processes":
        return Plan(singles, cores, 1, [])
    largest = min(_LARGEST.get(place.type, _LARGEST_ELSEWHERE), -(-len(configs) // cores))
    groups = ensemble.group(configs)
    if strategy == "batched" or place.type != "cpu":
        return Plan([part for group in groups for part in _split(group, largest)], cores, 1, [])
    tasks, choices, lone, together, comparable = [], [], 0.0, 0.0, True
    for group in groups:
        if ensemble.obstacle(configs[group[0]]) is not None:
            tasks.append(group)
            comparable = False
            continue
        members = [configs[index] for index in group]
        choice = choose(members, workers=cores, runs=len(configs), cache=cache)
        choices.append(choice)
        weight = len(group) * members[0].epochs
        together += weight * choice.seconds.get("threads", float("inf"))
        apart = min(("processes", "batched"), key=lambda name: choice.seconds.get(name, float("inf")))
        lone += weight * choice.seconds[apart]
        tasks += _split(group, largest) if apart == "batched" else [[index] for index in group]
    if comparable and together < lone:
        return Plan(singles, 1, cores, choices)
    return Plan(tasks, cores, 1, choices)


def choose(
    configs: Sequence[Config],
    *,
    workers: int,
    runs: int | None = None,
    cache: MutableMapping[str, Seconds] | None = None,
) -> Choice:
    """Time some steps of every candidate on the CPU, on the shapes of `configs`, one group of `group`.

    runs: how many there are in all, if `configs` is not all. cache: seconds by shape, processor, cores and
    versions; left out, what this process has measured. One program and one run are timed alone, so that what
    processes cost each other is not seen; it is the same for both.
    """
    total, first = runs or len(configs), configs[0]
    size = min(len(configs), _LARGEST["cpu"], -(-total // workers))
    seed = first.seed if first.dataset_seed is None else first.dataset_seed
    samples = load_samples(first)
    key = _key(configs[:size], samples, workers, total)
    known = _measured if cache is None else cache
    if key not in known:
        # One data set for all: its numbers do not matter for the time.
        members = [replace(config, dataset_seed=seed) for config in configs[:size]]
        batches = -(-len(samples.labels) // first.batch_size)
        alone, steps = _alone(first, samples)
        with _threads(1):
            seconds = {"processes": _time(alone) / steps * -(-total // workers) / total}
        if workers > 1:
            with _threads(workers):
                seconds["threads"] = _time(alone) / steps
        if size > 1:
            with _threads(1):
                tasks = -(-total // size)
                rounds = -(-tasks // workers)
                seconds["batched"] = _time(_batched(members)) * rounds / total
        known[key] = {name: value * batches for name, value in seconds.items()}
    measured = dict(known[key])
    return Choice(min(measured, key=lambda name: measured[name]), measured)


def _split(group: list[int], largest: int) -> list[list[int]]:
    """Parts of nearly equal size, at most `largest`."""
    parts = -(-len(group) // largest)
    edges = [len(group) * k // parts for k in range(parts + 1)]
    return [group[a:b] for a, b in itertools.pairwise(edges)]


def _key(configs: Sequence[Config], samples: Samples, workers: int, total: int) -> str:
    """What the seconds depend on: the shapes, how many run at once, and this machine."""
    first, norms = configs[0], sorted(config.batch_norm for config in configs)
    shape = [*samples.inputs.shape, samples.num_classes, first.depth, first.width, first.batch_size]
    kind = [first.loss, first.optimizer, first.dtype, norms]
    here = [processor(), os.cpu_count(), platform.machine(), torch.__version__]
    return json.dumps([shape, kind, workers, total, here])


def processor() -> str:
    """The name of the CPU, as the system gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _alone(config: Config, samples: Samples) -> tuple[Callable[[], object], int]:
    """An epoch of `train`'s own loop on the first rows of the data, and how many steps it has."""
    count = min(len(samples.labels), _STEPS * config.batch_size)
    few = replace(samples, inputs=samples.inputs[:count], labels=samples.labels[:count])
    device = torch.device("cpu")
    dtype = {"float32": torch.float32, "float64": torch.float64}[config.dtype]
    module = build_network(config, samples, device=device, dtype=dtype)
    loss = losses.get(config.loss, **config.loss_options)
    loop = _Loop(config, module, loss, few, device, dtype)

    def epoch() -> None:
        with suppress(TrainingDiverged):  # what it takes is the same; the run itself will say so
            loop.epoch(1)

    return epoch, -(-count // config.batch_size)


def _batched(members: Sequence[Config]) -> Callable[[], object]:
    """A step of one program."""
    program = Program(sorted(members, key=rank), torch.device("cpu"))
    rows = torch.arange(program.edges[1], device="cpu").repeat(len(members), 1)
    return lambda: program.step(0, rows)


def _time(call: Callable[[], object]) -> float:
    """The least wall-clock seconds of some calls; the first, which warms up, counts only if it took all the
    time there is."""
    began = time.perf_counter()
    call()
    least = time.perf_counter() - began
    while (start := time.perf_counter()) - began < _BUDGET:
        call()
        least = min(least, time.perf_counter() - start)
    return least


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
