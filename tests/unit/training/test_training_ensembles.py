# SPDX-License-Identifier: MIT
"""Batched ensembles: every member against its own sequential run, in float64 and tightly."""

from dataclasses import replace

import pytest
import torch

from simulations.configuration import Config, TrainingDiverged
from simulations.errors import InputError
from simulations.training import train
from simulations.training.ensemble import group, train_ensemble

BASE = Config(
    dataset="gaussian-mixture",
    dataset_options={"points": 132, "separation": 4.0},
    depth=3,
    width=10,
    epochs=12,
    batch_size=32,
    learning_rate=5e-3,
    weight_decay=5e-3,
    measurements=1,
    dtype="float64",
)
# Every way in which members may differ, in an order that is not the one they are stacked in.
MEMBERS = [
    replace(BASE, seed=3, batch_norm="none"),
    BASE,
    replace(BASE, batch_norm="affine", learning_rate=2e-2),
    replace(BASE, seed=1, dataset_seed=5, weight_decay=5e-2),
    replace(BASE, weight_decay=0.0, learning_rate=2e-2),
    replace(BASE, seed=1, batch_norm="affine"),
    replace(BASE, batch_norm="none", dataset_options={"points": 132, "separation": 8.0}),
    replace(BASE, gamma_norm=2.0, decay_groups={"rest": 1e-2}, measurements=2),
]
# Data that are soon learnt without error: terminal phase and zero error come between measurements.
EASY = {"points": 132, "separation": 12.0}


def changed(**changes):
    return [replace(config, **changes) for config in MEMBERS]


def distance(one, other):
    """Largest difference of a parameter or buffer, relative to the largest entry of its tensor."""
    mine, theirs = one.module.state_dict(), other.module.state_dict()
    assert mine.keys() == theirs.keys()
    return max(
        float((mine[k].double() - theirs[k].double()).abs().max() / theirs[k].double().abs().max())
        for k in mine
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam", "measurements": 2},
        {"optimizer": "sgd", "momentum": 0.8, "decay_on": "last-layer"},
        {"loss": "squared-error", "depth": 2, "milestones": (0.3,), "dataset_options": EASY},
        {"loss": "label-smoothing", "loss_options": {"smoothing": 0.2}, "batch_size": 132},
    ],
    ids=lambda changes: " ".join(map(str, changes.values())),
)
def test_members_are_the_sequential_runs(changes):
    configs = changed(**changes)
    if changes.get("optimizer") != "adam":  # a part of them will do
        configs = configs[:1] + configs[2:4] + configs[-1:]
    batched = train_ensemble(configs)
    assert [run.config for run in batched] == configs
    for run in batched:
        alone = train(run.config)
        assert distance(run, alone) < 1e-9
        assert run.terminal_phase_epoch == alone.terminal_phase_epoch
        assert run.zero_error_epoch == alone.zero_error_epoch
        assert [line["epoch"] for line in run.history] == [line["epoch"] for line in alone.history]
        assert [line["train_loss"] for line in run.history] == pytest.approx(
            [line["train_loss"] for line in alone.history], rel=1e-9
        )
        assert run.history[-1].keys() == alone.history[-1].keys()
        for key in ("gamma_norm", "batch_norm_deficit"):
            mine, theirs = run.history[-1][key], alone.history[-1][key]
            assert mine == theirs or mine == pytest.approx(theirs, rel=1e-8)
    if changes.get("dataset_options") == EASY:
        assert {run.zero_error_epoch for run in batched} & set(range(2, BASE.epochs))


def test_members_that_differ_in_one_choice_end_apart():
    """The tolerance above tells every choice from every other: a wrong decay, rate, shuffle or batch norm
    would be seen."""
    runs = train_ensemble(
        [BASE]
        + [
            replace(BASE, **change)
            for change in (
                {"weight_decay": 5.01e-3},
                {"learning_rate": 5.01e-3},
                {"seed": 1, "dataset_seed": 0},
                {"dataset_seed": 1},
                {"batch_norm": "affine"},
                {"batch_norm": "none"},
            )
        ]
    )
    first, *others = (run.module.head.weight.detach() for run in runs)
    for weight in others:
        assert float((weight - first).abs().max() / first.abs().max()) > 1e-6


def test_one_member_alone_and_none_at_all():
    assert distance(train_ensemble([BASE])[0], train(BASE)) < 1e-9
    assert train_ensemble([]) == []


def test_float32_members_begin_at_rounding_error():
    """Float32 runs drift apart at a rate that training sets; over two epochs they have not yet."""
    configs = changed(dtype="float32", epochs=2)[4:]
    for run in train_ensemble(configs):
        assert distance(run, train(run.config)) < 1e-4


def test_held_out_samples_are_measured():
    config = replace(BASE, dataset_options={"points": 132, "separation": 4.0, "test": 0.25}, epochs=3)
    run, alone = train_ensemble([config, replace(config, weight_decay=0.1)])[0], train(config)
    assert run.history[-1]["test"]["loss"] == pytest.approx(alone.history[-1]["test"]["loss"], rel=1e-9)


class TestDivergence:
    CONFIGS = (
        replace(BASE, optimizer="sgd"),
        replace(BASE, optimizer="sgd", batch_norm="none", learning_rate=1e30),
        replace(BASE, optimizer="sgd", batch_norm="none"),
    )

    def test_a_member_that_diverges_is_reported_and_the_others_go_on(self):
        first, second, third = train_ensemble(self.CONFIGS)
        with pytest.raises(TrainingDiverged) as alone:
            train(self.CONFIGS[1])
        assert isinstance(second, TrainingDiverged)
        assert (second.epoch, second.learning_rate) == (1, 1e30)
        assert str(second) == str(alone.value)
        assert distance(first, train(self.CONFIGS[0])) < 1e-9
        assert distance(third, train(self.CONFIGS[2])) < 1e-9

    def test_weights_may_overflow_where_the_logits_did_not(self):
        wild = replace(self.CONFIGS[1], batch_size=132, learning_rate=1e308, weight_decay=1e3, epochs=1)
        calm = replace(self.CONFIGS[2], batch_size=132, epochs=1)
        second, first = train_ensemble([wild, calm]), train_ensemble([calm])[0]
        with pytest.raises(TrainingDiverged, match="the weights after its last batch") as alone:
            train(wild)
        assert str(second[0]) == str(alone.value)
        assert second[1].history == first.history

    def test_it_ends_when_all_have(self):
        def never(index, line, state):
            raise AssertionError("measured a network that diverged")

        outcomes = train_ensemble([self.CONFIGS[1]] * 2, observe=never)
        assert [type(outcome) for outcome in outcomes] == [TrainingDiverged] * 2


def test_the_observer_is_told_whose_measurement_it_is():
    seen = []
    configs = changed(measurements=2)[:3]
    runs = train_ensemble(configs, observe=lambda index, line, state: seen.append((index, line, state)))
    assert sorted((index, line["epoch"]) for index, line, _ in seen) == [
        (index, epoch) for index in range(3) for epoch in configs[0].measured_epochs()
    ]
    for index, line, state in seen[-3:]:
        assert line is runs[index].history[-1]
        assert state is runs[index].final

    def enough(index, line, state):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        train_ensemble(MEMBERS[:2], observe=enough)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"depth": 4}, "member 1 has depth = 4 and member 0 has 3"),
        ({"batch_size": 16}, "batch_size"),
        ({"loss_options": {"smoothing": 0.3}, "loss": "label-smoothing"}, "loss = 'label-smoothing'"),
        ({"network": "resnet", "depth": 18}, "only 'mlp' is batched"),
        ({"precision": "bfloat16", "dtype": "float32"}, "does not support"),
        ({"batch_norm": "layer"}, "batch_norm = 'layer'"),
        ({"dataset_options": {"points": 140}}, r"\(140, 16, 4\)"),
    ],
)
def test_what_cannot_be_one_program_is_refused(change, says):
    with pytest.raises(InputError, match=says):
        train_ensemble([BASE, replace(BASE, **change)])
    with pytest.raises(InputError, match="variance"):
        train_ensemble([replace(BASE, batch_size=1)] * 2)


def test_groups_are_what_can_be_one_program():
    other = replace(BASE, network="resnet", depth=18)
    deep = [replace(config, depth=4) for config in MEMBERS[:2]]
    configs = [MEMBERS[0], other, deep[0], MEMBERS[1], replace(other, seed=1), deep[1]]
    assert group(configs) == [[0, 3], [1], [2, 5], [4]]
    assert group([]) == []


def test_nothing_relies_on_a_default_device_or_the_global_generator():
    configs = MEMBERS[4:]
    expected = train_ensemble(configs)
    torch.manual_seed(99)
    torch.set_default_device("meta")
    try:
        again = train_ensemble(configs)
    finally:
        torch.set_default_device(None)
    for one, other in zip(again, expected, strict=True):
        assert all(
            torch.equal(a, b) for a, b in zip(one.module.parameters(), other.module.parameters(), strict=True)
        )
        assert one.history == other.history
