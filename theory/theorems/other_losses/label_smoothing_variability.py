# SPDX-License-Identifier: MIT
"""sqrt(1 - nu) >= (q* - sigma)/(psi^{-1}(L_reg) - sigma): collapse under label smoothing, attained."""

from sympy import Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    mean_square_weights,
    psi,
    q_star,
    sq,
    wbar,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    Condition,
    optimal_q,
    psi_inverse,
    value,
)
from theory.evaluation import psi as psi_value
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.class_means import carried
from theory.lemmas.label_smoothing import mean_smoothed
from theory.lemmas.shift import alpha_shift, around, g, mean_square_shifted
from theory.losses.label_smoothing import sigma, smoothed_loss
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, gamma_sq, lam, p, positive

r = positive("r_smooth", "r", "psi(sigma + r) is an upper bound of the smoothed, regularised loss")
HYPOTHESES = (
    eq(alpha_shift**2, mean_square_shifted()),
    le(mean_square_shifted(), gamma_sq),
    lt(sigma + r, 1),
    le(smoothed_loss(), psi(sigma + r)),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    kept = 1 - within_class_scatter() / alpha_shift**2
    return Statement(le(factor * (q_star() / r) ** power, kept), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most psi(sigma + r) leaves r times the margin to pay for the norms."""
    features, scale, _, small = map(assume, HYPOTHESES)
    S = r * C / (C - 1)
    norms = lam / 2 * (mean_square_shifted() + C * mean_square_weights())
    pays = combine(
        le(norms, S * alignment()),
        {
            instantiate(mean_dual_bound(), {p: sigma + r}, label="p := sigma + r"): 1,
            mean_smoothed(): -1,
            small: 1,
            scale: lam / 2,
            visible(le(0, sq(wbar))): lam * C / 2,
        },
        label="norms are paid for by the margin",
    )
    total = carried(pays, features, rows=wt, a=lam, b=lam * C, S=S, norm=alpha_shift, shift=g)
    return combine(claim().conclusion, {total: 1}, label="in terms of q* - sigma")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, lambda = 1/4, sigma = 1/16, margin log 3 (p = 1/2), and noise for what L_reg leaves over."""
    mass, smooth = Rational(7, 16), Rational(1, 16)
    unit = sqrt(log(3))
    share = Rational(3, 8) / mass  # q* - sigma over r
    # margin = s a = log 3 with mu_c = (b/S) w~_c, b/S = lambda (C-1)/r = (12/7); alpha^2 = ||mu||^2/share^2
    stretch = Rational(1, 4) * 3 / mass
    s = unit / sqrt(stretch)
    alpha_sq = stretch**2 * s**2 * Rational(3, 4) / share**2
    noise = sqrt((alpha_sq - stretch**2 * s**2 * Rational(3, 4)) / 4)
    base = simplex(
        4,
        scale=stretch * s,
        weight_scale=s,
        noise=noise,
        values={lam: Rational(1, 4), gamma_sq: alpha_sq, sigma: smooth, r: mass},
        note="simplex ETF with noise orthogonal to the classifier, C = 4, lambda = 1/4, sigma = 1/16",
    )
    return around(base, 2)


def twins() -> list[Twin]:
    found = witness()
    kept = 1 - within_class_scatter() / alpha_shift**2
    ignored = le(((q_star() + sigma) / (r + sigma)) ** 2, kept)
    values = {lam: Rational(1, 4), gamma_sq: 100, sigma: Rational(1, 16), r: Rational(1, 5)}
    noisy = around(simplex(4, scale=1, noise=3, values=values), 0)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), found),
        Twin("the ratio to the first power", claim(power=1), found),
        Twin("sigma not subtracted: q*/psi^{-1}(L_reg)", Statement(ignored, HYPOTHESES), found),
        Twin("no bound on the loss", Statement(claim().conclusion, HYPOTHESES[:3]), noisy),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(q_star() / r) ** 2 / 100),  # type: ignore[arg-type]
    )


_decay_mass = optimal_q(value("weight_decay"), value("C"))
_mass = value("smoothing") + _decay_mass
THEOREM = Entry(
    name="label-smoothing-variability",
    title="Within-class variability under label smoothing",
    kind="tight",
    source="this project (2026); label smoothing of Szegedy et al. 2016, section 7",
    says=(
        "With any bias and any vector g, sqrt(1 - nu') >= (q* - sigma)/(psi^{-1}(L_reg) - sigma), q* "
        "= sigma + lambda (C-1)/sqrt(C), nu' = E||h - mu_c||^2/E||h - g||^2: smoothing is subtracted "
        "from both, for it moves the softmax and not the spring."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        1 - (_decay_mass / (psi_inverse(value("L_smoothed"), value("C")) - value("smoothing"))) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("sigma + lambda (C-1)/sqrt(C) <= (C-1)/C", _mass, 1 - 1 / value("C")),
            Condition("L_reg <= log C", value("L_smoothed"), log(value("C"))),
            Condition(
                "psi(q*) <= L_reg, up to rounding (no configuration has less)",
                psi_value(_mass, value("C")),
                value("L_smoothed") * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
)
