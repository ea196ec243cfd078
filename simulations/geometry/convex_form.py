# SPDX-License-Identifier: MIT
"""The convex form of the unconstrained-features model for any convex loss, with its certificate.

With kappa = sqrt(weight_decay * feature_decay) and D = diag(sqrt(n_c)) the least objective is that of

    minimise over Z (C, C), b (C,)   sum_c (n_c/n) loss_c(Z_c + b) + kappa ||D Z||_* + (beta/2) ||b||^2,

beta = 0 for a free bias, b = 0 for none (Zhu et al. 2021, arXiv:2105.02375; Zhou et al. 2022,
arXiv:2203.01238).

Certificate: `simulations.geometry.duals` moves any guess of the gradients of the C rows into the dual
feasible set, explicitly, and the dual objective there is a lower bound on the minimum in every feature
dimension, tight at the gradients of an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.duals import feasible_rows, row_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.row_losses import RowLoss
    from simulations.geometry.solvers import Problem

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bound:
    """A certified lower bound on the minimum, and the feasible dual G (C, C) that proves it."""

    value: float
    slope: Array


@dataclass(frozen=True, eq=False)
class Convex:
    """The convex form of one problem for one row loss."""

    problem: Problem
    loss: RowLoss

    @cached_property
    def share(self) -> Array:
        """n_c / n, (C,)."""
        return self.problem.counts / self.problem.counts.sum()

    @cached_property
    def root(self) -> Array:
        """sqrt(n_c), (C,)."""
        return np.sqrt(self.problem.counts)

    @cached_property
    def kappa(self) -> float:
        """sqrt(weight_decay * feature_decay), root by root so that tiny decays do not underflow."""
        return float(np.sqrt(self.problem.weight_decay) * np.sqrt(self.problem.feature_decay))

    @property
    def full_rank(self) -> int:
        """A rank that some optimum does not exceed."""
        C, free = len(self.root), self.problem.bias_decay == 0.0
        return C - 1 if self.loss.shift_invariant or free else C

    @cached_property
    def constant(self) -> tuple[Array, Array]:
        """The best bias without features, and the gradient of the rows there."""
        return self.loss.constant(self.share, self.problem.bias_decay)

    def operator_norm(self, slope: Array) -> float:
        """|| D G ||_op / n, which must not exceed kappa."""
        scaled = (self.root / self.problem.counts.sum())[:, None] * slope
        return float(np.linalg.norm(scaled, 2)) if np.all(np.isfinite(scaled)) else np.nan

    def bound(self, slope: Array) -> Bound:
        """The dual objective at ``slope`` (C, C) made feasible; with a regularised bias the better one of
        that and of the one for a free bias, whose minimum is no larger."""
        if not np.all(np.isfinite(slope)):
            return Bound(-np.inf, slope)
        decay = self.problem.bias_decay
        kinds = {decay, 0.0} if decay else {decay}
        return max((self._bound(slope, kind) for kind in kinds), key=lambda bound: bound.value)

    def _bound(self, slope: Array, decay: float | None) -> Bound:
        form, counts = self.loss.form, self.problem.counts
        feasible = feasible_rows(form, slope, counts=counts, kappa=self.kappa, bias_decay=decay)
        total = float(self.share @ row_values(form, feasible))
        if decay:
            total -= 0.5 * float(np.square(self.share @ feasible).sum()) / decay
        return Bound(total, feasible)
