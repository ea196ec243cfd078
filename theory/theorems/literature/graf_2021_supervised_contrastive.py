# SPDX-License-Identifier: MIT
"""Graf et al. 2021: the least supervised contrastive loss of a balanced batch, anchors left out.

C classes of n = m + 1 samples each.  For the anchor h_ci the loss is log S_ci minus the mean of <h_ci, h_cj>
over the m other samples of its class, S_ci = the sum of exp <h_ci, h> over all samples but the anchor.  Over
all features with E||h||^2 <= rho^2 its mean is at least log(n - 1 + n (C-1) exp(-rho^2 C/(C-1))), attained by
the collapsed simplex.  Not covered: batches that are not balanced.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.configurations import simplex
from theory.definitions import dot, mean_square_features, mu, mu_global, sq, within_class_scatter
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, index, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas import scatter_decomposition
from theory.proving import assume, average, combine, log_tangent, visible
from theory.symbols import C, atom, c, h, i, j, positive

rho = positive("rho_Z", r"\rho_Z", "radius of a ball that holds every feature")
m = positive("m_others", "m", "number of the other samples in an anchor's class, n - 1")
omega = atom("omega", r"\omega", "omega(c, i, c, i'): 0 if i' = i, the anchor itself, else 1")
ell = atom("ell", r"\ell", "ell(c, i): log of the sum of exp <h_ci, h> over all samples but the anchor")
other = index("i_o")


def product(cls: object, sample: object) -> Expr:
    """<h_ci, h_(cls, sample)>."""
    return dot(lambda x: h(c, i, x), lambda x: h(cls, sample, x))


def positives(body: Expr) -> Expr:
    """The sum of ``body`` over the other samples of the anchor's class."""
    return (m + 1) * Mean(omega(c, i, c, other) * body, other)


def contrast() -> Expr:
    """E[ell - mean over the positives of <h, h'>]."""
    return Mean(ell(c, i) - positives(product(c, other)) / m, c, i)


PARTITION = eq(
    exp(ell(c, i)),
    positives(exp(product(c, other)))
    + (m + 1) * (C - 1) * wrong_mean(lambda jj: Mean(exp(product(jj, other)), other), c, C),
    c,
    i,
)
LEFT_OUT = (
    le(0, omega(c, i, c, other), c, i, other),
    eq(positives(Integer(1)), m, c, i),
    eq(
        positives(product(c, other)),
        (m + 1) * dot(lambda x: h(c, i, x), lambda x: mu(c, x)) - sq(lambda x: h(c, i, x)),
        c,
        i,
    ),
)
BALL = le(mean_square_features(), rho**2)
HYPOTHESES = (PARTITION, *LEFT_OUT, BALL)
MARGIN = C * rho**2 / (C - 1)


def total(margin: Expr = MARGIN) -> Expr:
    """n - 1 + n (C-1) e^-T."""
    return m + (m + 1) * (C - 1) * exp(-margin)


def claim(margin: Expr = MARGIN, own: object = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(log(total(margin) + own), contrast()), hypotheses)


def anchor() -> Theorem:
    """log B <= ell - P + q (P - N - T) for one anchor: Gibbs' inequality at the collapsed probabilities."""
    partition, sign, count, _, _ = map(assume, HYPOTHESES)
    B = total()
    near = log_tangent(B * exp(product(c, other) - ell(c, i)), label="a positive")
    far = log_tangent(B * exp(MARGIN) * exp(product(j, other) - ell(c, i)), label="a negative")
    weighted = combine(
        le(omega(c, i, c, other) * near.relation.lhs, omega(c, i, c, other) * near.relation.rhs),
        {near: omega(c, i, c, other)},
        facts=[sign],
        label="leave the anchor out",
    )
    near_mean = average(weighted, other, label="over the positives")
    far_mean = average(average(far, other), j, excluding=c, label="over the other classes")
    p, n = positives(product(c, other)), wrong_mean(lambda jj: Mean(product(jj, other), other), c, C)
    q = (m + 1) * (C - 1) * exp(-MARGIN) / B
    return combine(
        le(log(B), ell(c, i) - p / m + q * (p / m - n - MARGIN)),
        {
            near_mean: (m + 1) / B,
            far_mean: (m + 1) * (C - 1) * exp(-MARGIN) / B,
            partition: -exp(-ell(c, i)),
            count: (ell(c, i) - log(B) - 1) / B,
        },
        label="the probabilities sum to 1",
    )


@lru_cache
def prove() -> Theorem:
    """E(P - N) <= T, because class means are no longer than features."""
    identity, ball = assume(HYPOTHESES[3]), assume(BALL)
    rate = (m + 1) * (C - 1) * exp(-MARGIN) / total()
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(anchor(), c, i, label="E over anchors"): 1,
            average(identity, c, i, label="E over anchors"): rate / m,
            ball: rate * C / (C - 1),
            visible(le(0, within_class_scatter())): rate * (1 + 1 / m + 1 / (C - 1)),
            scatter_decomposition(): rate * (1 + 1 / m + 1 / (C - 1)),
            visible(le(0, sq(mu_global))): rate * C / (C - 1),
        },
        label="variance decomposition",
    )


def collapsed(scale: int) -> Witness:
    """Two classes of two samples at +- scale/2 (1, -1): E||h||^2 = scale^2/2, T = scale^2."""
    base = simplex(2, scale=scale)
    half = Rational(scale**2, 2)
    functions: dict[Any, Any] = {
        h: base.functions[h],
        omega: lambda c, i, c2, i2: Integer(int(i != i2)),
        ell: lambda c, i: log(exp(half) + 2 * exp(-half)),
    }
    return Witness(2, 2, 2, functions, {rho: sqrt(2), m: Integer(1)}, "two classes of two samples, collapsed")


def witness() -> Witness:
    """rho^2 = 2, T = 4."""
    return collapsed(2)


def twins() -> list[Twin]:
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("the anchor counted among the others", claim(own=1), witness()),
        Twin("features unbounded", claim(hypotheses=HYPOTHESES[:-1]), collapsed(4)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(log(m), contrast()), HYPOTHESES)

    def proof() -> Theorem:
        """log x <= x - 1 at the ratio m/B."""
        rest = (m + 1) * (C - 1) * exp(-MARGIN)
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1, log_tangent(m / total()): 1},
            slack=rest / total(),
        )

    return Neighbour("log(n - 1) alone", goal, proof)


_n, _C = value("samples_per_class"), value("C")
THEOREM = Entry(
    name="graf-2021-supervised-contrastive",
    title="Least supervised contrastive loss of a balanced batch",
    kind="tight",
    source="Graf, Hofer, Niethammer & Kwitt 2021, arXiv:2102.08817 (supervised contrastive loss)",
    says=(
        "C classes of n samples, E||h||^2 <= rho^2: the mean supervised contrastive loss, anchors left out, "
        "is at least log(n - 1 + n (C-1) exp(-rho^2 C/(C-1))); attained by the collapsed simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        log(_n - 1 + _n * (_C - 1) * exp(-(value("radius") ** 2) * _C / (_C - 1))),
        (Condition("2 <= samples per class", Integer(2), _n),),
    ),
)
