# SPDX-License-Identifier: MIT
"""Both passes over many samples, for NumPy: each row is read once a pass, and multiplied once.

`_batch.Batch` goes back to the features for every quantity. Here r = h - mu_y is formed, some rows at a time,
and multiplied by the axes of the class means, the centred classifier and mu_G, side by side; what is asked of
h or of h - mu_G follows from numbers of the classes alone:

    <w, h> = <w, r> + <w, mu_y>,    ||h - p||^2 = ||r||^2 + 2 <r, mu_y - p> + ||mu_y - p||^2,   p = mu_G or 0.

r is formed before anything is multiplied or squared, so nothing cancels near collapse. Where the last sum
does, for a sample near p, all that is asked of h - p is computed from the features. What each sample has for
every class lies in memory class by class, and is seen as (n, C).
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array
from simulations.metrics._batch import Batch
from simulations.metrics._family import Summed
from simulations.metrics._statistics import ROUNDING, FirstSums, Reference

# A sum of squares that is smaller than its terms by this factor is computed from the features.
_CANCELS = 2.0**-7


def first_sums(features: Array, labels: Array, classes: int, scratch: arrays.Scratch) -> FirstSums:
    """What a slice of many samples adds to the first pass: features (n, d), labels (n,), of NumPy."""
    rows = arrays.widened(features, scratch)
    counts = np.bincount(labels, minlength=classes).astype(float)
    squares = np.bincount(labels, arrays.dots(rows, rows), minlength=classes)
    (sums,) = arrays.weighted_sums(rows, labels, classes, [np.ones(len(labels))], scratch)
    return FirstSums(counts, sums, squares)


class Tables:
    """What a sweep needs to know of the classes, for a Reference in NumPy.

    columns (d, w): axes of the centred means (as many as their rank), the C rows of the centred classifier,
    mu_G, and, if they are not the class means', the C centres of the nearest-class-centre rule; axes, rows,
    middle, centres: where these are among the w. along (C, rank): mu_c - mu_G in the axes. rows_means (C, C):
    <w_j, mu_c>; own_products, own_alignments (C,): <w_c, mu_c> and <w_c, mu_c - mu_G>; squares,
    centred_squares (C,): those of mu_c and mu_c - mu_G.
    """

    def __init__(self, reference: Reference) -> None:
        means, centred, rows = reference.means, reference.centred_means, reference.classifier.centred
        C, factors = reference.C, reference.whitening
        rank = 0 if factors is None else len(factors)
        axes = reference.axes[:rank]
        stacked = [axes, rows, reference.global_mean[None, :]]
        self.axes, self.rows, self.middle = slice(0, rank), slice(rank, rank + C), rank + C
        self.centres = None
        if rank == 0 or reference.ncc_means is not reference.means:
            self.centres = slice(rank + C + 1, rank + 2 * C + 1)
            stacked.append(reference.ncc_means - reference.global_mean)
        self.columns = np.ascontiguousarray(np.concatenate(stacked).T)
        self.along = centred @ axes.T
        self.rows_means = rows @ means.T
        self.own_products, self.own_alignments = arrays.dots(rows, means), arrays.dots(rows, centred)
        self.squares, self.centred_squares = arrays.dots(means, means), arrays.dots(centred, centred)


class SweptBatch(Batch):
    """A `Batch` of features (n, d) of any float type, which are read once, some ``rows`` at a time.

    units: whether the class sums of (h - mu_G)/||h - mu_G|| will be asked for; again: whether the sums of the
    first pass are wanted once more.
    """

    def __init__(
        self,
        features: Array,
        labels: Array,
        reference: Reference,
        scratch: arrays.Scratch,
        *,
        rows: int,
        units: bool = True,
        again: bool = False,
    ) -> None:
        n, C = len(labels), reference.C
        self.parts = [slice(0, n)]
        self._scratch, self._rows = scratch, rows
        self.features, self.labels, self.reference, self.xp = features, labels, reference, np
        self._tables: Tables = reference.tables
        self._residual_squares, self._weights = np.empty(n), np.zeros(n)
        self._weighted, self._moved, self._near = np.zeros((3, C, reference.d))
        self._products = self._sweep(units, again)

    def _sweep(self, units: bool, again: bool) -> Array:
        """(w, n): products of r with the columns of the tables; sums by class are added up on the way."""
        n, columns = len(self.labels), self._tables.columns
        products = self._scratch.rows("products", n, columns)
        count = -(-n // self._rows)  # slices, of nearly equal size
        for k in range(count):
            part = slice(k * n // count, (k + 1) * n // count)
            residuals, labels = self._residuals(part), self.labels[part]
            self._residual_squares[part] = arrays.dots(residuals, residuals)
            arrays.multiply_tall(residuals, columns, products[part])
            weights, sums = [], []
            if units:
                self._weights[part] = self._unit_weights(part, products[part, self._tables.axes])
                weights, sums = [self._weights[part]], [self._weighted]
            if again:
                weights, sums = [*weights, np.ones(len(labels))], [*sums, self._moved]
            if weights:
                found = arrays.weighted_sums(residuals, labels, self.reference.C, weights, self._scratch)
                for total, term in zip(sums, found, strict=True):
                    total += term
        return np.ascontiguousarray(products.T)

    def _residuals(self, part: slice) -> Array:
        """(rows, d): h - mu_y."""
        features = arrays.widened(self.features[part], self._scratch)
        out = self._scratch.rows("residuals", len(features), features)
        arrays.rows_at(self.reference.means, self.labels[part], out)
        return np.subtract(features, out, out=out)

    def _unit_weights(self, part: slice, coordinates: Array) -> Array:
        """(rows,): 1/||h - mu_G||, and 0 for samples near mu_G, whose unit vectors are summed here."""
        table = arrays.rows_at(self._tables.along, self.labels[part])
        along = arrays.dots(coordinates, table)
        squares, near = self._squares_about(part, along, self._tables.centred_squares)
        squares[near] = np.inf
        floor = ROUNDING * self.reference.global_norm
        for rows in self._some(near + part.start):
            apart = arrays.to_float64(self.features[rows]) - self.reference.global_mean
            weights = arrays.reciprocals(arrays.norms(apart), floor)
            self._near += arrays.sums_by_class(apart, self.labels[rows], self.reference.C, weights)
        lengths = np.sqrt(squares, out=squares)
        return 1.0 / lengths if lengths.min() > floor else arrays.reciprocals(lengths, floor)

    def _squares_about(self, part: slice, along: Array, table: Array) -> tuple[Array, Array]:
        """||h - p||^2 (rows,) from <r, mu_y - p> (rows,) and the table ||mu_c - p||^2; where it cancels."""
        terms = arrays.rows_at(table, self.labels[part])
        terms += self._residual_squares[part]
        found = 2.0 * along
        found += terms
        terms *= _CANCELS
        return found, np.flatnonzero(found < terms)

    def _some(self, near: Array) -> Iterator[Array]:
        """Few of these samples at a time."""
        return (near[i : i + self._rows] for i in range(0, len(near), self._rows))

    def _about(self, point: Array | float, along: Array, table: Array, own: Array) -> tuple[Array, Array]:
        """||h - p||^2 (n,) and <w_y, h - p> (n,), given <r, mu_y - p> and both numbers of the class means."""
        labels, classifier = self.labels, self.reference.classifier.centred
        squares, near = self._squares_about(self.parts[0], along, table)
        products = arrays.rows_at(own, labels)
        products += arrays.picked(self._products[self._tables.rows].T, labels)
        for rows in self._some(near):
            apart = arrays.to_float64(self.features[rows]) - point
            squares[rows] = arrays.dots(apart, apart)
            products[rows] = arrays.dots(classifier[labels[rows]], apart)
        return squares, products

    @cached_property
    def _along(self) -> Array:
        """(n,): <r, mu_y - mu_G>."""
        table = np.take(self._tables.along.T, self.labels, axis=1, mode="clip")
        table *= self._products[self._tables.axes]
        found: Array = table.sum(axis=0)
        return found

    @cached_property
    def _about_zero(self) -> tuple[Array, Array]:
        tables = self._tables
        return self._about(
            0.0, self._along + self._products[tables.middle], tables.squares, tables.own_products
        )

    @cached_property
    def _about_middle(self) -> tuple[Array, Array]:
        tables, middle = self._tables, self.reference.global_mean
        return self._about(middle, self._along, tables.centred_squares, tables.own_alignments)

    @cached_property
    def mask(self) -> Array:
        return (np.arange(self.reference.C)[:, None] == self.labels).T

    @cached_property
    def products(self) -> Array:
        found = np.take(self._tables.rows_means, self.labels, axis=1, mode="clip")
        found += self._products[self._tables.rows]
        return found.T

    @cached_property
    def wrong_means(self) -> Array:
        return self.true_logits / (1 - self.reference.C)  # all logits together are 0

    @cached_property
    def losses(self) -> Array:
        least = arrays.softplus(np.log(self.reference.C - 1) - self.margins)
        return least + self.wrong_class_spread

    def centre_products(self, centres: Array) -> Array:
        tables = self._tables
        if tables.centres is not None:
            return self._products[tables.centres].T
        return ((centres @ self.reference.axes[tables.axes].T) @ self._products[tables.axes]).T

    @property
    def residual_squares(self) -> Array:
        return self._residual_squares

    @property
    def coordinates(self) -> Array:
        return self._products[self._tables.axes].T

    @property
    def squares(self) -> Array:
        return self._about_zero[0]

    @property
    def own_products(self) -> Array:
        return self._about_zero[1]

    @property
    def centred_squares(self) -> Array:
        return self._about_middle[0]

    @property
    def alignments(self) -> Array:
        return self._about_middle[1] * self.reference.row_sizes[self.labels]

    @property
    def units(self) -> Summed:
        """(C, d): sums by class of those of r, and of mu_c - mu_G as often as it was weighted."""
        weights = np.bincount(self.labels, self._weights, minlength=self.reference.C)
        return Summed(self._weighted + weights[:, None] * self.reference.centred_means + self._near)

    def first_sums(self) -> FirstSums:
        """The sums of the first pass over these samples."""
        C, means, moved = self.reference.C, self.reference.means, self._moved
        counts = np.bincount(self.labels, minlength=C).astype(float)
        within = np.bincount(self.labels, self._residual_squares, minlength=C)
        squares = within + 2.0 * arrays.dots(moved, means) + counts * self._tables.squares
        return FirstSums(counts, moved + counts[:, None] * means, squares)
