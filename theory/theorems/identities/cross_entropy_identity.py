# SPDX-License-Identifier: MIT
"""Cross-entropy = KL(P_p || softmax) + psi(p) - p * margin: the identity that everything follows from."""

from sympy import Integer, Rational

from theory.configurations import one_sample_logits
from theory.definitions import cross_entropy, kl, margin, psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import Condition, value
from theory.evaluation import psi as psi_value
from theory.expressions import eq, le, lt
from theory.lemmas import cross_entropy_identity as identity
from theory.proving import combine
from theory.symbols import p

BELOW_ONE = (lt(p, 1),)


def statement() -> Statement:
    return Statement(eq(cross_entropy(), kl(p) + psi(p) - p * margin()), BELOW_ONE)


def twins() -> list[Twin]:
    witness = one_sample_logits(1, 0, -1, values={p: Rational(1, 3)})
    return [
        Twin(
            "margin counted twice",
            Statement(eq(cross_entropy(), kl(p) + psi(p) - 2 * p * margin()), BELOW_ONE),
            witness,
        ),
        Twin("entropy left out", Statement(eq(cross_entropy(), kl(p) - p * margin()), BELOW_ONE), witness),
        Twin(
            "the KL divergence replaced by zero",
            Statement(le(cross_entropy(), psi(p) - p * margin()), BELOW_ONE),
            witness,
        ),
    ]


def neighbour() -> Neighbour:
    goal = eq(2 * cross_entropy() + p * margin(), 2 * kl(p) + 2 * psi(p) - p * margin())
    return Neighbour(
        "twice the identity, rearranged",
        Statement(goal, BELOW_ONE),
        lambda: combine(goal, {identity(): 2}),
    )


THEOREM = Entry(
    name="cross-entropy-identity",
    title="Cross-entropy as a divergence from the smoothed label",
    kind="identity",
    source="this project (2026); Legendre form of the softmax cross-entropy",
    says=(
        "For any logits and any 0 < p < 1, cross-entropy is KL(P_p || softmax) plus the entropy of P_p minus "
        "p times the margin."
    ),
    statement_of=statement,
    prove=identity,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("kl") + psi_value(value("p"), value("C")) - value("p") * value("t"),
        (
            Condition("0 < p", Integer(0), value("p"), strict=True),
            Condition("p < 1", value("p"), Integer(1), strict=True),
            Condition("KL >= 0", Integer(0), value("kl")),
        ),
    ),
)
