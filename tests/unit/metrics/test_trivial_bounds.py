# SPDX-License-Identifier: MIT
"""Guarantees that say nothing are marked, those that say something are not, by exact comparison."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from simulations import certify, measure, metrics
from simulations.trivial_bounds import end, judged

BOUNDED = [name for name in metrics.quantities() if end(name, "<=", 4) or end(name, ">=", 4)]


def row(quantity, direction, bound, C=3):
    found = judged({"quantity": quantity, "direction": direction, "bound": bound}, C)
    return found["says_nothing"], found["trivial"]


def test_a_bound_that_every_network_meets_says_nothing():
    assert row("intra_class_cosine.mean", ">=", -26.0) == (True, 0.0)
    assert row("intra_class_cosine.mean", ">=", 0.0) == (True, 0.0)
    assert row("intra_class_cosine.mean", ">=", 5e-324) == (False, 0.0)
    assert row("within_class_variability", "<=", 1.0) == (True, 1.0)
    assert row("within_class_variability", "<=", math.nextafter(1.0, 0.0)) == (False, 1.0)
    assert row("nc2.gram_deviation_means", "<=", 1.0, C=9) == (True, pytest.approx(math.sqrt(63) / 8))
    assert row("nc2.gram_deviation_means", "<=", 0.99, C=9)[0] is False
    assert row("row_cosine.mean", ">=", -1.0) == (True, -1.0)
    assert row("loss", ">=", 0.0) == (True, 0.0)
    assert repr(row("nc2.gram_deviation_means", "<=", 0.5, C=2)) == "(True, 0.0)"


def test_an_irrational_end_is_compared_exactly():
    """sqrt(2) lies between two floats: the lower one excludes something, the upper one nothing."""
    above = math.sqrt(2.0)
    below = math.nextafter(above, 0.0)
    assert below**2 < 2 < above**2
    assert row("nc2.equinorm_means", "<=", below) == (False, above)
    assert row("nc2.equinorm_means", "<=", above) == (True, above)


def test_where_nothing_is_trivial_nothing_is_said():
    assert row("nc2.equinorm_means", "<=", None) == (None, None)
    assert row("regularized_loss", ">=", 0.1) == (False, None)
    assert row("loss", "<=", 1e300) == (False, None)


def extreme_layers():
    """Layers far from collapse: opposed, equal, one dominant, orthogonal, random."""
    rng = np.random.default_rng(0)
    for C in (2, 3, 5):
        dominant = np.zeros((C, C))
        dominant[0, 0] = 1.0
        alternating = np.outer((-1.0) ** np.arange(C), np.eye(C)[0])
        for means in (dominant, alternating, np.eye(C), rng.standard_normal((C, C)), np.eye(C) - 1 / C):
            for noise in (0.0, 1e-3, 1.0):
                labels = np.arange(C).repeat(4)
                features = means[labels] + noise * rng.standard_normal((4 * C, C))
                weight = rng.permutation(means) + noise * rng.standard_normal((C, C))
                yield measure(features=features, labels=labels, weight=weight)


@pytest.fixture(scope="module")
def measured():
    return list(extreme_layers())


@pytest.mark.parametrize("name", BOUNDED)
def test_no_layer_passes_a_trivial_bound(name, measured):
    """With a tolerance for the rounding of the measurement."""
    for found in measured:
        value = found[name]
        low, high = (end(name, direction, found.num_classes) for direction in (">=", "<="))
        assert value is None or low is None or value >= float(low.low) - 1e-9
        assert value is None or high is None or value <= float(high.high) + 1e-9


@pytest.mark.parametrize("C", [2, 4, 10])
def test_the_trivial_bound_of_the_gram_deviation_is_nearly_met(C):
    """Half the means opposite to the others: with it 1 - 1/(C-1)^2, the square of the trivial bound."""
    means = (-1.0) ** np.arange(C)[:, None]
    labels = np.arange(C).repeat(2)
    found = measure(features=means[labels], labels=labels, weight=np.eye(C)[:, :1])
    trivial = float(end("nc2.gram_deviation_means", "<=", C).high)
    assert found["nc2.gram_deviation_means"] == pytest.approx(1 - 1 / (C - 1) ** 2, abs=1e-12)
    assert found["nc2.gram_deviation_means"] == pytest.approx(trivial**2, abs=1e-12)


@pytest.mark.parametrize(("C", "largest"), [(3, 0.5**0.5), (4, 8 / 9)])
def test_no_gram_matrix_deviates_more_than_the_trivial_bound(C, largest):
    """For fixed signs of the differences the deviation is linear in the Gram matrix: of trace C at most it
    is largest at an eigenvector, and all signs can be tried."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=C - 1)))
    signs -= signs.mean(axis=1, keepdims=True)
    outside = ~np.eye(C, dtype=bool)
    forms = np.zeros((len(signs) ** C, C, C))
    forms[:, outside] = [np.concatenate(rows) for rows in itertools.product(signs, repeat=C)]
    found = np.linalg.eigvalsh((forms + forms.transpose(0, 2, 1)) / 2)[:, -1].max() / (C - 1)
    assert found == pytest.approx(largest, abs=1e-12)
    assert found <= float(end("nc2.gram_deviation_means", "<=", C).low)


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(0)
    labels = torch.arange(3).repeat_interleave(6)
    return certify(
        nn.Sequential(nn.Linear(4, 3, bias=False)), [(torch.randn(18, 4), labels)], weight_decay=0.01
    )


def test_text_json_and_html_mark_what_says_nothing(untrained):
    empty = [entry for entry in untrained.guarantees if entry["says_nothing"]]
    full = [entry for entry in untrained.guarantees if not entry["says_nothing"]]
    assert empty
    assert full
    assert all(entry["arithmetic"] == "rigorous" for entry in empty)
    text, page = str(untrained), untrained.html()
    for shown in (text, page):
        assert shown.count("says nothing here: the trivial bound is") == len(empty)
    assert f"; {len(empty)} say nothing here" in text
    worst = next(entry for entry in empty if entry["quantity"] == "row_cosine.mean")
    assert worst["bound"] < -10
    assert (
        text.partition(f"\n  {worst['theorem']} ")[2].splitlines()[1].startswith("      says nothing here: ")
    )
    assert "says nothing here: the trivial bound is >= -1\n" in text
    rows = json.loads(json.dumps(untrained.to_dict(), allow_nan=False))["guarantees"]
    assert [entry["says_nothing"] for entry in rows] == [e["says_nothing"] for e in untrained.guarantees]
    assert all(
        entry["bound"] >= entry["trivial"]
        for entry in rows
        if entry["says_nothing"] and "<" in entry["direction"]
    )


def test_a_collapsed_network_is_not_called_empty():
    labels = torch.arange(3).repeat_interleave(4)
    vertices = torch.eye(3, dtype=torch.float64) - 1 / 3
    head = nn.Linear(3, 3, bias=False).double()
    with torch.no_grad():
        head.weight.copy_(6 * vertices)
    found = certify(nn.Sequential(head), [(3 * vertices[labels], labels)])
    assert found.guarantees
    assert not any(entry["says_nothing"] for entry in found.guarantees)
    assert "says nothing" not in str(found) + found.html()
