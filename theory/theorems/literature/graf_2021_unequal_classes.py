# SPDX-License-Identifier: MIT
"""A certificate for the least supervised contrastive loss of classes of any sizes, E||h||^2 <= rho^2 in each.

The loss is at least its tangent at any C x C matrix r (graf-2021-class-gram), linear in the products of the
class means mu, plus what leaving out the anchor adds: the mean product of two samples of class c is
||mu_c||^2 - u_c with u_c = (E||h||^2 - ||mu_c||^2)/(n_c - 1) >= 0, and the loss falls in it.  With q_cj =
N_cj e^{r_cj - level_c} and y >= 0 such that the matrix pi_c (q_cj - 1[c = j]) + diag(y), made symmetric, is
positive semidefinite, the loss is at least sum_c pi_c (level_c - sum_j q_cj r_cj) - rho^2 sum_c y_c.
Attained by the collapsed simplex; for unequal classes by the solution of the convex program, at its own
products and multipliers (this project, 2026).
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, exp, log

from theory.definitions import dot, mu, sq
from theory.definitions_collapse import DIAGONAL, ZERO_OR_ONE, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.class_gram import (
    BATCH,
    COUNTS,
    SHARES,
    SIGNS,
    N,
    chi,
    contrast,
    ell,
    g,
    level,
    level_of,
    n,
    r,
    share,
    tangent,
)
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, atom, c, d, h, i, j, k, positive

rho = positive("rho_Z", r"\rho_Z", "radius of a ball that holds every feature")
u = atom("left_out", "u", "u(c): square of the mean of class c less the mean product of two of its samples")
y = atom("multiplier", "y", "y(c): multiplier of the norm of class c")


def probability() -> Expr:
    """q_cj."""
    return N(c, j) * exp(r(c, j) - level(c))


def means(cc: Symbol, jj: Symbol) -> Expr:
    """<mu_cc, mu_jj>."""
    return dot(lambda x: mu(cc, x), lambda x: mu(jj, x))


LEVEL = level_of(r(c, j))
GRAM = eq(g(c, j), means(c, j) - one_hot(c, j) * u(c), c, j)
LEFT_OUT = le(0, u(c), c)
RADIUS = le(Mean(sq(lambda x: h(c, i, x)), i), rho**2, c)
MULTIPLIERS = le(0, y(c), c)
# the matrix is positive semidefinite: here in the direction of coordinate k of the class means
SEMIDEFINITE = le(
    0,
    C * Mean(share(c) * probability() * mu(c, k) * mu(j, k), c, j)
    + Mean((y(c) - share(c)) * mu(c, k) ** 2, c),
    k,
)
HYPOTHESES = (*BATCH, LEVEL, SHARES, ZERO_OR_ONE, DIAGONAL, GRAM, LEFT_OUT, RADIUS, MULTIPLIERS, SEMIDEFINITE)


def dual(price: Expr) -> Expr:
    """sum_c pi_c (level_c - sum_j q_cj r_cj) less the price of the norms, divided by C."""
    return Mean(share(c) * (level(c) - C * Mean(probability() * r(c, j), j)), c) - price


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(dual(factor * rho**2 * Mean(y(c), c)), contrast()), hypotheses)


OWN = Mean(y(c) * sq(lambda x: mu(c, x)), c)


@lru_cache
def at_means() -> Theorem:
    """The same with the norms of the class means themselves in the price."""
    sign, size, counts, shares = map(assume, (*SIGNS, COUNTS, SHARES))
    binary, diagonal, gram, left_out, definite = map(
        assume, (ZERO_OR_ONE, DIAGONAL, GRAM, LEFT_OUT, SEMIDEFINITE)
    )
    q = probability()
    other = next(iter(COUNTS.lhs.atoms(Mean))).indices[0]
    seen = combine(le(0, n(j) * chi(c, i, j, other)), {sign: n(j)}, facts=[size])
    count = combine(le(0, N(c, j)), {average(seen, other): 1, counts: 1}, label="N_cj >= 0")
    below = combine(
        le(q * one_hot(c, j), q),
        {binary: q},
        slack=N(c, j) * exp(r(c, j) - level(c)) * (1 - one_hot(c, j)) ** 2,
        facts=[count],
        label="q on the diagonal",
    )
    products = combine(
        eq(q * g(c, j), q * means(c, j) - q * one_hot(c, j) * u(c)), {gram: q}, label="class means"
    )
    own = combine(
        eq(g(c, c), means(c, c) - u(c)), {instantiate(gram, {j: c}): 1, diagonal: -u(c)}, label="own products"
    )
    row = combine(
        le(
            level(c) - C * Mean(q * r(c, j), j) + C * Mean(q * means(c, j), j) - means(c, c),
            Mean(ell(c, i), i) - g(c, c),
        ),
        {
            tangent(): 1,
            average(products, j): -C,
            own: 1,
            average(below, j): C * u(c),
            assume(LEVEL): -u(c) * exp(-level(c)),
        },
        facts=[left_out],
        label="one class",
    )
    scaled = combine(
        le(share(c) * row.relation.lhs, share(c) * row.relation.rhs), {row: share(c)}, facts=[shares]
    )
    return combine(
        le(dual(OWN), contrast()),
        {average(scaled, c): 1, average(definite, k, label="all coordinates"): d},
        label="the certificate",
    )


@lru_cache
def prove() -> Theorem:
    """||mu_c||^2 <= rho^2."""
    radius, sign = assume(RADIUS), assume(MULTIPLIERS)
    spread = visible(le(0, Mean(sq(lambda x: h(c, i, x) - mu(c, x)), i)))
    short = combine(le(sq(lambda x: mu(c, x)), rho**2), {radius: 1, spread: 1}, label="a mean is no longer")
    priced = combine(le(y(c) * sq(lambda x: mu(c, x)), rho**2 * y(c)), {short: y(c)}, facts=[sign])
    return combine(claim().conclusion, {at_means(): 1, average(priced, c): 1})  # type: ignore[arg-type]


def collapsed(multiplier: Expr | None = None) -> Witness:
    """Two classes of two samples at 1 and -1, r their own products, y the multipliers q_cj of the optimum."""
    near, far = exp(Integer(1)), 2 * exp(Integer(-1))
    own = far / (near + far) if multiplier is None else multiplier
    level_ = log(near + far)
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: Integer(1 - 2 * c),
            chi: lambda c, i, j, i2: Integer((c, i) != (j, i2)),
            n: lambda j: Integer(2),
            N: lambda c, j: Integer(2 - int(c == j)),
            g: lambda c, j: Integer(1 if c == j else -1),
            r: lambda c, j: Integer(1 if c == j else -1),
            ell: lambda c, i: level_,
            level: lambda c: level_,
            share: lambda c: Rational(1, 2),
            one_hot: lambda c, j: Integer(c == j),
            u: lambda c: Integer(0),
            y: lambda c: own,
        },
        {rho: Integer(1)},
        "two classes of two samples at 1 and -1",
    )


def twins() -> list[Twin]:
    kept = tuple(a for a in HYPOTHESES if a is not SEMIDEFINITE)
    return [
        Twin("norms at a price 1 % lower", claim(Rational(99, 100)), collapsed()),
        Twin("no certificate", claim(hypotheses=kept), collapsed(Integer(0))),
    ]


def neighbour() -> Neighbour:
    kept = tuple(a for a in HYPOTHESES if a not in (RADIUS, MULTIPLIERS))
    return Neighbour(
        "norms of the class means in the price", Statement(le(dual(OWN), contrast()), kept), at_means
    )


_n, _C = value("samples_per_class"), value("C")
THEOREM = Entry(
    name="graf-2021-unequal-classes",
    title="Dual certificate for the supervised contrastive loss of any classes",
    kind="tight",
    source="Graf et al. 2021, arXiv:2102.08817 (contrastive loss); the certificate: this project (2026)",
    says=(
        "Classes of any sizes, E||h||^2 <= rho^2, collapsed or not: every C x C matrix r with multipliers "
        "y that make the gradient semidefinite bounds the supervised contrastive loss from below. The "
        "number: equal classes, where the simplex attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=collapsed,
    formula=Formula(
        log(_n - 1 + _n * (_C - 1) * exp(-(value("radius") ** 2) * _C / (_C - 1))),
        (Condition("2 <= samples per class", Integer(2), _n),),
    ),
)
