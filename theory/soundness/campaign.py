# SPDX-License-Identifier: MIT
"""The whole of soundness testing for one theorem: mutants, steps, hypotheses; and the score."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from theory.entry import Entry
from theory.expressions import Relation
from theory.soundness.attack import (
    REFUTED,
    UNDECIDED,
    UNSOUND,
    VERDICTS,
    Case,
    Target,
    cases,
    judge,
    own_witnesses,
    targets,
)
from theory.soundness.hypotheses import NOTHING, Fate, OnFile, fates, without_another
from theory.soundness.limits import TooSlow, at_most
from theory.soundness.mutants import Mutant, admissible, candidates
from theory.soundness.recording import Recorder
from theory.soundness.search import near
from theory.soundness.steps import StepReport, examine


@dataclass(frozen=True)
class Effort:
    """How much to try on each theorem.

    Attributes:
        mutants: at most so many mutants of a statement, drawn evenly over operators; None for all.
        changes: at most so many changes of a proof step; None for all.
        search: seconds of search for the counterexample to each dropped hypothesis that has none on file; 0
            for no search, None for no test of hypotheses.
        walks: random walks for configurations near equality, besides the entry's own witnesses, and as many
            short ones against each mutant.
        seconds: no new mutant or step is begun after so much processor time; None for no limit.
        trial: seconds (of processor time) for one mutant or one changed step, after which it counts as
            undecided, or skipped.
        patience: seconds after which the process of a theorem is ended (compiled code heeds no other limit).
    """

    mutants: int | None = 40
    changes: int | None = None
    search: float | None = 3.0
    walks: int = 2
    seconds: float | None = None
    trial: float = 10.0
    patience: float = 900.0


FULL = Effort()
EVERYTHING = Effort(mutants=None, search=20.0, walks=10, patience=7200.0)
QUICK = Effort(mutants=8, changes=12, search=0.0, walks=0, trial=3.0, patience=120.0)


@dataclass
class Report:
    """What soundness testing found for one theorem.

    ``possible`` mutants, of which ``counts`` by verdict; ``unsound`` and ``undecided`` by their words; the
    fate of each hypothesis; the report on proof steps.  ``gave_up`` says why there is nothing of all this.
    """

    name: str
    possible: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    unsound: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    steps: StepReport | None = None
    seconds: float = 0.0
    gave_up: str = ""

    @property
    def tried(self) -> int:
        """How many mutants were judged."""
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "name": self.name,
            "mutants": {"possible": self.possible, "tried": self.tried}
            | {verdict.lower(): self.counts[verdict] for verdict in VERDICTS},
            "unsound": self.unsound,
            "undecided": self.undecided,
            "hypotheses": [fate.to_dict() for fate in self.fates],
            "steps": None if self.steps is None else self.steps.to_dict(),
            "seconds": round(self.seconds, 2),
            "gave_up": self.gave_up,
        }


def attack_theorem(
    entry: Entry, recorder: Recorder, effort: Effort = FULL, stored: OnFile = NOTHING
) -> Report:
    """Mutate the statement, weaken the proof, drop the hypotheses of one theorem.

    An entry without proof cannot be unsound: its report is empty.
    """
    start, begun = time.monotonic(), time.process_time()
    report = Report(entry.name)
    if entry.prove is None:
        return report
    theorem = recorder.prove(entry)

    def time_left() -> bool:
        return effort.seconds is None or time.process_time() - begun < effort.seconds

    for target in targets(entry, theorem):
        pool = pool_of(entry, target, effort, stored)
        possible = candidates(target.statement)
        report.possible += len(possible)
        for mutant in sampled(possible, effort.mutants, entry.name):
            if report.counts and not time_left():
                break
            verdict = _verdict(target, mutant, pool, recorder, effort)
            report.counts[verdict] += 1
            if verdict == UNSOUND:
                report.unsound.append(f"{target.part}{mutant.change}")
            elif verdict == UNDECIDED:
                report.undecided.append(f"{target.part}{mutant.change}")
    if effort.search is not None:
        report.fates = fates(entry, target, stored, seconds=effort.search)
    seed = crc32(entry.name.encode())
    report.steps = examine(
        entry, recorder, theorem, sample=effort.changes, seed=seed, go_on=time_left, trial=effort.trial
    )
    report.seconds = time.monotonic() - start
    return report


def _verdict(target: Target, mutant: Mutant, pool: list[Case], recorder: Recorder, effort: Effort) -> str:
    try:
        with at_most(effort.trial):
            return judge(target, mutant, pool, recorder, effort.walks)
    except TooSlow:
        return UNDECIDED


def pool_of(entry: Entry, target: Target, effort: Effort, stored: OnFile = NOTHING) -> list[Case]:
    """The entry's own witnesses, configurations near equality if ``effort`` asks for them, those on file."""
    witnesses = own_witnesses(entry)
    if effort.walks and isinstance(target.statement.conclusion, Relation):
        seed = crc32(target.statement.conclusion.latex.encode())
        witnesses += near(
            target.statement, witnesses, seed=seed, walks=effort.walks, steps=150, seconds=2.0 * effort.walks
        )
    return cases(witnesses + without_another(stored, target.statement), target.statement)


def sampled(possible: list[Mutant], most: int | None, name: str) -> list[Mutant]:
    """At most ``most`` mutants, in their order, evenly over operators and places, the same every time."""
    if most is None or len(possible) <= most:
        return [mutant for mutant in possible if admissible(mutant)]
    rng = Random(crc32(name.encode()))
    groups: dict[tuple[str, bool], list[int]] = {}
    for n, mutant in enumerate(possible):
        groups.setdefault((mutant.operator, mutant.place == "conclusion"), []).append(n)
    for group in groups.values():
        rng.shuffle(group)
    chosen: set[int] = set()
    while len(chosen) < most and any(groups.values()):
        for key in sorted(groups):
            if groups[key] and len(chosen) < most:
                n = groups[key].pop()
                chosen |= {n} if admissible(possible[n]) else set()
    return [possible[n] for n in sorted(chosen)]


def score(reports: list[Report]) -> dict[str, int]:
    """The totals over theorems, and the share of judged mutants that a witness refuted."""
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.counts)
    false_ones = total[REFUTED] + total[UNDECIDED] + total[UNSOUND]
    changes = [r.steps for r in reports if r.steps is not None]
    return {
        "theorems": sum(r.steps is not None for r in reports),
        "possible": sum(r.possible for r in reports),
        "mutants": sum(total.values()),
        **{verdict.lower(): total[verdict] for verdict in VERDICTS},
        "refuted_percent": round(100 * total[REFUTED] / false_ones) if false_ones else 100,
        "step_changes": sum(s.changes for s in changes),
        "steps_that_broke": sum(s.broken for s in changes),
    }
