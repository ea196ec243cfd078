# SPDX-License-Identifier: MIT
"""Batched ensembles: one program for all perceptrons of a shape, against training them one after another.

Seconds are those of one epoch of one member, in both cases without measurements, the least of three epochs
after the first; on a CPU with one torch thread they are processor time, which a busy machine does not
lengthen, otherwise wall-clock time. Adam, batches of 128, depth 4, every second member with scale-only batch
norm, seven weight decays; float32. The sequential loop is `train`'s own. error: the largest difference of a
weight after these four epochs between the two, relative to the largest weight of its layer: rounding, as
training amplifies it (see `simulations.training.ensemble`).

Narrow networks gain what a step costs beside its matrix products; at width 300 those are most of a step, and
one member alone computes them as fast.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks._table import Row

# width, points, members on a CPU, members on a GPU.
SHAPES = [(32, 2000, 28, 84), (64, 2000, 28, 84), (100, 2000, 28, 84), (300, 10_000, 14, 84)]
DECAYS = (1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2)
EPOCHS = (2, 3, 4)


def run() -> list[Row]:
    """Pan & Cao 2023's shape and narrower ones, on the CPU and on a GPU where there is one."""
    import torch

    rows = []
    for name in ["cpu"] + (["cuda"] if torch.cuda.is_available() else []):
        for width, points, few, many in SHAPES:
            rows += _compare(name, width, points, few if name == "cpu" else many)
    return rows


def configurations(width: int, points: int, members: int) -> list[Any]:
    """The members: decays vary fastest, then batch norm, then the seed, which is that of the data, too."""
    from simulations.configuration import Config

    return [
        Config(
            dataset="conic-hull",
            dataset_options={"points": points},
            width=width,
            weight_decay=DECAYS[k % 7],
            batch_norm=("scale-only", "none")[k // 7 % 2],
            seed=k // 14,
        )
        for k in range(members)
    ]


def _compare(name: str, width: int, points: int, members: int) -> list[Row]:
    import torch

    from simulations.training._stacked import Program, rank
    from simulations.training.strategy import processor

    device, threads = torch.device(name), torch.get_num_threads()
    if name == "cuda":
        where, clock = torch.cuda.get_device_name(), _synchronised
    else:
        where = f"{processor()}, {threads} thread(s)"
        clock = time.process_time if threads == 1 else time.perf_counter
    configs = sorted(configurations(width, points, members), key=rank)
    program, alone = Program(configs, device), [_loop(config, device) for config in configs]
    batched = _seconds(program.epoch, clock)
    sequential = _seconds(lambda epoch: [loop.epoch(epoch) for loop in alone], clock)
    error = max(_distance(a.module, b.module) for a, b in zip(program.loops, alone, strict=True))
    problem = f"{members} members, width {width}, {points} points"
    gain = f"{sequential / batched:.2f} times as fast; {where}"
    return [
        Row(problem, f"batched, {name}", batched / members, error, gain),
        Row(problem, f"one after another, {name}", sequential / members, None, where),
    ]


def _loop(config: Any, device: Any) -> Any:
    """What `train` runs between its measurements."""
    import torch

    from simulations import losses
    from simulations.training.loop import _Loop, build_network, load_samples

    samples = load_samples(config)
    module = build_network(config, samples, device=device, dtype=torch.float32)
    return _Loop(config, module, losses.get(config.loss), samples, device, torch.float32)


def _seconds(epoch: Callable[[int], Any], clock: Callable[[], float]) -> float:
    """The least of some epochs, after one that warms up."""
    epoch(1)
    seconds = []
    for number in EPOCHS:
        began = clock()
        epoch(number)
        seconds.append(clock() - began)
    return min(seconds)


def _synchronised() -> float:
    import torch

    torch.cuda.synchronize()
    return time.perf_counter()


def _distance(one: Any, other: Any) -> float:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max(float((a - b).detach().abs().max() / b.detach().abs().max()) for a, b in pairs)
