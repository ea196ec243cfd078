# SPDX-License-Identifier: MIT
"""The measured values that theorems speak of, in ball arithmetic: proved intervals instead of floats.

Exact are: the features as the network computed them, the classifier's weight and bias, the labels, the weight
decay, each the dyadic number that its float is. Everything that follows from them (logits, losses, means,
norms, angles) is enclosed, so the true value for these features lies in the interval. No formula is shared
with `simulations.metrics`, whose floats must lie beside these intervals.

With ``centred`` everything is about the features minus their mean mu_G (and the same classifier). Theorems
that need features of mean zero are true of those without any tolerance, and the cosines and angles that they
bound are the same for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from simulations.certification._balls import (
    Ball,
    Balls,
    dot,
    largest,
    largest_eigenvalue,
    not_negative,
    products,
    ratio,
    root,
)
from simulations.certification.recording import Recording
from theory.certificates import Enclosed, ball_matrix, enclosed, working_precision
from theory.certificates.spectral import exact_matrix


def enclosures(
    recording: Recording, *, weight_decay: float | None, centred: bool, precision: int = 128
) -> dict[str, Enclosed | None]:
    """Every value that theorems use or bound, by its dotted name as in `simulations.measure`.

    centred: of the features minus their mean. precision: bits. None: undefined, or not enclosed with so many
    bits (a division by what is not proved to differ from zero).
    """
    with working_precision(precision):
        classifier = _Classifier(recording)
        means = _Means(recording)
        sums = _second_pass(recording, classifier, means, centred)
        found = _values(classifier, means, sums, weight_decay, centred)
        return {name: _outward(ball) for name, ball in found.items()}


def _outward(ball: Ball | None) -> Enclosed | None:
    if ball is None:
        return None
    try:
        return enclosed(ball)
    except ArithmeticError:  # not finite, or too large to be written down
        return None


class _Classifier:
    """rows: W; centred: w_c - wbar; bias: b - mean b; the sums of squares of each."""

    def __init__(self, recording: Recording) -> None:
        weight = np.asarray(recording.weight, dtype=np.float64)
        self.C, self.d = weight.shape
        self.rows: list[Balls] = exact_matrix(weight.tolist()).tolist()
        # C w_c - sum_j w_j is exact, so that equal rows give exact zeros.
        totals = [sum(column) for column in zip(*self.rows, strict=True)]
        self.centred = [
            [(self.C * entry - total) / self.C for entry, total in zip(row, totals, strict=True)]
            for row in self.rows
        ]
        self.squares = [dot(row, row) for row in self.centred]
        self.frobenius_square = sum(dot(row, row) for row in self.rows)
        self.beta_square = sum(self.squares) / self.C
        bias = np.zeros(self.C) if recording.bias is None else np.asarray(recording.bias, dtype=np.float64)
        balls = exact_matrix([bias.tolist()]).tolist()[0]
        self.bias = [(self.C * b - sum(balls)) / self.C for b in balls]


class _Means:
    """First pass: counts n_c, class means, their mean, and mean squared norms by class."""

    def __init__(self, recording: Recording) -> None:
        C, d = recording.weight.shape
        self.counts = np.bincount(recording.labels, minlength=C).tolist()
        totals: list[Balls] = exact_matrix([[0.0] * d] * C).tolist()
        squares: Balls = exact_matrix([[0.0] * C]).tolist()[0]
        for rows, labels in recording.chunks():
            for row, c in zip(exact_matrix(rows.tolist()).tolist(), labels.tolist(), strict=True):
                totals[c] = [a + b for a, b in zip(totals[c], row, strict=True)]
                squares[c] += dot(row, row)
        self.rows = [[x / n for x in total] for total, n in zip(totals, self.counts, strict=True)]
        self.squares = [x / n for x, n in zip(squares, self.counts, strict=True)]
        self.global_mean = [sum(column) / C for column in zip(*self.rows, strict=True)]
        self.global_square = dot(self.global_mean, self.global_mean)


def _second_pass(
    recording: Recording, classifier: _Classifier, means: _Means, centred: bool
) -> dict[str, list[Any]]:
    """Class averages of per-sample terms: losses, cosines with the rows, unit vectors of centred features."""
    C, d = classifier.C, classifier.d
    zero = exact_matrix([[0.0]]).tolist()[0][0]
    sums: dict[str, list[Any]] = {
        name: [zero] * C for name in ("loss", "cosine", "cosine_square", "cosine_centred")
    }
    units: list[Balls] = [[zero] * d for _ in range(C)]
    shift = [dot(row, means.global_mean) for row in classifier.centred]
    lengths = [root(square) for square in classifier.squares]
    for c, logits, row, inner in _samples(recording, classifier, means):
        square = dot(row, row)
        length = root(square - 2 * inner + means.global_square)
        scores = [z - s for z, s in zip(logits, shift, strict=True)]
        used = scores if centred else logits
        sums["loss"][c] += _cross_entropy([z + b for z, b in zip(used, classifier.bias, strict=True)], c)
        cosine = ratio(scores[c], lengths[c], length)
        sums["cosine_centred"][c] += cosine
        if not centred:
            cosine = ratio(logits[c], lengths[c], root(square))
        sums["cosine"][c] += cosine
        sums["cosine_square"][c] += cosine * cosine
        scale = zero if length.is_zero() else 1 / length
        units[c] = [u + scale * (h - m) for u, h, m in zip(units[c], row, means.global_mean, strict=True)]
    averages = {
        name: [x / n for x, n in zip(total, means.counts, strict=True)] for name, total in sums.items()
    }
    averages["unit"] = [[x / n for x in unit] for unit, n in zip(units, means.counts, strict=True)]
    return averages


def _samples(
    recording: Recording, classifier: _Classifier, means: _Means
) -> Iterator[tuple[int, Balls, Balls, Ball]]:
    """Per sample: label, logits <w~_c, h> without bias, the feature h, and <h, mu_G>."""
    columns = ball_matrix([*classifier.centred, means.global_mean]).transpose()
    for rows, labels in recording.chunks():
        features = exact_matrix(rows.tolist())
        products = (features * columns).tolist()
        for c, row, product in zip(labels.tolist(), features.tolist(), products, strict=True):
            yield c, product[:-1], row, product[-1]


def _cross_entropy(logits: Balls, c: int) -> Ball:
    """log(1 + sum over wrong j of e^(z_j - z_c))."""
    return sum((z - logits[c]).exp() for j, z in enumerate(logits) if j != c).log1p()


def _values(
    classifier: _Classifier,
    means: _Means,
    sums: dict[str, list[Any]],
    weight_decay: float | None,
    centred: bool,
) -> dict[str, Ball | None]:
    C = classifier.C
    central = [[x - g for x, g in zip(row, means.global_mean, strict=True)] for row in means.rows]
    rows, squares = means.rows, means.squares
    if centred:
        squares = [
            s - 2 * dot(row, means.global_mean) + means.global_square
            for s, row in zip(squares, rows, strict=True)
        ]
        rows = central
    alpha_square = sum(squares) / C
    centred_square = alpha_square if centred else alpha_square - means.global_square
    alpha, beta = root(alpha_square), root(classifier.beta_square)
    within = [s - dot(row, row) for s, row in zip(squares, rows, strict=True)]
    own = [w / s for w, s in zip(within, squares, strict=True)]
    loss = sum(sums["loss"]) / C
    found: dict[str, Ball | None] = {
        "num_classes": alpha_square * 0 + C,
        "loss": loss,
        "feature_norm": alpha,
        "feature_norm_centred": root(centred_square),
        "weight_norm": beta,
        "weight_frobenius": root(classifier.frobenius_square),
        "bias_norm": root(dot(classifier.bias, classifier.bias) / C),
        "mean_norm": alpha * 0 if centred else root(means.global_square) / alpha,
        "within_class_variability": sum(within) / C / alpha_square,
        "class_variability.mean": sum(own) / C,
        "class_variability.max": largest(own),
        "row_cosine.mean": sum(sums["cosine"]) / C,
        "row_cosine.square": sum(sums["cosine_square"]) / C,
        "row_cosine.weighted_square": dot(sums["cosine_square"], classifier.squares)
        / C
        / classifier.beta_square,
        "row_cosine_centred.mean": sum(sums["cosine_centred"]) / C,
    }
    found |= _geometry("means", central) | _geometry("weights", classifier.rows)
    found |= _gram("means", rows, alpha_square)
    found |= _gram("weights", classifier.centred, classifier.beta_square)
    found |= _cosines(sums["unit"])
    found["nc3.self_duality"] = _self_duality(classifier, central)
    return found | _gaps(C, loss, alpha, beta, alpha_square + classifier.frobenius_square, weight_decay)


def _gaps(
    C: int, loss: Ball, alpha: Ball, beta: Ball, norms: Ball, weight_decay: float | None
) -> dict[str, Ball | None]:
    """The loss and the regularised loss minus their least values; both are never negative."""
    T = C * alpha * beta / (C - 1)
    found = {"loss_gap": not_negative(loss - ((C - 1) * (-T).exp()).log1p())}
    found |= {"weight_decay": None, "regularized_loss": None, "regularized_loss_gap": None}
    if weight_decay is None:
        return found
    decay = exact_matrix([[weight_decay]]).tolist()[0][0]
    total = loss + decay * norms / 2
    classes = loss * 0 + C
    mass = decay * (C - 1) / classes.sqrt()
    least = classes.log()
    if weight_decay == 0.0:
        least = loss * 0
    elif Fraction(weight_decay) ** 2 * C < 1:
        least = -mass * mass.log() - (1 - mass) * (-mass).log1p() + mass * (classes - 1).log()
    found |= {"weight_decay": decay, "regularized_loss": total}
    return found | {"regularized_loss_gap": not_negative(total - least)}


def _geometry(kind: str, rows: list[Balls]) -> dict[str, Ball | None]:
    """Spread of the norms of C rows and of their cosines, and mean distance of these from -1/(C-1)."""
    C, gram = len(rows), products(rows)
    lengths = [root(gram[i][i]) for i in range(C)]
    mean = sum(lengths) / C
    spread = root(sum((x - mean) * (x - mean) for x in lengths) / C)
    cosines = [gram[i][j] / (lengths[i] * lengths[j]) for i in range(C) for j in range(i)]
    level = sum(cosines) / len(cosines)
    return {
        f"nc2.equinorm_{kind}": spread / mean,
        f"nc2.equiangular_{kind}": root(sum((x - level) * (x - level) for x in cosines) / len(cosines)),
        f"nc2.max_angle_{kind}": sum(abs((C - 1) * x + 1) for x in cosines) / (len(cosines) * (C - 1)),
    }


def _gram(kind: str, rows: list[Balls], square: Ball) -> dict[str, Ball | None]:
    """How far the Gram matrix of the rows is from its row means, and its largest eigenvalue, over square."""
    C, gram = len(rows), products(rows)
    levels = [(sum(row) - row[c]) / (C - 1) for c, row in enumerate(gram)]
    distances = sum(abs(gram[i][j] - levels[i]) for i in range(C) for j in range(C) if i != j)
    found = {f"nc2.gram_deviation_{kind}": distances / (C * (C - 1)) / square}
    return found | {f"nc2.spectral_{kind}": largest_eigenvalue(gram) / square}


def _cosines(units: list[Balls]) -> dict[str, Ball | None]:
    """Cosines within and between classes, from the class means u_c of unit vectors."""
    C, gram = len(units), products(units)
    intra = [gram[c][c] for c in range(C)]
    nothing = gram[0][0] * 0
    excess = sum(((C - 1) * gram[i][j] + 1).max(nothing) for i in range(C) for j in range(i))
    return {
        "intra_class_cosine.mean": sum(intra) / C,
        "intra_class_cosine.min": -largest([-x for x in intra]),
        "inter_class_cosine.excess": 2 * excess / (C * (C - 1) ** 2),
    }


def _self_duality(classifier: _Classifier, central: list[Balls]) -> Ball:
    """|| W/||W||_F - M/||M||_F ||_F^2 = 2 - 2 <W, M>/(||W||_F ||M||_F)."""
    inner = sum(dot(w, m) for w, m in zip(classifier.rows, central, strict=True))
    size = sum(dot(m, m) for m in central)
    return 2 - 2 * inner / (root(classifier.frobenius_square) * root(size))
