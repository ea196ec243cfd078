# SPDX-License-Identifier: MIT
"""NC1 and NC3 share one budget: (||M||_F/alpha)(1 - self-duality error/2) >= phi^{-1}(L)/T.

alpha is any positive unit of length: it cancels.  With alpha the root mean square norm of the features, T is
the margin and r/alpha = sqrt(1 - nu).
"""

from sympy import Rational

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    dot,
    loss,
    mean_square_raw_weights,
    mu,
    mu_global,
    phi,
    sq,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_BELOW_LOG_C, NORMS_POSITIVE, Condition, phi_inverse, value
from theory.evaluation import phi as phi_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas import margin_of_loss
from theory.proving import assume, combine
from theory.symbols import C, T, alpha, beta, c, positive, tau, w

omega = positive("omega", r"\omega", "||W||_F / sqrt(C), uncentred")
r = positive("r_M", "r", "||M||_F / sqrt(C), M = rows mu_c - mu_G")


def centred_mean(x):  # type: ignore[no-untyped-def]
    """mu_c - mu_G, coordinate x."""
    return mu(c, x) - mu_global(x)


WEIGHTS = eq(omega**2, mean_square_raw_weights())
MEANS = eq(r**2, Mean(sq(centred_mean), c))
HYPOTHESES = (
    WEIGHTS,
    MEANS,
    eq(T, C * alpha * omega / (C - 1)),
    le(loss(), phi(tau)),
)


def self_duality() -> Mean:
    """||W/||W||_F - M/||M||_F||_F^2, raw W, M = rows mu_c - mu_G (Papyan, Han & Donoho 2020, figure 5)."""
    return Mean(sq(lambda x: w(c, x) / omega - centred_mean(x) / r), c)


def claim(factor: object = 1, half: object = Rational(1, 2)) -> Statement:
    return Statement(le(factor * tau / T, r / alpha * (1 - half * self_duality())), HYPOTHESES)


def prove() -> Theorem:
    """1 - error/2 = <W, M>/(||W|| ||M||), and the loss forces <W, M>."""
    weights, means, margin, _ = map(assume, HYPOTHESES)
    inner = Mean(dot(lambda x: w(c, x), centred_mean), c)
    scale = (C - 1) / (C * alpha * omega)
    same = combine(eq(alignment(), inner), label="E<w~, h> = mean of <w_c, mu_c - mu_G>")
    inverse = combine(eq(1 / T, scale), {margin: -scale / T}, label="1/T in terms of the norms")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            margin_of_loss(): scale,
            inverse: tau,
            same: 1 / (alpha * omega),
            weights: -r / (2 * alpha * omega**2),
            means: -1 / (2 * alpha * r),
        },
        label="expand the square",
    )


def witness() -> Witness:
    """Simplex ETF with orthogonal noise: self-duality exact, all of the loss spent on NC1."""
    norm = simplex(3).values[beta]
    values = {tau: 3, omega: norm, r: 3 * norm}
    return simplex(3, scale=3, noise=Rational(1, 2), values=values)


def twins() -> list[Twin]:
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("NC1 alone: r/alpha replaced by its square", _squared(), witness()),
        Twin("loss allowed to exceed phi(tau)", Statement(claim().conclusion, HYPOTHESES[:3]), _lossy()),
    ]


def _squared() -> Statement:
    return Statement(le(tau / T, (r / alpha) ** 2 * (1 - self_duality() / 2)), HYPOTHESES)


def _lossy() -> Witness:
    base = witness()
    return Witness(
        base.classes, base.samples, base.dimension, base.functions, {**base.values, tau: 100}, "tau = 100"
    )


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=tau / T / 100),  # type: ignore[arg-type]
    )


_T = value("alpha") * value("weight_frobenius") * (value("C") ** Rational(1, 2)) / (value("C") - 1)
THEOREM = Entry(
    name="self-duality-tradeoff",
    title="Within-class variability and self-duality share the loss gap",
    kind="tight",
    source=("this project (2026), joint NC1-NC3 form; measure of Papyan, Han & Donoho 2020, figure 5"),
    says=(
        "sqrt(1 - nu) cos(W, M) >= phi^{-1}(L)/T: what is spent on NC1 cannot be spent on NC3; in "
        "particular the self-duality error is at most 2 (1 - phi^{-1}(L)/T)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "nc3.self_duality",
        "<=",
        2 * (1 - phi_inverse(value("L"), value("C")) / _T),
        (
            NORMS_POSITIVE[0],
            Condition("||W||_F > 0", Rational(0), value("weight_frobenius"), strict=True),
            LOSS_BELOW_LOG_C,
            Condition(
                "phi(T) <= L, up to rounding (no configuration with these norms has less)",
                phi_value(_T, value("C")),
                value("L") * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
