# SPDX-License-Identifier: MIT
"""NC1 where it is hard: near collapse, far from the origin, and with the spread across the class means.

NC1 = Tr(Sigma_W Sigma_B^+)/C of 400 features, d = 32, C = 4, by simulations.measure, by NeuralCollapse (which
sweeps, as measure does from 2^22 entries on), by the public package and the notebook's formula (see
benchmarks/_collapse.py). error: relative, against 60-digit arithmetic by mpmath on the very same numbers,
which are float32, as networks give them. reported: the value; a within-class scatter cannot be negative.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks import _collapse
from benchmarks._table import Row
from benchmarks.measure import least, streamed

CASES: dict[str, dict[str, Any]] = {
    "ordinary": {"noise": 0.3},
    "near collapse": {"noise": 1e-6},
    "large common mean": {"noise": 1e-2, "offset": 1e3},
    "near collapse, common mean": {"noise": 1e-5, "offset": 1e2},
    "spread across the means": {"noise": 0.3, "along": 0.0},
}


def run() -> list[Row]:
    """Every case with every method, ours first."""
    import torch

    rows = []
    for problem, options in CASES.items():
        data = _collapse.features(C=4, n=400, d=32, dtype=np.float32, **options)
        exact = _collapse.exact_nc1(data["features"], data["labels"], 4, digits=60)
        tensors = [torch.from_numpy(data[name]) for name in ("features", "labels", "weight")]
        wide = [x.double() if x.is_floating_point() else x for x in tensors]
        methods: dict[str, Callable[[], float]] = {
            "simulations.measure": partial(_ours, data),
            "NeuralCollapse": partial(_streamed, tensors),
            "notebook in float32": partial(_notebook, tensors),
            "notebook in float64": partial(_notebook, wide),
        }
        if _collapse.package() is not None:
            for kind in (torch.float32, torch.float64):
                methods[f"public package in {str(kind)[6:]}"] = partial(_package, tensors, kind)
        for method, call in methods.items():
            seconds, value = least(call, 1)
            negative = " NEGATIVE" if value < 0 else ""
            error = abs(value - exact) / exact
            rows.append(Row(problem, method, seconds, error, f"{value:.6g}, exactly {exact:.6g}{negative}"))
    if _collapse.package() is None:
        absent = f"absent: set {_collapse.CHECKOUT} to a checkout of rhubarbwu/neural-collapse"
        rows.append(Row("all", "public package", float("nan"), None, absent))
    return rows


def _ours(data: dict[str, Any]) -> float:
    from simulations.measurement import evaluate

    return evaluate(**data)["nc1.pinv_trace"]


def _streamed(tensors: list[Any]) -> float:
    """By the sweep that also ``measure`` takes of many samples."""
    found: float = streamed(100, *tensors).nc1.pinv_trace
    return found


def _notebook(tensors: list[Any]) -> float:
    return _collapse.of_notebook(*tensors)["nc1"]


def _package(tensors: list[Any], kind: Any) -> float:
    return _collapse.of_package(kind, *tensors)["nc1"]
