# SPDX-License-Identifier: MIT
"""The fixed-norm identity for centred features: with a bias, any constant vector may be subtracted from h."""

from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import alignment, kl, logit, loss, mean_square_weights, mu_global, phi, q, sq, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, Condition, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.lemmas.shift import T_shift, alpha_shift, g, mean_square_shifted
from theory.proving import assume, combine, instantiate
from theory.symbols import C, b, beta, c, h, i, k, p

HYPOTHESES = (
    eq(alpha_shift**2, mean_square_shifted()),
    eq(beta**2, mean_square_weights()),
    eq(T_shift, C * alpha_shift * beta / (C - 1)),
)


def claim(factor: object = Rational(1, 2), shift: int = 1) -> Statement:
    spread = Mean(kl(q(T_shift), logit), c, i)
    aligned = Mean(
        sq(lambda x: (h(c, i, x) - shift * g(x)) / alpha_shift - wt(c, x) / beta),
        c,
        i,
    )
    total = spread + T_shift * q(T_shift) * factor * aligned
    return Statement(eq(loss() - phi(T_shift), total), HYPOTHESES)


def prove() -> Theorem:
    """The averaged identity at p = q(T'); the centred rows do not see g."""
    identity = instantiate(mean_identity(), {p: q(T_shift)}, label="p := q(T')")
    features, weights, margin = map(assume, HYPOTHESES)
    rate = T_shift * q(T_shift) / 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            identity: 1,
            features: rate / alpha_shift**2,
            weights: rate / beta**2,
            margin: q(T_shift) * alignment() / (alpha_shift * beta),
        },
        label="complete the square",
    )


def witness() -> Witness:
    """The simplex ETF with h shifted by (2, 2, 2), and that g."""
    base = simplex(3, scale=2, noise=1)
    norm, size = sqrt(Rational(17, 3)), base.values[beta]
    table: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: base.functions[h](c, i, k) + 2,
        g: lambda k: Integer(2),
        b: lambda j: Integer(j),
    }
    values = {beta: size, alpha_shift: norm, T_shift: Rational(3, 2) * norm * size}
    return Witness(3, 2, 3, table, values, "simplex ETF around (2, 2, 2), with a bias")


def twins() -> list[Twin]:
    return [
        Twin("misalignment without the factor 1/2", claim(factor=1), witness()),
        Twin("misalignment factor 1 % smaller", claim(factor=Rational(99, 200)), witness()),
        Twin("misalignment of h itself", claim(shift=0), witness()),
    ]


def neighbour() -> Neighbour:
    at_mean = instantiate(prove(), functions={g: ((k,), mu_global(k))}, label="g := the global mean")
    statement = Statement(at_mean.conclusion, tuple(sorted(at_mean.hypotheses, key=str)))
    return Neighbour("g is the global mean", statement, lambda: at_mean)


_T = value("C") * value("alpha") * sqrt(1 - value("mean_norm") ** 2) * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="shifted-loss-gap-identity",
    title="Where the loss gap goes, for centred features and any bias",
    kind="identity",
    source="this project (2026): loss-gap-identity, with a bias and centred features",
    says=(
        "With any bias and any vector g, L - phi(T') = E KL(P_q(T') || softmax) + (T' q(T')/2) "
        "E||(h-g)/alpha' - w~/beta||^2 with alpha'^2 = E||h-g||^2, T' = C alpha' beta/(C-1); g = mu_G "
        "makes T' least."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        value("kl") + _T * q_value(_T, value("C")) / 2 * value("misalignment"),
        (*NORMS_POSITIVE, Condition("||mu_G|| < alpha", value("mean_norm"), Integer(1), strict=True)),
    ),
)
