# SPDX-License-Identifier: MIT
"""Every discovered loss: its five forms agree, and its gradient is that of finite differences."""

import numpy as np
import pytest

from simulations import losses
from simulations.errors import InputError

PARAMETRISED = [
    losses.get("label-smoothing", smoothing=0.0),
    losses.get("label-smoothing", smoothing=0.4),
    losses.get("focal", focusing=0.0),
    losses.get("focal", focusing=0.5),
]


def convex(loss):
    return loss.name != "focal" or loss.focusing == 0


@pytest.fixture(
    params=[losses.get(name) for name in losses.names()] + PARAMETRISED,
    ids=lambda loss: f"{loss.name}-{getattr(loss, 'smoothing', getattr(loss, 'focusing', ''))}",
)
def loss(request):
    return request.param


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return {"logits": 3 * rng.standard_normal((12, 4)), "labels": rng.integers(4, size=12)}


def test_gradient_is_that_of_finite_differences(loss, batch):
    z, y = batch["logits"], batch["labels"]
    numeric = np.empty_like(z)
    for j in range(z.shape[1]):
        step = np.zeros_like(z)
        step[:, j] = 1e-6
        numeric[:, j] = (loss.value(logits=z + step, labels=y) - loss.value(logits=z - step, labels=y)) / 2e-6
    np.testing.assert_allclose(loss.gradient(**batch), numeric, atol=1e-8)


def test_torch_form_agrees_with_value_and_gradient(loss, batch):
    import torch

    z = torch.tensor(batch["logits"], device="cpu", requires_grad=True)
    y = torch.tensor(batch["labels"], device="cpu")
    mean = loss.torch_form(torch, logits=z, labels=y)
    mean.backward()
    np.testing.assert_allclose(mean.item(), loss.value(**batch).mean(), rtol=1e-13)
    np.testing.assert_allclose(z.grad.numpy() * len(y), loss.gradient(**batch), atol=1e-13)


def test_conic_form_agrees_with_value(loss, batch):
    import cvxpy

    z = cvxpy.Variable(batch["logits"].shape)
    if not convex(loss):
        with pytest.raises(InputError, match="not convex"):
            loss.conic(cvxpy, logits=z, labels=batch["labels"])
        return
    total = loss.conic(cvxpy, logits=z, labels=batch["labels"])
    assert total.is_convex()
    z.value = batch["logits"]
    np.testing.assert_allclose(total.value, loss.value(**batch).sum(), rtol=1e-12)


@pytest.mark.parametrize("C", [2, 3, 100])
def test_scalar_reduction_agrees_with_value_at_equal_wrong_logits(loss, C):
    t = np.array([-50.0, -1.0, 0.0, 1.0, 30.0, 700.0])
    z = np.zeros((len(t), C))
    z[:, 0] = t
    np.testing.assert_allclose(
        loss.value(logits=z, labels=np.zeros(len(t), dtype=int)), loss.scalar(t, C), rtol=1e-13
    )


def test_extreme_logits_stay_finite(loss):
    z = np.array([[1e4, 0.0, -1e4], [-1e4, 0.0, 1e4]])
    value = loss.value(logits=z, labels=np.array([0, 0]))
    assert np.isfinite(value).all()
    assert np.isfinite(loss.gradient(logits=z, labels=np.array([0, 0]))).all()


def test_a_convex_loss_lies_below_its_chords_and_only_such_a_loss_has_a_conic_form(loss):
    rng = np.random.default_rng(1)
    one, two = 6 * rng.standard_normal((2, 4000, 3))
    y = rng.integers(3, size=4000)
    middle, ends = (
        loss.value(logits=(one + two) / 2, labels=y),
        [loss.value(logits=z, labels=y) for z in (one, two)],
    )
    assert (middle <= (ends[0] + ends[1]) / 2 + 1e-12).all() == convex(loss)


def test_a_certain_sample_has_no_slope_in_torch_either():
    """Below one, the power of a probability that is rounded to zero would have an infinite slope."""
    import torch

    z = torch.tensor([[200.0, 0.0, 0.0], [0.0, 1.0, 0.0]], device="cpu", requires_grad=True)
    y = torch.tensor([0, 1], device="cpu")
    losses.get("focal", focusing=0.5).torch_form(torch, logits=z, labels=y).backward()
    assert z.grad[0].eq(0).all()
    assert z.grad[1].ne(0).all()


def test_unknown_loss_names_the_nearest():
    with pytest.raises(InputError, match="cross-entropy"):
        losses.get("crossentropy")


def test_a_loss_comes_with_parameters_or_refuses_them():
    assert losses.get("label-smoothing").smoothing == 0.1
    assert losses.get("label-smoothing", smoothing=0.3).smoothing == 0.3
    assert losses.resolve("squared-error") is losses.get("squared-error")
    with pytest.raises(InputError, match="it has smoothing"):
        losses.get("label-smoothing", alpha=0.3)
    with pytest.raises(InputError, match="it has none"):
        losses.get("squared-error", scale=2.0)
    assert losses.get("focal").focusing == 2.0
    for focusing in (-1.0, float("nan"), float("inf"), "two", True):
        with pytest.raises(InputError, match="finite number >= 0"):
            losses.get("focal", focusing=focusing)
    for smoothing in (-0.1, 1.0, float("nan"), "much"):
        with pytest.raises(InputError, match=r"\[0, 1\)"):
            losses.get("label-smoothing", smoothing=smoothing)


def test_known_values_of_the_further_losses():
    """Numbers by hand: three classes, the true one first."""
    at = {"logits": np.array([[1.5, 1.0, 0.0]]), "labels": np.array([0])}
    assert losses.get("multi-margin").value(**at) == pytest.approx(0.5 / 3)
    assert losses.get("squared-error").value(**at) == pytest.approx(0.5 * (0.25 + 1.0))
    smooth, plain = losses.get("label-smoothing", smoothing=0.3), losses.get("cross-entropy")
    p = np.exp(1.5) / (np.exp(1.5) + np.exp(1.0) + 1.0)
    assert losses.get("focal").value(**at) == pytest.approx(-((1 - p) ** 2) * np.log(p), rel=1e-14)
    assert losses.get("focal", focusing=0).value(**at) == pytest.approx(plain.value(**at), rel=1e-14)
    assert smooth.value(**at) == pytest.approx(plain.value(**at) + 0.3 * (1.5 - 2.5 / 3))


@pytest.mark.parametrize("name", losses.names())
def test_a_network_is_trained_with_every_loss(name):
    from simulations.configuration import Config
    from simulations.training import train

    config = Config(
        dataset="gaussian-mixture",
        dataset_options={"points": 120, "separation": 8.0},
        loss=name,
        depth=2,
        width=12,
        epochs=6,
        batch_size=32,
        learning_rate=1e-2,
        measurements=3,
    )
    history = train(config).history
    assert history[-1]["train_loss"] < 0.8 * history[0]["train_loss"]


def test_the_parameters_of_a_loss_reach_the_training():
    from simulations.configuration import Config
    from simulations.training import train

    settings = {"dataset": "gaussian-mixture", "dataset_options": {"points": 60}, "depth": 2, "width": 8}
    plain, same, other = (
        train(Config(**settings, epochs=2, measurements=1, loss=name, loss_options=options)).history
        for name, options in (
            ("label-smoothing", {}),
            ("label-smoothing", {"smoothing": 0.1}),
            ("label-smoothing", {"smoothing": 0.3}),
        )
    )
    assert plain == same
    assert other[-1]["train_loss"] != plain[-1]["train_loss"]
    with pytest.raises(InputError, match="it has smoothing"):
        train(Config(**settings, loss="label-smoothing", loss_options={"focusing": 2}))
