# SPDX-License-Identifier: MIT
"""Networks that decay shrinks to nothing, and class means that nearly agree: no false alarm, no traceback."""

import numpy as np
import pytest
import torch
from torch import nn

from simulations import InputError, certify, comparison, measure

SIMPLEX = np.eye(3) - 1 / 3
LABELS = np.arange(3).repeat(4)


def layer(scale, noise, rng):
    return {
        "features": SIMPLEX[LABELS] + noise * rng.standard_normal((12, 3)),
        "labels": LABELS,
        "weight": scale * (SIMPLEX + noise * rng.standard_normal((3, 3))),
        "weight_decay": 1e-3,
    }


@pytest.mark.parametrize("noise", [0.0, 1e-6, 1e-2, 1.0])
def test_no_margin_is_so_small_that_a_proved_bound_seems_violated(noise):
    """Losses that differ from log C by less than its rounding used to violate up to twelve theorems."""
    rng = np.random.default_rng(0)
    for exponent in range(24):
        found = measure(**layer(10.0**-exponent, noise, rng))
        rows = comparison.verdicts(found.guarantees)
        assert [row["theorem"] for row in rows if row["verdict"] == "violated"] == []
        assert any(row["verdict"] == "holds" for row in rows)


@pytest.mark.parametrize(("factor", "holds"), [(1.001, False), (0.999, None)])
def test_a_bound_that_fails_decides_from_the_least_margin_on(factor, holds):
    """A stand-in theorem without hypotheses guarantees that the within-class variability is at most -1."""
    rng = np.random.default_rng(0)
    found = measure(**layer(1.0, 0.1, rng))
    values = {**found.to_dict(), "T": factor * comparison.LEAST_T}
    entry = type("Entry", (), {"name": "stand-in", "kind": "tight", "prove": print})()
    entry.measurable = type("Side", (), {"quantity": "within_class_variability", "direction": "<="})()
    entry.measurable.delta = None
    entry.unmet, entry.evaluate = (lambda **given: []), (lambda **given: -1.0)
    (row,) = comparison.guarantees(values, {"stand-in": entry})
    assert row["holds"] is holds
    assert (row["bound"] is None) is (holds is None)
    assert ("cannot tell the loss from log C" in "".join(row["unmet"])) is (holds is None)


@pytest.mark.parametrize("array", ["features", "weight"])
@pytest.mark.parametrize("scale", [1e-160, 1e-200, 1e-320])
def test_squares_that_underflow_are_refused(array, scale):
    """At 1e-160 squares keep two digits, at 1e-200 none."""
    given = layer(1.0, 0.1, np.random.default_rng(0))
    with pytest.raises(InputError, match="norms underflow float64"):
        measure(**{**given, array: scale * given[array]})


@pytest.mark.parametrize("array", ["features", "weight"])
def test_zero_is_no_underflow(array):
    given = layer(1.0, 0.1, np.random.default_rng(0))
    assert measure(**{**given, array: 0.0 * given[array]})["T"] == 0.0


def test_means_that_agree_up_to_rounding_are_certified():
    """Floats call their angles undefined; the data are exact numbers, so that the angles are some."""
    torch.manual_seed(0)
    inputs = 1 + 1e-15 * torch.randn(12, 3, dtype=torch.float64)
    head = nn.Linear(3, 3, bias=False).double()
    found = certify(nn.Sequential(head), [(inputs, torch.from_numpy(LABELS))], weight_decay=1e-3)
    assert found.measurement["nc2.max_angle_means"] is None
    (row,) = [row for row in found.guarantees if row["quantity"] == "nc2.max_angle_means"]
    assert row["arithmetic"] == "rigorous"
    assert row["interval"][0] <= row["measured"] <= row["interval"][1]
