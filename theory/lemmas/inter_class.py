# SPDX-License-Identifier: MIT
"""From equal angles of the classifier's rows to cosines between classes: Pan & Cao's second half needs it.

The rows have equal angles up to 2 r + 2 r/y + (y/4)(1 + 1/T), r = eps/(T q(T)), and the mean directions v_c
of the classes are near them.  So a mean over pairs of f_cj (<v_c, v_j> + 1/(C-1)), 0 <= f <= 1, is of order
sqrt(r) for every table f, in particular for the indicator of the large cosines.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.definitions import dot, loss, mean_square_weights, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, eq, index, le, substitute, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import at_price, charge, gram, tilted_norms, y
from theory.lemmas.directions import (
    CAP,
    GAP,
    HALF,
    PAID,
    RATE,
    TABLE,
    cap,
    equal_norms,
    long_rows,
    mean_direction,
    near,
    row,
    row_square,
    scale,
    short_rows,
    width,
)
from theory.lemmas.equiangular import (
    Lambda,
    bound,
    centred,
    equiangular,
    over_pairs,
    pair,
    spectral_weights,
    test,
)
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    cosine_at_most_one,
    kappa,
    polar,
    rho,
    u,
)
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import C, T, alpha, beta, c, d, eps, h, i, j, k


@lru_cache
def spectral() -> Theorem:
    """mean ||r_c||^2 <= s^2 |- mean_c ||mean_{j != c} u_cj r_j||^2 <= C s^2/(C-1) mean u^2."""
    other = index("j3")
    square = visible(le(0, sq(lambda kk: pair(c, j) * row(other, kk) - pair(c, other) * row(j, kk))))
    lagrange = average(average(square, j, excluding=c), other, excluding=c, label="over wrong classes")

    def wrong(body):  # type: ignore[no-untyped-def]
        return wrong_mean(body, c, C)

    weights = wrong(lambda jj: pair(c, jj) ** 2)
    sizes = wrong(lambda jj: sq(lambda kk: row(jj, kk)))
    total = sq(lambda kk: wrong(lambda jj: pair(c, jj) * row(jj, kk)))
    schwarz = combine(le(total, weights * sizes), {lagrange: HALF}, label="Lagrange's identity")
    small = assume(le(Mean(sq(lambda kk: row(j, kk)), j), scale**2))
    own = sq(lambda kk: row(c, kk)) / (C - 1)
    others = combine(le(sizes, C / (C - 1) * scale**2), {small: C / (C - 1)}, slack=own)
    sign = combine(le(0, weights), {average(visible(le(0, pair(c, j) ** 2)), j, excluding=c): 1})
    one = combine(le(total, weights * C / (C - 1) * scale**2), {schwarz: 1, others: weights}, facts=[sign])
    return average(one, c, label="mean over classes")


@lru_cache
def free_equiangular() -> Theorem:
    """polar, MARGIN, PAID, CAP, |f| <= 1 |- tested(gram, beta) <= bound with Lambda = C cap."""
    general = instantiate(
        equiangular(tilted_norms(), gram, beta, spectral_weights()), {Lambda: C * cap}, label="Lambda := C"
    )
    schwarz = instantiate(
        spectral(), {scale: beta * sqrt(cap)}, functions={row: ((c, k), wt(c, k))}, label="rows"
    )
    rows, features = relative_norms()
    schwarz = cut(
        schwarz,
        combine(le(mean_square_weights(), beta**2 * cap), {rows: 1, assume(CAP): beta**2}),
        label="CAP",
    )
    needed = spectral_weights().map(lambda side: substitute(side, {Lambda: C * cap})).instance()
    general = cut(general, combine(needed, {schwarz: 1}), label="Cauchy-Schwarz")
    general = instantiate(general, functions={pair: ((c, j), centred(c, j))}, label="u := f - mean f")
    rate = T * q(T) / 2
    paid = combine(
        le(loss(unbiased_logit) + q(T) * charge(), phi(T) + eps),
        {assume(PAID): 1, rows: rate / beta**2, features: rate / alpha**2},
        label="norms through their split",
    )
    return cut(at_price(general), paid)


@lru_cache
def relative_norms() -> tuple[Theorem, Theorem]:
    """(1/C) sum ||w~_c||^2 <= beta^2 E kappa^2 and E||h||^2 <= alpha^2 E rho^2."""
    split_w, split_h, unit_u, unit_e, *_ = map(assume, polar(beta, alpha))

    def bounded(split, unit, size, own, over, unit_scale):  # type: ignore[no-untyped-def]
        right = split.relation.rhs
        one = combine(eq(own(k) ** 2, right**2), {split: own(k) + right})
        short = le(sq(own), unit_scale**2 * size**2)
        each = combine(short, {average(one, k): d, unit: unit_scale**2 * size**2})
        return combine(
            le(Mean(sq(own), *over), unit_scale**2 * Mean(size**2, *over)), {average(each, *over): 1}
        )

    return (
        bounded(split_w, unit_u, kappa(c), lambda kk: wt(c, kk), (c,), beta),
        bounded(split_h, unit_e, rho(c, i), lambda kk: h(c, i, kk), (c, i), alpha),
    )


@lru_cache
def norm_defect() -> Theorem:
    """polar, MARGIN, T3, PAID, ROWS, 0 <= f <= 1 |- mean f_cj (1 - ||r_c||^2) <= omega + 2 r/omega + 8 r."""
    low, high = map(assume, TABLE)
    room = combine(le(0, 1 - test(c, j)), {high: 1})
    moved = 1 - kappa(c)
    bend = visible(le(0, (width - moved) ** 2 / width + moved**2))
    plain = visible(le(0, width + moved**2 / width))
    one = combine(
        le(test(c, j) * (1 - kappa(c) ** 2), width + moved**2 / width),
        {bend: test(c, j), plain: 1 - test(c, j)},
        facts=[low, room],
        label="2 (1 - kappa) <= omega + (1 - kappa)^2/omega",
    )
    rest = combine(
        le(test(c, j) * (kappa(c) ** 2 - row_square()), kappa(c) ** 2 - row_square()),
        {short_rows(): 1 - test(c, j)},
        facts=[room],
    )
    pairs = [average(average(t, j, excluding=c), c, label="mean over pairs") for t in (one, rest)]
    total = over_pairs(lambda c_, j_: test(c_, j_) * (1 - row_square(c_)))
    return combine(
        le(total, width + 2 * RATE / width + 8 * RATE),
        {
            pairs[0]: 1,
            pairs[1]: 1,
            equal_norms(): 1 / width,
            long_rows(): 1,
        },
        label="E (1 - kappa)^2 <= 2 r",
    )


@lru_cache
def turned_pairs() -> Theorem:
    """The same |- mean f_cj (<v_c, v_j> - <r_c, r_j>) <= 8 r/omega + omega (1 + cap)/2, with CAP."""
    low, high = map(assume, TABLE)
    room = combine(le(0, 1 - test(c, j)), {high: 1})

    def gap(cc: Symbol, kk: Symbol) -> Expr:
        return mean_direction(cc, kk) - row(cc, kk)

    inner = dot(lambda kk: mean_direction(c, kk), lambda kk: mean_direction(j, kk))
    inner -= dot(lambda kk: row(c, kk), lambda kk: row(j, kk))
    squares = visible(
        le(
            0,
            (
                sq(lambda kk: gap(c, kk) - width * mean_direction(j, kk))
                + sq(lambda kk: gap(j, kk) - width * row(c, kk))
            )
            / (2 * width),
        )
    )
    cost = (sq(lambda kk: gap(c, kk)) + sq(lambda kk: gap(j, kk))) / (2 * width)
    cost += width / 2 * (sq(lambda kk: mean_direction(j, kk)) + row_square(c))
    one = combine(
        le(test(c, j) * inner, cost),
        {squares: test(c, j), visible(le(0, cost)): 1 - test(c, j)},
        facts=[low, room],
        label="2 <a, b> <= ||a||^2/omega + omega ||b||^2",
    )
    mean = average(average(one, j, excluding=c), c, label="mean over pairs")
    goal = over_pairs(
        lambda c_, j_: (
            test(c_, j_)
            * (
                dot(lambda kk: mean_direction(c_, kk), lambda kk: mean_direction(j_, kk))
                - dot(lambda kk: row(c_, kk), lambda kk: row(j_, kk))
            )
        )
    )
    return combine(
        le(goal, 8 * RATE / width + width * (1 + cap) / 2),
        {
            mean: 1,
            near(): 1 / width,
            average(cosine_at_most_one(), c): width / 2,
            average(short_rows(), c): width / 2,
            assume(CAP): width / 2,
        },
        label="mean over pairs",
    )


def inter(cc: Symbol, jj: Symbol) -> Expr:
    """<v_c, v_j>, the mean cosine between a sample of class c and one of class j."""
    return dot(lambda kk: mean_direction(cc, kk), lambda kk: mean_direction(jj, kk))


def inter_bound(gap: Expr = RATE) -> Expr:
    """12 r + 14 r/omega + omega (3/2 + (3/4) cap + 1/(2 T))."""
    return 12 * gap + 14 * gap / width + width * (Rational(3, 2) + 3 * cap / 4 + 1 / (2 * T))


def excess() -> Expr:
    """mean over pairs of f_cj (<v_c, v_j> + 1/(C-1))."""
    return over_pairs(lambda c_, j_: test(c_, j_) * (inter(c_, j_) + 1 / (C - 1)))


def _angles(rows: Callable[[Symbol, Symbol], Expr]) -> Expr:
    """mean over pairs of f_cj (<r_c, r_j> + ||r_c||^2/(C-1))."""
    return over_pairs(
        lambda c_, j_: (
            test(c_, j_)
            * (dot(lambda kk: rows(c_, kk), lambda kk: rows(j_, kk)) + sq(lambda kk: rows(c_, kk)) / (C - 1))
        )
    )


@lru_cache
def inter_class() -> Theorem:
    """polar, MARGIN, T3, PAID, CAP, 0 <= f <= 1 |- mean of f_cj (<v_c, v_j> + 1/(C-1)) <= inter_bound()."""
    reach = T - eps / q(T)
    level = substitute(bound(reach), {Lambda: C * cap, y: width})
    summed = combine(
        le(excess(), inter_bound()),
        {assume(le(_angles(row), level)): 1, turned_pairs(): 1, norm_defect(): 1 / (C - 1)},
        slack=(C - 2) / (C - 1) * (10 * RATE + 4 * RATE / width + width + width / (4 * T)),
        label="three parts",
    )
    summed = instantiate(summed, functions={row: ((c, k), wt(c, k) / beta)}, label="r := (w_c - wbar)/beta")
    split = combine(eq(wt(c, k) / beta, kappa(c) * u(c, k)), {assume(polar(beta, alpha)[0]): 1 / beta})
    low = combine(le(-1, test(c, j)), {assume(TABLE[0]): 1}, slack=Integer(1))
    equal = cut(instantiate(free_equiangular(), {y: width}), low)
    angles = combine(
        le(_angles(lambda c_, k_: wt(c_, k_) / beta), level),
        {equal: 1},
        label="the row means of the Gram matrix",
    )
    return cut(summed, split, angles)


@lru_cache
def inter_class_bounded() -> Theorem:
    """The same with norms at most alpha and beta (cap = 1) and L <= phi(T) + eps."""
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    rate = T * q(T) / 2
    paid = combine(PAID, {assume(GAP): 1, weights: rate, features: rate}, label="nothing to pay")
    return cut(instantiate(inter_class(), {cap: Integer(1)}, label="cap := 1"), paid)


@lru_cache
def inter_class_paid() -> Theorem:
    """The same without CAP: E kappa^2 <= 2 + 2 E (kappa - 1)^2 <= 2 + 4 r."""
    size = 2 + 4 * RATE
    short = combine(
        le(Mean(kappa(c) ** 2, c), size),
        {equal_norms(): 2},
        slack=Mean((kappa(c) - 2) ** 2, c),
        label="kappa^2 <= 2 + 2 (kappa - 1)^2",
    )
    return cut(instantiate(inter_class(), {cap: size}, label="cap := 2 + 4 r"), short)
