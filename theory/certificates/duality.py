# SPDX-License-Identifier: MIT
"""Both sides of the unconstrained-features model's duality in balls: floats in, proved numbers out.

The model over W, H and one bias b for all samples, kappa = sqrt(weight_decay feature_decay), share_c = n_c/n:

    P = min (1/n) sum loss(W h + b) + (weight_decay/2)||W||^2 + (feature_decay/2) sum ||h||^2
        + (bias_decay/2)||b||^2.

*Upper side.* The objective at any point, features equal within a class, is at least P.

*Lower side.* (decays)/2 (||W||^2 + ||H||^2) >= kappa ||W H'||_* for every number of features (AM-GM and the
variational form of the nuclear norm), the loss is convex, and so Fenchel-Young gives, for all rows a_c in the
domain of loss_c*, with s = sum_c share_c a_c and G of rows (sqrt(n_c)/n) a_c,

    P >= sum_c share_c (-loss_c*(a_c)) - ||s||^2/(2 bias_decay)    if ||G||_op <= kappa,

the last term absent without a bias, and s = 0 required with a free one. -loss_c*(a) is
    "entropic"   (log sum exp(u) - <q, u>, q = 1 - smoothing on the true class + smoothing/C everywhere): the
                 entropy of q + a, a probability vector;
    "capped"     ((1/C) sum_{j != c} max(0, 1 + u_j - u_c)): sum_{j != c} a_j, where 0 <= a_j <= 1/C and the
                 sum of all is zero;
    "quadratic"  (||u - e_c||^2/2): -||a||^2/2 - a_c.
(Convex form: Zhu et al. 2021, arXiv:2105.02375; Fenchel-Young: Rockafellar 1970, "Convex Analysis", section
12.) Samples of a class may have different features: by convexity that does not lower P, and the bound holds
sample by sample with the same a_c, since stacking n_c equal rows a_c/n has the same spectral norm as G.

The rows need not be feasible. They stand for exact real numbers, moved in this order, in balls: the true
class's entry is minus the sum of the others (not for "quadratic"); with a free bias s is subtracted from
every row and the rows are mixed with a multiple of (share - e_c)_c, which has s = 0 and lies strictly inside
the domain; everything is scaled by a number with scale * (bound of ||G||_op) <= kappa. Membership in the
domain is then decided by ball comparisons; a float too far outside is refused, never rounded in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from theory.certificates.balls import fraction_ball
from theory.certificates.spectral import Rows, exact_matrix, lower_end, spectral_norm_bound, upper_end

if TYPE_CHECKING:
    from flint import arb

Table = list[list["arb"]]


@dataclass(frozen=True)
class DecayModel:
    """One instance. counts: samples of each class, positive. The decays are exact and positive.

    bias_decay: None for no bias, 0 for a free one. smoothing: of the label, in [0, 1), if "entropic".
    """

    kind: Literal["entropic", "capped", "quadratic"]
    counts: tuple[int, ...]
    weight_decay: Fraction
    feature_decay: Fraction
    bias_decay: Fraction | None = None
    smoothing: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        sound = (
            self.kind in ("entropic", "capped", "quadratic")
            and len(self.counts) >= 2
            and min(self.counts) >= 1
            and self.weight_decay > 0
            and self.feature_decay > 0
            and (self.bias_decay is None or self.bias_decay >= 0)
            and 0 <= self.smoothing < 1
        )
        if not sound:
            raise ValueError(f"{self}: the numbers are outside the ranges that the class names.")

    def shares(self) -> list[arb]:
        """n_c/n."""
        return [fraction_ball(Fraction(count, sum(self.counts))) for count in self.counts]

    def target(self, c: int, j: int) -> arb:
        """Entry j of the smoothed label of class c."""
        spread = self.smoothing / len(self.counts)
        return fraction_ball(spread + (1 - self.smoothing if c == j else 0))


def dual_lower_bound(
    model: DecayModel,
    rows: Rows,
    left: Rows | None = None,
    right: Rows | None = None,
    precision: int = 128,
) -> Fraction:
    """A number that is at most P in every feature dimension: the dual at the rows, made feasible.

    rows (C, C): floats, row c near the gradient of class c's loss in its logits. left, right (C, C): hints,
    singular vectors of G as columns; they decide how close the bound is, never whether it is true.
    precision: bits. Raises ValueError for a wrong shape, NaN, or rows that are outside the domain of the
    conjugate by more than mixing and scaling repair.
    """
    import flint

    C = len(model.counts)
    if len(rows) != C or any(len(row) != C for row in rows):
        raise ValueError(f"dual_lower_bound: {C} rows of {C} entries are required, one row a class.")
    with flint.ctx.workprec(precision):
        table = exact_matrix(rows).tolist()
        if model.kind != "quadratic":
            _set_true_entries(table)
        if model.bias_decay == 0:
            table = _balanced(model, table)
        _require_domain(model, table)
        scale = _scale(model, table, left, right)
        table = [[scale * entry for entry in row] for row in table]
        return lower_end(_dual_objective(model, table))


def primal_upper_bound(
    model: DecayModel,
    weight: Rows,
    class_means: Rows,
    bias: Sequence[float] | None = None,
    precision: int = 128,
) -> Fraction:
    """A number that is at least the objective at the point, and so at least P for every d >= its own.

    weight (C, d), class_means (C, d), bias (C,) or None: floats, taken as they are; every sample sits at its
    class mean. Raises ValueError for a wrong shape or NaN, or for a bias in a model without one.
    """
    import flint
    from flint import arb

    C = len(model.counts)
    if len(weight) != C or len(class_means) != C or len(weight[0]) != len(class_means[0]):
        raise ValueError(f"primal_upper_bound: weight and class_means must both have {C} rows of one length.")
    if bias is not None and (model.bias_decay is None or len(bias) != C):
        raise ValueError(f"primal_upper_bound: a bias of {C} entries belongs to a model with a bias only.")
    with flint.ctx.workprec(precision):
        heads, means = exact_matrix(weight), exact_matrix(class_means)
        shift = [arb(0)] * C if bias is None else exact_matrix([bias]).entries()
        logits, features = (means * heads.transpose()).tolist(), means.tolist()
        total = fraction_ball(model.weight_decay / 2) * _square_sum(heads.entries())
        total += fraction_ball((model.bias_decay or Fraction(0)) / 2) * _square_sum(shift)
        half = fraction_ball(model.feature_decay / 2)
        for c, share in enumerate(model.shares()):
            row = [z + b for z, b in zip(logits[c], shift, strict=True)]
            total += share * _loss(model, c, row)
            total += half * model.counts[c] * _square_sum(features[c])
        return upper_end(total)


def _set_true_entries(table: Table) -> None:
    """The diagonal becomes minus the sum of the other entries of its row, in place."""
    from flint import arb

    for c, row in enumerate(table):
        row[c] = arb(0)
        row[c] = -sum(row, arb(0))


def _lower_bounds(model: DecayModel, c: int) -> list[arb]:
    """What the entries of row c must not fall below ("entropic": probabilities >= 0; "capped": >= 0)."""
    from flint import arb

    C = len(model.counts)
    if model.kind == "entropic":
        wrong, true = -model.target(c, (c + 1) % C), -model.target(c, c)
    else:
        wrong, true = arb(0), arb(-1)  # the true entry is minus a sum of C - 1 numbers of at most 1/C
    return [true if j == c else wrong for j in range(C)]


def _balanced(model: DecayModel, table: Table) -> Table:
    """Rows with sum_c share_c a_c exactly zero: that sum subtracted, then mixed with the centre if needed."""
    from flint import arb

    C, shares = len(model.counts), model.shares()
    drift = [arb(0)] * C
    for share, row in zip(shares, table, strict=True):
        drift = [total + share * entry for total, entry in zip(drift, row, strict=True)]
    table = [[entry - by for entry, by in zip(row, drift, strict=True)] for row in table]
    if model.kind == "quadratic":
        return table
    # Centre: strength * (share - e_c). Its wrong entries are share_j * strength above the bound of the
    # linear part, and at most half the cap of 1/C.
    strength = fraction_ball(
        1 - model.smoothing
        if model.kind == "entropic"
        else Fraction(sum(model.counts), 2 * C * max(model.counts))
    )
    centre = [strength * share for share in shares]
    cap = fraction_ball(Fraction(1, C))
    worst = arb(0)
    for c, row in enumerate(table):
        for j, (entry, low) in enumerate(zip(row, _lower_bounds(model, c), strict=True)):
            middle = centre[j] - strength if j == c else centre[j]
            worst = worst.max(((low - entry) / (middle - low)).upper())
            if model.kind == "capped" and j != c:
                worst = worst.max(((entry - cap) / (cap - middle)).upper())
    mix = (2 * worst / (1 + 2 * worst)).upper() if worst > 0 else arb(0)
    return [
        [
            (1 - mix) * entry + mix * (centre[j] - strength if j == c else centre[j])
            for j, entry in enumerate(row)
        ]
        for c, row in enumerate(table)
    ]


def _require_domain(model: DecayModel, table: Table) -> None:
    """ValueError unless every row is proved to lie in the domain of its loss's conjugate."""
    if model.kind == "quadratic":
        return
    cap = fraction_ball(Fraction(1, len(model.counts)))
    for c, row in enumerate(table):
        for j, (entry, low) in enumerate(zip(row, _lower_bounds(model, c), strict=True)):
            if not entry >= low or (model.kind == "capped" and j != c and not entry <= cap):
                raise ValueError(
                    f"dual_lower_bound: entry ({c}, {j}) = {entry.str(6)} is not proved to lie in the domain "
                    f"of the conjugate ({model.kind}, at least {low.str(6)}); move the rows inside first."
                )


def _scale(model: DecayModel, table: Table, left: Rows | None, right: Rows | None) -> arb:
    """An exact number in [0, 1] whose product with ||G||_op is proved to be at most kappa."""
    from flint import arb, arb_mat

    total = sum(model.counts)
    roots = [fraction_ball(Fraction(count)).sqrt() / total for count in model.counts]
    slope = arb_mat([[root * entry for entry in row] for root, row in zip(roots, table, strict=True)])
    norm = spectral_norm_bound(slope, left, right)
    kappa = fraction_ball(model.weight_decay * model.feature_decay).sqrt().lower()
    return arb(1) if norm <= kappa else (kappa / norm).lower()


def _dual_objective(model: DecayModel, table: Table) -> arb:
    """The dual's value at rows in the domain with ||G||_op <= kappa."""
    from flint import arb

    value, pull = arb(0), [arb(0)] * len(table)
    for c, (share, row) in enumerate(zip(model.shares(), table, strict=True)):
        if model.kind == "entropic":
            wrong, true = model.target(c, (c + 1) % len(row)), model.target(c, c)
            each = sum((_entropy((true if j == c else wrong) + entry) for j, entry in enumerate(row)), arb(0))
        elif model.kind == "capped":
            each = -row[c]
        else:
            each = -_square_sum(row) / 2 - row[c]
        value += share * each
        if model.bias_decay:
            pull = [total + share * entry for total, entry in zip(pull, row, strict=True)]
    return value - _square_sum(pull) / fraction_ball(2 * model.bias_decay) if model.bias_decay else value


def _entropy(probability: arb) -> arb:
    """-p log p, or the number 0 below it where p is only known to be in [0, 1]."""
    from flint import arb

    return -probability * probability.log() if probability > 0 else arb(0)


def _loss(model: DecayModel, c: int, logits: list[arb]) -> arb:
    """The loss of class c at its row of logits."""
    from flint import arb

    C, relative = len(logits), [z - logits[c] for z in logits]
    if model.kind == "capped":
        return sum(((1 + lead).max(arb(0)) for j, lead in enumerate(relative) if j != c), arb(0)) / C
    if model.kind == "quadratic":
        return _square_sum([z - int(j == c) for j, z in enumerate(logits)]) / 2
    top = max((lead.mid() for lead in relative), key=float)
    total = sum(((lead - top).exp() for lead in relative), arb(0))
    return top + total.log() - fraction_ball(model.smoothing / C) * sum(relative, arb(0))


def _square_sum(entries: Sequence[arb]) -> arb:
    from flint import arb

    return sum((entry * entry for entry in entries), arb(0))
