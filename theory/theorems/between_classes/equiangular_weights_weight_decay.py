# SPDX-License-Identifier: MIT
"""Equal angles of the classifier's rows, from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import (
    mean_square_features,
    mu,
    psi,
    q_star,
    regularized_loss,
    sq,
    unbiased_logit,
    wbar,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.equal_angles import at_best_step
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, NO_BIAS, NORMS_POSITIVE, value
from theory.expressions import Mean, Relation, eq, le, lt, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import gram, tilt, tilted_sum, y
from theory.lemmas.equiangular import (
    CENTRED,
    TEST,
    Lambda,
    moved,
    over_pairs,
    pair,
    spread_at_most_one,
    test,
    tested,
)
from theory.lemmas.gram_deviation import STEP, at_step
from theory.lemmas.tilt_entropy import entropy
from theory.lemmas.tilted_classes import tilted_gibbs
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, d, eps, gamma_sq, h, i, j, k, lam, p, w, z

SCALE = le(mean_square_features(), gamma_sq)
SMALL_DECAY = lt(lam, 1 / sqrt(C))
GAP = le(regularized_loss(gamma_sq, unbiased_logit) - psi(q_star()), eps)
SPECTRAL = le(
    Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c),
    Lambda / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2),
)
HYPOTHESES = (SCALE, SMALL_DECAY, GAP, *TEST, CENTRED, SPECTRAL)


def bound(gap: Any = eps) -> Expr:
    """eps/(lambda (C-1) s) + s (Lambda/(2 C) + (1/2 + (9/20) s^2)/sqrt(C)), s = y/(2 (1 + y))."""
    return gap / (lam * (C - 1) * STEP) + STEP * (Lambda / (2 * C) + entropy(STEP) / sqrt(C))


def claim(gap: Any = eps, hypotheses: tuple[Relation, ...] = HYPOTHESES, factor: Any = 1) -> Statement:
    return Statement(le(tested(gram, Integer(1)), factor * bound(gap)), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Tilted Gibbs inequality at q*; one square in mu_c, and the decay pays for ||w~_c||^2."""
    sample = instantiate(
        tilted_gibbs(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    mean = instantiate(average(sample, c, i, label="E over samples"), {p: q_star()}, label="p := q*")
    mean = instantiate(mean, functions={tilt: ((c, j), 1 + STEP * pair(c, j))}, label="tilt along u")
    below = combine(
        lt(q_star(), 1), {assume(SMALL_DECAY): (C - 1) / sqrt(C)}, slack=1 / C, label="q* < (C-1)/C"
    )
    *fair, spent = at_step()
    mean = cut(mean, below, *fair, label="the tilt is admissible")

    def row(cc: Any, kk: Any) -> Expr:
        return wt(cc, kk) - STEP * (C - 1) / C * tilted_sum(cc, kk, pair)

    turned = wrong_mean(lambda jj: (1 + STEP * pair(c, jj)) * (wt(c, k) - wt(jj, k)), c, C) * mu(c, k)
    zero = average(assume(CENTRED), j, excluding=c, label="mean of u")
    same = combine(
        eq(turned, C / (C - 1) * row(c, k) * mu(c, k)), {zero: STEP * wt(c, k) * mu(c, k)}, label="mean of u"
    )
    square = Mean(sq(lambda kk: mu(c, kk) - sqrt(C) * row(c, kk)), c)
    rate = 1 / (lam * (C - 1) * STEP)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            mean: rate,
            average(same, k, c, label="over coordinates and classes"): d * q_star() * rate,
            assume(GAP): rate,
            assume(SCALE): rate * lam / 2,
            assume(SPECTRAL): STEP * (C - 1) / (2 * C),
            spread_at_most_one(): STEP * Lambda / (2 * C),
            spent: q_star() * rate,
            moved(gram): -1,
        },
        slack=rate * lam / 2 * (square + within_class_scatter() + C * sq(wbar)),
        label="the decay pays for norms, one square",
    )


def witness(step_: Any = 1, shrink: Any = 1, gap: Any = 10) -> Witness:
    """Three classes on a line, lambda = 1/4: rows 1, -1, 0 and features equal to them."""
    place = [Integer(1), Integer(-1), Integer(0)]
    table = [[0, -1, 1], [-1, 0, 1], [0, 0, 0]]
    return Witness(
        3,
        1,
        1,
        {
            w: lambda j, k: place[j],
            h: lambda c, i, k: place[c],
            test: lambda c, j: shrink * Integer(table[c][j]),
            pair: lambda c, j: shrink * Integer(table[c][j]),
        },
        {gamma_sq: 1, lam: Rational(1, 4), y: step_, Lambda: 2, eps: gap},
        "three classes on a line",
    )


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TEST)
    free = tuple(a for a in HYPOTHESES if a != GAP)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), witness()),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(shrink=1000)),
        Twin(
            "any regularised loss", claim(hypotheses=free), witness(Rational(1, 100), gap=Rational(1, 10**6))
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(gap=2 * eps)
    return Neighbour(
        "twice the gap",
        goal,
        lambda: combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1},
            slack=eps / (lam * (C - 1) * STEP),
        ),
    )


_scale = value("weight_decay") * (value("C") - 1)
_curvature = value("weight_spectral") * value("beta") ** 2 / value("C") + 1 / sqrt(value("C"))
_gap = value("eps_reg") / _scale
THEOREM = Entry(
    name="equiangular-weights-weight-decay",
    title="The classifier's rows approach equal angles, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); NC2 of Papyan, Han & Donoho 2020; setting of Pan & Cao 2023, theorem 2.2",
    says=(
        "Without bias, the mean over pairs of |<w~_c, w~_j> + ||w~_c||^2/(C-1)| is at most g/s + s "
        "(Lambda/(2 C) + (1/2 + (9/20) s^2)/sqrt(C)) for 0 < s < 1/2, g = eps/(lambda (C-1)), eps = L_reg - "
        "m_reg, Lambda = ||W~||_op^2; stated with any table f, |f| <= 1, for the signs and s = y/(2 (1 + y))."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "nc2.gram_deviation_weights",
        "<=",
        at_best_step(_gap, _curvature / 2, sqrt(value("C"))) / value("beta") ** 2,
        (*NORMS_POSITIVE, DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS),
    ),
)
