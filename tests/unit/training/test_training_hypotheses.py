# SPDX-License-Identifier: MIT
"""The hypothesis report on our networks, on modules of users, and on known defects of published code."""

import pytest
import torch
import torchvision
from torch import nn

import theory
from simulations import networks
from simulations.errors import InputError
from simulations.networks import _report, hypotheses
from simulations.networks._inspection import last_layer

NO_BIAS = "the classifier has no bias (equal biases are as good as none)"
FAMILIES = ("mlp", "vgg", "resnet", "densenet")


def build(name, batch_norm):
    network = networks.get(name)
    return network.build(**network.tiny, num_classes=3, batch_norm=batch_norm, seed=0, device="cpu")


def table(module, **options):
    found = {row["hypothesis"]: row for row in hypotheses(module, **options)}
    assert all(set(row) == {"hypothesis", "met", "why", "theorems"} and row["why"] for row in found.values())
    return found


def centred(found):
    return next(row for text, row in found.items() if "mean zero" in text)


def norm(bias=True, **options):
    made = nn.BatchNorm1d(8, device="cpu", **options)
    if not bias:
        made.register_parameter("bias", None)
    return made


def linear(inputs, outputs, bias=False):
    return nn.Linear(inputs, outputs, bias=bias, device="cpu")


class TestOurNetworks:
    @pytest.mark.parametrize("name", FAMILIES)
    def test_scale_only_meets_the_hypothesis_of_the_batch_norm_theorems(self, name):
        found = table(build(name, "scale-only"))
        for hypothesis in (
            NO_BIAS,
            _report.LINEAR_HEAD,
            _report.DIRECT_NORM,
            _report.NORM_WITHOUT_BIAS,
            _report.TRAINABLE_SCALE,
            _report.POSITIVE_EPSILON,
            "weight norm beta > 0",
        ):
            assert found[hypothesis]["met"] is True, hypothesis
        assert found[_report.DIRECT_NORM]["why"] == "batch_norm feeds the classifier"
        assert found[_report.DATA_STATISTICS]["met"] is None
        assert centred(found)["met"] is None
        assert "statistics" in centred(found)["why"]

    @pytest.mark.parametrize("name", FAMILIES)
    def test_affine_is_told_from_it_by_the_bias(self, name):
        found = table(build(name, "affine"))
        assert found[_report.DIRECT_NORM]["met"] is True
        assert found[_report.NORM_WITHOUT_BIAS]["met"] is False
        assert "trainable (it is zero at present)" in found[_report.NORM_WITHOUT_BIAS]["why"]
        assert centred(found)["met"] is False

    @pytest.mark.parametrize("name", FAMILIES)
    def test_none_has_none_anywhere(self, name):
        found = table(build(name, "none"))
        assert found[_report.NO_BATCH_NORM]["met"] is True
        assert found[_report.DIRECT_NORM]["met"] is False
        assert found[NO_BIAS]["met"] is True
        assert centred(found)["met"] is None


class RebindingVGG(nn.Module):
    """As in released code: the head with a batch norm is made, but only a local name is bound to it."""

    def __init__(self, batch_norm):
        super().__init__()
        self.convolutions = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, device="cpu"), nn.ReLU())
        self.classifier = linear(8, 3, bias=True)
        classifier = self.classifier
        if batch_norm:
            classifier = nn.Sequential(norm(), classifier)

    def forward(self, x):
        return self.classifier(self.convolutions(x).mean(dim=(2, 3)))


class ResNetWithoutLastBatchNorm(nn.Module):
    """As in released code: "no batch norm" means that none is added at the end; every block keeps its own."""

    def __init__(self):
        super().__init__()
        block = torchvision.models.resnet.BasicBlock
        self.blocks = nn.Sequential(nn.Conv2d(3, 8, 3, device="cpu"), block(8, 8), block(8, 8))
        self.fc = linear(8, 3, bias=True)

    def forward(self, x):
        return self.fc(self.blocks(x).mean(dim=(2, 3)))


class TestDefectsOfPublishedCode:
    def test_a_rebinding_that_installs_nothing(self):
        claimed, plain = (table(RebindingVGG(batch_norm)) for batch_norm in (True, False))
        row = claimed[_report.DIRECT_NORM]
        assert row["met"] is False
        assert row["why"] == "it is the result of mean, and no batch norm runs"
        needing = {"pan-cao-2.2-intra", "batch-norm-feature-norm", "label-smoothing-variability"}
        assert needing <= set(row["theorems"])
        assert claimed[_report.NO_BATCH_NORM]["met"] is True
        assert {h: r["met"] for h, r in claimed.items()} == {h: r["met"] for h, r in plain.items()}

    def test_a_resnet_without_batch_norm_that_has_it_in_every_block(self):
        found = table(ResNetWithoutLastBatchNorm())
        row = found[_report.NO_BATCH_NORM]
        assert row["met"] is False
        assert row["why"] == "4 batch norms run: blocks.1.bn1, blocks.1.bn2, blocks.2.bn1, ..."
        assert found[_report.DIRECT_NORM]["met"] is False
        assert "only elsewhere, the last one is blocks.2.bn2" in found[_report.DIRECT_NORM]["why"]

    def test_batch_norm_and_head_with_biases(self):
        found = table(nn.Sequential(linear(4, 8), norm(), linear(8, 3, bias=True)))
        assert found[_report.DIRECT_NORM]["met"] is True
        assert found[_report.NORM_WITHOUT_BIAS]["met"] is False
        assert found[_report.NORM_WITHOUT_BIAS]["why"].startswith("1.bias exists")
        assert found[NO_BIAS]["met"] is False
        assert found[NO_BIAS]["why"].startswith("2.bias exists")
        assert "angles-of-means" in found[NO_BIAS]["theorems"]

    def test_a_relu_after_the_batch_norm(self):
        found = table(nn.Sequential(linear(4, 8), norm(bias=False), nn.ReLU(), linear(8, 3)))
        row = found[_report.DIRECT_NORM]
        assert row["met"] is False
        assert row["why"] == "it is the result of relu; batch norms run only elsewhere, the last one is 1"
        assert centred(found)["met"] is None


class TestOtherModules:
    def last(self, batch_norm, head=None):
        return nn.Sequential(linear(4, 8), batch_norm, head or linear(8, 3))

    def test_a_frozen_scale_and_none_at_all(self):
        frozen = norm(bias=False)
        frozen.weight.requires_grad_(False)
        row = table(self.last(frozen))[_report.TRAINABLE_SCALE]
        assert (row["met"], row["why"]) == (False, "1.weight is frozen at ||gamma|| = 2.82843")
        row = table(self.last(norm(affine=False)))[_report.TRAINABLE_SCALE]
        assert row["met"] is False
        assert "no scale" in row["why"]

    def test_a_zero_bias_that_is_frozen_is_no_bias(self):
        frozen = norm()
        frozen.bias.requires_grad_(False)
        assert table(self.last(frozen))[_report.NORM_WITHOUT_BIAS]["met"] is True
        head = linear(8, 3, bias=True)
        head.bias.requires_grad_(False).fill_(2.5)
        assert table(self.last(norm(), head))[NO_BIAS]["met"] is True
        head.bias[0] = 3.0
        row = table(self.last(norm(), head))[NO_BIAS]
        assert row["met"] is False
        assert "bias_norm = 0.235702" in row["why"]  # sqrt(2)/6
        head.bias.fill_(2.5).requires_grad_(True)
        assert table(self.last(norm(), head))[NO_BIAS]["met"] is False

    def test_epsilon_and_statistics(self):
        found = table(self.last(norm(bias=False, eps=0.0)))
        assert found[_report.POSITIVE_EPSILON]["met"] is False
        found = table(self.last(norm(bias=False, track_running_stats=False)))
        assert found[_report.POSITIVE_EPSILON]["met"] is True
        assert "no running statistics" in found[_report.DATA_STATISTICS]["why"]

    def test_equal_rows_have_no_centred_weight(self):
        head = linear(8, 3)
        with torch.no_grad():
            head.weight.fill_(1.0)
        row = table(self.last(norm(), head))["weight norm beta > 0"]
        assert row["met"] is False
        assert row["why"] == "beta = 0"

    def test_dropout_after_the_batch_norm_is_mentioned(self):
        module = nn.Sequential(linear(4, 8), norm(bias=False), nn.Dropout(0.5), linear(8, 3))
        assert "in training, dropout" in table(module)[_report.DIRECT_NORM]["why"]

    def test_a_softmax_hides_the_classifier_unless_the_feature_layer_is_named(self):
        module = nn.Sequential(linear(4, 8), norm(bias=False), linear(8, 3), nn.Softmax(dim=1))
        found = table(module)
        assert found[_report.LINEAR_HEAD]["met"] is False
        assert len(found[_report.LINEAR_HEAD]["theorems"]) > 10
        named = table(module, feature_layer="1")
        assert named[_report.LINEAR_HEAD]["met"] is True
        assert named[_report.NORM_WITHOUT_BIAS]["met"] is True
        x = torch.ones((5, 4), device="cpu")
        layer = last_layer(module.eval(), x, feature_layer="1")
        assert layer.weight is module[2].weight
        assert torch.equal(layer.logits, module[:3](x))
        assert not any(part._forward_hooks for part in module.modules())

    def test_a_feature_layer_that_is_none_is_refused(self):
        module = nn.Sequential(linear(4, 8), norm(), nn.ReLU(), linear(8, 3))
        with pytest.raises(InputError, match="unknown feature layer '9'"):
            hypotheses(module, feature_layer="9")
        with pytest.raises(InputError, match="feature layer '1' feeds no linear layer"):
            hypotheses(module, feature_layer="1")

    def test_of_two_heads_one_is_named(self):
        class TwoHeads(nn.Module):
            def __init__(self):
                super().__init__()
                self.trunk, self.a, self.b = norm(bias=False), linear(8, 3), linear(8, 2, bias=True)

            def forward(self, x):
                h = self.trunk(x)
                return {"logits": self.a(h), "other": self.b(h)}

        module, x = TwoHeads(), torch.ones((5, 8), device="cpu")
        assert hypotheses(module).head_name == "a"
        assert hypotheses(module, head="b").head_name == "b"
        assert table(module, head="b")[NO_BIAS]["met"] is False
        assert last_layer(module.eval(), x, head="b").weight is module.b.weight
        assert last_layer(module, x, feature_layer="trunk").weight is module.a.weight
        module.forward = lambda x: (module.a(h := module.trunk(x)), module.b(h))
        with pytest.raises(InputError, match="feeds 2 linear layers \\('a', 'b'\\); say with head"):
            last_layer(module, x, feature_layer="trunk")
        with pytest.raises(InputError, match="linear layers that ran last: 'a', 'b'"):
            last_layer(module, x)
        with pytest.raises(InputError, match=r"unknown head 'c': linear layers: a, b$"):
            hypotheses(module, head="c")
        assert not any(part._forward_hooks for part in module.modules())

    def test_of_many_names_the_nearest_are_said(self):
        module = torchvision.models.resnet18(num_classes=5)
        near = r"'avgpol': did you mean 'avgpool'\? nearest of 67 submodules: avgpool, maxpool$"
        with pytest.raises(InputError, match=near):
            hypotheses(module, feature_layer="avgpol")
        with pytest.raises(InputError, match=r"'9': last of 67 submodules: .*, avgpool, fc$"):
            hypotheses(module, feature_layer="9")
        with pytest.raises(InputError, match=r"'fcc': did you mean 'fc'\? linear layers: fc$"):
            hypotheses(module, head="fcc")

    def test_images_are_guessed_from_the_first_convolution(self):
        found = hypotheses(torchvision.models.resnet18(num_classes=5))
        assert found.head_name == "fc"
        assert found.features_from == ("flatten",)
        assert len(found.batch_norms) == 20
        picky = nn.Sequential(nn.Conv2d(2, 1, 5, device="cpu"), nn.Flatten(), linear(99 * 99, 3))
        with pytest.raises(InputError, match=r"no images of 2 channels.*pass example="):
            hypotheses(picky)
        assert hypotheses(picky, example=torch.ones((2, 2, 103, 103), device="cpu")).bias_free_head

    def test_a_module_without_storage_is_judged_by_its_structure(self):
        with torch.device("meta"):
            module = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3, bias=False))
        found = table(module)
        assert found[_report.NORM_WITHOUT_BIAS]["met"] is False
        assert found[NO_BIAS]["met"] is True
        assert found["3 <= C"]["met"] is True
        assert found["4 <= C"]["met"] is False
        assert "weight norm beta > 0" not in found
        module[2] = on_meta = nn.Linear(8, 3, device="meta")
        assert on_meta.bias is not None
        assert table(module)[NO_BIAS]["met"] is False


def test_rows_name_registered_theorems_and_failures_come_first():
    rows = list(hypotheses(build("mlp", "affine")))
    known = set(theory.theorems())
    assert all(set(row["theorems"]) <= known for row in rows)
    assert set(_report._BATCH_NORM_THEOREMS) <= known
    order = [{False: 0, None: 1, True: 2}[row["met"]] for row in rows]
    assert order == sorted(order)
    assert "NO    the last-layer batch norm has no bias" in str(hypotheses(build("mlp", "affine")))


def test_every_condition_on_the_bias_or_the_mean_is_reported_with_all_its_theorems():
    found = table(build("mlp", "scale-only"))
    for value in ("bias_norm", "mean_norm"):
        for name, entry in theory.theorems().items():
            for condition in entry.hypotheses:
                if condition.inputs == {value} and condition.text in found:
                    assert name in found[condition.text]["theorems"]
    needing = [
        n for n, e in theory.theorems().items() if any(c.inputs == {"bias_norm"} for c in e.hypotheses)
    ]
    assert found[NO_BIAS]["theorems"] == needing
    assert len(needing) > 10


def test_a_module_is_left_as_it_was():
    module = nn.Sequential(linear(4, 8), norm(bias=False), linear(8, 3)).train()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    hypotheses(module, feature_layer="1")
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all(part.training for part in module.modules())
