# SPDX-License-Identifier: MIT
"""The measured choice between batched programs, processes and threads."""

from dataclasses import replace

import pytest
import torch

from simulations.configuration import Config
from simulations.errors import InputError
from simulations.training import strategy
from simulations.training.strategy import choose, partition, plan

SMALL = Config(
    dataset="gaussian-mixture", dataset_options={"points": 80}, depth=2, width=4, epochs=3, batch_size=40
)
SEEDS = [replace(SMALL, seed=seed) for seed in range(10)]
LONE = replace(SMALL, network="resnet", depth=18)


def every_index_once(tasks, count):
    return sorted(index for task in tasks for index in task) == list(range(count))


@pytest.fixture
def timed(monkeypatch):
    """Seconds of each kind of call in place of a clock: what is measured is decided by the test."""
    seconds = {"batched": 1.0, "alone": 1.0, "threads": 1.0}

    def clock(call):
        if call.__qualname__.startswith("_batched"):
            return seconds["batched"]
        return seconds["alone" if torch.get_num_threads() == 1 else "threads"]

    monkeypatch.setattr(strategy, "_time", clock)
    monkeypatch.setattr(strategy, "_measured", {})
    return seconds


def test_processes_and_threads_take_each_run_alone():
    singles = [[index] for index in range(10)]
    processes = plan(SEEDS, strategy="processes", workers=3, device="cpu")
    assert (processes.tasks, processes.processes, processes.threads) == (singles, 3, 1)
    threads = plan(SEEDS, strategy="threads", workers=3, device="cpu")
    assert (threads.tasks, threads.processes, threads.threads) == (singles, 1, 3)


def test_batched_gives_every_worker_a_program_and_other_networks_a_task_of_their_own():
    configs = [LONE, *SEEDS, replace(SMALL, width=5)]
    tasks = partition(configs, strategy="batched", workers=3, device="cpu")
    assert every_index_once(tasks, 12)
    assert sorted(len(task) for task in tasks) == [1, 1, 3, 3, 4]
    assert [0] in tasks
    assert [11] in tasks
    many = partition([SMALL] * 100, strategy="batched", workers=1, device="cpu")
    assert max(map(len, many)) <= 32
    assert every_index_once(many, 100)


@pytest.mark.parametrize(
    ("seconds", "threads", "tasks"),
    [
        # 10 runs on 2 workers: 5 rounds of one run (2 steps), or one program of 5 each, or 10 runs in a row.
        ({"alone": 2.0, "batched": 4.9, "threads": 2.0}, 1, 2),
        ({"alone": 2.0, "batched": 5.1, "threads": 2.0}, 1, 10),
        ({"alone": 2.0, "batched": 5.1, "threads": 0.9}, 2, 10),
    ],
)
def test_the_fastest_is_chosen(timed, seconds, threads, tasks):
    timed.update(seconds)
    found = plan(SEEDS, workers=2, device="cpu")
    assert (found.threads, len(found.tasks)) == (threads, tasks)
    assert every_index_once(found.tasks, 10)
    # An epoch has 2 steps; the loop is timed by its epoch of 2, a program by its step.
    (choice,) = found.choices
    assert choice.seconds == pytest.approx(
        {
            "processes": seconds["alone"] * 5 / 10,
            "threads": seconds["threads"],
            "batched": 2 * seconds["batched"] / 10,
        }
    )
    assert all(name in str(choice) for name in choice.seconds)


def test_what_was_measured_is_not_measured_again(timed):
    cache = {}
    first = choose(SEEDS, workers=2, cache=cache)
    timed.update(batched=100.0, alone=0.001)
    assert choose(SEEDS, workers=2, cache=cache) == first
    assert choose(SEEDS, workers=2, cache={}) != first
    for change in (
        {"width": 5},
        {"batch_size": 20},
        {"dtype": "float64"},
        {"dataset_options": {"points": 160}},
    ):
        other = [replace(config, **change) for config in SEEDS]
        assert choose(other, workers=2, cache=cache).seconds != first.seconds


def test_real_clocks_and_the_thread_count_put_back():
    before = torch.get_num_threads()
    choice = choose(SEEDS[:4], workers=1)
    assert torch.get_num_threads() == before
    assert choice.seconds.keys() == {"processes", "batched"}  # one worker has no second thread
    assert all(seconds > 0 for seconds in choice.seconds.values())
    assert choice.seconds[choice.strategy] == min(choice.seconds.values())


def test_a_run_that_diverges_can_be_timed():
    """It is for the run itself to say so, not for the choice of how to run it."""
    wild = [replace(c, optimizer="sgd", learning_rate=1e30, batch_norm="none") for c in SEEDS[:3]]
    assert every_index_once(plan(wild, workers=1, device="cpu").tasks, 3)


def test_lone_networks_are_processes(timed):
    found = plan([LONE, replace(LONE, seed=1)], workers=2, device="cpu")
    assert (found.tasks, found.threads, found.choices) == ([[0], [1]], 1, [])
    assert plan([], workers=2, device="cpu").tasks == []


def test_bad_input():
    with pytest.raises(InputError, match="'batched'"):
        plan(SEEDS, strategy="batch", workers=2)
    with pytest.raises(InputError, match="workers = -1"):
        plan(SEEDS, strategy="processes", workers=-1)
    with pytest.raises(InputError, match="meta"):
        plan(SEEDS, workers=1, device="meta")
