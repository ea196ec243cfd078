# SPDX-License-Identifier: MIT
"""A share of a class turned away costs more loss than it takes from the class's cosine, from T = 8 on.

The tangent of phi(T v^{5/2}) and turned-share-trade give it; at T = 8 it is also certified on boxes.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import THRESHOLD, s, tangent, v, x_plus
from theory.lemmas.fewer_wrong import above_threshold, few_wrong, fewer_wrong, rise, y
from theory.proving import assume, combine, cut, instantiate, theorem
from theory.symbols import C, T, nonnegative, positive

MOST = Rational(1, 5)
kept = positive("g_kept", "g", "share of a class that keeps its direction")
SIDES = (le(kept, 1), le(8, T))
HYPOTHESES = (*SIDES, few_wrong(MOST))
BOX = (*HYPOTHESES, le(Rational(3, 100), kept), le(s, 4), le(x_plus, 1), le(T, 8))
turned_odds = nonnegative("odds_turned", "o", "share turned away over share kept")
MARGIN = T * s * (x_plus + 1 - kept) * kept ** Rational(-3, 2)


def claim(constant: object = Rational(3, 2), hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    least = phi(T) + T * q(T) * (constant - s - x_plus**2 / 2)  # type: ignore[operator]
    return Statement(le(least, (1 - kept) * log(C) + kept * phi(MARGIN)), hypotheses)


@lru_cache
def _by_odds() -> Theorem:
    """T >= T_{5/2} |- the claim at g = 1/(1+o): weighted means, and g (1+X-g) <= ((1+X)/2)^2."""
    g = 1 / (1 + turned_odds)
    reach = x_plus + turned_odds * g
    half = (1 + x_plus) / 2
    tangent_there = instantiate(
        tangent(), {v: (s * reach) ** Rational(2, 5) * g ** Rational(-3, 5)}, label="v := (s Y)^(2/5)/g^(3/5)"
    )
    a, b = s ** Rational(1, 5), (g * reach) ** Rational(2, 15)
    means = (a - b) ** 2 * (a**3 + 2 * a**2 * b + 3 * a * b**2 + Rational(3, 2) * b**3)
    u, top = (g * reach) ** Rational(1, 3), half ** Rational(2, 3)
    below = Rational(3, 2) * (half - g) ** 2 * (top + u) / (top**2 + top * u + u**2)
    rate = T * q(T)
    goal = claim().conclusion.map(lambda side: substitute(side, {kept: g}))  # type: ignore[union-attr]
    return combine(
        goal,
        {
            tangent_there: g,
            assume(THRESHOLD): 1 - g,
            theorem("turned-share-trade"): rate,
        },
        slack=rate * (means + below),
        label="loss of the two parts",
    )


def prove() -> Theorem:
    """g = 1/(1+o), and T >= T_{5/2} because q(T) <= 1/5."""
    share = combine(le(0, 1 / kept - 1), {assume(SIDES[0]): 1 / kept})
    found = instantiate(_by_odds(), {turned_odds: 1 / kept - 1}, facts=[share], label="o := 1/g - 1")
    large = above_threshold(Rational(5, 2), Rational(8), MOST)
    return combine(claim().conclusion, {cut(found, large): 1}, label="every q <= 1/5")  # type: ignore[arg-type]


def on_boxes() -> Theorem:
    """At q = 1/5 on boxes; fewer wrong probabilities are easier, for both parts of the class."""
    budget = s - Rational(3, 2) + x_plus**2 / 2
    boxes = apply(
        "box",
        goal=le(0, (1 - kept) * rise(T, MOST) + kept * rise(T - MARGIN, MOST) + MOST * T * budget),
        box={T: (8, 8), kept: (Rational(3, 100), 1), s: (0, 4), x_plus: (0, 1)},
        contacts=[({kept: 1, s: 1, x_plus: 1}, 2)],
        label="at q = 1/5",
    )
    turned = instantiate(fewer_wrong(MOST), {y: T}, label="the share turned away: y := T")
    rest = instantiate(fewer_wrong(MOST), {y: T - MARGIN}, label="the rest")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {turned: 1 - kept, rest: kept, boxes: q(T) / MOST},
        facts=[assume(SIDES[0])],
        label="every q <= 1/5",
    )


def witness(classes: int, share: Expr, norm: Expr, cosine: Expr) -> Witness:
    note = f"C = {classes}, T = 8, g = {share}, s = {norm}, X = {cosine}"
    return Witness(classes, 1, 1, {}, {T: Integer(8), kept: share, s: norm, x_plus: cosine}, note)


def twins() -> list[Twin]:
    one, zero = Integer(1), Integer(0)
    return [
        Twin("2 instead of 3/2", claim(2), witness(10, one, one, one)),
        Twin("1/10^6 more than 3/2", claim(Rational(3, 2) + Rational(1, 10**6)), witness(10, one, one, one)),
        Twin("any number of classes", claim(hypotheses=SIDES), witness(10**5, one, zero, zero)),
    ]


def neighbour() -> Neighbour:
    return Neighbour("at T = 8, on boxes", claim(hypotheses=BOX), on_boxes)


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="turned-samples-inequality",
    title="The scalar inequality behind intra-class cosines",
    kind="lower",
    source="this project (2026)",
    says=(
        "For T >= 8 and q(T) <= 1/5 (at T = 8, C <= 746): a share 1 - g < 1 of a class at norm 0, turned"
        " away, and the rest at relative norm s cost at least phi(T) + T q(T) (3/2 - s - X^2/2)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("turned-share-trade",),
    formula=Formula(
        phi_value(_T, _C)
        + _T * q_value(_T, _C) * (Rational(3, 2) - value("relative_norm") - value("cosine") ** 2 / 2),
        (
            Condition("q(T) <= 1/5", q_value(_T, _C), MOST),
            Condition("T >= 8", Integer(8), _T),
            Condition("cosine at least 0", Integer(0), value("cosine")),
        ),
    ),
)
