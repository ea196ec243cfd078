# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 eps/(T* q*) = 2 sqrt(C) eps/((C-1) lambda T*): linear in the regularised gap."""

from sympy import Rational, log, sqrt

from theory.configurations import flipped_at_decay
from theory.definitions import (
    phi,
    q,
    sq,
    wbar,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
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
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import (
    class_cosine,
    class_scale,
    cosine_at_most_one,
    kappa,
    loss_of_cosines,
    rho,
)
from theory.lemmas.weight_decay import DECAY, NORMS, SCALE, SETTING, UNIT, regularized_gap
from theory.proving import assume, average, combine, cut, visible
from theory.symbols import C, T, c, i

HYPOTHESES = (*SETTING, THRESHOLD)


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


def twins() -> list[Twin]:
    below = tuple(a for a in HYPOTHESES if a != THRESHOLD)
    weaker = le(phi(T) + 2 * T * q(T), log(C))
    return [
        Twin("without the threshold", claim(hypotheses=below), flipped_at_decay(Rational(1, 2), good=3)),
        Twin(
            "threshold T_2 instead of T_{5/2}",
            claim(hypotheses=(*below, weaker)),
            flipped_at_decay(Rational(17, 10), good=5),
        ),
        Twin("half the constant", claim(factor=1), flipped_at_decay(Rational(21, 10), good=3)),
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
