# SPDX-License-Identifier: MIT
"""Nonnegative features: which classes vanish, for cross-entropy with ReLU features and two sizes of classes.

Phases: every class is kept; the small ones have zero mean and no margin; all have. Boundary: class c
vanishes iff N kappa >= sqrt(n_c (C-1)/C), N samples in all (Dang et al. 2024, arXiv:2401.02058; theorem
dang-2024-relu-imbalanced; threshold: this project, 2026).

Every point is solved by the model relu-features; the certificate is worked out anew from its theorem:
with psi(p) = -(1-p) log(1-p) - p log(p/(C-1)) and r_c = N kappa sqrt((C-1)/(C n_c)), every configuration
costs at least sum_c (n_c/N) psi(p_c) + sum_c (lambda_H/2)(1 - (p_c/r_c)^2) n_c ||mean_c||^2, for all p_c
<= r_c.
- Vanished: p_c = (C-1)/C < r_c bounds n_c ||mean_c||^2 of every minimiser by the gap over (lambda_H/2)(1
  - (p_c/r_c)^2).
- Kept: where the mean of c is zero the bound needs no p_c <= r_c, so p_c = (C-1)/C, psi = log C is
  allowed; if even this with one small (or large) class lies above the value found, no minimiser has it at
  zero. The default grid takes less than a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import xlogy

from simulations.errors import InputError
from simulations.geometry.models.relu_features import relu_vanishing_threshold, solve
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing

PHASES = ("all kept", "small classes vanish", "all vanish")
ROUNDING = 1e-13
SMALL = 1e-7  # decay of a mean, relative to log C, that is certified to be none


def compute(
    *,
    ratios: Sequence[int] = (2, 3, 5, 8, 12, 20, 35, 60, 100),
    decays: Sequence[float] = tuple(np.geomspace(5e-4, 6e-2, 25)),
    large: int = 3,
    small: int = 3,
    small_count: int = 10,
    shift: float = 1.0,
) -> PhaseData:
    """ratios: whole numbers > 1, samples of a large class over those of a small one. decays: kappa. large,
    small: numbers of classes, at least 1. small_count: samples of a small class. shift: factor on the
    boundaries. order: logit gap of a small class over that of a large one, 0 where all vanish."""
    if min(large, small, small_count) < 1:
        raise InputError(
            f"relu-vanishing: received large = {large}, small = {small}, small_count = {small_count}; at "
            "least one of each is required."
        )
    xs, ys = increasing("ratios", ratios, least=2, whole=True), increasing("decays", decays)

    def counts(ratio: float) -> list[int]:
        return [round(ratio) * small_count] * large + [small_count] * small

    def classify(ratio: float, kappa: float) -> Cell:
        return cell(counts(ratio), kappa)

    def threshold(ratio: float, which: int) -> float:
        sizes = counts(ratio)
        return relu_vanishing_threshold(count=sizes[which], total_count=sum(sizes), num_classes=large + small)

    source, name = "Dang et al. 2024 (arXiv:2401.02058)", "dang-2024-relu-imbalanced"
    curves = [
        Curve("the small classes vanish", lambda ratio: threshold(ratio, -1), (0, 1), source, name),
        Curve("the large classes vanish", lambda ratio: threshold(ratio, 0), (1, 2), source, name),
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
        order_label="logit gap of a small class / of a large class",
        boundaries=[
            boundary(curve, classify, phases=PHASES, xs=xs, tested=xs, shift=factor) for curve in curves
        ],
        note=f"{large} large and {small} small classes, {small_count} samples in a small class.",
    )


def cell(counts: Sequence[int], kappa: float) -> Cell:
    """The optimum (large classes first in counts), with decays kappa each, and its certificate."""
    sizes = np.asarray(counts, dtype=float)
    C, share, full = len(sizes), sizes / sizes.sum(), (len(sizes) - 1) / len(sizes)
    found = solve(counts=counts, weight_decay=kappa, feature_decay=kappa)
    value, gaps = found.objective, found.details["logit_gaps"]
    order = float(gaps[-1] / gaps[0]) if gaps[0] > 0.0 else 0.0
    reach = sizes.sum() * kappa * np.sqrt(full / sizes)
    mass = np.minimum(reach, full)
    each = -xlogy(1.0 - mass, 1.0 - mass) - xlogy(mass, mass / (C - 1))
    gap = max(value - float(share @ each), 0.0) + ROUNDING
    kept = [bool(np.linalg.norm(found.class_means[which]) > 0.0) for which in (0, -1)]
    phase = 0 if kept[1] else 1 if kept[0] else 2
    proofs, told = [], []
    for which, name in ((0, "large"), (-1, "small")):
        if kept[0 if which == 0 else 1]:
            without = float(share @ each) + share[which] * (np.log(C) - each[which])
            proofs.append(bool(without > value + ROUNDING))
            told.append(f"a {name} class at zero costs {without - value:.2g} more")
        else:
            spare = 1.0 - (mass[which] / reach[which]) ** 2
            size = gap / spare if spare > 1e-9 else np.inf
            proofs.append(bool(size <= SMALL * np.log(C)))
            told.append(f"the decay of a {name} class's mean is at most {size:.1e}")
    return Cell(phase, all(proofs) and gap <= 1e-9, order, "; ".join(told))


DIAGRAM = Diagram(
    name="relu-vanishing",
    says="With nonnegative features small classes vanish above an exactly known decay, large ones later.",
    source="Dang et al. 2024 (arXiv:2401.02058)",
    compute=compute,
    quick={"ratios": (3, 30), "decays": (1e-3, 5e-3, 1.5e-2, 6e-2)},
)
