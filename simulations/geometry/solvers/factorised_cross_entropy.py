# SPDX-License-Identifier: MIT
"""Cross-entropy, balanced or imbalanced, solved with a certificate of global optimality.

By convexity all samples of a class share one vector at the optimum, so the unknowns are W and C class means.
Where feature_dim is at least the rank of the optimal logits the convex program is solved, classes of equal
count taken together (`simulations.geometry.block_program`), by Newton's method with proximal steps, and
factorised. In fewer dimensions what is left is a search on factors of that rank from many starts; the bound
of the convex program holds there too, but the minimum need not meet it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.block_optimum import class_factors, class_slopes, solve_blocks, weights_and_means
from simulations.geometry.block_program import BlockProgram
from simulations.geometry.closed_forms import balanced_optimum
from simulations.geometry.factorised import FactorisedObjective, Factors, minimise
from simulations.geometry.program import Program
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESTARTS = 16


def solve(problem: Problem) -> Candidate:
    """The global minimum for feature_dim >= C - 1, or from the rank of the best logits on where classes have
    collapsed; a stationary point below. The bound holds for both.

    Sources: convex form and balanced optimum, Zhu et al. 2021 (arXiv:2105.02375); imbalanced, Hong & Ling
    2023 (arXiv:2309.09725).
    """
    program = Program(problem.counts, problem.weight_decay, problem.feature_decay)
    sizes, groups, how_many = np.unique(problem.counts, return_inverse=True, return_counts=True)
    blocks = BlockProgram(sizes, how_many.astype(np.float64), program.kappa)
    optimum = solve_blocks(blocks, tolerance=problem.tolerance, max_iterations=problem.max_iterations)
    left, right = class_factors(blocks, optimum, groups)
    rank, dimension, settled = left.shape[1], problem.feature_dim, False
    spent = optimum.iterations
    if dimension < rank:
        factors, spent = _search(program, left @ right.T, dimension, problem, spent)
        left, right = factors.left, factors.right
        settled = factors.residual <= max(_accuracy(problem), 1e-6)
    weight, means = weights_and_means(
        left,
        right,
        counts=problem.counts,
        weight_decay=problem.weight_decay,
        feature_decay=problem.feature_decay,
        feature_dim=dimension,
    )
    return Candidate(
        weight,
        means,
        optimum.bound,
        spent,
        settled=settled,
        dual=class_slopes(blocks, optimum, groups),
        certified_dimension=max(rank, 1),
    )


def _accuracy(problem: Problem) -> float:
    return min(1e-6, 1e-2 * problem.tolerance)


def _search(
    program: Program, scaled: NDArray[np.float64], rank: int, problem: Problem, spent: int
) -> tuple[Factors, int]:
    """Best factors of the given rank and the iterations spent; ``scaled`` (C, C): diag(sqrt(n_c)) Z of the
    convex program, whose leading part is the first start and the others are around it."""
    objective = FactorisedObjective(program, rank)
    left, values, right = np.linalg.svd(scaled, full_matrices=False)
    scale = np.sqrt(values[:rank])
    first = np.concatenate([(left[:, :rank] * scale).ravel(), (right[:rank].T * scale).ravel()])
    generator, starts, C = np.random.default_rng(0), [first], len(scaled)
    for _ in range(RESTARTS - 1):
        noise = generator.normal(size=(2, C, rank)) * np.abs(first).max()
        noise[1] -= noise[1].mean(axis=0)
        starts.append(first + noise.ravel())
    found: list[tuple[float, Factors]] = []
    for start in starts:
        budget = max(problem.max_iterations - spent, 0)
        factors = minimise(objective, start, max_iterations=budget, accuracy=_accuracy(problem))
        spent += factors.iterations
        flat = np.concatenate([factors.left.ravel(), factors.right.ravel()])
        found.append((objective.value_and_gradient(flat)[0], factors))
    return min(found, key=lambda pair: pair[0])[1], spent


def planted() -> list[Planted]:
    """Balanced classes (Zhu et al. 2021, Thm 3.1), two classes of any sizes, and zero."""
    cases = []
    for C, n, weight_decay, feature_decay in (
        (2, 3, 1e-2, 1e-2),
        (3, 10, 1e-4, 1e-2),
        (10, 50, 2e-3, 1e-5),
        (4, 20, 1.0, 1.0),
    ):
        closed = balanced_optimum(
            num_classes=C, samples_per_class=n, weight_decay=weight_decay, feature_decay=feature_decay
        )
        decays = {"weight_decay": weight_decay, "feature_decay": feature_decay}
        cases.append(
            Planted(
                arguments={"counts": (n,) * C, **decays, "feature_dim": C},
                value=closed.value,
                logits=closed.logits,
                status="trivial" if closed.trivial else "optimal",
                source="Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1",
            )
        )
    return cases + [_two_classes(counts, margin) for counts in ((7, 3), (1000, 1)) for margin in (0.6, 2.6)]


def _two_classes(counts: tuple[int, int], margin: float) -> Planted:
    """Logits (a, -a) and (-a, a), 2a = margin, whatever the counts.

    The wrong class has probability x = 1/(1 + e^margin), the scaled gradient has the one singular value
    x sqrt(2/n), and the point is optimal where that is kappa.
    """
    a, n = margin / 2.0, sum(counts)
    kappa = float(np.sqrt(2.0 / n) / (1.0 + np.exp(margin)))
    return Planted(
        arguments={
            "counts": counts,
            "weight_decay": 2.0 * kappa,
            "feature_decay": 0.5 * kappa,
            "feature_dim": 3,
        },
        value=float(np.log1p(np.exp(-margin)) + kappa * a * np.sqrt(2.0 * n)),
        logits=np.array([[a, -a], [-a, a]]),
        source="optimality conditions solved for the decay",
    )


SOLVER = Solver(
    name="factorised-cross-entropy",
    loss="cross-entropy",
    says="Cross-entropy by proximal Newton steps, equal classes as one block, certified by the dual.",
    solve=solve,
    planted=planted,
    starved={
        "counts": (500, 500, 50),
        "weight_decay": 5e-3,
        "feature_decay": 1e-5,
        "feature_dim": 10,
        "max_iterations": 2,
    },
    default=True,
)
