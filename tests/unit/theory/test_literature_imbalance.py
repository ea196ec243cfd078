# SPDX-License-Identifier: MIT
"""Closed forms of the literature on classes of unequal sizes, against solvers and optimisers."""

import cvxpy as cp
import numpy as np
import pytest

import theory


def number(name, **values):
    return theory.get(name).evaluate(**values)


@pytest.mark.parametrize(("counts", "decay"), [((6, 3, 2), 0.03), ((8, 4, 1), 0.09)])
def test_dang_nonnegative_features(free_model, counts, decay):
    """The least value is sum_c (n_c/N) psi(p_c); the logit gaps are the formula's; a small class vanishes."""
    C, N = len(counts), sum(counts)
    model = free_model(counts, decay, decay, dim=C)
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
def test_dang_imbalanced_squared_error(free_model, counts, decay):
    """The least value, the true logits 1 - N kappa/sqrt(n_c), and the class that vanishes."""
    N = sum(counts)
    model = free_model(counts, decay, decay, loss="mse")
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
def test_minority_collapse_on_both_sides_of_the_threshold(free_model, factor, weighting):
    counts, feature_decay = (6, 6, 2, 2), 0.05
    N, small = sum(counts), counts[-1]
    given = {"class_samples": small, "total_samples": N, "feature_decay": feature_decay}
    if weighting == "samples":
        edge, per_sample = number("hong-ling-2023-minority-collapse", **given), feature_decay
    else:
        edge = number("fang-2021-minority-collapse", **given)
        per_sample = np.repeat(feature_decay / np.array(counts), counts)
    runs = [free_model(counts, factor * edge, per_sample).minimise(seed=s) for s in range(2)]
    _, W, *_ = min(runs, key=lambda r: r[0])
    assert contrast(W[:2]) > 0.5
    assert (contrast(W[2:]) > 0.1) == (factor < 1)


def test_merging_a_minority_never_hurts_above_the_threshold(free_model):
    """The inequality itself, on configurations far from any optimum."""
    counts, feature_decay, rng = (5, 3, 2, 2, 2), 0.05, np.random.default_rng(7)
    given = {"class_samples": 2, "total_samples": sum(counts), "feature_decay": feature_decay}
    model = free_model(counts, number("hong-ling-2023-minority-collapse", **given), feature_decay)
    group, inside = slice(2, 5), model.labels >= 2
    for scale in (0.1, 0.5, 1.0, 3.0):
        for _ in range(50):
            x = scale * rng.normal(size=(model.C + model.N) * model.dim)
            W, H, _ = (a.copy() for a in model.split(x))
            W[group], H[inside] = W[group].mean(axis=0), H[inside].mean(axis=0)
            assert model(np.concatenate([W.ravel(), H.ravel()]))[0] <= model(x)[0] + 1e-12


@pytest.mark.parametrize("theta", [0.1, 0.5, 0.9])
def test_a_contrast_lowers_the_loss_below_the_threshold(free_model, theta):
    """Real vectors: a spare direction, the sizes of the theorem, and its gain."""
    counts, feature_decay, rng = (5, 3, 2, 2, 2), 0.05, np.random.default_rng(8)
    N, small = sum(counts), 2
    decay = small * (1 - theta) ** 2 / (N**2 * feature_decay)
    model = free_model(counts, decay, feature_decay, dim=6)
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
