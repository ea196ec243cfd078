# SPDX-License-Identifier: MIT
"""Folded expressions in LaTeX.

The output keeps to a small part of LaTeX that ``breaking`` can break over lines and ``markup`` can read:
brackets never come from ``\\left`` and ``\\right``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, ClassVar

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Indicator, Mean
from theory.rendering import nodes
from theory.rendering.breaking import width
from theory.rendering.fences import fence
from theory.rendering.names import OWN, Names, with_indices
from theory.symbols import b, w

SUM, PRODUCT, POWER, ATOM = range(4)
SUMS = (nodes.Total, nodes.OthersTotal)
# wider numerators and exponents are written beside a fraction or in exp(...)
WIDEST_NUMERATOR = 30.0
WIDEST_BRACKET = 8.0
WIDEST_EXPONENT = 14.0


class Printer:
    """Prints folded expressions; ``names`` knows the LaTeX of symbols."""

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or Names()
        self._dropped: list[Symbol | None] = []
        self._done: dict[tuple[Any, ...], tuple[str, int]] = {}

    def text(self, expr: Expr, level: int = SUM) -> str:
        """LaTeX of ``expr``, in brackets if it binds less than ``level``."""
        key = (expr, *self._dropped)
        if key not in self._done:
            self._done[key] = self._text(expr)
        done, own = self._done[key]
        return done if own >= level else fence(done)

    def _text(self, expr: Expr) -> tuple[str, int]:
        if isinstance(expr, Add):
            return self._sum(expr), SUM
        if isinstance(expr, Mul):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Rational):
            return self._number(expr)
        for kind, method in self._METHODS.items():
            if isinstance(expr, kind):
                return method(self, expr)
        return sympy.latex(expr), SUM

    @contextmanager
    def dropping(self, k: Symbol | None) -> Iterator[None]:
        """Print vectors by their names, without the coordinate ``k``."""
        self._dropped.append(k)
        try:
            yield
        finally:
            self._dropped.pop()

    # ---- atoms

    def _number(self, expr: Rational) -> tuple[str, int]:
        if expr.q != 1:
            sign = "-" if expr.p < 0 else ""
            return rf"{sign}\frac{{{abs(expr.p)}}}{{{expr.q}}}", SUM if sign else PRODUCT
        return str(expr.p), ATOM if expr.p >= 0 else SUM

    def _symbol(self, expr: Symbol) -> tuple[str, int]:
        text = self.names.get(expr.name)
        return text, PRODUCT if "^" in text else ATOM

    def _atom(self, expr: AppliedUndef) -> tuple[str, int]:
        text = self.names.get(str(expr.func))
        return self._indexed(text, expr.args), PRODUCT if "^" in text or " P" in text else ATOM

    def _named(self, expr: Expr) -> tuple[str, int]:
        return self._indexed(OWN[type(expr)], expr.args), ATOM

    def _indexed(self, text: str, indices: Sequence[Symbol]) -> str:
        return with_indices(text, self._indices(i for i in indices if i not in self._dropped))

    def _indices(self, indices: Iterable[Symbol]) -> str:
        return ",".join(i.name for i in indices)

    # ---- sums and products

    def _sum(self, expr: Expr) -> str:
        terms = sorted(expr.args, key=self._place_in_sum)
        text = ""
        for term in terms:
            negative = _is_negative(term)
            part = self.text(-term if negative else term, PRODUCT)
            text += (" - " if text else "-") + part if negative else (" + " if text else "") + part
        return text

    def _place_in_sum(self, term: Expr) -> tuple[bool, bool, int, str]:
        return _is_negative(term), not isinstance(term, Symbol), _size(term), self.text(term)

    def _place_in_product(self, factor: Expr) -> tuple[int, int, str]:
        base = factor.args[0] if isinstance(factor, Pow) else factor
        ranks = (Rational, Symbol, AppliedUndef, Add)
        rank = next((n for n, kind in enumerate(ranks) if isinstance(base, kind)), len(ranks))
        if isinstance(base, SUMS):
            rank = len(ranks) + 1
        return rank, 0 if rank < 2 else _size(factor), self.text(factor)

    def _product(self, expr: Expr) -> tuple[str, int]:
        if _is_negative(expr):
            return "-" + self.text(-expr, PRODUCT), SUM
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in expr.args:
            if isinstance(factor, Rational):
                above += [Integer(factor.p)] if factor.p != 1 else []
                below += [Integer(factor.q)] if factor.q != 1 else []
            elif isinstance(factor, Pow) and _is_negative(factor.exp):
                below.append(1 / factor)
            else:
                above.append(factor)
        return self._quotient(
            sorted(above, key=self._place_in_product), sorted(below, key=self._place_in_product)
        )

    def _quotient(self, above: list[Expr], below: list[Expr]) -> tuple[str, int]:
        if not below:
            return self._factors(above), PRODUCT
        bottom, top = self._factors(below), self._factors(above)
        wide = [f for f in above if isinstance(f, (Add, Mean, nodes.OthersMean, *SUMS))]
        beside = [f for f in wide if width(self.text(f)) > WIDEST_BRACKET] if len(above) > 1 else []
        if not beside and width(top) <= WIDEST_NUMERATOR:
            return rf"\frac{{{top}}}{{{bottom}}}", PRODUCT
        beside = beside or [f for f in above if width(self.text(f)) > WIDEST_BRACKET]
        short = self._factors([f for f in above if f not in beside])
        return rf"\frac{{{short}}}{{{bottom}}} \, {self._factors(beside, alone=False)}", PRODUCT

    def _factors(self, factors: list[Expr], alone: bool = True) -> str:
        if not factors:
            return "1"
        if len(factors) == 1 and alone:
            return self.text(factors[0])
        parts = []
        for place, factor in enumerate(factors):
            part = self.text(factor, PRODUCT)
            if isinstance(factor, SUMS) and (place < len(factors) - 1 or not alone):
                part = fence(part)
            if place and part[0].isdigit():
                part = r"\cdot " + part
            parts.append(part)
        return r" \, ".join(parts) if any(width(p) > 8 for p in parts) else " ".join(parts)

    def _power(self, expr: Pow) -> tuple[str, int]:
        base, power = expr.args
        if _is_negative(power):
            return self._quotient([], [Pow(base, -power)])
        if isinstance(power, Rational) and power.p == 1:
            degree = "" if power.q == 2 else f"[{power.q}]"
            if power.q == 2 and _is_norm(base):
                return self._norm(base), ATOM
            return rf"\sqrt{degree}{{{self.text(base)}}}", ATOM
        exponent = self._exponent(power)
        if _is_norm(base) and isinstance(power, Integer):
            return rf"{self._norm(base)}^{{{2 * power}}}", POWER
        return rf"{self.text(base, ATOM)}^{{{exponent}}}", POWER

    def _exponent(self, power: Expr) -> str:
        if isinstance(power, Rational) and power.q != 1:
            return str(Fraction(power.p, power.q))
        return self.text(power)

    # ---- functions

    def _exp(self, expr: Expr) -> tuple[str, int]:
        inside = self.text(expr.args[0])
        if width(inside) <= WIDEST_EXPONENT and r"\frac" not in inside[5:]:
            return rf"e^{{{inside}}}", POWER
        return rf"\exp{fence(inside)}", PRODUCT

    def _log(self, expr: Expr) -> tuple[str, int]:
        argument = expr.args[0]
        if isinstance(argument, Symbol | Integer | AppliedUndef):
            return rf"\log {self.text(argument, ATOM)}", PRODUCT
        return rf"\log{fence(self.text(argument))}", PRODUCT

    def _call(self, expr: Expr) -> tuple[str, int]:
        return OWN[type(expr)] + fence(self.text(expr.args[0])), PRODUCT

    def _absolute(self, expr: Expr) -> tuple[str, int]:
        return fence(self.text(expr.args[0]), r"\lvert "), ATOM

    def _indicator(self, expr: Expr) -> tuple[str, int]:
        return r"\mathbf{1}" + fence(self.text(expr.args[0]) + r" \ge 0", "["), ATOM

    # ---- averages, sums and vectors

    def _mean(self, expr: Mean) -> tuple[str, int]:
        return rf"\mathbb{{E}}_{{{self._indices(expr.indices)}}}" + fence(self.text(expr.body), "["), ATOM

    def _others_mean(self, expr: Expr) -> tuple[str, int]:
        body, c, j = expr.args
        return rf"\mathbb{{E}}_{{{j.name} \ne {c.name}}}" + fence(self.text(body), "["), ATOM

    def _total(self, expr: Expr) -> tuple[str, int]:
        body, j = expr.args
        return rf"\sum_{{{j.name}}} {self.text(body, PRODUCT)}", PRODUCT

    def _others_total(self, expr: Expr) -> tuple[str, int]:
        body, c, j = expr.args
        return rf"\sum_{{{j.name} \ne {c.name}}} {self.text(body, PRODUCT)}", PRODUCT

    def _vector(self, u: Expr, k: Symbol, level: int = SUM) -> str:
        with self.dropping(k):
            return self.text(u, level)

    def _dot(self, expr: nodes.Dot) -> tuple[str, int]:
        u, v, k = expr.args
        if u == v:
            return f"{self._norm(expr)}^{{2}}", POWER
        if v.has(w, nodes.CentredRow, nodes.RowMean) and not u.has(w, nodes.CentredRow, nodes.RowMean):
            u, v = v, u
        return rf"\langle {self._vector(u, k)}, {self._vector(v, k)} \rangle", ATOM

    def _norm(self, expr: nodes.Dot) -> str:
        inside = self._vector(expr.args[0], expr.args[2])
        return fence(inside, r"\lVert ").strip() if r"\frac" in inside else rf"\lVert {inside} \rVert"

    # ---- losses

    def _cross_entropy(self, expr: nodes.CrossEntropy) -> tuple[str, int]:
        c, body, j = expr.args
        return rf"\ell_{{{c.name}}}" + fence(self._logits(body, j)), PRODUCT

    def _divergence(self, expr: nodes.Divergence) -> tuple[str, int]:
        p, c, body, j = expr.args
        inside = rf"{self.text(p)} \,\Vert\, {self._logits(body, j)}"
        return rf"\mathrm{{KL}}_{{{c.name}}}" + fence(inside), PRODUCT

    def _logits(self, body: Expr, j: Symbol) -> str:
        """A vector of logits: W h + b, z, or its entry j in square brackets."""
        bias = Integer(0)
        linear = body
        if isinstance(body, Add) and b(j) in body.args:
            bias, linear = b(j), body - b(j)
        if isinstance(linear, nodes.Dot):
            u, v, k = linear.args
            if v == w(j, k):
                u, v = v, u
            if u == w(j, k) and not v.has(j):
                return f"W {self._vector(v, k, PRODUCT)}" + (" + b" if bias else "")
        if isinstance(body, AppliedUndef) and body.args[-1] == j and j not in body.args[:-1]:
            with self.dropping(j):
                return self.text(body)
        return rf"{fence(self.text(body), '[')}_{{{j.name}}}"

    _METHODS: ClassVar[dict[type[Expr], Callable[..., tuple[str, int]]]] = {
        Symbol: _symbol,
        AppliedUndef: _atom,
        type(sympy.E): lambda _, expr: ("e", ATOM),
        sympy.exp: _exp,
        sympy.log: _log,
        sympy.Abs: _absolute,
        Indicator: _indicator,
        Mean: _mean,
        nodes.Dot: _dot,
        nodes.Total: _total,
        nodes.OthersTotal: _others_total,
        nodes.OthersMean: _others_mean,
        nodes.CrossEntropy: _cross_entropy,
        nodes.Divergence: _divergence,
        **dict.fromkeys((nodes.Phi, nodes.PhiInverse, nodes.Q, nodes.Psi), _call),
        **dict.fromkeys((nodes.ClassMean, nodes.GlobalMean, nodes.RowMean, nodes.CentredRow), _named),
    }


def _is_negative(expr: Expr) -> bool:
    number = expr if isinstance(expr, Rational) else expr.args[0] if isinstance(expr, Mul) else Integer(1)
    return isinstance(number, Rational) and bool(number < 0)


def _size(expr: Expr) -> int:
    return 1 + sum(_size(a) for a in expr.args)


def _is_norm(expr: Expr) -> bool:
    return isinstance(expr, nodes.Dot) and expr.args[0] == expr.args[1]
