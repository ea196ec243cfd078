# SPDX-License-Identifier: MIT
"""Softmax codes: the largest one-vs-rest margin of C unit vectors in d dimensions, against both.

Phases by the margin: above 1, a simplex, whose margin is C/(C-1); exactly 1, vectors at right angles and
beyond, such as part of a cross-polytope; below 1, codes of few dimensions. Boundaries: a simplex iff C <=
d + 1 (Jiang et al. 2024, arXiv:2310.05351; theorem jiang-2024-softmax-code), margin 1 or more iff C <= 2
d (Rankin 1955, for the margin by theorem jiang-2024-code-margin-cosine and the model softmax-code). They
run between whole numbers of classes, whose neighbours are tested.

The margin is certified from both sides by the model: from below by the hyperplanes of the code found, from
above by a bound on every code. The phase is certain where the whole interval lies on one side of 1, or is
the point 1, though the best code itself may be unknown.
The default grid takes about 25 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from simulations.errors import InputError
from simulations.geometry.models.softmax_code import solve
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing

PHASES = ("simplex", "margin 1", "margin below 1")
ACCURACY = 1e-12


def compute(
    *,
    dimensions: Sequence[int] = (1, 2, 3, 4, 5, 6, 7),
    classes: Sequence[int] = tuple(range(2, 16)),
    starts: int = 1,
    seed: int = 0,
    shift: float = 1.0,
) -> PhaseData:
    """dimensions: d >= 1. classes: C >= 2. starts, seed: of the search for a code where no closed form is
    known. shift: factor on the boundaries, to see that wrong ones fail. order: the margin found.
    details: upper_bound (len(classes), len(dimensions)), of the margin of every code."""
    xs = increasing("dimensions", dimensions, least=1, whole=True)
    ys = increasing("classes", classes, least=2, whole=True)
    if xs[-1] < 2:
        raise InputError(
            f"softmax-codes: received dimensions = {dimensions!r}; at least one >= 2 is required: on a line "
            "two vectors are a simplex and more have margin 0."
        )

    @cache
    def solved(dimension: int, number: int) -> tuple[Cell, float]:
        return cell(number, dimension, starts, seed)

    def classify(dimension: float, number: float) -> Cell:
        return solved(round(dimension), round(number))[0]

    inner = xs[xs >= 2]
    curves = [
        Curve(
            "simplex up to C = d + 1",
            lambda d: d + 1.5,
            (0, 1),
            "Jiang et al. 2024 (arXiv:2310.05351)",
            "jiang-2024-softmax-code",
            whole=True,
        ),
        Curve(
            "margin 1 up to C = 2 d",
            lambda d: 2.0 * d + 0.5,
            (1, 2),
            "Rankin 1955, for cosines; for margins this project (2026)",
            "jiang-2024-code-margin-cosine",
            whole=True,
        ),
    ]
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("dimension d", xs),
        y=Axis("classes C", ys),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="one-vs-rest margin",
        boundaries=[
            boundary(curve, classify, phases=PHASES, xs=inner, tested=inner, shift=factor) for curve in curves
        ],
        note="A phase is certain where the certified interval of the margin decides it.",
        details={"upper_bound": np.array([[solved(int(d), int(C))[1] for d in xs] for C in ys])},
    )


def cell(num_classes: int, dimension: int, starts: int, seed: int) -> tuple[Cell, float]:
    """The phase and the upper bound of the margin."""
    found = solve(num_classes=num_classes, feature_dim=dimension, starts=starts, seed=seed)
    low, high = found.objective, float(found.details["upper_bound"])
    told = f"margin in [{low:.10g}, {high:.10g}]: {found.details['bound_source']}"
    if low > 1.0 + ACCURACY:
        return Cell(0, found.certified, low, told), high
    if high < 1.0 - ACCURACY:
        return Cell(2, True, low, told), high
    return Cell(1, abs(low - 1.0) <= ACCURACY and abs(high - 1.0) <= ACCURACY, low, told), high


DIAGRAM = Diagram(
    name="softmax-codes",
    says="The best code is a simplex up to d + 1 classes, has margin 1 up to 2 d, and less beyond.",
    source="Jiang et al. 2024 (arXiv:2310.05351); Rankin 1955",
    compute=compute,
    quick={"dimensions": (2, 3), "classes": (2, 4, 5, 7), "starts": 1},
    wrong={"shift": 1.7},
)
