# SPDX-License-Identifier: MIT
"""One batch of the second pass: what the terms of several metric families are made of, computed once."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array
from simulations.metrics._family import Summed, Weighted
from simulations.metrics._jensen import wrong_class_spread
from simulations.metrics._statistics import ROUNDING, Reference


class Batch:
    """n samples with what the metric families share, each computed once: float64, rows are samples.

    features (n, d), labels (n,) integers; logits are centred over the classes, bias included, which changes
    neither cross-entropy nor margins. Arrays (n, d) live in ``scratch`` and last until it serves the next
    batch. parts: slices of rows, one after another, that are summed each by itself; default all rows.
    """

    def __init__(
        self,
        features: Array,
        labels: Array,
        reference: Reference,
        scratch: arrays.Scratch | None = None,
        parts: Sequence[slice] | None = None,
    ) -> None:
        self.parts = [slice(0, len(labels))] if parts is None else parts
        self._scratch = scratch or arrays.Scratch()
        self.features, self.labels = arrays.widened(features, self._scratch), labels
        self.reference = reference
        self.xp = arrays.namespace(self.features)

    def _buffer(self, name: str, rows: slice = slice(None)) -> Array:
        return self._scratch.rows(name, len(self.labels[rows]), self.features)

    @cached_property
    def _blocks(self) -> list[slice]:
        return arrays.blocks(self.features, self.parts)

    @cached_property
    def mask(self) -> Array:
        """(n, C): true at each sample's label."""
        return arrays.one_hot(self.labels, self.reference.C)

    @cached_property
    def products(self) -> Array:
        """(n, C): <w_c - wbar, h>."""
        columns = arrays.contiguous(self.reference.classifier.centred.T)
        return arrays.joined([self.features[rows] @ columns for rows in self._blocks])

    @property
    def own_products(self) -> Array:
        """(n,): <w_y - wbar, h>."""
        return arrays.picked(self.products, self.labels)

    @cached_property
    def logits(self) -> Array:
        """(n, C): z - mean_c z."""
        return self.products + self.reference.classifier.centred_bias

    @cached_property
    def decisions(self) -> Array:
        """(n,): the class of the largest logit."""
        return self.xp.argmax(self.logits, axis=1)

    @cached_property
    def true_logits(self) -> Array:
        """(n,): z_y."""
        return arrays.picked(self.logits, self.labels)

    @cached_property
    def wrong_means(self) -> Array:
        """(n,): mean of the other logits."""
        return self.xp.where(self.mask, 0.0, self.logits).sum(axis=1) / (self.reference.C - 1)

    @cached_property
    def margins(self) -> Array:
        """(n,): t = z_y - mean of the other logits."""
        return self.true_logits - self.wrong_means

    @cached_property
    def losses(self) -> Array:
        """(n,): cross-entropy in nats, softplus(logsumexp over wrong classes of z_j - z_y)."""
        xp = self.xp
        gaps = xp.where(self.mask, -np.inf, self.logits - self.true_logits[:, None])
        top = xp.amax(gaps, axis=1)
        return arrays.softplus(top + xp.log(xp.exp(gaps - top[:, None]).sum(axis=1)))

    @cached_property
    def wrong_class_spread(self) -> Array:
        """(n,): CE - phi(t) >= 0, without cancellation."""
        y = self.xp.where(self.mask, 0.0, self.logits - self.wrong_means[:, None])
        return wrong_class_spread(y, self.margins)

    def residual_products(self, directions: Array) -> Array:
        """(n, k): <p, h - mu_y> for the rows p of directions (k, d)."""
        columns = arrays.contiguous(directions.T)
        parts = [self._from_means(rows, self._buffer("block", rows)) @ columns for rows in self._blocks]
        return arrays.joined(parts)

    def centre_products(self, centres: Array) -> Array:
        """(n, C): <c, h - mu_y> for the ``centres`` c (C, d) of the nearest-class-centre rule less mu_G."""
        reference = self.reference
        if reference.ncc_means is reference.means and reference.whitening is not None:
            return self.coordinates @ (reference.axes @ centres.T)
        return self.residual_products(centres)

    def _from_means(self, rows: slice, out: Array) -> Array:
        out = arrays.rows_at(self.reference.means, self.labels[rows], out)
        return self.xp.subtract(self.features[rows], out, out=out)

    @cached_property
    def squares(self) -> Array:
        """(n,): ||h||^2."""
        return arrays.dots(self.features, self.features)

    @cached_property
    def _residual_parts(self) -> tuple[Array, Array]:
        """residual_squares and coordinates: few rows at a time, which a cache holds until both are done."""
        squares, coordinates, axes = [], [], self.reference.columns_of_axes
        for rows in self._blocks:
            residuals = self._from_means(rows, self._buffer("block", rows))
            squares.append(arrays.dots(residuals, residuals))
            coordinates.append(residuals @ axes)
        return arrays.joined(squares), arrays.joined(coordinates)

    @property
    def residual_squares(self) -> Array:
        """(n,): ||h - mu_y||^2."""
        return self._residual_parts[0]

    @property
    def coordinates(self) -> Array:
        """(n, k): h - mu_y along the axes of the class means, without what is orthogonal to them."""
        return self._residual_parts[1]

    @cached_property
    def _centred_parts(self) -> tuple[Array, Array, Array]:
        """centred, its squares and inner products with the own row of the centred classifier, likewise."""
        out, squares, products = self._buffer("centred"), [], []
        for rows in self._blocks:
            centred = self.xp.subtract(self.features[rows], self.reference.global_mean, out=out[rows])
            own = arrays.rows_at(self.reference.directions, self.labels[rows], self._buffer("block", rows))
            squares.append(arrays.dots(centred, centred))
            products.append(arrays.dots(own, centred))
        return out, arrays.joined(squares), arrays.joined(products)

    @property
    def centred(self) -> Array:
        """(n, d): h - mu_G."""
        return self._centred_parts[0]

    @property
    def centred_squares(self) -> Array:
        """(n,): ||h - mu_G||^2."""
        return self._centred_parts[1]

    @property
    def alignments(self) -> Array:
        """(n,): <p_y, h - mu_G> with the reference's directions p."""
        return self._centred_parts[2]

    @property
    def units(self) -> Weighted | Summed:
        """(h - mu_G)/||h - mu_G||, zero where h = mu_G up to rounding."""
        lengths = self.xp.sqrt(self.centred_squares)
        return Weighted(self.centred, arrays.reciprocals(lengths, ROUNDING * self.reference.global_norm))

    def class_sums(self, part: slice, values: Array, weights: Array | None = None) -> Array:
        """Values (n, w), times weights (n,) if given, summed over a part by class: (C, w)."""
        weights = None if weights is None else weights[part]
        return arrays.sums_by_class(values[part], self.labels[part], self.reference.C, weights)
