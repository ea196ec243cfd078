# SPDX-License-Identifier: MIT
"""Trusted algebra, first half: generators, and the normal form of an average of a polynomial in them.

An average is linear, what does not depend on its indices comes out, a product of averages is an average over
all their indices, and bound indices are renamed canonically (the least of all renamings).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product
from typing import Any

import sympy
from sympy import Add, Dummy, Expr, Function, Integer, Mul, Pow, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import SORTS, Indicator, Mean, fresh, index, is_index, sort_of, substitute

EXP = Function("exp_", positive=True)
LOG = Function("log_", real=True)
ROOT = Function("root_", real=True)


class OutsideLanguage(ValueError):
    """The expression is not in the statement language."""


def opaque(expr: Expr) -> bool:
    """Whether the zero test treats it as one generator: averages, indicators, applied functions."""
    return isinstance(expr, Mean | Indicator | AppliedUndef)


@lru_cache(maxsize=100_000)
def _generator(expr: Expr) -> Dummy:
    """The dummy of a generator: as a rule the same one as before, so that SymPy's caches are of use."""
    return Dummy("g")


def abstract(expr: Expr) -> tuple[Expr, dict[Dummy, Expr]]:
    """Replace every outermost opaque generator by a dummy symbol, a different one for each."""
    seen: dict[Expr, Dummy] = {}

    def walk(e: Expr) -> Expr:
        if opaque(e):
            return seen[e] if e in seen else seen.setdefault(e, _generator(e))
        return e.func(*map(walk, e.args)) if e.args else e

    return walk(expr), {v: k for k, v in seen.items()}


def normal_mean(body: Expr, bound: set[Symbol]) -> Expr:
    """The mean of a normal ``body`` over ``bound`` as a sum of canonical averages of monomials."""
    flat, back = abstract(body)
    total = []
    for term in Add.make_args(sympy.expand(flat)):
        total.append(mean_of_monomial(term.xreplace(back), bound))
    return Add(*total)


def mean_of_monomial(term: Expr, outer: set[Symbol]) -> Expr:
    bound, factors = set(outer), []
    queue = list(Mul.make_args(term))
    while queue:
        factor = queue.pop()
        base, n = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
        if isinstance(base, Mean) and isinstance(n, Integer) and n > 0:
            for _ in range(int(n)):
                renaming = {i: fresh(i) for i in base.indices}
                bound |= set(renaming.values())
                queue.extend(Mul.make_args(substitute(base.body, renaming)))
        else:
            factors.append(factor)
    result: Expr = Integer(1)
    while factors:
        group = [factors.pop()]
        names = [f.free_symbols & bound for f in factors]
        reach = group[0].free_symbols & bound
        if not reach:
            result *= group[0]
            continue
        changed = True
        while changed:
            changed = False
            for n2, other in list(enumerate(factors)):
                if names[n2] & reach:
                    group.append(other)
                    reach |= names[n2]
                    del factors[n2], names[n2]
                    changed = True
                    break
        result *= _close(Mul(*group), reach)
    return result


def _close(body: Expr, bound: set[Symbol]) -> Mean:
    """Bind the indices with canonical names: the least of all renamings."""
    _check_samples(body, bound)
    groups = [[s for s in bound if sort_of(s) == kind] for kind in ("class", "sample", "coordinate")]
    letters = [next(x for x, kind in SORTS.items() if kind == k) for k in ("class", "sample", "coordinate")]
    # an average inside another must not take the outer one's name, which is free in its body
    taken = [s.name for s in body.free_symbols - bound if is_index(s) and "·" in s.name]
    first = {x: max((int(n.partition("·")[2]) for n in taken if n[0] == x), default=0) + 1 for x in letters}
    only = all(len(g) < 2 for g in groups)
    best: tuple[str, Mean] | None = None
    for choice in product(*(permutations(g) for g in groups)):
        renaming = {
            s: index(f"{letter}_·{n}")
            for letter, order in zip(letters, choice, strict=True)
            for n, s in enumerate(order, first[letter])
        }
        renamed = _rename_opaque(body, renaming)
        key = "" if only else sympy.srepr(renamed)
        candidate = (key, Mean(renamed, *sorted(renaming.values(), key=lambda s: s.name)))
        if best is None or candidate[0] < best[0]:
            best = candidate
    assert best is not None  # there is always the identity renaming
    return best[1]


def _rename_opaque(body: Expr, renaming: dict[Symbol, Symbol]) -> Expr:
    """Rename, and restore the canonical form of what the renaming touched inside opaque generators."""

    def walk(e: Expr) -> Expr:
        if isinstance(e, Mean):
            inner = {i: fresh(i) for i in e.indices}
            return normal_mean(walk(substitute(e.body, inner)), set(inner.values()))
        if isinstance(e, Symbol):
            return renaming.get(e, e)
        return e.func(*map(walk, e.args)) if e.args else e

    return walk(body)


def _check_samples(body: Expr, bound: set[Symbol]) -> None:
    """A sample index belongs to one class: it must follow the same class index in every atom."""
    owner: dict[Symbol, Any] = {}
    for atom in sympy.preorder_traversal(body):
        if not isinstance(atom, AppliedUndef) or atom.func in (EXP, LOG, ROOT):
            continue
        for before, a in zip((None, *atom.args[:-1]), atom.args, strict=True):
            if is_index(a) and sort_of(a) == "sample" and owner.setdefault(a, before) != before:
                raise OutsideLanguage(f"{body}: sample index {a} is used with two classes")
    for sample, cls in owner.items():
        if sample in body.free_symbols and sample not in bound and cls in bound:
            raise OutsideLanguage(f"{body}: averaging over class {cls} leaves its sample {sample} unbound")
