# SPDX-License-Identifier: MIT
"""Robustness to the smallest perturbation that changes a decision: DeepFool, through ART.

DeepFool (Moosavi-Dezfooli, Fawzi & Frossard 2016, arXiv:1511.04599, Algorithm 2) walks from a sample to the
nearest boundary of the linearised decision regions until the decision changes. Papyan, Han & Donoho 2020
(arXiv:2008.08186, Figure 8) average the length of the walk relative to the sample over 100 test images. The
attack is that of the Adversarial Robustness Toolbox (ART), an optional dependency; on linear networks the
length is the exact distance to the nearest boundary, which the tests check.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError

if TYPE_CHECKING:
    import torch

# The walk is lengthened by this fraction, so that it ends beyond the boundary: DeepFool's own choice.
OVERSHOOT = 0.02
ITERATIONS = 50


@dataclass(frozen=True)
class Robustness:
    """Perturbations of n samples.

    ratios (n,): ||r(x_i)||_2 / ||x_i||_2, with the overshoot in r; distances (n,): ||r(x_i)||_2. flipped
    (n,): whether the decision on x_i + r(x_i) differs from that on x_i; where it does not, the iterations ran
    out, and the ratio is that of the unfinished walk.
    """

    ratios: NDArray[np.float64]
    distances: NDArray[np.float64]
    flipped: NDArray[np.bool_]

    def to_dict(self) -> dict[str, Any]:
        """Plain values: samples, flipped (their fraction), mean, median and standard_error of the ratios.

        Mean, median and error are over the samples whose decision changed, and None where there are fewer
        than two.
        """
        found = self.ratios[self.flipped]
        enough = len(found) > 1
        return {
            "samples": len(self.ratios),
            "flipped": float(self.flipped.mean()),
            "mean": float(found.mean()) if enough else None,
            "median": float(np.median(found)) if enough else None,
            "standard_error": float(found.std(ddof=1) / np.sqrt(len(found))) if enough else None,
        }


def missing() -> str | None:
    """None where ART is installed, otherwise how to get it."""
    from importlib.util import find_spec

    if find_spec("art") is not None:
        return None
    return (
        "DeepFool needs the Adversarial Robustness Toolbox, which is not installed: pip install "
        "'neural-collapse-toolkit[robustness]', or pip install adversarial-robustness-toolbox"
    )


def balanced(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Indices of `count` samples, sorted: the first of each class, then the second of each, and so on.

    labels (n,). Raises InputError unless 1 <= count <= n.
    """
    if not 1 <= count <= len(labels):
        raise InputError(
            f"robustness: {count} samples were asked for; required is a number from 1 to {len(labels)}, the "
            "samples that are held out"
        )
    rank = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members] = np.arange(len(members))
    return np.sort(np.lexsort((labels, rank))[:count])


def deepfool(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    *,
    overshoot: float = OVERSHOOT,
    iterations: int = ITERATIONS,
) -> Robustness:
    """Smallest perturbations of `inputs` (n, ...) that change the decisions of `module`, x -> logits (n, C).

    The inputs are taken as they are fed to the network: nothing is clipped to a range of pixels, and the
    lengths are in units of the (standardised) inputs. overshoot: >= 0, relative lengthening of each r.
    iterations: at most so many steps. The arithmetic is on the CPU, in float32, which is all that ART knows;
    a copy of the module is used, in evaluation mode, and the module is left as it was.
    Raises InputError where ART is absent, for an empty batch, a sample of norm 0, inputs or logits that are
    not finite, or fewer than two classes.
    """
    reason = missing()
    if reason is not None:
        raise InputError(reason)
    import torch

    x = inputs.detach().to(device="cpu", dtype=torch.float32)
    norms = np.linalg.norm(x.flatten(1).double().numpy(), axis=1)
    if not len(x) or not np.isfinite(norms).all() or not norms.all():
        raise InputError(
            f"deepfool: received {len(x)} samples with norms {norms.min(initial=np.inf):g} to "
            f"{norms.max(initial=0.0):g}; required is at least one sample, each of a finite norm > 0, which "
            "the perturbation is divided by"
        )
    frozen = copy.deepcopy(module).to(device="cpu", dtype=torch.float32).eval()
    with torch.no_grad():
        logits = frozen(x[:2])
    if logits.dim() != 2 or logits.shape[1] < 2 or not bool(torch.isfinite(logits).all()):
        raise InputError(
            f"deepfool: the network returns {tuple(logits.shape)}; required are finite logits (n, C) of at "
            "least two classes, between which a boundary lies"
        )
    # ART reads its batches through a DataLoader, which draws from the global generator.
    with _quiet(), torch.random.fork_rng(devices=[]):
        attacked, before, after = _attack(frozen, x, logits.shape[1], overshoot, iterations)
    moved = attacked.astype(np.float64) - x.numpy().astype(np.float64)
    distances = np.linalg.norm(moved.reshape(norms.size, -1), axis=1)
    return Robustness(distances / norms, distances, before != after)


def _attack(
    frozen: torch.nn.Module, x: torch.Tensor, classes: int, overshoot: float, iterations: int
) -> tuple[NDArray, NDArray, NDArray]:
    """Attacked samples, and the decisions before and after."""
    import torch
    from art.attacks.evasion import DeepFool
    from art.estimators.classification import PyTorchClassifier

    classifier = PyTorchClassifier(
        model=frozen,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=tuple(x.shape[1:]),
        nb_classes=classes,
        device_type="cpu",
    )
    attack = DeepFool(
        classifier,
        max_iter=iterations,
        epsilon=overshoot,
        nb_grads=classes,
        batch_size=len(x),
        verbose=False,
    )
    attacked = attack.generate(x.numpy())
    decisions = [
        classifier.predict(values, batch_size=len(x)).argmax(axis=1) for values in (x.numpy(), attacked)
    ]
    return attacked, decisions[0], decisions[1]


@contextmanager
def _quiet() -> Iterator[None]:
    """ART warns on each attack that nothing is clipped, which is what is wanted here."""
    log = logging.getLogger("art.attacks.evasion.deepfool")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
