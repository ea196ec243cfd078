# SPDX-License-Identifier: MIT
"""What a figure's ``data`` may ask for: training records, long cached computations, verdicts."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from paper_figures import content

#: Libraries whose versions enter the key of a long computation.
LIBRARIES = ("numpy", "scipy", "sympy", "python-flint", "torch", "cvxpy", "clarabel")

Progress = Callable[[int, int], None]


class Context:
    """Where the figures' numbers come from.

    Parameters
    ----------
    preset
        ``"tiny"`` (seconds, for tests), ``"quick"`` (minutes on two cores) or ``"paper"``.
    records
        Finished training records by sweep name; each record has ``key``, ``config``, ``history``, ``final``.
    store
        Folder where results of long computations are kept; one JSON file each, named by content.
    workers
        Number of processes for long computations; 1 computes in this process.
    progress
        ``progress(label, done, total)``, called as computations finish.
    frozen_folder
        Folder of the records kept in the repository; None for its own, ``frozen``.
    """

    def __init__(
        self,
        *,
        preset: str,
        records: Mapping[str, Sequence[Any]],
        store: Path,
        workers: int = 1,
        progress: Callable[[str, int, int], None] | None = None,
        frozen_folder: Path | None = None,
    ) -> None:
        self.preset = preset
        self.store = Path(store)
        self.workers = workers
        self._records = records
        self._frozen_folder = frozen_folder
        self._frozen: dict[str, list[Any]] = {}
        self._progress = progress or (lambda label, done, total: None)

    def records(self, sweep: str) -> list[Any]:
        """The records of `sweep`, in the sweep's order; empty if it was skipped (its data set is absent).

        Raises
        ------
        KeyError
            If the figure did not name `sweep` among the sweeps it needs.
        """
        if sweep not in self._records:
            raise KeyError(f"sweep {sweep!r} was not run for this figure; name it in FIGURE.sweeps")
        return list(self._records[sweep])

    def trained(self, sweep: str) -> bool:
        """Whether this build has records of `sweep`, trained by it or by an earlier one."""
        return bool(self._records.get(sweep))

    def kept(self) -> list[str]:
        """The names of the records kept in the repository."""
        from simulations.sweeps import frozen

        return frozen.names(self._frozen_folder)

    def frozen(self, name: str) -> list[Any]:
        """The records kept in the repository under `name`, without guarantees; empty if there are none.

        Raises
        ------
        simulations.errors.InputError
            If the file is damaged.
        """
        from simulations.sweeps import frozen

        if name not in self._frozen:
            there = name in self.kept()
            folder = self._frozen_folder
            self._frozen[name] = frozen.records(name, folder=folder, guarantees="none") if there else []
        return list(self._frozen[name])

    def choose(self, *, tiny: Any, quick: Any, paper: Any) -> Any:
        """The one of three values that belongs to the preset."""
        return {"tiny": tiny, "quick": quick, "paper": paper}[self.preset]

    def compute(
        self,
        function: Callable[..., Any],
        configurations: Sequence[Mapping[str, Any]],
        *,
        label: str,
        places: Sequence[str] = ("theory", "simulations"),
    ) -> list[Any]:
        """``[function(**c) for c in configurations]``, in parallel, each result kept by content.

        Parameters
        ----------
        function
            A module-level function whose results are made of numbers, strings, lists, dictionaries and
            arrays; arrays come back as nested lists.
        configurations
            Keyword arguments, JSON values only. A configuration computed before with the same code is read
            back.
        label
            What the progress display calls it.
        places
            Folders whose code the result depends on, beside the file that defines `function`.
        """
        module = function.__module__.replace(".", "/") + ".py"
        base = content.key(
            function.__qualname__,
            content.code(*places, without=("commands",)),
            content.code(module),
            content.versions(*LIBRARIES),
        )
        paths = [self.store / "computed" / f"{content.key(base, c)[:32]}.json" for c in configurations]
        results = [content.read_json(path) for path in paths]
        missing = [index for index, result in enumerate(results) if result is None]
        done = len(paths) - len(missing)
        self._progress(label, done, len(paths))
        for index, value in self._run(function, configurations, missing):
            content.write(paths[index], content.dumps(value))
            results[index] = content.read_json(paths[index])
            done += 1
            self._progress(label, done, len(paths))
        return [result["value"] for result in results]

    def _run(self, function: Any, configurations: Sequence[Mapping[str, Any]], missing: list[int]) -> Any:
        if self.workers == 1 or len(missing) < 2:
            for index in missing:
                yield index, function(**configurations[index])
            return
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self.workers, len(missing)), mp_context=spawn) as pool:
            futures = {pool.submit(function, **configurations[index]): index for index in missing}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def verdicts(self, names: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """Rows of the ledger of the theorems `names` (all if None) by name, each with title and sentence.

        Verdicts are kept as ``python -m theory`` keeps them: a theorem is checked again only after a change
        of something that it depends on.

        Raises
        ------
        RuntimeError
            If the file of a theorem is refused; names the file and the reason.
        """
        from theory.verdicts import ledger

        def shown(row: Any, done: int, total: int) -> None:
            self._progress("verify theorems", done, total)

        found = ledger(names, workers=self.workers, progress=shown)
        if found.refused:
            raise RuntimeError("refused: " + "; ".join(map(str, found.refused)))
        rows = {row.name: row.to_dict() for row in found.rows}
        titles = {head.name: {"title": head.title, "says": head.says} for head in found.heads}
        chosen = rows if names is None else dict.fromkeys(names)
        return {name: {**titles[name], **rows[name]} for name in chosen}
