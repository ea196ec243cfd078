# SPDX-License-Identifier: MIT
"""The number of every theorem: hypotheses that raise, arrays, and agreement with the exact statement."""

import re
from itertools import product

import numpy as np
import pytest

import theory
from theory import scalars
from theory.evaluation import VALUES, HypothesisError
from theory.lemmas.cosines import level
from theory.symbols import TABLE, b, d, eps, gamma_sq, h, lam, w
from theory.symbols import T as T_symbol

NAMES = list(theory.theorems())
PROVED = [name for name in NAMES if theory.get(name).prove is not None]
NUMBERS = [name for name in NAMES if theory.get(name).measurable or theory.get(name).formula]
TIGHT = [name for name in NAMES if theory.get(name).kind == "tight"]


def sample():
    """Values that meet every hypothesis: C = 4, T = 8, small gaps, small decay."""
    alpha, beta, decay = 3.0, 2.0, 0.01
    eps = eps_reg = 2e-3
    return {
        "C": 4,
        "alpha": alpha,
        "alpha_centred": alpha,
        "beta": beta,
        "T": 8.0,
        "weight_spectral": 4 / 3,
        "means_spectral": 1.3,
        "opposition": 0.1,
        "eps": eps,
        "L": float(scalars.phi(8.0, 4)) + eps,
        "weight_frobenius": 2 * beta,
        "weight_decay": decay,
        "eps_reg": eps_reg,
        "L_reg": float(scalars.least_regularized_loss(decay, 4)) + eps_reg,
        "bias_norm": 0.0,
        "mean_norm": 0.0,
        "delta": 0.25,
        "p": 0.1,
        "t": 1.3,
        "kl": 0.2,
        "misalignment": 0.1,
        "spring": 0.3,
        "weight_mean_norm": 0.2,
        "gamma": 1.5,
        "gamma_norm": 3.2,
        "variance": 0.7,
        "eta": 1e-3,
        "samples_per_class": 5.0,
        "row_norm": 0.8,
        "max_cosine": 0.3,
        "code_margin": 0.6,
        "common_point": 0.4,
        "dot_regression_loss": 0.02,
        "layers": 3.0,
        "flow_time": 0.7,
        "balance": 0.4,
        "loss_nc1": 0.03,
        "loss_nc23": 0.02,
        "loss_off_path": 0.01,
        "interpolation_error": 0.1,
        "balance_error": 0.01,
        "least_singular_value": 0.9,
        "largest_singular_value": 1.2,
        "input_norm": 1.1,
        "tags": 2.0,
        "temperature": 2.5,
        "radius": 1.7,
        "share": 0.5,
        "cosine": 0.9,
        "relative_norm": 1.1,
        "flipped": 0.25,
        "imbalance_ratio": 10.0,
        "minority_share": 0.5,
        "total_samples": 100.0,
        "class_samples": 30.0,
        "bias_decay": 1e-3,
        "singular_ratio": 0.8,
        "smoothing": 0.05,
        "L_smoothed": float(scalars.psi(0.05 + scalars.optimal_q(decay, 4), 4)) + eps_reg,
        "L_square": 0.021,
        "squared_misfit": 0.01,
        "mean_logit_misfit": 0.02,
        "raw_spring": 0.3,
        "scaled_spring": 0.01,
        "feature_decay": 1e-4,
        "L_free": float(scalars.least_regularized_loss(np.sqrt(4 * 5 * 1e-4 * decay), 4)) + eps_reg,
        "focal_gamma": 2.0,
        "tau": 7.0,
        "label_entropy": 0.3,
        "dimension": 2.0,
        "penalty_excess": 0.02,
        "relative_excess": 0.05,
        "mean_radius": 2.0,
        "within": 0.6,
        "class_distance": 1.9,
        "norm_spread": 0.2,
        "exponent": 2.9,
        "strong_convexity": 0.4,
        "intra_cosine": 0.8,
        "class_spread": 0.1,
        "norm_multiplier": 0.1,
        "norm_budget": 2.0,
    }


OUTSIDE = (
    ("alpha", -1.0),
    ("alpha", 1e-3),
    ("alpha", 20.0),
    ("alpha_centred", -1.0),
    ("alpha_centred", 1e-3),
    ("beta", -1.0),
    ("opposition", 100.0),
    ("weight_frobenius", -1.0),
    ("L", 100.0),
    ("L", 1e-9),
    ("L", 1.2),
    ("L_reg", 100.0),
    ("L_reg", 1e-9),
    ("L_reg", 1.2),
    ("bias_norm", 1.0),
    ("mean_norm", 0.1),
    ("mean_norm", 1.5),
    ("weight_decay", -1.0),
    ("weight_decay", 10.0),
    ("weight_decay", 0.45),
    ("eps", 1.0),
    ("eps", -1.0),
    ("eps", 0.2),
    ("eps_reg", 0.2),
    ("eps_reg", 1.0),
    ("eps_reg", -1.0),
    ("delta", -1.0),
    ("delta", 2.0),
    ("p", -1.0),
    ("p", 2.0),
    ("kl", -1.0),
    ("variance", -1.0),
    ("eta", -1.0),
    ("samples_per_class", 0.0),
    ("row_norm", 0.0),
    ("max_cosine", 2.0),
    ("code_margin", 3.0),
    ("common_point", 3.0),
    ("weight_mean_norm", 2.0),
    ("layers", 1.0),
    ("layers", 0.0),
    ("C", 3),
    ("C", 2),
    ("t", 0.0),
    ("interpolation_error", 1.0),
    ("least_singular_value", 0.0),
    ("tags", 0.0),
    ("tags", 4.0),
    ("temperature", 0.0),
    ("radius", 0.0),
    ("share", -1.0),
    ("share", 0.05),
    ("share", 2.0),
    ("flipped", -1.0),
    ("flipped", 0.9),
    ("T", -1.0),
    ("T", 1.0),
    ("T", 100.0),
    ("cosine", -2.0),
    ("cosine", 3.0),
    ("relative_norm", 5.0),
    ("bias_decay", 10.0),
    ("bias_decay", 0.0),
    ("minority_share", 2.0),
    ("class_samples", 0.0),
    ("total_samples", 0.0),
    ("total_samples", 1e6),
    ("singular_ratio", 0.5),
    ("singular_ratio", 1.5),
    ("smoothing", 2.0),
    ("L_smoothed", 100.0),
    ("L_smoothed", 1e-9),
    ("L_square", 100.0),
    ("L_square", 1e-9),
    ("feature_decay", -1.0),
    ("feature_decay", 10.0),
    ("L_free", 100.0),
    ("L_free", 1e-9),
    ("focal_gamma", -1.0),
    ("dimension", 9.0),
    ("tau", 100.0),
    ("tau", -3.0),
    ("mean_radius", -1.0),
    ("class_distance", -1.0),
    ("norm_spread", -1.0),
    ("exponent", 100.0),
    ("strong_convexity", 0.0),
    ("intra_cosine", 2.0),
    ("class_spread", 2.0),
    ("norm_multiplier", 0.0),
)


def test_the_sample_speaks_of_every_value():
    assert set(sample()) == set(VALUES)


@pytest.mark.parametrize("name", NUMBERS)
def test_inside_the_hypotheses_there_is_a_number(name):
    entry = theory.get(name)
    assert entry.unmet(**sample()) == []
    result = entry.evaluate(**sample())
    assert isinstance(result, float)
    assert np.isfinite(result)


@pytest.mark.parametrize("name", NUMBERS)
def test_each_hypothesis_is_named_where_it_fails_and_evaluate_raises(name):
    entry = theory.get(name)
    for condition in entry.hypotheses:
        failing = []
        for value, number in OUTSIDE:
            values = sample() | {value: number}
            if any(text.startswith(condition.text) for text in entry.unmet(**values)):
                failing.append((value, number))
                with pytest.raises(HypothesisError, match=re.escape(f"{name}.evaluate")):
                    entry.evaluate(**values)
        assert failing, f"no value outside the hypothesis {condition.text!r} was found"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_missing_value_is_an_unmet_hypothesis(name):
    entry = theory.get(name)
    for missing in (entry.measurable or entry.formula).inputs:
        for values in ({k: v for k, v in sample().items() if k != missing}, sample() | {missing: None}):
            assert any(text.startswith(missing) for text in entry.unmet(**values))
            with pytest.raises(HypothesisError, match=missing):
                entry.evaluate(**values)


@pytest.mark.parametrize("name", NUMBERS)
def test_arrays_are_evaluated_like_a_loop_over_scalars(name):
    entry = theory.get(name)
    inputs = [n for n in (entry.measurable or entry.formula).inputs if n != "C" and sample()[n]]
    factors = np.array([1.0, 0.999, 0.995])
    tried = 0
    for varied in inputs:
        values = sample() | {varied: sample()[varied] * factors[:, None], "C": np.array([4.0])}
        if entry.unmet(**values):
            continue
        result = entry.evaluate(**values)
        assert result.shape == (3, 1)
        loop = [entry.evaluate(**(sample() | {varied: sample()[varied] * f})) for f in factors]
        np.testing.assert_allclose(result[:, 0], loop, rtol=1e-12)
        tried += 1
    assert tried


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NUMBERS])
def test_a_false_claim_or_one_with_unknown_constants_has_no_number(name):
    assert theory.get(name).kind in ("published", "conjecture")
    with pytest.raises(HypothesisError, match="gives no number"):
        theory.get(name).evaluate(**sample())


# ---- the number against the exact statement, at the exact witnesses


def measured(witness):
    """Values of ``VALUES`` and the quantities, by NumPy from W, H and b of a witness."""
    n, size, dim = witness.classes, witness.samples, witness.dimension
    at = witness.functions
    W = np.array([[float(at[w](a, k)) for k in range(dim)] for a in range(n)])
    H = np.array([[[float(at[h](a, s, k)) for k in range(dim)] for s in range(size)] for a in range(n)])
    bias = np.array([float(at[b](a)) for a in range(n)]) if b in at else np.zeros(n)
    z = H @ W.T + bias
    own = z[np.arange(n), :, np.arange(n)]
    shift = z.max(axis=-1)
    loss = float((np.log(np.exp(z - shift[..., None]).sum(-1)) + shift - own).mean())
    rows, means = W - W.mean(axis=0), H.mean(axis=1)
    M = means - means.mean(axis=0)
    alpha, beta = np.sqrt((H**2).sum(-1).mean()), np.sqrt((rows**2).sum(-1).mean())
    T = n * alpha * beta / (n - 1)
    values = {
        "C": n,
        "L": loss,
        "alpha": alpha,
        "alpha_centred": np.sqrt(((H - means.mean(axis=0)) ** 2).sum(-1).mean()),
        "beta": beta,
        "weight_frobenius": np.linalg.norm(W),
        "eps": loss - float(scalars.phi(T, n)),
        "bias_norm": np.std(bias),
        "mean_norm": np.linalg.norm(means.mean(axis=0)) / alpha,
        "delta": 1.0 / n,
    }
    quantities = {
        "loss": loss,
        "within_class_variability": ((H - means[:, None]) ** 2).sum(-1).mean() / alpha**2,
        "nc3.self_duality": ((W / np.linalg.norm(W) - M / np.linalg.norm(M)) ** 2).sum(),
    }
    norms = np.linalg.norm(H, axis=-1, keepdims=True)
    unit = np.divide(H, norms, out=np.zeros_like(H), where=norms > 0).mean(axis=1)
    quantities["intra_class_cosine.mean"] = (unit**2).sum(-1).mean()
    own_variability = 1 - (means**2).sum(-1) / np.maximum((H**2).sum(-1).mean(axis=1), 1e-300)
    quantities["class_variability.mean"] = own_variability.mean()
    quantities["class_variability.max"] = own_variability.max()
    lengths = np.linalg.norm(rows, axis=-1)[:, None] * np.linalg.norm(H, axis=-1)
    cosines = np.divide(np.einsum("cnd,cd->cn", H, rows), lengths, out=np.zeros_like(own), where=lengths > 0)
    quantities["row_cosine.mean"] = cosines.mean()
    quantities["row_cosine.square"] = (cosines**2).mean()
    quantities["row_cosine.weighted_square"] = ((rows**2).sum(-1)[:, None] * cosines**2).mean() / beta**2
    decay = float(witness.values.get(lam, 0))
    if {T_symbol, gamma_sq, eps} <= set(witness.values):
        decay = np.sqrt(n) / (n - 1 + np.exp(float(witness.values[T_symbol])))  # T is the optimal margin
    elif level in witness.values and gamma_sq in witness.values:  # a decay that is given through tau and T
        tau = float(witness.values[level])
        share = tau * float(scalars.q(tau, n)) / float(witness.values[T_symbol])
        decay = share * np.sqrt(n) / (n - 1)
    if 0 < decay < 1 / np.sqrt(n):
        scale = float(witness.values.get(gamma_sq, alpha**2))
        values["weight_decay"] = decay
        values["L_reg"] = loss + decay / 2 * (scale + (W**2).sum())
        values["eps_reg"] = values["L_reg"] - float(scalars.least_regularized_loss(decay, n))
        quantities["regularized_loss"] = values["L_reg"]
    return values, quantities


@pytest.mark.parametrize("name", [n for n in TIGHT if theory.get(n).measurable])
def test_the_number_is_attained_at_the_exact_witness(name):
    """For tight theorems the bound, evaluated on measured values, is what is measured."""
    entry = theory.get(name)
    values, quantities = measured(entry.attained_of())
    assert entry.unmet(**values) == []
    bound, found = entry.evaluate(**values), quantities[entry.measurable.quantity]
    if name == "self-duality-tradeoff":  # attained jointly with NC1: see the statement
        assert found <= bound
    else:
        assert bound == pytest.approx(found, rel=1e-9, abs=1e-12)


def _is_zero(witness):
    """Whether all features of the witness are zero: then the cosines and the variability mean nothing."""
    sizes = (range(witness.classes), range(witness.samples), range(witness.dimension))
    return all(witness.functions[h](*at) == 0 for at in product(*sizes))


@pytest.mark.parametrize("name", [n for n in PROVED if theory.get(n).measurable])
def test_no_witness_of_a_twin_violates_the_number(name):
    """Where a twin's witness meets the executable hypotheses, the theorem itself holds of it."""
    entry = theory.get(name)
    side, tried = entry.measurable, 0
    for twin in entry.twins_of():
        if not {w, h} <= set(twin.witness.functions) or _is_zero(twin.witness):
            continue
        values, quantities = measured(twin.witness)
        if side.quantity not in quantities or entry.unmet(**values):
            continue
        if gamma_sq in twin.witness.values and float(twin.witness.values[gamma_sq]) < values["alpha"] ** 2:
            continue  # the norms break the hypothesis E||h||^2 <= ||gamma||^2 of the statement
        bound, found = entry.evaluate(**values), quantities[side.quantity]
        slack = 1e-9 * max(1, abs(bound))
        assert found <= bound + slack if side.direction == "<=" else found >= bound - slack
        tried += 1
    if entry.kind == "tight":
        assert tried or entry.attained_of


def test_the_dimension_symbol_is_in_the_table():
    assert TABLE[d.name].domain == "real, > 0"
