# SPDX-License-Identifier: MIT
"""What the deep models share: checked input, and the cheapest factors of given logits.

L linear layers W_L ... W_1 on free features H are D = L + 1 factors with decays lambda_0 (features),
lambda_1, ..., lambda_L. Their cheapest product equal to X (C, N) costs

    min sum_j (lambda_j/2) ||A_j||_F^2 = (D/2) Lambda sum_k sigma_k(X)^p,    p = 2/D,
    Lambda = (lambda_0 ... lambda_L)^{1/D},

a Schatten quasi-norm. From below: sum_j (lambda_j/2) ||A_j||_F^2 = sum_k sum_j (lambda_j/2) sigma_k(A_j)^2
>= (D/2) Lambda sum_k (prod_j sigma_k(A_j))^p by the inequality of the means, and the last sum is at least
sum_k sigma_k(X)^p by Horn's inequality (1950). Attained by `balanced_factors`, where every factor pays the
same for each singular value, as soon as every width is at least the rank of X.

Replacing H by its class means leaves the layers, shortens H and lowers a convex loss (Jensen), so at any
depth an optimum has equal features within a class; then sigma_k are those of T = diag(sqrt(n_c)) Z, with Z
(C, C). The layers differ only through the product of their decays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_positive, checked_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray


NO_MINIMISER = (
    "a factor without decay grows for nothing while the others shrink to zero, and no minimiser exists"
)


@dataclass(frozen=True, eq=False)
class DeepProblem:
    """Checked input. counts (C,) as float64; decays (D,): features first, then layer 1 (next to the features)
    to layer L (the classifier); width: of the features and of every hidden layer."""

    counts: NDArray[np.float64]
    decays: NDArray[np.float64]
    width: int

    @property
    def factors(self) -> int:
        """D = L + 1."""
        return len(self.decays)

    @property
    def exponent(self) -> float:
        """p = 2/D."""
        return 2.0 / self.factors

    @property
    def mean_decay(self) -> float:
        """Lambda, the geometric mean of the decays, by logarithms: tiny decays do not underflow."""
        return float(np.exp(np.log(self.decays).mean()))

    @property
    def price(self) -> float:
        """(D/2) Lambda: what sum_k sigma_k^p costs a unit."""
        return 0.5 * self.factors * self.mean_decay

    @property
    def root(self) -> NDArray[np.float64]:
        """sqrt(n_c), (C,)."""
        return np.sqrt(self.counts)


@dataclass(frozen=True, eq=False)
class Factors:
    """layers: W_1 to W_{L-1} (d, d), W_L (C, d); class_means (C, d); weight (C, d) = W_L ... W_1."""

    layers: tuple[NDArray[np.float64], ...]
    class_means: NDArray[np.float64]
    weight: NDArray[np.float64]


def balanced_factors(problem: DeepProblem, logits: NDArray[np.float64]) -> Factors:
    """The cheapest layers and class means with these logits (C, C), row c = class c.

    Every width must be at least the rank of the logits; smaller ones keep the largest singular values.
    """
    C, d = len(problem.counts), problem.width
    left, values, right = np.linalg.svd(problem.root[:, None] * logits)
    rank = min(C, d)
    values = np.where(values > 1e-11 * values[0], values, 0.0)  # rounding must not pay sigma^p
    share = np.zeros(d)
    share[:rank] = problem.mean_decay * values[:rank] ** problem.exponent  # paid by each factor
    sizes = np.sqrt(share[None, :] / problem.decays[:, None])
    means = np.zeros((C, d))
    means[:, :rank] = left[:, :rank] * sizes[0, :rank] / problem.root[:, None]
    last = np.zeros((C, d))
    last[:, :rank] = right[:rank].T * sizes[-1, :rank]
    layers = (*[np.diag(size) for size in sizes[1:-1]], last)
    weight = last.copy()
    for layer in reversed(layers[:-1]):
        weight = weight @ layer
    return Factors(layers, means, weight)


def penalty(problem: DeepProblem, factors: Factors) -> float:
    """sum over layers (lambda_l/2) ||W_l||^2 + (lambda_0/2) sum over samples ||h||^2."""
    features = problem.counts @ np.square(factors.class_means).sum(axis=1)
    layers = sum(
        decay * np.square(layer).sum()
        for decay, layer in zip(problem.decays[1:], factors.layers, strict=True)
    )
    return float(0.5 * (problem.decays[0] * features + layers))


def checked_problem(
    caller: str,
    *,
    counts: Sequence[int] | NDArray[np.int64],
    depth: int,
    weight_decay: float | Sequence[float],
    feature_decay: float,
    feature_dim: int | None,
) -> DeepProblem:
    """The problem, or InputError with the reason. feature_dim defaults to C."""
    sizes = checked_counts(caller, counts)
    layers = checked_whole(caller, "depth", depth, 1, "the classifier is the first linear layer")
    if np.ndim(weight_decay) == 0:
        weights = [checked_decay(caller, "weight_decay", weight_decay)] * layers
    else:
        given = np.asarray(weight_decay, dtype=object).ravel()
        weights = [checked_decay(caller, "weight_decay", one) for one in given]
        if len(weights) != layers:
            raise InputError(
                f"{caller}: received {len(weights)} values of weight_decay for depth = {layers}; give one "
                "number for all layers or one a layer, the layer next to the features first."
            )
    width = len(sizes) if feature_dim is None else feature_dim
    return DeepProblem(
        counts=sizes,
        decays=np.array([checked_decay(caller, "feature_decay", feature_decay), *weights]),
        width=checked_whole(caller, "feature_dim", width, 1, "it is the width of every hidden layer"),
    )


def checked_decay(caller: str, name: str, value: object) -> float:
    """A positive finite number; InputError says why otherwise."""
    return checked_positive(caller, name, value, NO_MINIMISER)
