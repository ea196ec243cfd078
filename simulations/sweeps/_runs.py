# SPDX-License-Identifier: MIT
"""What a worker does, on this machine or another: train and measure, and send back numbers."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.sweeps.store import machine

BATCHED = "batched"
THREADED = "threads"


@dataclass(frozen=True)
class Outcome:
    """What became of one run.

    seconds that it took, its share of the time where it was trained with others, and the type of the device
    and the machine it ran on; history and terminal_phase_epoch of a finished run. A run that measured
    something against a proved bound has `violation` instead, the offending line of its history, with the
    `arrays` it was measured on; one that diverged has `error`.
    execution: "batched" for a run that was trained in one program with others, "threads" for one on several
    torch threads: their numbers differ from those of a plain run, None, by what becomes of rounding.
    """

    seconds: float
    history: list[dict[str, Any]] | None = None
    terminal_phase_epoch: int | None = None
    violation: dict[str, Any] | None = None
    arrays: dict[str, Any] | None = None
    device: str = "cpu"
    machine: str = ""
    execution: str | None = None
    error: BaseException | None = None


class Abandoned(Exception):
    """Nobody waits for the run any more: it is stopped at its next measurement."""


class _Violation(Exception):
    """Carries the offending line and arrays out of the training loop."""


def execute(
    configs: Sequence[Mapping[str, Any]],
    device: str = "auto",
    threads: int = 1,
    abandoned: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """The runs of one task, in this process; several are trained as one batched program.

    threads: torch threads (the count is put back afterwards). abandoned: asked at each measurement; where it
    says yes, Abandoned is raised. Raises what the training raises, except TrainingDiverged, which is the
    outcome of the one run that it is about.
    """
    import torch

    from simulations.devices import choose

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        if len(configs) > 1:
            return _together(configs, choose(device), abandoned)
        execution = None if threads == 1 else THREADED
        return [_alone(config, choose(device), abandoned, execution) for config in configs]
    finally:
        torch.set_num_threads(before)


def _alone(
    config: Mapping[str, Any], device: Any, abandoned: Callable[[], bool], execution: str | None
) -> Outcome:
    from simulations.configuration import Config, TrainingDiverged
    from simulations.training import train

    def check(line: dict[str, Any], state: Any) -> None:
        if abandoned():
            raise Abandoned
        if _violates(line):
            raise _Violation(line, state.arrays(config["weight_decay"]))

    start = time.perf_counter()
    made: dict[str, Any] = {"device": device.type, "machine": machine(), "execution": execution}
    try:
        run = train(Config.from_dict(config), device=device, observe=check)
    except _Violation as found:
        line, arrays = found.args
        return Outcome(time.perf_counter() - start, violation=line, arrays=arrays, **made)
    except TrainingDiverged as error:
        return Outcome(time.perf_counter() - start, error=portable(error), **made)
    return Outcome(time.perf_counter() - start, run.history, run.terminal_phase_epoch, **made)


def _together(
    configs: Sequence[Mapping[str, Any]], device: Any, abandoned: Callable[[], bool]
) -> list[Outcome]:
    """One program, or one run after another where the shape of the data turns out to depend on the seed.

    A member that violates a bound or diverges costs the others nothing either way.
    """
    from simulations.configuration import Config
    from simulations.training.ensemble import ShapesDiffer, train_ensemble

    violations: dict[int, dict[str, Any]] = {}

    def check(index: int, line: dict[str, Any], state: Any) -> None:
        if abandoned():
            raise Abandoned
        if index not in violations and _violates(line):
            arrays = state.arrays(configs[index]["weight_decay"])
            violations[index] = {"violation": line, "arrays": arrays}

    start = time.perf_counter()
    try:
        runs = train_ensemble([Config.from_dict(config) for config in configs], device=device, observe=check)
    except ShapesDiffer:  # raised before the first step
        return [_alone(config, device, abandoned, None) for config in configs]
    share = (time.perf_counter() - start) / len(configs)
    made: dict[str, Any] = {"device": device.type, "machine": machine(), "execution": BATCHED}
    outcomes = []
    for index, run in enumerate(runs):
        if index in violations:
            outcomes.append(Outcome(share, **violations[index], **made))
        elif isinstance(run, BaseException):
            outcomes.append(Outcome(share, error=portable(run), **made))
        else:
            outcomes.append(Outcome(share, run.history, run.terminal_phase_epoch, **made))
    return outcomes


def _violates(line: Mapping[str, Any]) -> bool:
    from simulations.comparison import verdicts

    return any(row["verdict"] == "violated" for row in verdicts(line["collapse"]["guarantees"]))


def portable(error: BaseException) -> BaseException:
    """The same error if it survives being sent to another process, else a RuntimeError that says as much."""
    try:
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    except Exception:  # whatever an exception's own pickling may raise
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")


def cost(config: Mapping[str, Any]) -> float:
    """A guess at relative duration, for starting the longest runs first.

    A layer costs a fixed overhead and its products: width^2 for a perceptron, 9 width^2 a pixel for a
    convolutional network, whose later stages have twice the channels on a quarter of the pixels.
    """
    options = config["dataset_options"]
    counts = options.get("counts")
    samples = options.get("points") or (sum(counts) if counts else 10 * (options.get("per_class") or 174))
    width = config["width"] * config.get("network_options", {}).get("width_multiplier", 1.0)
    layer = 100.0 + config["width"]
    if config["network"] != "mlp":
        side = options.get("pad_to") or (8 if config["dataset"].startswith("digits") else 32)
        layer = 100.0 + 9 * width**2 * side**2 / 200  # 200 multiplications weigh as one unit of the above
    return config["epochs"] * samples * config["depth"] * layer
