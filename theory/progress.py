# SPDX-License-Identifier: MIT
"""Progress of the checks on standard error: a bar on a terminal, elsewhere one line a theorem."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from theory.ledger import Row


@contextmanager
def shown_on_stderr() -> Iterator[Callable[[Row, int, int], None]]:
    """A function that is called after each check with its row, how many are done, and of how many."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: list[TaskID] = []

        def advance(row: Row, done: int, total: int) -> None:
            if not tasks:
                tasks.append(bar.add_task("checking"))
            bar.update(tasks[0], total=total, completed=done, description=row.name)

        yield advance


def _line(row: Row, done: int, total: int) -> None:
    print(f"[{done}/{total}] {row.verdict} {row.name} ({row.seconds:.2f} s)", file=sys.stderr, flush=True)
