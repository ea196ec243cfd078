# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 eps/(T* q*) = 2 sqrt(C) eps/((C-1) lambda T*): linear in the regularised gap.

T stands for T*, which fixes the decay: lambda = sqrt(C)/(C - 1 + e^T), q* = q(T).  Rows are measured in
units of 1 and features in units of (C-1) T/C, so that a row of norm 1 and a feature of norm 1 that point the
same way have margin T.
"""

from sympy import Expr, Rational, exp, log, sqrt

from theory.cosine_lemmas import THRESHOLD
from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_raw_weights,
    phi,
    q,
    sq,
    unbiased_logit,
    wbar,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_5_2,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.polar import (
    class_cosine,
    class_scale,
    cosine_at_most_one,
    e,
    kappa,
    loss_of_cosines,
    polar,
    rho,
    u,
)
from theory.proving import assume, average, combine, cut, visible
from theory.symbols import C, T, c, gamma_sq, h, i, w
from theory.theorems.intra_class_cosine import flipped

DECAY = sqrt(C) / (C - 1 + exp(T))
UNIT = (C - 1) * T / C
NORMS = (
    eq(sq(lambda x: wt(c, x)), kappa(c) ** 2, c),
    eq(sq(lambda x: h(c, i, x)), UNIT**2 * rho(c, i) ** 2, c, i),
)
SCALE = le(mean_square_features(), gamma_sq)
HYPOTHESES = (*polar(1, UNIT), *NORMS, SCALE, THRESHOLD)


def regularized_gap() -> Expr:
    """L + (lambda/2)(||gamma||^2 + ||W||_F^2) - m_reg, with m_reg = phi(T) + T q(T)."""
    penalty = DECAY / 2 * (gamma_sq + C * mean_square_raw_weights())
    return loss(unbiased_logit) + penalty - phi(T) - T * q(T)


def claim(factor: object = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(Mean(1 - class_cosine(), c), factor * regularized_gap() / (T * q(T))), hypotheses)


def prove() -> Theorem:
    """The cosine lemma; the decay charges at least T q(T) per unit of E kappa_c rms_i rho."""
    scale = eq(T, C / (C - 1) * UNIT)
    lemma = cut(loss_of_cosines(1, UNIT, scale), combine(scale, label="the units give margin T"))
    rows, features = map(assume, NORMS)
    weight, feature = kappa(c) ** 2, Mean(rho(c, i) ** 2, i)
    price = combine(
        le(T * q(T) * class_scale(), DECAY / 2 * (UNIT**2 * feature + C * weight)),
        slack=DECAY / 2 * (UNIT * sqrt(feature) - sqrt(C) * sqrt(weight)) ** 2,
        label="a square, class by class",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            lemma: 2 / (T * q(T)),
            average(price, c, label="mean over classes"): 2 / (T * q(T)),
            average(rows, c): -DECAY * C / (T * q(T)),
            average(features, c, i): -DECAY / (T * q(T)),
            visible(le(0, sq(wbar))): DECAY * C / (T * q(T)),
            assume(SCALE): DECAY / (T * q(T)),
        },
        label="what is left is the regularised gap",
    )


def at_decay(margin: Rational, *, good: int) -> Witness:
    """The flipped configuration at the optimal norms: beta^2 = T*/(2 sqrt 2), alpha^2 = 2 beta^2."""
    base = flipped(margin, good=good)
    beta_ = sqrt(margin / (2 * sqrt(2)))
    alpha_ = sqrt(2) * beta_
    unit = margin / 2
    return Witness(
        2,
        base.samples,
        1,
        {
            w: lambda j, k: beta_ * (1 - 2 * j),
            h: lambda c, i, k: alpha_ * base.functions[h](c, i, k),
            kappa: lambda c: beta_,
            rho: lambda c, i: alpha_ * base.functions[rho](c, i) / unit,
            u: base.functions[u],
            e: base.functions[e],
        },
        {T: margin, gamma_sq: alpha_**2},
        base.note,
    )


def twins() -> list[Twin]:
    below = tuple(a for a in HYPOTHESES if a != THRESHOLD)
    weaker = le(phi(T) + 2 * T * q(T), log(C))
    return [
        Twin("without the threshold", claim(hypotheses=below), at_decay(Rational(1, 2), good=3)),
        Twin(
            "threshold T_2 instead of T_{5/2}",
            claim(hypotheses=(*below, weaker)),
            at_decay(Rational(17, 10), good=5),
        ),
        Twin("half the constant", claim(factor=1), at_decay(Rational(21, 10), good=3)),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)

    def proof() -> Theorem:
        """The left side is nonnegative, so half as much again of it is not less."""
        spread = average(cosine_at_most_one(), c, label="mean over classes")
        return combine(goal.conclusion, {prove(): Rational(3, 2), spread: Rational(1, 2)})  # type: ignore[arg-type]

    return Neighbour("constant 3 instead of 2", goal, proof)


_T, _q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="intra-class-cosine-weight-decay",
    title="Intra-class cosine from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "For lambda <= lambda_{5/2}(C), without bias, mean_c (1 - intra_c) <= 2 sqrt(C) eps/((C-1) "
        "lambda T*), eps = L_reg - m_reg."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        1 - 2 * value("eps_reg") / (_T * _q),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            DECAY_BELOW_5_2,
        ),
    ),
    uses=("intra-class-cosine", "minimum-regularized-loss"),
)
