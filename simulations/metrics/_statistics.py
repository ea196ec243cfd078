# SPDX-License-Identifier: MIT
"""The class-statistics core: two passes over the samples, O(C d) state, no d x d matrix anywhere.

First pass: counts, sums of features and of squared norms by class -> ``Reference`` (means, norms, T).
Second pass: each metric family's per-sample terms (`simulations.metrics._batch`), given the reference, summed
by class -> ``Averages``.
E[.] is the class-balanced mean (1/C) sum_c (1/n_c) sum_i throughout; mu_G = (1/C) sum_c mu_c = E[h].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from simulations.errors import InputError
from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array

# Differences of equal numbers, up to this multiple of their size, count as zero.
ROUNDING = 64 * float(np.finfo(np.float64).eps)
# Smaller squares may lose digits: numbers below 2e-308 have fewer of them.
LEAST_SQUARE = 1e-280


class FirstSums(NamedTuple):
    """counts (C,), features (C, d) and squared norms (C,), each summed over the samples of a class."""

    counts: Array
    features: Array
    squares: Array


class Classifier:
    """The last layer: weight (C, d) and bias (C,) or None, with the parts in which every formula is written.

    centred: W - wbar, (C, d); centred_bias: b - mean(b), (C,), zero without bias; beta =
    sqrt((1/C) sum ||w_c - wbar||^2); frobenius = ||W||_F; mean_norm = ||wbar||; bias_norm.
    """

    def __init__(self, weight: Array, bias: Array | None) -> None:
        self.weight = arrays.to_float64(weight)
        self.classes, self.dimension = self.weight.shape
        self.has_bias = bias is not None
        centred = self.weight - self.weight.mean(axis=0)
        # Twice, so that the rows sum to zero to the precision of their spread, not of their mean.
        self.centred = centred - centred.mean(axis=0)
        raw = arrays.zeros((self.classes,), self.weight) if bias is None else arrays.to_float64(bias)
        # Equal biases are as good as none, so their mean's rounding must not count as a spread.
        centred_bias = raw - raw.mean()
        equal = float(abs(centred_bias).max()) <= ROUNDING * float(abs(raw).max())
        self.centred_bias = 0.0 * raw if equal else centred_bias
        self.beta = float((self.centred**2).sum() / self.classes) ** 0.5
        self.frobenius = float((self.weight**2).sum()) ** 0.5
        self.mean_norm = float((self.weight.mean(axis=0) ** 2).sum()) ** 0.5
        self.bias_norm = float((self.centred_bias**2).mean()) ** 0.5


class Reference:
    """All that is known once the class means are: what the second pass measures against.

    counts (C,), means (C, d) mu_c, global_mean (d,) mu_G, centred_means (C, d) mu_c - mu_G, mean_squares (C,)
    E_i||h||^2 of each class, alpha = sqrt(E||h||^2), T = C alpha beta/(C-1). ncc_means (C, d): means of the
    nearest-class-centre rule, mu_c unless given. weight_decay: lambda or None.
    """

    def __init__(
        self,
        first: FirstSums,
        classifier: Classifier,
        *,
        weight_decay: float | None = None,
        ncc_means: Array | None = None,
    ) -> None:
        self.classifier = classifier
        self.weight_decay = weight_decay
        self.C, self.d = classifier.classes, classifier.dimension
        self.counts = first.counts
        self.means = first.features / first.counts[:, None]
        self.global_mean = self.means.mean(axis=0)
        centred = self.means - self.global_mean
        size = float((self.means**2).sum()) ** 0.5
        spread = float((centred**2).sum()) ** 0.5
        self.centred_means = centred if spread > ROUNDING * size else 0.0 * centred
        self.ncc_means = self.means if ncc_means is None else arrays.to_float64(ncc_means)
        self.global_norm = float((self.global_mean**2).sum()) ** 0.5
        self.mean_squares = first.squares / first.counts
        self.alpha = float(self.mean_squares.mean()) ** 0.5
        self.T = self.C * self.alpha * classifier.beta / (self.C - 1)
        if not np.isfinite([self.T, classifier.frobenius]).all():
            raise InputError(
                f"the norms overflow float64 (feature norm {self.alpha:g}, weight norm {classifier.beta:g}); "
                "squares and products of entries must stay below 1e308: rescale the features or the weight"
            )
        self._refuse_underflow()

    def _refuse_underflow(self) -> None:
        """Raise InputError where squares are so small that float64 keeps few of their digits, or none."""
        there = (self.mean_squares > 0) | (self.means != 0).any(axis=1)
        faint = there & (self.mean_squares < LEAST_SQUARE)
        weight = self.classifier.weight
        if bool(faint.any()) or (bool((weight != 0).any()) and self.classifier.frobenius**2 < LEAST_SQUARE):
            raise InputError(
                f"the norms underflow float64 (least feature norm of a class "
                f"{float(self.mean_squares.min()) ** 0.5:g}, weight norm {self.classifier.frobenius:g}); "
                f"mean squares that are not 0 must be at least {LEAST_SQUARE:g}: rescale the features or the "
                "weight"
            )

    @cached_property
    def _axes(self) -> tuple[Array, Array]:
        """Singular values (k,) and right singular vectors (k, d) of the centred means, k = min(C, d)."""
        xp = arrays.namespace(self.centred_means)
        _, singular, right = xp.linalg.svd(self.centred_means, full_matrices=False)
        return singular, right

    @property
    def axes(self) -> Array:
        """(k, d): orthonormal rows that span the centred class means."""
        return self._axes[1]

    @cached_property
    def columns_of_axes(self) -> Array:
        """(d, k): the axes as columns, side by side in memory."""
        return arrays.contiguous(self.axes.T)

    @cached_property
    def tables(self) -> Any:
        """`_sweep.Tables` of these means."""
        from simulations.metrics._sweep import Tables

        return Tables(self)

    @cached_property
    def row_sizes(self) -> Array:
        """(C,): one over the norms of the rows of the centred classifier; zero where one is rounding."""
        classifier = self.classifier
        return arrays.reciprocals(arrays.norms(classifier.centred), ROUNDING * classifier.frobenius)

    @cached_property
    def directions(self) -> Array:
        """(C, d): rows of the centred classifier over their norms; zero where one is rounding."""
        return self.classifier.centred * self.row_sizes[:, None]

    @cached_property
    def whitening(self) -> Array | None:
        """(r,) factors f, r <= C-1, with Sigma_B^+ = sum_k f_k^2 a_k a_k' over the first r rows a_k of axes.

        Sigma_B = (1/C) M'M with M = U S V', so Sigma_B^+ = C V S^-2 V'. None when all class means agree.
        """
        singular, _ = self._axes
        top = float(singular[0])
        cut = top * max(self.C, self.d) * float(np.finfo(np.float64).eps)
        rank = min(int((singular > cut).sum()), self.C - 1)
        if top == 0.0 or rank == 0:
            return None
        return self.C**0.5 / singular[:rank]


@dataclass(frozen=True)
class Averages:
    """Class averages of one family's per-sample terms: (C,) or (C, width) by name."""

    by_class: Mapping[str, Array]
    counts: Array

    def __getitem__(self, name: str) -> Array:
        return self.by_class[name]

    def balanced(self, name: str) -> float:
        """E[term]: the mean over classes of the class averages."""
        return float(self.by_class[name].mean())

    def ordinary(self, name: str) -> float:
        """The plain mean over all samples."""
        return float((self.by_class[name] * self.counts).sum() / self.counts.sum())


def first_sums(
    features: Array, labels: Array, classes: int, scratch: arrays.Scratch | None = None
) -> FirstSums:
    """One batch's contribution to the first pass: features (n, d), labels (n,)."""
    rows = arrays.widened(features, scratch or arrays.Scratch())
    squares = arrays.dots(rows, rows)
    both = arrays.namespace(rows).stack([0.0 * squares + 1.0, squares], axis=1)
    totals = arrays.sums_by_class(both, labels, classes)
    return FirstSums(totals[:, 0], arrays.sums_by_class(rows, labels, classes), totals[:, 1])
