# SPDX-License-Identifier: MIT
"""`tightness`: worst cases against the bound over many loss gaps, with slopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError
from simulations.geometry.attack.claims import claim_of
from simulations.geometry.attack.worst_case import WorstCase, worst_case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tightness:
    """Worst cases over loss gaps.

    loss_gap (increasing), attained, bound, ratio: arrays of one length, in the units of `WorstCase`.
    slope_attained, slope_bound: least-squares slopes of log quantity against log gap over the smaller half of
        the gaps (1 for a bound linear in the gap); NaN for fewer than two gaps. cases: the worst cases.
    """

    name: str
    quantity: str
    loss_gap: Array
    attained: Array
    bound: Array
    ratio: Array
    slope_attained: float
    slope_bound: float
    cases: tuple[WorstCase, ...]


def tightness(
    name: str,
    *,
    C: int,
    samples_per_class: int,
    feature_dim: int,
    loss_gaps: Sequence[float] | Array,
    starts: Sequence[str] = ("orthogonal-noise", "random-noise"),
    **options: Any,
) -> Tightness:
    """Attack a "<=" claim at every gap of ``loss_gaps`` (positive; other arguments as for `worst_case`)."""
    if claim_of(name).minimum:
        raise InputError(f"tightness: {name} bounds the least loss itself, so there is no loss gap to vary.")
    gaps = np.sort(np.asarray(loss_gaps, dtype=np.float64))
    cases = tuple(
        worst_case(
            name,
            C=C,
            samples_per_class=samples_per_class,
            feature_dim=feature_dim,
            loss_gap=float(gap),
            starts=starts,
            **options,
        )
        for gap in gaps
    )
    attained = np.array([case.attained for case in cases])
    bound = np.array([case.bound for case in cases])
    half = max(2, (len(gaps) + 1) // 2)

    def slope(values: Array) -> float:
        if len(gaps) < 2:
            return float("nan")
        return float(np.polyfit(np.log(gaps[:half]), np.log(values[:half]), 1)[0])

    return Tightness(
        name,
        cases[0].quantity,
        gaps,
        attained,
        bound,
        attained / bound,
        slope(attained),
        slope(bound),
        cases,
    )
