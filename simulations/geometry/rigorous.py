# SPDX-License-Identifier: MIT
"""Proved intervals around the minimum of the unconstrained-features model, from floating-point points.

A solver's bound is a number of floating-point arithmetic. Here the same duality is evaluated in ball
arithmetic (`theory.certificates.duality`, where the derivation is): every float is taken as the exact number
that it is, the spectral norm of the dual matrix is bounded from above, the matrix is shrunk into the feasible
set with room for every rounding, and what is returned is rounded outward. So the interval holds the minimum
whatever the solver did, and a bad point only makes it wide.

The lower end holds for every feature dimension; the upper end for every dimension from the point's own.
Decays and counts are exact too: a decay of 0.005 is the float nearest to it unless given as a Fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations import losses
from simulations.errors import InputError
from simulations.geometry.checks import checked_bias_decay, checked_counts, checked_decays, checked_whole
from simulations.geometry.duals import QUADRATIC, domain_of, dual_value, feasible_rows
from simulations.geometry.programs.nuclear_norm import ConicSolution
from simulations.geometry.solution import Solution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from theory.certificates.duality import DecayModel

__all__ = [
    "ProvedBound",
    "ProvedInterval",
    "certify_solution",
    "rigorous_lower_bound",
    "rigorous_upper_bound",
]


@dataclass(frozen=True)
class ProvedBound:
    """exact: the number that was proved, a dyadic fraction. value: the next float outward of it."""

    value: float
    exact: Fraction


@dataclass(frozen=True)
class ProvedInterval:
    """low <= minimum <= high, proved; floats rounded outward, with the exact ends beside them."""

    low: float
    high: float
    exact_low: Fraction
    exact_high: Fraction

    @property
    def width(self) -> float:
        """high - low, >= 0."""
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def rigorous_lower_bound(
    *,
    loss: str | losses.Loss,
    counts: Sequence[int],
    weight_decay: float | Fraction,
    feature_decay: float | Fraction,
    dual: ArrayLike,
    bias_decay: float | Fraction | None = None,
    precision: int = 128,
) -> ProvedBound:
    """A proved lower bound on the minimum of the model, in every feature dimension.

    dual (C, C): any finite numbers, row c a guess of the gradient of class c's loss in its logits; the bound
    is within rounding of the dual value where they are feasible, and true in any case. bias_decay: None for
    no bias, 0 for a free one. precision: bits of the balls.
    Raises InputError on bad input. Cost: four matrix products of size C in balls.
    """
    form = losses.resolve(loss)
    model = _model(form, counts, weight_decay, feature_decay, bias_decay, precision)
    from theory.certificates.duality import dual_lower_bound

    sizes = np.array(model.counts, dtype=np.float64)
    C, kappa = len(sizes), float(np.sqrt(float(weight_decay)) * np.sqrt(float(feature_decay)))
    rows = feasible_rows(
        form,
        dual,
        counts=sizes,
        kappa=kappa,
        bias_decay=None if bias_decay is None else float(bias_decay),
    )
    if domain_of(form).kind != QUADRATIC:
        rows = rows * (1.0 - 4 * C * np.finfo(float).eps)  # room for rounding: 0 lies inside every domain
    left, _, right = np.linalg.svd((np.sqrt(sizes) / sizes.sum())[:, None] * rows)
    exact = dual_lower_bound(model, rows.tolist(), left.tolist(), right.T.tolist(), precision)
    return _rounded(exact, upward=False)


def rigorous_upper_bound(
    *,
    loss: str | losses.Loss,
    counts: Sequence[int],
    weight_decay: float | Fraction,
    feature_decay: float | Fraction,
    weight: ArrayLike,
    class_means: ArrayLike,
    bias: ArrayLike | None = None,
    bias_decay: float | Fraction | None = None,
    precision: int = 128,
) -> ProvedBound:
    """A proved upper bound on the minimum: the objective at one point, every sample at its class mean.

    weight (C, d), class_means (C, d), bias (C,) or None: finite floats, taken as they are. Other arguments as
    in `rigorous_lower_bound`. Raises InputError on bad input, also for a bias in a model without one.
    """
    model = _model(losses.resolve(loss), counts, weight_decay, feature_decay, bias_decay, precision)
    from theory.certificates.duality import primal_upper_bound

    C = len(model.counts)
    heads, means = _checked("weight", weight, (C, None)), _checked("class_means", class_means, (C, None))
    if heads.shape != means.shape:
        raise InputError(
            f"rigorous_upper_bound: received weight {heads.shape} and class_means {means.shape}; one shape "
            "(C, d) is required of both."
        )
    if bias is not None and bias_decay is None:
        reason = "bias_decay = None, the model without bias; give bias_decay (0 for a free bias)"
        raise InputError(f"rigorous_upper_bound: received a bias and {reason}.")
    shift = None if bias is None else _checked("bias", bias, (C,)).tolist()
    exact = primal_upper_bound(model, heads.tolist(), means.tolist(), shift, precision)
    return _rounded(exact, upward=True)


def certify_solution(
    solution: Solution | ConicSolution,
    *,
    loss: str | losses.Loss,
    counts: Sequence[int],
    weight_decay: float | Fraction,
    feature_decay: float | Fraction,
    bias_decay: float | Fraction | None = None,
    dual: ArrayLike | None = None,
    precision: int = 128,
) -> ProvedInterval:
    """A proved interval around the minimum from what a solver returned, whatever its status.

    solution: of `solve` or `solve_conic`, for the same loss, counts and decays. dual (C, C): the rows for the
    lower end; when omitted, the best of the solution's own (``ConicSolution.dual``,
    ``Solution.details["dual"]``, or else the gradient of the loss at its logits) and of `_polar_rows`.
    Raises InputError where the solution holds no finite point or does not fit the counts.
    """
    form = losses.resolve(loss)
    if isinstance(solution, ConicSolution):
        weight, means = _factors(solution, counts, *checked_decays("proof", weight_decay, feature_decay))
        bias = solution.bias if bias_decay is not None else None
        own: Any = solution.dual
    elif not isinstance(solution, Solution):
        kind = type(solution).__name__
        raise InputError(
            f"certify_solution: received a {kind}; a result of solve or solve_conic is required."
        )
    else:
        weight, means, bias = solution.weight, solution.class_means, solution.bias
        own = solution.details.get("dual")
    if bias is None and bias_decay is not None:
        bias = np.zeros(len(weight))
    shared: dict[str, Any] = {
        "loss": form,
        "counts": counts,
        "weight_decay": weight_decay,
        "feature_decay": feature_decay,
        "bias_decay": bias_decay,
        "precision": precision,
    }
    high = rigorous_upper_bound(weight=weight, class_means=means, bias=bias, **shared)
    if dual is None:
        dual = _best_rows(own, form, np.asarray(weight), np.asarray(means), bias, shared)
    low = rigorous_lower_bound(dual=dual, **shared)
    if low.exact > high.exact:
        raise ArithmeticError(
            f"certify_solution: proved {low.value} <= minimum <= {high.value}, which is impossible; this is "
            "an error in this library."
        )
    return ProvedInterval(low.value, high.value, low.exact, high.exact)


def _best_rows(
    own: Any,
    form: losses.Loss,
    weight: NDArray[np.float64],
    means: NDArray[np.float64],
    bias: ArrayLike | None,
    shared: dict[str, Any],
) -> ArrayLike:
    """Of the solution's own rows, or the gradient, and the polar ones those with the larger dual value."""
    sizes, logits = np.asarray(shared["counts"], dtype=np.float64), means @ weight.T
    kappa = float(np.sqrt(float(shared["weight_decay"])) * np.sqrt(float(shared["feature_decay"])))
    shifted = logits if bias is None else logits + np.asarray(bias)
    slope = form.gradient(logits=shifted, labels=np.arange(len(sizes)))
    first = slope if own is None else own
    decay = None if shared["bias_decay"] is None else float(shared["bias_decay"])

    def value(rows: ArrayLike) -> float:
        return dual_value(form, rows, counts=sizes, kappa=kappa, bias_decay=decay)

    return max(first, _polar_rows(logits, slope, sizes, kappa), key=value)


def _polar_rows(
    logits: NDArray[np.float64], slope: NDArray[np.float64], sizes: NDArray[np.float64], kappa: float
) -> NDArray[np.float64]:
    """Rows that optimality asks for: -kappa U V' where D Z = U S V' is not zero, the gradient elsewhere.

    At the optimum they are the gradient. Near it they stay on the sphere of norm kappa, to which D Z is
    normal, so that their dual value is wrong by the square of the distance only, where that of the scaled
    gradient is wrong by the distance; and they are right where a loss has a kink and no one gradient.
    """
    weights = (np.sqrt(sizes) / sizes.sum())[:, None]
    left, values, right = np.linalg.svd(np.sqrt(sizes)[:, None] * logits)
    rank = int(np.sum(values > 1e-9 * values[0]))
    left, right, rest = left[:, :rank], right[:rank], weights * slope
    rest = rest - left @ (left.T @ rest)
    rest = rest - (rest @ right.T) @ right
    return np.asarray((rest - kappa * left @ right) / weights)


def _factors(
    solution: ConicSolution, counts: Sequence[int], weight_decay: float, feature_decay: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and class means (C, C) whose penalties share out the nuclear norm of diag(sqrt n_c) Z."""
    sizes = checked_counts("certify_solution", counts)
    logits = _checked("logits", solution.logits, (len(sizes), len(sizes))) - solution.bias
    left, values, right = np.linalg.svd(np.sqrt(sizes)[:, None] * logits)
    tilt, scale = weight_decay**0.25 / feature_decay**0.25, np.sqrt(values)
    return (right.T * scale) / tilt, (left * scale) / np.sqrt(sizes)[:, None] * tilt


def _model(
    form: losses.Loss,
    counts: Sequence[int],
    weight_decay: float | Fraction,
    feature_decay: float | Fraction,
    bias_decay: float | Fraction | None,
    precision: int,
) -> DecayModel:
    """The checked instance with exact numbers."""
    from theory.certificates.duality import DecayModel

    domain = domain_of(form)
    sizes = checked_counts("rigorous bound", counts)
    checked_decays("rigorous bound", weight_decay, feature_decay)
    checked_bias_decay("rigorous bound", bias_decay)
    checked_whole("rigorous bound", "precision", precision, 53, "floats have that many bits")
    return DecayModel(
        kind=domain.kind,
        counts=tuple(int(size) for size in sizes),
        weight_decay=_exact(weight_decay),
        feature_decay=_exact(feature_decay),
        bias_decay=None if bias_decay is None else _exact(bias_decay),
        smoothing=Fraction(domain.smoothing),
    )


def _exact(number: float | Fraction) -> Fraction:
    """The number as it is; NumPy's integers and short floats are no Rationals to `Fraction`."""
    return number if isinstance(number, Fraction) else Fraction(float(number))


def _checked(name: str, array: ArrayLike, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """A finite float array of that shape (None: any length >= 1); InputError otherwise."""
    try:
        values = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    fits = values.ndim == len(shape) and all(
        have >= 1 if want is None else have == want for have, want in zip(values.shape, shape, strict=True)
    )
    if not fits:
        raise InputError(f"rigorous bound: received {name} of shape {np.shape(array)}; {shape} is required.")
    if not np.isfinite(values).all():
        raise InputError(f"rigorous bound: received {name} with NaN or infinity; finite ones are required.")
    return values


def _rounded(exact: Fraction, *, upward: bool) -> ProvedBound:
    from theory.certificates.spectral import float_above, float_below

    return ProvedBound(float_above(exact) if upward else float_below(exact), exact)
