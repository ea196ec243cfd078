# SPDX-License-Identifier: MIT
"""The number of every theorem against its exact statement, at the exact witnesses."""

from itertools import product

import numpy as np
import pytest

import theory
from theory import scalars
from theory.lemmas.cosines import level
from theory.symbols import T as T_symbol
from theory.symbols import b, eps, gamma_sq, h, lam, w

MEASURABLE = [name for name, entry in theory.theorems().items() if entry.measurable]
PROVED = [name for name in MEASURABLE if theory.get(name).prove is not None]
TIGHT = [name for name in MEASURABLE if theory.get(name).kind == "tight"]


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


@pytest.mark.parametrize("name", TIGHT)
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


@pytest.mark.parametrize("name", PROVED)
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
