# SPDX-License-Identifier: MIT
"""Supervised contrastive loss of free features with decay, balanced: least value, scale and threshold.

C classes of n = m + 1 samples each.  For the anchor h_ci the loss is log S_ci minus the mean of <h_ci, h_cj>
over the m other samples of its class, S_ci = the sum of exp <h_ci, h> over all samples but the anchor.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.configurations import simplex
from theory.definitions import dot, mean_square_features, mu, mu_global, sq, within_class_scatter
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, index, le, lt, wrong_mean
from theory.kernel import Theorem, apply
from theory.lemmas import scatter_decomposition
from theory.lemmas.unconstrained_features import lam_H
from theory.proving import assume, average, combine, log_tangent, visible
from theory.symbols import C, atom, c, h, i, j, p, positive

m = positive("m_others", "m", "number of the other samples in an anchor's class, n - 1")
omega = atom("omega", r"\omega", "omega(c, i, c, i'): 0 if i' = i, the anchor itself, else 1")
ell = atom("ell", r"\ell", "ell(c, i): log of the sum of exp <h_ci, h> over all samples but the anchor")
other = index("i_o")
OTHERS = (m + 1) * (C - 1)


def product(cls: Any, sample: Any) -> Expr:
    """<h_ci, h_(cls, sample)>."""
    return dot(lambda x: h(c, i, x), lambda x: h(cls, sample, x))


def positives(body: Expr) -> Expr:
    """The sum of ``body`` over the other samples of the anchor's class."""
    return (m + 1) * Mean(omega(c, i, c, other) * body, other)


def objective() -> Expr:
    """E[ell - mean over the positives of <h, h'>] + (lambda_H/2) sum over all samples of ||h||^2."""
    contrast = Mean(ell(c, i) - positives(product(c, other)) / m, c, i)
    return contrast + lam_H / 2 * (m + 1) * C * mean_square_features()


PARTITION = eq(
    exp(ell(c, i)),
    positives(exp(product(c, other)))
    + OTHERS * wrong_mean(lambda jj: Mean(exp(product(jj, other)), other), c, C),
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
DECAY = (lt(p, 1), le(p, lam_H * OTHERS / 2))
HYPOTHESES = (PARTITION, *LEFT_OUT, *DECAY)


def least(mass: Any = p) -> Expr:
    """H(p) + (1-p) log m + p log(n (C-1)), H the binary entropy."""
    return (1 - mass) * (log(m) - log(1 - mass)) + mass * (log(OTHERS) - log(mass))


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * least() + extra, objective()), hypotheses)


def anchor() -> Theorem:
    """H(p) + (1-p) log m + p log(n (C-1)) <= ell - P + p (P - N) for one anchor: Gibbs' inequality."""
    partition, sign, count, _, below, _ = map(assume, HYPOTHESES)
    ratio = exp(product(c, other) - ell(c, i)) * m / (1 - p)
    near = log_tangent(ratio, facts=[below], label="a positive")
    split = apply("log_product", a=ratio, b=1 - p, facts=[below], label="log of a quotient")
    far = log_tangent(exp(product(j, other) - ell(c, i)) * OTHERS / p, label="a negative")
    rate = omega(c, i, c, other)
    gain = product(c, other) - ell(c, i) + log(m) - log(1 - p)
    weighted = combine(
        le(rate * gain, rate * near.relation.rhs),
        {near: rate, split: rate},
        facts=[sign, below],
        label="leave the anchor out",
    )
    near_mean = average(weighted, other, label="over the positives")
    far_mean = average(average(far, other), j, excluding=c, label="over the other classes")
    near_products = positives(product(c, other)) / m
    far_products = wrong_mean(lambda jj: Mean(product(jj, other), other), c, C)
    return combine(
        le(least(), ell(c, i) - near_products + p * (near_products - far_products)),
        {
            near_mean: (m + 1) * (1 - p) / m,
            far_mean: p,
            partition: -exp(-ell(c, i)),
            count: (1 - p) / m * (ell(c, i) - log(m) + log(1 - p) - 1),
        },
        facts=[below],
        label="the probabilities sum to 1",
    )


@lru_cache
def prove() -> Theorem:
    """The decay pays for E(P - N), because class means are no longer than features."""
    identity, below, decay = assume(LEFT_OUT[2]), assume(DECAY[0]), assume(DECAY[1])
    spread = p * (1 + 1 / m + 1 / (C - 1))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(anchor(), c, i, label="E over anchors"): 1,
            average(identity, c, i, label="E over anchors"): p / m,
            decay: C / (C - 1) * mean_square_features(),
            visible(le(0, within_class_scatter())): spread,
            scatter_decomposition(): spread,
            visible(le(0, sq(mu_global))): p * C / (C - 1),
        },
        facts=[below],
        label="variance decomposition",
    )


THIRD = Rational(1, 3)


def collapsed(decay: Any = THIRD) -> Witness:
    """Two classes of two samples at +- sqrt(log 4) (1, -1)/2: wrong probability 1/3 = lambda_H n (C-1)/2."""
    base = simplex(2, scale=sqrt(log(Integer(4))))
    functions: dict[Any, Any] = {
        h: base.functions[h],
        omega: lambda c, i, c2, i2: Integer(int(i != i2)),
        ell: lambda c, i: log(Integer(3)),
    }
    values = {lam_H: decay, m: Integer(1), p: THIRD}
    return Witness(2, 2, 2, functions, values, "two classes of two samples, margin log 4")


def twins() -> list[Twin]:
    anchored = (1 - p) * (log(m + 1) - log(m))
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), collapsed()),
        Twin("the anchor counted among the others", claim(extra=anchored), collapsed()),
        Twin("any p", claim(hypotheses=HYPOTHESES[:-1]), collapsed(decay=Rational(1, 100))),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=-1)
    proof = lambda: combine(goal.conclusion, {prove(): 1}, slack=1)  # type: ignore[arg-type]  # noqa: E731
    return Neighbour("one less", goal, proof)


_n, _C = value("samples_per_class"), value("C")
_Q = value("feature_decay") * _n * (_C - 1) / 2
THEOREM = Entry(
    name="behnia-2024-contrastive-decay",
    title="Least supervised contrastive loss of free features with decay, balanced",
    kind="tight",
    source=(
        "Behnia & Thrampoulidis 2024 (arXiv:2402.18884), unregularised features with decay; value, scale and "
        "threshold: this project (2026)"
    ),
    says=(
        "C classes of n samples in one batch, anchors left out, plus (lambda_H/2) sum ||h||^2: for all "
        "features and p <= lambda_H n (C-1)/2, p < 1, at least (1-p) log((n-1)/(1-p)) + p log(n (C-1)/p). At "
        "p = lambda_H n (C-1)/2 attained by the collapsed simplex with margin log(n (C-1)(1-p)/((n-1) p)), "
        "if that is positive; otherwise zero features are optimal, value log(n C - 1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=collapsed,
    formula=Formula(
        (1 - _Q) * log((_n - 1) / (1 - _Q)) + _Q * log(_n * (_C - 1) / _Q),
        (
            Condition("2 <= samples per class", Integer(2), _n),
            Condition("lambda_H > 0", Integer(0), value("feature_decay"), strict=True),
            Condition(
                "lambda_H n (C-1)/2 <= n (C-1)/(n C - 1), or zero features are optimal",
                _Q,
                _n * (_C - 1) / (_n * _C - 1),
            ),
        ),
    ),
)
