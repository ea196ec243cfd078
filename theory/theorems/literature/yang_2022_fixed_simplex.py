# SPDX-License-Identifier: MIT
"""Yang et al. 2022: with a fixed simplex classifier the least loss does not depend on the class sizes.

Of the simplex only two things are used: the rows have length at most r and sum to zero.  The bound holds for
every weighting of the samples, so that a class of one sample can reach what a class of a thousand can.
"""

from functools import lru_cache

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import cross_entropy, phi, q, sq, unbiased_logit, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.margins import phi_falls
from theory.lemmas.sample_weights import SHARES, share, weighted_bound, weighted_mean
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, d, h, i, j, k, p, positive, w, z

rho = positive("rho_h", r"\rho_h", "bound on the norm of every feature, sqrt(E_H)")
r = positive("r_w", "r_w", "bound on the norm of every classifier row, sqrt(E_W)")
BALL = le(sq(lambda x: h(c, i, x)), rho**2, c, i)
ROWS = le(sq(lambda x: w(c, x)), r**2, c)
CENTRED = eq(wbar(k), 0, k)
HYPOTHESES = (BALL, ROWS, CENTRED)
MARGIN = C * rho * r / (C - 1)


def claim(margin: object = MARGIN, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(phi(margin), weighted_mean(cross_entropy(unbiased_logit))), (*hypotheses, *SHARES))


@lru_cache
def prove() -> Theorem:
    """The margin of a sample is C/(C-1) <w_c, h>, because the rows sum to zero."""
    ball, rows, centred = map(assume, HYPOTHESES)
    logits = instantiate(
        dual_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    at_q = instantiate(logits, {p: q(MARGIN)}, label="p := q(T)")
    rate = MARGIN * q(MARGIN) / 2
    no_mean = combine(eq(h(c, i, k) * wbar(k), 0), {centred: h(c, i, k)}, label="no mean row")
    off = average(no_mean, k, label="<wbar, h> = 0")
    sample = combine(
        le(phi(MARGIN), cross_entropy(unbiased_logit)),
        {at_q: 1, ball: rate / rho**2, rows: rate / r**2, off: -d * C / (C - 1) * q(MARGIN)},
        slack=rate * sq(lambda x: h(c, i, x) / rho - w(c, x) / r),
        label="<w_c, h> <= rho r",
    )
    return weighted_bound(sample)


def imbalanced(scale: int) -> Witness:
    """Collapsed features on the simplex at C = 3; the classes have shares 1/2, 1/3, 1/6 of the samples."""
    base = simplex(3, scale=scale)
    weights = (Rational(3, 2), Integer(1), Rational(1, 2))
    functions = {**base.functions, share: lambda c, i: weights[c]}
    values = {rho: sqrt(6), r: sqrt(Rational(2, 3))}
    return Witness(3, 2, 3, functions, values, "simplex, classes of shares 1/2, 1/3, 1/6")


def witness() -> Witness:
    """rho = sqrt(6), r = sqrt(2/3), T = 3."""
    return imbalanced(3)


def twins() -> list[Twin]:
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("rho r instead of rho r C/(C-1)", claim(rho * r), witness()),
        Twin("features unbounded", claim(hypotheses=HYPOTHESES[1:]), imbalanced(6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(2 * MARGIN)
    return Neighbour(
        "twice the margin on the left",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, phi_falls(MARGIN, MARGIN): 1}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="yang-2022-fixed-simplex",
    title="A fixed simplex classifier serves classes of every size alike",
    kind="tight",
    source="Yang et al. 2022, arXiv:2203.09081 (fixed simplex classifier, imbalanced classes)",
    says=(
        "If ||h|| <= rho, ||w_c|| <= r and the rows sum to zero, each sample's cross-entropy is at least "
        "log(1 + (C-1) exp(-rho r C/(C-1))), whatever the class sizes; attained by the simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        phi_value(
            sqrt(value("C")) * value("radius") * value("weight_frobenius") / (value("C") - 1), value("C")
        ),
        (Condition("0 < radius", Integer(0), value("radius"), strict=True),),
    ),
)
