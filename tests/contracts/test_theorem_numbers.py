# SPDX-License-Identifier: MIT
"""The number of every theorem: hypotheses that raise, values that are missing, arrays."""

import re

import numpy as np
import pytest

import theory
from theory import scalars
from theory.evaluation import VALUES, HypothesisError
from theory.symbols import TABLE, d

NAMES = list(theory.theorems())
NUMBERS = [name for name in NAMES if theory.get(name).measurable or theory.get(name).formula]


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
        "angle_distance": 0.2,
        "least_norm": 0.8,
        "products_rms": 0.1,
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
    ("least_norm", 0.0),
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
    ("weight_decay", 0.48),
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
    ("weight_spectral", 1000.0),
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
    never_failed = {condition.text for condition in entry.hypotheses}
    for value, number in OUTSIDE:
        values = sample() | {value: number}
        if unmet := entry.unmet(**values):
            with pytest.raises(HypothesisError, match=re.escape(f"{name}.evaluate")):
                entry.evaluate(**values)
        never_failed -= {text for text in never_failed if any(found.startswith(text) for found in unmet)}
    assert not never_failed, "no value outside these hypotheses was found"


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


def test_the_dimension_symbol_is_in_the_table():
    assert TABLE[d.name].domain == "real, > 0"
