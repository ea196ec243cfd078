# SPDX-License-Identifier: MIT
"""The convex program of `simulations.geometry.program`, reduced by the symmetry between equal classes.

Classes of equal count are exchangeable. Let group g have m_g classes of n_g samples, n = sum m_g n_g, and
D = diag(sqrt(n_c)). For a permutation S within groups, Z -> S Z S' changes neither sum_c (n_c/n) CE(Z_c, c)
nor ||D Z||_* (S commutes with D, the norm is unitarily invariant). Both are convex, so the average of Z over
all S is at least as good: the minimum is attained where Z has one diagonal entry d_g, one entry b_gg
elsewhere within the group and one entry b_gh for each ordered pair of groups. The dual (concave, its
constraint convex and invariant) is averaged likewise. Nothing is lost by solving for blocks alone (theorem
averaged-configurations is the averaging, with its remainder).

Block matrices split. With contrast t_g = d_g - b_gg and e_g the unit vector constant on group g,

    D Z = (+)_g sqrt(n_g) t_g (I - J/m_g)  (+)  sum_gh K_gh e_g e_h',
    K_gh = sqrt(n_g) (delta_gh t_g + sqrt(m_g m_h) b_gh),

on orthogonal subspaces on both sides. Singular values: sqrt(n_g)|t_g|, m_g - 1 times each, and those of the
G x G matrix K. The slope of the loss, D(P - I)/n for softmax rows P, is a block matrix as well: its spectral
norm is the larger of max_g sqrt(n_g)(W_g + s_g)/n over m_g > 1 (W_g the probability of all wrong classes, s_g
that of one other class of the same group) and the norm of its own G x G matrix. So a point that meets the
constraint of the reduced dual, ||.||_op <= kappa for both, is feasible for the dual of the full problem, and
its value is a true lower bound there.

Given K the contrasts part company: t_g minimises over t >= 0 (a negative contrast costs loss and norm alike)

    log(1 + (m_g - 1) e^-t + e^{s - (1 - 1/m_g) t}) + kappa' t,   kappa' = (1 - 1/m_g) n kappa / sqrt(n_g),

s the log-sum-exp of K's row. At t = 0 the slope is kappa' - (1 - 1/m_g) whatever s is, so the classes of a
group coincide exactly from n kappa >= sqrt(n_g) on: the threshold of minority collapse (Hong & Ling 2023,
arXiv:2309.09725). Otherwise t is the root of a convex decreasing log-sum-exp, found by Newton's method. One
group alone has K = 0, and t is the closed form of Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1. Groups of
one class each are the full program. The reduction is by this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]


@dataclass(frozen=True, eq=False)
class BlockState:
    """The reduced loss at one K, the contrasts minimised out (their penalty included).

    value: loss and within-group penalty. slope (G, G): its gradient in K. between (G, G): probability of all
    classes of group h for a sample of group g, zero diagonal. outside (G,): its row sums. within (G,): of the
    other classes of the own group. contrast (G,): t_g. tie (G,): weight of the rank-one part of a row's
    Hessian (1 for softmax, more where the contrast moves along).
    """

    value: float
    slope: NDArray[np.float64]
    between: NDArray[np.float64]
    outside: NDArray[np.float64]
    within: NDArray[np.float64]
    contrast: NDArray[np.float64]
    tie: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BlockProgram:
    """counts (G,): samples a class, positive; how_many (G,): classes in the group, >= 1; kappa > 0."""

    counts: NDArray[np.float64]
    how_many: NDArray[np.float64]
    kappa: float

    @cached_property
    def total(self) -> float:
        """n, the number of samples."""
        return float(self.counts @ self.how_many)

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """sqrt(n_g), (G,)."""
        return np.sqrt(self.counts)

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """m_g n_g / n, (G,)."""
        return self.counts * self.how_many / self.total

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """sqrt(n_g m_g m_h), (G, G): K over logits."""
        return self.root[:, None] * np.sqrt(np.outer(self.how_many, self.how_many))

    @cached_property
    def split(self) -> NDArray[np.float64]:
        """1 - 1/m_g, (G,)."""
        return 1.0 - 1.0 / self.how_many

    @cached_property
    def apart(self) -> NDArray[np.bool_]:
        """Groups whose classes do not coincide at the optimum: m_g > 1 and n kappa < sqrt(n_g)."""
        return (self.how_many > 1) & (self.kappa * self.total < self.root)

    @cached_property
    def constant(self) -> NDArray[np.float64]:
        """Unit vector (G,) of the constant vector: K annihilates it."""
        return np.sqrt(self.how_many / self.how_many.sum())

    def zero_is_optimal(self) -> bool:
        """Whether Z = 0 is optimal: the slope there has spectral norm at most kappa."""
        centred = self.root[:, None] * (np.eye(len(self.root)) - np.outer(self.constant, self.constant))
        norm = max(
            float(np.linalg.norm(centred, 2)), float(np.max(self.root[self.how_many > 1], initial=0.0))
        )
        return bool(self.kappa >= norm / self.total)

    def evaluate(self, matrix: NDArray[np.float64]) -> BlockState:
        """Everything at K = ``matrix`` (G, G)."""
        m, w = self.how_many, self.split
        shifted = matrix / self.scale
        shifted = shifted - np.diag(shifted)[:, None] + np.log(m)
        np.fill_diagonal(shifted, -np.inf)
        top = shifted.max(axis=1)
        top = np.where(np.isfinite(top), top, 0.0)
        np.exp(np.subtract(shifted, top[:, None], out=shifted), out=shifted)
        sums = shifted.sum(axis=1)
        with np.errstate(divide="ignore"):
            others, own = np.log(sums) + top, np.log(m - 1.0)
        contrast = self._contrast(others)
        losses = np.logaddexp(0.0, np.logaddexp(own - contrast, others - w * contrast))
        outside, within = np.exp(others - w * contrast - losses), np.exp(own - contrast - losses)
        between = np.multiply(shifted, (outside / np.where(sums > 0.0, sums, 1.0))[:, None], out=shifted)
        slope = between * (self.share[:, None] / self.scale)
        np.fill_diagonal(slope, -outside * self.share / np.diag(self.scale))
        pull = within + w * outside
        bend = np.where(self.apart, within + w**2 * outside - pull**2, 1.0)
        return BlockState(
            value=float(self.share @ losses + self.kappa * ((m - 1.0) * self.root) @ contrast),
            slope=slope,
            between=between,
            outside=outside,
            within=within,
            contrast=contrast,
            tie=1.0 + np.where(self.apart, (pull - w) ** 2 / bend, 0.0),
        )

    def _contrast(self, others: NDArray[np.float64]) -> NDArray[np.float64]:
        """The best t_g, (G,), for the log-sum-exp of the other groups: a convex root, by Newton."""
        contrast, apart = np.zeros_like(others), self.apart
        if not apart.any():
            return contrast
        w, price = self.split[apart], (self.split * self.kappa * self.total / self.root)[apart]
        first = np.log1p(-price) + np.log(self.how_many[apart] - 1.0)
        second = np.log(w - price) + others[apart]
        goal, t = np.log(price), np.zeros(len(w))
        for _ in range(100):  # slopes lie in [-1, -1/2]: a handful suffice
            level = np.logaddexp(first - t, second - w * t)
            part = np.exp(first - t - level)
            step = (level - goal) / (part + w * (1.0 - part))
            t += step
            if np.all(np.abs(step) <= 1e-15 * (1.0 + np.abs(t))):
                break
        contrast[apart] = np.maximum(t, 0.0)
        return contrast

    def curvature(self, state: BlockState, kind: Any = np.float64) -> Callable[[Matrix], Matrix]:
        """The reduced loss's Hessian at ``state`` over kappa: a map of (G, G) matrices of type ``kind``."""
        between, tie = state.between.astype(kind), state.tie.astype(kind)
        into = (1.0 / self.scale).astype(kind)
        out = (self.share[:, None] / (self.kappa * self.scale)).astype(kind)
        own = 1.0 - tie * state.outside.astype(kind)

        def apply(direction: Matrix) -> Matrix:
            moved = direction * into
            moved -= np.diag(moved)[:, None].copy()
            moved *= between
            sums = moved.sum(axis=1)
            moved -= (tie * sums)[:, None] * between
            np.fill_diagonal(moved, -sums * own)
            moved *= out
            return moved

        return apply

    def steepness(self, state: BlockState) -> float:
        """An estimate of the largest curvature of the reduced loss, > 0."""
        rows = np.maximum(state.outside / self.how_many, (state.between / self.how_many).max(axis=1))
        return max(float(rows.max()) / self.total, 1e-300)

    def wrong_of_slope(
        self, slope: NDArray[np.float64], state: BlockState
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities (between, within) of the slope nearest to ``slope`` in norm kappa that has any.

        ``slope`` (G, G): spectral norm at most kappa, constant vector annihilated. Where it asks for negative
        probabilities it is mixed with those of ``state``, shrunk to be feasible.
        """
        between = slope * (self.scale / self.share[:, None])
        np.fill_diagonal(between, 0.0)
        bad = between < 0.0
        if bad.any():
            safe = state.between * min(1.0, self.kappa / max(_norm(state.slope), 1e-300))
            part = float(np.min(safe[bad] / (safe[bad] - between[bad])))
            between = np.maximum(part * between + (1.0 - part) * safe, 0.0)
        outside = between.sum(axis=1)
        room = self.split * (self.kappa * self.total / self.root - outside)
        within = np.where(self.apart, room, np.minimum(state.within, room))
        return between, np.where(self.how_many > 1, within, 0.0)

    def certified(self, between: NDArray[np.float64], within: NDArray[np.float64]) -> float:
        """A true lower bound on the minimum, from any wrong probabilities."""
        return self.dual_value(*self.feasible(between, within))

    def dual_value(self, between: NDArray[np.float64], within: NDArray[np.float64]) -> float:
        """The mean entropy of rows with these wrong probabilities; -inf where they are none."""
        outside = between.sum(axis=1)
        wrong = outside + within
        if not (np.all(within >= 0.0) and np.all(between >= 0.0) and np.all(wrong <= 1.0)):
            return -np.inf
        right = -(1.0 - wrong) * np.log1p(-np.minimum(wrong, 1.0 - 1e-16))
        spread = within * np.log(np.maximum(self.how_many - 1.0, 1.0)) + between @ np.log(self.how_many)
        return float(
            self.share @ (right + spread - xlogy(within, within) - xlogy(between, between).sum(axis=1))
        )

    def feasible(
        self, between: NDArray[np.float64], within: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The point shrunk to be dual feasible: the norms are taken afresh, and rounded up."""
        slope = between * (self.share[:, None] / self.scale)
        np.fill_diagonal(slope, -between.sum(axis=1) * self.share / np.diag(self.scale))
        single = self.root * (between.sum(axis=1) + within / np.maximum(self.split, 0.5)) / self.total
        norm = max(_norm(slope), float(np.max(single[self.how_many > 1], initial=0.0)))
        factor = min(1.0, self.kappa / max(norm * (1.0 + 4e-16 * (4 + len(slope))), 1e-300))
        return factor * between, factor * within


def _norm(matrix: NDArray[np.float64]) -> float:
    """Spectral norm to rounding, from the largest eigenvalue of the Gram matrix (a tenth of an SVD); scaled
    first, for a Gram matrix of tiny entries would underflow and any point look feasible."""
    size = float(np.abs(matrix).max(initial=0.0))
    if size == 0.0:
        return 0.0
    scaled = matrix / size
    return size * float(np.sqrt(max(np.linalg.eigvalsh(scaled @ scaled.T)[-1], 0.0)))
