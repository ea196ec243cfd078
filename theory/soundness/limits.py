# SPDX-License-Identifier: MIT
"""A limit on the time of one trial: a normal form of a mutant can be far larger than that of the theorem."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooSlow(BaseException):
    """The trial was given up after its time; no ``except Exception`` on the way may keep it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise :class:`TooSlow` inside the block after ``seconds`` of processor time (main thread, Unix)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"given up after {seconds} s")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)  # again, if something swallowed it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
