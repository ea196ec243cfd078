# SPDX-License-Identifier: MIT
"""Reports kept one file a theorem, so that a campaign can be broken off and resumed.

A report is read back only if all that the theorem's verdict rests on (see ``theory.verdict_cache``), the code
of this folder, what is on file about the theorem, and the effort are what they were.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

from theory.soundness.campaign import Effort, Report
from theory.soundness.hypotheses import Fate
from theory.soundness.steps import StepReport, Survivor
from theory.soundness.store import COUNTEREXAMPLES, MEANINGLESS, load
from theory.verdict_cache import snapshot

PRESENTATION = ("__main__", "listing", "reports", "table")  # modules that do not bear on what a report says


class Reports:
    """The reports in ``folder``, made with ``effort``.  Raises ``OSError`` if the folder cannot be made."""

    def __init__(self, folder: Path, effort: Effort) -> None:
        self.folder, self.effort = folder, effort
        self.snapshot = snapshot()
        here = sorted(p for p in Path(__file__).parent.glob("*.py") if p.stem not in PRESENTATION)
        self.code = hashlib.sha256(b"\n".join(path.read_bytes() for path in here)).hexdigest()
        self.on_file = (load(COUNTEREXAMPLES), load(MEANINGLESS))
        folder.mkdir(parents=True, exist_ok=True)

    def key(self, name: str) -> str:
        """The content that a report on the theorem depends on, as a digest."""
        from theory.registry import theorems

        entries, files, waiting = theorems(), set[str](), [name]
        seen: set[str] = set()
        while waiting:
            entry = entries[waiting.pop()]
            if entry.name not in seen:
                seen.add(entry.name)
                files.add(entry.file)
                waiting += entry.uses
        parts = [self.snapshot.foundation, self.code, json.dumps(asdict(self.effort), sort_keys=True), name]
        parts += [json.dumps(kept.get(name, {}), sort_keys=True) for kept in self.on_file]
        parts += [f"{file} {self.snapshot.digests.get(file, '')}" for file in sorted(files)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def load(self, name: str) -> Report | None:
        """The report on a theorem; None if there is none, or it is about something older."""
        try:
            kept = json.loads(self._path(name).read_text(encoding="utf-8"))
            if kept["key"] != self.key(name):
                return None
            body = kept["report"]
            steps = body["steps"]
            if steps is not None:
                steps = StepReport(**{**steps, "survivors": [Survivor(**s) for s in steps["survivors"]]})
            fates = [Fate(**fate) for fate in body["fates"]]
            return Report(**{**body, "counts": Counter(body["counts"]), "fates": fates, "steps": steps})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(self, report: Report) -> None:
        """Keep a finished report; one that was given up is not kept, to be tried again."""
        if report.gave_up:
            return
        plain = asdict(replace(report, counts=dict(report.counts)))  # type: ignore[arg-type]
        body = json.dumps({"key": self.key(report.name), "report": plain}, indent=1)
        path = self._path(report.name)
        part = path.with_suffix(".part")
        part.write_text(body + "\n", encoding="utf-8")
        os.replace(part, path)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
