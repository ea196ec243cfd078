# SPDX-License-Identifier: MIT
"""CE - phi(t), the price of unequal wrong logits, to full relative accuracy.

With y_j = z_j - mean of the wrong logits, sum_j y_j = 0 and

    CE - phi(t) = log1p(q(t) m),   m = mean over wrong j of (e^{y_j} - 1) = mean of (e^{y_j} - 1 - y_j) >= 0;

every summand of the last form is non-negative, so nothing cancels however close the network is to collapse.
"""

import math

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array

# Beyond this the exponential would overflow, and e^y - 1 - y equals e^y in float64 long before.
_LARGE = 600.0
# Below this e^y - 1 - y is summed as its series, 14 terms of which are exact to the last place.
_SMALL = 0.5
_SERIES = [1.0 / math.factorial(k) for k in range(2, 16)]


def wrong_class_spread(y: Array, margins: Array) -> Array:
    """(n,): CE - phi(t) >= 0, in nats.

    y: (n, C) logits minus the mean of the wrong ones, zero in the column of the label; margins: (n,) t.
    """
    xp, wrong = arrays.namespace(y), y.shape[1] - 1
    if wrong == 1:
        return 0.0 * margins
    shift = xp.clip(xp.amax(y, axis=1) - _LARGE, 0.0, None)
    # Where shift > 0 only the exponentials count, and they are taken relative to e^(shift + _LARGE).
    plain = _excess(xp.clip(y, None, _LARGE)).sum(axis=1) / wrong
    with np.errstate(divide="ignore"):
        log_m = xp.log(plain)
        if arrays.is_tensor(y) or shift.any():  # a device is not asked, which would wait for it
            scaled = xp.exp(y - shift[:, None] - _LARGE).sum(axis=1) / wrong
            log_m = xp.where(shift > 0, xp.log(scaled) + shift + _LARGE, log_m)
    log_q = -arrays.softplus(margins - math.log(wrong))
    return arrays.softplus(log_q + log_m)


def _excess(y: Array) -> Array:
    """e^y - 1 - y >= 0 to full relative accuracy, for y <= _LARGE."""
    xp = arrays.namespace(y)
    near = xp.clip(y, -_SMALL, _SMALL)
    series = _SERIES[-1] + 0.0 * near
    for coefficient in reversed(_SERIES[:-1]):
        series *= near
        series += coefficient
    series *= near
    series *= near
    return xp.where(xp.abs(y) <= _SMALL, series, xp.expm1(y) - y)
