# SPDX-License-Identifier: MIT
"""The exponent audit: measured exponents are ours and beat the published ones, on extremal configurations."""

import json
import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest

import theory
from theory import audit, scalars
from theory.extremal import circulant, decayed, equiangular, measured, phi, scattered

ROWS = audit.rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.statement)
def test_the_measured_exponent_is_ours(row):
    assert row.measured == pytest.approx(row.ours_value, abs=0.02)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.statement)
def test_it_beats_the_published_one(row):
    if row.published_value is None:
        assert row.published in ("O(C)", "none")  # no number to compare with
        return
    gain = row.measured - row.published_value
    assert (gain if row.better == "larger" else -gain) > 0.3


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.statement)
def test_the_theorem_exists_and_is_proved(row):
    assert theory.get(row.theorem).prove is not None


def test_the_dependences_of_both_published_theorems_are_there():
    text = " ".join(row.statement for row in ROWS)
    for words in ("intra_c against the loss gap", "inter", "delta", "C alpha beta", "lambda", "m_reg"):
        assert words in text


def test_the_numbers_of_a_configuration_are_those_of_numpy():
    rng = np.random.default_rng(3)
    W, H = rng.normal(size=(3, 4)), rng.normal(size=(3, 2, 4))
    found = measured(W.tolist(), H.tolist())
    z = H @ W.T
    own = z[np.arange(3), :, np.arange(3)]
    loss = (np.log(np.exp(z).sum(-1)) - own).mean()
    rows = W - W.mean(0)
    T = 1.5 * np.sqrt((H**2).sum(-1).mean() * (rows**2).sum(-1).mean())
    unit = (H / np.linalg.norm(H, axis=-1, keepdims=True)).mean(1)
    gram = unit @ unit.T
    assert float(found.margin) == pytest.approx(T, rel=1e-12)
    assert float(found.gap) == pytest.approx(loss - float(scalars.phi(T, 3)), rel=1e-9)
    assert [float(x) for x in found.intra] == pytest.approx(list(np.diag(gram)), rel=1e-12)
    assert float(found.inter_max) == pytest.approx(
        max(gram[c, j] for c in range(3) for j in range(3) if c != j)
    )


def test_the_leading_constants_are_the_sharp_ones():
    with mp.workdps(50):
        found = scattered(classes=4, margin=mp.mpf(4), noise=mp.mpf(10) ** -8, noisy=4)
        q = 3 / (3 + mp.exp(4))
        assert float((1 - found.intra[0]) * 4 * q / found.gap) == pytest.approx(2, rel=1e-6)
        turned = equiangular(classes=4, margin=4, step=mp.mpf(10) ** -8, features=False)
        sharp = mp.sqrt(2 * 4 * (4 + 4) * turned.gap / (q * 16 * 9))
        assert float(turned.weights_rms / sharp) == pytest.approx(1, rel=1e-6)


def test_the_configuration_is_the_witness_of_the_tight_bound():
    """At every noise, 1 - intra is exactly what the sharp bound allows at that loss."""
    with mp.workdps(40):
        for noise in (0.01, 0.3, 0.6):
            found = scattered(classes=5, margin=mp.mpf(6), noise=mp.mpf(noise), noisy=5)
            tau = mp.log(4 / mp.expm1(found.gap + phi(found.margin, 5)))
            assert float(found.intra[0] - (tau / found.margin) ** 2) == pytest.approx(0, abs=1e-30)


def test_with_weight_decay_too():
    """sqrt(1 - nu) = q*/psi^{-1}(L_reg) at the configuration."""
    with mp.workdps(40):
        found = decayed(classes=4, decay=mp.mpf("0.01"), short=mp.mpf("0.1"))
    loss = float(found.gap + found.least)
    bound = (0.01 * 3 / 2 / float(scalars.psi_inverse(loss, 4))) ** 2
    assert float(found.intra[0]) == pytest.approx(bound, rel=1e-10)
    assert float(found.intra[0]) == pytest.approx(0.9, rel=1e-12)


def test_no_inequality_of_the_library_is_violated():
    with mp.workdps(40):
        cases = [equiangular(classes=4, margin=4, step=mp.mpf(x), features=True) for x in ("0.3", "0.01")]
        cases.append(circulant(13, 6, mp.mpf("0.1"), 2))
    for found, classes in zip(cases, (4, 4, 13), strict=True):
        T, eps = float(found.margin), float(found.gap)
        assert eps > 0
        values = {
            "C": classes,
            "alpha": 1.0,
            "beta": T * (classes - 1) / classes,
            "L": float(scalars.phi(T, classes)) + eps,
            "weight_spectral": classes,
            "bias_norm": 0.0,
            "mean_norm": 0.0,
        }
        bound = theory.get("inter-class-cosine").evaluate(**values)
        assert float(found.inter_max) + 1 / (classes - 1) <= bound * classes * (classes - 1)


def test_the_command():
    command = [sys.executable, "-m", "theory.audit"]
    found = json.loads(
        subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout
    )
    assert [row["statement"] for row in found["rows"]] == [row.statement for row in ROWS]
    assert all(set(row) >= {"published", "ours", "measured", "how", "theorem"} for row in found["rows"])
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Exponent audit" in shown
    bad = subprocess.run([*command, "--nonsense"], capture_output=True, text=True)
    assert bad.returncode == 2
