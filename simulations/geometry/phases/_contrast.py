# SPDX-License-Identifier: MIT
"""Certificates that equal classes coincide, or do not, at every optimum of the cross-entropy models.

Let X = diag(r) Z, r the norm weights (sqrt(n_c) where every sample pays its decay), and

    F(Z) = sum_c pi_c CE(Z_c, c) + kappa ||X||_*.

For every row-stochastic P > 0, lse(z) >= entropy(p) + <p, z> gives, with G = diag(pi/r)(I - P),

    sum_c pi_c CE(Z_c, c) >= E - <G, X>,    E = sum_c pi_c entropy(p_c),                                  (1)

so min F >= E if ||G||_op <= kappa; and if sum pi CE is to be minimised under ||X||_* <= R instead,
min >= E - R ||G||_op. Mixing P with the identity scales G: (1-t) I + t P gives t G.

Let Pi project on the contrasts of the group (vectors on its classes that sum to zero); P is averaged over the
group's permutations, so that G commutes with Pi.

Coincide. Let g = ||Pi G Pi||_op < kappa, and F(Z) <= U, X = sum s_k u_k v_k'. Splitting u_k and v_k by Pi and
using |Pi u_k|, |Pi v_k| and their complements, u' G v <= |G u| <= kappa sqrt(1 - |Pi u|^2 (1 - (g/kappa)^2)),
and the same for v, so by (1)

    sum_k s_k |Pi u_k|^2,  sum_k s_k |Pi v_k|^2  <=  2 (U - E)/(kappa (1 - (g/kappa)^2)).                 (2)

These are the squared contrasts of the class means and of the classifier rows (balanced factors, each
paying half of kappa ||X||_*). At the minimum U - E is the duality gap: the contrasts vanish with it, for any
minimiser. Under a constraint put kappa = ||G||_op: R kappa >= kappa ||X||_* stands for the penalty.

Do not coincide. Where the group's rows and means coincide, X = (I-Pi) X (I-Pi), so (1) gives the bound E (or
E - R ||.||) already if ||(I-Pi) G (I-Pi)||_op <= kappa. A bound above the value of some point proves that no
minimiser has coinciding classes. P comes from minimising F over coinciding classes, and any P would do.

Sources: the bound (1), theorem imbalanced-least-loss; the strict forms, this project (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

ROUNDING = 1e-13  # relative, of values and bounds
FACTORS = (1.0, 0.998, 0.995, 0.99, 0.98, 0.96, 0.92, 0.85, 1.005, 1.02, 1.05)  # on a guessed multiplier


@dataclass(frozen=True, eq=False)
class Groups:
    """share pi (C,) and norm weights r (C,), equal within a group; label (C,): the group of a class."""

    share: Matrix
    root: Matrix
    label: NDArray[np.int64]

    def contrasts(self, group: int) -> Matrix:
        """Pi (C, C)."""
        inside = (self.label == group).astype(float)
        return np.diag(inside) - np.outer(inside, inside) / inside.sum()

    def slope(self, probabilities: Matrix) -> Matrix:
        """G (C, C)."""
        return (self.share / self.root)[:, None] * (np.eye(len(self.share)) - probabilities)

    def entropy(self, probabilities: Matrix) -> float:
        """E, in nats."""
        return float(-self.share @ xlogy(probabilities, probabilities).sum(axis=1))

    def probabilities(self, logits: Matrix) -> Matrix:
        """Softmax rows (C, C), averaged over the permutations within groups."""
        soft = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        member = (self.label[:, None] == np.arange(self.label.max() + 1)).astype(float)
        sizes = member.sum(axis=0)
        own = (np.diag(soft) @ member) / sizes
        total = member.T @ (soft - np.diag(np.diag(soft))) @ member
        pairs = np.outer(sizes, sizes) - np.diag(sizes)
        between = total / np.where(pairs > 0.0, pairs, 1.0)
        found = member @ between @ member.T
        np.fill_diagonal(found, member @ own)
        return np.asarray(found / found.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Contrast:
    """gap: value minus the bound (1), plus an allowance for the rounding of both. margin: 1 - g/kappa, how
    strictly the group's contrasts are refused. size: the right side of (2), infinite where the margin is not
    positive; the allowance makes it large where the margin is nothing but rounding."""

    gap: float
    margin: float
    size: float


def norm(matrix: Matrix) -> float:
    """Largest singular value."""
    return float(np.linalg.norm(matrix, 2))


def mixed(probabilities: Matrix, scale: float) -> Matrix:
    """P for which G is multiplied by ``scale`` in [0, 1]."""
    return (1.0 - scale) * np.eye(len(probabilities)) + scale * probabilities


def contrast(groups: Groups, group: int, probabilities: Matrix, value: float, kappa: float) -> Contrast:
    """The statement (2) for a point of objective ``value`` (penalised form)."""
    feasible = mixed(probabilities, min(1.0, kappa / norm(groups.slope(probabilities))))
    return _strict(groups, group, feasible, value, groups.entropy(feasible), kappa)


def contrast_within(
    groups: Groups, group: int, probabilities: Matrix, value: float, radius: float
) -> tuple[Contrast, float]:
    """The statement (2) for a loss ``value`` under ||X||_* <= radius, and kappa = ||G||_op."""
    kappa = norm(groups.slope(probabilities))
    bound = groups.entropy(probabilities) - radius * kappa
    return _strict(groups, group, probabilities, value, bound, kappa), kappa


def _strict(
    groups: Groups, group: int, probabilities: Matrix, value: float, bound: float, kappa: float
) -> Contrast:
    gap = max(value - bound, 0.0) + ROUNDING * max(1.0, value)
    project = groups.contrasts(group)
    ratio = norm(project @ groups.slope(probabilities) @ project) / kappa
    size = 2.0 * gap / (kappa * (1.0 - ratio**2)) if ratio < 1.0 else np.inf
    return Contrast(gap, 1.0 - ratio, float(size))


def coinciding_bound(groups: Groups, group: int, kappa: float) -> float:
    """A lower bound of F over all configurations in which the group's rows and means coincide."""
    probabilities = _coinciding_probabilities(groups, group, kappa)
    scale = min(1.0, kappa / _outside(groups, group, probabilities))
    return groups.entropy(mixed(probabilities, scale))


def coinciding_bound_within(
    groups: Groups, group: int, kappa: float, radius: float, *, enough: float
) -> float:
    """A lower bound of the loss under ||X||_* <= radius where the group coincides.

    kappa: a guess of the multiplier. It is tried first, then values ever farther from it, each of which gives
    a bound, until one is above ``enough``; the best one otherwise.
    """
    best = -np.inf
    for factor in FACTORS:
        probabilities = _coinciding_probabilities(groups, group, factor * kappa)
        best = max(best, groups.entropy(probabilities) - radius * _outside(groups, group, probabilities))
        if best > enough:
            break
    return best


def _outside(groups: Groups, group: int, probabilities: Matrix) -> float:
    rest = np.eye(len(groups.share)) - groups.contrasts(group)
    return norm(rest @ groups.slope(probabilities) @ rest)


def _coinciding_probabilities(groups: Groups, group: int, kappa: float) -> Matrix:
    """Softmax rows at the best configuration found in which the group coincides: quasi-Newton on factors
    X = U V', the group sharing one row of U and one of V."""
    C = len(groups.share)
    first = int(np.flatnonzero(groups.label == group)[0])
    index = np.unique(np.where(groups.label == group, first, np.arange(C)), return_inverse=True)[1]
    size = int(index.max()) + 1
    gather = (index[None, :] == np.arange(size)[:, None]).astype(float)

    def logits(flat: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        left, right = (part[index] for part in flat.reshape(2, size, size))
        return left, right, (left @ right.T) / groups.root[:, None]

    def objective(flat: Matrix) -> tuple[float, Matrix]:
        left, right, scores = logits(flat)
        lse = logsumexp(scores, axis=1)
        slope = groups.slope(np.exp(scores - lse[:, None]))
        value = groups.share @ (lse - np.diag(scores)) + 0.5 * kappa * (np.sum(left**2) + np.sum(right**2))
        gradient = (gather @ (kappa * left - slope @ right), gather @ (kappa * right - slope.T @ left))
        return float(value), np.stack(gradient).ravel()

    scale = np.sqrt(groups.root.max())
    start = np.stack([np.eye(size) * scale, (np.eye(size) - 1.0 / size) * scale]).ravel()
    start += 1e-3 * scale * np.random.default_rng(0).normal(size=start.shape)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 3000, "ftol": 1e-16, "gtol": 1e-10}
    )
    return groups.probabilities(logits(found.x)[2])
