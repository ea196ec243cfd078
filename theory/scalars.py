# SPDX-License-Identifier: MIT
"""The scalar functions behind every bound, vectorised in float64: the one door from exact formulas to floats.

With C classes, margin t and wrong-class mass p (both papers' natural logarithms throughout):

    phi(t) = log(1 + (C-1) e^-t)            least cross-entropy at margin t
    q(t)   = -phi'(t) = (C-1)/(C-1 + e^t)   wrong-class mass of that softmax; phi'' = q (1-q)
    psi(p) = H(1-p, p/(C-1), ..., p/(C-1))  entropy of the smoothed label; psi(q(t)) = phi(t) + t q(t)

Every function broadcasts its arguments, C included, returns float64 (a NumPy scalar for scalar input) and
raises ValueError, naming the argument, its value and the required range, outside its domain. NaN is never
returned. Source: the scalar reduction of cross-entropy, Pan & Cao 2023 (arXiv:2309.04644).
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Slack for arguments that reach an end of their range only up to rounding, such as L = log C.
_ROUNDING = 8 * np.finfo(np.float64).eps


def phi(t: ArrayLike, C: ArrayLike) -> Floats:
    """Least cross-entropy at margin ``t``: log(1 + (C-1) e^-t), accurate for t of either sign and any size.

    t: real margins; C: number of classes, integers >= 2. Returns values in (0, inf), in nats; phi(0) = log C.
    """
    t, C = _reals("t", t), _classes(C)
    return _scalar(_phi(t, C))


def q(t: ArrayLike, C: ArrayLike) -> Floats:
    """Wrong-class mass (C-1)/(C-1 + e^t) = -phi'(t) = 1 - e^-phi(t), in (0, 1) up to underflow.

    t: real margins; C: integers >= 2. Decreasing in t; q(0) = (C-1)/C.
    """
    return _scalar(_masses(_reals("t", t), _classes(C))[0])


def phi_inverse(L: ArrayLike, C: ArrayLike) -> Floats:
    """The margin at which phi equals the loss ``L``: log((C-1)/(e^L - 1)); negative when L > log C.

    L: losses in (0, inf), in nats; C: integers >= 2.
    """
    L, C = _reals("L", L), _classes(C)
    _require(L > 0, "L", L, "L > 0, because phi(t) > 0 at every finite margin t")
    small = np.minimum(L, 700.0)
    return _scalar(np.where(L <= 700.0, np.log((C - 1) / np.expm1(small)), np.log(C - 1) - L))


def psi(p: ArrayLike, C: ArrayLike) -> Floats:
    """Entropy of the label smoothed by ``p``: -p log p - (1-p) log(1-p) + p log(C-1), in nats.

    p: wrong-class mass in [0, 1]; C: integers >= 2. Increases from 0 to log C on [0, (C-1)/C].
    All three terms are non-negative, so the sum loses nothing to cancellation.
    """
    p, C = _reals("p", p), _classes(C)
    _require((p >= 0) & (p <= 1), "p", p, "0 <= p <= 1, the probability mass on the wrong classes")
    return _scalar(_entropy(p, C))


def psi_prime(p: ArrayLike, C: ArrayLike) -> Floats:
    """Slope of psi, the margin t(p) = log((C-1)(1-p)/p); it inverts q: q(psi_prime(p)) = p.

    p: wrong-class mass in (0, 1), open because the slope is infinite at both ends; C: integers >= 2.
    """
    p, C = _reals("p", p), _classes(C)
    _require((p > 0) & (p < 1), "p", p, "0 < p < 1, because the slope of psi is infinite at 0 and at 1")
    return _scalar(_slope(p, C))


def psi_inverse(L: ArrayLike, C: ArrayLike) -> Floats:
    """The p in [0, (C-1)/C] with psi(p) = ``L``, to a few units in the last place over the whole range.

    L: entropies in [0, log C], in nats (log C exceeded by rounding alone counts as log C); C: integers >= 2.

    Solved for the margin t = t(p), where psi(q(t)) falls from log C to 0. Close to log C the difference
    log C - psi(q(t)) = bregman(0, t) is matched with log C - L instead (log C carried to twice the
    precision): psi is flat there, and plain subtraction would lose half the digits of p.
    """
    L, C = (np.asarray(a) for a in np.broadcast_arrays(_reals("L", L), _classes(C)))
    top = np.log(C)
    _require((L >= 0) & (top * (1 + _ROUNDING) >= L), "L", L, "0 <= L <= log C, the range of psi")
    deficit = np.maximum((top - L) + _log_remainder(C, top), 0.0)
    inner = (L > 0) & (deficit > 0)
    level = np.where(inner, L, 0.5 * top)
    deficit = np.where(inner, deficit, 0.5 * top)
    flat = deficit < level

    def residual(t: Floats) -> tuple[Floats, Floats]:
        # Logarithms of both sides, because psi(q(t)) decays like t e^-t and the deficit grows like t^2.
        mass, rest = _masses(t, C)
        slope = t * mass * rest
        below, above = _bregman(np.zeros_like(t), t, C), _entropy_at(t, C)
        value = np.where(flat, np.log(below / deficit), np.log(level / above))
        return value, slope / np.where(flat, below, above)

    # psi(q(t)) <= (C-1) e^-t (1+t), and log(1+t) <= t/2 + 0.2, so the root lies below this end.
    end = 2 * (np.maximum(np.log((C - 1) / level), 0.0) + 0.5)
    # Quadratic and linear behaviour at the two ends of the range, as starting points.
    start = np.where(flat, np.sqrt(2 * deficit * C * C / (C - 1)), np.log1p(C / level))
    t = _bracketed_newton(residual, np.zeros_like(end), end, start)
    p = _masses(t, C)[0]
    # One step in p itself: for large t the rounding of t is magnified in e^-t.
    polished = p + (level - _entropy(p, C)) / np.where(flat, 1.0, _slope(p, C))
    p = np.where(flat, p, polished)
    return _scalar(np.where(L <= 0, 0.0, np.where(inner, p, (C - 1) / C)))


def bregman(t: ArrayLike, T: ArrayLike, C: ArrayLike) -> Floats:
    """Bregman gap phi(t) - phi(T) + q(T)(t - T) >= 0, without cancellation however close t is to T.

    t, T: real margins; C: integers >= 2. Zero exactly when t = T, up to underflow.

    Proof of the form used. With D = t - T, u = q(T) and w = 1 - u,
        e^phi(t) / e^phi(T) = (e^T + (C-1) e^-D) / (e^T + C-1) = w + u e^-D = 1 + u expm1(-D),
    so the gap is log1p(u expm1(-D)) + u D. Taking out e^-D instead gives log1p(w expm1(D)) - w D.
    With a = min(u, w) <= 1/2 and s = -D or D both read log1p(a expm1(s)) - a s, and for small s
        [log1p(x) - x] + a [expm1(s) - s],   x = a expm1(s),
    is about -a^2 s^2/2 + a s^2/2: at most a factor (1+a)/(1-a) <= 3 is lost.
    """
    t, T, C = _reals("t", t), _reals("T", T), _classes(C)
    return _scalar(_bregman(t, T, C))


def optimal_q(weight_decay: ArrayLike, C: ArrayLike) -> Floats:
    """Wrong-class mass at the least regularised loss: q* = weight_decay (C-1)/sqrt(C), in (0, (C-1)/C].

    weight_decay: lambda in (0, 1/sqrt(C)], beyond which the zero classifier is optimal; C: integers >= 2.
    """
    decay, C = _decay(weight_decay, C)
    return _scalar(np.minimum(decay * (C - 1) / np.sqrt(C), (C - 1) / C))


def optimal_T(weight_decay: ArrayLike, C: ArrayLike) -> Floats:
    """Margin at the least regularised loss: T* = log(sqrt(C)/weight_decay - (C-1)), so that q(T*) = q*.

    weight_decay: lambda in (0, 1/sqrt(C)]; C: integers >= 2. Falls to 0 as lambda reaches 1/sqrt(C).
    """
    decay, C = _decay(weight_decay, C)
    return _scalar(np.log1p(np.maximum(np.sqrt(C) / decay - C, 0.0)))


def least_regularized_loss(weight_decay: ArrayLike, C: ArrayLike) -> Floats:
    """Least regularised loss m_reg = psi(q*) = phi(T*) + q* T*, in (0, log C], in nats.

    weight_decay: lambda in (0, 1/sqrt(C)]; C: integers >= 2.
    """
    return psi(optimal_q(weight_decay, C), C)


def threshold(k: ArrayLike, C: ArrayLike) -> Floats:
    """T_k(C), the unique positive root of log C = phi(T) + k T q(T); the difference is positive beyond it.

    k: real > 1 (the theorems use 3/2, 5/2 and 3); C: integers >= 2. The difference log C - phi - k T q
    vanishes at 0 and has slope q (1 - k + k T (1-q)), whose bracket increases from 1 - k < 0: it falls,
    then rises to log C, hence one positive root.
    """
    k, C = (np.asarray(a) for a in np.broadcast_arrays(_reals("k", k), _classes(C)))
    _require(k > 1, "k", k, "k > 1, without which no positive root exists")

    def difference(T: Floats) -> tuple[Floats, Floats]:
        mass, rest = _masses(T, C)
        # log C - phi(T), to full relative accuracy for small T too.
        fall = T - np.log1p(np.expm1(T) / C)
        return fall - k * T * mass, mass * (1 - k + k * T * rest)

    # For T >= 2 (log(k C) + 1): phi + k T q <= (C-1) e^-T (1 + k T) <= log C.
    end = 2 * (np.log(k * C) + 1.0)
    return _scalar(_bracketed_newton(difference, np.zeros_like(end), end, 0.5 * end))


def _masses(t: Floats, C: Floats) -> tuple[Floats, Floats]:
    """q(t) and 1 - q(t), each to full relative accuracy."""
    decay = np.exp(-np.abs(t))
    wrong, right = (C - 1) * np.where(t >= 0, decay, 1.0), np.where(t >= 0, 1.0, decay)
    return wrong / (wrong + right), right / (wrong + right)


def _entropy(p: Floats, C: Floats) -> Floats:
    wrong: Floats = np.log(C - 1) - np.log(np.where(p > 0, p, 1.0))
    right: Floats = -np.log1p(-np.where(p < 1, p, 0.0))
    return p * wrong + (1 - p) * right


def _entropy_at(t: Floats, C: Floats) -> Floats:
    """psi(q(t)) = phi(t) + t q(t) for t >= 0."""
    decay = (C - 1) * np.exp(-t)
    return np.log1p(decay) + t * decay / (1 + decay)


def _slope(p: Floats, C: Floats) -> Floats:
    return np.log(C - 1) + np.log1p(-p) - np.log(p)


def _bregman(t: Floats, T: Floats, C: Floats) -> Floats:
    """The gap for validated arguments; see ``bregman`` for the proof of both forms."""
    u, w = _masses(T, C)
    D = t - T
    a, s = np.minimum(u, w), np.clip(np.where(u <= w, -D, D), -0.5, 0.5)
    x = a * np.expm1(s)
    # With r = x/(2+x), log1p(x) = 2 atanh(r), so log1p(x) - x = -r x + 2 r^3 (1/3 + r^2/5 + ...); r^2 < 0.02.
    r = x / (2 + x)
    tail = np.polynomial.polynomial.polyval(r * r, 1.0 / np.arange(3.0, 25.0, 2.0))
    close = (2 * r**3 * tail - r * x) + a * s * s * np.polynomial.polynomial.polyval(s, _EXPM1_TAIL)
    # Further away plain differences lose at most a digit, of phi or of its mirror phi(t) + t - log(C-1).
    far = np.where(u <= w, _phi(t, C) - _phi(T, C) + u * D, _mirror(t, C) - _mirror(T, C) - w * D)
    return np.maximum(np.where(np.abs(D) <= 0.5, close, far), 0.0)


def _phi(t: Floats, C: Floats) -> Floats:
    decay = np.exp(-np.abs(t))
    # For t < 0 the factor e^-t is taken out, so that nothing overflows: -t + log(C-1 + e^t).
    return np.where(t >= 0, np.log1p((C - 1) * decay), -t + np.log1p(C - 2 + decay))


def _mirror(t: Floats, C: Floats) -> Floats:
    """phi(t) + t - log(C-1) = log(1 + e^t/(C-1)), without cancellation."""
    return np.where(t <= 700.0, np.log1p(np.exp(np.minimum(t, 700.0)) / (C - 1)), t - np.log(C - 1))


_EXPM1_TAIL = 1.0 / np.cumprod(np.arange(1.0, 17.0))[1:]  # 1/2!, 1/3!, ..., 1/16!


def _bracketed_newton(
    function: Callable[[Floats], tuple[Floats, Floats]], low: Floats, high: Floats, start: Floats
) -> Floats:
    """Roots of functions negative just above ``low`` and positive at ``high``; bisection guards each step."""
    x = np.where((start > low) & (start < high), start, 0.5 * (low + high))
    settled = np.zeros(x.shape, dtype=bool)
    for _ in range(200):
        value, slope = function(x)
        low, high = np.where(value <= 0, x, low), np.where(value >= 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = x - value / slope
        # Tested before the bracket: at the root rounding may throw a step out of it by a few units.
        settled |= np.abs(step - x) <= 4 * np.finfo(np.float64).eps * np.abs(x)
        if settled.all():
            break
        guarded = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        x = np.where(settled, x, guarded)
    return x


@lru_cache(maxsize=4096)
def _log_low(C: float, high: float) -> float:
    with localcontext() as context:
        context.prec = 60
        remainder: Decimal = Decimal(C).ln() - Decimal(high)
    return float(remainder)


def _log_remainder(C: Floats, high: Floats) -> Floats:
    """log C - high, where ``high`` is log C rounded to float64."""
    values, where = np.unique(C, return_inverse=True)
    remainders = np.array([_log_low(float(c), float(np.log(c))) for c in values])
    # The vectorised and the scalar logarithm may round differently, by one unit; both are exact numbers.
    logs = np.array([float(np.log(c)) for c in values])
    result: Floats = remainders[where].reshape(C.shape) + (logs[where].reshape(C.shape) - high)
    return result


def _classes(C: ArrayLike) -> Floats:
    value = _reals("C", C)
    _require((value >= 2) & (value == np.floor(value)), "C", value, "an integer >= 2, the number of classes")
    return value


def _decay(weight_decay: ArrayLike, C: ArrayLike) -> tuple[Floats, Floats]:
    value, classes = _reals("weight_decay", weight_decay), _classes(C)
    wanted = "0 < weight_decay <= 1/sqrt(C); beyond it the zero classifier is optimal"
    _require((value > 0) & (value <= (1 + _ROUNDING) / np.sqrt(classes)), "weight_decay", value, wanted)
    return value, classes


def _reals(name: str, value: ArrayLike) -> Floats:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must be real numbers; received dtype {array.dtype}.")
    array = array.astype(np.float64)
    _require(np.isfinite(array), name, array, "finite real numbers")
    return array


def _require(valid: NDArray[np.bool_], name: str, value: Floats, wanted: str) -> None:
    if not np.all(valid):
        shown = np.broadcast_to(value, np.shape(valid))[~np.asarray(valid)].flat[0]
        raise ValueError(f"{name} = {shown!s} is out of range; required: {wanted}.")


def _scalar(value: Floats) -> Floats:
    """A 0-d array becomes a NumPy scalar, as NumPy's own functions return."""
    result: Floats = value[()]
    return result
