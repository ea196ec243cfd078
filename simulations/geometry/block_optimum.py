# SPDX-License-Identifier: MIT
"""The optimum of the block program with its certificate, and the passage from blocks to classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms import centred_basis
from simulations.geometry.coarse_start import start_for
from simulations.geometry.proximal_newton import minimise_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.block_program import BlockProgram


LARGE = 150


@dataclass(frozen=True, eq=False)
class BlockOptimum:
    """K = left diag(values) right' with positive values (r,), and the contrasts t (G,) of the groups.

    left, right (G, r): orthonormal columns. matrix (G, G): K. value: the objective there. bound: a certified
    lower bound on the minimum over all Z, block or not; between (G, G), within (G,): the dual point that
    proves it, probabilities of wrong classes. iterations: of Newton's method and its inner ones.
    """

    matrix: NDArray[np.float64]
    left: NDArray[np.float64]
    values: NDArray[np.float64]
    right: NDArray[np.float64]
    contrast: NDArray[np.float64]
    value: float
    bound: float
    between: NDArray[np.float64]
    within: NDArray[np.float64]
    iterations: int


def solve_blocks(
    program: BlockProgram,
    *,
    tolerance: float,
    max_iterations: int,
    start: NDArray[np.float64] | None = None,
) -> BlockOptimum:
    """Minimise the block program; ``start`` (G, G) is a K near the optimum, found here where omitted.

    tolerance: gap relative to min(1, value). A small residual is asked for as well, so that the point is as
    good as the value; a looser one of large programs, where the last digits take longest. Whether the gap was
    reached is for the caller to see.
    """
    groups = len(program.counts)
    if program.zero_is_optimal():
        state = program.evaluate(np.zeros((groups, groups)))
        none, dual = np.zeros((groups, 0)), program.feasible(state.between, state.within)
        return BlockOptimum(
            matrix=np.zeros((groups, groups)),
            left=none,
            values=np.zeros(0),
            right=none,
            contrast=np.zeros(groups),
            value=state.value,
            bound=program.dual_value(*dual),
            between=dual[0],
            within=dual[1],
            iterations=0,
        )
    point = minimise_blocks(
        program,
        start_for(program) if start is None else start,
        tolerance=tolerance,
        accuracy=1e-6 if groups > LARGE else max(1e-10, min(1e-6, 0.1 * tolerance)),
        max_iterations=max_iterations,
    )
    rank, dual = point.rank, program.feasible(point.between, point.within)
    return BlockOptimum(
        matrix=point.matrix,
        left=point.left[:, :rank],
        values=point.shrunk[:rank],
        right=point.right[:rank].T,
        contrast=point.state.contrast,
        value=point.value,
        bound=program.dual_value(*dual),
        between=dual[0],
        within=dual[1],
        iterations=point.iterations,
    )


def class_factors(
    program: BlockProgram, optimum: BlockOptimum, groups: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """U, V (C, k) with diag(sqrt(n_c)) Z = U V' and ||U||^2 = ||V||^2 = the nuclear norm, k the rank of Z.

    groups (C,): the group of every class, each g as often as program.how_many[g].
    """
    each = 1.0 / np.sqrt(program.how_many)[groups][:, None]
    grown = np.sqrt(optimum.values)
    left, right = [each * (optimum.left * grown)[groups]], [each * (optimum.right * grown)[groups]]
    for g in np.flatnonzero((optimum.contrast > 0.0) & (program.how_many > 1)):
        members = np.flatnonzero(groups == g)
        block = np.zeros((len(groups), len(members) - 1))
        block[members] = np.sqrt(program.root[g] * optimum.contrast[g]) * centred_basis(len(members))
        left.append(block)
        right.append(block)
    return np.concatenate(left, axis=1), np.concatenate(right, axis=1)


def class_slopes(
    program: BlockProgram, optimum: BlockOptimum, groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The dual point class by class, (C, C): row c is p_c - e_c, a slope of the loss of class c."""
    same = np.diag(optimum.within / np.maximum(program.how_many - 1.0, 1.0))
    slopes = (optimum.between / program.how_many + same)[np.ix_(groups, groups)]
    np.fill_diagonal(slopes, -(optimum.between.sum(axis=1) + optimum.within)[groups])
    return slopes


def weights_and_means(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    *,
    counts: NDArray[np.float64],
    weight_decay: float,
    feature_decay: float,
    feature_dim: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W and class means (C, feature_dim) from U, V (C, k): decays shared out, zero columns added."""
    (C, rank), tilt = left.shape, weight_decay**0.25 / feature_decay**0.25
    weight, means = np.zeros((C, feature_dim)), np.zeros((C, feature_dim))
    weight[:, :rank] = right / tilt
    means[:, :rank] = left / np.sqrt(counts)[:, None] * tilt
    return weight, means
