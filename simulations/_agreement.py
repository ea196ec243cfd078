# SPDX-License-Identifier: MIT
"""Whether sums to be added or compared speak of the same thing: one classifier, one set of samples."""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from simulations.errors import InputError
from simulations.metrics import _arrays as arrays
from simulations.metrics._statistics import FirstSums

# How far class averages of the two passes may differ, relative to the feature norm: beyond any change of the
# order of summation, and beyond float32 rounding in a network that is evaluated twice.
_SAME = 1e-6


def fingerprint(weight_decay: float | None, fixed: Sequence[Tensor | None], device: torch.device) -> Tensor:
    """(10,) numbers that differ if the fixed arguments do: C, d and the words of a SHA-256.

    fixed: weight (C, d), bias, class means.
    """
    digest = hashlib.sha256(repr(weight_decay).encode())
    for tensor in fixed:
        digest.update(b"none" if tensor is None else arrays.to_numpy(tensor).tobytes())
    words = np.frombuffer(digest.digest(), dtype=np.uint32).tolist()
    assert fixed[0] is not None  # there is always a weight
    return torch.tensor([*fixed[0].shape, *words], dtype=torch.float64, device=device)


def one_classifier(prints: Sequence[Tensor]) -> None:
    """Raise InputError, naming the first process that differs, unless all have process 0's fingerprint."""
    other = [rank for rank, found in enumerate(prints) if not torch.equal(found, prints[0])]
    if other:
        raise InputError(
            f"process {other[0]} measures another classifier, weight decay or class_means than process 0"
            ", so sums do not add up: broadcast the weights of one process to all before measuring"
        )


def equal(mine: Sequence[Tensor | None], theirs: Sequence[Tensor | None]) -> bool:
    """Whether tensors are equal pair by pair, on whichever devices; None equals None alone."""
    return all(
        a is b if a is None or b is None else torch.equal(a, b.to(a.device))
        for a, b in zip(mine, theirs, strict=True)
    )


def same_data(first: FirstSums, again: FirstSums, alpha: float) -> None:
    """Raise InputError unless both passes saw the same samples: their numbers fit together only then.

    first, again: what the passes summed of the features under their labels; alpha: the feature norm.
    """
    short = torch.nonzero(again.counts != first.counts).flatten().tolist()
    if short:
        c = short[0]
        raise InputError(
            f"the second phase saw {int(again.counts[c])} samples of class {c}, the first "
            f"{int(first.counts[c])}; pass the same data in both phases before compute()"
        )
    moved = ((again.features - first.features) ** 2).sum(dim=1) ** 0.5 / first.counts
    grown = (again.squares - first.squares).abs() / first.counts
    limit = _SAME * alpha
    other = (moved > limit) | (grown > 2 * limit * alpha)
    if bool(other.any()):
        c = int(torch.nonzero(other)[0])
        raise InputError(
            f"the second pass saw other features than the first: the mean of class {c} moved by "
            f"{float(moved[c]):.3g} and its mean square by {float(grown[c]):.3g}, at feature norm "
            f"{alpha:.3g}. Is dropout, batch normalization in training mode, random augmentation "
            "or a shuffle of the labels active? Call model.eval(), fix the augmentation, pass the same "
            "data twice; reset() begins anew"
        )
