# SPDX-License-Identifier: MIT
"""Graf et al. 2021: if ||h|| <= rho and ||W||_F <= r, cross-entropy is at least phi(sqrt(C) rho r/(C-1)).

The hypotheses are theirs: a ball for every feature, a Frobenius ball for the classifier.  Derived here from
minimum-cross-entropy, whose hypotheses are weaker: it also allows a bias.
"""

from functools import lru_cache

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import loss, mean_square_raw_weights, mean_square_weights, phi, sq, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.margins import phi_falls
from theory.proving import assume, average, combine, cut, instantiate, theorem
from theory.symbols import C, T, alpha, beta, c, h, i, positive

rho = positive("rho_Z", r"\rho_Z", "radius of a ball that holds every feature")
r = positive("r_W", "r_W", "bound on ||W||_F")
HYPOTHESES = (
    le(sq(lambda x: h(c, i, x)), rho**2, c, i),
    le(C * mean_square_raw_weights(), r**2),
)
MARGIN = sqrt(C) * rho * r / (C - 1)


def claim(margin: object = MARGIN, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(phi(margin), loss()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """alpha = rho, beta = r/sqrt(C)."""
    ball, frobenius = map(assume, HYPOTHESES)
    at_norms = instantiate(
        theorem("minimum-cross-entropy"),
        {alpha: rho, beta: r / sqrt(C), T: MARGIN},
        label="alpha := rho, beta := r/sqrt(C)",
    )
    features = average(ball, c, i, label="E||h||^2 <= rho^2")
    weights = combine(
        le(mean_square_weights(), r**2 / C),
        {frobenius: 1 / C},
        slack=sq(wbar),
        label="centring shortens the rows",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {cut(at_norms, features, weights, label="both norms"): 1},
        label="the published form",
    )


def witness() -> Witness:
    """Exact collapse at C = 3: features of norm sqrt(6), rows of norm sqrt(2/3)."""
    return simplex(3, scale=3, values={rho: sqrt(6), r: sqrt(2)})


def twins() -> list[Twin]:
    long = simplex(3, scale=6, values={rho: 1, r: sqrt(2)})
    heavy = simplex(3, scale=3, weight_scale=2, values={rho: sqrt(6), r: 1})
    return [
        Twin("margin 1 % smaller", claim(Rational(99, 100) * MARGIN), witness()),
        Twin("rho r/(C-1), without sqrt(C)", claim(rho * r / (C - 1)), witness()),
        Twin("features unbounded", claim(hypotheses=HYPOTHESES[1:]), long),
        Twin("classifier unbounded", claim(hypotheses=HYPOTHESES[:1]), heavy),
    ]


def neighbour() -> Neighbour:
    goal = claim(2 * MARGIN)

    return Neighbour(
        "twice the margin on the left",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, phi_falls(MARGIN, MARGIN): 1}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="graf-2021-cross-entropy",
    title="Least cross-entropy in balls of features and classifiers",
    kind="tight",
    source="Graf, Hofer, Niethammer & Kwitt 2021, arXiv:2102.08817 (cross-entropy bound)",
    says=(
        "If every feature has norm at most rho and ||W||_F <= r, the loss is at least "
        "log(1 + (C-1) exp(-sqrt(C) rho r/(C-1))), bias or not; attained by the simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("minimum-cross-entropy",),
    formula=Formula(
        phi_value(
            sqrt(value("C")) * value("radius") * value("weight_frobenius") / (value("C") - 1), value("C")
        ),
        (Condition("0 < radius", Integer(0), value("radius"), strict=True),),
    ),
)
