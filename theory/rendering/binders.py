# SPDX-License-Identifier: MIT
"""Names of bound indices: one that does not depend on where an expression stands, and one for readers."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import lru_cache

from sympy import Expr, Symbol

from theory.expressions import Claim, Exists, Expansion, Mean, Relation, index, is_index
from theory.rendering.nodes import Binder

MARK = "@"


@lru_cache(maxsize=50_000)
def standard(expr: Expr) -> Expr:
    """The same expression with each bound index named by the height of its ``Mean``.

    Two expressions that differ in names of bound indices only have the same standard form.
    """
    return _standard(expr)[0]


@lru_cache(maxsize=50_000)
def _standard(expr: Expr) -> tuple[Expr, int]:
    if not expr.args:
        return expr, 0
    if isinstance(expr, Mean):
        body, height = _standard(expr.body)
        names = {i: index(f"{i.name[0]}{MARK}{height + 1}.{place}") for place, i in enumerate(expr.indices)}
        return Mean(body.xreplace(names), *names.values()), height + 1
    parts = [_standard(a) for a in expr.args]
    return expr.func(*(e for e, _ in parts)), max(height for _, height in parts)


def standard_claim(claim: Claim) -> Claim:
    """A claim in standard form; free indices that a rule renamed get the least name that is free."""
    return standard_sequent(frozenset(), claim)[1]


def standard_sequent(hypotheses: frozenset[Relation], conclusion: Claim) -> tuple[frozenset[Relation], Claim]:
    """Hypotheses and conclusion in standard form, with the same names for the indices they share."""
    shared = {s for claim in (*hypotheses, conclusion) for s in claim.free_symbols if is_index(s)}
    names = _plain_names(shared)
    return frozenset(_rename_relation(a, names) for a in hypotheses), _rename(conclusion, names)


def _rename(claim: Claim, names: dict[Symbol, Symbol]) -> Claim:
    if isinstance(claim, Exists):
        return Exists(claim.constants, _rename_relation(claim.body, names))
    if isinstance(claim, Expansion):
        parts = (claim.quantity, claim.variable, *claim.coefficients)
        quantity, variable, first, second = (_replaced(standard(a), names) for a in parts)
        return Expansion(quantity, variable, (first, second))
    return _rename_relation(claim, names)


def _rename_relation(claim: Relation, names: dict[Symbol, Symbol]) -> Relation:
    free = claim.free_symbols
    own = {i: n for i, n in names.items() if i in free}
    own |= _plain_names(set(claim.over), taken=set(own.values()))
    sides = [_replaced(standard(side), own) for side in (claim.lhs, claim.rhs)]
    return Relation(sides[0], claim.op, sides[1], tuple(own[i] for i in claim.over))


def _replaced(expr: Expr, names: dict[Symbol, Symbol]) -> Expr:
    return expr if all(a == b for a, b in names.items()) else expr.xreplace(names)


def readable(expr: Expr, taken: Iterable[Symbol] = ()) -> Expr:
    """Bound indices named c, c', ..., none like an index around it or in ``taken``."""
    return _readable(expr, frozenset(taken))


def _readable(expr: Expr, taken: frozenset[Symbol]) -> Expr:
    if not expr.args:
        return expr
    if isinstance(expr, Mean | Binder):
        names: dict[Symbol, Symbol] = {}
        for i in expr.indices:
            names[i] = next(name for name in _candidates(i) if name not in taken | set(names.values()))
        inner = taken | set(names.values())
        args = [names.get(a, a) if is_index(a) else _readable(a.xreplace(names), inner) for a in expr.args]
        return expr.func(*args)
    return expr.func(*(_readable(a, taken) for a in expr.args))


def _plain_names(free: set[Symbol], taken: Set[Symbol] = frozenset()) -> dict[Symbol, Symbol]:
    names: dict[Symbol, Symbol] = {}
    for i in sorted(free, key=_age):
        used = taken | set(names.values())
        names[i] = next(name for name in _candidates(i) if name not in used)
    return names


def _age(symbol: Symbol) -> tuple[str, int, str]:
    stem, _, number = symbol.name.partition("#")
    return symbol.name[0], int(number) if number.isdigit() else 0, stem


def _candidates(symbol: Symbol) -> Iterable[Symbol]:
    primes = 0
    while True:
        yield index(symbol.name[0] + "'" * primes)
        primes += 1
