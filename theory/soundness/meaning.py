# SPDX-License-Identifier: MIT
"""Hypotheses without which a statement says nothing: a logarithm, quotient or root that is no real number.

The evidence is a configuration: it violates the hypothesis, meets every other one that has a value there, and
something in the statement (the conclusion or another hypothesis) has none, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import sympy
from sympy import Expr, Integer, Rational, Symbol
from sympy.core.function import AppliedUndef

from theory.certificates.balls import decide
from theory.expressions import Relation, is_index
from theory.normal_form import is_zero
from theory.soundness.exactly import witness_of
from theory.soundness.points import Frame, numbers, point_of
from theory.statement import Statement, Witness
from theory.witness import concretise, domain_violations, size_of, truth

VALUES = tuple(Rational(x) for x in ("2", "4", "16", "1", "3/4", "1/2", "0", "-1"))
NO_NUMBER = (ArithmeticError, ValueError, LookupError, TypeError)


def delicate(expr: Expr) -> list[tuple[str, Expr]]:
    """("log" | "quotient" | "root", argument) of every logarithm, denominator and fractional power."""
    found = []
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.log):
            found.append(("log", node.args[0]))
        elif isinstance(node, sympy.Pow) and node.exp.is_Integer and node.exp < 0:
            found.append(("quotient", node.base))
        elif isinstance(node, sympy.Pow) and isinstance(node.exp, Rational) and not node.exp.is_Integer:
            found.append(("root" if node.exp > 0 else "log", node.base))
    return found


def undefined(relation: Relation, witness: Witness) -> str | None:
    """What in the relation is no real number at the witness, in words; None if nothing is found."""
    for kind, part in (p for side in (relation.lhs, relation.rhs) for p in delicate(side)):
        for at in _indices(part, witness):
            try:
                value = concretise(part, witness, at)
                zero = is_zero(value)
                if kind == "quotient":
                    bad = zero
                else:
                    bad = (zero and kind == "log") or (
                        not zero and decide(value, "<", Integer(0), {}) is True
                    )
            except NO_NUMBER:
                continue
            if bad:
                return f"{kind} of {part}"
    return None


def _indices(part: Expr, witness: Witness) -> Iterator[dict[Symbol, int]]:
    free = sorted((s for s in part.free_symbols if is_index(s)), key=lambda s: s.name)
    for at in product(*(range(size_of(i, witness)) for i in free)):
        yield dict(zip(free, at, strict=True))


def meaningless(statement: Statement, n: int, witness: Witness) -> str | None:
    """What has no value, if the witness shows that hypothesis ``n`` gives the statement its meaning; or None.

    Exact: the hypothesis is false, each other one is true or undefined, and something is undefined.
    """
    if witness.classes < 2 or witness.samples < 1 or witness.dimension < 1 or domain_violations(witness):
        return None
    others = [a for m, a in enumerate(statement.hypotheses) if m != n]
    claims = [a for a in (statement.conclusion, *others) if isinstance(a, Relation)]
    try:
        if truth(statement.hypotheses[n], witness) is not False:
            return None
        reasons = {a: reason for a in claims if (reason := undefined(a, witness))}
        if not reasons or not all(a in reasons or truth(a, witness) is True for a in others):
            return None
    except NO_NUMBER:
        return None
    return next(iter(reasons.values()))


def find(statement: Statement, n: int, known: Sequence[Witness]) -> Witness | None:
    """A known configuration with one symbol of hypothesis ``n`` changed that makes the statement meaningless.

    Tried for inequalities between parameters alone.
    """
    hypothesis = statement.hypotheses[n]
    if hypothesis.op == "==" or (hypothesis.lhs - hypothesis.rhs).atoms(AppliedUndef):
        return None
    symbols = sorted((s for s in hypothesis.instance().free_symbols if _is_parameter(s)), key=str)
    shared = [
        part
        for a in (statement.conclusion, *statement.hypotheses)
        if isinstance(a, Relation) and a != hypothesis
        for side in (a.lhs, a.rhs)
        for _, part in delicate(side)
    ]
    symbols = [s for s in symbols if any(s in part.free_symbols for part in shared)]
    for witness in known:
        for s in symbols:
            for value in VALUES:
                if s in witness.values and not (value < 0 and s.is_nonnegative):
                    for changed in _changed(statement, n, witness, s, value):
                        if meaningless(statement, n, changed):
                            return changed
    return None


def _is_parameter(s: Symbol) -> bool:
    return not is_index(s) and s.name not in ("C", "d")


def _changed(statement: Statement, n: int, witness: Witness, s: Symbol, value: Expr) -> Iterator[Witness]:
    """The witness with another value of ``s``; and again with what hypotheses define computed anew."""
    yield replace(witness, values={**witness.values, s: value}, note="a configuration without meaning")
    others = Statement(statement.conclusion, tuple(a for m, a in enumerate(statement.hypotheses) if m != n))
    if isinstance(others.conclusion, Relation):
        frame = Frame.of(others)
        point = point_of(frame, replace(witness, values={**witness.values, s: value}))
        if point is not None and s not in frame.defined:
            try:
                numbers(frame, point)
                yield witness_of(frame, point, "a configuration without meaning")
            except NO_NUMBER:
                return
