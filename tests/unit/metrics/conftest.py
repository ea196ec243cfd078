# SPDX-License-Identifier: MIT
"""A second implementation of every metric: explicit loops in 40-digit arithmetic, sharing nothing with it.

It follows the formulas of the definitions word for word; where two sums could be exchanged, they are not.
"""

import itertools

import mpmath
import numpy as np
import pytest
from mpmath import mp


def _dot(a, b):
    return mpmath.fsum(x * y for x, y in zip(a, b, strict=True))


def _sub(a, b):
    return [x - y for x, y in zip(a, b, strict=True)]


def _norm(a):
    return mpmath.sqrt(_dot(a, a))


def _mean(values):
    values = list(values)
    return mpmath.fsum(values) / len(values)


def _mean_vector(vectors):
    return [_mean(column) for column in zip(*vectors, strict=True)]


def _std(values, ddof=0):
    values = list(values)
    centre = _mean(values)
    return mpmath.sqrt(mpmath.fsum((v - centre) ** 2 for v in values) / (len(values) - ddof))


class _Naive:
    """features (n, d), labels (n,), weight (C, d), bias (C,) or None, all as doubles taken exactly."""

    def __init__(self, features, labels, weight, bias=None):
        self.h = [[mp.mpf(float(x)) for x in row] for row in np.asarray(features, dtype=float)]
        self.y = [int(label) for label in labels]
        self.w = [[mp.mpf(float(x)) for x in row] for row in np.asarray(weight, dtype=float)]
        self.C = len(self.w)
        self.b = [mp.mpf(0)] * self.C if bias is None else [mp.mpf(float(x)) for x in bias]
        self.members = [[i for i, label in enumerate(self.y) if label == c] for c in range(self.C)]
        self.mu = [_mean_vector([self.h[i] for i in group]) for group in self.members]
        self.mu_G = _mean_vector(self.mu)
        wbar = _mean_vector(self.w)
        self.wc = [_sub(row, wbar) for row in self.w]
        self.M = [_sub(row, self.mu_G) for row in self.mu]

    def E(self, function):
        """Class-balanced mean of function(sample index)."""
        return _mean(_mean(function(i) for i in group) for group in self.members)

    def logits(self, i):
        return [_dot(self.w[c], self.h[i]) + self.b[c] for c in range(self.C)]

    def cross_entropy(self, i):
        z = self.logits(i)
        return mpmath.log(mpmath.fsum(mpmath.exp(x - z[self.y[i]]) for x in z))

    def margin(self, i):
        z, c = self.logits(i), self.y[i]
        return z[c] - _mean(z[j] for j in range(self.C) if j != c)

    def phi(self, t):
        return mpmath.log(1 + (self.C - 1) * mpmath.exp(-t))

    def q(self, t):
        return (self.C - 1) / (self.C - 1 + mpmath.exp(t))

    def norms(self):
        alpha = mpmath.sqrt(self.E(lambda i: _dot(self.h[i], self.h[i])))
        beta = mpmath.sqrt(_mean(_dot(row, row) for row in self.wc))
        bbar = _mean(self.b)
        return {
            "feature_norm": alpha,
            "feature_norm_centred": mpmath.sqrt(self.E(lambda i: _norm(_sub(self.h[i], self.mu_G)) ** 2)),
            "weight_norm": beta,
            "weight_frobenius": mpmath.sqrt(mpmath.fsum(_dot(row, row) for row in self.w)),
            "T": self.C * alpha * beta / (self.C - 1),
            "mean_norm": _norm(self.mu_G) / alpha,
            "bias_norm": mpmath.sqrt(_mean((x - bbar) ** 2 for x in self.b)),
        }

    def losses(self):
        norms, n = self.norms(), len(self.y)
        T, alpha, beta = norms["T"], norms["feature_norm"], norms["weight_norm"]

        def distance(i):
            w = self.wc[self.y[i]]
            return _norm([a / alpha - b / beta for a, b in zip(self.h[i], w, strict=True)]) ** 2

        phi, q = self.phi, self.q
        spread = self.E(lambda i: self.cross_entropy(i) - phi(self.margin(i)))
        margins = self.E(lambda i: phi(self.margin(i)) - phi(T) + q(T) * (self.margin(i) - T))
        correct = [max(range(self.C), key=self.logits(i).__getitem__) == self.y[i] for i in range(n)]
        loss = self.E(self.cross_entropy)
        return {
            "loss": loss,
            "mean_loss": _mean(self.cross_entropy(i) for i in range(n)),
            "accuracy": mp.mpf(sum(correct)) / n,
            "minimum_loss": phi(T),
            "loss_gap": loss - phi(T),
            "gap_decomposition.wrong_class_spread": spread,
            "gap_decomposition.margin_spread": margins,
            "gap_decomposition.misalignment": T * q(T) / 2 * self.E(distance),
        }

    def regularized(self, weight_decay):
        norms, decay, C = self.norms(), mp.mpf(weight_decay), self.C
        squares = norms["feature_norm"] ** 2 + norms["weight_frobenius"] ** 2
        total = self.E(self.cross_entropy) + decay / 2 * squares
        p = decay * (C - 1) / mpmath.sqrt(C)
        least = mpmath.log(C)
        if decay < 1 / mpmath.sqrt(C):
            least = -p * mpmath.log(p / (C - 1)) - (1 - p) * mpmath.log(1 - p)
        return {
            "regularized_loss": total,
            "minimum_regularized_loss": least,
            "regularized_loss_gap": total - least,
        }

    def nc1(self):
        C, d, alpha = self.C, len(self.mu_G), self.norms()["feature_norm"]
        residual = [_sub(row, self.mu[c]) for row, c in zip(self.h, self.y, strict=True)]
        within, between = mpmath.zeros(d), mpmath.zeros(d)
        for a, b in itertools.product(range(d), repeat=2):
            within[a, b] = self.E(lambda i, a=a, b=b: residual[i][a] * residual[i][b])
            between[a, b] = _mean(row[a] * row[b] for row in self.M)
        trace_w = mpmath.fsum(within[a, a] for a in range(d))
        trace_b = mpmath.fsum(between[a, a] for a in range(d))
        eigenvalues, vectors = mpmath.eigsy(between)
        pinv = mp.mpf(0)
        for k in sorted(range(d), key=lambda k: -eigenvalues[k])[: C - 1]:
            v = vectors[:, k]
            pinv += (v.T * within * v)[0] / eigenvalues[k]
        variances = [_mean(_dot(residual[i], residual[i]) for i in group) for group in self.members]
        ratios = [
            (variances[a] + variances[b]) / (2 * _norm(_sub(self.mu[a], self.mu[b])) ** 2)
            for a, b in itertools.permutations(range(C), 2)
        ]
        centred = self.E(lambda i: _norm(_sub(self.h[i], self.mu_G)) ** 2)
        squares = [_mean(_dot(self.h[i], self.h[i]) for i in group) for group in self.members]
        own = [a / b for a, b in zip(variances, squares, strict=True)]
        return {
            "class_variability.mean": _mean(own),
            "class_variability.max": max(own),
            "within_class_variability": trace_w / alpha**2,
            "within_class_variability_centred": trace_w / centred,
            "nc1.trace_ratio": trace_w / trace_b,
            "nc1.pinv_trace": pinv / C,
            "nc1.pinv_trace_unscaled": pinv,
            "nc1.cdnv": _mean(ratios),
        }

    def nc2_to_nc4(self):
        result = {}
        for name, rows in (("means", self.M), ("weights", self.w)):
            lengths = [_norm(row) for row in rows]
            pairs = itertools.permutations(range(self.C), 2)
            cosines = [_dot(rows[a], rows[b]) / (lengths[a] * lengths[b]) for a, b in pairs]
            result[f"nc2.equinorm_{name}"] = _std(lengths) / _mean(lengths)
            result[f"nc2.equinorm_{name}_unbiased"] = _std(lengths, ddof=1) / _mean(lengths)
            result[f"nc2.equiangular_{name}"] = _std(cosines)
            result[f"nc2.max_angle_{name}"] = _mean(abs(x + mp.mpf(1) / (self.C - 1)) for x in cosines)
        alpha_sq = self.E(lambda i: _norm(self.h[i]) ** 2)
        wbar = [_mean(row[k] for row in self.w) for k in range(len(self.w[0]))]
        centred = [_sub(row, wbar) for row in self.w]
        beta_sq = _mean(_dot(row, row) for row in centred)
        for name, rows, scale in (("means", self.mu, alpha_sq), ("weights", centred, beta_sq)):
            gram = mpmath.matrix(
                [[_dot(rows[a], rows[b]) / scale for b in range(self.C)] for a in range(self.C)]
            )
            others = [[gram[a, b] for b in range(self.C) if b != a] for a in range(self.C)]
            result[f"nc2.gram_deviation_{name}"] = _mean(abs(x - _mean(row)) for row in others for x in row)
            result[f"nc2.spectral_{name}"] = max(mpmath.eigsy(gram, eigvals_only=True))
        sizes = [mpmath.sqrt(mpmath.fsum(_dot(row, row) for row in rows)) for rows in (self.w, self.M)]
        result["nc3.self_duality"] = mpmath.fsum(
            (a / sizes[0] - b / sizes[1]) ** 2
            for row_w, row_m in zip(self.w, self.M, strict=True)
            for a, b in zip(row_w, row_m, strict=True)
        )
        mismatches = 0
        for i, h in enumerate(self.h):
            z = self.logits(i)
            decided = max(range(self.C), key=z.__getitem__)
            nearest = min(range(self.C), key=lambda c, h=h: _norm(_sub(h, self.mu[c])))
            mismatches += decided != nearest
        result["nc4.ncc_mismatch"] = mp.mpf(mismatches) / len(self.h)
        return result

    def cosines(self):
        units = []
        for h in self.h:
            centred = _sub(h, self.mu_G)
            length = _norm(centred)
            units.append([x / length if length else mp.mpf(0) for x in centred])
        intra, distinct = [], []
        for group in self.members:
            pairs = list(itertools.product(group, repeat=2))
            intra.append(_mean(_dot(units[i], units[j]) for i, j in pairs))
            others = [_dot(units[i], units[j]) for i, j in pairs if i != j]
            distinct.append(_mean(others) if others else None)
        inter = [
            _mean(_dot(units[i], units[j]) for i in self.members[a] for j in self.members[b])
            for a, b in itertools.permutations(range(self.C), 2)
        ]
        lonely = None in distinct
        return {
            "intra_class_cosine.mean": _mean(intra),
            "intra_class_cosine.min": min(intra),
            "intra_class_cosine_distinct.mean": None if lonely else _mean(distinct),
            "intra_class_cosine_distinct.min": None if lonely else min(distinct),
            "inter_class_cosine.mean": _mean(inter),
            "inter_class_cosine.max": max(inter),
            "inter_class_cosine.excess": _mean(max(x + mp.mpf(1) / (self.C - 1), 0) for x in inter),
        }

    def row_cosines(self):
        def cosine(i, h):
            lengths = _norm(self.wc[self.y[i]]) * _norm(h)
            return _dot(self.wc[self.y[i]], h) / lengths if lengths else mp.mpf(0)

        def size(i):
            return _dot(self.wc[self.y[i]], self.wc[self.y[i]]) / _mean(_dot(row, row) for row in self.wc)

        return {
            "row_cosine.mean": self.E(lambda i: cosine(i, self.h[i])),
            "row_cosine.square": self.E(lambda i: cosine(i, self.h[i]) ** 2),
            "row_cosine.weighted_square": self.E(lambda i: size(i) * cosine(i, self.h[i]) ** 2),
            "row_cosine_centred.mean": self.E(lambda i: cosine(i, _sub(self.h[i], self.mu_G))),
        }


def _naive(*, features, labels, weight, bias=None, weight_decay=None):
    """Every quantity by its dotted name, as Python floats rounded from 40 digits."""
    with mp.workdps(40):
        loops = _Naive(features, labels, weight, bias)
        values = {**loops.norms(), **loops.losses(), **loops.nc1(), **loops.nc2_to_nc4(), **loops.cosines()}
        values |= loops.row_cosines()
        if weight_decay is not None:
            values.update(loops.regularized(weight_decay))
        return {name: None if value is None else float(value) for name, value in values.items()}


@pytest.fixture(scope="session")
def naive():
    """naive(features=, labels=, weight=, bias=None, weight_decay=None) -> {dotted name: float or None}."""
    return _naive


def _simplex(C, d, rng):
    """(C, d >= C): a randomly rotated simplex equiangular tight frame of unit quadratic-mean norm."""
    frame = np.sqrt(C / (C - 1)) * (np.eye(C) - 1 / C)
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return frame @ rotation[:C]


@pytest.fixture(scope="session")
def collapsed_layer():
    """collapsed_layer(C=, d=, n=, seed=, noise=, alpha=, beta=): arguments of measure() near collapse."""

    def build(*, C=4, d=6, n=5, seed=0, noise=0.0, alpha=2.0, beta=3.0):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.repeat(np.arange(C), n))
        simplex = _simplex(C, d, rng)
        features = simplex[labels] + noise * rng.standard_normal((C * n, d))
        weight = simplex + noise * rng.standard_normal((C, d))
        return {"features": alpha * features, "labels": labels, "weight": beta * weight}

    return build


@pytest.fixture(scope="session")
def random_layer():
    """random_layer(C=, d=, n=, seed=, bias=): arguments of measure(), n samples in all, classes unequal."""

    def build(*, C=4, d=6, n=60, seed=0, bias=False):
        rng = np.random.default_rng(seed)
        labels = np.concatenate([np.arange(C), rng.integers(0, C, n - C)])
        weight = rng.standard_normal((C, d))
        layer = {
            "features": rng.standard_normal((n, d)) + weight[labels],
            "labels": labels,
            "weight": weight,
        }
        return {**layer, "bias": rng.standard_normal(C)} if bias else layer

    return build
