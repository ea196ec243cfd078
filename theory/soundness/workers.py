# SPDX-License-Identifier: MIT
"""One process for each theorem, so that a hang or a crash in compiled code costs one report and not all."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from theory.soundness.campaign import Effort, Report


@dataclass
class _Running:
    """A theorem under attack: its process, where its report will come from, and until when."""

    name: str
    process: Any
    receiver: Any
    end: float


def reports_on(names: Sequence[str], effort: Effort, workers: int = 1) -> Iterator[Report]:
    """A report on each theorem, as they are finished, from at most ``workers`` processes at once.

    A process that takes more than ``effort.patience`` seconds is ended; its report, and that of one that
    died, says so in ``gave_up``.
    """
    context = multiprocessing.get_context("fork" if _can_fork() else "spawn")
    waiting, running = list(names), list[_Running]()
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(_start(context, waiting.pop(0), effort))
        for job in list(running):
            report = _look(job, effort)
            if report is not None:
                running.remove(job)
                yield report
        time.sleep(0.02)


def _can_fork() -> bool:
    return "fork" in multiprocessing.get_all_start_methods()


def _start(context: Any, name: str, effort: Effort) -> _Running:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, effort, sender), daemon=True)
    process.start()
    sender.close()
    return _Running(name, process, receiver, time.monotonic() + effort.patience)


def _work(name: str, effort: Effort, sender: Any) -> None:
    from theory.registry import get
    from theory.soundness.campaign import attack_theorem
    from theory.soundness.hypotheses import OnFile
    from theory.soundness.recording import Recorder, forget

    forget()
    try:
        report = attack_theorem(get(name), Recorder(), effort, OnFile.about(name))
    except Exception as error:
        report = Report(name, gave_up=f"{type(error).__name__}: {error}")
    sender.send(report)


def _look(job: _Running, effort: Effort) -> Report | None:
    """The report of a job that is over, by itself or because its time is; None while it runs."""
    report = None
    if job.receiver.poll():
        try:
            report = job.receiver.recv()
        except EOFError:
            report = Report(job.name, gave_up="its process died")
    elif time.monotonic() > job.end:
        job.process.kill()
        report = Report(job.name, gave_up=f"not finished after {effort.patience:g} s")
    if report is not None:
        job.process.join()
        job.receiver.close()
    return report
