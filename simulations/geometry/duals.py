# SPDX-License-Identifier: MIT
"""The Fenchel dual of the unconstrained-features model for every loss, with or without a bias.

Merging the decays, kappa = sqrt(weight_decay feature_decay), with share_c = n_c/n and D = diag(sqrt(n_c)),
the convex program is

    P = min over Z (C, C), b (C,):  sum_c share_c loss_c(Z_c + b) + kappa ||D Z||_* + (bias_decay/2) ||b||^2

(Zhu et al. 2021, arXiv:2105.02375; one bias for all samples). For any rows A = (a_c), each a candidate for
the gradient of loss_c in its logits, loss_c(u) >= <a_c, u> - loss_c*(a_c) (Fenchel-Young), so P is at least
the minimum over Z and b of

    sum_c share_c (<a_c, Z_c> - loss_c*(a_c)) + kappa ||D Z||_* + <s, b> + (bias_decay/2) ||b||^2,

s = sum_c share_c a_c. With G the gradient in D Z, rows (sqrt(n_c)/n) a_c, the first and third term are at
least (kappa - ||G||_op) ||D Z||_*, and the last two at least -||s||^2/(2 bias_decay). Hence

    P >= sum_c share_c (-loss_c*(a_c)) - ||s||^2/(2 bias_decay)   whenever ||G||_op <= kappa and every a_c is
                                                                  in the domain of loss_c*,

without the last term where there is no bias, and with s = 0 instead where the bias is free. Equality holds at
the optimum (strong duality; all losses are finite everywhere). The conjugates, y = c the true class:

    cross-entropy, label smoothing   loss = logsumexp(u) - <q, u>, q the target (unit vector, smoothed):
        -loss*(a) = entropy of p = a + q; domain: p a probability vector.
    multi-margin   loss = (1/C) sum_{j != y} max(0, 1 + u_j - u_y), maximised over u_j - u_y one by one:
        -loss*(a) = sum_{j != y} a_j; domain: 0 <= a_j <= 1/C for j != y, sum of all a_j zero.
    squared error  loss = ||u - e_y||^2/2:
        -loss*(a) = -||a||^2/2 - a_y; domain: all.

Every domain is convex and holds a = 0, so scaling a feasible A by a number in [0, 1] keeps it feasible. The
functions here take any finite A, move it into the feasible set and return the bound in floating point: true
up to rounding. `simulations.geometry.rigorous` makes it a theorem by ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from simulations import losses
from simulations.errors import InputError
from simulations.geometry.checks import checked_bias_decay, checked_counts, checked_positive
from simulations.geometry.program import entropies

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Domain", "domain_of", "dual_norm", "dual_value", "feasible_rows", "has_dual", "row_values"]

Kind = Literal["entropic", "capped", "quadratic"]
ENTROPIC: Final = "entropic"
CAPPED: Final = "capped"
QUADRATIC: Final = "quadratic"


@dataclass(frozen=True)
class Domain:
    """Where the conjugate of a loss is finite: all rows, or lower <= a <= upper with row sums zero.

    kind: "entropic" (cross-entropy and label smoothing), "capped" (multi-margin), "quadratic" (squared
    error, no bounds). smoothing: of the label, 0 for the others.
    """

    kind: Kind
    smoothing: float = 0.0

    def bounds(self, C: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper, (C, C) each, the true class of row c on the diagonal; infinite if quadratic."""
        if self.kind == ENTROPIC:
            target = (1.0 - self.smoothing) * np.eye(C) + self.smoothing / C
            return -target, 1.0 - target
        if self.kind == CAPPED:
            return -np.eye(C), (1.0 - np.eye(C)) / C
        return np.full((C, C), -np.inf), np.full((C, C), np.inf)

    def centre(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows strictly inside the bounds with s = 0: a multiple of share - e_c in row c, (C, C)."""
        scale = {ENTROPIC: 1.0 - self.smoothing, CAPPED: 0.5 / (len(share) * share.max()), QUADRATIC: 0.0}
        return scale[self.kind] * (share - np.eye(len(share)))


_DOMAINS: dict[str, Callable[[losses.Loss], Domain]] = {
    "cross-entropy": lambda loss: Domain(ENTROPIC),
    "label-smoothing": lambda loss: Domain(ENTROPIC, float(getattr(loss, "smoothing", 0.0))),
    "multi-margin": lambda loss: Domain(CAPPED),
    "squared-error": lambda loss: Domain(QUADRATIC),
}


def has_dual(loss: str | losses.Loss) -> bool:
    """Whether the loss's conjugate is known here."""
    return losses.resolve(loss).name in _DOMAINS


def domain_of(loss: str | losses.Loss) -> Domain:
    """The domain of the loss's conjugate. Raises InputError for a loss whose conjugate is not known here."""
    known = losses.resolve(loss)
    if known.name not in _DOMAINS:
        raise InputError(
            f"duals: received loss = {known.name!r}, whose conjugate is not known; known: "
            f"{', '.join(sorted(_DOMAINS))}."
        )
    return _DOMAINS[known.name](known)


def dual_value(
    loss: str | losses.Loss,
    rows: ArrayLike,
    *,
    counts: ArrayLike,
    kappa: float,
    bias_decay: float | None = None,
) -> float:
    """A lower bound on the minimum of the model, in every feature dimension, from any finite rows (C, C).

    rows: row c a guess of the gradient of class c's loss in its logits, not weighted by the counts; tight at
    the optimal ones. counts (C,): positive integers. kappa = sqrt(weight_decay feature_decay) > 0.
    bias_decay: None for no bias, 0 for a free one, positive for (bias_decay/2)||b||^2.
    Raises InputError on bad input. True up to rounding; derivation above.
    """
    sizes = checked_counts("dual_value", counts)
    feasible = feasible_rows(loss, rows, counts=sizes, kappa=kappa, bias_decay=bias_decay)
    share = sizes / sizes.sum()
    value = float(share @ row_values(loss, feasible))
    return value - 0.5 * float(np.sum((share @ feasible) ** 2)) / bias_decay if bias_decay else value


def feasible_rows(
    loss: str | losses.Loss,
    rows: ArrayLike,
    *,
    counts: ArrayLike,
    kappa: float,
    bias_decay: float | None = None,
) -> NDArray[np.float64]:
    """Rows (C, C) moved into the dual feasible set (up to rounding); feasible ones do not move.

    First into the domain, row by row; with a free bias, s is subtracted and the rows are mixed with
    `Domain.centre` as far as the bounds ask; last, all are scaled until ||G||_op <= kappa. Squared error has
    no bounds, so there the singular values above kappa are cut off instead. Arguments as in `dual_value`.
    """
    domain = domain_of(loss)
    sizes = checked_counts("dual_value", counts)
    checked_positive("dual_value", "kappa", kappa)
    free = checked_bias_decay("dual_value", bias_decay) == 0.0
    inside = _into_domain(domain, _checked_rows(rows, len(sizes)))
    if free:
        inside = _balanced(domain, inside, sizes / sizes.sum())
    weights = (np.sqrt(sizes) / sizes.sum())[:, None]
    if domain.kind == QUADRATIC:
        left, values, right = np.linalg.svd(weights * inside, full_matrices=False)
        if values[0] <= kappa:
            return inside
        cut = np.asarray((left * np.minimum(values, kappa)) @ right / weights)
        # Subtracting s is a projection of G, so it does not raise the norm again.
        return _balanced(domain, cut, sizes / sizes.sum()) if free else cut
    norm = float(np.linalg.norm(weights * inside, 2))
    return inside if norm <= kappa else inside * (kappa / norm)


def row_values(loss: str | losses.Loss, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """-loss_c*(a_c) of every row, (C,), for rows (C, C) inside the domain (see `feasible_rows`)."""
    domain, C = domain_of(loss), len(rows)
    wrong = rows[~np.eye(C, dtype=bool)].reshape(C, C - 1)
    if domain.kind == QUADRATIC:
        return np.asarray(-0.5 * np.square(rows).sum(axis=1) - np.diag(rows))
    if domain.kind == CAPPED:
        return np.asarray(wrong.sum(axis=1))
    return entropies(np.maximum(wrong + domain.smoothing / C, 0.0))


def dual_norm(rows: NDArray[np.float64], counts: ArrayLike) -> float:
    """||G||_op, G having the rows (sqrt(n_c)/n) a_c: feasible where it is at most kappa."""
    sizes = np.asarray(counts, dtype=np.float64)
    return float(np.linalg.norm((np.sqrt(sizes) / sizes.sum())[:, None] * rows, 2))


def _into_domain(domain: Domain, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wrong entries cut to their bounds and scaled until the true one, minus their sum, meets its own."""
    if domain.kind == QUADRATIC:
        return rows
    C = len(rows)
    lower, upper = domain.bounds(C)
    room = np.clip(rows, lower, upper) - lower
    np.fill_diagonal(room, 0.0)
    most = -lower.sum(axis=1)  # 1 for every loss: what the wrong entries can hold above their lower bounds
    room *= np.minimum(1.0, most / np.maximum(room.sum(axis=1), most))[:, None]
    return _with_zero_sums(room + lower)


def _balanced(domain: Domain, rows: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows with sum_c share_c a_c = 0: that sum subtracted, then mixed with the centre into the bounds."""
    rows = rows - share @ rows
    if domain.kind == QUADRATIC:
        return rows
    lower, upper = domain.bounds(len(rows))
    centre = domain.centre(share)
    excess = float(max(np.max((lower - rows) / (centre - lower)), np.max((rows - upper) / (upper - centre))))
    mix = max(excess, 0.0) / (1.0 + max(excess, 0.0))
    return _with_zero_sums((1.0 - mix) * rows + mix * centre)


def _with_zero_sums(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The true class's entry replaced by minus the sum of the others."""
    rows = np.array(rows)
    np.fill_diagonal(rows, 0.0)
    np.fill_diagonal(rows, -rows.sum(axis=1))
    return rows


def _checked_rows(rows: ArrayLike, C: int) -> NDArray[np.float64]:
    try:
        array = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (C, C):
        raise InputError(
            f"dual_value: received rows of shape {np.shape(rows)}; ({C}, {C}) is required, for each of the "
            f"{C} classes in counts the gradient of its loss in its {C} logits."
        )
    if not np.isfinite(array).all():
        raise InputError("dual_value: received rows that are NaN or infinite; finite numbers are required.")
    return array
