# SPDX-License-Identifier: MIT
"""Progress bars with time left, on standard error; silent where nobody watches."""

from __future__ import annotations

from types import TracebackType
from typing import Any


class Bars:
    """One bar per stage of the work, made when the stage first reports; use as a context manager.

    On a terminal the bars are live. Elsewhere (a log file, a pipe) each finished stage is one line.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.console = Console(stderr=True)
        self._bars: Any = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._tasks: dict[str, Any] = {}
        self._closed: set[str] = set()

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def report(self, label: str, done: int, total: int) -> None:
        """Stage `label` has finished `done` of `total` pieces of work."""
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total)
        self._bars.update(self._tasks[label], completed=done, total=total)
        if done >= total and label not in self._closed:
            self._closed.add(label)
            if not self.console.is_terminal:
                self.say(f"{label}: {total} done")

    def say(self, text: str) -> None:
        """One line on standard error, above the bars."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)
