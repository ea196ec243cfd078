# SPDX-License-Identifier: MIT
"""The papers' protocols: what they set, what beats them, shorter runs, the published scale of the loss."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from simulations import losses
from simulations.configuration import Config
from simulations.errors import InputError
from simulations.training import protocols, train


def drops(config):
    """The epochs from which the learning rate is lower, and the rates before and after all of them."""
    rates = [config.rate_at(epoch) for epoch in range(1, config.epochs + 1)]
    return [e for e in range(2, config.epochs + 1) if rates[e - 1] < rates[e - 2]], rates[0], rates[-1]


@pytest.mark.parametrize(
    ("name", "optimizer", "decay", "epochs", "falls", "rate"),
    [
        ("pan-cao-synthetic", "adam", 5e-4, 300, [76, 151, 226], 1e-3),
        ("pan-cao-vision", "adam", 5e-4, 300, [76, 151, 226], 1e-4),
        ("papyan-han-donoho", "sgd", 5e-4, 350, [118, 235], 0.0679),
        ("papyan-han-donoho-imagenet", "sgd", 1e-4, 300, [151, 226], 0.0679),
    ],
)
def test_what_the_papers_fixed(name, optimizer, decay, epochs, falls, rate):
    config = protocols.get(name).config()
    assert (config.optimizer, config.weight_decay, config.decay_on) == (optimizer, decay, "all")
    assert (config.epochs, config.batch_size, config.momentum) == (epochs, 128, 0.9)
    found, first, last = drops(config)
    assert (found, first) == (falls, rate)
    assert last == pytest.approx(rate * 0.1 ** len(falls))


def test_every_protocol_has_a_source_and_a_title():
    assert protocols.names() == sorted(set(protocols.names()))
    for name in protocols.names():
        protocol = protocols.get(name)
        assert protocol.name == name
        assert "arXiv:" in protocol.source
        assert protocol.title
        assert protocol.notes


def test_a_change_beats_the_protocol_and_a_shorter_run_keeps_its_shape():
    protocol = protocols.get("papyan-han-donoho")
    changed = protocol.config(epochs=30, learning_rate=0.01, network="vgg", depth=11, width=8)
    assert drops(changed)[0] == [11, 21]
    assert (changed.learning_rate, changed.network, changed.momentum) == (0.01, "vgg", 0.9)
    tenth = protocol.config(fraction=0.1)
    assert tenth.epochs == 35
    assert drops(tenth)[0] == [13, 25]
    assert protocol.config(fraction=1e-9).epochs == 1
    assert protocol.config(fraction=0.1, epochs=7).epochs == 7


def test_the_learning_rate_of_the_squared_error_makes_the_published_steps():
    """SGD on torch.nn.MSELoss at 0.0184 with decay 5e-4, and ours by the protocol, from the same start."""
    config = protocols.get("papyan-han-donoho").config(loss="squared-error", num_classes=6)
    generator = torch.Generator(device="cpu").manual_seed(0)
    x = torch.randn((20, 5), device="cpu", generator=generator, dtype=torch.float64)
    y = torch.arange(20, device="cpu") % 6
    start = torch.randn((6, 5), device="cpu", generator=generator, dtype=torch.float64)
    onehot = torch.nn.functional.one_hot(y, 6).double()
    ours = losses.get("squared-error")
    ends = []
    for rate, decay, value in (
        (0.0184, 5e-4, lambda z: torch.nn.functional.mse_loss(z, onehot)),
        (config.learning_rate, config.weight_decay, lambda z: ours.torch_form(torch, logits=z, labels=y)),
    ):
        weight = start.clone().requires_grad_()
        optimizer = torch.optim.SGD([weight], lr=rate, momentum=0.9, weight_decay=decay)
        for _ in range(5):
            optimizer.zero_grad()
            value(x @ weight.T).backward()
            optimizer.step()
        ends.append(weight.detach().numpy())
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)
    assert np.abs(ends[0] - start.numpy()).max() > 1e-3


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: protocols.get("papyan"), "did you mean 'papyan-han-donoho'"),
        (lambda: protocols.get("pan-cao-vision").config(fraction=0.0), "0 < fraction <= 1"),
        (lambda: protocols.get("pan-cao-vision").config(fraction=True), "0 < fraction <= 1"),
        (lambda: protocols.get("pan-cao-vision").config(epoch=3), "did you mean 'epochs'"),
        (lambda: protocols.get("papyan-han-donoho").config(loss="squared-error"), "num_classes"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(InputError, match=says):
        call()


def test_a_protocol_trains_and_costs_no_import_of_torch():
    config = protocols.get("pan-cao-synthetic").config(
        fraction=0.01, dataset="conic-hull", dataset_options={"points": 60}, depth=2, width=8, measurements=1
    )
    assert isinstance(config, Config)
    assert train(config).history[-1]["epoch"] == 3
    script = "import sys; from simulations.training import protocols; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
