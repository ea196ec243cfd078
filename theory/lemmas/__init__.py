# SPDX-License-Identifier: MIT
"""Statements that several theorems use, proved once per process.

cross_entropy   the identity, Gibbs' inequality, what a loss says of the mean margin (re-exported here)
cosines         the tangent of phi(T v^{5/2}), and what a loss says of cosines
polar           classifier rows and features split into norms and directions
weight_decay    the same at the norms that a weight decay prefers
published       the published bounds as "there are constants such that ..."
expansions      second-order expansions, derived by SymPy for the kernel to check
"""

from theory.lemmas.cross_entropy import (
    alignment_is_about_means,
    cross_entropy_identity,
    dual_bound,
    gibbs,
    margin_of_loss,
    mean_dual_bound,
    mean_gibbs,
    mean_identity,
    mean_margin,
    scalar_bound,
    scatter_decomposition,
)

__all__ = [
    "alignment_is_about_means",
    "cross_entropy_identity",
    "dual_bound",
    "gibbs",
    "margin_of_loss",
    "mean_dual_bound",
    "mean_gibbs",
    "mean_identity",
    "mean_margin",
    "scalar_bound",
    "scatter_decomposition",
]
