# SPDX-License-Identifier: MIT
"""Li et al. 2024: with several labels a sample, features at the optimum are scaled averages over their tags.

Pick-all-labels cross-entropy of a sample with m tags: log sum_j exp z_j minus the mean of its tags' logits.
Every sample has m tags, and every two classes share a sample equally often.  If E||h||^2 <= rho^2 and the
centred rows have root mean square r, then with M^2 = m (C-m) r^2/(C-1), T = C rho M/(m (C-m)) and
B = m + (C-m) e^-T,

    loss >= log B + (C M/(2 m rho B)) e^-T E||h - (rho/M) sum of the centred rows of its tags||^2:

the least loss is log B, and what is above pays for the distance of each feature from the scaled average of
its tags' rows.  For m = 1 this is minimum-cross-entropy.  m < C because M > 0.  No bias; one
multiplicity m (theirs may be mixed).  Tags may be any numbers >= 0 whose squares sum to at most m on average;
beyond that, and with rows in few dimensions, tags 2 and 0 cost less.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.configurations import simplex
from theory.definitions import dot, mean_square_features, mean_square_weights, sq, unbiased_logit, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, instantiate, log_tangent, visible
from theory.symbols import C, atom, c, d, h, i, j, k, nonnegative, positive, w

m = positive("m_tags", "m", "number of tags (labels) of every sample")
rho = positive("rho_Z", r"\rho_Z", "radius of a ball that holds every feature")
r = positive("r_rms", "r", "root mean square norm of the centred classifier rows")
M = positive("M_tags", "M", "root mean square norm of the sum of the centred rows of a sample's tags")
T = positive("T_tags", "T", "largest mean margin of tags over other classes")
B = positive("B_tags", "B", "m + (C - m) e^-T, whose logarithm is the least loss")
tag = atom("tag", "t", "tag(c, i, j): 1 if class j is a tag of sample i of group c, else 0")
kron = atom("kron", r"\delta", "kron(j, j'): 1 if j = j', else 0")
grown = positive("g_tags", "g", "e^T - 1")
amount = nonnegative("t_tag", "t", "a tag")
j2 = index("j2")

# tags that are 0 or 1 have squares that sum to m; any numbers >= 0 will do whose squares sum to no more
TAGS = (le(0, tag(c, i, j), c, i, j), le(C * Mean(tag(c, i, j) ** 2, c, i, j), m))
COUNT = eq(C * Mean(tag(c, i, j), j), m, c, i)
OFTEN = m * (m - 1) / (C * (C - 1))  # how often two given classes are tags of one sample
DESIGN = (
    eq(Mean(tag(c, i, j) * tag(c, i, j2), c, i), OFTEN + (m / C - OFTEN) * kron(j, j2), j, j2),
    eq(C * Mean(kron(j, j2) * w(j2, k), j2), w(j, k), j, k),
)
NORMS = (le(mean_square_features(), rho**2), eq(mean_square_weights(), r**2))
SCALES = (
    eq(M**2, m * (C - m) / (C - 1) * r**2),
    eq((C - m) * T, C * rho * M / m),
    eq(B, m + (C - m) * exp(-T)),
)
HYPOTHESES = (*TAGS, COUNT, *DESIGN, *NORMS, *SCALES)
RATE = C * M / (2 * m * rho * B) * exp(-T)


def tags(kk: Any) -> Expr:
    """The sum of the centred rows of the sample's tags, coordinate kk."""
    return C * Mean(tag(c, i, j) * wt(j, kk), j)


def pick_all() -> Expr:
    """E[log sum_j exp z_j - mean of the tags' logits]."""
    total = log(C * Mean(exp(unbiased_logit(c, i, j)), j))
    return Mean(total - C / m * Mean(tag(c, i, j) * unbiased_logit(c, i, j), j), c, i)


def distance() -> Expr:
    """E||h - (rho/M) tags||^2."""
    return Mean(sq(lambda x: h(c, i, x) - rho / M * tags(x)), c, i)


def claim(factor: object = 1, price: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * log(B) + price * RATE * distance(), pick_all()), hypotheses)


def _times(factor: Expr, known: Theorem, *over: Any) -> Theorem:
    """A known equation times ``factor``, averaged."""
    goal = eq(factor * known.relation.lhs, factor * known.relation.rhs)
    return average(combine(goal, {known: factor}), *over, label="summed")


def equally_often() -> Theorem:
    """(m/C - m(m-1)/(C(C-1))) E_{j,j'} kron(j, j') (w_j - wbar) = 0: no class is a tag too often for W."""
    pairs, identity = map(assume, DESIGN)
    count = assume(COUNT)

    def own(row: Any) -> Expr:
        return Mean(tag(c, i, j2) * row(j2, k), j2)

    fair = combine(
        eq(Mean(own(w), c, i), m / C * wbar(k)),
        {
            _times(w(j2, k), pairs, j, j2): C / m,
            average(identity, j, label="summed"): (m / C - OFTEN) / m,
            _times(own(w), count, c, i): -1 / m,
        },
        label="the mean row of a tag is the mean row",
    )
    return combine(
        eq((m / C - OFTEN) * Mean(kron(j, j2) * wt(j, k), j, j2), 0),
        {
            _times(wt(j, k), pairs, j, j2): -1,
            _times(own(wt), count, c, i): 1 / C,
            fair: m / C,
            _times(wbar(k), count, c, i): -m / C**2,
        },
        label="in centred rows",
    )


def tag_spread() -> Theorem:
    """E||sum of the centred rows of the tags||^2 = M^2: sampling without replacement."""
    pairs, identity = map(assume, DESIGN)
    norms, scale = assume(NORMS[1]), assume(SCALES[0])
    share = m * (C - m) / (C - 1)
    return combine(
        eq(Mean(sq(tags), c, i), M**2),
        {
            _times(wt(j, k) * wt(j2, k), pairs, j, j2, k): C**2 * d,
            _times(wt(j, k), identity, j, k): share * d,
            _times(wbar(k), equally_often(), k): -(C**2) * d,
            norms: share,
            scale: -1,
        },
        label="pairs of tags",
    )


@lru_cache
def entropy_of_a_tag() -> Theorem:
    """x log x <= (t - 1)(K t + log(1+g)/(1+g)) for t >= 0, x = (1 + g t)/(1 + g), with contact at t = 1."""
    x, least = (1 + grown * amount) / (1 + grown), log(1 + grown) / (1 + grown)
    rise = grown / (1 + grown)
    curve = -x * log(x) + (rise - least) * amount**2
    at_zero = combine(le(least, least), label="equal at t = 0")
    below = apply(
        "s_curve",
        at_zero,
        f=curve,
        v=amount,
        contact=1,
        weight=Integer(1),
        increasing=2 * (rise - least) - rise**2 / x,
        label="first concave, then convex",
    )
    return combine(le(x * log(x), (amount - 1) * ((rise - least) * amount + least)), {below: 1})


def price_of_squares() -> Expr:
    """K = 1 - e^-T - T e^-T."""
    return 1 - exp(-T) - T * exp(-T)


@lru_cache
def positive_price() -> Theorem:
    """0 <= K."""
    return combine(le(0, price_of_squares()), {log_tangent(exp(T)): exp(-T)}, label="T <= e^T - 1")


@lru_cache
def one_sample() -> Theorem:
    """Gibbs' inequality at probabilities (e^-T + t (1 - e^-T))/B, at tags 0 and 1 those of the optimum."""
    sign, count, scale = assume(TAGS[0]), assume(COUNT), assume(SCALES[2])
    z, t, e, K = unbiased_logit(c, i, j), tag(c, i, j), exp(-T), price_of_squares()
    total = log(C * Mean(exp(z), j))
    grows = log_tangent(exp(T), label="T <= e^T - 1")
    more = combine(lt(0, exp(T) - 1), {grows: 1}, slack=T)
    less = combine(le(0, 1 - e), {more: e})
    weight = e + t * (1 - e)
    some = combine(lt(0, weight), {sign: 1 - e}, slack=e, facts=[less], label="a weight")
    curve = instantiate(entropy_of_a_tag(), {grown: exp(T) - 1}, facts=[more], label="g := e^T - 1")
    curve = instantiate(curve, {amount: t}, facts=[sign], label="t := tag")
    near = log_tangent(B * exp(z - total) / weight, facts=[some], label="a class")
    split = apply(
        "log_product", a=B * exp(z - total) / weight, b=weight, facts=[some], label="log of a quotient"
    )
    one = combine(
        le(weight * (log(B) + z - total) / B, exp(z - total) - weight / B + (t - 1) * (K * t + T * e) / B),
        {near: weight / B, split: weight / B, curve: 1 / B},
        facts=[some],
        label="with its weight",
    )
    P, zbar, xi = C / m * Mean(t * z, j), Mean(z, j), total - 1 - log(B)
    inner = dot(tags, lambda x: h(c, i, x))
    return combine(
        le(log(B), total - P + e / B * (C / m * inner - (C - m) * T) + K / B * (C * Mean(t**2, j) - m)),
        {
            average(one, j, label="over the classes"): C,
            scale: (P - xi) / B,
            count: e / B * (C / m * zbar + T) + xi * (1 - e) / B - K / B,
        },
        label="the probabilities sum to 1",
    )


@lru_cache
def prove() -> Theorem:
    """2 <tags, h> = (M/rho)||h||^2 + (rho/M)||tags||^2 - (M/rho)||h - (rho/M) tags||^2."""
    rate = exp(-T) / B
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(one_sample(), c, i, label="E over samples"): 1,
            assume(NORMS[0]): rate * C / m * M / (2 * rho),
            tag_spread(): rate * C / m * rho / (2 * M),
            assume(SCALES[1]): -rate,
            assume(TAGS[1]): price_of_squares() / B,
        },
        facts=[positive_price()],
        label="complete the square",
    )


def optimum(scale: int = 3) -> Witness:
    """Three classes, every pair of tags once, h = -scale (e_c - 1/3) where class c is not a tag: T = 3."""
    base = simplex(3, scale=-scale, samples=1)
    functions: dict[Any, Any] = {
        **base.functions,
        tag: lambda c, i, j: Integer(int(c != j)),
        kron: lambda j, j2: Integer(int(j == j2)),
    }
    at = {m: Integer(2), rho: sqrt(6), r: sqrt(Rational(2, 3)), M: sqrt(Rational(2, 3)), T: Integer(3)}
    at[B] = 2 + exp(Integer(-3))
    return Witness(3, 1, 3, functions, at, "three classes, all pairs of tags, tag-wise averages")


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), optimum()),
        Twin("features unbounded", claim(hypotheses=_without(NORMS[0])), optimum(6)),
        Twin("twenty times the price of a distance", claim(price=20), optimum(2)),
    ]


def _without(one: Relation) -> tuple[Relation, ...]:
    return tuple(a for a in HYPOTHESES if a != one)


def neighbour() -> Neighbour:
    goal = claim(price=0)
    return Neighbour(
        "the value alone",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, visible(le(0, distance())): RATE}),  # type: ignore[arg-type]
    )


_m, _C = value("tags"), value("C")
_margin = _C * value("radius") * value("beta") / sqrt(_m * (_C - _m) * (_C - 1))
THEOREM = Entry(
    name="li-2024-tag-wise-average",
    title="Least pick-all-labels loss, and tag-wise averages",
    kind="tight",
    source="Li et al. 2024, arXiv:2310.15903 (tag-wise averages); value and price: this project (2026)",
    says=(
        "m tags a sample, every pair equally often: pick-all-labels cross-entropy is at least log(m + (C-m) "
        "e^-T), T = C rho r/sqrt(m (C-m)(C-1)), plus a price for the distance to the tags' average."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=optimum,
    formula=Formula(
        log(_m + (_C - _m) * exp(-_margin)),
        (
            Condition("0 < tags", Integer(0), _m, strict=True),
            Condition("tags < C", _m, _C, strict=True),
        ),
    ),
)
