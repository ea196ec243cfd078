# SPDX-License-Identifier: MIT
"""Many classes: T_{5/2}(C) <= log C + log(3/2) + 7/(4 log C), for every C; above log C + log(3/2).

By boxes up to log C = 60 (the lower bound only there), and beyond because e^x >= 1 + x.  The expansion is
T_k(C) = log C + log(k-1) + (k log k/(k-1))/log C + O(1/log^2 C); at k = 5/2 the coefficient of 1/log C is
1.527.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.thresholds import for_all_larger, n
from theory.lemmas.thresholds import x as further
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, positive

K = Rational(5, 2)
FIRST = Rational(7, 4)
size = positive("u_log", "u", "logarithm of the number of classes")
BOX = {size: (Rational(69, 100), 60)}
FEW = le(log(C), 60)


def start(first: object = FIRST, base: object = Rational(3, 2)) -> Expr:
    """log C + log(3/2) + b/log C."""
    return log(C) + log(base) + first / log(C)  # type: ignore[operator]


def condition(at: Expr) -> Expr:
    """phi(T) + (5/2) T q(T), at most log C for T >= T_{5/2}."""
    return phi(at) + K * at * q(at)


def claim(at: Expr | None = None) -> Statement:
    return Statement(le(condition(T), log(C)), (le(start() if at is None else at, T),))


def scaled(first: object) -> Expr:
    """``condition`` at ``start`` in u = log C."""
    right = Rational(3, 2) * exp(first / size)  # type: ignore[operator]
    wrong = 1 - exp(-size)
    return log(1 + wrong / right) + K * (size + log(Rational(3, 2)) + first / size) * wrong / (wrong + right)  # type: ignore[operator]


def _in_classes(boxes: Theorem) -> Theorem:
    """u := log C."""
    least = apply("ball", goal=le(Rational(69, 100), log(2)), label="log 2")
    two = combine(
        le(Rational(69, 100), log(C)),
        {least: 1, log_tangent(2 / C): 1},
        slack=(C - 2) / C,
        label="at least two classes",
    )
    return cut(instantiate(boxes, {size: log(C)}, label="u := log C"), two)


def many() -> Theorem:
    """60 <= u |- the condition at ``start``, with u for log C: phi <= log(5/3), and e^x >= 1 + x in q."""
    shift = FIRST / size
    growth, wrong = exp(shift), 1 - exp(-size)
    right, margin = Rational(3, 2) * growth, size + log(Rational(3, 2)) + shift
    more, whole = log_tangent(growth, label="e^x >= 1 + x"), 1 + Rational(3, 5) * shift
    some = combine(
        le(0, wrong), {log_tangent(exp(size)): exp(-size)}, slack=size * exp(-size), label="1 - e^-u >= 0"
    )
    total = combine(lt(0, wrong + right), {some: 1}, slack=right)
    ratio = 1 + wrong / right
    above = combine(lt(0, ratio), {some: 1 / right}, slack=Integer(1))
    scale = Rational(3, 5)
    scaled_up = combine(lt(0, scale * ratio), {above: scale})
    flat = combine(
        le(log(ratio), -log(scale)),
        {
            log_tangent(scale * ratio, facts=[scaled_up]): 1,
            apply("log_product", a=scale, b=ratio, facts=[above]): -1,
            more: scale / right,
        },
        slack=scale / right * (shift + exp(-size)),
        label="phi is at most log(5/3)",
    )
    positive_log = apply("ball", goal=lt(0, log(Rational(3, 2))), label="log(3/2) > 0")
    long = combine(lt(0, margin), {positive_log: 1}, slack=size + shift)
    rate = Rational(3, 2) * margin / (wrong + right) / whole
    steep = combine(
        le(K * margin * wrong / (wrong + right), margin / whole),
        {more: rate},
        slack=rate * (1 + shift) * exp(-size),
        facts=[total, long],
        label="e^x >= 1 + x in q",
    )
    factor = 1 - scale * log(scale)
    constants = apply(
        "ball",
        goal=le(log(Rational(3, 2)) - log(scale) + FIRST / 60 * factor, scale * FIRST),
        label="at u = 60",
    )
    known = apply("ball", goal=lt(0, factor), label="a positive constant")
    last = combine(
        le(margin / whole - log(scale), size),
        {constants: 1 / whole, assume(le(60, size)): shift / 60 * factor / whole},
        facts=[known],
        label="the rest decreases in u",
    )
    return combine(le(scaled(FIRST), size), {flat: 1, steep: 1, last: 1}, facts=[total], label="many classes")


@lru_cache
def at_start() -> Theorem:
    """The condition holds at ``start``."""
    boxes = apply("box", goal=le(scaled(FIRST), size), box=BOX, label="up to e^60 classes")
    every = cases(boxes, many(), split=le(size, 60), label="few or many classes")
    return combine(
        le(condition(start()), log(C)), {_in_classes(every): 1}, label="at log C + log(3/2) + 7/(4 log C)"
    )


@lru_cache
def prove() -> Theorem:
    """By boxes at the start, and because the value decreases from there on."""
    larger = assume(claim().hypotheses[0])
    beyond = instantiate(
        for_all_larger(), {T: start(), n: K - 1, further: T - start()}, facts=[larger], label="from there on"
    )
    beyond = cut(beyond, at_start())
    return combine(claim().conclusion, {beyond: 1, at_start(): 1})  # type: ignore[arg-type]


def at(classes: int, margin: Expr) -> Witness:
    return Witness(classes, 1, 1, {}, {T: margin}, f"C = {classes}, T = {margin}")


def twins() -> list[Twin]:
    slow, none = start(Rational(3, 2)), log(C) + log(Rational(3, 2))
    three = Statement(le(phi(T) + 3 * T * q(T), log(C)), claim().hypotheses)
    return [
        Twin("T_3 instead of T_{5/2}", three, at(10, start().subs(C, 10))),
        Twin("3/2 instead of 7/4", claim(slow), at(1000, slow.subs(C, 1000))),
        Twin("nothing of order 1/log C", claim(none), at(1000, none.subs(C, 1000))),
        Twin("log(7/5) instead of log(3/2)", claim(start(0, Rational(7, 5))), at(10, log(14))),
    ]


def neighbour() -> Neighbour:
    below = log(C) + log(Rational(3, 2))
    goal = Statement(le(log(C), condition(below)), (FEW,))

    def proof() -> Theorem:
        """The condition fails at log C + log(3/2), so T_{5/2} is larger."""
        boxes = apply("box", goal=le(size, scaled(Integer(0))), box=BOX, label="up to e^60 classes")
        return combine(goal.conclusion, {_in_classes(boxes): 1})  # type: ignore[arg-type]

    return Neighbour("not below log C + log(3/2)", goal, proof)


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="threshold-many-classes",
    title="The threshold on T for many classes, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of the threshold T_{5/2}(C)",
    says=(
        "T_{5/2}(C) is at most log C + log(3/2) + 7/(4 log C), for every C: T >= that is enough for the "
        "bounds on intra-class cosines; and it is at least log C + log(3/2) for log C <= 60."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("threshold-is-one-number", "threshold-many-classes-expansion"),
    formula=Formula(
        _T - log(_C) - log(Rational(3, 2)) - FIRST / log(_C),
        (
            Condition(
                "T >= log C + log(3/2) + 7/(4 log C)", log(_C) + log(Rational(3, 2)) + FIRST / log(_C), _T
            ),
        ),
    ),
)
