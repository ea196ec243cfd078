# SPDX-License-Identifier: MIT
"""Hypotheses about objects that can be chosen anew: a theorem is as true without them.

Where the conclusion does not speak of an object, and the hypotheses that do can be met by some choice of it
whatever the rest is, then none of these hypotheses is needed: a configuration without them is turned into one
with them, and the conclusion, which holds there, says the same here.  Three such objects are known:

direction   v = s n u with ||u||^2 <= 1: the direction u of v (0 where v = 0), and its length n, if n >= 0 is
            only said to satisfy s^2 n^2 = ||v||^2 and s > 0; where a conclusion counts directions, u = 0
            where n = 0 will do for ||u||^2 <= 1 if u = 0 is among those counted
root        n^2 = x with x >= 0 visibly: n = sqrt(x)
basis       an orthonormal basis of the columns of a matrix of inner products in d dimensions: its rank is
            at most d; or the projection on what these columns and the vector of ones leave
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol
from sympy.core.function import AppliedUndef

from theory.checker import implies
from theory.expressions import (
    Claim,
    Exists,
    Indicator,
    Mean,
    Relation,
    applied_functions,
    eq,
    fresh,
    is_index,
    le,
    sort_of,
    substitute_function,
)
from theory.normal_form import sign
from theory.statement import Statement
from theory.symbols import C, d


def chosen_anew(statement: Statement, n: int) -> str | None:
    """What can be chosen so that hypothesis ``n`` holds, in words; None if nothing of the kind is found."""
    for kind in (_directions, _roots, _bases, _projections):
        for words, about, atoms in kind(statement):
            if n in about and not _mentioned(statement, about, atoms):
                return words
    return _counted_at_zero(statement, n)


Found = Iterator[tuple[str, set[int], set[Any]]]


def _mentioned(statement: Statement, about: set[int], atoms: set[Any]) -> bool:
    """Whether the conclusion, or a hypothesis that is not in ``about``, speaks of one of the atoms."""
    claim: Claim = statement.conclusion
    body = claim.body if isinstance(claim, Exists) else claim
    if not isinstance(body, Relation):
        return True
    others = [body, *(a for m, a in enumerate(statement.hypotheses) if m not in about)]
    return any(atoms & _atoms(a) for a in others)


def _atoms(relation: Relation) -> set[Any]:
    return set(applied_functions(relation.lhs) | applied_functions(relation.rhs))


def _saying(statement: Statement, *wanted: Relation) -> list[int] | None:
    """The numbers of hypotheses that say each of ``wanted``, in this order; None if one is missing."""
    numbers = []
    for relation in wanted:
        found = [
            m for m, a in enumerate(statement.hypotheses) if a.op == relation.op and implies(a, relation)
        ]
        if not found:
            return None
        numbers.append(found[0])
    return numbers


def _square(vector: Expr, k: Symbol) -> Expr:
    return d * Mean(vector**2, k)


@dataclass(frozen=True)
class _Split:
    """v = s n u for all indices; the numbers of the hypotheses for it, ||u||^2 <= 1 and s^2 n^2 = ||v||^2."""

    direction: AppliedUndef
    length: AppliedUndef
    outer: tuple[Symbol, ...]
    split: int
    unit: list[int]
    norm: list[int]


def _splits(statement: Statement) -> Iterator[_Split]:
    for m, split in enumerate(statement.hypotheses):
        factors = sympy.Mul.make_args(split.rhs)
        coordinates = [i for i in split.over if sort_of(i) == "coordinate"]
        if split.op != "==" or len(coordinates) != 1:
            continue
        (k,) = coordinates
        outer = tuple(i for i in split.over if i != k)
        for u in (f for f in factors if isinstance(f, AppliedUndef) and set(f.args) == {*outer, k}):
            for length in (f for f in factors if isinstance(f, AppliedUndef) and set(f.args) == set(outer)):
                scale = sympy.Mul(*(f for f in factors if f not in (u, length)))
                names = {u.func, length.func}
                if names & (applied_functions(split.lhs) | applied_functions(scale)) or not _is_scale(scale):
                    continue
                unit = _saying(statement, le(_square(u, k), 1, *outer))
                norm = _saying(statement, eq(_square(split.lhs, k), (scale * length) ** 2, *outer))
                if unit is not None and norm is not None:
                    yield _Split(u, length, outer, m, unit, norm)


def _directions(statement: Statement) -> Found:
    """The direction of a vector, and its length where 0 <= n says nothing else of it."""
    for a in _splits(statement):
        words, u, length = f"the direction {a.direction.func} of a vector", a.direction.func, a.length.func
        yield words, {a.split, *a.unit}, {u}
        positive = _saying(statement, le(0, a.length, *a.outer))
        if positive is not None:
            about = {a.split, *a.unit, *a.norm, *positive}
            yield f"{words}, and its length {length}", about, {u, length}


def _counted_at_zero(statement: Statement, n: int) -> str | None:
    """||u||^2 <= 1, where all that is said of u counts x(u) >= 0, and u = 0 is counted.

    Where n is not 0, ||u|| = 1; where it is, u = 0 will do for all hypotheses, and is counted if u was.
    """
    claim = statement.conclusion
    if not isinstance(claim, Relation) or claim.op == "==":
        return None
    counted = claim.lhs.body if isinstance(claim.lhs, Mean) else None
    if not isinstance(counted, Indicator):
        return None
    argument = counted.args[0]
    for a in _splits(statement):
        u = a.direction.func
        others = [x for m, x in enumerate(statement.hypotheses) if m not in (a.split, *a.unit)]
        if n not in a.unit or u in applied_functions(claim.rhs) or any(u in _atoms(x) for x in others):
            continue
        used = [f for f in argument.atoms(AppliedUndef) if f.func == u]
        places = {tuple(i for i in f.args if sort_of(i) != "coordinate") for f in used}
        nothing = substitute_function(argument, u, a.direction.args, Integer(0))
        fixed = len(places) == 1 and set(next(iter(places))) <= argument.free_symbols
        if fixed and _sign(nothing) in ("+", "0+"):
            return f"the direction {u} of a vector, 0 where the vector is"
    return None


def _is_scale(scale: Expr) -> bool:
    """Whether it is positive, whatever its symbols are in their domains, and the same for all indices."""
    free = scale.free_symbols
    return not scale.atoms(AppliedUndef) and not any(is_index(s) for s in free) and _sign(scale) == "+"


def _sign(expr: Expr) -> str:
    """The sign that can be read off; "" if none can."""
    try:
        return str(sign(expr))
    except ValueError:
        return ""


def _roots(statement: Statement) -> Found:
    """n^2 = x for all indices of n, x visibly nonnegative, and 0 <= n."""
    for m, square in enumerate(statement.hypotheses):
        n = square.lhs.base if isinstance(square.lhs, sympy.Pow) and square.lhs.exp == 2 else None
        if square.op != "==" or not isinstance(n, AppliedUndef):
            continue
        if set(n.args) != set(square.over) or len(set(n.args)) != len(n.args):
            continue
        if not {i for i in square.rhs.free_symbols if is_index(i)} <= set(square.over):
            continue
        if n.func in applied_functions(square.rhs) or _sign(square.rhs) not in ("+", "0+"):
            continue
        positive = _saying(statement, le(0, n, *square.over))
        yield f"the root {n.func} of a square", {m, *(positive or [])}, {n.func}


def _inner_products(expr: Expr, c: Symbol, j: Symbol) -> bool:
    """Whether it is a sum over d coordinates of something of c times something of j: of rank at most d."""
    means = [f for f in sympy.Mul.make_args(expr) if isinstance(f, Mean)]
    if len(means) != 1 or len(means[0].indices) != 1 or expr != d * means[0]:
        return False
    if sort_of(means[0].indices[0]) != "coordinate":
        return False
    return all(not {c, j} <= f.free_symbols for f in sympy.Mul.make_args(means[0].body))


def _bases(statement: Statement) -> Found:
    """<x_c, y_j> = <f_c, p_j> for all c and j, sum_c <f_c, p_j>^2 = ||p_j||^2, sum_c f_ck^2 <= 1."""
    for m, rank in enumerate(statement.hypotheses):
        if rank.op != "==" or [sort_of(i) for i in rank.over] != ["class", "class"]:
            continue
        right = [x for x in rank.rhs.atoms(Mean) if rank.rhs == d * x and len(x.indices) == 1]
        factors = sympy.Mul.make_args(right[0].body) if right else ()
        if len(factors) != 2 or not all(isinstance(f, AppliedUndef) for f in factors):
            continue
        (k,) = right[0].indices
        for c, j in (rank.over, rank.over[::-1]):
            frame = [f for f in factors if f.args == (c, k)]
            part = [f for f in factors if f.args == (j, k)]
            if not frame or not part or not _inner_products(rank.lhs, c, j):
                continue
            names = {frame[0].func, part[0].func}
            if len(names) < 2 or names & applied_functions(rank.lhs):
                continue
            isometry = _saying(statement, eq(C * Mean(rank.rhs**2, c), _square(part[0], k), j))
            small = _saying(statement, le(C * Mean(frame[0] ** 2, c), 1, k))
            if isometry is not None and small is not None:
                words = f"an orthonormal basis {frame[0].func}, and the coordinates {part[0].func} in it"
                yield words, {m, *isometry, *small}, names


def _projections(statement: Statement) -> Found:
    """sum_e P_ce P_je = P_cj, sum_j P_cj = 0, sum_e P_ce Z_ej = 0, rank Z at most d, C-1-d <= sum_c P_cc.

    The projection on what the columns of Z and the vector of ones leave has rank C - 1 - d at least.
    """
    for m, idempotent in enumerate(statement.hypotheses):
        p = idempotent.rhs
        if idempotent.op != "==" or not isinstance(p, AppliedUndef) or p.args != idempotent.over:
            continue
        if [sort_of(i) for i in p.args] != ["class", "class"]:
            continue
        c, j = p.args
        e = fresh(c)
        wanted = (
            eq(C * Mean(p.func(c, e) * p.func(j, e), e), p, c, j),
            eq(Mean(p.func(c, e), e), 0, c),
            le(C - 1 - d, C * Mean(p.func(c, c), c)),
        )
        found = _saying(statement, *wanted)
        if found is None or found[0] != m:
            continue
        for a, kills in enumerate(statement.hypotheses):
            if kills.op == "==" and kills.rhs == 0 and _kills_columns(p.func, kills):
                yield f"the projection {p.func} on what a matrix leaves", {*found, a}, {p.func}


def _kills_columns(p: Any, relation: Relation) -> bool:
    """Whether the left side is sum_e P_xe Z_ey for all x and y, Z a matrix of inner products without P."""
    means = [f for f in sympy.Mul.make_args(relation.lhs) if isinstance(f, Mean)]
    if len(means) != 1 or len(means[0].indices) != 1 or relation.lhs != C * means[0]:
        return False
    (e,) = means[0].indices
    own = [f for f in sympy.Mul.make_args(means[0].body) if isinstance(f, AppliedUndef) and f.func == p]
    if len(own) != 1 or own[0].args[1] != e or len(relation.over) != 2:
        return False
    rest, x = means[0].body / own[0], own[0].args[0]
    others = [y for y in relation.over if y != x]
    if x not in relation.over or len(others) != 1 or p in applied_functions(rest) or x in rest.free_symbols:
        return False
    return all(sort_of(i) == "class" for i in (e, x, *others)) and _inner_products(rest, e, others[0])
