# SPDX-License-Identifier: MIT
"""Minority collapse: cross-entropy with decays, classes of two sizes, against imbalance and decay.

Phases: the small classes are apart; they share one classifier row and one mean while the large ones are
apart; everything is zero. Boundaries, with n samples in all, n_B in a small class and kappa =
sqrt(weight_decay feature_decay): the small classes coincide iff kappa >= sqrt(n_B)/n (Hong & Ling 2023,
arXiv:2309.09725; theorems hong-ling-2023-minority-collapse and hong-ling-2023-no-collapse-below), and zero is
optimal iff kappa >= ||diag(sqrt n_c)(I - J/C)||_op/n (theorem imbalanced-least-loss at uniform P).

Every point is solved by `simulations.geometry.solve`; the certificates are worked out anew from its logits
in `_contrast`: "together" where a strictly feasible dual point bounds the contrast of every minimiser,
"apart" where the best configuration with coinciding classes is bounded above the value found, "zero" where
the uniform dual point is strictly feasible (then F >= log C + (kappa - kappa_0) ||X||_*).
The default grid takes about 8 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.errors import InputError
from simulations.geometry.closed_forms import minority_collapse_threshold, zero_threshold
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.phases._contrast import Groups, coinciding_bound, contrast, norm
from simulations.geometry.unconstrained_features import solve

PHASES = ("apart", "together", "zero")
SIZE = 1e-6  # a squared contrast certified to be below this share of ||W||^2 is none
RATIOS = (2, 3, 5, 8, 12, 20, 35, 60, 100)


def compute(
    *,
    ratios: Sequence[int] = RATIOS,
    decays: Sequence[float] = tuple(np.geomspace(6e-4, 6e-2, 17)),
    large: int = 3,
    small: int = 3,
    small_count: int = 10,
    shift: float = 1.0,
) -> PhaseData:
    """ratios: whole numbers > 1, samples of a large class over those of a small one. decays: kappa. large,
    small: numbers of classes, at least 2. small_count: samples of a small class. shift: factor on the
    boundaries, to see that wrong ones fail. order: length of the contrast of two small classes' rows over
    the root mean square length of all rows (0 where all are zero)."""
    if min(large, small) < 2 or small_count < 1:
        raise InputError(
            f"minority-collapse: received large = {large}, small = {small}, small_count = {small_count}; at "
            "least two classes of each size are required, for a contrast, and one sample."
        )
    xs, ys = increasing("ratios", ratios, least=2, whole=True), increasing("decays", decays)

    def counts(ratio: float) -> list[int]:
        return [round(ratio) * small_count] * large + [small_count] * small

    def classify(ratio: float, kappa: float) -> Cell:
        return cell(counts(ratio), large, kappa)

    curves = [
        Curve(
            "the small classes coincide",
            lambda ratio: minority_collapse_threshold(small_count, sum(counts(ratio))),
            (0, 1),
            "Hong & Ling 2023 (arXiv:2309.09725)",
            "hong-ling-2023-minority-collapse",
        ),
        Curve(
            "everything is zero",
            lambda ratio: zero_threshold(counts(ratio)),
            (1, 2),
            "this project (2026): uniform dual point",
            "imbalanced-least-loss",
        ),
    ]
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("samples of a large class / of a small class", xs, log=True),
        y=Axis("kappa = sqrt(weight decay x feature decay)", ys, log=True),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="contrast of two small classes' rows / root mean square row",
        boundaries=[
            boundary(curve, classify, phases=PHASES, xs=xs, tested=xs, shift=factor) for curve in curves
        ],
        note=f"{large} large and {small} small classes, {small_count} samples in a small class.",
    )


def cell(counts: Sequence[int], large: int, kappa: float) -> Cell:
    """The optimum at these counts (the large classes first), with decays kappa each, and its certificate."""
    sizes = np.asarray(counts, dtype=float)
    C = len(sizes)
    groups = Groups(sizes / sizes.sum(), np.sqrt(sizes), (np.arange(C) >= large).astype(np.int64))
    refused = norm(groups.slope(np.full((C, C), 1.0 / C)))
    if kappa > refused * (1.0 + 1e-12):
        return Cell(2, True, 0.0, f"uniform dual point strictly feasible: {refused:.6g} < kappa")
    found = solve(counts=counts, weight_decay=kappa, feature_decay=kappa, tolerance=1e-11)
    value = found.objective
    rows = found.weight[large:]
    spread = float(np.sqrt(np.square(rows - rows.mean(axis=0)).sum(axis=1).mean() * 2.0))
    scale = float(np.sqrt(np.square(found.weight).sum(axis=1).mean()))
    order = spread / scale if scale > 0.0 else 0.0
    if not value < np.log(C) - 1e-10:
        return Cell(2, False, order, f"value {value:.10g} is not below that of zero")
    strict = contrast(groups, 1, groups.probabilities(found.logits), value, kappa)
    if strict.margin > 0.0 and strict.size <= SIZE * np.square(found.weight).sum():
        return Cell(
            1,
            True,
            order,
            f"duality gap {strict.gap:.1e}, contrasts refused by {strict.margin:.2%}: their square is "
            f"at most {strict.size:.1e} at every minimiser; value {value:.8g} below log C",
        )
    bound = coinciding_bound(groups, 1, kappa)
    told = f"any coinciding configuration costs at least {bound:.10g}, this one {value:.10g}"
    return Cell(0, bound > value * (1.0 + 1e-12) + 1e-12, order, told)


DIAGRAM = Diagram(
    name="minority-collapse",
    says="Above a decay that is exactly known the small classes share one classifier row and one mean.",
    source="Hong & Ling 2023 (arXiv:2309.09725); certificates: this project (2026)",
    compute=compute,
    quick={"ratios": (3, 30), "decays": tuple(np.geomspace(1e-3, 5e-2, 4))},
)
