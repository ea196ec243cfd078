# SPDX-License-Identifier: MIT
"""Statements that several theorems use.  Each function returns a kernel theorem (proved once per process)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import exp

from theory.definitions import (
    alignment,
    cross_entropy,
    kl,
    logit,
    loss,
    lse,
    margin,
    mean_square_class_means,
    mean_square_features,
    mean_square_weights,
    mu,
    phi,
    psi,
    q,
    within_class_scatter,
    wt,
)
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, c, d, i, j, k, p, tau, z


@lru_cache
def cross_entropy_identity() -> Theorem:
    """CE = KL(P_p || softmax z) + psi(p) - p t, for every p > 0, sample and logits (an identity)."""
    goal = eq(cross_entropy(), kl(p) + psi(p) - p * margin())
    return combine(goal, label="expand the KL divergence")


@lru_cache
def gibbs() -> Theorem:
    """p < 1 |- 0 <= KL(P_p || softmax z), from log x <= x - 1."""
    below = assume(lt(p, 1))
    total = lse()
    own = log_tangent(
        exp(z(c, i, c) - total) / (1 - p), facts=[below], label="log x <= x - 1 at the true class"
    )
    wrong = average(
        log_tangent(exp(z(c, i, j) - total) * (C - 1) / p, label="log x <= x - 1 at a wrong class"),
        j,
        excluding=c,
        label="mean over the wrong classes",
    )
    split = apply(
        "log_product", a=exp(z(c, i, c) - total) / (1 - p), b=1 - p, facts=[below], label="log of a quotient"
    )
    return combine(
        le(0, kl(p)),
        {own: 1 - p, wrong: p, split: 1 - p},
        facts=[below],
        label="Gibbs: softmax probabilities sum to 1",
    )


@lru_cache
def dual_bound() -> Theorem:
    """p < 1 |- psi(p) - p t <= CE for every sample."""
    return combine(
        le(psi(p) - p * margin(), cross_entropy()),
        {cross_entropy_identity(): -1, gibbs(): 1},
        label="drop the KL divergence",
    )


@lru_cache
def scalar_bound() -> Theorem:
    """phi(t) <= CE with t the sample's own margin: the dual bound at p = q(t)."""
    own = margin()
    at_q = instantiate(dual_bound(), {p: q(own)}, label="p := q(t)")
    return combine(le(phi(own), cross_entropy()), {at_q: 1}, label="psi(q(t)) - q(t) t = phi(t)")


@lru_cache
def mean_margin(logits: Any = logit) -> Theorem:
    """E t = C/(C-1) E<w_c - wbar, h>: bias and wbar drop out of the mean margin."""
    return combine(eq(Mean(margin(logits), c, i), C / (C - 1) * alignment()), label="bias cancels on average")


@lru_cache
def mean_identity(logits: Any = logit) -> Theorem:
    """L = E KL(P_p || softmax z) + psi(p) - p C/(C-1) E<w~_c, h>."""
    sample = instantiate(
        cross_entropy_identity(),
        functions={z: ((c, i, j), logits(c, i, j))},
        label="logits of a linear classifier",
    )
    goal = eq(loss(logits), Mean(kl(p, logits), c, i) + psi(p) - p * C / (C - 1) * alignment())
    return combine(
        goal,
        {average(sample, c, i, label="E over samples"): 1, mean_margin(logits): -p},
        label="the mean margin",
    )


@lru_cache
def mean_gibbs(logits: Any = logit) -> Theorem:
    """p < 1 |- 0 <= E KL(P_p || softmax z)."""
    sample = instantiate(gibbs(), functions={z: ((c, i, j), logits(c, i, j))}, label="logits of a classifier")
    return combine(le(0, Mean(kl(p, logits), c, i)), {average(sample, c, i): 1}, label="E over samples")


@lru_cache
def mean_dual_bound(logits: Any = logit) -> Theorem:
    """p < 1 |- psi(p) - p C/(C-1) E<w~_c, h> <= L."""
    return combine(
        le(psi(p) - p * C / (C - 1) * alignment(), loss(logits)),
        {mean_identity(logits): -1, mean_gibbs(logits): 1},
        label="drop the KL divergence",
    )


@lru_cache
def margin_of_loss(logits: Any = logit) -> Theorem:
    """L <= phi(tau) |- tau <= C/(C-1) E<w~_c, h>: a loss forces a mean margin."""
    small = assume(le(loss(logits), phi(tau)))
    at_tau = instantiate(mean_dual_bound(logits), {p: q(tau)}, label="p := q(tau)")
    goal = le(tau, C / (C - 1) * alignment())
    return combine(goal, {at_tau: 1 / q(tau), small: 1 / q(tau)}, label="psi(q(tau)) = phi(tau) + tau q(tau)")


@lru_cache
def scatter_decomposition() -> Theorem:
    """E||h - mu_c||^2 = E||h||^2 - (1/C) sum ||mu_c||^2."""
    return combine(
        eq(within_class_scatter(), mean_square_features() - mean_square_class_means()),
        label="variance decomposition",
    )


@lru_cache
def alignment_is_about_means() -> Theorem:
    """(E<w~_c, h>)^2 <= (1/C) sum ||w~_c||^2 (1/C) sum ||mu_c||^2."""
    schwarz = apply(
        "cauchy_schwarz", u=wt(c, k), v=mu(c, k), over=(c, k), label="over classes and coordinates"
    )
    goal = le(alignment() ** 2, mean_square_weights() * mean_square_class_means())
    return combine(goal, {schwarz: d**2}, label="E<w~_c, h> = E<w~_c, mu_c>")
