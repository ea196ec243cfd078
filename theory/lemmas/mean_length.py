# SPDX-License-Identifier: MIT
"""The mean norm of rows and of centred class means that a loss forces, whatever the number of classes.

t^{2/3} is concave in both norms and phi(tau v^{3/2}) lies above its tangent at v = 1 for tau >= T_{3/2}, so
that a margin t with t^2 <= T^2 a^2 S costs at least phi(tau) + tau q(tau) (3/2 - a T/tau - S/2).  For norms
at most alpha and beta and a loss at most phi(tau), the mean length is at least tau/T - g, in units of beta
(rows w_c, g >= ||wbar||) or alpha (centred means mu_c - mu_G, g >= ||mu_G||).  Source: this project (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import (
    Vector,
    cross_entropy,
    dot,
    margin,
    mu,
    mu_global,
    phi,
    q,
    sq,
    unbiased_logit,
    wt,
)
from theory.definitions import within_class_scatter as scatter
from theory.definitions_collapse import POLAR, code, length, unit
from theory.expressions import Mean, Relation, eq, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas import scalar_bound
from theory.lemmas.between_classes import MARGIN, NORMS
from theory.lemmas.class_angles import means, rows
from theory.lemmas.class_settings import LOSS, isosceles, tau
from theory.lemmas.cosines import s, tangent, threshold, v, wrong_side, x_minus
from theory.lemmas.near_unit import (
    at,
    centre,
    feature_square,
    of_means,
    of_rows,
    off,
    phi_tangent,
    positive_reach,
    reach,
    row_square,
    short,
    squared_lengths,
    t_minus,
    t_plus,
)
from theory.lemmas.offsets import MEAN_NORM, ROW_NORM, at_norm, more
from theory.proving import assume, average, cases, combine, cut, instantiate
from theory.statement import Neighbour, Statement, Twin, Witness
from theory.symbols import C, T, alpha, beta, c, d, h, i, j, k, nonnegative, t, z

POWER = Rational(3, 2)
ENOUGH = threshold(POWER).map(lambda side: substitute(side, {T: tau}))
ROOM = le(MEAN_NORM, tau / T)
size = nonnegative("size_s", "S", "squared norm of the other part, relative")
RATE = tau * q(tau)
TENTH = Rational(1, 10)


@lru_cache
def two_thirds() -> Theorem:
    """ENOUGH, t^2 <= T^2 a^2 S |- tau q(tau) (3/2 - a T/tau - S/2) <= phi(t) - phi(tau)."""
    own = T * reach / tau
    bound = (2 * own + size) / 3

    def goal(of: Expr) -> Relation:
        return le(RATE * (POWER - own - size / 2), phi(of) - phi(tau))

    below = cut(instantiate(tangent(POWER), {T: tau}, label="T := tau"), assume(ENOUGH))
    root = (t_plus / tau) ** Rational(2, 3)
    whole = bound**2 + bound * root + root**2
    right = combine(
        goal(t_plus),
        {
            instantiate(below, {v: root}, label="v := (t/tau)^(2/3)"): 1,
            assume(le(t_plus**2, T**2 * reach**2 * size)): POWER * RATE / (tau**2 * whole),
        },
        slack=POWER * RATE * (bound - own) ** 2 * (bound + 2 * own) / whole,
        label="means of a, a and S",
    )
    turned = instantiate(wrong_side(), {s: Integer(1), x_minus: t_minus / T})
    left = combine(
        goal(-t_minus),
        {turned: 1, assume(ENOUGH): 1},
        slack=RATE * (own + size / 2),
        label="a margin of the wrong sign costs log C",
    )
    right = instantiate(right, {t_plus: t}, facts=[assume(le(0, t))])
    left = instantiate(left, {t_minus: -t}, facts=[assume(le(t, 0))])
    return cases(right, left, split=le(0, t))


def _price(own: Expr, part: Expr, vector: Vector, near: Theorem) -> Theorem:
    """``two_thirds`` at margin ``own`` = C/(C-1) <w~_c, ``vector``>, a = length + g and S = ``part``."""
    a, product = length(c) + centre, sq(lambda x: wt(c, x)) * sq(vector)
    plain = apply("cauchy_schwarz", u=wt(c, k), v=vector(k), over=(k,), label="over coordinates")
    schwarz = combine(le(dot(lambda x: wt(c, x), vector) ** 2, product), {plain: d**2})
    most = C * alpha * beta / (C - 1)
    squared = combine(
        le(own**2, T**2 * a**2 * part),
        {
            schwarz: (C / (C - 1)) ** 2,
            near: T**2 * part,
            assume(MARGIN): -(T + most) * product / (alpha * beta) ** 2,
        },
        label="Cauchy-Schwarz",
    )
    cost = instantiate(two_thirds(), {t: own, reach: a, size: part}, facts=[positive_reach()])
    return cut(cost, squared)


@lru_cache
def long_rows() -> Theorem:
    """NORMS, LOSS, ENOUGH, POLAR, OFF |- tau/T - g <= mean length, w_c = beta length unit."""
    own, part = margin(unbiased_logit), feature_square()
    cost = _price(own, part, lambda x: h(c, i, x), of_rows(short))
    sample = instantiate(scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits")
    both = combine(le(cost.relation.lhs, cross_entropy(unbiased_logit) - phi(tau)), {cost: 1, sample: 1})
    return combine(
        le(tau / T - centre, Mean(length(c), c)),
        {
            average(both, c, i, label="E over samples"): 1 / (T * q(tau)),
            assume(LOSS): 1 / (T * q(tau)),
            assume(NORMS[0]): tau / (2 * T * alpha**2),
        },
        label="features at most alpha",
    )


@lru_cache
def long_means() -> Theorem:
    """The same for mu_c - mu_G = alpha length unit."""
    own = C / (C - 1) * dot(lambda x: wt(c, x), lambda x: mu(c, x))
    cost = _price(own, row_square(), lambda x: mu(c, x), of_means(short))
    sample = instantiate(scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits")
    line = instantiate(phi_tangent(), {t: margin(unbiased_logit), at: own}, label="at the class's margin")
    jensen = average(combine(le(line.relation.lhs, cross_entropy(unbiased_logit)), {line: 1, sample: 1}), i)
    class_ = Mean(cross_entropy(unbiased_logit), i)
    both = combine(le(cost.relation.lhs, class_ - phi(tau)), {cost: 1, jensen: 1})
    return combine(
        le(tau / T - centre, Mean(length(c), c)),
        {
            average(both, c, label="mean over classes"): 1 / (T * q(tau)),
            assume(LOSS): 1 / (T * q(tau)),
            assume(NORMS[1]): tau / (2 * T * beta**2),
        },
        label="rows at most beta",
    )


@lru_cache
def mean_squares(raw: bool) -> Theorem:
    """mean length^2 <= 1 + ||wbar||^2/beta^2 for the rows (``raw``), and <= 1 for the centred class means."""
    lengths = average((of_rows if raw else of_means)(squared_lengths), c, label="mean over classes")
    if raw:
        premises = {lengths: -1, assume(NORMS[1]): 1 / beta**2}
        return combine(le(Mean(length(c) ** 2, c), 1 + ROW_NORM**2), premises, label="||w_c||^2 about wbar")
    rest = (scatter() + sq(mu_global)) / alpha**2
    premises = {lengths: -1, assume(NORMS[0]): 1 / alpha**2}
    return combine(le(Mean(length(c) ** 2, c), 1), premises, slack=rest, label="class means about mu_G")


@lru_cache
def _along() -> Theorem:
    """POLAR |- -<v_c, off> <= length(c) (||off|| + eta)."""
    split, one, sign = map(assume, POLAR)
    size = sq(lambda x: off(x))
    part = combine(
        eq(code(c, k) * off(k), length(c) * unit(c, k) * off(k)), {split: off(k)}, label="one coordinate"
    )
    reached = sqrt(size) + more
    return combine(
        le(-dot(lambda x: code(c, x), off), length(c) * reached),
        [(average(part, k), -d), (one, length(c) * reached / 2)],
        facts=[sign],
        slack=length(c)
        / (2 * reached)
        * (sq(lambda x: reached * unit(c, x) + off(x)) + 2 * sqrt(size) * more + more**2),
        label="Cauchy-Schwarz",
    )


@lru_cache
def at_least_centre() -> Theorem:
    """POLAR |- ||wbar||/beta <= mean length of the rows: a mean is not longer than what it is the mean of."""
    class_ = cut(of_rows(_along), assume(rows(POLAR[0])))
    reached = ROW_NORM + more
    whole = combine(
        le(ROW_NORM - more, Mean(length(c), c)),
        {average(class_, c): 1 / reached},
        slack=more**2 / reached,
        label="mean over the classes",
    )
    return apply("limit", whole, symbol=more, label="eta -> 0")


@dataclass(frozen=True)
class LargeGap:
    """Unequal norms of rows (``raw``) or of centred class means, at any loss gap: statement, proof, twins."""

    raw: bool

    @property
    def far(self) -> Expr:
        """g, the norm of wbar (or of mu_G) in units of beta (or of alpha)."""
        return ROW_NORM if self.raw else MEAN_NORM

    @property
    def hypotheses(self) -> tuple[Relation, ...]:
        """Norms and loss, tau >= T_{3/2}, of class means g <= tau/T, lengths and directions."""
        if self.raw:
            return (*NORMS, LOSS, ENOUGH, rows(POLAR[0]), *POLAR[1:])
        return (*NORMS, LOSS, ENOUGH, ROOM, means(POLAR[0]), *POLAR[1:])

    def most(self) -> Expr:
        """What the mean squared length is at most."""
        return 1 + self.far**2 if self.raw else Integer(1)

    def claim(self, factor: Any = 1, extra: Any = 0, without: Relation | None = None) -> Statement:
        """u^2 Var <= (``factor`` (K - u^2) + ``extra``) mean^2, u = tau/T - g, ``without`` a hypothesis."""
        mean, least = Mean(length(c), c), (tau / T - self.far) ** 2
        variance = Mean(length(c) ** 2, c) - mean**2
        kept = tuple(a for a in self.hypotheses if a != without)
        return Statement(le(least * variance, (factor * (self.most() - least) + extra) * mean**2), kept)

    def prove(self) -> Theorem:
        """A mean length and a mean squared length."""
        least, mean = tau / T - self.far, Mean(length(c), c)
        if self.raw:
            whole = combine(le(0, mean + least), {at_least_centre(): 1}, slack=tau / T)
        else:
            whole = combine(le(0, mean + least), {average(assume(POLAR[2]), c): 1, assume(ROOM): 1})
        long = at_norm(long_rows() if self.raw else long_means(), self.far)
        return combine(
            self.claim().conclusion,  # type: ignore[arg-type]
            {long: self.most() * (mean + least), mean_squares(self.raw): least**2},
            facts=[whole],
            label="K mean^2 >= K u^2",
        )

    def witness(self, at_: Any = TENTH, **changed: Any) -> Witness:
        """Three classes at the corners of an isosceles triangle, g = 0."""
        return isosceles(at_, **({"margin": Rational(12, 5)} | changed))

    def twins(self) -> list[Twin]:
        """False variants."""
        small = Rational(1, 100)
        return [
            Twin("a twentieth of the bound", self.claim(Rational(1, 20)), self.witness()),
            Twin("any loss", self.claim(without=LOSS), self.witness(small, margin=Integer(3))),
            Twin(
                "directions of any norm",
                self.claim(without=POLAR[1]),
                self.witness(long=Rational(1, 1000)),
            ),
        ]

    def neighbour(self) -> Neighbour:
        """A true variant."""
        goal, mean = self.claim(extra=1 / C), Mean(length(c), c)
        return Neighbour(
            "1/C more",
            goal,
            lambda: combine(goal.conclusion, {self.prove(): 1}, slack=mean**2 / C),  # type: ignore[arg-type]
        )
