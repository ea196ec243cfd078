# SPDX-License-Identifier: MIT
"""Below the threshold T_{5/2} the linear bound and the sharp cosine bound are false: a configuration.

Two classes in one dimension, T = 1/2; three of four samples of each class agree, the fourth is tiny and on
the wrong side.  The numbers in the statement are computed from W and H by the definitions, not typed in.
"""

from sympy import Integer, Rational, log, sqrt

from theory.configurations import flipped
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.polar import class_cosine
from theory.symbols import T, c
from theory.witness import concretise


def configuration() -> Witness:
    """The counterexample: T = 1/2 (the threshold T_{5/2}(2) is 2.086)."""
    return flipped(Rational(1, 2), good=3)


def sides() -> tuple[object, object]:
    """2 (L - phi(T))/(T q(T)) and mean_c (1 - intra_c) at the configuration, exactly."""
    where = configuration()
    bound = 2 * (loss(unbiased_logit) - phi(T)) / (T * q(T))
    return concretise(bound, where), concretise(Mean(1 - class_cosine(), c), where)


def claim() -> Statement:
    bound, measured = sides()
    return Statement(lt(bound, measured))


def prove() -> Theorem:
    """Both sides in ball arithmetic."""
    return apply("ball", goal=claim().conclusion, label="the linear bound is exceeded")


def twins() -> list[Twin]:
    bound, measured = sides()
    where = Witness(2, 1, 1, note="constants only")
    return [
        Twin("the bound holds after all", Statement(le(measured, bound)), where),
        Twin("exceeded three times", Statement(lt(3 * bound, measured)), where),  # type: ignore[operator]
    ]


def neighbour() -> Neighbour:
    bound, measured = sides()
    goal = lt(Rational(3, 2) * bound, measured)  # type: ignore[operator]
    return Neighbour("exceeded by half", Statement(goal), lambda: apply("ball", goal=goal))


_f = value("flipped")
_gap = (
    _f * log(value("C"))
    + (1 - _f) * phi_value(value("T") / sqrt(1 - _f), value("C"))
    - phi_value(value("T"), value("C"))
)
THEOREM = Entry(
    name="intra-class-cosine-counterexample",
    title="Small norms: a low loss does not force cosines",
    kind="lower",
    source=("this project (2026); the tempting claim mean intra >= (phi^{-1}(L)/T)^2 without a condition"),
    says=(
        "At C = 2, T = 1/2 a configuration exceeds the linear intra-class bound more than one and a "
        "half times: the threshold T_{5/2} is needed."
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
