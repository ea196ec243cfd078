# SPDX-License-Identifier: MIT
"""Webb & Lowe's least squares is self-dual as soon as the class means are eigenvectors of the covariance.

Variability need not vanish: it may be anything that is isotropic as seen from the span of the class means.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational

from theory.definitions import dot, mean_square_raw_weights, mu_global
from theory.definitions_collapse import centred_mean, excess_over_collapse, mean_square, r, squared_error
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_POSITIVE, Condition, value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine
from theory.symbols import C, b, c, d, h, i, j, lam, positive, w

eigenvalue = positive("eigenvalue", "t", "eigenvalue of the total covariance on the span of the class means")
c4, i4, k4 = index("c4"), index("i4"), index("k4")


def centred(cc: Any, ii: Any, x: Any) -> Expr:
    """h - mu_G, coordinate x."""
    return h(cc, ii, x) - mu_global(x)


# Sigma_T m_j = t m_j, Sigma_T = E (h - mu_G)(h - mu_G)'
EIGENVECTORS = eq(
    Mean(dot(lambda x: centred(c4, i4, x), lambda x: centred_mean(j, x)) * centred(c4, i4, k4), c4, i4),
    eigenvalue * centred_mean(j, k4),
    j,
    k4,
)
MEANS = eq(r**2, mean_square(centred_mean))
HYPOTHESES = (EIGENVECTORS, MEANS)
FACTOR = 1 / (C * (eigenvalue + lam))


def claim(factor: Any = 1) -> Statement:
    """objective = least value + what W and b lose."""
    objective = squared_error() + lam * C * mean_square_raw_weights()
    least = (C - 1) / C - FACTOR * r**2
    along = dot(lambda x: w(j, x) - FACTOR * centred_mean(j, x), lambda x: centred(c, i, x))
    predictions = C * Mean(along**2, j, c, i)
    offset = b(j) + dot(lambda x: w(j, x), mu_global) - 1 / C
    lost = predictions + lam * C * excess_over_collapse(FACTOR) + C * Mean(offset**2, j)
    return Statement(eq(objective, least + factor * lost), HYPOTHESES)


@lru_cache
def prove() -> Theorem:
    """Normal equations: Sigma_T w_j = t w_j where w_j is a multiple of m_j."""
    eigen, means = map(assume, HYPOTHESES)
    row = combine(
        eq(w(j, k4) * eigen.relation.lhs, w(j, k4) * eigen.relation.rhs), {eigen: w(j, k4)}, label="row j"
    )
    own = combine(
        eq(centred_mean(j, k4) * eigen.relation.lhs, eigenvalue * centred_mean(j, k4) ** 2),
        {eigen: centred_mean(j, k4)},
        label="class mean j",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(row, j, k4): 2 * C * d * FACTOR,
            average(own, j, k4): -C * d * FACTOR**2,
            means: FACTOR,
        },
        label="complete the squares",
    )


def witness(second: Any = 0) -> Witness:
    """Class means 1 and -1 on a line, samples at 1/2 to both sides, W = (1, -1), b = (second, 0)."""
    side = (Integer(1), Integer(-1))
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: side[c] + side[i] / 2,
            w: lambda j, k: side[j],
            b: lambda j: Integer(second * (1 - j)),
        },
        {r: 1, lam: 1, eigenvalue: Rational(5, 4)},
        "class means 1 and -1, noise 1/2",
    )


def _skewed() -> Witness:
    """Means along (1, 0) and noise along (1, 1): the means are no eigenvectors."""
    side = (Integer(1), Integer(-1))
    base = witness()
    functions: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: (side[c] if k == 0 else Integer(0)) + side[i],
        w: lambda j, k: side[j],
    }
    return Witness(2, 2, 2, functions, {r: 1, lam: 1, eigenvalue: 2}, "noise along a diagonal")


def twins() -> list[Twin]:
    good = witness()
    wide = Witness(2, 2, 1, good.functions, {**good.values, r: 2}, "r = 2 claimed")
    free = Statement(claim().conclusion, (MEANS,))
    return [
        Twin("1 % more lost", claim(factor=Rational(101, 100)), witness()),
        Twin("half of it lost", claim(factor=Rational(1, 2)), witness(second=3)),
        Twin("any covariance", free, _skewed()),
        Twin("r unknown", Statement(claim().conclusion, (EIGENVECTORS,)), wide),
    ]


def neighbour() -> Neighbour:
    objective = claim().conclusion.lhs  # type: ignore[union-attr]
    goal = le((C - 1) / C - FACTOR * r**2 + lam * C * excess_over_collapse(FACTOR), objective)
    along = dot(lambda x: w(j, x) - FACTOR * centred_mean(j, x), lambda x: centred(c, i, x))
    offset = b(j) + dot(lambda x: w(j, x), mu_global) - 1 / C
    rest = C * Mean(along**2, j, c, i) + C * Mean(offset**2, j)
    return Neighbour(
        "W = kappa M is the only minimiser",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): -1}, slack=rest),
    )


_C, _r, _v = value("C"), value("mean_radius"), value("variance")
THEOREM = Entry(
    name="least-squares-eigenvectors",
    title="Least squares is self-dual where class means are eigenvectors",
    kind="identity",
    source="this project (2026); widens Papyan, Han & Donoho 2020, theorem 2 (Webb & Lowe 1990)",
    says=(
        "If Sigma_T (mu_c - mu_G) = t (mu_c - mu_G) for every class, least squares with decay lambda "
        "gives W = M/(C(t + lambda)), and every W, b pays exactly its squared distances: NC3 without NC1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        (_C - 1) / _C - _r**2 / (_C * (_r**2 / (_C - 1) + value("weight_decay") + _v)),
        (DECAY_POSITIVE, Condition("variance >= 0", Integer(0), _v)),
    ),
)
