# SPDX-License-Identifier: MIT
"""Phase diagrams: certificates that cannot be had where the claim is false, published numbers, bad input."""

import json

import numpy as np
import pytest

from simulations.__main__ import main
from simulations.errors import InputError
from simulations.geometry import solve
from simulations.geometry.closed_forms import minority_collapse_threshold
from simulations.geometry.models.deep_linear_squared_error import solve as solve_deep
from simulations.geometry.phases import (
    Boundary,
    Diagram,
    all_diagrams,
    bias_transition,
    deep_collapse,
    deep_relu_collapse,
    layer_peeled_collapse,
    low_rank_bias,
    minority_collapse,
    phase_diagram,
    relu_vanishing,
    softmax_codes,
    zero_threshold,
)
from simulations.geometry.phases._cells import Cell, Curve, boundary, increasing
from simulations.geometry.phases._contrast import Groups, coinciding_bound, contrast
from simulations.geometry.phases._monotone import least_sum

COUNTS = [40, 40, 40, 10, 10, 10]
THRESHOLD = minority_collapse_threshold(10, 150)


def groups(counts):
    sizes = np.asarray(counts, float)
    return Groups(sizes / sizes.sum(), np.sqrt(sizes), (sizes == sizes.min()).astype(np.int64))


def test_every_diagram_of_the_field_is_there():
    assert {one.name for one in all_diagrams()} >= {
        "minority-collapse", "layer-peeled-collapse", "bias-transition", "deep-collapse", "relu-vanishing",
        "low-rank-bias", "softmax-codes", "zero-threshold", "deep-relu-collapse",
    }  # fmt: skip


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.99, 0.9999])
def test_contrasts_are_never_refused_below_the_threshold(factor):
    kappa = factor * THRESHOLD
    found = solve(counts=COUNTS, weight_decay=kappa, feature_decay=kappa)
    one = groups(COUNTS)
    strict = contrast(one, 1, one.probabilities(found.logits), found.objective, kappa)
    actual = np.square(found.weight[3:] - found.weight[3:].mean(axis=0)).sum()
    assert strict.size >= actual, "a bound on every minimiser excludes the minimiser"
    assert not strict.size <= minority_collapse.SIZE * np.square(found.weight).sum()


@pytest.mark.parametrize("factor", [1.001, 1.02, 1.3])
def test_coinciding_configurations_are_never_excluded_above_the_threshold(factor):
    kappa = factor * THRESHOLD
    found = solve(counts=COUNTS, weight_decay=kappa, feature_decay=kappa)
    assert found.certified
    bound = coinciding_bound(groups(COUNTS), 1, kappa)
    assert bound <= found.objective * (1 + 1e-12)
    assert bound == pytest.approx(found.objective, abs=1e-7)  # the restriction costs nothing there


def test_the_bound_on_coinciding_configurations_lies_below_such_a_configuration():
    kappa, rng = 0.8 * THRESHOLD, np.random.default_rng(3)
    bound = coinciding_bound(groups(COUNTS), 1, kappa)
    best = np.inf
    merged = solve(counts=COUNTS, weight_decay=1.001 * THRESHOLD, feature_decay=1.001 * THRESHOLD).logits
    sizes = np.asarray(COUNTS, float)
    for scale in np.linspace(0.5, 1.6, 60):
        logits = scale * merged + 0.02 * np.diag(rng.normal(size=6)) * (sizes > 10)
        loss = np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)
        best = min(best, sizes @ loss / 150 + kappa * np.linalg.norm(np.sqrt(sizes)[:, None] * logits, "nuc"))
    assert bound <= best
    found = solve(counts=COUNTS, weight_decay=kappa, feature_decay=kappa)
    assert found.objective < bound


@pytest.mark.parametrize("shift", [0.99, 1.01])
def test_a_boundary_one_percent_off_is_seen(shift):
    for name in ("minority-collapse", "relu-vanishing", "zero-threshold", "bias-transition", "deep-collapse"):
        quick = next(one for one in all_diagrams() if one.name == name).quick
        for one in phase_diagram(name, **quick, shift=shift).boundaries:
            assert not any(crossing.holds for crossing in one.crossings), (name, one.label)


def test_the_published_layer_peeled_experiment():
    data = layer_peeled_collapse.compute(feature_budgets=(5.0,), ratios=(5.0, 30.0))
    assert data.boundaries[0].certified
    assert data.boundaries[0].y == pytest.approx([12.19245], abs=5e-5)
    assert data.order[:, 0] == pytest.approx([0.073, 1.0], abs=1e-3)


def test_the_bias_transition_reaches_both_ends():
    data = bias_transition.compute(bias_decays=(1e-3, 1e3), strengths=(0.2, 0.6))
    assert np.all(data.certified)
    assert data.order[:, 0] == pytest.approx([-0.25, -0.25], abs=1e-9)
    assert data.order[:, 1] == pytest.approx([0.0, 0.0], abs=2e-3)


def test_deep_outputs_jump_at_the_threshold():
    for depth in (2, 3, 5):
        at = deep_collapse.threshold_decay(4, 3, depth)
        below, above = (deep_collapse.cell(4, 3, depth, at * f) for f in (0.999, 1.001))
        assert (below.phase, above.phase) == (0, 1)
        assert below.certified
        assert above.certified
        assert below.order == pytest.approx((depth - 1) / depth, abs=0.03)
        least, _ = deep_collapse.scalar_bound(4, 3, depth, at * 0.9)
        found = solve_deep(counts=[3] * 4, depth=depth, weight_decay=at * 0.9, feature_decay=at * 0.9)
        assert least.lower <= found.objective == pytest.approx(least.lower, abs=1e-6)


def test_graph_networks_outlive_collapse_from_six_classes_on():
    at = deep_relu_collapse._threshold(6, 1, 5)
    assert deep_relu_collapse.cell(6, 1, 5, 1.05 * at).phase == 1
    assert deep_relu_collapse.cell(2, 1, 5, 1.05 * deep_relu_collapse._threshold(2, 1, 5)).phase in (2, 3)


def test_low_rank_region_is_that_of_the_theorem():
    for C in range(4, 13, 2):
        assert low_rank_bias.critical_depth(C) == pytest.approx(2 / np.log2(2 * (C - 1) / C) - 1, rel=1e-12)
    wins = {(C, L): low_rank_bias.every_decay(C, L).phase for C in (4, 5, 6, 7) for L in (2, 3)}
    assert wins == {(C, L): int(L == 3 or C >= 6) for C in (4, 5, 6, 7) for L in (2, 3)}
    problem = low_rank_bias._problem(6, 2, 1e-3)
    for ray in low_rank_bias.all_rays(problem):
        if ray.scale > 0.0:
            least = low_rank_bias.least_of(problem, ray.name)
            assert least.lower <= ray.value * (1 + 1e-9) == pytest.approx(least.lower, rel=1e-6)


def test_softmax_codes_have_the_known_margins():
    data = softmax_codes.compute(dimensions=(2, 3), classes=(4, 6, 12), starts=2)
    assert data.order[:, 0] == pytest.approx(1 - np.cos(2 * np.pi / np.array([4, 6, 12])), abs=1e-9)
    assert data.order[:, 1] == pytest.approx([4 / 3, 1.0, 1 - 5**-0.5], abs=1e-9)
    assert np.all(data.details["upper_bound"] >= data.order - 1e-12)


def test_thresholds_of_zero_and_of_vanishing_classes():
    assert zero_threshold.cell(4, 7, 0.3, 0.699).phase == 0
    assert zero_threshold.cell(4, 7, 0.3, 0.701).phase == 1
    kappa = np.sqrt(10 * 2 / 3) / 90
    assert relu_vanishing.cell([70, 10, 10], 0.999 * kappa).phase == 0
    assert relu_vanishing.cell([70, 10, 10], 1.001 * kappa).phase == 1


def test_least_sum_is_a_bound_and_close():
    edges = np.linspace(0.0, 3.0, 7)
    found = least_sum(lambda x: np.exp(-4 * x), lambda x: 0.3 * np.sqrt(x), edges)
    dense = np.linspace(0.0, 3.0, 2_000_001)
    true = np.min(np.exp(-4 * dense) + 0.3 * np.sqrt(dense))
    assert found.lower <= true
    assert found.lower == pytest.approx(true, rel=2e-7)


def test_a_crossing_needs_both_phases_and_both_certificates():
    def classify(x, y, sure=True):
        return Cell(int(y > 2.0), sure, y, "by definition")

    curve = Curve("step", lambda x: 2.0, (0, 1), "here", None)
    options = {"phases": ("low", "high"), "xs": [1.0], "tested": [1.0]}
    assert boundary(curve, classify, **options).certified
    for factor in (0.95, 1.05):
        assert not boundary(curve, classify, **options, shift=factor).certified
    assert not boundary(curve, lambda x, y: classify(x, y, sure=False), **options).certified
    assert not boundary(Curve("step", lambda x: 2.0, (1, 0), "here", None), classify, **options).certified
    assert not Boundary("untested", np.ones(1), np.ones(1), "here", None, []).certified


def test_bad_input_is_refused_with_its_reason():
    for name, options in {
        "minority-collapse": {"small": 1},
        "layer-peeled-collapse": {"budget": "both"},
        "bias-transition": {"bias_decays": (0.0, 1.0)},
        "zero-threshold": {"smoothings": (0.5, 1.0)},
        "deep-collapse": {"depths": (1.5,)},
        "deep-relu-collapse": {"depths": (1, 2)},
        "low-rank-bias": {"classes": (2, 3)},
        "softmax-codes": {"dimensions": (1,)},
        "relu-vanishing": {"large": 0},
    }.items():
        with pytest.raises(InputError, match="required"):
            phase_diagram(name, **options)
    with pytest.raises(InputError, match="increasing"):
        increasing("decays", [2.0, 1.0])
    with pytest.raises(InputError, match="shift"):
        phase_diagram("relu-vanishing", shift=0.0)
    with pytest.raises(InputError, match="keyword"):
        Diagram("name", "It says.", "source", lambda x: x, {})


def test_the_command_prints_verdicts_and_json(capsys):
    assert main(["phases", "--list"]) == 0
    assert "softmax-codes" in capsys.readouterr().out
    assert main(["phases", "bias-transition", "--quick", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["diagrams"]
    assert record["boundaries"][0]["crossings"][0]["holds"] is True
    assert record["order"][-1][0] is None  # zero features have no cosine
    assert main(["phases", "relu-vanishing", "--quick"]) == 0
    assert "CERTIFIED" in capsys.readouterr().out
    assert main(["phases", "relu-vanishing", "--quick", "--shift", "1.05"]) == 1
    assert "FAILS" in capsys.readouterr().out
    assert main(["phases", "no-such"]) == 2
