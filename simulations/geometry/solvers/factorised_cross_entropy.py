# SPDX-License-Identifier: MIT
"""Cross-entropy, solved on factors of the logit matrix with a certificate of global optimality.

By convexity all samples of a class share one vector at the optimum, so the unknowns are W and C class means.
The lower bound is the dual objective of `simulations.geometry.program` at a feasible point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms import balanced_optimum, centred_basis, zero_threshold
from simulations.geometry.factorised import FactorisedObjective, Factors, minimise
from simulations.geometry.program import Program
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESTARTS = 16


def solve(problem: Problem) -> Candidate:
    """The global minimum for feature_dim >= C - 1, a stationary point below; the bound holds for both.

    Sources: convex form and balanced optimum, Zhu et al. 2021 (arXiv:2105.02375); imbalanced, Hong & Ling
    2023 (arXiv:2309.09725).
    """
    program = Program(problem.counts, problem.weight_decay, problem.feature_decay)
    C, dimension = len(program.counts), problem.feature_dim
    if program.kappa >= zero_threshold(program.counts):
        zero = np.zeros((C, dimension))
        return Candidate(zero, zero.copy(), program.dual_value(np.zeros((C, C))), iterations=0)
    factors, bound, stationary, spent = _search(
        program, min(dimension, C - 1), problem.max_iterations, problem.tolerance
    )
    weight, means = _recover(program, factors, dimension)
    return Candidate(weight, means, bound, spent, settled=stationary and dimension < C - 1)


def _search(program: Program, rank: int, budget: int, tolerance: float) -> tuple[Factors, float, bool, int]:
    """Best factors of the given rank, the certified lower bound, whether all converged, iterations spent.

    Below full rank the full-rank solve comes first: its dual bound holds for every feature dimension.
    """
    accuracy = min(1e-6, 1e-2 * tolerance)
    C = len(program.counts)
    full = FactorisedObjective(program, C - 1)
    best = minimise(full, _start(program, C - 1), max_iterations=budget, accuracy=accuracy)
    bound, spent = program.dual_value(full.logits(_flat(best))), best.iterations
    if rank == C - 1:
        return best, bound, best.residual <= accuracy, spent
    objective = FactorisedObjective(program, rank)
    left, values, right = np.linalg.svd(best.left @ best.right.T, full_matrices=False)
    scale = np.sqrt(values[:rank])
    starts = [np.concatenate([(left[:, :rank] * scale).ravel(), (right[:rank].T * scale).ravel()])]
    generator = np.random.default_rng(0)
    for _ in range(RESTARTS - 1):
        starts.append(starts[0] + generator.normal(size=starts[0].shape) * np.abs(starts[0]).max())
    found: list[tuple[float, Factors]] = []
    for start in starts:
        factors = minimise(objective, start, max_iterations=max(budget - spent, 0), accuracy=accuracy)
        spent += factors.iterations
        found.append((objective.value_and_gradient(_flat(factors))[0], factors))
    chosen = min(found, key=lambda pair: pair[0])[1]
    return chosen, bound, chosen.residual <= max(accuracy, 1e-6), spent


def _start(program: Program, rank: int) -> NDArray[np.float64]:
    """Factors of the closed form for equal classes of the mean size; a small simplex where it is zero."""
    C = len(program.counts)
    equal = balanced_optimum(
        num_classes=C,
        samples_per_class=1,
        weight_decay=program.weight_decay * float(program.counts.mean()),
        feature_decay=program.feature_decay,
    )
    gap = equal.logit_gap if equal.logit_gap > 0.0 else 0.1
    basis = centred_basis(C)
    left, values, right = np.linalg.svd(gap * program.root[:, None] * basis, full_matrices=False)
    scale = np.sqrt(values[:rank])
    return np.concatenate([(left[:, :rank] * scale).ravel(), (right[:rank].T * scale).ravel()])


def _recover(
    program: Program, factors: Factors, dimension: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W (C, d) and class means (C, d) from the factors: decays shared out, zero columns added."""
    C, rank = len(program.counts), factors.left.shape[1]
    tilt = (program.weight_decay / program.feature_decay) ** 0.25
    weight, means = np.zeros((C, dimension)), np.zeros((C, dimension))
    weight[:, :rank] = centred_basis(C) @ factors.right / tilt
    means[:, :rank] = factors.left / program.root[:, None] * tilt
    return weight, means


def _flat(factors: Factors) -> NDArray[np.float64]:
    return np.concatenate([factors.left.ravel(), factors.right.ravel()])


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
    says="Balanced or imbalanced cross-entropy by L-BFGS and Newton steps on factors, certified by its dual.",
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
