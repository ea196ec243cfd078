# SPDX-License-Identifier: MIT
"""In d < C - 1 dimensions the class-mean logits stay away from collapse: distance^2 >= T^2 (C - 1 - d)."""

from typing import Any

from sympy import Expr, Integer, sqrt

from theory.definitions import dot, mu
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, T, atom, c, d, h, j, k, w

frame = atom("frame", "O", "frame(c, k): orthonormal vectors that span the columns of the class-mean logits")
part = atom("part", "v", "part(j, k): coordinates of the class-mean logits in an orthonormal frame")


def mean_logit() -> Expr:
    """<w_j, mu_c>, without bias."""
    return dot(lambda x: w(j, x), lambda x: mu(c, x))


def product() -> Expr:
    """sum_k O_ck v_jk."""
    return d * Mean(frame(c, k) * part(j, k), k)


c2 = index("c2")
FACTOR = eq(mean_logit(), product(), c, j)
# what orthonormal columns of O give: a product with O keeps lengths, and its columns are no longer than 1
ISOMETRY = eq(C * Mean(product() ** 2, c), d * Mean(part(j, k) ** 2, k), j)
UNIT = le(C * Mean(frame(c, k) ** 2, c), 1, k)
HYPOTHESES = (FACTOR, ISOMETRY, UNIT)


def own_logit() -> Expr:
    """<w_c, mu_c>."""
    return dot(lambda x: w(c, x), lambda x: mu(c, x))


def claim(rank: object = d) -> Statement:
    z, own = mean_logit(), own_logit()
    trace = C * Mean(own, c) - C * Mean(z, c, j)
    square = C**2 * Mean(z**2, c, j) - 2 * T * trace + T**2 * (C - 1)
    return Statement(le(T**2 * (C - 1 - rank), square), HYPOTHESES)


def prove() -> Theorem:
    """In the frame the distance is a square plus T^2 times what the d columns of O leave of C - 1."""
    factor = assume(FACTOR)
    own = instantiate(factor, {j: c}, label="the true class")
    z = mean_logit()
    squares = combine(eq(z**2, product() ** 2), {factor: z + product()}, label="squared logits")
    length = C**2 * Mean(z**2, c, j)
    kept = combine(
        eq(length, C * d * Mean(part(j, k) ** 2, j, k)),
        {average(squares, c, j): C**2, average(assume(ISOMETRY), j): C},
        label="lengths in the frame",
    )
    centre = Mean(frame(c2, k), c2)
    gap = Mean((part(c, k) - T * (frame(c, k) - centre)) ** 2, c, k)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            kept: -1,
            average(own, c): 2 * T * C,
            average(factor, c, j): -2 * T * C,
            visible(le(0, gap)): C * d,
            average(assume(UNIT), k): T**2 * d,
        },
        slack=T**2 * C * d * Mean(centre**2, k),
        label="complete the square",
    )


def witness(scale: object = 1) -> Witness:
    """Three classes on a line at 1, -1, 0 with T = 2: the best logits of rank one."""
    place = [Integer(1), Integer(-1), Integer(0)]
    table: dict[Any, Any] = {
        w: lambda j, k: place[j],
        h: lambda c, i, k: scale * place[c],
        frame: lambda c, k: place[c] / sqrt(2),
        part: lambda j, k: scale * place[j] * sqrt(2),
    }
    return Witness(3, 1, 1, table, {T: Integer(2)}, "three classes on a line")


def twins() -> list[Twin]:
    return [
        Twin("1 % of a dimension better", claim(rank=d - Integer(1) / 100), witness()),
        Twin("d - 1 instead of d", claim(rank=d - 1), witness()),
        Twin("d/2 instead of d", claim(rank=d / 2), witness()),
    ]


def neighbour() -> Neighbour:
    goal = claim(rank=d + 1)
    return Neighbour(
        "one dimension more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=T**2),  # type: ignore[arg-type]
    )


_T, _C, _d = value("T"), value("C"), value("dimension")
THEOREM = Entry(
    name="low-dimension-logits",
    title="Class-mean logits in too few dimensions",
    kind="tight",
    source="this project (2026); Eckart & Young 1936 for multiples of the centring matrix",
    says=(
        "In d dimensions, without bias, the C x C matrix Z of class-mean logits has ||Z - T (I - "
        "J/C)||_F^2 >= T^2 (C - 1 - d): below C - 1 dimensions collapse is out of reach. Z is "
        "factorised over an orthonormal frame, which exists for every matrix of rank at most d <= C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        _T**2 * (_C - 1 - _d),
        (
            Condition("T > 0", Integer(0), _T, strict=True),
            Condition("d <= C - 1", _d, _C - 1),
        ),
    ),
)
