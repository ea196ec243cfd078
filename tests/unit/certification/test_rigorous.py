# SPDX-License-Identifier: MIT
"""Certificates are statements: sound enclosures, verdicts that turn when a claim is wrong by a rounding."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
import torch
from torch import nn

import theory
from simulations import BoundViolation, certify, comparison, measure
from simulations.certification.enclosures import enclosures
from simulations.certification.recording import Recording
from simulations.certification.rigorous import rigorous_rows
from theory.entry import Entry, Measurable
from theory.evaluation import phi, value

C_, T_ = value("C"), value("C") * value("alpha") * value("beta") / (value("C") - 1)


def recorded(features, labels, weight, bias=None):
    found = Recording(np.asarray(weight), bias)
    found.add(np.asarray(features), np.asarray(labels))
    return found


def sample(seed=0, C=4, n=6, d=5, noise=0.3, dtype=np.float32):
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((C, d)).astype(dtype)
    labels = np.arange(C).repeat(n)
    features = (2 * weight[labels] + noise * rng.standard_normal((C * n, d))).astype(dtype)
    return features, labels, weight


def rows_of(data, registry=None, *, weight_decay=None, bias=None):
    features, labels, weight = data
    measured = measure(
        features=features, labels=labels, weight=weight, bias=bias, weight_decay=weight_decay
    ).to_dict()
    rows = comparison.verdicts(comparison.guarantees(measured, registry), registry)
    return rigorous_rows(rows, recorded(*data, bias), weight_decay=weight_decay, registry=registry)


def claimed(bound, direction=">=", quantity="loss", kind="conjecture", conditions=()):
    entry = Entry(
        name="claim",
        title="a claim",
        kind=kind,
        source="test 2026",
        says="a claim",
        statement_of=lambda: None,
        prove=None if kind == "conjecture" else lambda: None,
        measurable=Measurable(quantity, direction, bound, conditions),
    )
    return {"claim": entry}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("bias", [None, np.array([0.5, -1.0, 0.0, 2.0])])
def test_enclosures_lie_where_measure_is(dtype, bias):
    data = sample(dtype=dtype)
    found = enclosures(recorded(*data, bias), weight_decay=0.01, centred=False)
    measured = measure(features=data[0], labels=data[1], weight=data[2], bias=bias, weight_decay=0.01)
    names = {entry.measurable.quantity for entry in theory.theorems().values() if entry.measurable}
    names |= set(comparison.flatten(measured.values)) & set(found)
    for name in sorted(names):
        middle = float((found[name].low + found[name].high) / 2)
        assert middle == pytest.approx(measured[name], rel=1e-11, abs=1e-13), name
        assert found[name].width <= Fraction(1, 10**12), name


def test_low_precision_holds_what_high_precision_finds():
    recording = recorded(*sample(noise=1e-5))
    for centred in (False, True):
        coarse, fine = (
            enclosures(recording, weight_decay=0.01, centred=centred, precision=p) for p in (80, 300)
        )
        for name, interval in fine.items():
            # The spectral enclosures stop at the accuracy of their float hints.
            assert coarse[name].low <= interval.high, name
            assert interval.low <= coarse[name].high, name
            assert interval.width <= coarse[name].width, name


def test_loss_and_cosines_against_sixty_digits():
    features, labels, weight = sample(n=3)
    found = enclosures(recorded(features, labels, weight), weight_decay=None, centred=False)
    with mpmath.workdps(60):
        h = [[mpmath.mpf(float(x)) for x in row] for row in features]
        w = [[mpmath.mpf(float(x)) for x in row] for row in weight]
        z = [[mpmath.fdot(row, other) for other in w] for row in h]
        losses = [
            mpmath.log(sum(mpmath.exp(x - row[c]) for x in row)) for row, c in zip(z, labels, strict=True)
        ]
        mean = [sum(column) / len(h) for column in zip(*h, strict=True)]
        units = []
        for row in h:
            apart = [a - b for a, b in zip(row, mean, strict=True)]
            units.append([a / mpmath.norm(apart) for a in apart])
        intra = [
            sum((sum(u[k] for u, y in zip(units, labels, strict=True) if y == c) / 3) ** 2 for k in range(5))
            for c in range(4)
        ]
        expected = {"loss": sum(losses) / len(losses), "intra_class_cosine.min": min(intra)}
        for name, number in expected.items():
            ends = [mpmath.mpf(e.numerator) / e.denominator for e in (found[name].low, found[name].high)]
            assert ends[0] - mpmath.mpf(10) ** -50 <= number <= ends[1] + mpmath.mpf(10) ** -50
            assert ends[1] - ends[0] < mpmath.mpf(10) ** -30


def simplex(C=4):
    """A collapsed network: features and rows at the vertices of a simplex, up to the rounding of floats."""
    vertices = np.eye(C) - 1 / C
    return 3 * vertices.repeat(2, axis=0) / 0.7, np.arange(C).repeat(2), vertices * 1.3


def test_a_wrong_claim_changes_the_verdict_where_floats_see_nothing():
    """minimum-cross-entropy is attained here, so a bound that is 1e-9 or 1e-14 too large is false."""
    data = simplex()
    for excess, expected in (
        (0, "holds"),
        (Fraction(1, 10**9), "contradicted"),
        (Fraction(1, 10**14), "contradicted"),
    ):
        bound = phi(T_, C_) * (1 + sympy.Rational(excess.numerator, excess.denominator) / 2)
        row = rows_of(data, claimed(bound))[0]
        assert (row["arithmetic"], row["verdict"]) == ("rigorous", expected)
        measured = measure(features=data[0], labels=data[1], weight=data[2])
        assert comparison.guarantees(measured.to_dict(), claimed(bound))[0]["holds"]
    assert rows_of(data, claimed(bound, kind="upper"))[0]["verdict"] == "violated"


def test_equality_is_undecided_and_never_called_proved():
    data = np.array([[1.0], [-1.0]]), np.array([0, 1]), np.array([[1.0], [-1.0]])  # loss = phi(2) exactly
    row = rows_of(data, claimed(phi(T_, C_)))[0]
    assert (row["verdict"], row["holds"], row["arithmetic"]) == ("undecided", None, "rigorous")
    assert row["slack"] <= 0


def test_a_gap_of_a_rounding_error_is_measured_truly():
    """loss - phi(T) is about 1e-15, whose float difference has few true digits; claims on both sides."""
    features, labels, weight = simplex()
    features = features + 1e-8 * np.random.default_rng(1).standard_normal(features.shape)
    found = enclosures(recorded(features, labels, weight), weight_decay=None, centred=False)
    gap = found["loss_gap"]
    measured = measure(features=features, labels=labels, weight=weight)
    assert 0 < gap.low < Fraction(1, 10**14)
    assert float(gap.low) == pytest.approx(measured.loss_gap, rel=1e-6)
    assert abs((measured.loss - measured.minimum_loss) / float(gap.low) - 1) > 1e-3
    half = sympy.Rational(gap.low.numerator, gap.low.denominator) / 2
    for factor, verdict in ((1, "holds"), (3, "contradicted")):
        row = rows_of((features, labels, weight), claimed(phi(T_, C_) + factor * half))[0]
        assert row["verdict"] == verdict


def test_bounds_and_slacks_are_on_the_safe_side():
    rows = rows_of(sample(noise=0.1), weight_decay=0.01)
    proved = [row for row in rows if row["arithmetic"] == "rigorous" and row["bound"] is not None]
    assert len(proved) > 10
    for row in proved:
        low, high = row["interval"]
        sign = 1 if row["direction"] == "<=" else -1
        end = low if sign > 0 else high
        assert row["slack"] <= sign * (Fraction(row["bound"]) - Fraction(end))
        assert low <= row["measured"] * (1 + 1e-12)
        assert row["measured"] * (1 - 1e-12) <= high
        assert max(row["width"], row["measured_width"]) < 1e-10


def test_rows_that_need_mean_zero_are_proved_without_a_tolerance():
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(6)
    norm.register_parameter("bias", None)
    module = nn.Sequential(nn.Linear(4, 6), norm, nn.Linear(6, 3, bias=False))
    labels = torch.arange(3).repeat_interleave(8)
    inputs = 3 * torch.eye(4)[labels] + 0.1 * torch.randn(24, 4)
    with torch.no_grad():
        middle = nn.Sequential(*module[:1])(inputs)
        means = torch.stack([middle[labels == c].mean(dim=0) for c in range(3)])
        module[-1].weight.copy_(3 * (means - means.mean(dim=0)) / middle.std(dim=0))
    found = certify(module, [(inputs, labels)], exact_batch_norm=True, weight_decay=0.01)
    rows = {row["theorem"]: row for row in found.guarantees}
    assert 0 < found.measurement.mean_norm < 1e-6
    assert rows["intra-class-cosine-any-loss"]["arithmetic"] == "rigorous"
    assert all(row["arithmetic"] == "rigorous" for row in found.guarantees)


def test_a_violation_stops_and_keeps_the_evidence(monkeypatch, tmp_path):
    from simulations.certification import certifying

    features, labels, weight = simplex()
    head = nn.Linear(4, 4, bias=False).double()
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
    false = claimed(phi(T_, C_) * (1 + sympy.Rational(1, 10**10)), kind="upper")
    monkeypatch.setattr(comparison, "_registry", lambda registry: registry or false)
    monkeypatch.setattr("simulations.certification.rigorous.theorems", lambda: false)
    monkeypatch.setattr("theory.registry.theorems", lambda: false)
    loader = [(torch.from_numpy(features), torch.from_numpy(labels))]
    assert certifying.certify(nn.Sequential(head), loader, rigorous=False).guarantees
    with pytest.raises(BoundViolation, match="claim is violated") as caught:
        certifying.certify(nn.Sequential(head), loader, save_to=tmp_path)
    with np.load(caught.value.path) as kept:
        assert np.array_equal(kept["features"], features)


@pytest.mark.parametrize("direction", ["<=", ">="])
def test_a_verdict_needs_the_whole_intervals_apart(direction):
    from types import SimpleNamespace

    from simulations.certification.rigorous import _decided
    from theory.certificates import Enclosed

    sign = 1 if direction == "<=" else -1

    def decided(measured, bound):
        ends = [Enclosed(*sorted(Fraction(sign * x) for x in pair)) for pair in (bound, measured)]
        row = {"direction": direction, "measured": float(sign * measured[0])}
        found = _decided(row, SimpleNamespace(kind="upper"), *ends)
        return found["holds"], found["slack"], found["bound"]

    assert decided((1, 2), (2, 3)) == (True, 0.0, 3.0 * sign)
    assert decided((1, 3), (2, 4)) == (None, -1.0, 4.0 * sign)
    assert decided((3, 4), (1, 3))[0] is None
    assert decided((4, 5), (1, 3))[:2] == (False, -4.0)
