# SPDX-License-Identifier: MIT
"""Folding: coordinate sums become inner products, and losses and class means get their names back.

Every rewriting is an equation, and ``fold`` checks the result as a whole: unfolded again, it is the same
expression, structurally or by the exact zero test.  What does not pass is left as it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy
from sympy import Add, Expr, Integer, Mul, Symbol, log
from sympy.core.function import AppliedUndef

from theory.expressions import Mean, index, sort_of
from theory.normal_form import is_zero
from theory.rendering.binders import MARK, standard
from theory.rendering.fold_sums import exponent_beside, fold_slope, fold_sum
from theory.rendering.nodes import (
    CentredRow,
    ClassMean,
    Dot,
    GlobalMean,
    OthersMean,
    OthersTotal,
    Phi,
    PhiInverse,
    RowMean,
    Total,
    unfold,
)
from theory.symbols import C, d, h, w

LONGEST_ZERO_TEST = 400


@lru_cache(maxsize=50_000)
def fold(expr: Expr) -> Expr:
    """``expr`` in the words of the field; ``nodes.unfold`` gives back exactly what went in."""
    plain = standard(expr)
    folded = _fold(plain)
    return folded if stands_for(folded, plain) else plain


def stands_for(folded: Expr, plain: Expr) -> bool:
    """Whether ``folded`` stands for ``plain``: the same structure, or a difference that is exactly zero."""
    back, plain = (_any_letter(standard(e)) for e in (unfold(folded), plain))
    if back == plain:
        return True
    if sympy.count_ops(back) > LONGEST_ZERO_TEST:
        return False
    try:
        return is_zero(back - plain)
    except ValueError:
        return False


def _any_letter(expr: Expr) -> Expr:
    """Bound classes all called c: j and c differ for readers only."""
    bound = {s: index("c" + s.name[1:]) for s in expr.atoms(Symbol) if s.name.startswith("j" + MARK)}
    return expr.xreplace(bound)


@lru_cache(maxsize=200_000)
def _fold(expr: Expr) -> Expr:
    if not expr.args or isinstance(expr, AppliedUndef):
        return expr
    if isinstance(expr, Mean):
        return _mean(_fold(expr.body), expr.indices)
    inside = expr.func(*(_fold(a) for a in expr.args))
    for kind, change in _CHANGES:
        if isinstance(inside, kind):
            inside = change(inside)
    return inside


def _mean(body: Expr, over: tuple[Symbol, ...]) -> Expr:
    sorts = [sort_of(i) for i in over]
    if isinstance(body, AppliedUndef):
        if body.func == h and sorts == ["sample"] and body.args[1] == over[0]:
            return ClassMean(body.args[0], body.args[2])
        if body.func == h and sorts == ["class", "sample"] and body.args[:2] == over:
            return GlobalMean(body.args[2])
        if body.func == w and sorts == ["class"] and body.args[0] == over[0]:
            return RowMean(body.args[1])
    return Mean(body, *over)


# ---- products


def _product(expr: Expr) -> Expr:
    for change in (_signs, _sums, fold_slope, _wrong_means):
        expr = change(expr)
    return expr


def _signs(expr: Expr) -> Expr:
    """1 - C as -(C - 1)."""
    power = expr.as_powers_dict()[1 - C] if isinstance(expr, Mul) else 0
    return Mul(expr / (1 - C), Integer(-1), C - 1, evaluate=True) if power == 1 else expr


def _sums(expr: Expr) -> Expr:
    """C E_j[...] and d E_k[...] as sums, and what is bilinear in two vectors as an inner product."""
    powers = dict(expr.as_powers_dict())
    for size, sort in ((d, "coordinate"), (C, "class")):
        for mean in [f for f in powers if isinstance(f, Mean) and [sort_of(i) for i in f.indices] == [sort]]:
            power, available = powers[mean], powers.get(size, Integer(0))
            # size > 0, so that a root of the product is the product of the roots
            if power.is_Rational and (available - power).is_Integer and available >= power > 0:
                del powers[mean]
                total = _total(mean.body, mean.indices[0])
                powers[size] = available - power
                powers[total] = powers.get(total, Integer(0)) + power
    return Mul(*(base**power for base, power in powers.items()))


def _total(body: Expr, j: Symbol) -> Expr:
    if sort_of(j) == "class":
        return Total(body, j)
    terms = [_inner(term, j) for term in Add.make_args(body)]
    return Add(*(t for t in terms if t is not None)) if None not in terms else Total(body, j)


def _inner(term: Expr, k: Symbol) -> Expr | None:
    """A term of a sum over coordinates as an inner product, if two vectors are multiplied in it."""
    scalars, vectors = [], []
    for factor in Mul.make_args(term):
        base, power = factor.as_base_exp()
        if not factor.has(k):
            scalars.append(factor)
        elif power in (1, 2) and is_linear(base, k):
            vectors += [base] * int(power)
        else:
            return None
    if len(vectors) != 2:
        return None
    u, v = sorted(vectors, key=sympy.default_sort_key)
    return Mul(*scalars) * Dot(u, v, k)


def is_linear(u: Expr, k: Symbol) -> bool:
    """Whether ``u`` is a combination of vectors, k being their coordinate."""
    if isinstance(u, Add):
        return all(is_linear(a, k) for a in u.args)
    if isinstance(u, Mul):
        inside = [a for a in u.args if a.has(k)]
        return len(inside) == 1 and is_linear(inside[0], k)
    if isinstance(u, Mean | Total | OthersMean | OthersTotal):
        return is_linear(u.args[0], k) and k not in u.args[1:]
    if isinstance(u, AppliedUndef | ClassMean | GlobalMean | RowMean | CentredRow):
        return u.args[-1] == k and k not in u.args[:-1]
    return False


def _wrong_means(expr: Expr) -> Expr:
    """Sums over the wrong classes divided by C - 1."""
    for factor in Mul.make_args(expr):
        if isinstance(factor, OthersTotal) and expr.as_powers_dict()[C - 1] == -1:
            return expr / factor * (C - 1) * OthersMean(*factor.args)
    return expr


def _logarithm(expr: Expr) -> Expr:
    """log(1 + (C-1) e^-t) = phi(t), log((C-1)/(e^l - 1)) = phi^{-1}(l)."""
    argument = expr.args[0]
    t = exponent_beside(argument, Integer(1), C - 1)
    if t is not None:
        return Phi(-t)
    level = exponent_beside(1 / (argument / (C - 1)), Integer(-1), Integer(1))
    return PhiInverse(level) if level is not None else expr


_CHANGES: tuple[tuple[type[Expr], Callable[[Expr], Expr]], ...] = (
    (Mul, _product),
    (log, _logarithm),
    (Add, fold_sum),
    # a sum may have become a single term, and a product a sum
    (Mul, _product),
)
