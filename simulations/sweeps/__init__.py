# SPDX-License-Identifier: MIT
"""Sweeps: grids of training runs, computed in parallel, stored by content and resumed after any interruption.

One experiment a file; every file defines `SWEEP`. Nothing here imports torch until a run has to be computed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from simulations.discovery import by_name, discover
from simulations.sweeps._queue import SweepStopped
from simulations.sweeps.store import Record, Store

if TYPE_CHECKING:
    from simulations.sweeps._collect import Engine
    from simulations.sweeps._definition import Sweep

__all__ = ["Record", "SweepStopped", "get", "names", "run_sweep", "unavailable"]

_HELPERS = ("cluster", "engine", "frozen", "store")
STRATEGIES = ("processes", "batched", "threads", "auto")
Progress = Callable[[str, int, int], None]


def _all() -> list[Sweep]:
    return list(discover(__name__, "SWEEP", _HELPERS).values())


def names() -> list[str]:
    """The names of all sweeps."""
    return sorted(sweep.name for sweep in _all())


def get(name: str) -> Sweep:
    """The sweep of that name; InputError names the nearest one otherwise."""
    return by_name("sweep", _all(), name)


def unavailable(name: str, *, preset: str = "quick", store: Path | str = Path("records")) -> str | None:
    """Why no run of the preset can be had on this machine (its data are absent and nothing is stored) and
    what to do, or None where some can."""
    from simulations.sweeps._data import availability

    found = availability(get(name).configs(preset), Store(store))
    return None if found.stays else str(found)


def run_sweep(
    name: str,
    *,
    preset: str = "quick",
    workers: int | None = None,
    store: Path | str = Path("records"),
    device: str = "auto",
    progress: Progress | None = None,
    scheduler: str | None = None,
    strategy: str = "processes",
) -> list[Record]:
    """Every run of a sweep, from the store where it is there, computed and stored where it is not.

    preset: "quick", "paper" or "tiny". workers: processes, None one per core (tiny sweeps: none), 0 none,
    that is, everything in this process. scheduler: the address of a Dask scheduler whose workers compute
    instead (see `simulations.sweeps.cluster`). store: the folder of the records. device: "auto" (the first
    there is of CUDA, MPS and the CPU), "cpu", "cuda" or "mps"; a stored run is used whichever device made it.
    progress: called as progress(name, done, total), first with what the store holds. strategy: "processes"
    (the only one whose numbers are those of `train` to the last bit), "batched", "threads", or "auto", the
    fastest of them by measurement (see `simulations.training.strategy`); a stored run of any is used.

    Returns the records in the grid's order. Runs whose data are not on this machine are left out, unless they
    are stored: before any training, one message on stderr says which data sets are missing, what stays, and
    how to get the rest. Each finished run is stored at once, so a second call goes on where an
    interrupted one stopped; several calls at once, from several machines, share a store's work. Raises
    InputError for an unknown name or preset or a scheduler that is not there, BoundViolation, with the arrays
    saved in `store/violations`, when a measurement contradicts a proved bound, SweepStopped when the store
    cannot be written to or runs lost their workers again and again, and, once all others are stored,
    TrainingDiverged for a run whose loss is not finite.
    """
    from simulations.errors import InputError, unknown

    configs = get(name).configs(preset)
    if workers is not None and (not isinstance(workers, int) or workers < 0):
        raise InputError(f"run_sweep(workers={workers!r}): required is a whole number of processes, or None")
    if strategy not in STRATEGIES:
        raise unknown("strategy", strategy, STRATEGIES)
    if workers is not None and scheduler is not None:
        raise InputError(
            f"run_sweep(workers={workers}, scheduler={scheduler!r}): take one of them; the workers of a "
            "cluster are started where it runs"
        )
    from simulations.sweeps._collect import collect
    from simulations.sweeps._data import availability

    found = availability(configs, Store(store))
    if found.absent:
        print(f"sweep {name}, preset {preset}: {found}", file=sys.stderr)
    if not found.stays:
        return []
    engine: Engine
    if scheduler is not None:
        from simulations.sweeps.cluster import Remote

        engine = Remote(scheduler, device=device, strategy=strategy)
    else:
        from simulations.sweeps.engine import Local

        if workers is None:
            workers = 0 if preset == "tiny" else available_cores()
        engine = Local(workers=workers, device=device, strategy=strategy)
    return collect(name, found.stays, store=Store(store), engine=engine, progress=progress)


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
