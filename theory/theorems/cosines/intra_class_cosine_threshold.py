# SPDX-License-Identifier: MIT
"""Both sides of T_{5/2}: one flipped sample a class exceeds the linear bound below it, and not above it.

A simplex in which one of n samples of each class has norm 0 (here: 1/1000 of the others) and the direction
-w_c.  Stored for C = 3 at T = 2 and T = 5/2 (T_{5/2} = 2.381), C = 4 at T = 2 and T = 11/4 (2.599), C = 10 at
T = 3 and T = 7/2 (3.334).  The numbers for C = 3 are computed from W and H by the definitions.
"""

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, lt
from theory.kernel import Theorem, apply
from theory.lemmas.polar import class_cosine
from theory.polar_configurations import flipped_simplex
from theory.symbols import T, c
from theory.witness import concretise


def sides(margin: Rational) -> tuple[Expr, Expr]:
    """2 (L - phi(T))/(T q(T)) and mean_c (1 - intra_c) for C = 3 with one of twelve samples flipped."""
    where = flipped_simplex(3, margin, good=11)
    bound = 2 * (loss(unbiased_logit) - phi(T)) / (T * q(T))
    return concretise(bound, where), concretise(Mean(1 - class_cosine(), c), where)


def family(classes: int, margin: Rational, samples: int) -> tuple[Expr, Expr]:
    """The same two numbers in the limit of norm 0: 1 - intra_c = 4 f (1-f), f = 1/n."""
    f, wrong = Rational(1, samples), Integer(classes) - 1

    def least(t: Expr) -> Expr:
        return log(1 + wrong * exp(-t))

    gap = f * log(classes) + (1 - f) * least(margin / sqrt(1 - f)) - least(margin)
    price = margin * wrong / (wrong + exp(margin))
    return 2 * gap / price, 4 * f * (1 - f)


def claim(numbers: tuple[Expr, Expr] | None = None, factor: object = 1) -> Statement:
    bound, measured = numbers or sides(Rational(2))
    return Statement(lt(factor * bound, measured))


def prove() -> Theorem:
    """Both sides in ball arithmetic."""
    return apply("ball", goal=claim().conclusion, label="below T_{5/2} the linear bound is exceeded")


def twins() -> list[Twin]:
    where = Witness(3, 1, 1, note="constants only")
    return [
        Twin("above the threshold, C = 3, T = 5/2", claim(sides(Rational(5, 2))), where),
        Twin("above the threshold, C = 4, T = 11/4", claim(family(4, Rational(11, 4), 12)), where),
        Twin("above the threshold, C = 10, T = 7/2", claim(family(10, Rational(7, 2), 20)), where),
    ]


def neighbour() -> Neighbour:
    goal = claim(family(10, Rational(3), 20), Rational(11, 10))
    return Neighbour(
        "C = 10, T = 3: exceeded by a tenth",
        goal,
        lambda: apply("ball", goal=goal.conclusion, label="C = 10"),
    )


_f = value("flipped")
_gap = (
    _f * log(value("C"))
    + (1 - _f) * phi_value(value("T") / sqrt(1 - _f), value("C"))
    - phi_value(value("T"), value("C"))
)
THEOREM = Entry(
    name="intra-class-cosine-threshold",
    title="Both sides of the threshold T_{5/2}",
    kind="lower",
    source="this project (2026): flipped samples against intra-class-cosine",
    says=(
        "One flipped sample a class exceeds the linear intra-class bound at C = 3, T = 2 and C = 10, T = 3, "
        "below T_{5/2}(C), and does not at T = 5/2 and T = 7/2, above it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("intra-class-cosine",),
    formula=Formula(
        # (1 - intra) over the linear bound, a fraction f of each class at norm 0 with the wrong direction
        4 * _f * (1 - _f) / (2 * _gap / (value("T") * q_value(value("T"), value("C")))),
        (
            Condition("0 < flipped", Integer(0), _f, strict=True),
            Condition("flipped <= 1/2", _f, Rational(1, 2)),
            Condition("T > 0", Integer(0), value("T"), strict=True),
        ),
    ),
)
