# SPDX-License-Identifier: MIT
"""Step imbalance: the least norms with margins 1, and the simplex-encoded labels as the optimal logits.

The value is twice the sum of the singular values of Z = (I - 11^T/C) Y.  Proved for all W and H, and even if
only each sample's mean margin over the wrong majority classes, and over the wrong minority classes, is at
least 1.  Not covered: that training converges in direction to this minimum.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, h, i, j, k, n, positive, w

small = atom("m_minority", "m", "m_minority(c): 1 for a minority class, 0 for a majority class")
TOP = positive("r_step", "r", "square root of R, samples of a majority class over those of a minority class")
MIDDLE = positive("q_step", "q", "square root of R rho + 1 - rho, with a fraction rho of minority classes")
odds = positive("x_step", "x", "number of majority classes over number of minority classes")
first_family = atom("f_major", "f", "f_major(c, k): any vector for each majority class")
second_family = atom("f_minor", "f'", "f_minor(c, k): any vector for each minority class")
j3 = index("j3")

MINORITY, MAJORITY = 1 / (1 + odds), odds / (1 + odds)
ratio = TOP**2
SQUARE = eq(MIDDLE**2, ratio * MINORITY + MAJORITY)
IDEMPOTENT = eq(small(c) ** 2, small(c), c)
SHARE = eq(Mean(small(c), c), MINORITY)
# weights of the margins, times sqrt(n): within the majority, between the groups, within the minority
INSIDE = (1 / TOP - MINORITY / MIDDLE) / (C * MAJORITY)
ACROSS = 1 / (C * MIDDLE)
WITHIN = (1 - MAJORITY / MIDDLE) / (C * MINORITY)


def margins(members: Expr) -> Expr:
    """sum over the classes j of a group of z_c - z_j; ``members`` is the group's indicator at j."""
    return C * Mean(members * (unbiased_logit(c, i, c) - unbiased_logit(c, i, j)), j)


SEPARATED = (
    le(C * MAJORITY - (1 - small(c)), margins(1 - small(j)), c, i),
    le(C * MINORITY - small(c), margins(small(j)), c, i),
)
HYPOTHESES = (IDEMPOTENT, SHARE, SQUARE, *SEPARATED)
VALUE = 2 * sqrt(n) * (TOP * (C * MAJORITY - 1) + MIDDLE + C * MINORITY - 1)


def norms() -> Expr:
    """||W||_F^2 + sum of ||h||^2 over n R samples in a majority class and n in a minority class."""
    return C * Mean(sq(lambda x: w(c, x)), c) + sizes()


def claim(factor: object = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * VALUE, norms()), hypotheses)


def major_sum(x: Any) -> Expr:
    """Sum of the majority's rows."""
    return C * Mean((1 - small(j3)) * w(j3, x), j3)


def minor_sum(x: Any) -> Expr:
    """Sum of the minority's rows."""
    return C * Mean(small(j3) * w(j3, x), j3)


def major_part(x: Any) -> Expr:
    """sqrt(R n) times the optimal feature of a majority class: its row less what the groups share."""
    return w(c, x) - TOP * (INSIDE * major_sum(x) + ACROSS * minor_sum(x))


def minor_part(x: Any) -> Expr:
    """sqrt(n) times the optimal feature of a minority class."""
    return w(c, x) - ACROSS * major_sum(x) - WITHIN * minor_sum(x)


def feature(x: Any) -> Expr:
    """h_ci, coordinate x."""
    return h(c, i, x)


SPREAD_IN, SPREAD_WITHIN = 1 / TOP - MINORITY / MIDDLE, 1 - MAJORITY / MIDDLE


@lru_cache
def signs() -> tuple[Theorem, ...]:
    """0 <= m, 0 <= 1 - m, and the weights within the groups are not negative."""
    idempotent = assume(IDEMPOTENT)
    low = combine(le(0, small(c)), {idempotent: 1}, slack=small(c) ** 2)
    high = combine(le(0, 1 - small(c)), {idempotent: 1}, slack=(1 - small(c)) ** 2)
    both = MINORITY * MAJORITY
    first = 1 / (MIDDLE + MINORITY * TOP) / (TOP * MIDDLE)
    second = 1 / (MIDDLE + MAJORITY) / MIDDLE
    middle = assume(SQUARE)
    inside = combine(
        le(0, SPREAD_IN), {middle: -first}, slack=first * (both * ratio + MAJORITY), label="q > rho sqrt(R)"
    )
    within = combine(
        le(0, SPREAD_WITHIN), {middle: -second}, slack=second * (both + MINORITY * ratio), label="q > 1 - rho"
    )
    return low, high, inside, within


@lru_cache
def rewards() -> Theorem:
    """The margins, weighted: what the optimal features collect from the logits."""
    first, second = map(assume, SEPARATED)
    idempotent, share = assume(IDEMPOTENT), assume(SHARE)
    own, other = unbiased_logit(c, i, c), 1 - small(c)
    majority, minority = margins(1 - small(j)), margins(small(j))
    major_own = combine(
        eq(TOP * dot(major_part, feature), ratio * (INSIDE * majority + ACROSS * minority)),
        {share: own * C * ratio * (INSIDE - ACROSS)},
        label="majority: rows against margins",
    )
    minor_own = combine(
        eq(dot(minor_part, feature), ACROSS * majority + WITHIN * minority),
        {share: own * C * (ACROSS - WITHIN)},
        label="minority: rows against margins",
    )
    return combine(
        le(least(), collected()),
        [
            (first, other * ratio * INSIDE),
            (first, small(c) * ACROSS),
            (second, other * ratio * ACROSS),
            (second, small(c) * WITHIN),
            (major_own, -other),
            (minor_own, -small(c)),
            (idempotent, ratio * INSIDE - ratio * ACROSS - ACROSS + WITHIN),
        ],
        facts=signs(),
        label="margins of at least 1",
    )


def least() -> Expr:
    """What margins of 1 give each sample."""
    return (1 - small(c)) * (TOP - ratio * INSIDE) + small(c) * (1 - WITHIN)


def collected() -> Expr:
    """n_c/sqrt(n) times the product of a feature with the optimal one."""
    return (1 - small(c)) * TOP * dot(major_part, feature) + small(c) * dot(minor_part, feature)


@lru_cache
def projection() -> Theorem:
    """The optimal features have the norm of the rows, less that of their mean."""
    share = assume(SHARE)
    major_common = sq(lambda x: TOP * (INSIDE * major_sum(x) + ACROSS * minor_sum(x)))
    minor_common = sq(lambda x: ACROSS * major_sum(x) + WITHIN * minor_sum(x))
    contrast = sq(lambda x: MINORITY * major_sum(x) - MAJORITY * minor_sum(x))
    both = (1 - small(c)) * sq(major_part) + small(c) * sq(minor_part)
    rows = C * Mean(sq(lambda x: w(c, x)), c)
    return combine(
        eq(C * Mean(both, c), rows - sq(lambda x: major_sum(x) + minor_sum(x)) / C),
        {
            share: C * (minor_common - major_common),
            assume(SQUARE): -contrast / (MIDDLE**2 * C * MINORITY * MAJORITY),
        },
        label="the polar factor of the labels is a partial isometry",
    )


def sizes() -> Expr:
    """sum over all samples of ||h||^2."""
    return C * Mean((n * (1 - small(c)) * ratio + n * small(c)) * sq(feature), c, i)


@lru_cache
def products() -> Theorem:
    """Twice the product of the features with any two families of vectors is at most the sum of squares."""
    low, high = signs()[:2]
    root = sqrt(n)
    one, two = (lambda x: first_family(c, x)), (lambda x: second_family(c, x))
    pairs = (
        ((1 - small(c)), lambda x: root * TOP * feature(x) - one(x)),
        (small(c), lambda x: root * feature(x) - two(x)),
    )
    squares = [average(combine(le(0, a * sq(v)), slack=a * sq(v), facts=[low, high]), c, i) for a, v in pairs]
    product = (1 - small(c)) * TOP * dot(one, feature) + small(c) * dot(two, feature)
    norm = C * Mean((1 - small(c)) * sq(one) + small(c) * sq(two), c)
    bound = combine(
        le(2 * root * C * Mean(product, c, i), sizes() + norm),
        {squares[0]: C, squares[1]: C},
        label="complete the squares",
    )
    return instantiate(
        bound,
        functions={first_family: ((c, k), major_part(k)), second_family: ((c, k), minor_part(k))},
        label="the optimal features",
    )


def prove() -> Theorem:
    """Features against the optimal ones: what the margins give is paid for by the norms."""
    root = sqrt(n)
    factor = 2 * root * C
    scaled = combine(
        le(factor * Mean(least(), c, i), factor * Mean(collected(), c, i)),
        {average(rewards(), c, i, label="E over samples"): factor},
        label="times 2 sqrt(n) C",
    )
    value = combine(
        le(VALUE, factor * Mean(least(), c, i)),
        {
            assume(SHARE): factor * (TOP - ratio * INSIDE - 1 + WITHIN),
            assume(SQUARE): 2 * root / MIDDLE,
        },
        label="at the share of the minority",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {value: 1, scaled: 1, products(): 1, projection(): 1},
        slack=sq(lambda x: major_sum(x) + minor_sum(x)) / C,
        label="loss of norm only in the mean row",
    )


def witness(factor: Any = 1) -> Witness:
    """C = 2, R = 4, n = 1: one class of four samples, one of one; q^2 = 5/2."""
    # rows (1, -1) times a, features b and -4 b: margins 2 a b ... are set so that both are 1
    up = factor * (Rational(5, 8) ** Rational(1, 4))
    down = factor * Rational(1, 2) / (Rational(5, 8) ** Rational(1, 4))
    return Witness(
        2,
        1,
        1,
        {
            small: lambda c: Integer(c),
            w: lambda j, k: up * (1 - 2 * j),
            h: lambda c, i, k: down * (1 - 2 * c),
        },
        {TOP: Integer(2), MIDDLE: sqrt(Rational(5, 2)), odds: Integer(1), n: Integer(1)},
        f"classes of four samples and one, {factor} times the optimum",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "margins not required",
            claim(hypotheses=(IDEMPOTENT, SHARE, SQUARE)),
            witness(factor=Rational(1, 2)),
        ),
        Twin("C (1 - rho) for C (1 - rho) - 1", claim(factor=1 + TOP / MIDDLE), witness()),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=0)
    low, high = signs()[:2]

    def proof() -> Theorem:
        """Norms are not negative."""
        one = (1 - small(c)) * n * ratio * sq(feature)
        two = small(c) * n * sq(feature)
        parts = [average(combine(le(0, t), slack=t, facts=[low, high]), c, i) for t in (one, two)]
        return combine(goal.conclusion, {parts[0]: C, parts[1]: C}, slack=C * Mean(sq(lambda x: w(c, x)), c))  # type: ignore[arg-type]

    return Neighbour("0", goal, proof)


_C, _R, _RHO = value("C"), value("imbalance_ratio"), value("minority_share")
_Q = sqrt(_R * _RHO + 1 - _RHO)
THEOREM = Entry(
    name="thrampoulidis-2022-step-margin",
    title="Least norms with margins 1 under step imbalance",
    kind="tight",
    source=(
        "Thrampoulidis et al. 2022 (arXiv:2208.05512), unconstrained-features SVM and SELI geometry; the "
        "value for the (R, rho)-step problem and its proof: this project (2026)"
    ),
    says=(
        "With n R samples in each majority class, n in each of rho C minority classes and margins of at "
        "least 1 (their means over each group suffice), for every W and H: ||W||_F^2 + ||H||_F^2 is at "
        "least 2 sqrt(n) (sqrt(R) ((1-rho) C - 1) + sqrt(R rho + 1 - rho) + rho C - 1), twice the sum of "
        "the singular values of the simplex-encoded labels, which attain it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        2 * sqrt(value("samples_per_class")) * (sqrt(_R) * ((1 - _RHO) * _C - 1) + _Q + _RHO * _C - 1),
        (Condition("rho <= 1", _RHO, Integer(1)),),
    ),
)
