# SPDX-License-Identifier: MIT
"""A search for configurations that meet the hypotheses and come close to, or pass, the conclusion.

Random descent from structured, random and known starts: first towards the hypotheses, then against the
conclusion.  Deterministic for a given seed.  Floats only; ``theory.witness`` has the last word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from theory.soundness.exactly import witness_of
from theory.soundness.numbers import Numbers
from theory.soundness.points import Frame, Point, moved, numbers, point_of, random_point
from theory.statement import Statement, Witness
from theory.witness import refutes

CLEAR = 1e-7
LARGEST = 1e4  # of a parameter: exponentials of more are beyond floats, and a burden to balls


@dataclass(frozen=True)
class Score:
    """How far from the hypotheses, and by how much (relatively) the conclusion holds."""

    missing: float
    slack: float

    @property
    def key(self) -> tuple[float, float]:
        """Smaller is better for the attacker."""
        return (self.missing, self.slack)


HOPELESS = Score(np.inf, np.inf)


def score(frame: Frame, point: Point) -> Score:
    """The score of a point."""
    try:
        if any(np.abs(x).max(initial=0.0) > LARGEST for x in point.floats.values()):
            return HOPELESS
        found = numbers(frame, point)
        missing = sum(_shortfall(found, a) for a in frame.hypotheses)
        slack = found.margin(frame.conclusion)
    except (ArithmeticError, KeyError, ValueError, TypeError):
        return HOPELESS
    return Score(missing, slack if np.isfinite(slack) else np.inf)


def _shortfall(found: Numbers, hypothesis) -> float:  # type: ignore[no-untyped-def]
    needed = {"==": -1e-12, "<=": -1e-13, "<": 1e-9}[hypothesis.op]
    margin = found.margin(hypothesis)
    return 10.0 if not np.isfinite(margin) else max(0.0, needed - margin)


def descend(frame: Frame, start: Point, rng: Random, evaluations: int) -> tuple[Point, Score]:
    """The best point on a random walk that never gets worse."""
    best, best_score = start, score(frame, start)
    for _ in range(evaluations if start.exact else 0):
        if best_score.missing == 0 and best_score.slack < -CLEAR and best_score.slack < -1e-2:
            break
        candidate = moved(frame, best, rng)
        for _ in range(rng.choice((0, 0, 1))):
            candidate = moved(frame, candidate, rng)
        found = score(frame, candidate)
        if found.key <= best_score.key:
            best, best_score = candidate, found
    return best, best_score


def starts(frame: Frame, known: Sequence[Witness], rng: Random) -> Iterator[Point]:
    """Known configurations, then random ones, in turn and without end."""
    points = [p for w in known if (p := point_of(frame, w)) is not None]
    while True:
        for point in points:
            yield point
            yield random_point(frame, rng)
        if not points:
            yield random_point(frame, rng)


def counterexample(
    statement: Statement, known: Sequence[Witness], *, seed: int, walks: int, steps: int, seconds: float
) -> Witness | None:
    """An exact witness that refutes the statement, or None if none was found in the time given."""
    frame, rng = Frame.of(statement), Random(seed)
    end = time.monotonic() + seconds
    source = starts(frame, known, rng)
    for _ in range(walks):
        if time.monotonic() > end:
            return None
        point, found = descend(frame, next(source), rng, steps)
        if found.missing == 0 and found.slack < -CLEAR:
            witness = exactly(statement, frame, point)
            if witness is not None:
                return witness
    return None


def adapted(statement: Statement, known: Sequence[Witness]) -> Witness | None:
    """A known configuration, with what the statement's hypotheses define computed anew, that refutes it."""
    frame = Frame.of(statement)
    for witness in known:
        point = point_of(frame, witness)
        if point is None:
            continue
        found = score(frame, point)
        if found.missing == 0 and found.slack < -CLEAR:
            exact = exactly(statement, frame, point)
            if exact is not None:
                return exact
    return None


def exactly(statement: Statement, frame: Frame, point: Point) -> Witness | None:
    """The point as a witness, if it refutes the statement rigorously."""
    try:
        witness = witness_of(frame, point)
        return witness if refutes(witness, statement) else None
    except (ArithmeticError, KeyError, ValueError, TypeError):
        return None


def near(
    statement: Statement, known: Sequence[Witness], *, seed: int, walks: int, steps: int, seconds: float
) -> list[Witness]:
    """Configurations that meet the hypotheses with the conclusion as tight as the search can make it."""
    frame, rng = Frame.of(statement), Random(seed)
    end = time.monotonic() + seconds
    source = starts(frame, known, rng)
    result: list[Witness] = []
    for _ in range(walks):
        if time.monotonic() > end:
            break
        point, found = descend(frame, next(source), rng, steps)
        if found.missing == 0 and np.isfinite(found.slack):
            try:
                witness = witness_of(frame, point)
            except (ArithmeticError, KeyError, ValueError):
                continue
            result.append(replace(witness, note=f"found by search, relative slack {found.slack:.2g}"))
    return result
