# SPDX-License-Identifier: MIT
"""Folding of sums: centred rows, cross-entropies, sums over the wrong classes, entropies and divergences.

Each function looks for the terms that a name stands for among the terms of a sum, and puts the name there.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Expr, Integer, Mul, Symbol, exp, log

from theory.expressions import is_index, sort_of
from theory.rendering.nodes import (
    CentredRow,
    CrossEntropy,
    Divergence,
    OthersMean,
    OthersTotal,
    Psi,
    Q,
    RowMean,
    Total,
)
from theory.symbols import C, w


def fold_sum(expr: Expr) -> Expr:
    for change in (_centred_rows, _cross_entropies, _wrong_totals, _entropies, _divergences):
        if isinstance(expr, Add):
            expr = change(expr)
    return expr


def _take(expr: Expr, part: Expr, name: Expr) -> Expr | None:
    """``expr`` with its terms ``part`` replaced by ``name``; None if they are not all there."""
    terms = dict.fromkeys(expr.args)
    wanted = Add.make_args(part)
    if any(t not in terms for t in wanted):
        return None
    for t in wanted:
        del terms[t]
    return Add(*terms, name)


def _replace(expr: Expr, options: Callable[[Expr, Expr], list[tuple[Expr, Expr]]]) -> Expr:
    """Fold whatever fits: ``options(term, expr)`` lists pairs (sum that must be there, its name)."""
    for term in list(Add.make_args(expr)):
        for part, name in options(term, expr):
            folded = _take(expr, part, name) if isinstance(expr, Add) else None
            if folded is not None:
                expr = folded
                break
    return expr


def _times(coefficient: Expr, expr: Expr) -> Expr:
    """The product, multiplied out over the terms of ``expr``."""
    return Add(*(coefficient * t for t in Add.make_args(expr)))


def _classes(expr: Expr, but: Symbol) -> list[Symbol]:
    free = {s for s in expr.free_symbols if is_index(s) and sort_of(s) == "class"}
    return sorted(free - {but}, key=lambda s: s.name)


def _centred_rows(expr: Expr) -> Expr:
    def options(term: Expr, whole: Expr) -> list[tuple[Expr, Expr]]:
        found = []
        for mean in [f for f in Mul.make_args(term) if isinstance(f, RowMean)]:
            a, k = -term / mean, mean.args[0]
            for c in _classes(whole, k):
                found.append((a * w(c, k) - a * mean, a * CentredRow(c, k)))
        return found

    return _replace(expr, options)


def _cross_entropies(expr: Expr) -> Expr:
    def options(term: Expr, whole: Expr) -> list[tuple[Expr, Expr]]:
        found = []
        for total in [f for f in Mul.make_args(term) if isinstance(f, log)]:
            a, inside = term / total, total.args[0]
            if isinstance(inside, Total) and isinstance(inside.args[0], exp):
                body, j = inside.args[0].args[0], inside.args[1]
                for c in _classes(whole, j):
                    part = term + _times(-a, body.xreplace({j: c}))
                    found.append((part, a * CrossEntropy(c, body, j)))
        return found

    return _replace(expr, options)


def _wrong_totals(expr: Expr) -> Expr:
    def options(term: Expr, whole: Expr) -> list[tuple[Expr, Expr]]:
        found = []
        for total in [f for f in Mul.make_args(term) if isinstance(f, Total)]:
            a, (body, j) = term / total, total.args
            if sort_of(j) == "class":
                for c in _classes(whole, j):
                    part = term + _times(-a, body.xreplace({j: c}))
                    found.append((part, a * OthersTotal(body, c, j)))
        return found

    return _replace(expr, options)


def _entropies(expr: Expr) -> Expr:
    def options(term: Expr, whole: Expr) -> list[tuple[Expr, Expr]]:
        if not term.has(log(C - 1)):
            return []
        p = term / log(C - 1)
        return [(Psi(s * p).unfold() * s, s * Psi(s * p)) for s in (1, -1)]

    return _replace(expr, options)


def _divergences(expr: Expr) -> Expr:
    def options(term: Expr, whole: Expr) -> list[tuple[Expr, Expr]]:
        found: list[tuple[Expr, Expr]] = []
        for mean in [f for f in Mul.make_args(term) if isinstance(f, OthersMean | OthersTotal)]:
            each = term / mean
            p = each if isinstance(mean, OthersMean) else fold_slope(each * (C - 1))
            share = log(p / (C - 1)) if isinstance(mean, OthersMean) else log(each)
            body, c, j = mean.args
            for own in [f for f in Add.make_args(body) if isinstance(f, CrossEntropy)]:
                if own.args[0] == j and body - own == share:
                    right = (1 - p) * (log(1 - p) + own.func(c, *own.args[1:]))
                    found.append((term + right, Divergence(p, c, *own.args[1:])))
        return found

    return _replace(expr, options)


def fold_slope(expr: Expr) -> Expr:
    """(C-1)/(C-1+e^t) = (C-1) e^-t/(1+(C-1) e^-t) = q(t), and its inverse."""
    powers = expr.as_powers_dict()
    for base in list(powers):
        t, power = exponent_beside(base, C - 1, Integer(1)), powers[base]
        if t is not None and power in (1, -1) and powers[C - 1] == -power:
            return expr / base**power * (C - 1) ** power * Q(t) ** (-power)
        t = exponent_beside(base, Integer(1), C - 1)
        if t is not None and power == -1 and powers[C - 1] == 1 and exp(t) in expr.args:
            return expr * base / (C - 1) / exp(t) * Q(-t)
    return expr


def exponent_beside(expr: Expr, constant: Expr, factor: Expr) -> Expr | None:
    """t where ``expr`` is constant + factor e^t."""
    rest = expr - constant
    if not isinstance(expr, Add) or isinstance(rest, Add):
        return None
    power = rest / factor
    return power.args[0] if isinstance(power, exp) else None
