# SPDX-License-Identifier: MIT
"""Trusted algebra: a normal form for the statement language, exact zero tests and structural signs.

Part of what has to be believed (with ``kernel.py`` and ``rules/``).  SymPy is used here for polynomial
arithmetic over the rationals only (expand, cancel, factor_list, Poly); no simplification heuristics.

* averages: linear, constants pulled out, products of averages merged, bound indices renamed canonically;
* exp of a sum is a product; exp(log x) = x and log(xy) = log x + log y only where x, y are visibly > 0;
* everything else (an average, an exponential, a logarithm, an atom) is an opaque generator, and two
  expressions are equal if their difference is the zero polynomial in the generators.

The tests are sound and incomplete: ``is_zero`` and ``sign`` never say more than is true, and may say nothing.
"""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Add, Dummy, Expr, Integer, Mul, Poly, Pow, Rational, Symbol
from sympy.core.function import AppliedUndef

from theory import rational
from theory.averages import EXP, LOG, ROOT, OutsideLanguage, abstract, normal_mean
from theory.expressions import Indicator, Mean, is_index
from theory.symbols import LOWER_BOUNDS

_DEGREE = 1000


def _canonical(expr: Expr) -> Expr:
    """A normal expression as one cancelled fraction: equal rational functions become identical."""
    flat, back = abstract(expr)
    if not flat.args:
        return expr
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(flat)))
    lower, upper = _reduce_roots(denominator, back), _reduce_roots(numerator, back)
    return sympy.cancel(upper / lower).xreplace(back)


@lru_cache(maxsize=100_000)
def normal(expr: Expr) -> Expr:
    """The normal form.  Raises ``OutsideLanguage`` for anything the language does not have."""
    if expr.has(sympy.Float):
        raise OutsideLanguage(f"{expr}: floats are not exact; use Rational")
    if isinstance(expr, Symbol | Rational) or expr is sympy.E:
        return EXP(Integer(1)) if expr is sympy.E else expr
    if isinstance(expr, Mean):
        return normal_mean(normal(expr.body), set(expr.indices))
    if isinstance(expr, Indicator):
        return Indicator(_canonical(normal(expr.args[0])))
    if isinstance(expr, Add | Mul):
        return expr.func(*map(normal, expr.args))
    if isinstance(expr, sympy.exp):
        return _exp(normal(expr.args[0]))
    if isinstance(expr, sympy.log):
        return _log(normal(expr.args[0]))
    if isinstance(expr, Pow):
        return _power(expr.base, expr.exp)
    if isinstance(expr, sympy.Abs):
        return _root(_canonical(normal(expr.args[0]) ** 2), Rational(1, 2))
    if isinstance(expr, AppliedUndef):
        if expr.func in (EXP, LOG, ROOT) or all(is_index(a) for a in expr.args):
            return expr
        raise OutsideLanguage(f"{expr}: the arguments of an atom must be indices")
    raise OutsideLanguage(f"{expr}: {type(expr).__name__} is not part of the statement language")


def _power(base: Expr, exponent: Expr) -> Expr:
    if isinstance(exponent, Integer):
        return normal(base) ** exponent
    if sign(base) not in ("+", "0+") or (sign(base) == "0+" and not sign(exponent) == "+"):
        raise OutsideLanguage(f"({base})**({exponent}): a fractional power needs a visibly nonnegative base")
    if isinstance(exponent, Rational):
        inner = _canonical(normal(base))
        if isinstance(inner, Mul) and all(sign(a) in ("+", "0+") for a in inner.args):
            return Mul(*(_root(a, exponent) for a in inner.args))
        return _root(inner, exponent)
    if sign(base) != "+":
        raise OutsideLanguage(f"({base})**({exponent}): a variable power needs a visibly positive base")
    return _exp(normal(exponent * sympy.log(base)))


def _root(base: Expr, exponent: Rational) -> Expr:
    if isinstance(base, Pow) and isinstance(base.exp, Integer) and sign(base.base) in ("+", "0+"):
        base, exponent = base.base, exponent * base.exp
    if isinstance(exponent, Integer):
        return base**exponent
    if isinstance(base, Rational):
        return Mul(*(_root_of_prime(q, n * exponent) for q, n in sympy.factorrat(base).items()))
    return ROOT(base, Integer(exponent.q)) ** exponent.p


def _root_of_prime(prime: int, exponent: Rational) -> Expr:
    whole = sympy.floor(exponent)
    rest = exponent - whole
    factor = ROOT(Integer(prime), Integer(rest.q)) ** rest.p if rest else Integer(1)
    return Integer(prime) ** whole * factor


def _exp(argument: Expr) -> Expr:
    flat, back = abstract(_canonical(argument))
    numerator, denominator = sympy.fraction(flat)
    result: Expr = Integer(1)
    for term in Add.make_args(sympy.expand(numerator)):
        coefficient, rest = term.as_coeff_Mul(rational=True)
        rest = (rest / denominator).xreplace(back)
        c2, rest = rest.as_coeff_Mul(rational=True)
        coefficient = coefficient * c2
        if not coefficient:
            continue
        if isinstance(rest, AppliedUndef) and rest.func == LOG and sign(rest.args[0]) == "+":
            result *= _root(rest.args[0], coefficient)
        else:
            result *= EXP(rest / coefficient.q) ** coefficient.p
    return result


def _factors(polynomial: Expr) -> tuple[Expr, list[tuple[Expr, int]]]:
    """Content and irreducible factors; refused for a degree that would exhaust the memory."""
    degree = Poly(polynomial).total_degree()
    if degree > _DEGREE:
        raise OutsideLanguage(f"a logarithm of a polynomial of degree {degree}, more than {_DEGREE}")
    content, factors = sympy.factor_list(polynomial)
    return content, factors


def _log(argument: Expr) -> Expr:
    flat, back = abstract(argument)
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(flat)))
    numerator, denominator = _reduce_roots(numerator, back), _reduce_roots(denominator, back)
    overall, total = 1, []
    for part, direction in ((numerator, 1), (denominator, -1)):
        content, factors = _factors(sympy.expand(part)) if part.free_symbols else (part, [])
        overall *= 1 if content > 0 else -1
        total += [(Integer(q), direction * n) for q, n in sympy.factorrat(abs(content)).items()]
        for factor, n in factors:
            value = factor.xreplace(back)
            s = sign(value)
            if s == "-":
                value, overall = sympy.expand(-value), overall * (-1) ** n
            elif s != "+":
                return LOG((numerator / denominator).xreplace(back))
            total.append((value, direction * n))
    if overall < 0:
        raise OutsideLanguage(f"log({argument}) of a negative number")
    return Add(*(n * _log_of_factor(value) for value, n in total))


def _log_of_factor(value: Expr) -> Expr:
    if isinstance(value, AppliedUndef) and value.func == EXP:
        return value.args[0]
    if isinstance(value, AppliedUndef) and value.func == ROOT:
        return _log(value.args[0]) / value.args[1]
    return LOG(value)


def _reduce(numerator: Expr, root: Symbol, degree: int, radicand: Expr) -> Expr:
    """A polynomial modulo root^degree = radicand."""
    if root not in numerator.free_symbols:
        return numerator
    coefficients = Poly(numerator, root).all_coeffs()[::-1]
    return sympy.expand(
        Add(*(a * radicand ** (n // degree) * root ** (n % degree) for n, a in enumerate(coefficients)))
    )


def _in_terms_of(expr: Expr, back: dict[Dummy, Expr]) -> Expr:
    """``expr`` abstracted with the dummies of ``back``, which is extended where it lacks a generator."""
    flat, own = abstract(expr)
    inverse = {e: g for g, e in back.items()}
    back.update({g: e for g, e in own.items() if e not in inverse})
    return flat.xreplace({g: inverse.get(e, g) for g, e in own.items()})


def _reduce_roots(polynomial: Expr, back: dict[Dummy, Expr]) -> Expr:
    """Lower the powers of root generators by their defining equations."""
    for g, e in list(back.items()):
        if isinstance(e, AppliedUndef) and e.func == ROOT:
            polynomial = _reduce(sympy.expand(polynomial), g, int(e.args[1]), _in_terms_of(e.args[0], back))
    return polynomial


# ---------------------------------------------------------------- zero and sign


def is_zero(expr: Expr) -> bool:
    """True only if ``expr`` is identically zero wherever it is defined."""
    if isinstance(expr, Rational):
        return bool(expr == 0)
    flat, back = abstract(normal(expr))
    roots: dict[Expr, list[Dummy]] = {}
    for g, e in back.items():
        if isinstance(e, AppliedUndef) and e.func == ROOT:
            roots.setdefault(e.args[0], []).append(g)
    relations, renamed = [], {}
    for radicand, gens in roots.items():
        degree = int(sympy.ilcm(*(int(back[g].args[1]) for g in gens), 1))
        root = Dummy("root")
        flat = flat.xreplace({g: root ** (degree // int(back[g].args[1])) for g in gens})
        inside = _in_terms_of(radicand, back)
        if isinstance(inside, Symbol) and inside not in renamed:
            renamed[inside] = root**degree  # the root of a generator replaces the generator
        else:
            relations.append((root, degree, inside))
    numerator = _numerator(flat.xreplace(renamed))
    for root, degree, inside in relations:
        numerator = _numerator(_reduce(numerator, root, degree, inside.xreplace(renamed)))
    return bool(numerator == 0)


def _numerator(flat: Expr) -> Expr:
    """A polynomial that vanishes exactly if ``flat`` does; not 0 where a denominator vanishes identically."""
    try:
        return rational.numerator(flat).as_expr()
    except ZeroDivisionError:
        return Integer(1)
    except rational.NotRational:
        return sympy.expand(sympy.fraction(sympy.together(flat))[0])


def polynomial_in(expr: Expr, symbol: Symbol) -> bool:
    """Whether the normal form is a polynomial in ``symbol``, with nothing hidden in a generator."""
    flat, back = abstract(normal(expr))
    numerator, denominator = sympy.fraction(sympy.together(flat))
    hidden = any(symbol in e.free_symbols for e in back.values())
    return not hidden and symbol not in denominator.free_symbols and numerator.is_polynomial(symbol)


_SHIFTS = {s: Dummy(f"{s.name}_shift", nonnegative=True) + low for s, low in LOWER_BOUNDS.items()}
_FLIP = {"+": "-", "-": "+", "0+": "0-", "0-": "0+", "0": "0"}


@lru_cache(maxsize=100_000)
def sign(expr: Expr) -> str | None:
    """The sign that the structure and the symbols' domains show: "+", "0+", "-", "0-", "0", or None."""
    s = _structural(expr)
    return s if s is not None else _sign_by_expansion(expr)


def _structural(e: Expr) -> str | None:
    if isinstance(e, Rational):
        return "0" if e == 0 else ("+" if e > 0 else "-")
    if isinstance(e, Symbol):
        return "+" if e.is_positive else ("0+" if e.is_nonnegative else None)
    if isinstance(e, Mean):
        return sign(e.body)
    if isinstance(e, Indicator):
        return "0+"
    if isinstance(e, sympy.Abs):
        return {"+": "+", "-": "+", "0": "0"}.get(sign(e.args[0]) or "", "0+")
    if isinstance(e, sympy.exp) or e is sympy.E or getattr(e, "func", None) == EXP:
        return "+"
    if getattr(e, "func", None) == ROOT:
        return sign(e.args[0])
    if isinstance(e, sympy.log) or getattr(e, "func", None) == LOG:
        above = sign(e.args[0] - 1)
        return above if above in ("+", "0+", "0") or sign(e.args[0]) == "+" else None
    if isinstance(e, Pow):
        base = sign(e.base)
        if isinstance(e.exp, Integer) and e.exp % 2 == 0:
            return "+" if base in ("+", "-") else ("0+" if e.exp > 0 else None)
        if base == "+" or (base == "0+" and e.exp.is_positive):
            return base
        return base if isinstance(e.exp, Integer) and base == "-" else None
    if isinstance(e, Mul):
        return product_sign([sign(a) for a in e.args])
    if isinstance(e, Add):
        return _sum_sign([sign(a) for a in e.args])
    return None


def product_sign(signs: list[str | None]) -> str | None:
    """The sign of a product of factors with these signs."""
    if "0" in signs:
        return "0"
    if None in signs:
        return None
    negative = sum(s in ("-", "0-") for s in signs) % 2
    result = "0+" if any(s in ("0+", "0-") for s in signs) else "+"
    return _FLIP[result] if negative else result


def _sum_sign(signs: list[str | None]) -> str | None:
    kinds = set(signs) - {"0"}
    if not kinds:
        return "0"
    if kinds <= {"+", "0+"}:
        return "+" if "+" in kinds else "0+"
    if kinds <= {"-", "0-"}:
        return "-" if "-" in kinds else "0-"
    return None


def _sign_by_expansion(expr: Expr) -> str | None:
    """Expand as a fraction after moving each bounded symbol to its lower bound, and look at every term."""
    if not isinstance(expr, Add | Mul | Pow):
        return None
    try:
        flat, back = abstract(normal(expr))
    except OutsideLanguage:
        return None
    flat = flat.xreplace(_SHIFTS)
    parts = []
    for part in sympy.fraction(sympy.together(flat)):
        terms = [term.xreplace(back) for term in Add.make_args(sympy.expand(part))]
        parts.append(_sum_sign([_structural_term(term) for term in terms]))
    return product_sign(parts) if parts[1] in ("+", "-") else None


def _structural_term(term: Expr) -> str | None:
    signs: list[str | None] = []
    for factor in Mul.make_args(term):
        base, n = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
        s = None if isinstance(base, Add) else _structural(base)
        if n < 0 and s not in ("+", "-"):
            s = None
        elif n % 2 == 0:
            s = "+" if s in ("+", "-") else "0+"
        signs.append(s)
    return product_sign(signs)
