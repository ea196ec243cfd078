# SPDX-License-Identifier: MIT
"""The scalar functions of ``theory.scalars`` and ``theory.contact_lines`` on intervals, rounded outward.

phi, q, psi and their inverses are monotone, so their ends go to ends. psi^{-1}, which has no closed form, is
a guess from Newton's method whose two sides are moved out until psi itself proves them. The functions that
take the best of many lines stand for any one of them: each is a bound by itself, so the line with the
largest proved value is taken, and where none is proved the floor 0, which is always true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from theory.certificates.intervals import Interval, IntervalArithmetic
from theory.certificates.tape import Undefined

if TYPE_CHECKING:
    from flint import arb

__all__ = ["FUNCTIONS"]


def _classes(C: Interval) -> arb:
    if not (C.lower >= 2 and C.lower >= C.upper and C.lower.is_integer()):
        raise Undefined(f"the number of classes is not an integer >= 2 but in [{C.lower}, {C.upper}]")
    return C.lower


def _odds(t: arb, C: arb) -> arb:
    return (C - 1) * (-t).exp()


def _phi_at(t: arb, C: arb) -> arb:
    return _odds(t, C).log1p()


def _q_at(t: arb, C: arb) -> arb:
    odds = _odds(t, C)
    return odds / (1 + odds)


def _psi_at(p: arb, C: arb) -> arb:
    if p.is_zero():
        return p
    return -p * p.log() - (1 - p) * (-p).log1p() + p * (C - 1).log()


def _ends(
    function: Callable[[arb, arb], arb], argument: Interval, C: Interval, *, rising: bool = False
) -> Interval:
    """A monotone function of an interval: its ends at the ends, rounded outward."""
    classes = _classes(C)
    low, high = argument if rising else (argument.upper, argument.lower)
    lower, upper = function(low, classes).lower(), function(high, classes).upper()
    if not (lower.is_finite() and upper.is_finite()):
        raise Undefined("a scalar function is not proved to be finite")
    return Interval(lower, upper)


def _phi(t: Interval, C: Interval) -> Interval:
    return _ends(_phi_at, t, C)


def _q(t: Interval, C: Interval) -> Interval:
    return _ends(_q_at, t, C)


def _phi_inverse(L: Interval, C: Interval) -> Interval:
    if not L.lower > 0:
        raise Undefined("phi^{-1} needs a loss that is proved to be positive")
    return _ends(lambda x, c: ((c - 1) / x.expm1()).log(), L, C)


def _psi(p: Interval, C: Interval) -> Interval:
    c = _classes(C)
    if not (p.lower >= 0 and p.upper * c <= c - 1):
        raise Undefined("psi is enclosed for 0 <= p <= (C-1)/C only")
    return _ends(_psi_at, p, C, rising=True)


def _psi_inverse(L: Interval, C: Interval) -> Interval:
    """p in [0, (C-1)/C] with psi(p) = L: the sides of a guess are moved out until psi proves them."""
    c = _classes(C)
    if not (L.lower >= 0 and L.upper <= c.log()):
        raise Undefined("psi^{-1} needs an argument that is proved to lie in [0, log C]")
    return Interval(_psi_side(L.lower, c, below=True), _psi_side(L.upper, c, below=False))


def _psi_side(level: arb, C: arb, *, below: bool) -> arb:
    """An exact p with psi(p) <= level (``below``), or >= level."""
    import flint

    end = flint.arb(0) if below else ((C - 1) / C).upper()
    guess = _psi_guess(level, C)
    step = (guess + flint.arb(2) ** -flint.ctx.prec) * flint.arb(2) ** (16 - flint.ctx.prec)
    while step < 1:
        p = (guess - step).lower() if below else (guess + step).upper()
        if p > 0 and p * C <= C - 1:
            value = _psi_at(p, C)
            if value <= level if below else value >= level:
                return p
        step = step * 64
    return end


def _psi_guess(level: arb, C: arb) -> arb:
    """About psi^{-1}(level), an exact number: Newton's method from the float64 value."""
    import flint

    from theory import scalars

    classes, top = float(C.mid()), float(C.log().mid())
    p = flint.arb(float(scalars.psi_inverse(min(max(float(level.mid()), 0.0), top), classes)))
    for _ in range(6):
        if not (p > 0 and p < 1):
            break
        slope = ((C - 1) * (1 - p) / p).log()
        better = (p + (level - _psi_at(p, C)) / slope).mid()
        # Where psi is flat the step is of no use; the sides are checked anyhow.
        if not (better.is_finite() and better > 0 and better * C < C - 1):
            break
        p = better
    return p.mid()


def _optimal_q(decay: Interval, C: Interval) -> Interval:
    c = _classes(C)
    if not (decay.lower > 0 and decay.upper * c.sqrt() <= 1):
        raise Undefined("q* is enclosed for 0 < lambda <= 1/sqrt(C) only")
    return _ends(lambda x, n: x * (n - 1) / n.sqrt(), decay, C, rising=True)


def _optimal_T(decay: Interval, C: Interval) -> Interval:
    _optimal_q(decay, C)
    return _ends(lambda x, n: (n.sqrt() / x - (n - 1)).log(), decay, C)


def _least_regularized_loss(decay: Interval, C: Interval) -> Interval:
    return _psi(_optimal_q(decay, C), C)


_LINES = 100  # margins tried, in steps of T/50, besides the one that makes the bound sharp


def _margins(T: Interval, sharp: Interval) -> Iterator[arb]:
    """The margins tau > 0 that are tried, exact numbers."""
    middle = sharp.lower.mid()
    if middle > 0:
        yield middle
    for step in range(1, _LINES + 1):
        yield (T.lower * step / (_LINES // 2)).mid()


def _room_and_spent(tau: arb, L: Interval, C: arb) -> tuple[arb, Interval]:
    """(log C - phi(tau))/(tau q(tau)) from below, and (L - phi(tau))/(tau q(tau))."""
    least, price = _phi_at(tau, C), tau * _q_at(tau, C)
    room = ((C.log() - least) / price).lower()
    return room, Interval(((L.lower - least) / price).lower(), ((L.upper - least) / price).upper())


def _best(lines: Iterator[Interval], C: arb) -> Interval:
    best = Interval(C - C, C - C)
    for line in lines:
        if line.lower > best.lower:
            best = line
    return best


def _best_class_line(L: Interval, T: Interval, C: Interval) -> Interval:
    """x^2 (3 - 2 (L - phi + q T x)/(tau q)), x <= 1 and phi + q tau (1/x + 3/2) <= log C."""
    c = _classes(C)
    one, arithmetic = (c / c).mid(), IntervalArithmetic()

    def lines() -> Iterator[Interval]:
        for tau in _margins(T, _phi_inverse(L, C)):
            room, spent = _room_and_spent(tau, L, c)
            if not 2 * room >= 5:
                continue
            height = 3 - 2 * spent.lower
            x = (height * tau / (3 * T.lower)).max(2 / (2 * room - 3)).upper()
            if x > 1:
                x = one
            if not (x > 0 and 2 / x + 3 <= 2 * room):
                continue
            point = Interval(x, x)
            twice = 2 / tau
            reach = arithmetic.multiply([T, point, Interval(twice.lower(), twice.upper())])
            below = (3 - 2 * spent.upper - reach.upper).lower()
            above = (3 - 2 * spent.lower - reach.lower).upper()
            yield arithmetic.multiply([point, point, Interval(below, above)])

    return _best(lines(), c)


def _best_decay_line(L_reg: Interval, decay: Interval, C: Interval) -> Interval:
    """x^2 (3 - 2 (L_reg - phi)/(tau q)), x = q*/q <= 1 and phi + q tau (1/x + 3/2) <= log C."""
    c = _classes(C)
    mass, best = _psi_inverse(L_reg, C), _optimal_q(decay, C)
    sharp = _ends(lambda p, n: ((n - 1) * (1 - p) / p).log(), mass, C)
    arithmetic = IntervalArithmetic()

    def lines() -> Iterator[Interval]:
        for tau in _margins(_optimal_T(decay, C), sharp):
            room, spent = _room_and_spent(tau, L_reg, c)
            share = _q_at(tau, c)
            x = Interval((best.lower / share).lower(), (best.upper / share).upper())
            if not (x.lower > 0 and x.upper <= 1 and 2 / x.lower + 3 <= 2 * room):
                continue
            line = Interval((3 - 2 * spent.upper).lower(), (3 - 2 * spent.lower).upper())
            yield arithmetic.multiply([x, x, line])

    return _best(lines(), c)


FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "phi": _phi,
    "q": _q,
    "phi_inverse": _phi_inverse,
    "psi": _psi,
    "psi_inverse": _psi_inverse,
    "optimal_q": _optimal_q,
    "optimal_T": _optimal_T,
    "least_regularized_loss": _least_regularized_loss,
    "best_class_line": _best_class_line,
    "best_decay_line": _best_decay_line,
}
