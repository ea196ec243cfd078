# SPDX-License-Identifier: MIT
"""Garrod & Keating 2024, Theorem 1: in deep linear models a structure of lower rank beats collapse.

Unconstrained features followed by L linear layers, all with decay lambda: d = L + 1 factors.  A collapsed
solution has logits alpha (I - J/C), and each factor has singular values s_l (C-1 times).  The structure of
rank C/2 pairs the classes, with logits alpha I (x) [[1, -1], [-1, 1]]: its singular value 2 alpha, C/2 times,
is the product of 2^{1/d} s_l.  So at the same s_l, for C even,

    collapse   log(1 + (C-1) e^-alpha)               + (lambda/2) (C-1) sum_l s_l^2,
    pairs      log(1 + (C-2) e^-alpha + e^{-2 alpha}) + (lambda/2) (C/2) 2^{2/d} sum_l s_l^2,

whatever alpha, s_l and lambda are, and no collapsed solution with these singular values is a minimum.
"""

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import phi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le, lt
from theory.kernel import Theorem
from theory.lemmas.depth_powers import power_falls
from theory.proving import assume, combine, log_tangent
from theory.symbols import C, atom, d, k, lam, positive

gap = positive("alpha_z", r"\alpha", "logit gap of a collapsed solution: logits alpha (I - J/C)")
s = atom("s_l", "s", "s_l(k): common singular value of factor k of a collapsed solution")
HYPOTHESES = (le(4, C), le(4, d))
PAIRS = C / 2 * 2 ** (2 / d)


def direction() -> Expr:
    """(lambda/2) sum_l s_l^2, what one singular direction costs."""
    return lam / 2 * d * Mean(s(k) ** 2, k)


def paired_loss() -> Expr:
    """Cross-entropy of the paired structure: margin 2 alpha to the partner, alpha to the others."""
    return log(1 + (C - 2) * exp(-gap) + exp(-2 * gap))


def claim(
    factor: object = PAIRS, hypotheses: tuple[Relation, ...] = HYPOTHESES, saved: object = 0
) -> Statement:
    collapse = phi(gap) + (C - 1) * direction()
    return Statement(lt(paired_loss() + factor * direction() + saved, collapse), hypotheses)


def lower_loss() -> Theorem:
    """log(1 + (C-2) e^-a + e^-2a) < log(1 + (C-1) e^-a)."""
    whole = 1 + (C - 1) * exp(-gap)
    ratio = log_tangent((1 + (C - 2) * exp(-gap) + exp(-2 * gap)) / whole, label="log of the ratio")
    grows = log_tangent(exp(gap), label="alpha <= e^alpha - 1")
    rate = exp(-2 * gap) / whole
    return combine(
        lt(paired_loss(), phi(gap)), {ratio: 1, grows: rate}, slack=gap * rate, label="e^-2a < e^-a"
    )


def cheaper(power: Rational, classes: int, room: Expr, spare: Expr) -> Theorem:
    """2/power <= d, classes <= C |- (C/2) 2^{2/d} <= C - 1, for 2/power the least depth.

    ``room`` and ``spare`` are 1 - 2^power/2 and classes times it minus 1, written visibly positive.
    """
    many = assume(le(classes, C))
    root = power_falls(Integer(2), power)
    return combine(le(PAIRS, C - 1), {root: C / 2, many: room}, slack=spare, label="fewer directions win")


def beaten(fewer: Theorem) -> Theorem:
    """From (C/2) 2^{2/d} <= C - 1: both parts of the objective are smaller."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {lower_loss(): 1, fewer: direction()},
        label="loss and regulariser",
    )


def four_classes() -> Theorem:
    """C >= 4, L >= 3: 2 sqrt(2) < 3."""
    root = sqrt(2)
    return cheaper(Rational(1, 2), 4, root / (2 * (1 + root)), 1 / (1 + root) ** 2)


def six_classes() -> Theorem:
    """C >= 6, L >= 2: 3 2^{2/3} < 5."""
    x = Integer(2) ** Rational(1, 3)
    return cheaper(Rational(2, 3), 6, 1 / (x * (x**2 + x + 1)), 34 / (x * (25 * x**2 + 30 * x + 36)))


def prove() -> Theorem:
    """Two inequalities."""
    return beaten(four_classes())


def _example(classes: int, factors: int, size: object) -> Witness:
    return Witness(
        classes,
        1,
        factors,
        {s: lambda k: size},
        {gap: Integer(2), lam: Rational(1, 10)},
        f"C = {classes}, L = {factors - 1}, alpha = 2, s_l = {size}",
    )


def twins() -> list[Twin]:
    return [
        Twin("four classes and two layers", claim(hypotheses=(le(4, C), le(3, d))), _example(4, 3, 10)),
        Twin("three classes", claim(hypotheses=(le(3, C), le(4, d))), _example(3, 4, 10)),
        Twin("two classes", claim(hypotheses=(le(4, d),)), _example(2, 4, 10)),
        Twin("the paired structure with all its directions", claim(factor=C / 2 * 4), _example(4, 4, 10)),
        Twin("a saving of 1/2", claim(saved=Rational(1, 2)), _example(4, 4, 0)),
    ]


def neighbour() -> Neighbour:
    return Neighbour(
        "C >= 6 and L >= 2", claim(hypotheses=(le(6, C), le(3, d))), lambda: beaten(six_classes())
    )


THEOREM = Entry(
    name="garrod-keating-2024-low-rank",
    title="Deep collapse is not optimal: pairs of classes beat it",
    kind="published",
    source="Garrod & Keating 2024, arXiv:2410.23169, theorem 1",
    says=(
        "For C >= 4 and L >= 3, or C >= 6 and L >= 2, the objective log(1 + (C-2) e^-alpha + e^-2alpha) + "
        "(lambda/2)(C/2) 2^{2/(L+1)} sum s_l^2 is below that of collapse: of C/2 pairs of classes (C even, L "
        "linear layers after the features), whose singular values are computed outside the kernel."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region="C even; C >= 4 and L >= 3 (C >= 6 and L >= 2 as the true neighbour); equal decay on every layer",
    uncovered=(
        "odd C: see garrod-keating-2024-low-rank-odd; that a collapsed solution has one common singular "
        "value in each factor is taken from its definition, not derived; for C = 4, L = 2 see "
        "garrod-keating-2024-stationary"
    ),
    formula=Formula(
        value("C") / 2 * 2 ** (2 / (value("layers") + 1)) / (value("C") - 1),
        (
            Condition(
                "(C/2) 2^{2/(L+1)} <= C - 1: for even C, C >= 4 and L >= 3, or C >= 6 and L = 2",
                value("C") / 2 * 2 ** (2 / (value("layers") + 1)),
                value("C") - 1,
            ),
        ),
    ),
)
