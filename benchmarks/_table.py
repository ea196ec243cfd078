# SPDX-License-Identifier: MIT
"""One row of a benchmark, and how rows are timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """problem and method in words; seconds for one call (or one value, where `unit` says so); error against
    the reference the benchmark names; outcome: what the method itself reported, and whether that was true."""

    problem: str
    method: str
    seconds: float
    error: float | None
    outcome: str = ""


def timed(
    call: Callable[[], Any], *, repeats: int = 1, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, Any]:
    """Median seconds of ``repeats`` calls by ``clock`` (of the wall by default), and the last result."""
    seconds, result = [], None
    for _ in range(repeats):
        began = clock()
        result = call()
        seconds.append(clock() - began)
    return statistics.median(seconds), result
