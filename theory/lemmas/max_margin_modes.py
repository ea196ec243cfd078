# SPDX-License-Identifier: MIT
"""The best multipliers of the max-margin problem, from eigenvectors of a diagonal minus a rank-one matrix.

u_c = 1/delta_c; y_c = delta_c/(sqrt(n_c) m_c); s = sum (u_c y_c)^2; g = sum u_c^2.  Q = diag(y^2) - a a'/s,
a_c = u_c y_c^2, is the pseudo-inverse of the Gram matrix P E P of the logits with every margin tight, E =
diag(y^-2), P = I - u u'/g.  It has Q u = 0; v_l are its eigenvectors of the eigenvalues sigma_l^2 > 0 (a
zero vector may stand in for one), so that f = sum_l <f, v_l> v_l + u <u, f>/g; S = sum_l sigma_l v_l v_l'.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr

from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem
from theory.lemmas import rank_one_root as rank_one
from theory.lemmas.max_margin import pulled_by, scale
from theory.lemmas.rank_one_root import along, at, diagonal, expansion, root, strength, vector
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, j, k, positive, w

inverse = atom("u_inverse", "u", "u_inverse(c): 1/delta_c, > 0")
margin = atom("m_class", r"\bar m", "m_class(c): margin of class c that the multipliers are made for, > 0")
length = positive("g_inverse", "g", "sum over classes of u_c^2")
seen = atom("r_image", "r", "r_image(c, k): coordinate k of row c of S W")
scaled = atom("t_image", "t", "t_image(c, k): r_image(c, k)/y_c^2")
c7, ms = index("c7"), index("c_m")


def pull(cc: Any, u: Any = inverse, y: Any = diagonal) -> Expr:
    """a_c = u_c y_c^2."""
    return u(cc) * y(cc) ** 2


def common(f: Any, u: Any = inverse) -> Expr:
    """<u, f>."""
    return C * Mean(u(c7) * f(c7), c7)


def row(x: Any = k) -> Callable[[Any], Expr]:
    """Coordinate x of the rows, as a function of the class."""
    return lambda cc: w(cc, x)


def spanned(f: Any, *over: Any, g: Any = length, u: Any = inverse) -> Relation:
    """f = sum_l <f, v_l> v_l + u <u, f>/g, at every class; times g."""
    return eq(g * expansion(f), g * f(j) - u(j) * common(f, u), j, *over)


def image(f: Any, cc: Any = c) -> Expr:
    """(S f)_c = sum_l sigma_l v_lc <f, v_l>."""
    return C * Mean(root(at) * vector(at, cc) * along(f), at)


ROOTS = lt(0, root(c), c)
RECIPROCAL = eq(scale(c) * inverse(c), 1, c)
STRENGTH = eq(strength, C * Mean((inverse(c) * diagonal(c)) ** 2, c))
LENGTH = eq(length, C * Mean(inverse(c) ** 2, c))


def modes(s: Any = strength, u: Any = inverse, y: Any = diagonal) -> Relation:
    """s Q v_l = s sigma_l^2 v_l."""
    a, v = (lambda cc: pull(cc, u, y)), vector(at, c)
    return eq(s * root(at) ** 2 * v, s * y(c) ** 2 * v - a(c) * along(a), at, c)


SPANNED = (spanned(pull), spanned(row(), k))
IMAGE = eq(seen(c, k), image(row()), c, k)
SCALED = eq(diagonal(c) ** 2 * scaled(c, k), seen(c, k), c, k)


def remainder(g: Any = length, u: Any = inverse, y: Any = diagonal) -> Expr:
    """diag(y) - S at (c, j): the unit matrix is sum_l v_l v_l' + u u'/g."""
    return rank_one.difference(c, j, y) + y(c) * u(c) * u(j) / g


@lru_cache
def positive_root() -> Theorem:
    """0 < sigma_l."""
    return instantiate(assume(ROOTS), {c: at}, label="eigenvalue l")


@lru_cache
def nonnegative_remainder() -> Theorem:
    """u_c u_j times the entries of diag(y) - S: R_cj, and what u adds, are nonnegative."""
    written = {rank_one.removed: ((c,), pull(c))}
    whole, part = (
        instantiate(t, functions=written, label="a := u y^2")
        for t in (rank_one.identity(), rank_one.nonnegative_tail())
    )
    size = assume(rank_one.POSITIVE)
    pair, both = diagonal(c) + diagonal(j), inverse(c) * inverse(j)
    there = instantiate(size, {c: j}, label="class j")
    total = combine(lt(0, pair), {size: 1, there: 1}, label="y_c + y_j > 0")
    signs, rate = [total, *_grown()], pull(c) / (strength * pair)
    square = (both * diagonal(c) * diagonal(j)) ** 2 / (strength * pair)
    own = both**2 * diagonal(c) * diagonal(j) / (length * pair)
    parts = [
        combine(le(0, square), slack=square, facts=[total], label="nonnegative"),
        combine(le(0, own), slack=own, facts=[size, there, total], label="nonnegative"),
    ]
    return combine(
        le(0, both * remainder()),
        {
            whole: -both,
            part: square / strength,
            assume(SPANNED[0]): -both * rate / length,
            assume(STRENGTH): -both * rate * inverse(j) / length,
            parts[0]: 1,
            parts[1]: 1,
        },
        facts=signs,
        label="every part is nonnegative",
    )


def _grown() -> list[Theorem]:
    """0 < y_c + sigma_l and 0 < y_j + sigma_l."""
    one = combine(
        lt(0, diagonal(c) + root(at)),
        {assume(rank_one.POSITIVE): 1, positive_root(): 1},
        label="y + sigma > 0",
    )
    return [one, instantiate(one, {c: j}, label="class j")]


@lru_cache
def orthogonal() -> Theorem:
    """<u, v_l> = 0, because sigma_l > 0."""
    mode = assume(modes())
    times = combine(
        eq(inverse(c) * mode.relation.lhs, inverse(c) * mode.relation.rhs),
        {mode: inverse(c)},
        label="times u",
    )
    rate = 1 / (strength * root(at) ** 2)
    return combine(
        eq(along(inverse), 0),
        {average(times, c, label="sum over classes"): C * rate, assume(STRENGTH): rate * along(pull)},
        facts=[positive_root()],
        label="divide by sigma^2",
    )


@lru_cache
def commuting() -> Theorem:
    """(sigma_l - sigma_m) <v_l, v_m> = 0."""
    mode, m = assume(modes()), instantiate(assume(modes()), {at: ms}, label="eigenvector m")
    gap = strength * (root(at) ** 2 - root(ms) ** 2) * vector(at, c) * vector(ms, c)
    both = combine(
        eq(gap, pull(c) * (along(pull, ms) * vector(at, c) - along(pull) * vector(ms, c))),
        {mode: vector(ms, c), m: -vector(at, c)},
        label="times the other",
    )
    first = positive_root()
    second = instantiate(first, {at: ms}, label="eigenvalue m")
    total = combine(lt(0, root(at) + root(ms)), {first: 1, second: 1}, label="sigma_l + sigma_m > 0")
    return combine(
        eq((root(at) - root(ms)) * along(lambda x: vector(ms, x)), 0),
        {average(both, c, label="sum over classes"): C / (strength * (root(at) + root(ms)))},
        facts=[total],
        label="divide by the sum",
    )


@lru_cache
def absorbed() -> Theorem:
    """sum_l <r, v_l> v_lc = r_c for r = S W."""
    here = assume(IMAGE)
    r = lambda cc: seen(cc, k)  # noqa: E731
    inner = combine(
        eq(r(c) * vector(at, c), image(row()) * vector(at, c)), {here: vector(at, c)}, label="times v_lc"
    )
    inner = average(inner, c, label="sum over classes")
    each = combine(
        eq(inner.relation.lhs * vector(at, j), inner.relation.rhs * vector(at, j)),
        {inner: vector(at, j)},
        label="times v_lj",
    )
    swap = commuting()
    rate = along(row(), ms) * vector(at, j)
    moved = combine(eq(swap.relation.lhs * rate, 0), {swap: rate}, label="times <w, v_m> v_lj")
    span = instantiate(assume(SPANNED[1]), {j: c}, label="class c")
    share = root(at) * vector(at, j) * vector(at, c) / length
    whole = combine(eq(span.relation.lhs * share, span.relation.rhs * share), {span: share}, label="times S")
    part = root(at) * vector(at, j) * common(row()) / length
    none = combine(eq(along(inverse) * part, 0), {orthogonal(): part}, label="S u = 0")
    return combine(
        eq(expansion(r), r(j)),
        {
            average(each, at, label="sum over eigenvectors"): C**2,
            average(moved, at, ms, label="sum over pairs"): -(C**2),
            average(whole, at, c, label="sum over eigenvectors and classes"): C**2,
            average(none, at, label="sum over eigenvectors"): -C,
            instantiate(here, {c: j}, label="class j"): -1,
        },
        label="r is in the span",
    )


@lru_cache
def inside() -> Theorem:
    """sigma_l^2 <t, v_l> = <r, v_l> for t = r/y^2, because <u, r> = 0."""
    mode, t, r = assume(modes()), lambda cc: scaled(cc, k), lambda cc: seen(cc, k)
    times = combine(eq(mode.relation.lhs * t(c), mode.relation.rhs * t(c)), {mode: t(c)}, label="times t_c")
    back = assume(SCALED)
    first = combine(
        eq(diagonal(c) ** 2 * t(c) * vector(at, c), r(c) * vector(at, c)),
        {back: vector(at, c)},
        label="y^2 t",
    )
    second = combine(eq(pull(c) * t(c), inverse(c) * r(c)), {back: inverse(c)}, label="u y^2 t")
    here = combine(
        eq(inverse(c) * r(c), inverse(c) * image(row())), {assume(IMAGE): inverse(c)}, label="<u, r>"
    )
    none = combine(
        eq(root(at) * along(inverse) * along(row()), 0),
        {orthogonal(): root(at) * along(row())},
        label="S u = 0",
    )
    shared = along(pull)
    return combine(
        eq(root(at) ** 2 * along(t), along(r)),
        {
            average(times, c, label="sum over classes"): C / strength,
            average(first, c, label="sum over classes"): C,
            average(second, c, label="sum over classes"): -C * shared / strength,
            average(here, c, label="sum over classes"): -C * shared / strength,
            average(none, at, label="sum over eigenvectors"): -C * shared / strength,
        },
        label="divide by s",
    )


@lru_cache
def contraction() -> Theorem:
    """sum_c t_c r_c <= sum_c w_c^2 in each coordinate: the square of w - S t."""
    t, r = lambda cc: scaled(cc, k), lambda cc: seen(cc, k)
    at_t = along(t)
    gram = along(lambda x: vector(ms, x))
    swap = commuting()
    rate = root(at) * at_t * along(t, ms)
    moved = combine(eq(swap.relation.lhs * rate, 0), {swap: rate}, label="times <t, v_l> <t, v_m>")
    known = inside()
    share = gram * along(t, ms)
    one = combine(
        eq(known.relation.lhs * share, known.relation.rhs * share), {known: share}, label="r for S t"
    )
    span = absorbed()
    weight = Mean(vector(ms, j) * along(t, ms), ms)
    two = combine(eq(span.relation.lhs * weight, span.relation.rhs * weight), {span: weight}, label="M r = r")
    three = combine(eq(span.relation.lhs * t(j), span.relation.rhs * t(j)), {span: t(j)}, label="times t")
    here = combine(eq(t(c) * r(c), t(c) * image(row())), {assume(IMAGE): t(c)}, label="<t, r>")
    return combine(
        le(C * Mean(t(c) * r(c), c), C * Mean(w(c, k) ** 2, c)),
        {
            average(moved, at, ms, label="sum over pairs"): -(C**2),
            average(one, at, ms, label="sum over pairs"): C**2,
            average(two, j, label="sum over classes"): C**2,
            average(three, j, label="sum over classes"): C,
            average(here, c, label="sum over classes"): 2 * C,
        },
        slack=C * Mean((w(c, k) - image(t)) ** 2, c),
        label="a square",
    )


def best_multiplier(g: Any = length, m: Any = margin, u: Any = inverse, y: Any = diagonal) -> Expr:
    """lambda_cj = m_c u_c u_j times the entry of diag(y) - S."""
    return m(c) * u(c) * u(j) * remainder(g, u, y)


@lru_cache
def pulled() -> Theorem:
    """g_c = m_c u_c r_c: the rows of diag(y) - S sum to y_c u_c against u."""
    rate = margin(c) * inverse(c)
    share = (diagonal(c) - root(at)) * vector(at, c)
    none = combine(eq(share * along(inverse), 0), {orthogonal(): share}, label="<u, v_l> = 0")
    there = instantiate(assume(RECIPROCAL), {c: j}, label="class j")
    part = remainder() * w(j, k)
    unit = combine(eq(scale(j) * inverse(j) * part, part), {there: part}, label="delta_j u_j = 1")
    own = scale(c) * w(c, k)
    return combine(
        eq(pulled_by(lambda *_: best_multiplier(), k), rate * seen(c, k)),
        {
            average(none, at, label="sum over eigenvectors"): C * rate * own,
            assume(LENGTH): -rate * own * diagonal(c) * inverse(c) / length,
            average(unit, j, label="sum over classes"): -C * rate,
            assume(RECIPROCAL): rate * diagonal(c) * w(c, k),
            instantiate(assume(SPANNED[1]), {j: c}, label="class c"): -rate * diagonal(c) / length,
            assume(IMAGE): -rate,
        },
        label="the features that the multipliers ask for",
    )
