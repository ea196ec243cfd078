# SPDX-License-Identifier: MIT
"""Least norms with margins, any class sizes, temperatures and class margins: the multipliers, written out.

In max-margin-least-norms the multipliers are assumed: nonnegative, and a contraction.  Here they are given:
lambda_cj = m_c u_c u_j (y_c I - S)_cj, u_c = 1/delta_c, y_c = delta_c/(sqrt(n_c) m_c), S the root of Q =
diag(y^2) - a a'/s, a_c = u_c y_c^2.  They are nonnegative because S has no positive entry off its diagonal
(m-matrix-square-root), and a contraction because S diag(y^-2) S is a projection.  No sign condition is left.

Equality where h_ci = m_c u_c (S W)_c and every margin is m_c, which W = (S^+)^(1/2) U attains for every
orthogonal U.  The bound is then 2 sum_c S_cc/y_c^2 = 2 sum_l 1/sigma_l, twice the nuclear norm of the scaled
logits: SELI at delta = m = 1.  Q is given by eigenvectors v_l of eigenvalues sigma_l^2 > 0, which span with u
the rows of W and a; of orthonormality no more is used.  Sizes n_c, temperatures delta_c and class margins m_c
are written as exponentials, so that they are any positive numbers; asked may be any m_cj.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.imbalanced import count
from theory.lemmas.max_margin import asked, multiplier, norms, pulled_by, rows, scale
from theory.lemmas.max_margin_modes import (
    best_multiplier,
    contraction,
    image,
    inverse,
    length,
    margin,
    modes,
    nonnegative_remainder,
    pull,
    pulled,
    row,
    scaled,
    seen,
    spanned,
)
from theory.lemmas.rank_one_root import diagonal, root, strength, vector
from theory.proving import assume, average, combine, cut, instantiate, theorem
from theory.symbols import C, atom, c, d, h, i, j, k, w

log_count = atom("nu_count", r"\nu", "nu_count(c): log sqrt(n_c), n_c samples in class c")
log_scale = atom("kappa_scale", r"\kappa", "kappa_scale(c): log delta_c, delta_c the factor of its logits")
log_margin = atom("mu_margin", r"\mu", "mu_margin(c): log m_c, the margin that the multipliers are made for")


def n_(cc: Any) -> Expr:
    """n_c."""
    return exp(2 * log_count(cc))


def u_(cc: Any) -> Expr:
    """1/delta_c."""
    return exp(-log_scale(cc))


def y_(cc: Any) -> Expr:
    """delta_c/(sqrt(n_c) m_c)."""
    return exp(log_scale(cc) - log_count(cc) - log_margin(cc))


def m_(cc: Any) -> Expr:
    """m_c."""
    return exp(log_margin(cc))


TOTAL = C * Mean((u_(c) * y_(c)) ** 2, c)  # s
SQUARES = C * Mean(u_(c) ** 2, c)  # g
LOGITS = unbiased_logit(c, i, c) / u_(c) - unbiased_logit(c, i, j) / u_(j)
HYPOTHESES = (
    lt(0, root(c), c),
    modes(TOTAL, u_, y_),
    spanned(lambda cc: pull(cc, u_, y_), g=SQUARES, u=u_),
    spanned(row(), k, g=SQUARES, u=u_),
    le(asked(c, j), LOGITS, c, i, j),
)
# The same with every positive number a name, as in the lemmas.
SIZE = eq(count(c) * (margin(c) * inverse(c) * diagonal(c)) ** 2, 1, c)
MARGINS = lt(0, margin(c), c)
NAMED = {count: n_, scale: lambda cc: 1 / u_(cc), inverse: u_, diagonal: y_, margin: m_}


def least(multipliers: Any, n: Any = count) -> Expr:
    """2 sum over c, j of n_c lambda_cj m_cj."""
    return 2 * C**2 * Mean(n(c) * multipliers * asked(c, j), c, j)


def distance(r: Any, n: Any = count, m: Any = margin, u: Any = inverse) -> Expr:
    """sum over all samples of ||h_ci - m_c u_c r_c||^2."""
    return C * Mean(n(c) * sq(lambda x: h(c, i, x) - m(c) * u(c) * r(x)), c, i)


def own_image(x: Any) -> Expr:
    """(S W)_c, coordinate x."""
    return image(row(x))


def claim(factor: Any = 1, share: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    features = C * Mean(n_(c) * sq(lambda x: h(c, i, x)), c, i)
    bound = factor * least(best_multiplier(SQUARES, m_, u_, y_), n_) + share * distance(own_image, n_, m_, u_)
    return Statement(le(bound, rows() + features), hypotheses)


@lru_cache
def multipliers() -> Theorem:
    """0 <= lambda_cj."""
    return combine(
        le(0, best_multiplier()),
        {nonnegative_remainder(): margin(c)},
        facts=[assume(MARGINS)],
        label="no positive entry off the diagonal",
    )


# For any multipliers that ask for these features; the best ones do, and are put in last.
ASKED = eq(pulled_by(multiplier, k), margin(c) * inverse(c) * seen(c, k), c, k)


@lru_cache
def bounded() -> Theorem:
    """sum n_c ||g_c||^2 <= ||W||_F^2."""
    weight = count(c) * (margin(c) * inverse(c)) ** 2
    back = combine(
        eq(diagonal(c) ** 2 * weight * seen(c, k), seen(c, k)), {assume(SIZE): seen(c, k)}, label="t = r/y^2"
    )
    bound = instantiate(
        contraction(), functions={scaled: ((c, k), weight * seen(c, k))}, label="t := n m^2 u^2 r"
    )
    bound = cut(bound, back)
    same = assume(ASKED)
    near, far = same.relation.lhs, same.relation.rhs
    square = combine(
        eq(count(c) * near**2, count(c) * far**2), {same: count(c) * (near + far)}, label="squares"
    )
    return combine(
        le(C * Mean(count(c) * sq(lambda x: pulled_by(multiplier, x)), c), rows()),
        {average(bound, k, label="all coordinates"): d, average(square, c, k, label="all classes"): C * d},
        label="a contraction",
    )


@lru_cache
def prove() -> Theorem:
    """max-margin-least-norms at these multipliers."""
    known = cut(theorem("max-margin-least-norms"), bounded(), label="a contraction")
    same = assume(ASKED)
    near, far = same.relation.lhs, same.relation.rhs
    moved = combine(
        eq(count(c) * (h(c, i, k) - near) ** 2, count(c) * (h(c, i, k) - far) ** 2),
        {same: -count(c) * (2 * h(c, i, k) - near - far)},
        label="the same distance",
    )
    bound = combine(
        le(least(multiplier(c, j)) + distance(lambda x: seen(c, x)), norms()),
        {known: 1, average(moved, c, i, k, label="all samples"): -C * d},
        label="features at m u S W",
    )
    bound = instantiate(bound, functions={multiplier: ((c, j), best_multiplier())}, label="the multipliers")
    bound = cut(bound, multipliers(), pulled(), label="they are nonnegative and ask for these features")
    bound = instantiate(bound, functions={seen: ((c, k), own_image(k))}, label="r := S W")
    named = {f: ((c,), g(c)) for f, g in NAMED.items()}
    bound = instantiate(bound, functions=named, label="sizes, temperatures and margins written out")
    bound = instantiate(bound, {strength: TOTAL, length: SQUARES}, label="s and g written out")
    return combine(claim().conclusion, {bound: 1}, label="as stated")  # type: ignore[arg-type]


def configuration(
    factor: Any = 1, aside: Any = 0, turn: Any = 1, spread: Any = 1, own: bool = False
) -> Witness:
    """n = (9, 4), delta = (1, 2), m = 1: W = b (1, -2)/sqrt(5), H = b (1, -1)/sqrt(13), b^4 = 13/5.

    Without weights (``factor`` 0) the margins asked are -1, of a class against itself if ``own``.
    """
    size = factor * Rational(13, 5) ** Rational(1, 4)
    up, down = size / sqrt(Integer(5)), size / sqrt(Integer(13))
    unit, asks = spread / sqrt(Integer(5)), Integer(1 if factor else -1)
    return Witness(
        2,
        1,
        2,
        {
            log_count: lambda c: log(Integer(3 - c)),
            log_scale: lambda c: log(Integer(1 + c)),
            log_margin: lambda c: Integer(0),
            asked: lambda c, j: asks if (c == j) is own else Integer(0),
            vector: lambda m, c: (unit * (1 - 3 * c)) if m == 0 else Integer(0),
            root: lambda m: turn * sqrt(Rational(5, 13)) if m == 0 else Integer(1),
            w: lambda j, k: up * (1 - 3 * j) if k == 0 else Integer(0),
            h: lambda c, i, k: down * (1 - 2 * c) if k == 0 else Integer(0) + aside,
        },
        {},
        f"classes of nine samples and four, {factor} times the optimum, roots times {turn}",
    )


def alike() -> Witness:
    """n = delta = m = 1: a is along u, and no eigenvector is given: W = (1, -1)/10, H = (5, -5)."""
    none = lambda *_: Integer(0)  # noqa: E731
    return Witness(
        2,
        1,
        1,
        {
            **dict.fromkeys((log_count, log_scale, log_margin, vector), none),
            asked: lambda c, j: Integer(int(c != j)),
            root: lambda m: Integer(1),
            w: lambda j, k: Rational(1 - 2 * j, 10),
            h: lambda c, i, k: Integer(5 - 10 * c),
        },
        {},
        "two classes of one sample, no eigenvectors",
    )


def _without(*dropped: int) -> Statement:
    return claim(hypotheses=tuple(a for n, a in enumerate(HYPOTHESES) if n not in dropped))


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("twice the distance", claim(share=2), configuration(aside=1)),
        Twin("margins not required", _without(4), configuration(factor=Rational(1, 2))),
        Twin("rows anywhere", _without(3), alike()),
        Twin("any vectors", _without(1), configuration(turn=2)),
        Twin("roots of any sign", _without(0), configuration(0, turn=-1)),
        Twin("vectors of any length", _without(2), configuration(0, spread=10, own=True)),
    ]


def neighbour() -> Neighbour:
    goal = claim(share=0)

    def proof() -> Theorem:
        """The distance is nonnegative."""
        one = n_(c) * sq(lambda x: h(c, i, x) - m_(c) * u_(c) * own_image(x))
        square = combine(le(0, one), slack=one, label="n_c times a square")
        return combine(goal.conclusion, {prove(): 1, average(square, c, i): C})  # type: ignore[arg-type]

    return Neighbour("without the distance", goal, proof)


THEOREM = Entry(
    name="max-margin-all-tight",
    title="Least norms with margins for any class sizes, temperatures and class margins",
    kind="tight",
    source=(
        "Thrampoulidis et al. 2022 (arXiv:2208.05512), SELI geometry, at delta = m = 1; Behnia et al. 2023 "
        "(arXiv:2303.07608), CDT and LDT; for all temperatures and margins: this project (2026)"
    ),
    says=(
        "Let delta_c z_c - delta_j z_j >= m_cj in every sample of class c. Write y_c = delta_c/(sqrt(n_c) "
        "m_c) for any m_c > 0 and S for the root of Q = diag(y^2) - a a'/s, a_c = y_c^2/delta_c, s = sum "
        "(y_c/delta_c)^2. Then ||W||_F^2 + ||H||_F^2 >= 2 sum n_c lambda_cj m_cj + sum ||h_ci - m_c (S "
        "W)_c/delta_c||^2, lambda_cj = m_c (y_c I - S)_cj/(delta_c delta_j) >= 0. For m_cj = m_c the first "
        "sum is 2 sum 1/sigma_l(S), attained with every margin tight: the SELI, CDT and LDT optima collapse."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    uses=("max-margin-least-norms",),
    # C equal classes, delta = 1, margins of at least t: all sigma_l = 1/sqrt(n)
    formula=Formula(2 * value("t") * (value("C") - 1) * sqrt(value("samples_per_class"))),
)
