# SPDX-License-Identifier: MIT
"""A start for the block program: classes of similar count taken as equal, solved, and the blocks spread out.

The optimal logits are a smooth function of the two counts, so a program with a quarter of the groups says
nearly what the full one will; it is itself started the same way, down to a dozen groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.block_program import BlockProgram
from simulations.geometry.proximal_newton import minimise_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW, RATIO, ROUGH = 12, 4, 1e-3


def start_for(program: BlockProgram, *, max_iterations: int = 2000) -> NDArray[np.float64]:
    """K (G, G) near the optimum. The work on fewer groups is a small part of the whole and not counted."""
    if len(program.counts) <= FEW:
        return _equal_start(program)
    labels = _merge(program, max(FEW // 2, len(program.counts) // RATIO))
    many = np.bincount(labels, weights=program.how_many).astype(np.float64)
    counts = np.bincount(labels, weights=program.how_many * program.counts).astype(np.float64) / many
    coarse = BlockProgram(counts, many, program.kappa)
    start = start_for(coarse, max_iterations=max_iterations)
    point = minimise_blocks(coarse, start, tolerance=ROUGH, accuracy=np.inf, max_iterations=max_iterations)
    between, contrast = block_logits(coarse, point.matrix, point.state.contrast)
    return block_matrix(program, between[np.ix_(labels, labels)], contrast[labels])


def block_logits(
    program: BlockProgram, matrix: NDArray[np.float64], contrast: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """b (G, G), the logits off the diagonal, and t (G,), by how much those on it are larger."""
    return matrix / program.scale - np.diag(contrast / program.how_many), contrast


def block_matrix(
    program: BlockProgram, between: NDArray[np.float64], contrast: NDArray[np.float64]
) -> NDArray[np.float64]:
    """K (G, G) of the logits b (G, G) and t (G,), made to annihilate the constant vector."""
    matrix = (between + np.diag(contrast / program.how_many)) * program.scale
    return matrix - np.outer(matrix @ program.constant, program.constant)


def _equal_start(program: BlockProgram) -> NDArray[np.float64]:
    """The closed form for equal classes of the mean size (Zhu et al. 2021), or a small simplex."""
    classes = float(program.how_many.sum())
    strength = program.kappa * np.sqrt(program.total / classes)
    gap = float(np.log(1.0 / strength - (classes - 1.0))) if classes * strength < 1.0 else 0.0
    return block_matrix(program, np.zeros_like(program.scale), np.full(len(program.counts), max(gap, 0.1)))


def _merge(program: BlockProgram, parts: int) -> NDArray[np.int64]:
    """A label (G,) for every group: neighbours in size, by ratio of counts and by rank half each."""
    order = np.argsort(program.counts, kind="stable")
    rank = np.linspace(0.0, 1.0, len(order))
    ratio = np.log(program.counts[order] / program.counts[order[0]])
    key = 0.5 * rank + 0.5 * ratio / max(float(ratio[-1]), 1e-300)
    labels = np.empty(len(order), dtype=np.int64)
    _, labels[order] = np.unique(np.minimum((key * parts).astype(np.int64), parts - 1), return_inverse=True)
    return labels
