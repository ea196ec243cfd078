# SPDX-License-Identifier: MIT
"""A hypothesis ``0 <= a(...)`` that a change of signs makes superfluous.

Let s(...) = 1 or -1 be the sign of a(...).  If every other hypothesis, and the conclusion, says the same of
s a and s b as of a and b (b another atom, such as the direction whose length a is), then a configuration with
any signs is turned into one with a >= 0 for which the statement holds: it holds for the first one too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import sympy
from sympy import Expr, Function, Integer, Pow
from sympy.core.function import AppliedUndef

from theory.expressions import Exists, Mean, Relation, applied_functions, sort_of, substitute_function
from theory.normal_form import is_zero
from theory.statement import Statement

_SIGN = Function("sign_of_it", real=True)


def partners(statement: Statement, n: int) -> tuple[str, ...] | None:
    """Names of the atoms whose signs change together, that of hypothesis ``n`` first; None if there are none.

    The hypothesis must be ``0 <= a(...)`` for all its indices, a an atom.
    """
    hypothesis = statement.hypotheses[n]
    atom = hypothesis.rhs
    if hypothesis.op != "<=" or hypothesis.lhs != 0 or not isinstance(atom, AppliedUndef):
        return None
    if set(hypothesis.over) != set(atom.args) or len(set(atom.args)) != len(atom.args):
        return None
    body = statement.conclusion.body if isinstance(statement.conclusion, Exists) else statement.conclusion
    if not isinstance(body, Relation):
        return None
    claims = [body, *(a for m, a in enumerate(statement.hypotheses) if m != n)]
    for others in _choices(claims, atom):
        if all(_unchanged(claim, (atom, *others)) for claim in claims):
            return tuple(str(a.func) for a in (atom, *others))
    return None


def _choices(claims: list[Relation], atom: AppliedUndef) -> Iterator[tuple[AppliedUndef, ...]]:
    """No other atom, or one that stands in a product with this one and has its indices."""
    yield ()
    found: dict[Any, AppliedUndef] = {}
    for side in chain.from_iterable((a.lhs, a.rhs) for a in claims):
        for product in side.atoms(sympy.Mul):
            atoms = [f for f in product.args if isinstance(f, AppliedUndef)]
            for own in (f for f in atoms if f.func == atom.func):
                for f in atoms:
                    if f.func != own.func and set(own.args) <= set(f.args):
                        found.setdefault(f.func, f)
    for f in sorted(found.values(), key=str):
        yield (f,)


def _unchanged(claim: Relation, atoms: tuple[AppliedUndef, ...]) -> bool:
    """Whether the claim says the same when the atoms are multiplied by signs of the indices of the first."""
    functions = {a.func for a in atoms}
    if not functions & (applied_functions(claim.lhs) | applied_functions(claim.rhs)):
        return True
    changed = [claim.lhs, claim.rhs]
    sorts = [sort_of(i) for i in atoms[0].args]
    for a in atoms:
        at = _matching(a, sorts)
        changed = [substitute_function(e, a.func, a.args, _SIGN(*at) * a) for e in changed]
    left, right = map(_squares_gone, changed)
    if (left, right) == (claim.lhs, claim.rhs):
        return True
    if applied_functions(left) | applied_functions(right) == _but_sign(left, right):
        return _vanishes(left - claim.lhs) and _vanishes(right - claim.rhs)
    return claim.op == "==" and _negated(left, claim.lhs) and _negated(right, claim.rhs)


def _matching(atom: AppliedUndef, sorts: list[str]) -> list[Expr]:
    """The arguments of the atom of these sorts, the first of each that is left."""
    left, chosen = list(atom.args), []
    for sort in sorts:
        i = next(x for x in left if sort_of(x) == sort)
        left.remove(i)
        chosen.append(i)
    return chosen


def _squares_gone(e: Expr) -> Expr:
    """The expression with even powers of signs left out, and signs taken out of means."""
    if isinstance(e, Mean):
        factors = sympy.Mul.make_args(_squares_gone(e.body))
        fixed = [f for f in factors if getattr(f, "func", None) == _SIGN and not set(f.args) & set(e.indices)]
        rest = sympy.Mul(*(f for f in factors if f not in fixed))
        return sympy.Mul(*fixed, Mean(rest, *e.indices))
    if isinstance(e, Pow) and getattr(e.base, "func", None) == _SIGN and e.exp.is_Integer:
        return Integer(1) if e.exp % 2 == 0 else e.base
    if isinstance(e, Pow) and isinstance(e.base, sympy.Mul) and e.exp.is_Integer and e.exp > 0:
        return _squares_gone(sympy.Mul(*(f**e.exp for f in e.base.args)))
    if not e.args or isinstance(e, AppliedUndef):
        return e
    inner = e.func(*map(_squares_gone, e.args))
    return inner if inner == e else _squares_gone(inner)


def _but_sign(*sides: Expr) -> set[Any]:
    return set().union(*map(applied_functions, sides)) - {_SIGN}


def _negated(changed: Expr, original: Expr) -> bool:
    """Whether the changed side is a sign times the original one."""
    signs = [f for f in sympy.Mul.make_args(changed) if getattr(f, "func", None) == _SIGN]
    return len(signs) == 1 and _vanishes(changed / signs[0] - original)


def _vanishes(e: Expr) -> bool:
    try:
        return e == 0 or is_zero(e)
    except ValueError:
        return False
