# SPDX-License-Identifier: MIT
"""Imbalanced cross-entropy with nonnegative features: the least value, for any class sizes."""

from typing import Any

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import dot, psi, unbiased_logit, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.imbalanced import (
    NONNEGATIVE,
    POSITIVE_COUNTS,
    count,
    decays,
    nonnegative_features_bound,
    sample_mean_loss,
    total,
    weight,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, atom, c, h, i, j, p, w, z

mass = atom("p_mass", "p", "p_mass(c): wrong-class mass of the optimal probabilities of class c")
MASSES = (lt(0, mass(c), c), lt(mass(c), 1, c))
PAID = le(C * count(c) * mass(c) ** 2, lam_W * lam_H * (C - 1) * total() ** 2, c)
HYPOTHESES = (POSITIVE_COUNTS, NONNEGATIVE, *MASSES, PAID)
ALIGNED = dot(lambda x: wt(c, x), lambda x: h(c, i, x))


def claim(factor: object = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    entropy = C * Mean(count(c) * psi(mass(c)), c) / total()
    return Statement(le(factor * entropy, sample_mean_loss() + decays()), hypotheses)


def dual() -> Theorem:
    """sum_c (n_c/N)(psi(p_c) - p_c C/(C-1) E_i <w_c - wbar, h_ci>) <= the loss."""
    positive, below = map(assume, MASSES)
    counts = assume(POSITIVE_COUNTS)
    one = instantiate(dual_bound(), {p: mass(c)}, facts=[positive], label="p := p_c")
    one = cut(one, below)
    one = instantiate(one, functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>")
    lhs, rhs = one.relation.lhs, one.relation.rhs
    each = combine(le(count(c) * lhs, count(c) * rhs), {one: count(c)}, facts=[counts], label="times n_c")
    number = average(counts, c, label="some samples")
    reward = C / (C - 1) * Mean(count(c) * mass(c) * ALIGNED, c, i)
    return combine(
        le(C * (Mean(count(c) * psi(mass(c)), c) - reward) / total(), sample_mean_loss()),
        {average(each, c, i, label="E over samples"): C / total()},
        facts=[number],
        label="share of each class",
    )


def pull() -> Theorem:
    """What the loss rewards, sum_c (n_c/N) p_c C/(C-1) E_i <w_c - wbar, h_ci>, the decays pay for."""
    positive, counts = assume(MASSES[0]), assume(POSITIVE_COUNTS)
    number = average(counts, c, label="some samples")
    chosen: Expr = count(c) * mass(c) * C / ((C - 1) * total())
    bound = instantiate(
        nonnegative_features_bound(),
        functions={weight: ((c,), chosen)},
        facts=[number],
        label="g_c := n_c p_c C/((C-1) N)",
    )
    size = combine(le(0, chosen), slack=chosen, facts=[positive, counts, number], label="g_c >= 0")
    within = combine(
        le((C - 1) * chosen**2, C * lam_W * lam_H * count(c)),
        {assume(PAID): count(c) * C / ((C - 1) * total() ** 2)},
        facts=[counts, number],
        label="p_c within the decays",
    )
    return cut(bound, size, within, label="the lemma's hypotheses")


def prove() -> Theorem:
    """The dual bound at p_c for class c, and orthogonal class means."""
    number = average(assume(POSITIVE_COUNTS), c, label="some samples")
    return combine(claim().conclusion, {dual(): 1, pull(): 1}, facts=[number], label="loss and decays")  # type: ignore[arg-type]


def configuration(scale: Any, small: Any = 1) -> Witness:
    """C = 2, n = (4, 1), lambda_W = 1/5, lambda_H = 1/10: p = (1/4, 1/2), the second class has vanished."""

    def feature(at: int, x: int) -> Any:
        return scale if at == x == 0 else Integer(0)

    return Witness(
        2,
        1,
        2,
        {
            count: lambda c: Integer(4) if c == 0 else small,
            mass: lambda c: Rational(1, 4) if c == 0 else Rational(1, 2),
            h: lambda c, i, k: feature(c, k),
            w: lambda j, k: (1 - 2 * j) * feature(0, k),
        },
        {lam_W: Rational(1, 5), lam_H: Rational(1, 10)},
        "the optimum at C = 2, n = (4, 1): the small class has vanished",
    )


def witness() -> Witness:
    return configuration(sqrt(log(3) / 2))


def twins() -> list[Twin]:
    larger = configuration(Integer(0), small=Integer(4))
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "any masses below 1",
            claim(hypotheses=(POSITIVE_COUNTS, NONNEGATIVE, *MASSES)),
            _heavy(),
        ),
        Twin("features of any sign", claim(hypotheses=(POSITIVE_COUNTS, *MASSES, PAID)), _signed()),
        Twin("the bound at other class sizes, twice", claim(factor=2), _balanced(larger)),
    ]


def _heavy() -> Witness:
    """Weak decays, confident and correct, against the entropy of uniform targets."""
    base = configuration(Integer(3))
    weak = {lam_W: Rational(1, 1000), lam_H: Rational(1, 1000)}
    return Witness(2, 1, 2, base.functions, weak, "weak decays")


def _signed() -> Witness:
    """C = 2, n = (1, 1): the features of the two classes are opposite, which nonnegative ones cannot be."""
    s = sqrt(log(7)) / 2

    def side(at: int, x: int) -> Any:
        return (1 - 2 * at) * s * 2 if x == 0 else Integer(0)

    kappa = Rational(1, 8)
    return Witness(
        2,
        1,
        2,
        {
            count: lambda c: Integer(1),
            mass: lambda c: Rational(17, 100),
            h: lambda c, i, k: side(c, k),
            w: lambda j, k: side(j, k) / 2,
        },
        {lam_W: 2 * kappa, lam_H: kappa / 2},
        "opposite features",
    )


def _balanced(base: Witness) -> Witness:
    """Zero, with four samples in each class and masses that the decays allow."""
    values = {lam_W: Rational(1, 2), lam_H: Rational(1, 2)}
    return Witness(2, 1, 2, base.functions, values, "n = (4, 4)")


def neighbour() -> Neighbour:
    goal = le(claim().conclusion.lhs - 1, sample_mean_loss() + decays())  # type: ignore[union-attr]

    def proof() -> Theorem:
        """One less on the left."""
        number = average(assume(POSITIVE_COUNTS), c, label="some samples")
        return combine(goal, {prove(): 1}, slack=1, facts=[number])

    return Neighbour("one less", Statement(goal, HYPOTHESES), proof)


_C, _N, _K = value("C"), value("total_samples"), value("class_samples")
_REACH = _N * sqrt(value("weight_decay") * value("feature_decay"))
THEOREM = Entry(
    name="dang-2024-relu-imbalanced",
    title="Imbalanced cross-entropy with nonnegative features: least value and logit gaps",
    kind="tight",
    source=(
        "Dang et al. 2024 (arXiv:2401.02058), unconstrained ReLU features without bias; gaps, thresholds and"
        " value: closed form, this project (2026)"
    ),
    says=(
        "For features without negative coordinates, any class sizes and any W: loss plus decays is at least"
        " sum_c (n_c/N) psi(p_c) for all p_c in (0, 1) with p_c <= N kappa sqrt((C-1)/(C n_c)). Attained by"
        " orthogonal class means at p_c = min(N kappa sqrt((C-1)/(C n_c)), (C-1)/C): logit gap"
        " log((C-1)(sqrt(n_c C/(C-1))/(N kappa) - 1)), and a class with N kappa >= sqrt(n_c(C-1)/C) vanishes."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    # the logit gap of a class of the given size
    formula=Formula(
        log((_C - 1) * (sqrt(_K * _C / (_C - 1)) / _REACH - 1)),
        (
            Condition("N kappa > 0", Integer(0), _REACH, strict=True),
            Condition(
                "N kappa < sqrt(n_c (C-1)/C), or the class vanishes",
                _REACH,
                sqrt(_K * (_C - 1) / _C),
                strict=True,
            ),
        ),
    ),
)
