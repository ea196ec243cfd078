# SPDX-License-Identifier: MIT
"""NeuralCollapse under torch.distributed: real processes over gloo give the numbers of one process."""

import json
import multiprocessing
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch

from simulations.measurement import evaluate, nest

C, D, N = 4, 6, 90
# Generous: on a busy machine four processes need this long to import PyTorch. It takes seconds otherwise.
SECONDS = 400
# Processes add in another order than one: sums of N numbers differ by some units of 1e-16, ratios by more.
TOLERANCE = 1e-13
# name: (processes, distance of the features from their class means)
CASES = {
    "uneven shares": (2, 0.5),
    "uneven shares, nearly collapsed": (2, 1e-9),
    "no process has all classes": (3, 0.5),
    "one process has no samples": (4, 0.5),
    "another weight": (3, 0.5),
    "another shape": (2, 0.5),
}

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no forkserver"),
    pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="this torch has no gloo"),
]


def layer(noise):
    """Arguments of measure: features at distance ``noise`` from class means far from the origin."""
    rng = np.random.default_rng(0)
    labels = np.concatenate([np.repeat(np.arange(C), 2), rng.integers(0, C, N - 2 * C)])
    means = rng.standard_normal((C, D))
    return {
        "features": means[labels] + 1.0 + noise * rng.standard_normal((N, D)),
        "labels": labels,
        "weight": means + 0.1 * rng.standard_normal((C, D)),
        "bias": rng.standard_normal(C),
    }


def shares(case, labels):
    """Which samples each process sees."""
    processes = CASES[case][0]
    if case == "one process has no samples":
        return [np.arange(0), *np.array_split(np.arange(N), processes - 1)]
    if case == "no process has all classes":
        return [np.flatnonzero(labels % processes == rank) for rank in range(processes)]
    cuts = [N // 7 * (rank + 1) for rank in range(processes - 1)]
    return np.split(np.random.default_rng(1).permutation(N), cuts)


def one_case(case, rank, group):
    """What this process finds: values, or the message of the error."""
    from simulations import InputError, NeuralCollapse

    data = layer(CASES[case][1])
    mine = shares(case, data["labels"])[rank]
    weight = data["weight"]
    if rank == 1 and case == "another weight":
        weight = weight + 1e-15
    if rank == 1 and case == "another shape":
        weight = weight[:, :-1]
    dimension = weight.shape[1]
    metric = NeuralCollapse(
        C, dimension, weight=weight, bias=data["bias"], weight_decay=0.01, process_group=group
    )

    def feed():
        for part in np.array_split(mine, 3):
            if len(part):
                metric.update(data["features"][part, :dimension], data["labels"][part])

    try:
        feed()
        metric.start_second_phase()
        feed()
        values = metric.compute().to_dict()
    except InputError as error:
        return {"error": str(error)}
    return {"values": values, "own samples": float(metric.seen.sum())}


def work(rank, folder):
    """One of four processes; the first of them take part in every case."""
    from simulations import comparison

    # What follows from the values alone is not compared, and costs each process seconds to load.
    comparison.guarantees = lambda values: []
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meeting",
        rank=rank,
        world_size=4,
        timeout=timedelta(seconds=SECONDS),
    )
    found = {}
    for case, (processes, _) in CASES.items():
        group = torch.distributed.new_group(list(range(processes)))
        if rank < processes:
            found[case] = one_case(case, rank, group)
    Path(folder, f"{rank}.json").write_text(json.dumps(found))
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """case -> what each of its processes found."""
    folder = tmp_path_factory.mktemp("processes")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["simulations.collapse_metric", "simulations.comparison"])
    processes = [context.Process(target=work, args=(rank, str(folder))) for rank in range(4)]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join(SECONDS)
        assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
    each = [json.loads((folder / f"{rank}.json").read_text()) for rank in range(4)]
    return {case: [one[case] for one in each if case in one] for case in CASES}


def differing(values, expected, path=""):
    """Names whose values differ by more than the tolerance."""
    assert values.keys() - {"guarantees"} == expected.keys()
    names = []
    for name, value in expected.items():
        if isinstance(value, dict):
            names += differing(values[name], value, f"{path}{name}.")
        elif isinstance(value, float):
            close = values[name] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE)
            names += [] if close else [f"{path}{name}: {values[name]!r} != {value!r}"]
        elif values[name] != value:
            names.append(f"{path}{name}")
    return names


@pytest.mark.parametrize(
    "case", ["uneven shares", "no process has all classes", "one process has no samples"]
)
def test_processes_together_measure_what_one_does(case, found):
    data = layer(0.5)
    expected = nest(evaluate(**data, weight_decay=0.01), dict)
    assert len(found[case]) == CASES[case][0]
    for rank, result in enumerate(found[case]):
        assert "error" not in result, result["error"]
        assert differing(result["values"], expected) == []
        assert result["values"] == found[case][0]["values"]  # to the last bit, on every process
        assert result["own samples"] == len(shares(case, data["labels"])[rank])  # not left synchronised


def test_nearly_collapsed_features_lose_nothing_between_processes(found):
    """NC1 near 1e-18, means of size one: sums of squares less squares of sums would lose all digits."""
    values = found["uneven shares, nearly collapsed"][0]["values"]
    expected = nest(evaluate(**layer(1e-9), weight_decay=0.01), dict)["nc1"]
    assert 0 < expected["trace_ratio"] < 1e-17
    for name, value in expected.items():
        assert values["nc1"][name] == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize("case", ["another weight", "another shape"])
def test_every_process_refuses_when_one_has_another_classifier(case, found):
    assert len(found[case]) == CASES[case][0]
    for result in found[case]:
        assert "process 1 measures another classifier" in result["error"]
        assert "\n" not in result["error"]
