# SPDX-License-Identifier: MIT
"""certify(): the numbers of measure(), the hypotheses by inspection, one clear error for each bad input."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from simulations import InputError, certify, comparison, measure

C, WIDTH = 3, 5


def scale_only(width=WIDTH):
    norm = nn.BatchNorm1d(width)
    norm.bias = None
    return norm


def network(norm=None, *, bias=False, seed=0):
    """A perceptron of 4 inputs, whose parts have no names that anything could rely on."""
    torch.manual_seed(seed)
    parts = [nn.Linear(4, WIDTH), nn.ReLU()]
    return nn.Sequential(*parts, *([norm] if norm else []), nn.Linear(WIDTH, C, bias=bias))


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(C).repeat_interleave(20)
    return torch.eye(4)[labels] + 0.1 * torch.randn(60, 4, generator=generator), labels


def loader(data, **options):
    return DataLoader(TensorDataset(*data), **{"batch_size": 16, **options})


def test_gives_the_numbers_of_measure(data):
    module = network(scale_only(), bias=True)
    with torch.no_grad():
        features = module.eval()[:-1](data[0])
    direct = measure(
        features=features,
        labels=data[1],
        weight=module[-1].weight.detach(),
        bias=module[-1].bias.detach(),
        weight_decay=0.01,
    )
    for batches in (loader(data), loader(data, shuffle=True), [data], [list(data)]):
        found = certify(module, batches, weight_decay=0.01)
        for name, value in direct.values.items():
            assert found.measurement[name] == pytest.approx(value, rel=1e-5, abs=1e-6), name


def test_leaves_the_module_as_it_was(data):
    module = network(scale_only())
    module.train()
    module[0].eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    certify(module, loader(data), exact_batch_norm=True)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert [part.training for part in module] == [False, True, True, True]
    assert not any(part._forward_pre_hooks for part in module.modules())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_a_bias_and_moving_averages_cost_the_guarantees_that_need_their_absence(data):
    with_bias = network(bias=True)
    with torch.no_grad():
        with_bias[-1].bias.copy_(torch.tensor([1.0, 0.0, -1.0]))
    found = certify(with_bias, loader(data), weight_decay=0.01)
    reasons = {row["hypothesis"]: row for row in found.hypotheses if not row["met"]}
    no_bias = next(row for text, row in reasons.items() if "no bias" in text)
    centred = next(row for text, row in reasons.items() if "mean zero" in text)
    assert "bias_norm" in no_bias["found"]
    assert "intra-class-cosine" in no_bias["theorems"]
    assert "intra-class-cosine" in centred["theorems"]
    assert "within-class-variability" not in no_bias["theorems"]
    assert not found.structure.bias_free_head
    assert "with bias" in str(found)


def test_exact_batch_norm_centres_the_features(data):
    module = network(scale_only())
    assert certify(module, loader(data)).measurement.mean_norm > 1e-3
    exact = certify(module, loader(data, batch_size=7), exact_batch_norm=True)
    assert exact.measurement.mean_norm < 1e-6
    variance = module[:2](data[0]).var(dim=0, correction=0).double()
    expected = (variance / (variance + module[2].eps)).sum().sqrt().item()
    assert exact.measurement.feature_norm == pytest.approx(expected, rel=1e-5)
    centred = [row for row in exact.hypotheses if "mean zero" in row["hypothesis"]]
    assert all(row["met"] for row in centred)


def test_exact_batch_norm_without_a_scale_and_in_half_precision(data):
    module = network(nn.BatchNorm1d(WIDTH, affine=False))
    assert certify(module, loader(data), exact_batch_norm=True).measurement.mean_norm < 1e-6
    module = network(scale_only()).to(torch.bfloat16)
    half = [(data[0].to(torch.bfloat16), data[1])]
    assert certify(module, half, exact_batch_norm=True).measurement.mean_norm < 1e-2


def test_rows_are_complete_and_ordered(data):
    found = certify(network(scale_only()), loader(data), weight_decay=0.05, exact_batch_norm=True)
    rows = [*found.guarantees, *found.lost]
    assert {row["theorem"] for row in rows} == {
        row["theorem"] for row in comparison.guarantees(found.measurement.to_dict())
    }
    for row in found.guarantees:
        assert row["slack"] >= -1e-9
        assert row["bound"] is not None
    for row in found.lost:
        assert row["unmet"]
    for quantity in {row["quantity"] for row in found.guarantees}:
        slacks = [row["slack"] for row in found.guarantees if row["quantity"] == quantity]
        assert found.best(quantity)["slack"] == min(slacks)
    assert found.best("within_class_variability", ">=") is None
    assert found.best("no such quantity") is None


def test_reports(data):
    found = certify(network(scale_only()), loader(data), weight_decay=0.05)
    text, table = str(found), found._repr_html_()
    assert repr(found) == text
    for row in found.guarantees:
        assert row["theorem"] in text
        assert row["theorem"] in table
    json.dumps(found.to_dict(), allow_nan=False)
    assert "directly after a batch norm without bias" in text
    assert "<=" not in table.replace("&lt;=", "")


def test_without_weight_decay_its_theorems_say_so(data):
    found = certify(network(), loader(data))
    lost = {row["theorem"]: row["unmet"] for row in found.lost}
    assert any("weight_decay" in reason for reason in lost["within-class-variability-weight-decay"])
    assert "weight decay not given" in str(found)


class Hidden(nn.Module):
    """Changes what the classifier multiplies after it was multiplied."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, C)

    def forward(self, x):
        x = x + 0
        logits = self.head(x)
        x.add_(1)
        return logits


BAD = {
    "no batch": (network(), lambda data: [], "no batches"),
    "inputs alone": (network(), lambda data: [data[0]], "a batch is a Tensor; a pair"),
    "three parts": (network(), lambda data: [(*data, 1)], "a batch is a tuple of 3"),
    "arrays": (network(), lambda data: [(data[0].numpy(), data[1])], "ndarray; a torch.Tensor"),
    "an absent class": (network(), lambda data: [(data[0][:40], data[1][:40])], "no sample of class 2"),
    "labels out of range": (network(), lambda data: [(data[0], data[1] + 1)], "labels contain 3"),
    "a softmax at the end": (
        nn.Sequential(network(), nn.Softmax(dim=1)),
        loader,
        "not the result of a linear layer",
    ),
    "no linear layer": (nn.Sequential(nn.Identity()), loader, "not the result of a linear layer"),
    "features changed in place": (Hidden(), loader, "changed in place"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_one_line(case, data):
    module, batches, message = BAD[case]
    with pytest.raises(InputError, match=message) as caught:
        certify(module, batches(data))
    assert "\n" not in str(caught.value)


def test_a_loader_that_can_be_passed_once_will_do_but_for_exact_batch_norm(data):
    module = network(scale_only())
    once = certify(module, iter(loader(data)), rigorous=False)
    assert once.to_dict() == certify(module, loader(data), rigorous=False).to_dict()
    with pytest.raises(InputError, match="passed only once"):
        certify(module, (batch for batch in [data]), exact_batch_norm=True)


def test_exact_batch_norm_needs_one(data):
    with pytest.raises(InputError, match="directly before the last linear layer is required"):
        certify(network(), loader(data), exact_batch_norm=True)
    untracked = nn.BatchNorm1d(WIDTH, track_running_stats=False)
    with pytest.raises(InputError, match="0 submodules"):
        certify(network(untracked), [data], exact_batch_norm=True)


def test_random_inputs_are_drawn_once(data):
    """All numbers are about the features of one pass, so the certified slacks fit the measured values."""

    class Augmented(torch.utils.data.Dataset):
        def __len__(self):
            return len(data[1])

        def __getitem__(self, k):
            return data[0][k] + torch.randn(4), data[1][k]

    found = certify(network(), DataLoader(Augmented(), batch_size=8))
    assert found.guarantees
    for row in found.guarantees:
        assert row["interval"][0] == pytest.approx(row["measured"], rel=1e-10), row["theorem"]


def test_any_architecture(data):
    images = data[0][:, None, :, None].expand(-1, 2, 4, 4).clone()
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, C))
    found = certify(module, DataLoader(TensorDataset(images, data[1]), batch_size=16))
    assert found.structure.last_layer_batch_norm == "none"
    assert found.measurement.feature_dim == 16
    assert np.isfinite(found.measurement.loss)
