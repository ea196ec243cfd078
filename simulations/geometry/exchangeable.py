# SPDX-License-Identifier: MIT
"""Many classes in few groups: the cross-entropy optimum in blocks, for numbers of classes far beyond memory.

Classes of equal count are exchangeable, so the optimum has one block a pair of groups; the reduction, its
proof and its certificate are in `simulations.geometry.block_program`. Time and memory depend on the number of
groups alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.block_optimum import (
    BlockOptimum,
    class_factors,
    class_slopes,
    solve_blocks,
    weights_and_means,
)
from simulations.geometry.block_program import BlockProgram
from simulations.geometry.checks import checked_decays, checked_tolerance, checked_whole
from simulations.geometry.coarse_start import block_logits
from simulations.geometry.program import Program
from simulations.geometry.solution import (
    CERTIFIED,
    NOT_CONVERGED,
    OPTIMAL,
    TRIVIAL,
    NotConverged,
    Solution,
    closes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CLASSES = 5000


@dataclass(frozen=True, eq=False)
class ExchangeableSolution:
    """The optimum in blocks, G groups; every matrix (G, G) has for g, h the entry of two different classes,
    one of group g and one of group h, and NaN on the diagonal for a group of one class.

    counts (G,): samples a class; how_many (G,): classes. objective, gap, status, seconds, iterations: as in
    `Solution`; the bound holds for all logits, block or not.
    logits (G, G), own_logits (G,): of the mean of a class in g, for a class of h, and for the class itself.
    weight_gram, mean_gram (G, G): inner products of classifier rows, of class means; weight_norms, mean_norms
    (G,): their lengths. weight_cosines, mean_cosines (G, G): NaN where a vector is zero.
    rank: of the logits, the least feature dimension in which the optimum exists.
    contrast (G,): own logit minus the logit of another class of the group, 0 where the group has collapsed.
    """

    counts: NDArray[np.float64]
    how_many: NDArray[np.float64]
    weight_decay: float
    feature_decay: float
    tolerance: float
    objective: float
    gap: float
    status: str
    seconds: float
    iterations: int
    logits: NDArray[np.float64]
    own_logits: NDArray[np.float64]
    weight_gram: NDArray[np.float64]
    mean_gram: NDArray[np.float64]
    weight_norms: NDArray[np.float64]
    mean_norms: NDArray[np.float64]
    contrast: NDArray[np.float64]
    rank: int
    optimum: BlockOptimum

    @property
    def certified(self) -> bool:
        """Whether the objective is the optimum to within the tolerance asked for."""
        return self.status in CERTIFIED

    @property
    def value(self) -> float:
        """The objective; raises NotConverged when the budget did not suffice."""
        if not self.certified:
            raise NotConverged(
                f"solve_exchangeable spent its budget ({self.iterations} iterations): the optimum is within "
                f"{self.gap:.6g} of {self.objective:.6g}, outside the tolerance. Raise max_iterations."
            )
        return self.objective

    @property
    def weight_cosines(self) -> NDArray[np.float64]:
        """Cosine of two classifier rows, (G, G)."""
        return _cosines(self.weight_gram, self.weight_norms)

    @property
    def mean_cosines(self) -> NDArray[np.float64]:
        """Cosine of two class means, (G, G)."""
        return _cosines(self.mean_gram, self.mean_norms)

    @property
    def collapsed(self) -> NDArray[np.bool_]:
        """Groups (G,) of several classes whose classifier rows, and whose means, all coincide: minority
        collapse, exactly where n kappa >= sqrt(n_g)."""
        return (self.how_many > 1) & (self.contrast <= 0.0)

    @property
    def minority_collapsed(self) -> bool:
        """Whether the classes of the smallest count (several) coincide."""
        return bool(self.collapsed[np.argmin(self.counts)])

    def expand(self, feature_dim: int | None = None, *, groups: NDArray[np.int64] | None = None) -> Solution:
        """The same optimum class by class. feature_dim: at least `rank`, C when omitted. groups (C,): the
        group of every class; group after group when omitted. details: "rank",
        "certified_dimension", "dual" (C, C), the dual point that proves the bound, row c a slope of the loss
        of class c.

        Raises InputError for a smaller dimension (this optimum does not exist there: use `solve`), and for
        more than MOST_CLASSES classes, whose arrays do not fit.
        """
        classes = int(self.how_many.sum())
        dimension = classes if feature_dim is None else feature_dim
        if classes > MOST_CLASSES:
            raise InputError(
                f"expand: {classes} classes need matrices of {classes} x {classes}; at most {MOST_CLASSES} "
                "classes are expanded. Read the blocks."
            )
        if dimension < self.rank:
            raise InputError(
                f"expand: received feature_dim = {dimension}; the optimal logits have rank {self.rank} and "
                "exist only from that dimension on. Use solve for a smaller one."
            )
        began = time.perf_counter()
        if groups is None:
            groups = np.repeat(np.arange(len(self.counts)), self.how_many.astype(np.int64))
        sizes = self.counts[groups]
        program = Program(sizes, self.weight_decay, self.feature_decay)
        blocks = BlockProgram(self.counts, self.how_many, program.kappa)
        left, right = class_factors(blocks, self.optimum, groups)
        weight, means = weights_and_means(
            left,
            right,
            counts=sizes,
            weight_decay=self.weight_decay,
            feature_decay=self.feature_decay,
            feature_dim=dimension,
        )
        logits = means @ weight.T
        objective = float(
            program.share @ program.losses(logits)
            + 0.5 * self.weight_decay * np.square(weight).sum()
            + 0.5 * self.feature_decay * (sizes @ np.square(means).sum(axis=1))
        )
        gap = objective - self.optimum.bound
        return Solution(
            objective=objective,
            gap=gap,
            status=_status(objective, gap, self.tolerance, bool(np.any(weight))),
            weight=weight,
            class_means=means,
            logits=logits,
            seconds=self.seconds + time.perf_counter() - began,
            iterations=self.iterations,
            details={
                "rank": self.rank,
                "certified_dimension": max(self.rank, 1),
                "dual": class_slopes(blocks, self.optimum, groups),
            },
        )


def solve_exchangeable(
    *,
    groups: Sequence[tuple[int, int]],
    weight_decay: float,
    feature_decay: float,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> ExchangeableSolution:
    """Globally minimise the cross-entropy unconstrained-features model for groups of equal classes.

    groups: pairs (samples a class, number of classes), such as [(500, 5000), (50, 5000)] for 10 000 classes;
    pairs of the same count are one group. weight_decay, feature_decay: positive. tolerance: accepted gap,
    relative to min(1, value). The feature dimension is at least the rank of the result. Groups come back in
    the order of their counts, smallest first.
    Raises InputError on bad input. Source: see `simulations.geometry.block_program`.
    """
    counts, how_many = _checked_groups(groups)
    caller = "solve_exchangeable"
    return solve_groups(
        counts,
        how_many,
        *checked_decays(caller, weight_decay, feature_decay),
        checked_tolerance(caller, tolerance),
        max_iterations=checked_whole(caller, "max_iterations", max_iterations),
    )


def solve_groups(
    counts: NDArray[np.float64],
    how_many: NDArray[np.float64],
    weight_decay: float,
    feature_decay: float,
    tolerance: float,
    *,
    max_iterations: int,
    start: NDArray[np.float64] | None = None,
) -> ExchangeableSolution:
    """`solve_exchangeable` for checked input, from K = ``start`` (G, G) if given."""
    began = time.perf_counter()
    program = BlockProgram(counts, how_many, float(np.sqrt(weight_decay) * np.sqrt(feature_decay)))
    found = solve_blocks(program, tolerance=tolerance, max_iterations=max_iterations, start=start)
    gap = found.value - found.bound
    between, contrast = block_logits(program, found.matrix, found.contrast)
    several = how_many > 1
    np.fill_diagonal(between, np.where(several, np.diag(between), np.nan))
    own = np.diag(found.matrix / program.scale) + program.split * contrast
    alive = several & (contrast > 0.0)
    tilt = np.sqrt(weight_decay) / np.sqrt(feature_decay)
    weight_gram, weight_norms = _gram(found.right, found, program, np.ones_like(counts) / np.sqrt(tilt))
    mean_gram, mean_norms = _gram(found.left, found, program, np.sqrt(tilt) / program.root)
    return ExchangeableSolution(
        counts=counts,
        how_many=how_many,
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        tolerance=tolerance,
        objective=found.value,
        gap=gap,
        status=_status(found.value, gap, tolerance, bool(found.values.size or alive.any())),
        seconds=time.perf_counter() - began,
        iterations=found.iterations,
        logits=between,
        own_logits=own,
        weight_gram=weight_gram,
        mean_gram=mean_gram,
        weight_norms=weight_norms,
        mean_norms=mean_norms,
        contrast=contrast,
        rank=len(found.values) + int(np.sum(how_many[alive] - 1.0)),
        optimum=found,
    )


def _gram(
    side: NDArray[np.float64], found: BlockOptimum, program: BlockProgram, scale: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inner products of two classes (G, G) and lengths (G,), of the rows of diag(scale) U or V by class."""
    rows = side * np.sqrt(found.values) / np.sqrt(program.how_many)[:, None]
    gram, inner = rows @ rows.T, program.root * found.contrast
    squared = scale**2 * (np.diag(gram) + inner * program.split)
    within = np.where(program.how_many > 1, np.diag(gram) - inner / program.how_many, np.nan)
    np.fill_diagonal(gram, within)
    return gram * np.outer(scale, scale), np.sqrt(squared)


def _cosines(gram: NDArray[np.float64], norms: NDArray[np.float64]) -> NDArray[np.float64]:
    product = np.outer(norms, norms)
    return np.where(product > 0.0, gram / np.where(product > 0.0, product, 1.0), np.nan)


def _status(objective: float, gap: float, tolerance: float, nonzero: bool) -> str:
    """As in `solve`: success only where the gap says so."""
    if closes(objective, gap, tolerance):
        return OPTIMAL if nonzero else TRIVIAL
    return NOT_CONVERGED


def _checked_groups(
    groups: Sequence[tuple[int, int]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    try:
        pairs = np.asarray([(float(count), float(number)) for count, number in groups])
    except (TypeError, ValueError, OverflowError):
        pairs = np.full((1, 2), np.nan)
    if pairs.size == 0 or not np.all(np.isfinite(pairs)) or np.any(pairs < 1) or np.any(pairs % 1.0 != 0.0):
        raise InputError(
            f"solve_exchangeable: received groups = {groups!r}; pairs (samples a class, number of classes) "
            "of positive whole numbers are required: an absent class has no mean."
        )
    counts, member = np.unique(pairs[:, 0], return_inverse=True)
    how_many = np.bincount(member, weights=pairs[:, 1]).astype(np.float64)
    if how_many.sum() < 2:
        raise InputError(
            f"solve_exchangeable: received groups = {groups!r}, one class; at least two are required, "
            "because with one the cross-entropy is zero whatever the network does."
        )
    return counts, how_many
