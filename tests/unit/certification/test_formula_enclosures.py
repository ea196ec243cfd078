# SPDX-License-Identifier: MIT
"""theory.enclose: bounds of theorems on intervals are sound, narrow, and say when they cannot decide."""

from fractions import Fraction
from itertools import product

import mpmath
import pytest

import theory
from theory.certificates import Enclosed, Undefined, working_precision
from theory.certificates.formulas import _as_interval
from theory.certificates.intervals import exact
from theory.certificates.scalar_enclosures import FUNCTIONS

MEASURABLE = [name for name, entry in theory.theorems().items() if entry.measurable is not None]

# Within reach of every hypothesis: small decay, loss close to its least value, no bias, mean zero.
C, T, DECAY = 4, 9.0, 1e-3
ALPHA = 2.0
BETA = T * (C - 1) / C / ALPHA


def values(gap=1e-4, **changes):
    loss = float(theory.scalars.phi(T, C)) * (1 + gap)
    least = float(theory.scalars.least_regularized_loss(DECAY, C))
    found = {
        "C": C,
        "L": loss,
        "eps": float(theory.scalars.phi(T, C)) * gap,
        "alpha": ALPHA,
        "alpha_centred": ALPHA,
        "beta": BETA,
        "weight_frobenius": BETA * 2,
        "weight_decay": DECAY,
        "L_reg": least * (1 + gap),
        "eps_reg": least * gap,
        "bias_norm": 0,
        "mean_norm": 0,
        "weight_spectral": 1.5,
        "means_spectral": 1.5,
        "delta": Fraction(1, C),
    }
    return found | changes


@pytest.mark.parametrize("name", MEASURABLE)
def test_encloses_what_floats_approximate(name):
    """The intervals are narrow and lie where the float evaluation is, which is another program."""
    entry = theory.get(name)
    given = values()
    found = theory.enclose(entry, given)
    floats = float(entry.evaluate(**{k: float(v) for k, v in given.items()}))
    middle = float((found.low + found.high) / 2)
    # Square roots of cancelled floats near an equality keep half the digits.
    assert middle == pytest.approx(floats, rel=1e-6, abs=1e-6)
    assert found.width <= abs(found.high) * Fraction(1, 10**20)


@pytest.mark.parametrize("name", MEASURABLE)
def test_a_box_encloses_every_point_of_it(name):
    entry = theory.get(name)
    step = Fraction(1, 10**6)
    names = [n for n in ("L", "L_reg", "eps", "eps_reg", "alpha", "beta") if n in entry.inputs]
    given = values(gap=1e-2)
    box = {n: Enclosed(Fraction(given[n]) * (1 - step), Fraction(given[n]) * (1 + step)) for n in names}
    around = theory.enclose(entry, given | box)
    corners = list(product(*((box[n].low, box[n].high) for n in names)))
    for ends in corners[:: 3 if len(corners) > 4 else 1]:
        point = theory.enclose(entry, given | dict(zip(names, ends, strict=True)))
        if name in ("intra-class-cosine-any-loss", "intra-class-cosine-weight-decay-any-loss"):
            assert around.low <= point.high + Fraction(1, 10**12)  # the line for the box is one of many
        else:
            assert around.low <= point.low
            assert point.high <= around.high


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("share", ["0", "1e-30", "1e-3", "0.5", "0.999999", "0.99999999999999999999"])
def test_psi_inverse_holds_the_root(classes, share):
    with mpmath.workdps(80):
        top = mpmath.log(classes)
        level = Fraction(str(mpmath.nstr(top * mpmath.mpf(share), 60, strip_zeros=False)))
    with working_precision(128):
        found = FUNCTIONS["psi_inverse"](_as_interval("L", level), _as_interval("C", classes))
        low, high = exact(found.lower), exact(found.upper)
    assert 0 <= low <= high <= Fraction(classes - 1, classes) + Fraction(1, 2**120)

    def psi(p):
        with mpmath.workdps(80):
            p = mpmath.mpf(p.numerator) / p.denominator
            if p == 0:
                return Fraction(0)
            value = -p * mpmath.log(p) - (1 - p) * mpmath.log(1 - p) + p * mpmath.log(classes - 1)
            return Fraction(mpmath.nstr(value, 60, strip_zeros=False))

    assert psi(low) <= level + Fraction(1, 10**55)
    assert high >= Fraction(classes - 1, classes) or psi(high) >= level - Fraction(1, 10**55)
    # psi is flat where p = (C-1)/C: close to that the root is known to fewer digits.
    digits = 4 if share.startswith("0.99999999") else 25
    assert high - low <= max(low, Fraction(1, 10**30)) * Fraction(1, 10**digits)


def test_refuses_and_says_why():
    entry = theory.get("within-class-variability")
    with pytest.raises(theory.HypothesisError, match=r"beta .* is not given"):
        theory.enclose(entry, values(beta=None))
    with pytest.raises(theory.HypothesisError, match="L <= log C, but"):
        theory.enclose(entry, values(L=2))
    touching = Enclosed(Fraction(0), Fraction(1))
    with pytest.raises(Undefined, match="alpha > 0: not decided"):
        theory.enclose(entry, values(alpha=touching))
    with pytest.raises(TypeError, match="neither Enclosed nor a finite real"):
        theory.enclose(entry, values(L=float("nan")))
    with pytest.raises(ValueError, match="is above"):
        Enclosed(Fraction(1), Fraction(0))
    with pytest.raises(Undefined, match="number of classes"):
        theory.enclose(theory.get("minimum-cross-entropy"), values(C=Fraction(5, 2)))


def test_numbers_of_any_size_are_rounded_outward_or_refused_at_once():
    import flint

    from theory.certificates import enclosed

    tiny, huge = flint.arb(-(10**9)).exp(), flint.arb(10**15).exp()
    found, mirrored = enclosed(tiny), enclosed(-tiny)
    assert 0 < found.high < Fraction(1, 10**1000)
    assert (found.low, mirrored.high, mirrored.low) == (0, 0, -found.high)
    with pytest.raises(ArithmeticError, match="too large"):
        enclosed(huge)
    with pytest.raises(ArithmeticError, match=r"too large|not proved"):
        theory.enclose(theory.get("equiangular-weights-rms-necessity"), {"C": 10, "alpha": 1e16, "beta": 2})


def test_mean_zero_is_not_mean_almost_zero():
    entry = theory.get("intra-class-cosine")
    assert theory.enclose(entry, values()).high > 0
    with pytest.raises(theory.HypothesisError, match="mean zero"):
        theory.enclose(entry, values(mean_norm=1e-9))
    with pytest.raises(Undefined, match="mean zero"):
        theory.enclose(entry, values(mean_norm=Enclosed(Fraction(0), Fraction(1, 10**9))))
