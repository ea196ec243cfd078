# SPDX-License-Identifier: MIT
"""A counterexample to a statement without one of its hypotheses, sought where the hypothesis was at work.

Configurations that are known from any theorem of the library come first, for theorems share their hypotheses
and so their counterexamples.  The best of them are the parents of generations of random neighbours, changed
mostly in what the dropped hypothesis speaks of; a lineage never gets worse.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from sympy import Integer, Rational

from theory.expressions import Relation
from theory.soundness.batch import Batch
from theory.soundness.plan import Polar, things
from theory.soundness.points import Frame, Point, moved, point_of, random_point
from theory.soundness.search import CLEAR, exactly
from theory.statement import Statement, Witness
from theory.witness import refutes

PARENTS, CHILDREN = 10, 10
STRONG = tuple(Rational(x) for x in ("-1", "0", "1/100", "1/10", "10", "100"))
EXACT_TRIALS = 12
POOL = 60
Key = tuple[float, float]


@dataclass
class Bred:
    """A point of the frame number ``frame`` and how good it is for the attacker (small is good)."""

    frame: int
    point: Point
    key: Key = (np.inf, np.inf)


@dataclass
class Hunt:
    """The search for one dropped hypothesis.  ``seconds`` of processor time are spent at most."""

    statement: Statement
    dropped: Relation
    seconds: float

    def __post_init__(self) -> None:
        self.end = time.process_time() + self.seconds
        self.frames = [Frame.of(self.statement, tight=True), Frame.of(self.statement)]
        if self.frames[0].plan == self.frames[1].plan:
            del self.frames[1]
        self.focus = [focus(frame, self.dropped) for frame in self.frames]
        self.trials = 0

    def run(self, known: Sequence[Witness], pool: Sequence[Witness], rng: Random) -> Witness | None:
        """The first counterexample found, or None."""
        first = [
            Bred(n, point)
            for n, frame in enumerate(self.frames)
            for witness in (*known, *_some(frame, pool, rng))
            if (point := point_of(frame, witness, default=Integer(1))) is not None
        ]
        first += [Bred(n, random_point(f, rng)) for n, f in enumerate(self.frames) for _ in range(20)]
        lines = self.judged(first)
        while True:
            for one in lines:
                if (exact := self.check(one)) is not None:
                    return exact
            if time.process_time() > self.end or self.trials > EXACT_TRIALS:
                return None
            lines = self.next_generation(lines[:PARENTS] if len(lines) > PARENTS else lines, rng)

    def judged(self, generation: list[Bred]) -> list[Bred]:
        """The generation with its keys, best first."""
        groups: dict[Any, list[Bred]] = {}
        for one in generation:
            groups.setdefault((one.frame, *sorted(one.point.sizes.items())), []).append(one)
        for (n, *_), group in groups.items():
            try:
                missing, slack = Batch(self.frames[n], [one.point for one in group]).scores()
            except (ArithmeticError, LookupError, ValueError, TypeError):
                continue
            for one, *key in zip(group, missing, slack, strict=True):
                one.key = (float(key[0]), float(key[1]))
        return sorted(generation, key=lambda one: one.key)

    def next_generation(self, parents: list[Bred], rng: Random) -> list[Bred]:
        """The best of each parent with its children."""
        children = [(p, Bred(p.frame, self.child(p, rng))) for p in parents for _ in range(CHILDREN)]
        self.judged([c for _, c in children])
        best = {id(p): p for p in parents}
        for p, c in children:
            if c.key <= best[id(p)].key:
                best[id(p)] = c
        lines = list(best.values())
        n = rng.randrange(len(self.frames))
        if rng.random() < 0.3:  # a newcomer in the place of the worst
            lines = sorted(lines, key=lambda one: one.key)[: PARENTS - 1]
            lines += self.judged([Bred(n, random_point(self.frames[n], rng))])
        return sorted(lines, key=lambda one: one.key)

    def child(self, parent: Bred, rng: Random) -> Point:
        """A neighbour, changed mostly in the focus, sometimes by much."""
        frame, point = self.frames[parent.frame], parent.point
        keys = [k for k in self.focus[parent.frame] if k in point.exact]
        for _ in range(rng.choice((1, 1, 2, 3))):
            near = keys and rng.random() < 0.5
            if rng.random() < 0.2:
                key = rng.choice(keys if near else sorted(point.exact, key=str))
                table = point.exact[key]
                point = point.copy()
                if table.ndim and rng.random() < 0.5:
                    changed = table.copy()
                    at = rng.randrange(len(table))
                    changed[at] = rng.choice(STRONG) * table[at]
                    point.set(key, changed)
                else:
                    point.set(key, np.array(rng.choice(STRONG) * table, dtype=object))
            else:
                point = moved(frame, point, rng, keys if near else None)
        return point

    def check(self, one: Bred) -> Witness | None:
        """The point as a witness if it refutes the statement exactly."""
        if one.key[0] > 0 or not one.key[1] < -CLEAR or self.trials > EXACT_TRIALS:
            return None
        self.trials += 1
        return exactly(self.statement, self.frames[one.frame], one.point)


def _some(frame: Frame, pool: Sequence[Witness], rng: Random) -> list[Witness]:
    """At most ``POOL`` of the configurations that have what the frame asks for."""
    atoms = set(frame.sorts) - frame.defined
    fit = [w for w in pool if atoms <= set(w.functions)]
    return fit if len(fit) <= POOL else rng.sample(fit, POOL)


def focus(frame: Frame, dropped: Relation) -> list[Any]:
    """The parameters that the dropped hypothesis speaks of, directly or through what defines them."""
    names = things(dropped.lhs) | things(dropped.rhs)
    found: set[Any] = set(names)
    for step in frame.plan:
        if step.targets & names:
            found |= step.needs
            if isinstance(step, Polar):
                found |= {("stretch", step.norm.func), ("filler", step.direction.func)}
    return sorted(found - frame.defined, key=str)


@lru_cache(maxsize=1)
def shared_witnesses() -> tuple[Witness, ...]:
    """Every witness that a theorem of the library declares."""
    from theory.registry import theorems
    from theory.soundness.attack import own_witnesses

    return tuple(w for entry in theorems().values() for w in own_witnesses(entry))


def hunt(
    statement: Statement,
    dropped: Relation,
    known: Sequence[Witness],
    *,
    seed: int,
    seconds: float,
    pool: Sequence[Witness] | None = None,
) -> Witness | None:
    """An exact counterexample to ``statement``, which lacks the hypothesis ``dropped``; None without one.

    With ``seconds`` of 0 only the ``known`` configurations are tried, as they are.  ``pool`` are further
    configurations to start from; by default every witness of the library.
    """
    for witness in known:
        try:
            if refutes(witness, statement):
                return witness
        except (ArithmeticError, LookupError, ValueError, TypeError):
            continue
    if seconds <= 0:
        return None
    return Hunt(statement, dropped, seconds).run(
        known, shared_witnesses() if pool is None else pool, Random(seed)
    )
