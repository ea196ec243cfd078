# SPDX-License-Identifier: MIT
"""DeepFool through ART: exact on linear networks, honest about unfinished walks, harmless to the module."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import torch

from simulations import robustness
from simulations.configuration import Config
from simulations.errors import InputError
from simulations.robustness import balanced, deepfool
from simulations.sweeps.store import closure
from simulations.training import train

pytest.importorskip("art", reason="the optional dependency of simulations.robustness")


def linear(classes, size, seed=0):
    draw = torch.Generator(device="cpu").manual_seed(seed)
    layer = torch.nn.utils.skip_init(torch.nn.Linear, size, classes, device="cpu")
    with torch.no_grad():
        layer.weight.normal_(generator=draw)
        layer.bias.normal_(generator=draw)
    return layer, torch.randn((40, size), generator=draw, device="cpu")


def boundary_distances(layer, x):
    """min_{k != y} (z_y - z_k) / ||w_y - w_k||, the distance to the nearest of the other regions."""
    weight, bias = (p.detach().double().numpy() for p in (layer.weight, layer.bias))
    logits = x.double().numpy() @ weight.T + bias
    own = logits.argmax(axis=1)
    gaps = logits[np.arange(len(x)), own][:, None] - logits
    lengths = np.linalg.norm(weight[own][:, None] - weight[None], axis=2)
    lengths[np.arange(len(x)), own] = np.nan
    return np.nanmin(gaps / lengths, axis=1)


@pytest.mark.parametrize(("classes", "size"), [(2, 5), (3, 2), (10, 64)])
@pytest.mark.parametrize("overshoot", [0.02, 0.1])
def test_the_distance_on_a_linear_network_is_exact(classes, size, overshoot):
    layer, x = linear(classes, size)
    found = deepfool(layer, x, overshoot=overshoot)
    assert found.flipped.all()
    np.testing.assert_allclose(found.distances, (1 + overshoot) * boundary_distances(layer, x), rtol=1e-3)
    np.testing.assert_allclose(
        found.ratios, found.distances / np.linalg.norm(x.double().numpy(), axis=1), rtol=1e-12
    )


def test_two_classes_are_the_textbook_formula():
    layer, x = linear(2, 7, seed=3)
    w = (layer.weight[0] - layer.weight[1]).detach().double().numpy()
    b = float((layer.bias[0] - layer.bias[1]).detach())
    exact = np.abs(x.double().numpy() @ w + b) / np.linalg.norm(w)
    np.testing.assert_allclose(deepfool(layer, x, overshoot=0.02).distances, 1.02 * exact, rtol=1e-3)


def test_a_scaled_network_is_as_robust_and_scaled_inputs_have_the_same_ratio():
    layer, x = linear(4, 6)
    with torch.no_grad():
        layer.bias.zero_()
    before = deepfool(layer, x)
    after = deepfool(layer, 3 * x)
    np.testing.assert_allclose(after.ratios, before.ratios, rtol=1e-3)
    with torch.no_grad():
        layer.weight.mul_(5)
    np.testing.assert_allclose(deepfool(layer, x).ratios, before.ratios, rtol=1e-3)


def test_on_a_network_every_walk_ends_beyond_the_boundary_and_two_attacks_agree():
    from simulations import networks

    module = networks.build(
        "mlp",
        num_inputs=64,
        num_classes=4,
        depth=3,
        width=12,
        batch_norm="scale-only",
        seed=0,
        device="cpu",
        dtype=torch.float64,
    )
    x = torch.randn((6, 64), generator=torch.Generator(device="cpu").manual_seed(0), device="cpu")
    state = {name: value.clone() for name, value in module.state_dict().items()}
    torch.manual_seed(0)
    random_state = torch.get_rng_state()
    first, second = deepfool(module, x), deepfool(module, x)
    assert first.flipped.all()
    assert (first.ratios == second.ratios).all()
    assert (first.distances > 0).all()
    assert module.training
    assert module.head.weight.dtype == torch.float64
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random_state)


def test_an_unfinished_walk_is_reported_and_left_out_of_the_mean():
    class Bent(torch.nn.Module):
        """A boundary far from where its tangent predicts it: one step does not reach it."""

        def forward(self, x):
            gap = torch.exp(-x[:, :1]) - 0.01
            return torch.cat([gap, -gap], dim=1)

    x = torch.tensor([[1.0], [6.0], [5.0]], device="cpu")
    short = deepfool(Bent(), x, iterations=1)
    assert short.flipped.tolist() == [False, True, True]
    long = deepfool(Bent(), x)
    assert long.flipped.all()
    assert 1 + long.distances[0] >= -np.log(0.01)
    summary = short.to_dict()
    assert summary["samples"] == 3
    assert summary["flipped"] == pytest.approx(2 / 3)
    assert summary["mean"] == pytest.approx(short.ratios[1:].mean())
    assert deepfool(Bent(), x[:1], iterations=1).to_dict()["mean"] is None


@pytest.mark.parametrize(
    ("x", "classes", "says"),
    [
        (torch.empty((0, 3), device="cpu"), 2, "at least one sample"),
        (torch.zeros((2, 3), device="cpu"), 2, "norm > 0"),
        (torch.full((2, 3), torch.nan, device="cpu"), 2, "finite"),
        (torch.ones((2, 3), device="cpu"), 1, "two classes"),
    ],
)
def test_what_has_no_boundary_or_no_norm_is_refused(x, classes, says):
    layer, _ = linear(classes, 3)
    with pytest.raises(InputError, match=says):
        deepfool(layer, x)


def test_without_the_toolbox_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install" in robustness.missing()
    layer, x = linear(2, 3)
    with pytest.raises(InputError, match="robustness"):
        deepfool(layer, x)


def test_a_balanced_choice_takes_every_class_before_any_class_twice():
    labels = np.array([0, 0, 0, 1, 2, 2, 1])
    assert balanced(labels, 3).tolist() == [0, 3, 4]
    assert balanced(labels, 5).tolist() == [0, 1, 3, 4, 6]
    assert balanced(labels, 7).tolist() == list(range(7))
    for count in (0, 8):
        with pytest.raises(InputError, match="1 to 7"):
            balanced(labels, count)


RUN = Config(
    dataset="digits",
    dataset_options={"per_class": 10, "test": 0.2},
    depth=3,
    width=48,
    epochs=25,
    batch_size=25,
    learning_rate=1e-2,
    measurements=2,
    robustness_samples=20,
)


def test_a_run_attacks_held_out_samples_at_zero_error_and_at_the_end_and_trains_as_without():
    history = train(RUN).history
    attacked = [row for row in history if "robustness" in row]
    assert [row.get("event") for row in attacked] == ["zero-error", None]
    assert attacked[-1]["epoch"] == RUN.epochs
    for row in attacked:
        assert row["robustness"]["samples"] == 20
        assert row["robustness"]["flipped"] == 1.0
        assert 0 < row["robustness"]["median"] < 1
    plain = train(replace(RUN, robustness_samples=0)).history
    assert plain == [{name: row[name] for name in row if name != "robustness"} for row in history]


def test_the_choice_is_part_of_the_content_and_needs_held_out_samples():
    assert "robustness_samples" not in replace(RUN, robustness_samples=0).to_dict()
    assert Config.from_dict(RUN.to_dict()) == RUN
    with_it, without = (
        [path.name for path in closure(run.to_dict())] for run in (RUN, replace(RUN, robustness_samples=0))
    )
    assert set(with_it) - set(without) == {"robustness.py"}
    for bad in (-1, True):
        with pytest.raises(InputError, match="whole number of at least 0"):
            replace(RUN, robustness_samples=bad)
    with pytest.raises(InputError, match="held out"):
        replace(RUN, dataset_options={"per_class": 10})
