# SPDX-License-Identifier: MIT
"""A snapshot in batches equals one of everything at once; held-out samples are measured as the paper says."""

import numpy as np
import pytest
import torch

from simulations import datasets, losses, networks
from simulations.configuration import Config
from simulations.evaluation import BATCH_BYTES, HeldOut, Snapshot, row, snapshot
from simulations.networks._streaming import bytes_per_row
from simulations.training import train


class TwoNorms(torch.nn.Module):
    """A batch norm used twice, and one that stores no statistics."""

    def __init__(self):
        super().__init__()
        self.lift = torch.nn.Linear(4, 6, device="cpu")
        self.twice = torch.nn.BatchNorm1d(6, device="cpu")
        self.free = torch.nn.BatchNorm1d(6, track_running_stats=False, device="cpu")
        self.head = torch.nn.Linear(6, 3, device="cpu")

    def features(self, x):
        return self.free(torch.relu(self.twice(torch.tanh(self.twice(self.lift(x))))))

    def forward(self, x):
        return self.head(self.features(x))


def build(name):
    tiny = {"num_inputs": 64, **networks.get(name).tiny}
    return networks.get(name).build(**tiny, num_classes=3, batch_norm="scale-only", seed=0, device="cpu")


def drawn(count, width, seed=0):
    generator = torch.Generator(device="cpu").manual_seed(seed)
    return 100 + 3 * torch.randn((count, width), device="cpu", generator=generator)


@pytest.mark.parametrize("name", ["mlp", "vgg", "resnet", "densenet"])
def test_batches_give_what_one_pass_gives(name):
    module = build(name)
    width = 6 if name == "mlp" else 64
    x, labels = drawn(40, width), np.arange(40) % 3
    test = (drawn(17, width, seed=1), np.arange(17) % 3)
    row_bytes = bytes_per_row(module.double(), x[:2].double())
    module.float()
    whole = snapshot(module, inputs=x, labels=labels, test=test)
    buffers = {key: value.clone() for key, value in module.named_buffers()}
    rows = []
    features = type(module).features

    def counted(self, batch):
        rows.append(len(batch))
        return features(self, batch)

    type(module).features = counted
    try:
        parts = snapshot(module, inputs=x, labels=labels, test=test, batch_bytes=9 * row_bytes)
    finally:
        type(module).features = features
    assert max(rows) <= 9
    assert sum(rows) >= 2 * 40 + 17  # the statistics, the features, the held-out samples
    scale = np.abs(whole.features).max()
    np.testing.assert_allclose(parts.features, whole.features, atol=1e-11 * scale)
    np.testing.assert_allclose(parts.logits, whole.logits, atol=1e-11 * np.abs(whole.logits).max())
    np.testing.assert_allclose(parts.test.features, whole.test.features, atol=1e-11 * scale)
    assert parts.batch_norm_deficit == pytest.approx(whole.batch_norm_deficit, rel=1e-9)
    for key, value in module.named_buffers():
        torch.testing.assert_close(value, buffers[key], rtol=1e-6, atol=1e-7)
    # Bias-free batch norm: the features of all samples, not of each batch, have mean zero.
    assert np.abs(parts.features.mean(axis=0)).max() < 1e-12 * scale


def test_a_batch_norm_that_runs_twice_or_stores_nothing():
    module = TwoNorms()
    x, labels = drawn(50, 4), np.arange(50) % 3
    parts = snapshot(module, inputs=x, labels=labels, batch_bytes=7 * 6 * 8)
    np.testing.assert_allclose(parts.features.mean(axis=0), 0, atol=1e-13)
    with torch.no_grad():
        double = TwoNorms().double()
        double.load_state_dict(module.state_dict())
        hidden = double.lift(x.double())
        for _ in range(2):
            normal = (hidden - hidden.mean(0)) / (hidden.var(0, correction=0) + 1e-5).sqrt()
            hidden = torch.tanh(normal)
        hidden = torch.relu(normal)
        expected = (hidden - hidden.mean(0)) / (hidden.var(0, correction=0) + 1e-5).sqrt()
    np.testing.assert_allclose(parts.features, expected.numpy(), atol=1e-12)


def test_the_bytes_of_a_row_are_those_of_the_widest_result():
    mlp = networks.build(
        "mlp", num_inputs=5, num_classes=3, depth=4, width=300, batch_norm="none", seed=0, device="cpu"
    )
    assert bytes_per_row(mlp.double(), torch.zeros((2, 5), device="cpu").double()) == 300 * 8
    # Everything that was ever recorded went through at once: 10 000 points of width 300.
    assert BATCH_BYTES > 10_000 * 300 * 8
    resnet = networks.build(
        "resnet", num_inputs=784, num_classes=3, depth=18, width=8, batch_norm="none", seed=0, device="cpu"
    )
    assert bytes_per_row(resnet.double(), torch.zeros((2, 784), device="cpu").double()) == 8 * 784 * 8


def test_held_out_numbers_by_hand():
    config = Config(
        dataset="digits", dataset_options={"per_class": 12, "test": 0.1}, depth=2, width=8, epochs=3,
        batch_size=32, measurements=1, learning_rate=1e-2,
    )  # fmt: skip
    run = train(config)
    samples = datasets.load("digits", seed=0, per_class=12, test=0.1)
    assert len(samples.test.labels) == 179
    module = run.module.double().eval()
    with torch.no_grad():
        train_features = module.features(torch.from_numpy(samples.inputs).double()).numpy()
        features = module.features(torch.from_numpy(samples.test.inputs).double())
        logits = module.head(features).numpy()
    means = np.stack([train_features[samples.labels == c].mean(axis=0) for c in range(10)])
    distances = np.linalg.norm(features.numpy()[:, None] - means[None], axis=2)
    found = run.history[-1]["test"]
    decided = logits.argmax(axis=1)
    assert found["accuracy"] == pytest.approx((decided == samples.test.labels).mean(), abs=1e-12)
    assert found["ncc_mismatch"] == pytest.approx((decided != distances.argmin(axis=1)).mean(), abs=0.006)
    value = losses.get("cross-entropy").value(logits=logits, labels=samples.test.labels).mean()
    assert found["loss"] == pytest.approx(value, rel=1e-5)
    assert found.keys() == {"accuracy", "loss", "ncc_mismatch"}


def test_the_nearest_centres_are_the_means_of_the_training_classes():
    """One feature; training means -1 and 1, held-out means 0.2 and 3, and the network decides at 1."""
    column = np.array([[-1.5], [-0.5], [0.5], [1.5]])
    held_out = HeldOut(np.array([[0.2], [3.0]]), np.array([0, 1]), np.array([[1.0, 0.2], [1.0, 3.0]]))
    state = Snapshot(
        features=column,
        labels=np.array([0, 0, 1, 1]),
        logits=np.hstack([np.ones((4, 1)), column]),
        weight=np.array([[0.0], [1.0]]),
        bias=np.array([1.0, 0.0]),
        gamma_norm=None,
        batch_norm_deficit=None,
        test=held_out,
    )
    found = row(state, epoch=1, loss=losses.get("cross-entropy"), weight_decay=None)["test"]
    assert (found["accuracy"], found["ncc_mismatch"]) == (1.0, 0.5)


def test_rows_without_held_out_samples_are_as_they_were():
    module = TwoNorms()
    state = snapshot(module, inputs=drawn(30, 4), labels=np.arange(30) % 3)
    line = row(state, epoch=1, loss=losses.get("cross-entropy"), weight_decay=None)
    assert list(line) == [
        "epoch", "train_accuracy", "train_loss", "gamma_norm", "batch_norm_deficit", "collapse"
    ]  # fmt: skip
    assert line["train_accuracy"] == state.accuracy == pytest.approx(line["collapse"]["accuracy"])
