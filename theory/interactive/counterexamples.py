# SPDX-License-Identifier: MIT
"""One claim against random exact configurations: a counterexample, or how close the search came.

The search is that of ``theory.soundness.search``, in floats; what it finds counts only if ``theory.witness``
confirms it with exact numbers.  Finding nothing proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import sympy
from sympy import Expr, Symbol

from theory.expressions import Relation, is_index, sort_of
from theory.statement import Statement, Witness
from theory.symbols import C, d
from theory.witness import concretise

LONGEST_TABLE = 12
SMALLER = 10  # walks in which a smaller configuration than the first one is looked for


@dataclass(frozen=True)
class Attack:
    """What became of an attack on ``hypotheses |- conclusion``.

    Attributes:
        statement: what was attacked.
        walks: random walks taken; ``met``: those that ended where every hypothesis holds.
        closest: the least (right - left)/(|left| + |right|) found there in floats; None if nothing met them.
        witness: an exact configuration that makes the statement false, or None.
    """

    statement: Statement
    walks: int
    met: int
    closest: float | None
    witness: Witness | None

    def __bool__(self) -> bool:
        """Whether the claim was refuted."""
        return self.witness is not None

    def __str__(self) -> str:
        if self.witness is not None:
            return f"REFUTED: {described(self.statement.conclusion, self.witness)}"
        if self.closest is None:
            return f"No counterexample, but none of {self.walks} walks met the hypotheses: this says nothing"
        near = (
            "met" if abs(self.closest) < 1e-9 else f"came within {self.closest:.2g} of each other, relatively"
        )
        return f"No counterexample in {self.met} walks that met the hypotheses; the sides {near}"

    __repr__ = __str__


def attack(
    statement: Statement, *, known: Sequence[Witness] = (), seed: int = 0, walks: int = 20, steps: int = 80
) -> Attack:
    """Look for a counterexample to a statement whose conclusion is a relation.

    Args:
        statement: hypotheses and conclusion.
        known: configurations to start from, besides random ones.
        seed: the same seed gives the same answer.
        walks, steps: how many random walks (at least 1), and how many configurations each may try.

    Raises:
        ValueError: for a claim that there are constants, or for an expansion.
    """
    from theory.soundness.points import Frame
    from theory.soundness.search import CLEAR, descend, exactly, starts

    if not isinstance(statement.conclusion, Relation):
        raise ValueError(f"only a relation can be attacked, got: {statement.conclusion}")
    frame, rng = Frame.of(statement), Random(seed)
    source = starts(frame, known, rng)
    slacks: list[float] = []
    small: Witness | None = None
    for taken in range(1, walks + 1):
        point, found = descend(frame, next(source), rng, steps)
        if found.missing > 0 or found.slack == float("inf"):
            continue
        slacks.append(found.slack)
        if found.slack < -CLEAR and (small is None or _entries(point.sizes) < _entries(_sizes(small))):
            small = exactly(statement, frame, point) or small
        if small is not None and (taken >= SMALLER or _entries(_sizes(small)) <= 4):
            break
    return Attack(statement, taken, len(slacks), min(slacks, default=None), small)


def _entries(sizes: Mapping[str, int]) -> int:
    return sizes["class"] * sizes["sample"] * sizes["coordinate"]


def described(claim: Any, witness: Witness) -> str:
    """The configuration, and both sides of the claim where it fails most, in one line of text."""
    everything = {s for side in (claim.lhs, claim.rhs) for s in side.atoms(Symbol)}
    symbols = {s for s in claim.free_symbols if s in witness.values}
    sorts = {sort_of(s) for s in everything if is_index(s)}
    atoms = {a.func for side in (claim.lhs, claim.rhs) for a in side.atoms(sympy.core.function.AppliedUndef)}
    parts = [f"C = {witness.classes}"] if C in everything or "class" in sorts else []
    parts += [f"d = {witness.dimension}"] if d in everything or "coordinate" in sorts else []
    parts += [f"{witness.samples} sample{'s' * (witness.samples > 1)} a class"] if "sample" in sorts else []
    parts += [f"{s} = {number(witness.values[s])}" for s in sorted(symbols, key=str)]
    parts += [_table(claim, f, witness) for f in sorted(atoms, key=str)]
    at, left, right = _worst(claim, witness)
    where = f", at {', '.join(f'{i} = {n}' for i, n in at.items())}," if at else ""
    sign = {"==": "!=", "<=": ">", "<": ">="}[claim.op]
    return f"{', '.join(p for p in parts if p)}: there{where} {left} {sign} {right}"


def number(value: Expr) -> str:
    """An exact number as short text: itself if that is short, else six digits."""
    text = str(value)
    return text if len(text) <= 12 else f"{float(value):.6g}"


def _table(claim: Relation, function: Any, witness: Witness) -> str:
    """``h = [[1, 0], [0, 1]]`` for a small table, nothing for a large one."""
    one = next(a for side in (claim.lhs, claim.rhs) for a in side.atoms(function))
    sizes = _sizes(witness)

    def nested(at: tuple[int, ...]) -> Any:
        if len(at) == len(one.args):
            return number(sympy.sympify(witness.functions[function](*at)))
        return "[" + ", ".join(nested((*at, n)) for n in range(sizes[sort_of(one.args[len(at)])])) + "]"

    entries = 1
    for a in one.args:
        entries *= sizes[sort_of(a)]
    return f"{function} = {nested(())}" if entries <= LONGEST_TABLE else ""


def _sizes(witness: Witness) -> dict[str, int]:
    return {"class": witness.classes, "sample": witness.samples, "coordinate": witness.dimension}


def _worst(claim: Relation, witness: Witness) -> tuple[dict[Symbol, int], str, str]:
    """The values of the free indices at which the claim fails most, and both sides there."""
    indices = sorted((s for s in claim.instance().free_symbols if is_index(s)), key=str)
    found = []
    for at in product(*(range(_sizes(witness)[sort_of(i)]) for i in indices)):
        here = dict(zip(indices, at, strict=True))
        left, right = (float(concretise(side, witness, here)) for side in (claim.lhs, claim.rhs))
        found.append((abs(left - right) if claim.op == "==" else left - right, here, left, right))
    _, here, left, right = max(found, key=lambda item: item[0])
    return here, f"{left:.6g}", f"{right:.6g}"
