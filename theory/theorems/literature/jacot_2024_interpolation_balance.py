# SPDX-License-Identifier: MIT
"""Jacot et al. 2024: near interpolation and near balance force NC1, here with an explicit constant.

The last layer W is fed by features h = V x.  If the outputs are within e1 of the class targets in root mean
square, V V^T - W^T W is at most e2 (their layer-wise balancedness), s is the least non-zero and S the largest
singular value of W, E||x||^2 <= X^2, and the centred targets have root mean square v > e1, then

    tr Sigma_W / tr Sigma_B <= (e1^2/s^2 + e2 X^2) S^2/(v - e1)^2.

Their theorem 3.1 has NC1 = O((e1 + sqrt(e2))^2).  For one-hot targets v^2 = 1 - 1/C.  Nothing else is assumed
of the network below; the operator inequalities enter only at the features themselves.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, mu, mu_global, sq, within_class_scatter
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, d, h, i, j, k, positive, w

e1 = positive("e_int", r"\epsilon_1", "root mean squared distance of the outputs from their class targets")
e2 = positive("e_bal", r"\epsilon_2", "bound on the largest eigenvalue of V V^T - W^T W")
s = positive("s_min", "s", "least non-zero singular value of the last layer")
S = positive("s_max", "S", "largest singular value of the last layer")
X = positive("X_in", "X", "bound on the root mean square norm of the input of the layer before the last")
spread = positive("v_target", "v", "root mean square norm of the centred class targets")
target = atom("target", "y", "target(c, j): what output j should be on class c")
V = atom("V_layer", "V", "V_layer(k, k'): entry of the layer before the last")
x = atom("x_in", "x", "x_in(c, i, k): input of the layer before the last, coordinate k")
a = atom("a_row", "a", "a_row(c, i, j): coefficient of row j in the part of h_ci in the span of the rows")
k2, j2, c3, i3 = index("k2"), index("j2"), index("c3"), index("i3")


def seen(cc: Any, ii: Any, kk: Any) -> Expr:
    """The part of h_ci in the span of the rows of W, coordinate kk."""
    return C * Mean(a(cc, ii, j2) * w(j2, kk), j2)


def unseen(cc: Any, ii: Any, kk: Any) -> Expr:
    """The rest of h_ci, which W does not see."""
    return h(cc, ii, kk) - seen(cc, ii, kk)


def outputs(u: Any) -> Expr:
    """||W u||^2."""
    return C * Mean(dot(lambda y: w(j, y), u) ** 2, j)


def centred(y: Any) -> Expr:
    """mu_c - mu_G."""
    return mu(c, y) - mu_global(y)


def seen_spread(y: Any) -> Expr:
    """seen_ci minus its mean over the class."""
    return seen(c, i, y) - Mean(seen(c, i3, y), i3)


TARGET = target(c, j) - Mean(target(c3, j), c3)
FED = eq(h(c, i, k), d * Mean(V(k, k2) * x(c, i, k2), k2), c, i, k)
SPLIT = eq(dot(lambda y: w(j, y), lambda y: unseen(c, i, y)), 0, c, i, j)
BALANCED = le(
    d * Mean((d * Mean(V(k, k2) * unseen(c, i, k), k)) ** 2, k2) - outputs(lambda y: unseen(c, i, y)),
    e2 * sq(lambda y: unseen(c, i, y)),
    c,
    i,
)
CLOSE = le(
    C * Mean((dot(lambda y: w(j, y), lambda y: h(c, i, y)) - target(c, j)) ** 2, c, i, j),
    e1**2,
)
LEAST = le(s**2 * sq(seen_spread), outputs(seen_spread), c, i)
INPUT = le(Mean(sq(lambda y: x(c, i, y)), c, i), X**2)
LARGEST = le(outputs(centred), S**2 * sq(centred), c)
TARGETS = eq(C * Mean(TARGET**2, c, j), spread**2)
HYPOTHESES = (FED, SPLIT, BALANCED, CLOSE, LEAST, INPUT, LARGEST, TARGETS, lt(e1, spread))
RATE = e1**2 / s**2 + e2 * X**2


def between() -> Expr:
    """tr Sigma_B."""
    return Mean(sq(centred), c)


def claim(rate: object = RATE, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    goal = le(within_class_scatter() * (spread - e1) ** 2, rate * S**2 * between())
    return Statement(goal, hypotheses)


def unseen_is_small() -> Theorem:
    """E||unseen||^2 <= e2 X^2: <g, h> = <V^T g, x> and ||V^T g||^2 <= e2 ||g||^2."""
    fed, split, balanced, data = assume(FED), assume(SPLIT), assume(BALANCED), assume(INPUT)
    g = unseen(c, i, k)
    down = d * Mean(V(k, k2) * g, k)  # V^T g, coordinate k2
    along = combine(
        eq(h(c, i, k) * g, d * Mean(V(k, k2) * x(c, i, k2), k2) * g), {fed: g}, label="h = V x against g"
    )
    output = dot(lambda y: w(j, y), lambda y: unseen(c, i, y))
    no_output = combine(eq(output**2, 0), {split: output}, label="W g = 0")
    span = combine(eq(a(c, i, j) * output, 0), {split: a(c, i, j)}, label="g is orthogonal to the span")
    one = combine(
        le(sq(lambda y: unseen(c, i, y)), e2 * sq(lambda y: x(c, i, y))),
        {
            balanced: 1 / e2,
            average(no_output, j): C / e2,
            average(along, k): 2 * d,
            average(span, j): -2 * C,
        },
        slack=d * Mean((down - e2 * x(c, i, k2)) ** 2, k2) / e2,
        label="what W does not see is small",
    )
    return combine(
        le(Mean(sq(lambda y: unseen(c, i, y)), c, i), e2 * X**2), {average(one, c, i): 1, data: e2}
    )


def within_is_small() -> Theorem:
    """tr Sigma_W <= e1^2/s^2 + e2 X^2: the part that W sees, and the part that it does not."""
    split, close, least = assume(SPLIT), assume(CLOSE), assume(LEAST)
    elsewhere = instantiate(split, {i: i3}, label="another sample of the class")
    mean_split = average(elsewhere, i3, label="its mean over the class")
    y1 = dot(lambda y: w(j, y), seen_spread)
    y2 = dot(lambda y: w(j, y), lambda y: h(c, i, y) - mu(c, y))
    same = combine(eq(y1**2, y2**2), {split: -(y1 + y2), mean_split: y1 + y2}, label="W sees the same spread")
    own = combine(eq(a(c, i, j) * split.relation.lhs, 0), {split: a(c, i, j)})
    other = combine(eq(a(c, i, j) * elsewhere.relation.lhs, 0), {elsewhere: a(c, i, j)})
    miss = Mean((dot(lambda y: w(j, y), lambda y: mu(c, y)) - target(c, j)) ** 2, c, j)
    return combine(
        le(within_class_scatter(), RATE),
        {
            average(least, c, i, label="least singular value"): 1 / s**2,
            average(same, c, i, j): C / s**2,
            close: 1 / s**2,
            unseen_is_small(): 1,
            average(own, c, i, j): 2 * C,
            average(other, c, i, i3, j): -2 * C,
        },
        slack=Mean(sq(lambda y: Mean(unseen(c, i3, y), i3)), c) + C / s**2 * miss,
        label="both parts",
    )


def between_is_large() -> Theorem:
    """(v - e1)^2 <= S^2 tr Sigma_B: the class means' outputs are near the targets."""
    close, largest, targets, room = map(assume, (CLOSE, LARGEST, TARGETS, HYPOTHESES[-1]))
    z = dot(lambda y: w(j, y), centred)
    missed = target(c, j) - dot(lambda y: w(j, y), lambda y: mu(c, y))
    inside = Mean(dot(lambda y: w(j, y), lambda y: h(c, i, y) - mu(c, y)) ** 2, c, i, j)
    half = spread / (2 * e1)
    cross = combine(
        le(spread * (spread - e1), C * Mean(TARGET * z, c, j)),
        {targets: -1 + e1 / (2 * spread), close: half},
        slack=C * Mean((e1 * TARGET - spread * missed) ** 2, c, j) / (2 * e1 * spread) + half * C * inside,
        label="outputs of class means along the targets",
    )
    theta = (spread - e1) / spread
    outer = combine(
        le((spread - e1) ** 2, C * Mean(z**2, c, j)),
        {cross: 2 * theta, targets: theta**2},
        slack=C * Mean((z - theta * TARGET) ** 2, c, j),
        facts=[room],
        label="so they are long",
    )
    return combine(
        le((spread - e1) ** 2, S**2 * between()), {outer: 1, average(largest, c): 1}, label="and the means"
    )


@lru_cache
def prove() -> Theorem:
    """tr Sigma_W <= rate and (v - e1)^2 <= S^2 tr Sigma_B."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {within_is_small(): (spread - e1) ** 2, between_is_large(): RATE},
        label="the quotient",
    )


def noisy(unseen_noise: Rational, seen_noise: Rational, **values: Any) -> Witness:
    """Two classes at the unit vectors of a plane; W the projection to it, V the identity on three axes."""

    def feature(c: int, i: int, k: int) -> Expr:
        sign = 1 - 2 * i
        return Integer(int(c == k)) + sign * (
            unseen_noise if k == 2 else (seen_noise if k == c else Integer(0))
        )

    one = Integer(1)
    functions: dict[Any, Any] = {
        h: feature,
        x: feature,
        V: lambda k, k2: Integer(int(k == k2)),
        w: lambda j, k: Integer(int(j == k)),
        a: lambda c, i, j: feature(c, i, j),
        target: lambda c, j: Integer(int(c == j)),
    }
    at = {e1: seen_noise, e2: one, s: one, S: one, X: Integer(2), spread: 1 / sqrt(2)}
    at |= {symbol: values[symbol.name] for symbol in at if symbol.name in values}
    return Witness(2, 2, 3, functions, at, f"unit vectors, noise {seen_noise} seen, {unseen_noise} unseen")


def twins() -> list[Twin]:
    tenth, tiny = Rational(1, 10), Rational(1, 10**6)
    quiet = noisy(Integer(0), tenth, e_bal=tiny)
    return [
        Twin(
            "an unbalanced layer below",
            claim(hypotheses=_without(BALANCED)),
            noisy(Integer(1), tenth, e_bal=tiny),
        ),
        Twin(
            "outputs far from the targets",
            claim(hypotheses=_without(CLOSE)),
            noisy(Integer(0), tenth, e_bal=tiny, e_int=tiny),
        ),
        Twin("half the interpolation error", claim(rate=e1**2 / (2 * s**2) + e2 * X**2), quiet),
    ]


def _without(one: Relation) -> tuple[Relation, ...]:
    return tuple(a for a in HYPOTHESES if a != one)


def neighbour() -> Neighbour:
    goal = claim(rate=(e1 / s + sqrt(e2) * X) ** 2)
    extra = 2 * e1 / s * sqrt(e2) * X * S**2 * between()
    return Neighbour(
        "the published form (e1/s + sqrt(e2) X)^2",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=extra),  # type: ignore[arg-type]
    )


_v = sqrt(1 - 1 / value("C"))
THEOREM = Entry(
    name="jacot-2024-interpolation-balance",
    title="NC1 from interpolation and balanced layers",
    kind="upper",
    source="Jacot et al. 2024, arXiv:2410.04887, theorem 3.1 (NC1); the constant: this project (2026)",
    says=(
        "If outputs are within e1 of the class targets and V V^T - W^T W <= e2 for the last two layers, then "
        "tr Sigma_W/tr Sigma_B <= (e1^2/s^2 + e2 X^2) S^2/(v - e1)^2, v^2 = 1 - 1/C for one-hot targets."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        (
            (value("interpolation_error") / value("least_singular_value")) ** 2
            + value("balance_error") * value("input_norm") ** 2
        )
        * value("largest_singular_value") ** 2
        / (_v - value("interpolation_error")) ** 2,
        (
            Condition("0 < least singular value", Integer(0), value("least_singular_value"), strict=True),
            Condition("e1 < sqrt(1 - 1/C)", value("interpolation_error"), _v, strict=True),
        ),
    ),
)
