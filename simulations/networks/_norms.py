# SPDX-License-Identifier: MIT
"""The three last-layer variants: nothing, an ordinary batch norm, or one without bias."""

from __future__ import annotations

import torch
from torch import nn

from simulations.errors import unknown
from simulations.networks import BATCH_NORMS


class ScaleOnlyBatchNorm(nn.BatchNorm1d):
    """Batch norm with a trainable scale gamma and no bias: the hypothesis of Pan & Cao 2023, Theorem 2.2."""

    def __init__(
        self,
        num_features: int,
        *,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(num_features, affine=True, device=device, dtype=dtype)
        self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        """Running mean 0, running variance 1, scale 1."""
        self.reset_running_stats()
        nn.init.ones_(self.weight)


def last_batch_norm(variant: str, width: int, *, device: str | torch.device, dtype: torch.dtype) -> nn.Module:
    """What stands between the features (n, width) and the classifier.

    variant: "none" (an identity), "affine" (scale and bias) or "scale-only"; InputError for another name.
    """
    if variant not in BATCH_NORMS:
        raise unknown("batch norm", variant, list(BATCH_NORMS))
    if variant == "scale-only":
        return ScaleOnlyBatchNorm(width, device=device, dtype=dtype)
    if variant == "affine":
        return nn.BatchNorm1d(width, device=device, dtype=dtype)
    return nn.Identity()
