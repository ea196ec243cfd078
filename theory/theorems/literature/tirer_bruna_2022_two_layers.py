# SPDX-License-Identifier: MIT
"""Two linear layers on free features, squared error: zero is optimal over all matrices from a threshold on.

The product P = W_2 W_1 is written by its singular values p_k and singular vectors, which every matrix has;
the hypotheses say of orthonormal singular vectors only what is used: the logits of the true classes, Bessel's
inequality for the rows of W_2^T, for W_1 and for every feature, and Parseval's, as an inequality, for the
logits.  Nothing else is assumed of W_2, W_1 and H, nor of the logits of wrong classes.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import square_loss
from theory.lemmas.unconstrained_features import feature_penalty, lam_H
from theory.proving import assume, average, combine
from theory.symbols import C, atom, c, d, h, i, j, k, n, positive, z

first = positive("lambda_1", r"\lambda_1", "decay of the first linear layer, (lambda_1/2) ||W_1||_F^2")
second = positive("lambda_2", r"\lambda_2", "decay of the second linear layer, (lambda_2/2) ||W_2||_F^2")
inner = atom("w_inner", "W_1", "w_inner(k, k2): entry of the first linear layer")
outer = atom("w_outer", "W_2", "w_outer(j, k): entry of the second linear layer, the classifier")
size = atom("p_singular", "p", "p_singular(k): singular value k of W_2 W_1")
left = atom("u_singular", "u", "u_singular(j, k): coordinate j of left singular vector k of W_2 W_1, unit")
right = atom("v_singular", "v", "v_singular(k2, k): coordinate k2 of the right singular vector k of W_2 W_1")
k2, k3 = index("k2"), index("k3")


def rows(x: Any) -> Expr:
    """Coordinate x of W_2^T u_k."""
    return C * Mean(outer(j, x) * left(j, k), j)


def columns(x: Any) -> Expr:
    """Coordinate x of W_1 v_k."""
    return d * Mean(inner(x, k2) * right(k2, k), k2)


def along() -> Expr:
    """<v_k, h_ci>."""
    return d * Mean(right(k2, k) * h(c, i, k2), k2)


def sum_of_squares(vector: Any) -> Expr:
    """Sum over the singular vectors k of ||vector||^2."""
    return d**2 * Mean(vector(k3) ** 2, k3, k)


OUTER, INNER = C * d * Mean(outer(j, k) ** 2, j, k), d**2 * Mean(inner(k, k2) ** 2, k, k2)
STRONG = le(1, 16 * C**3 * n * lam_H * first * second)
SINGULAR = (
    eq(z(c, i, c), d * Mean(size(k) * left(c, k) * along(), k), c, i),
    le(0, size(k), k),
    le(C * Mean(left(j, k) ** 2, j), 1, k),
    eq(d * Mean(rows(k3) * columns(k3), k3), size(k), k),
    le(sum_of_squares(rows), OUTER),
    le(sum_of_squares(columns), INNER),
    le(d * Mean(along() ** 2, k), sq(lambda x: h(c, i, x)), c, i),
    le(d * Mean(size(k) ** 2 * along() ** 2, k), C * Mean(z(c, i, j) ** 2, j), c, i),
)


def objective() -> Expr:
    """Squared error of z = W_2 W_1 h and the three decays."""
    return square_loss(z) + second / 2 * OUTER + first / 2 * INNER + feature_penalty()


def claim(level: object = Rational(1, 2), hypotheses: tuple = (*SINGULAR, STRONG)) -> Statement:  # type: ignore[type-arg]
    return Statement(le(level, objective()), hypotheses)


@lru_cache
def one_singular_value() -> Theorem:
    """p^2/(2 (p^2 + C n lambda_H)) <= C sqrt(lambda_1 lambda_2) p."""
    p, rate, reach = size(k), sqrt(first) * sqrt(second), C * n * lam_H
    return combine(
        le(p**2 / (p**2 + reach) / 2, C * rate * p),
        {assume(STRONG): p / (p**2 + reach) / (16 * C * rate)},
        slack=C * p / (p**2 + reach) * rate * (p - 1 / (4 * C * rate)) ** 2,
        facts=[assume(SINGULAR[1])],
        label="a quadratic in p without a real root",
    )


def prove() -> Theorem:
    """Each singular value saves less of the error than it costs."""
    own, _, unit, paired, bessel_outer, bessel_inner, bessel, parseval = map(assume, SINGULAR)
    reach = C * n * lam_H
    p, beta = size(k), along()
    width = p**2 + reach
    spread = p**2 / width / 2
    feature = combine(
        le(p * left(c, k) * beta - p**2 * beta**2 / 2 - reach * beta**2 / 2, spread * left(c, k) ** 2),
        slack=width / 2 * (beta - p * left(c, k) / width) ** 2,
        label="a square in <v_k, h>",
    )
    unit_share = combine(le(spread * unit.relation.lhs, spread), {unit: spread}, label="unit vectors")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(own, c, i, label="E over samples"): 1,
            average(feature, k, c, i, label="all singular values"): d,
            average(parseval, c, i): Rational(1, 2),
            average(bessel, c, i): reach / 2,
            average(unit_share, k): d / C,
            average(one_singular_value(), k, label="all singular values"): d / C,
            average(paired, k): -d * sqrt(first) * sqrt(second),
            bessel_outer: second / 2,
            bessel_inner: first / 2,
        },
        slack=d**2 / 2 * Mean((sqrt(second) * rows(k3) - sqrt(first) * columns(k3)) ** 2, k3, k),
        label="complete the squares in H and in W_2, W_1",
    )


THIRD = Rational(1, 3)


def witness(factor: Any = 1) -> Witness:
    """C = 2, n = 1, all decays 2^(-7/3), all factors 2^(-1/3) times the identity: logits 1/2."""
    part = Integer(2) ** (-THIRD)

    def diagonal(entry: Any) -> Any:
        return lambda a, b: entry if a == b else Integer(0)

    decay = factor * Integer(2) ** (-7 * THIRD)
    return Witness(
        2,
        1,
        2,
        {
            outer: diagonal(part),
            inner: diagonal(part),
            h: lambda c, i, k: diagonal(part)(c, k),
            z: lambda c, i, j: diagonal(Rational(1, 2))(c, j),
            size: lambda k: part**2,
            left: diagonal(Integer(1)),
            right: diagonal(Integer(1)),
        },
        {lam_H: decay, first: decay, second: decay, n: Integer(1)},
        "logits 1/2 times the labels, at the threshold" if factor == 1 else "logits 1/2 times the labels",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(level=Rational(101, 200)), witness()),
        Twin("the threshold dropped", claim(hypotheses=SINGULAR), witness(factor=Rational(9, 10))),
        Twin(
            "17 instead of 16",
            claim(hypotheses=(*SINGULAR, le(1, 17 * C**3 * n * lam_H * first * second))),
            witness(factor=Rational(99, 100)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(level=Rational(1, 3))
    proof = lambda: combine(goal.conclusion, {prove(): 1}, slack=Rational(1, 6))  # type: ignore[arg-type]  # noqa: E731
    return Neighbour("1/3", goal, proof)


_C = value("C")
THEOREM = Entry(
    name="tirer-bruna-2022-two-layers",
    title="Two linear layers, squared error: zero is optimal over all matrices from a threshold on",
    kind="tight",
    source=(
        "Tirer & Bruna 2022 (arXiv:2202.08087), two linear layers on free features; the threshold and its "
        "proof: closed form, this project (2026)"
    ),
    says=(
        "If 16 C^3 n lambda_H lambda_1 lambda_2 >= 1, no W_2, W_1, H has squared error plus decays less "
        "than 1/2, the value at zero; at equality W_2 W_1 H = Y/2 has 1/2 too. In coordinates of the "
        "singular value decomposition of W_2 W_1, whose orthonormality is stated as hypotheses; for below "
        "the threshold see dang-2023-deep-mse-value."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    # the product lambda_1 lambda_2 at which the optimum becomes zero
    formula=Formula(1 / (16 * _C**3 * value("samples_per_class") * value("feature_decay"))),
)
