# SPDX-License-Identifier: MIT
"""A point made exact: the same plan as in floats, carried out with exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from theory.expressions import sort_of
from theory.normal_form import is_zero
from theory.soundness.levels import Level
from theory.soundness.plan import Atom, Polar, Scalar
from theory.soundness.points import Frame, Point, numbers, table_of
from theory.statement import Witness
from theory.witness import concretise


def witness_of(frame: Frame, point: Point, note: str = "") -> Witness:
    """The configuration as an exact witness.  Raises ``ArithmeticError`` as :func:`numbers` does."""
    tables = {k: t for k, t in point.exact.items() if not isinstance(k, Symbol | tuple)}
    values = {k: t.item() for k, t in point.exact.items() if isinstance(k, Symbol)}
    rough = numbers(frame, point)
    sizes = point.sizes

    def here() -> Witness:
        functions = {f: (lambda *at, t=t: t[at]) for f, t in tables.items()}
        return Witness(sizes["class"], sizes["sample"], sizes["coordinate"], functions, values, note)

    for step in frame.plan:
        if isinstance(step, Scalar):
            roots = [float(np.asarray(rough.at(r)).item()) for r in step.roots]
            n = min(range(len(roots)), key=lambda m: abs(roots[m] - rough.values[step.symbol]))
            values[step.symbol] = concretise(step.roots[n], here())
        elif isinstance(step, Level):
            values[step.symbol] = step.number(rough)
        elif isinstance(step, Atom):
            tables[step.function] = _exact_table(frame, step.at, sizes, step.value, here())
        elif isinstance(step, Polar):
            _polar_exact(step, point, sizes, tables, here())
    return here()


def _exact_table(
    frame: Frame, at: tuple[Symbol, ...], sizes: Mapping[str, int], value: Expr, known: Witness
) -> Any:
    sorts = tuple(sort_of(i) for i in at)
    return table_of(sorts, sizes, lambda *n: concretise(value, known, dict(zip(at, n, strict=True))))


def _polar_exact(
    step: Polar, point: Point, sizes: Mapping[str, int], tables: dict[Any, Any], known: Witness
) -> None:
    at, outer = step.direction.args, step.norm.args
    scale = concretise(step.scale, known)
    stretch = point.exact["stretch", step.norm.func]
    places = [at.index(i) for i in outer]

    def coordinate(x: int, n: tuple[int, ...]) -> Expr:
        env = dict(zip(outer, n, strict=True)) | {step.coordinate: x}
        return concretise(step.vector, known, env)

    def norm(*n: int) -> Expr:
        total = sympy.Add(*(coordinate(x, n) ** 2 for x in range(sizes["coordinate"])))
        return stretch[n] * sympy.sqrt(sympy.nsimplify(total) if total.is_Rational else total) / scale

    lengths = table_of(tuple(sort_of(i) for i in outer), sizes, norm)
    axis = at.index(step.coordinate)

    def direction(*n: int) -> Expr:
        length = lengths[tuple(n[p] for p in places)]
        if is_zero(length):
            return point.exact["filler", step.direction.func][n]
        return coordinate(n[axis], tuple(n[p] for p in places)) / (scale * length)

    tables[step.norm.func] = lengths
    tables[step.direction.func] = table_of(tuple(sort_of(i) for i in at), sizes, direction)
