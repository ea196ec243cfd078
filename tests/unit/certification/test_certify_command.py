# SPDX-License-Identifier: MIT
"""python -m simulations certify: files that people have, modules they name, bad input."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from simulations.__main__ import main
from simulations.certification import checkpoints

MINE = """
from types import SimpleNamespace
import torch
from torch import nn

def build(width=6, bias=False):
    return nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 3, bias=bias))

def softmaxed():
    return nn.Sequential(build(), nn.Softmax(dim=1))

class Answer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = build()
    def forward(self, x):
        return SimpleNamespace(loss=None, logits=self.net(x))

class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, 6), nn.ReLU())
        self.a, self.b = nn.Linear(6, 3), nn.Linear(6, 2)
    def forward(self, x):
        h = self.trunk(x)
        return self.a(h), self.b(h)

def broken():
    raise KeyError("nothing")

def data():
    y = torch.arange(3).repeat_interleave(5)
    return [(torch.eye(4)[y] + 0.01 * torch.arange(4.0), y)]

ready = build()
number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = f"certify_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(MINE)
    torch.manual_seed(0)
    from importlib import import_module

    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module(name)
    torch.save(module.build().state_dict(), "net.pt")
    inputs, labels = module.data()[0]
    np.savez("data.npz", inputs=inputs.numpy(), labels=labels.numpy())
    return name, module


def certify(*arguments):
    return main(["certify", *map(str, arguments), "--device", "cpu"])


def test_text_json_and_html_from_a_state_dict(folder, capsys):
    name, _ = folder
    common = ["net.pt", "--module", f"{name}:build", "--data", "data.npz", "--weight-decay", "0.01"]
    assert certify(*common, "--json", "--html", "page.html") == 0
    found = json.loads(capsys.readouterr().out)
    rows = {row["theorem"]: row for row in found["guarantees"]}
    assert rows["minimum-cross-entropy"]["arithmetic"] == "rigorous"
    assert found["measurement"]["weight_decay"] == 0.01
    page = Path("page.html").read_text(encoding="utf-8")
    assert "minimum-cross-entropy" in page
    assert "src=" not in page
    assert "http" not in page
    parser = HTMLParser()
    parser.feed(page)
    parser.close()
    assert certify(*common, "--floating-point") == 0
    text = capsys.readouterr().out
    assert "0 of" in text
    assert "rigorous  " not in text


def test_shapes_in_which_weights_come(folder, capsys):
    name, module = folder
    state = module.build().state_dict()
    for content in (
        {"state_dict": state, "epoch": 3},
        {"model": {f"module.{key}": value for key, value in state.items()}},
        {"model_state_dict": {f"module._orig_mod.{key}": value for key, value in state.items()}},
        {key: value.double() for key, value in state.items()},
    ):
        torch.save(content, "other.pt")
        arguments = ["other.pt", "--module", f"{name}:build", "--data", f"{name}:data", "--floating-point"]
        assert certify(*arguments) == 0, content.keys()
        assert "Last layer (2): 6 features to 3 classes, without bias" in capsys.readouterr().out


def test_double_weights_keep_their_digits(folder):
    _, module = folder
    state = {key: value.double() + 1e-12 for key, value in module.build().state_dict().items()}
    torch.save(state, "double.pt")
    path = Path("double.pt")
    loaded = checkpoints.load(module.build(), checkpoints.weights(checkpoints.read(path), path), path)
    assert torch.equal(loaded[2].weight, state["2.weight"])


def test_objects_with_logits_and_several_heads(folder, capsys):
    name, module = folder
    torch.save(module.Answer().state_dict(), "answer.pt")
    common = ["--data", f"{name}:data", "--floating-point"]
    assert certify("answer.pt", "--module", f"{name}:Answer", *common) == 0
    assert "Last layer (net.2)" in capsys.readouterr().out
    torch.save(module.TwoHeads().state_dict(), "two.pt")
    arguments = ["two.pt", "--module", f"{name}:TwoHeads", *common]
    assert certify(*arguments, "--head", "a") == 0
    assert "Last layer (a)" in capsys.readouterr().out
    for extra, message in (
        ([], "linear layers that ran last: 'trunk.0', 'a', 'b'"),
        (["--feature-layer", "trunk"], "feeds 2 linear layers ('a', 'b'); say with head"),
        (["--feature-layer", "trunck"], "did you mean 'trunk'?"),
        (["--head", "trunk"], "whose output is not that of a linear layer"),
        (["--head", "a", "--feature-layer", "trunk"], "both given"),
        (["--head", "b"], "labels contain 2"),
    ):
        assert certify(*arguments, *extra) == 2, extra
        assert message in capsys.readouterr().err


BAD = {
    "no file": (["none.pt", "--module", "{m}:build", "--data", "{m}:data"], "no such file"),
    "cut": (["cut.pt", "--module", "{m}:build", "--data", "{m}:data"], "truncated"),
    "pickled": (["pickled.pt", "--module", "{m}:build", "--data", "{m}:data"], "never loaded"),
    "no weights": (["list.pt", "--module", "{m}:build", "--data", "{m}:data"], "holds no state_dict"),
    "architecture": (
        ["net.pt", "--module", "{m}:build", "--module-arg", "width=7", "--data", "{m}:data"],
        "misshaped 0.weight is 6x4 there and 7x4 here",
    ),
    "missing": (
        ["net.pt", "--module", "{m}:build", "--module-arg", "bias=True", "--data", "{m}:data"],
        "another architecture than Sequential: missing 2.bias",
    ),
    "no package": (
        ["net.pt", "--module", "nowhere:build", "--data", "{m}:data"],
        "no module named 'nowhere'",
    ),
    "no name": (["net.pt", "--module", "{m}:biuld", "--data", "{m}:data"], "did you mean 'build'?"),
    "no colon": (["net.pt", "--module", "build", "--data", "{m}:data"], "required is package.module:name"),
    "raises": (["net.pt", "--module", "{m}:broken", "--data", "{m}:data"], "calling it fails (KeyError"),
    "no module": (["net.pt", "--module", "{m}:data", "--data", "{m}:data"], "gives a list"),
    "not callable": (["net.pt", "--module", "{m}:number", "--data", "{m}:data"], "something to call"),
    "data set": (["net.pt", "--module", "{m}:build", "--data", "digitz"], "did you mean 'digits'?"),
    "option": (
        ["net.pt", "--module", "{m}:build", "--data", "digits:per_clas=2"],
        "did you mean 'per_class'?",
    ),
    "shape": (
        ["net.pt", "--module", "{m}:build", "--data", "digits:per_class=2"],
        "fails on inputs of shape",
    ),
    "no data": (["net.pt", "--module", "{m}:build"], "--data is required"),
    "no module given": (["net.pt", "--data", "data.npz"], "--module is required"),
    "no pairs": (["net.pt", "--module", "{m}:build", "--data", "{m}:number"], "something to call"),
    "one class": (["net.pt", "--module", "{m}:build", "--data", "few.npz"], "no sample of class 1, 2"),
    "no labels": (["net.pt", "--module", "{m}:build", "--data", "bare.npz"], "there is no 'labels'"),
    "folder": (["net.pt", "--module", "{m}:build", "--data", "data.npz", "--html", "a/b.html"], "not exist"),
    "batch": (["net.pt", "--module", "{m}:build", "--data", "data.npz", "--batch-size", "0"], "at least 1"),
}


def test_bad_input_is_answered_in_one_line(folder, capsys):
    name, module = folder
    whole = Path("net.pt").read_bytes()
    Path("cut.pt").write_bytes(whole[: len(whole) // 2])
    torch.save(module.build(), "pickled.pt")
    torch.save({"epoch": 1}, "list.pt")
    np.savez("few.npz", inputs=np.ones((2, 4), dtype=np.float32), labels=np.zeros(2, dtype=int))
    np.savez("bare.npz", inputs=np.ones((2, 4), dtype=np.float32))
    for case, (arguments, message) in BAD.items():
        assert certify(*(text.format(m=name) for text in arguments)) == 2, case
        error = capsys.readouterr().err
        assert message in error, (case, error)
        assert error.count("\n") == 1, case


def test_a_bias_says_which_guarantees_are_lost(folder, capsys):
    name, module = folder
    torch.save(module.build(bias=True).state_dict(), "bias.pt")
    arguments = ["bias.pt", "--module", f"{name}:build", "--module-arg", "bias=True", "--data", "data.npz"]
    assert certify(*arguments, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    row = next(row for row in found["hypotheses"] if "no bias" in row["hypothesis"])
    assert row["met"] is False
    assert "self-duality-tradeoff" not in row["theorems"]
    assert "equiangular-weights" in row["theorems"]
    kept = {row["theorem"] for row in found["guarantees"]}
    assert "minimum-cross-entropy" in kept
    assert not kept & set(row["theorems"])


class Compiled(torch.nn.Module):
    """Keeps a module where torch.compile does, whose import takes seconds."""

    def __init__(self, module):
        super().__init__()
        self._orig_mod = module

    def forward(self, x):
        raise AssertionError("the module inside is to run")


def test_wrapped_modules_are_looked_into(folder):
    from simulations import certify as certify_module

    _, module = folder
    plain = module.build()
    alone = certify_module(plain, module.data(), rigorous=False).to_dict()
    for wrapped in (torch.nn.DataParallel(plain), Compiled(plain), Compiled(torch.nn.DataParallel(plain))):
        assert certify_module(wrapped, module.data(), rigorous=False).to_dict() == alone


def test_a_checkpoint_of_ours_needs_nothing_else(folder, capsys):
    from simulations.training import Config, train

    config = Config(
        dataset_options={"per_class": 4}, depth=2, width=12, epochs=2, measurements=1, weight_decay=0.02
    )
    final = train(config, checkpoint="run.ckpt")
    assert certify("run.ckpt", "--json", "--exact-batch-norm", "--floating-point") == 0
    found = json.loads(capsys.readouterr().out)["measurement"]
    assert found["weight_decay"] == 0.02
    assert found["loss"] == pytest.approx(final.history[-1]["collapse"]["loss"], rel=1e-4)
    whole = Path("run.ckpt").read_bytes()
    Path("run.ckpt").write_bytes(whole[: len(whole) // 2])
    assert certify("run.ckpt") == 2
