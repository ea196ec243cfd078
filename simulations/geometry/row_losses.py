# SPDX-License-Identifier: MIT
"""Losses as the solvers need them: all classes at once, one row of logits a class, with slope and curvature.

Row c of Z (C, C) holds the logits of class c, whose true class is c. Every class below has

    slope(Z)           the loss of every row and its gradient d loss(Z_c, c) / d Z_c, (C,) and (C, C)
    curvature(Z)       a function dZ -> the change of the gradient, (C, C) -> (C, C)
    constant(share, b) the best bias when all features are zero and the gradient there, (C,) and (C, C)
    shift_invariant    whether a constant added to a row changes nothing
    form               the loss's own object, as `simulations.geometry.duals` takes it

Diagonals of slopes are minus the sum of the others where the loss is shift invariant, so that tiny losses
keep their relative precision. Conjugates are in `simulations.geometry.duals`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulations import losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.losses import Loss

    Array = NDArray[np.float64]


class RowLoss(Protocol):
    """See the module's docstring."""

    @property
    def shift_invariant(self) -> bool: ...

    @property
    def form(self) -> Loss: ...

    def slope(self, logits: Array) -> tuple[Array, Array]: ...

    def curvature(self, logits: Array) -> Callable[[Array], Array]: ...

    def constant(self, share: Array, bias_decay: float | None) -> tuple[Array, Array]: ...


def _close(wrong: Array) -> Array:
    """The matrix with its diagonal, taken to be zero, set so that rows sum to zero; in place."""
    np.fill_diagonal(wrong, -wrong.sum(axis=1))
    return wrong


@dataclass(frozen=True, eq=False)
class SoftmaxRows:
    """Cross-entropy with label smoothing: targets (1 - smoothing) e_c + smoothing/C; plain at smoothing 0."""

    smoothing: float = 0.0
    shift_invariant: bool = True

    @cached_property
    def form(self) -> Loss:
        """The loss's own object."""
        return losses.get("label-smoothing", smoothing=self.smoothing)

    def _wrong(self, logits: Array) -> tuple[Array, Array, Array]:
        """Probabilities with the diagonal zero, plain cross-entropies, and logits less the true one."""
        relative = logits - np.diagonal(logits)[:, None]
        exponentials = relative.copy()
        np.fill_diagonal(exponentials, -np.inf)
        top = np.maximum(exponentials.max(axis=1), 0.0)
        exponentials -= top[:, None]
        np.exp(exponentials, out=exponentials)
        others = exponentials.sum(axis=1)
        total = np.exp(-top) + others
        entropy = np.where(top > 0.0, top + np.log(total), np.log1p(others))
        exponentials /= total[:, None]
        return exponentials, entropy, relative

    def slope(self, logits: Array) -> tuple[Array, Array]:
        """The loss, accurate to relative precision when it is tiny, and softmax minus target."""
        wrong, entropy, relative = self._wrong(logits)
        if self.smoothing:
            share = self.smoothing / len(logits)
            entropy = entropy - share * relative.sum(axis=1)
            wrong -= share
            np.fill_diagonal(wrong, 0.0)
        return entropy, _close(wrong)

    def curvature(self, logits: Array) -> Callable[[Array], Array]:
        """(diag p - p p') dz for every row."""
        wrong, _, _ = self._wrong(logits)

        def apply(change: Array) -> Array:
            relative = change - np.diagonal(change)[:, None]
            relative -= np.einsum("ij,ij->i", wrong, relative)[:, None]
            relative *= wrong
            return _close(relative)

        return apply

    def constant(self, share: Array, bias_decay: float | None) -> tuple[Array, Array]:
        """softmax(b) = mean target - bias_decay b: no bias gives 0, free bias the log of the mean target."""
        C = len(share)
        bias = np.zeros(C)
        if bias_decay is not None:
            mean = (1.0 - self.smoothing) * share + self.smoothing / C
            bias = np.log(mean)
            bias -= bias.mean()
            if bias_decay > 0.0:
                bias = _regularised_bias(mean, bias_decay, bias)
        return bias, self.slope(np.tile(bias, (C, 1)))[1]


def _regularised_bias(mean: Array, decay: float, start: Array) -> Array:
    """Minimise logsumexp(b) - <mean, b> + (decay/2)||b||^2 by Newton steps with halving."""
    C = len(mean)

    def value(bias: Array) -> float:
        top = bias.max()
        return float(top + np.log(np.exp(bias - top).sum()) - mean @ bias + 0.5 * decay * bias @ bias)

    bias, before = min((start, np.zeros(C)), key=value), np.inf
    for _ in range(100):
        p = np.exp(bias - bias.max())
        p /= p.sum()
        gradient = p - mean + decay * bias
        size, here = float(np.linalg.norm(gradient)), value(bias)
        if size <= 1e-16 or size >= before <= 1e-9:  # the second: no more digits
            break
        step = np.linalg.solve(np.diag(p) - np.outer(p, p) + decay * np.eye(C), -gradient)
        length, before = 1.0, size
        while value(bias + length * step) > here + 1e-14 * abs(here) and length > 1e-9:
            length *= 0.5
        bias = bias + length * step
    return np.asarray(bias - bias.mean())


@dataclass(frozen=True, eq=False)
class SquaredRows:
    """Half the squared distance to the one-hot label, ||z - e_c||^2 / 2."""

    shift_invariant: bool = False

    @cached_property
    def form(self) -> Loss:
        """The loss's own object."""
        return losses.get("squared-error")

    def slope(self, logits: Array) -> tuple[Array, Array]:
        """The loss, and z - e_c."""
        residual = logits - np.eye(len(logits))
        return 0.5 * np.einsum("ij,ij->i", residual, residual), residual

    def curvature(self, logits: Array) -> Callable[[Array], Array]:
        """The identity."""
        return lambda change: change

    def constant(self, share: Array, bias_decay: float | None) -> tuple[Array, Array]:
        """b = share / (1 + bias_decay)."""
        bias = np.zeros(len(share)) if bias_decay is None else share / (1.0 + bias_decay)
        return bias, np.tile(bias, (len(share), 1)) - np.eye(len(share))


@dataclass(frozen=True, eq=False)
class HingeRows:
    """Multi-margin (1/C) sum_{j != c} max(0, 1 + z_j - z_c), each hinge smoothed about a multiplier.

    max(0, s) becomes max over 0 <= v <= 1 of v s - (width/2)(v - u)^2, from below by at most width/2; it is
    the augmented Lagrangian of the hinge (Rockafellar 1976, Math. Oper. Res. 1(2)). multipliers u (C, C), off
    the diagonal in [0, 1]. The smoothed slopes lie in the domain of the loss's own conjugate.
    """

    multipliers: Array
    width: float
    shift_invariant: bool = True

    @cached_property
    def form(self) -> Loss:
        """The loss's own object."""
        return losses.get("multi-margin")

    def chosen(self, logits: Array) -> tuple[Array, Array]:
        """The maximising v, zero on the diagonal, and s = 1 + z_j - z_c."""
        hinge = 1.0 + logits - np.diagonal(logits)[:, None]
        v = np.clip(self.multipliers + hinge / self.width, 0.0, 1.0)
        np.fill_diagonal(v, 0.0)
        return v, hinge

    def slope(self, logits: Array) -> tuple[Array, Array]:
        """The smoothed loss, and v/C closed on the diagonal."""
        v, hinge = self.chosen(logits)
        away = v - self.multipliers
        np.fill_diagonal(away, 0.0)
        value = np.einsum("ij,ij->i", v, hinge) - 0.5 * self.width * np.einsum("ij,ij->i", away, away)
        return value / len(logits), _close(v / len(logits))

    def curvature(self, logits: Array) -> Callable[[Array], Array]:
        """1/(C width) on the hinges between their ends."""
        v, _ = self.chosen(logits)
        active = ((v > 0.0) & (v < 1.0)) / (len(logits) * self.width)

        def apply(change: Array) -> Array:
            return _close(active * (change - np.diagonal(change)[:, None]))

        return apply

    def constant(self, share: Array, bias_decay: float | None) -> tuple[Array, Array]:
        """Bias zero and the gradient there, which is that of cross-entropy, whatever bias_decay is:
        the best constant bias sits at a kink, where the gradient is not unique."""
        C = len(share)
        return np.zeros(C), np.full((C, C), 1.0 / C) - np.eye(C)
