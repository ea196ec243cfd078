# SPDX-License-Identifier: MIT
"""Collapse metrics of one last layer: simulations.measure, the public package, the papers' notebook.

The same arrays for all, N = 50000 features of d = 512 dimensions in C = 10 classes, in float32 and float64.
floor: the features converted to float64 twice, slice by slice, and the products that two passes cannot do
without, in plain NumPy: sums by class in either pass, logits, and residuals along the class means. Ours is
timed in full (every metric, the loss gap, the guarantees), for the quantities of the others alone (NC1 to
NC4), and from batches through NeuralCollapse. Ours computes in float64 whatever the input; the public package
in float32 unless told otherwise, the notebook in the features' precision, both in batches of 128 as in their
examples (benchmarks/_collapse.py says where they are taken from). error: relative error of
Tr(Sigma_W Sigma_B^+)/C against extended precision. Seconds are processor time of this process, the least of
five calls (of one for the notebook), which other work on the machine lengthens little: with one thread
(OMP_NUM_THREADS=1) what the wall clock would say on an idle machine.

NC1 to NC4 alone take a tenth of what the package takes in float32; everything takes a sixth to a fifth, and
ten times faster it cannot be in NumPy: what is done with every number of the features takes 60 ms of the
package's 700. These are, in milliseconds of one thread of an AMD EPYC whose other threads were busy, for
float32: reading and conversion to float64, 2 x 5; squares, 2 x 3; sums by class, 2 x 6.5 (the second are of
unit vectors, which the others do not measure); subtraction of the class means, 10; one product with 9 axes,
10 rows of the classifier and the global mean, 21, near the processor's peak. `measure` in full, 123, spends
the rest on losses, margins and cosines of 50000 samples in 10 classes (29), on 46 guarantees (14, whatever N
is) and on calls (20). NeuralCollapse sums the first pass once more, to notice other data, and spends half a
millisecond a batch on calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks import _collapse
from benchmarks._table import Row

C, N, D = 10, 50_000, 512
SAME = ("nc1", "nc2", "nc3", "nc4")
ROWS = 512  # of a slice of the floor
REPEATS = 5


def run() -> list[Row]:
    """Both precisions, every method."""
    return [row for dtype in (np.float32, np.float64) for row in _one(dtype)]


def _one(dtype: Any) -> list[Row]:
    import torch

    from simulations import measure
    from simulations.measurement import evaluate

    data = _collapse.features(C=C, n=N, d=D, noise=0.3, dtype=dtype)
    tensors = [torch.from_numpy(data[name]) for name in ("features", "labels", "weight")]
    exact = _collapse.exact_nc1(data["features"], data["labels"], C)
    problem = f"{dtype.__name__}, N = {N}, d = {D}, C = {C}"

    def row(
        method: str, call: Callable[[], Any], read: Callable[[Any], float], repeats: int = REPEATS
    ) -> Row:
        seconds, result = least(call, repeats)
        error = abs(read(result) - exact) / exact
        return Row(problem, method, seconds, error, f"NC1 = {read(result):.6g}")

    rows = [
        row("measure, NC1 to NC4", lambda: evaluate(**data, only=SAME), lambda v: v["nc1.pinv_trace"]),
        row("measure, everything", lambda: measure(**data), lambda m: m.nc1.pinv_trace),
        *(
            row(f"NeuralCollapse, by {size}", partial(streamed, size, *tensors), lambda m: m.nc1.pinv_trace)
            for size in (1000, 8000)
        ),
        Row(problem, "floor: two reads, products", least(lambda: floor(data), REPEATS)[0], None),
    ]
    if _collapse.package() is None:
        absent = f"set {_collapse.CHECKOUT} to a checkout of rhubarbwu/neural-collapse"
        rows.append(Row(problem, "public package", float("nan"), None, f"absent: {absent}"))
    else:
        for name in ("float32", "float64"):
            kind = getattr(torch, name)
            call = partial(_collapse.of_package, kind, *tensors)
            rows.append(row(f"public package in {name}", call, lambda found: found["nc1"]))
    notebook = row("papers' notebook", lambda: _collapse.of_notebook(*tensors), lambda v: v["nc1"], 1)
    return [*rows, notebook]


def least(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Least processor seconds of ``repeats`` calls after a first one, if there are several; last result."""
    seconds, result = [], call() if repeats > 1 else None
    for _ in range(repeats):
        began = time.process_time()
        result = call()
        seconds.append(time.process_time() - began)
    return min(seconds), result


def streamed(size: int, features: Any, labels: Any, weight: Any) -> Any:
    """The metric on batches of ``size``, both phases."""
    from simulations import NeuralCollapse

    metric = NeuralCollapse(*weight.shape, weight=weight)
    for phase in (1, 2):
        for x, y in zip(features.split(size), labels.split(size), strict=True):
            metric.update(x, y)
        if phase == 1:
            metric.start_second_phase()
    return metric.compute()


def floor(data: dict[str, np.ndarray]) -> float:
    """Read twice, convert, and multiply as little as two passes need; the sum keeps it from being skipped."""
    features, weight = data["features"], data["weight"].T.astype(float)
    one_hot = np.eye(len(weight.T))[data["labels"]]
    axes, kept = np.random.default_rng(0).standard_normal(weight.shape), 0.0
    for second in (False, True):
        for i in range(0, len(features), ROWS):
            rows = features[i : i + ROWS].astype(float)
            kept += float((one_hot[i : i + ROWS].T @ rows)[0, 0])
            if second:
                kept += float((rows @ weight)[0, 0] + (rows @ axes)[0, 0])
    return kept
