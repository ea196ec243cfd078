# SPDX-License-Identifier: MIT
"""From a simplex to an orthogonal frame: squared error with a decayed bias, equal classes.

Phases, at bias decay beta and c = C kappa sqrt(n): the class means are an exact simplex; they have a
common mean and lie between a simplex and the orthogonal frame, which is reached as beta grows; they are
zero. Boundaries: an exact simplex iff c >= beta/(1 + beta), that is beta <= c/(1 - c), and zero iff c >=
1 (Tirer & Bruna 2022, arXiv:2202.08087; Zhou et al. 2022, arXiv:2203.01238; theorems
tirer-bruna-2022-mse-bias and tirer-bruna-2022-mse-bias-frame).

Every point is solved by `simulations.geometry.solve`; the certificate is worked out anew. Let Z be the
class-mean logits and E = Z + 1 b' - I (C, C). For every S (C, C)

    ||E||^2/(2C) >= -<S, E> - (C/2)||S||^2,   (beta/2)|b|^2 - <S' 1, b> >= -|S' 1|^2/(2 beta),

so the objective F = ||E||^2/(2C) + k ||Z||_* + (beta/2)|b|^2, k = kappa sqrt(n), is at least

    B(S) + k ||Z||_* - <S, Z>,   B(S) = tr S - (C/2)||S||^2 - |S' 1|^2/(2 beta).

S is the solver's residual -E/C, averaged over the permutations of the classes: S = a (I - J/C) + s J/C,
each of a and s cut to [-k, k] where needed. Let u = 1/sqrt(C), so that J/C = u u'.
- Simplex: if |s| < k, then with the singular vectors u_k, v_k of Z, as in (2) of `_contrast`, sum s_k (u'
  u_k)^2 and sum s_k (u' v_k)^2 are at most 2 (F - B)/(k (1 - (s/k)^2)): the squared means of the class
  means and of the rows (balanced factors), at every minimiser. E is unique, since its square is strictly
  convex, and so symmetric in the classes: centred means are a simplex.
- Between: where the means are centred, u' Z = 0, nothing has less than B(S), however large s is; this
  bound lies above the value found.
- Zero: |a| < k and |s| < k bound ||Z||_* by (F - B)/(k - max(|a|, |s|)). Not zero: where Z = 0 every S
  gives a bound, and one of them lies above the value found. Strict forms: this project (2026). The
  default grid takes about 1 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.errors import InputError
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.unconstrained_features import solve

PHASES = ("between simplex and orthogonal frame", "simplex", "zero")
ROUNDING = 1e-13
SMALL = 1e-7  # a squared mean or a norm certified to be below this is none


def compute(
    *,
    bias_decays: Sequence[float] = tuple(np.geomspace(0.02, 50.0, 15)),
    strengths: Sequence[float] = tuple(np.linspace(0.04, 1.18, 15)),
    classes: int = 5,
    samples: int = 10,
    shift: float = 1.0,
) -> PhaseData:
    """bias_decays: beta > 0. strengths: c = C kappa sqrt(n) > 0. classes: C >= 2. samples: n a class. shift:
    factor on the boundaries, to see that wrong ones fail. order: mean cosine between class means, -1/(C-1) at
    a simplex and 0 at an orthogonal frame; NaN where they are zero."""
    if classes < 2 or samples < 1:
        raise InputError(
            f"bias-transition: received classes = {classes}, samples = {samples}; at least 2 and 1 "
            "are required."
        )
    xs, ys = increasing("bias_decays", bias_decays), increasing("strengths", strengths)

    def classify(decay: float, strength: float) -> Cell:
        return cell(classes, samples, decay, strength)

    source = "Tirer & Bruna 2022 (arXiv:2202.08087); Zhou et al. 2022 (arXiv:2203.01238)"
    curves = [
        Curve("exact simplex", lambda b: b / (1.0 + b), (0, 1), source, "tirer-bruna-2022-mse-bias"),
        Curve("zero", lambda b: 1.0, (1, 2), source, "tirer-bruna-2022-mse-bias"),
    ]
    # where the two boundaries are too close to be tested apart, nothing is tested
    tested = xs[xs / (1.0 + xs) < 0.95]
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("decay of the bias", xs, log=True),
        y=Axis("c = C kappa sqrt(samples a class)", ys),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="mean cosine between class means",
        boundaries=[
            boundary(curve, classify, phases=PHASES, xs=xs, tested=tested, shift=factor) for curve in curves
        ],
        note=f"{classes} classes of {samples} samples.",
    )


def cell(classes: int, samples: int, decay: float, strength: float) -> Cell:
    """The optimum and its certificate."""
    C, k = classes, strength / classes  # k = kappa sqrt(n)
    kappa = k / np.sqrt(samples)
    found = solve(
        loss="squared-error",
        counts=[samples] * C,
        weight_decay=kappa,
        feature_decay=kappa,
        bias_decay=decay,
        tolerance=1e-10,
    )
    value = found.objective
    slope = (np.eye(C) - found.logits) / C
    common = float(slope.sum() / C)
    apart = float((np.trace(slope) - common) / (C - 1))

    def bound(inner: float, outer: float) -> float:
        norm = (C - 1) * inner**2 + outer**2
        return (C - 1) * inner + outer - 0.5 * C * norm - C * outer**2 / (2.0 * decay)

    def gap(inner: float, outer: float) -> float:
        return max(value - bound(inner, outer), 0.0) + ROUNDING

    inner, outer = float(np.clip(apart, -k, k)), float(np.clip(common, -k, k))
    order = _mean_cosine(found.class_means)
    if max(abs(apart), abs(common)) < k * (1.0 - 1e-9):
        size = gap(apart, common) / (k - max(abs(apart), abs(common)))
        told = f"dual point inside the unit ball: every minimiser has ||Z||_* <= {size:.1e}"
        return Cell(2, size <= SMALL, order, told)
    nothing = bound(1.0 / C, 1.0 / (C * (1.0 + 1.0 / decay)))
    if not nothing > value + ROUNDING:
        return Cell(2, False, order, "not told from zero")
    if abs(common) < k * (1.0 - 1e-9):
        size = 2.0 * gap(inner, common) / (k * (1.0 - (common / k) ** 2))
        told = f"duality gap {gap(inner, common):.1e}: every minimiser's squared mean is at most {size:.1e}"
        return Cell(1, size <= SMALL, order, f"{told}; zero costs {nothing - value:.3g} more")
    centred = bound(inner, 1.0 / (C * (1.0 + 1.0 / decay)))
    told = f"any centred configuration costs at least {centred:.12g}, this one {value:.12g}"
    return Cell(0, centred > value + ROUNDING and gap(inner, outer) < 1e-8, order, told)


def _mean_cosine(means: np.ndarray) -> float:
    norms = np.linalg.norm(means, axis=1)
    if not np.all(norms > 1e-9):
        return float("nan")
    unit, C = means / norms[:, None], len(means)
    return float((np.square(unit.sum(axis=0)).sum() - C) / (C * (C - 1)))


DIAGRAM = Diagram(
    name="bias-transition",
    says="Under a decayed bias the simplex turns into an orthogonal frame below an exactly known decay.",
    source="Tirer & Bruna 2022 (arXiv:2202.08087); Zhou et al. 2022 (arXiv:2203.01238)",
    compute=compute,
    quick={"bias_decays": (0.1, 1.0), "strengths": (0.05, 0.3, 0.7, 1.1)},
)
