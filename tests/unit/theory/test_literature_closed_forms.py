# SPDX-License-Identifier: MIT
"""Closed forms of the literature against the models themselves, minimised by SciPy or CVXPY."""

import cvxpy as cp
import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import logsumexp, softmax

import theory
from simulations import solve


class Model:
    """Loss + (weight_decay/2)||W||^2 + (1/2) sum_i v_i ||h_i||^2 + (bias_decay/2)||b||^2, over W, H, b."""

    def __init__(self, counts, weight_decay, feature_decay, *, loss="ce", smoothing=0.0, bias=None, dim=None):
        self.counts, self.C = np.asarray(counts), len(counts)
        self.labels = np.repeat(np.arange(self.C), self.counts)
        self.N, self.dim = len(self.labels), dim or self.C + 1
        self.decay, self.bias, self.loss = weight_decay, bias, loss
        self.feature_decays = np.broadcast_to(feature_decay, self.N)
        onehot = np.eye(self.C)[self.labels]
        self.target = onehot + smoothing * ((1 - onehot) / (self.C - 1) - onehot)

    def split(self, x):
        W = x[: self.C * self.dim].reshape(self.C, self.dim)
        H = x[self.C * self.dim : (self.C + self.N) * self.dim].reshape(self.N, self.dim)
        return W, H, x[(self.C + self.N) * self.dim :]

    def __call__(self, x):
        W, H, b = self.split(x)
        Z = H @ W.T + (b if self.bias is not None else 0.0)
        if self.loss == "ce":
            value = np.mean(logsumexp(Z, axis=1) - (self.target * Z).sum(1))
            slope = (softmax(Z, axis=1) - self.target) / self.N
        else:
            value, slope = 0.5 * np.mean(((Z - self.target) ** 2).sum(1)), (Z - self.target) / self.N
        v = self.feature_decays[:, None]
        value += self.decay / 2 * (W**2).sum() + (v * H**2).sum() / 2
        parts = [(slope.T @ H + self.decay * W).ravel(), (slope @ W + v * H).ravel()]
        if self.bias is not None:
            value += self.bias / 2 * (b**2).sum()
            parts.append(slope.sum(0) + self.bias * b)
        return value, np.concatenate(parts)

    def minimise(self, seed=0, *, nonnegative=False, scale=1.0):
        """The value, W, H and b that L-BFGS reaches from a random start."""
        rng = np.random.default_rng(seed)
        size = (self.C + self.N) * self.dim + (self.C if self.bias is not None else 0)
        start = scale * rng.normal(size=size)
        bounds = None
        if nonnegative:
            bounds = [(None, None)] * (self.C * self.dim) + [(0, None)] * (self.N * self.dim)
            start[self.C * self.dim :] = np.abs(start[self.C * self.dim :])
        options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10}
        found = minimize(self, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return (found.fun, *self.split(found.x))


def number(name, **values):
    return theory.get(name).evaluate(**values)


# ---- cross-entropy with decays, with and without label smoothing


@pytest.mark.parametrize(("C", "n"), [(2, 2), (3, 3), (5, 2)])
def test_zhu_least_loss_and_margin(C, n):
    """The minimum over W, H and a free bias, and its common margin a*."""
    decays = {"weight_decay": 0.03, "feature_decay": 0.02}
    value, W, H, b = Model([n] * C, 0.03, 0.02, bias=0.0).minimise(seed=C)
    assert value == pytest.approx(number("zhu-2021-least-loss", C=C, samples_per_class=n, **decays), rel=1e-7)
    Z = H @ W.T + b
    margin = Z[0, 0] - Z[0, 1:]
    pull = np.sqrt(0.03 * 0.02 * n)
    np.testing.assert_allclose(margin, np.log(1 / pull - C + 1), rtol=1e-3)


@pytest.mark.parametrize("n", [4, 9])
def test_zhu_least_loss_is_certified_by_the_solver(n):
    """The certified interval of simulations.solve contains the closed form."""
    C, weight_decay, feature_decay = 5, 0.01, 0.002
    found = solve(counts=[n] * C, weight_decay=weight_decay, feature_decay=feature_decay)
    decays = {"weight_decay": weight_decay, "feature_decay": feature_decay}
    expected = number("zhu-2021-least-loss", C=C, samples_per_class=n, **decays)
    assert found.status == "optimal"
    assert found.value - found.gap - 1e-12 <= expected <= found.value + 1e-12


@pytest.mark.parametrize("factor", [0.8, 0.95, 1.05, 1.5])
def test_zhu_threshold_from_both_sides(factor):
    C, n, feature_decay = 4, 2, 0.1
    edge = number("zhu-2021-zero-above-threshold", C=C, samples_per_class=n, feature_decay=feature_decay)
    value, W, *_ = Model([n] * C, factor * edge, feature_decay, bias=0.0).minimise(seed=1)
    if factor > 1:
        assert value == pytest.approx(np.log(C), rel=1e-9)
        assert np.abs(W).max() < 1e-3
    else:
        given = {"weight_decay": factor * edge, "feature_decay": feature_decay}
        upper = number("zhu-2021-non-zero-below-threshold", C=C, samples_per_class=n, **given)
        assert value <= upper < np.log(C)
        assert np.linalg.norm(W) > 0.1


@pytest.mark.parametrize("smoothing", [0.0, 0.05, 0.2])
def test_zhou_label_smoothing(smoothing):
    C, n = 4, 2
    decays = {"weight_decay": 0.03, "feature_decay": 0.02}
    value, W, H, _ = Model([n] * C, 0.03, 0.02, smoothing=smoothing).minimise(seed=2)
    given = {"C": C, "samples_per_class": n, "smoothing": smoothing, **decays}
    assert value == pytest.approx(number("zhou-2022-label-smoothing", **given), rel=1e-7)
    Z = H @ W.T
    share = smoothing / (C - 1) + np.sqrt(0.03 * 0.02 * n)
    np.testing.assert_allclose(Z[0, 0] - Z[0, 1:], np.log(1 / share - C + 1), rtol=1e-3)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_zhou_label_smoothing_threshold(factor):
    C, n, feature_decay, smoothing = 3, 2, 0.1, 0.3
    given = {"C": C, "samples_per_class": n, "smoothing": smoothing, "feature_decay": feature_decay}
    edge = number("zhou-2022-label-smoothing-threshold", **given)
    value, W, *_ = Model([n] * C, factor * edge, feature_decay, smoothing=smoothing).minimise(seed=3)
    assert (value < np.log(C) - 1e-4) == (factor < 1)
    assert (np.linalg.norm(W) > 0.1) == (factor < 1)


# ---- squared error


@pytest.mark.parametrize(("C", "n"), [(2, 3), (4, 2)])
def test_mse_orthogonal_frame(C, n):
    value, W, *_ = Model([n] * C, 0.05, 0.02, loss="mse").minimise(seed=4)
    given = {"C": C, "samples_per_class": n, "weight_decay": 0.05, "feature_decay": 0.02}
    assert value == pytest.approx(number("zhou-2022-mse-orthogonal-frame", **given), rel=1e-8)
    gram = W @ W.T
    np.testing.assert_allclose(gram, gram[0, 0] * np.eye(C), atol=1e-3)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_mse_threshold(factor):
    C, n, feature_decay = 3, 2, 0.2
    edge = number("zhou-2022-mse-zero-above-threshold", C=C, samples_per_class=n, feature_decay=feature_decay)
    value, W, *_ = Model([n] * C, factor * edge, feature_decay, loss="mse").minimise(seed=5)
    assert (value < 0.5 - 1e-4) == (factor < 1)
    assert (np.linalg.norm(W) > 0.1) == (factor < 1)


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.95, 1.1, 3.0])
def test_mse_bias_transition(factor):
    """Up to lambda_b = c/(1-c) the rows sum to zero and one formula holds, beyond it the other."""
    C, n, decays = 3, 2, {"weight_decay": 0.05, "feature_decay": 0.05}
    given = {"C": C, "samples_per_class": n, **decays}
    edge = number("tirer-bruna-2022-mse-bias-frame", **given)
    bias = factor * edge
    value, W, *_ = Model([n] * C, 0.05, 0.05, loss="mse", bias=bias).minimise(seed=6)
    mean = np.linalg.norm(W.mean(axis=0))
    if factor <= 1:
        expected = number("tirer-bruna-2022-mse-bias", bias_decay=bias, **given)
        assert mean < 1e-3
    else:
        c = C * np.sqrt(0.05 * 0.05 * n)
        expected = c - c**2 / 2 - c**2 / (2 * C * bias)
        assert mean > 0.05
        assert not theory.get("tirer-bruna-2022-mse-bias").unmet(bias_decay=0.1 * edge, **given)
        assert theory.get("tirer-bruna-2022-mse-bias").unmet(bias_decay=bias, **given)
    assert value == pytest.approx(expected, rel=1e-7)


# ---- deep linear networks


def deep_minimum(layers, decay, *, C=2, n=1, start=1.0, seed=0, exact=None):
    """Least squared error of W_M ... W_1 H from one start; one decay, or one for each of W_M, ..., W_1, H."""
    shapes = [(C, C)] * layers + [(C, n * C)]
    sizes = [a * b for a, b in shapes]
    label, N = np.tile(np.eye(C), n), n * C
    decays = np.broadcast_to(decay, layers + 1)

    def objective(x):
        factors = [p.reshape(s) for p, s in zip(np.split(x, np.cumsum(sizes)[:-1]), shapes, strict=True)]
        left = [np.eye(C)]
        for f in factors:
            left.append(left[-1] @ f)
        error = (left[-1] - label) / N
        right, slopes = np.eye(N), [np.zeros(0)] * len(factors)
        for a in reversed(range(len(factors))):
            slopes[a] = left[a].T @ error @ right.T + decays[a] * factors[a]
            right = factors[a] @ right
        value = N / 2 * (error**2).sum() + sum(
            a / 2 * (f**2).sum() for a, f in zip(decays, factors, strict=True)
        )
        return value, np.concatenate([g.ravel() for g in slopes])

    if exact is not None:
        size = (np.sqrt(n) * exact) ** (1 / (layers + 1))
        begin = np.concatenate([*(size * np.eye(C).ravel() for _ in range(layers)), size * label.ravel()])
        begin[-label.size :] /= np.sqrt(n)
    else:
        begin = start * np.random.default_rng(seed).normal(size=sum(sizes))
    found = minimize(objective, begin, jac=True, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-11})
    return found.fun


def decay_at(layers, strength, *, C=2, n=1):
    """The common decay of all layers with A = ((M+1)/2) C decay n^{1/(M+1)}."""
    return strength / ((layers + 1) / 2 * C * n ** (1 / (layers + 1)))


@pytest.mark.parametrize(("layers", "n"), [(2, 1), (2, 3), (3, 2), (4, 1)])
def test_deep_mse_threshold_and_value(layers, n):
    """Below A* the minimum is the theorem's value at the larger root, above A* it is 1/2."""
    edge = number("dang-2023-deep-mse-threshold", layers=layers)
    top, shrink = (layers - 1) / layers, (layers - 1) / (layers + 1)
    below = 0.9 * edge
    root = brentq(lambda y: (1 - y) * y**shrink - 2 * below / (layers + 1), top, 1)
    expected = number("dang-2023-deep-mse-value", layers=layers, singular_ratio=root)
    runs = [deep_minimum(layers, decay_at(layers, below, n=n), n=n, seed=s) for s in range(4)]
    runs.append(deep_minimum(layers, decay_at(layers, below, n=n), n=n, exact=root))
    assert min(runs) == pytest.approx(expected, rel=1e-7)
    assert expected < 0.5
    above = decay_at(layers, 1.02 * edge, n=n)
    runs = [deep_minimum(layers, above, n=n, seed=s, start=2.0) for s in range(4)]
    runs.append(deep_minimum(layers, above, n=n, exact=top))
    assert min(runs) >= 0.5 - 1e-9


@pytest.mark.parametrize(("C", "n"), [(2, 1), (3, 2)])
def test_two_layers_with_unequal_decays(C, n):
    """Zero is optimal from the theorem's product of decays on, and not below it."""
    feature_decay, ratio = 0.08, 3.0
    edge = number("tirer-bruna-2022-two-layers", C=C, samples_per_class=n, feature_decay=feature_decay)
    for factor, expected in ((0.9, False), (1.02, True)):
        both = np.sqrt(factor * edge)
        decays = (both * ratio, both / ratio, feature_decay)
        runs = [deep_minimum(2, decays, C=C, n=n, seed=s) for s in range(4)]
        runs.append(deep_minimum(2, decays, C=C, n=n, exact=0.5))
        assert (min(runs) >= 0.5 - 1e-9) == expected


def test_the_largest_root_is_a_local_minimum_worse_than_zero():
    """M = 2, y = 8/27: the descent stays at the root, with more than 1/2."""
    assert theory.get("dang-2023-largest-root").verify().verdict == "REFUTED"
    found = deep_minimum(2, 19 / 81, exact=8 / 27)
    assert found == pytest.approx((19 / 27) ** 2 / 2 + 1.5 * 19 / 27 * 8 / 27, rel=1e-8)
    assert found > 0.5


# ---- the layer-peeled model


def test_fang_layer_peeled_minimum():
    """Least cross-entropy with both norms on their budgets, and no less anywhere inside."""
    C, dim, row, feature = 3, 2, 1.3, 2.1

    def loss(x):
        W, H = x.reshape(2, C, dim)
        W = W * row * np.sqrt(C) / np.linalg.norm(W)
        H = H * feature * np.sqrt(C) / np.linalg.norm(H)
        Z = H @ W.T
        return np.mean(logsumexp(Z, axis=1) - np.diag(Z))

    rng = np.random.default_rng(0)
    runs = [minimize(loss, rng.normal(size=2 * C * dim)).fun for _ in range(3)]
    bound = number("fang-2021-layer-peeled", C=C, alpha=feature, weight_frobenius=row * np.sqrt(C))
    assert min(runs) == pytest.approx(bound, rel=1e-6)
    assert min(loss(x) for x in rng.normal(size=(300, 2 * C * dim))) >= bound


# ---- imbalance


@pytest.mark.parametrize(("counts", "decay"), [((6, 3, 2), 0.03), ((8, 4, 1), 0.09)])
def test_dang_nonnegative_features(counts, decay):
    """The least value is sum_c (n_c/N) psi(p_c); the logit gaps are the formula's; a small class vanishes."""
    C, N = len(counts), sum(counts)
    model = Model(counts, decay, decay, dim=C)
    value, W, H, _ = min((model.minimise(seed=s, nonnegative=True) for s in range(3)), key=lambda r: r[0])
    masses = np.minimum(N * decay * np.sqrt((C - 1) / (C * np.array(counts))), (C - 1) / C)
    entropies = theory.scalars.psi(masses, C)
    assert value == pytest.approx(np.dot(counts, entropies) / N, rel=1e-6)
    Z = H @ W.T
    vanished = 0
    for c, size in enumerate(counts):
        own = Z[model.labels == c][0]
        gap = own[c] - np.delete(own, c).mean()
        given = {"C": C, "total_samples": N, "class_samples": size}
        given |= {"weight_decay": decay, "feature_decay": decay}
        if theory.get("dang-2024-relu-imbalanced").unmet(**given):
            assert gap == pytest.approx(0, abs=1e-3)
            vanished += 1
        else:
            assert gap == pytest.approx(number("dang-2024-relu-imbalanced", **given), rel=2e-3)
    assert vanished == (decay > 0.05)


@pytest.mark.parametrize(("counts", "decay"), [((6, 3, 2), 0.05), ((8, 4, 1), 0.09)])
def test_dang_imbalanced_squared_error(counts, decay):
    """The least value, the true logits 1 - N kappa/sqrt(n_c), and the class that vanishes."""
    N = sum(counts)
    model = Model(counts, decay, decay, loss="mse")
    value, W, H, _ = model.minimise(seed=9)
    Z, vanished = H @ W.T, 0
    short = np.minimum(N * decay / np.sqrt(counts), 1)
    assert value == pytest.approx(np.dot(counts, short - short**2 / 2) / N, rel=1e-7)
    for c, size in enumerate(counts):
        given = {"total_samples": N, "class_samples": size, "weight_decay": decay, "feature_decay": decay}
        own = Z[model.labels == c][0, c]
        if theory.get("dang-2023-imbalanced-mse").unmet(**given):
            assert own == pytest.approx(0, abs=1e-3)
            vanished += 1
        else:
            assert own == pytest.approx(number("dang-2023-imbalanced-mse", **given), abs=1e-4)
    assert vanished == (decay > 0.05)


def contrast(rows):
    return np.linalg.norm(rows - rows.mean(axis=0))


@pytest.mark.parametrize("factor", [0.8, 1.2])
@pytest.mark.parametrize("weighting", ["samples", "classes"])
def test_minority_collapse_on_both_sides_of_the_threshold(factor, weighting):
    counts, feature_decay = (6, 6, 2, 2), 0.05
    N, small = sum(counts), counts[-1]
    given = {"class_samples": small, "total_samples": N, "feature_decay": feature_decay}
    if weighting == "samples":
        edge, per_sample = number("hong-ling-2023-minority-collapse", **given), feature_decay
    else:
        edge = number("fang-2021-minority-collapse", **given)
        per_sample = np.repeat(feature_decay / np.array(counts), counts)
    runs = [Model(counts, factor * edge, per_sample).minimise(seed=s) for s in range(2)]
    _, W, *_ = min(runs, key=lambda r: r[0])
    assert contrast(W[:2]) > 0.5
    assert (contrast(W[2:]) > 0.1) == (factor < 1)


def test_merging_a_minority_never_hurts_above_the_threshold():
    """The inequality itself, on configurations far from any optimum."""
    counts, feature_decay, rng = (5, 3, 2, 2, 2), 0.05, np.random.default_rng(7)
    given = {"class_samples": 2, "total_samples": sum(counts), "feature_decay": feature_decay}
    model = Model(counts, number("hong-ling-2023-minority-collapse", **given), feature_decay)
    group, inside = slice(2, 5), model.labels >= 2
    for scale in (0.1, 0.5, 1.0, 3.0):
        for _ in range(50):
            x = scale * rng.normal(size=(model.C + model.N) * model.dim)
            W, H, _ = (a.copy() for a in model.split(x))
            W[group], H[inside] = W[group].mean(axis=0), H[inside].mean(axis=0)
            assert model(np.concatenate([W.ravel(), H.ravel()]))[0] <= model(x)[0] + 1e-12


@pytest.mark.parametrize("theta", [0.1, 0.5, 0.9])
def test_a_contrast_lowers_the_loss_below_the_threshold(theta):
    """Real vectors: a spare direction, the sizes of the theorem, and its gain."""
    counts, feature_decay, rng = (5, 3, 2, 2, 2), 0.05, np.random.default_rng(8)
    N, small = sum(counts), 2
    decay = small * (1 - theta) ** 2 / (N**2 * feature_decay)
    model = Model(counts, decay, feature_decay, dim=6)
    W, H = rng.normal(size=(5, 6)), rng.normal(size=(model.N, 6))
    inside = model.labels >= 2
    W[2:], H[inside] = W[2], H[inside][0]
    W[:, -1] = H[:, -1] = 0
    sizes = np.array([0, 0, 1, -1, 0]) * np.sqrt(1.5)
    step = small / N * (1 - theta) * theta / 4
    W2, H2 = W.copy(), H.copy()
    W2[:, -1] = np.sqrt(step / decay) * sizes
    H2[:, -1] = np.sqrt(step / (feature_decay * small)) * sizes[model.labels]
    drop = (
        model(np.concatenate([W.ravel(), H.ravel()]))[0] - model(np.concatenate([W2.ravel(), H2.ravel()]))[0]
    )
    given = {"weight_decay": decay, "feature_decay": feature_decay}
    gain = number("hong-ling-2023-no-collapse-below", class_samples=small, total_samples=N, **given)
    assert drop >= 3 * gain > 0


# ---- step imbalance and class-dependent temperatures


def step(C, minorities, ratio, n):
    return np.array([n * ratio] * (C - minorities) + [n] * minorities)


@pytest.mark.parametrize(("C", "minorities", "ratio", "n"), [(4, 2, 3, 1), (5, 2, 10, 2), (6, 4, 2, 3)])
def test_step_spectrum(C, minorities, ratio, n):
    counts = step(C, minorities, ratio, n)
    Y = np.repeat(np.eye(C), counts, axis=1)
    Z = Y - Y.mean(axis=0)
    middle = number("thrampoulidis-2022-step-spectrum", imbalance_ratio=ratio, minority_share=minorities / C)
    expected = [0, *[n] * (minorities - 1), n * middle, *[n * ratio] * (C - minorities - 1)]
    np.testing.assert_allclose(np.linalg.eigvalsh(Z @ Z.T), np.sort(expected), atol=1e-10)


def least_norms(counts, factors):
    """min ||W||^2 + ||H||^2 with margins delta_c z_c - delta_j z_j >= 1: twice a nuclear norm, by CVXPY."""
    C = len(counts)
    Z = cp.Variable((C, C))
    scaled = cp.diag(factors) @ Z
    apart = [scaled[c, c] - scaled[j, c] >= 1 for c in range(C) for j in range(C) if j != c]
    problem = cp.Problem(cp.Minimize(2 * cp.normNuc(Z @ np.diag(np.sqrt(counts)))), apart)
    problem.solve(solver=cp.CLARABEL)
    return problem.value, Z.value


@pytest.mark.parametrize(("C", "minorities", "ratio", "n"), [(3, 1, 4, 1), (4, 2, 3, 2), (4, 1, 10, 1)])
def test_step_margin_problem(C, minorities, ratio, n):
    counts = step(C, minorities, ratio, n)
    value, Z = least_norms(counts, np.ones(C))
    given = {"imbalance_ratio": ratio, "minority_share": minorities / C, "samples_per_class": n}
    assert value == pytest.approx(number("thrampoulidis-2022-step-margin", C=C, **given), rel=1e-5)
    np.testing.assert_allclose(Z, np.eye(C) - 1 / C, atol=1e-3)


@pytest.mark.parametrize("counts", [(4, 1), (9, 4, 1), (50, 20, 3, 1)])
def test_square_root_temperatures_remove_the_class_sizes(counts):
    factors = np.sqrt(np.array(counts))
    value, Z = least_norms(np.array(counts), factors)
    assert value == pytest.approx(number("behnia-2023-cdt-margin", C=len(counts), t=1.0), rel=1e-5)
    singular = np.linalg.svd(Z * factors, compute_uv=False)
    np.testing.assert_allclose(singular[:-1], 1, atol=1e-3)
    plain, _ = least_norms(np.array(counts), np.ones(len(counts)))
    assert plain > 1.05 * value
