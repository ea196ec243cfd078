# SPDX-License-Identifier: MIT
"""Checkpoints: a run that was killed, interrupted or diverged goes on to the bytes of an unbroken one."""

import dataclasses
import functools
import io
import json
import os
import signal
import subprocess
import sys

import pytest
import torch

from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.training import train
from simulations.training.checkpoint import read

SMALL = Config(
    dataset="gaussian-mixture",
    dataset_options={"points": 120, "separation": 8.0, "test": 0.2},
    depth=3,
    width=12,
    epochs=12,
    batch_size=32,
    learning_rate=1e-2,
    measurements=3,
)


def changed(**changes):
    return Config.from_dict({**SMALL.to_dict(), **changes})


def everything(run):
    """All that a run returns, exactly."""
    state = {name: value.numpy().tobytes() for name, value in run.module.state_dict().items()}
    numbers = json.dumps([run.history, run.terminal_phase_epoch, run.zero_error_epoch])
    return numbers, state, run.final.features.tobytes(), run.final.logits.tobytes()


def stopping(epoch, error=KeyboardInterrupt):
    def observe(line, state):
        if line["epoch"] >= epoch:
            raise error

    return observe


CHILD = """
import json, sys, time, torch
from simulations.configuration import Config
from simulations.training import checkpoint, train
torch.set_num_threads(1)
commit = checkpoint.Keeper.commit
def slowly(self, progress, last):
    commit(self, progress, last=last)
    time.sleep(0.05)
checkpoint.Keeper.commit = slowly
config = Config.from_dict(json.loads(sys.argv[1]))
def observe(line, state):
    print(line["epoch"], flush=True)
train(config, observe=observe, checkpoint=sys.argv[2], checkpoint_every=3)
"""


def test_a_process_killed_in_mid_run_goes_on_to_the_same_bytes(tmp_path):
    config, file = changed(epochs=150, measurements=3), tmp_path / "run.pt"
    arguments = [sys.executable, "-c", CHILD, json.dumps(config.to_dict()), str(file)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        next(line for line in child.stdout if int(line) == config.measured_epochs()[1])
        child.send_signal(signal.SIGKILL)
        assert child.wait(timeout=60) == -signal.SIGKILL
    # A killed process writes nothing at its end: the file is that of a third epoch.
    assert read(file)["epoch"] in range(9, 148, 3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        seen = []
        resumed = train(
            config, checkpoint=file, resume=True, observe=lambda line, _: seen.append(line["epoch"])
        )
        unbroken = train(config)
    finally:
        torch.set_num_threads(threads)
    assert everything(resumed) == everything(unbroken)
    assert seen[-1] == 150
    assert len(resumed.history) > len(seen)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "sgd", "batch_norm": "affine", "learning_rate": 0.05},
        {"batch_norm": "none", "dtype": "float64", "decay_on": "last-layer", "weight_decay": 5e-3},
        {"gamma_norm": 3.0, "decay_groups": {"head": 1e-3}},
        {"precision": "bfloat16"},
        {"precision": "float16"},
    ],
    ids=lambda changes: next(iter(changes.values()), "adam"),
)
def test_an_interrupted_run_goes_on_to_the_same_bytes(tmp_path, changes):
    config, file = changed(**changes), tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        train(config, checkpoint=file, checkpoint_every=100, observe=stopping(3))
    interrupted = read(file)
    assert interrupted["epoch"] == 2
    resumed = train(config, checkpoint=file, resume=True)
    assert everything(resumed) == everything(train(config))
    # And a finished run comes back whole.
    assert everything(train(config, checkpoint=file, resume=True)) == everything(resumed)


def test_keeping_checkpoints_changes_nothing(tmp_path):
    kept = train(changed(epochs=5), checkpoint=tmp_path / "run.pt", checkpoint_every=1)
    assert everything(kept) == everything(train(changed(epochs=5)))
    assert sorted(os.listdir(tmp_path)) == ["run.pt"]
    state = torch.load(tmp_path / "run.pt", weights_only=True)["state"]["module"]
    kept.module.load_state_dict(state)


class TestRefusals:
    @pytest.fixture
    def file(self, tmp_path):
        train(changed(epochs=2), checkpoint=tmp_path / "run.pt")
        return tmp_path / "run.pt"

    def refused(self, file, says, **changes):
        before = file.read_bytes()
        with pytest.raises(InputError, match=says) as error:
            train(changed(**{"epochs": 2, **changes}), checkpoint=file, resume=True)
        assert len(str(error.value).splitlines()) == 1
        assert file.read_bytes() == before

    def test_another_run(self, file):
        says = r"another run: learning_rate = 0.01 there and 0.02 here; seed = 0 there and 1 here"
        self.refused(file, says, learning_rate=0.02, seed=1)

    def test_another_architecture(self, file, monkeypatch):
        from simulations.networks import mlp

        build = mlp.MLP.build
        wider = functools.wraps(build)(lambda self, **s: build(self, **{**s, "width": s["width"] + 1}))
        monkeypatch.setattr(mlp.MLP, "build", wider)
        self.refused(
            file, r"another architecture: hidden.0.weight is .*\(12, 16\) there and .*\(13, 16\) here"
        )

    def test_other_samples(self, file, monkeypatch):
        from simulations.datasets import gaussian_mixture

        draw = gaussian_mixture.DATASET.draw
        other = functools.wraps(draw)(lambda rng, **options: draw((rng.random(), rng)[1], **options))
        other = dataclasses.replace(gaussian_mixture.DATASET, draw=other)
        monkeypatch.setattr("simulations.datasets.find", lambda name: (other, {}))
        self.refused(file, "other samples")

    @pytest.mark.parametrize(
        ("damage", "says"),
        [
            (lambda raw: raw[: len(raw) // 2], "cut short"),
            (lambda raw: b"", "cut short"),
            (lambda raw: b"not a checkpoint\n" * 50, "no checkpoint"),
            (lambda raw: _changed_tensor(raw), "checksum"),
        ],
        ids=["truncated", "empty", "foreign", "a changed weight"],
    )
    def test_damage(self, file, damage, says):
        file.write_bytes(damage(file.read_bytes()))
        self.refused(file, says)

    def test_a_file_that_would_run_code(self, file):
        class Evil:
            def __reduce__(self):
                return os.mkdir, (str(file.parent / "executed"),)

        torch.save({"kind": Evil()}, file)
        self.refused(file, "no checkpoint")
        assert not (file.parent / "executed").exists()

    def test_another_kind_of_pytorch_file(self, file):
        torch.save({"weight": torch.zeros(3, device="cpu")}, file)
        self.refused(file, "not a checkpoint of a training run")

    def test_a_file_that_is_there_is_not_overwritten(self, file):
        before = file.read_bytes()
        with pytest.raises(InputError, match="exists; continue it"):
            train(changed(epochs=2), checkpoint=file)
        assert file.read_bytes() == before

    def test_what_cannot_be_written_or_asked(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="cannot be written"):
            train(SMALL, checkpoint=tmp_path / "file" / "run.pt")
        with pytest.raises(InputError, match="checkpoint_every = 0"):
            train(SMALL, checkpoint=tmp_path / "run.pt", checkpoint_every=0)
        with pytest.raises(InputError, match="without a checkpoint"):
            train(SMALL, resume=True)


def _changed_tensor(raw):
    """One bit of the largest weight."""
    weight = next(iter(torch.load(io.BytesIO(raw), weights_only=True)["state"]["module"].values()))
    at = raw.index(weight.numpy().tobytes())
    return raw[: at + 2] + bytes([raw[at + 2] ^ 1]) + raw[at + 3 :]


class TestDivergence:
    """The loss turns into NaN in batch 3 of epoch 5."""

    @pytest.fixture(autouse=True)
    def faulty(self, monkeypatch):
        from simulations import losses
        from simulations.training import loop

        class Faulty(type(losses.get("cross-entropy"))):
            calls = 0

            def torch_form(self, torch, **batch):
                self.calls += 1
                return super().torch_form(torch, **batch) * (float("nan") if self.calls == 4 * 3 + 3 else 1.0)

        monkeypatch.setattr(loop.losses, "get", lambda name, **_: Faulty())

    def test_says_where_and_keeps_the_last_good_state(self, tmp_path):
        file = tmp_path / "run.pt"
        with pytest.raises(
            TrainingDiverged, match=r"epoch 5: the loss of batch 3 of 3 is not finite"
        ) as error:
            train(changed(measurements=12), checkpoint=file, checkpoint_every=100)
        found = error.value
        assert (found.epoch, found.batch, found.learning_rate, found.checkpoint) == (5, 3, 1e-3, file)
        assert [line["epoch"] for line in found.history] == [1, 2, 3, 4]
        assert f"{file} holds the network after epoch 4" in str(found)
        content = read(file)
        assert content["epoch"] == 4
        assert all(torch.isfinite(value).all() for value in content["state"]["module"].values())
        assert json.loads(content["progress"])["history"] == found.history

    def test_survives_the_way_between_processes(self):
        import pickle

        with pytest.raises(TrainingDiverged) as error:
            train(changed(measurements=12))
        back = pickle.loads(pickle.dumps(error.value))
        assert str(back) == str(error.value)
        assert (back.epoch, back.batch, back.history) == (5, 3, error.value.history)
        assert back.checkpoint is None
