# SPDX-License-Identifier: MIT
"""Guarantee rows, verdicts by kind, what a planted violation does, against registries made for the test."""

import json
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from simulations import comparison, measure, metrics
from simulations.comparison import BoundViolation


class FakeTheorem:
    """As much of a registered theorem as comparison may rely on."""

    def __init__(self, name, kind, quantity, direction, bound, *, delta=None, needs=()):
        self.name, self.kind, self._bound, self._needs = name, kind, bound, needs
        self.measurable = SimpleNamespace(quantity=quantity, direction=direction, delta=delta, inputs=needs)
        self.seen = None

    def unmet(self, **values):
        return [f"{name} is required" for name in self._needs if name not in values]

    def evaluate(self, **values):
        self.seen = values
        bound = self._bound(values) if callable(self._bound) else self._bound
        if bound is None:
            raise ValueError("hypothesis violated: L <= log C, but L = 9")
        return np.float64(bound)


def registry(*theorems):
    return {theorem.name: theorem for theorem in theorems}


def theorem(bound, direction="<=", kind="tight", quantity="within_class_variability", **kwargs):
    return FakeTheorem("planted", kind, quantity, direction, bound, **kwargs)


KEYS = ["theorem", "quantity", "direction", "measured", "bound", "delta", "holds", "unmet"]


@pytest.fixture
def values(random_layer):
    return measure(**random_layer()).to_dict()


def only(values, entry):
    (row,) = comparison.guarantees(values, registry(entry))
    return row


@pytest.mark.parametrize(
    ("direction", "bound", "holds"), [("<=", 1, True), ("<=", 0, False), (">=", 0, True)]
)
def test_a_row_states_measured_bound_and_whether_it_holds(direction, bound, holds, values):
    row = only(values, theorem(bound, direction))
    assert list(row) == KEYS
    assert row["holds"] is holds
    assert row["bound"] == bound
    assert row["measured"] == values["within_class_variability"]
    assert row["delta"] is None
    assert row["unmet"] == []
    json.dumps(row, allow_nan=False)


def test_an_unmet_hypothesis_gives_no_number(values):
    row = only(values, theorem(0.5, needs=("weight_decay",)))
    assert (row["holds"], row["bound"], row["unmet"]) == (None, None, ["weight_decay is required"])


@pytest.mark.parametrize(("bound", "reason"), [(None, "L <= log C"), (np.inf, "says nothing")])
def test_a_refused_or_infinite_bound_gives_no_number(bound, reason, values):
    row = only(values, theorem(bound))
    assert (row["holds"], row["bound"]) == (None, None)
    assert reason in row["unmet"][0]


def test_an_undefined_quantity_gives_no_verdict():
    flat = measure(features=np.zeros((3, 2)), labels=[0, 1, 2], weight=np.eye(3, 2)).to_dict()
    row = only(flat, theorem(0.5))
    assert (row["holds"], row["bound"]) == (None, None)
    assert "undefined" in row["unmet"][0]


def test_statements_about_every_class_exempt_less_than_one(values):
    entry = theorem(0.0, ">=", quantity="intra_class_cosine.min", delta="1/C")
    assert only(values, entry)["delta"] == 0.25
    assert entry.seen["delta"] == 0.25


def test_theorems_without_a_measurable_side_have_no_row(values):
    entry = theorem(0.5)
    entry.measurable = None
    assert comparison.guarantees(values, registry(entry)) == []


def test_every_measured_input_is_passed_under_its_name(random_layer):
    m = measure(**random_layer(bias=True), weight_decay=0.01)
    entry = theorem(1.0)
    only(m.to_dict(), entry)
    expected = {
        "C": m.num_classes, "L": m.loss, "eps": m.loss_gap, "alpha": m.feature_norm, "beta": m.weight_norm,
        "weight_frobenius": m.weight_frobenius, "weight_decay": 0.01, "L_reg": m.regularized_loss,
        "eps_reg": m.regularized_loss_gap, "bias_norm": m.bias_norm, "mean_norm": m.mean_norm,
        "weight_spectral": m.nc2.spectral_weights, "means_spectral": m.nc2.spectral_means,
        "alpha_centred": m.feature_norm_centred,
    }  # fmt: skip
    assert entry.seen == expected
    assert expected["eps_reg"] == pytest.approx(m.regularized_loss - m.minimum_regularized_loss, rel=1e-12)


def test_absent_weight_decay_is_not_passed(values):
    entry = theorem(1.0)
    only(values, entry)
    assert not {"weight_decay", "L_reg", "eps_reg"} & entry.seen.keys()


def test_a_theorem_about_an_unknown_quantity_gives_no_guarantee(values):
    (row,) = comparison.guarantees(values, registry(theorem(1.0, quantity="nc9")))
    assert row["holds"] is None
    assert row["bound"] is None
    assert row["unmet"] == ["'nc9' is not measured: no metric has this name"]


@pytest.mark.parametrize(("excess", "holds"), [(0.5e-9, True), (2e-9, False)])
def test_rounding_is_relative_to_one_for_variabilities(excess, holds, values):
    measured = values["within_class_variability"]
    assert only(values, theorem(measured - excess))["holds"] is holds


@pytest.mark.parametrize(("excess", "holds"), [(0.5e-9, True), (2e-9, False)])
def test_rounding_is_relative_to_the_loss_for_losses(excess, holds, collapsed_layer):
    """At exact collapse with T = 34 the loss is 5e-15: a tolerance of 1e-9 would forgive everything."""
    m = measure(**collapsed_layer(C=4, d=6, alpha=5.0, beta=5.0))
    scale = m.T * (1 - np.exp(-m.minimum_loss))
    entry = theorem(m.loss * (1 + 1e-15) - excess * scale, quantity="loss")
    assert m.loss < 1e-13
    assert only(m.to_dict(), entry)["holds"] is holds


KINDS = {
    "identity": "violated", "tight": "violated", "upper": "violated", "lower": "violated",
    "asymptotic": "violated", "published": "contradicted", "conjecture": "contradicted",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_decides_what_a_violation_means(kind, values, tmp_path):
    known = registry(theorem(0.0, kind=kind))
    record = SimpleNamespace(key="abc", history=[{"epoch": 3, "collapse": values}])
    if KINDS[kind] == "contradicted":
        (row,) = comparison.compare(record, save_to=tmp_path, registry=known)
        assert (row["verdict"], row["epoch"], row["run"]) == ("contradicted", 3, "abc")
        assert list(tmp_path.iterdir()) == []
        return
    with pytest.raises(
        BoundViolation, match=r"theorem planted is violated.*abc-epoch-3\.violation\.npz"
    ) as caught:
        comparison.compare(record, save_to=tmp_path, registry=known)
    assert list(tmp_path.iterdir()) == [caught.value.path]
    with np.load(caught.value.path, allow_pickle=False) as saved:
        assert saved["nc1.cdnv"] == values["nc1"]["cdnv"]
        (row,) = json.loads(str(saved["violations"]))
    assert (row["theorem"], row["verdict"], row["bound"]) == ("planted", "violated", 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proof_outranks_the_kind(kind, values):
    proved, unproved = theorem(0.0, kind=kind), theorem(0.0, kind=kind)
    proved.prove, unproved.prove = object, None
    with pytest.raises(BoundViolation, match=f"{kind} theorem planted is violated"):
        comparison.check(values, registry=registry(proved))
    (row,) = comparison.check(values, registry=registry(unproved))
    assert row["verdict"] == "contradicted"


def test_the_arrays_are_saved_with_the_numbers(random_layer, tmp_path):
    layer = random_layer()
    with pytest.raises(BoundViolation) as caught:
        comparison.check(
            measure(**layer).to_dict(),
            arrays={**layer, "bias": None},
            save_to=tmp_path / "new" / "folder",
            registry=registry(theorem(0.0)),
        )
    with np.load(caught.value.path, allow_pickle=False) as saved:
        for name, array in layer.items():
            np.testing.assert_array_equal(saved[name], array)
        assert "bias" not in saved


def test_a_violation_without_a_folder_still_stops(values):
    with pytest.raises(BoundViolation, match="theorem planted is violated") as caught:
        comparison.check(values, registry=registry(theorem(0.0)))
    assert caught.value.path is None


def test_evidence_is_written_completely_or_not_at_all(values, tmp_path, monkeypatch):
    def disk_full(*args, **kwargs):
        args[0].write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(OSError, match="no space"):
        comparison.check(values, save_to=tmp_path, registry=registry(theorem(0.0)))
    assert list(tmp_path.iterdir()) == []


def test_a_violation_travels_between_processes(values):
    with pytest.raises(BoundViolation) as caught:
        comparison.check(values, registry=registry(theorem(0.0)))
    caught.value.add_note("In a worker process: there")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.rows, copy.path) == (str(caught.value), caught.value.rows, None)
    assert copy.__notes__ == caught.value.__notes__


def test_slack_and_ratio_point_the_same_way_for_both_directions(values):
    nu, intra = values["within_class_variability"], values["intra_class_cosine"]["mean"]
    for entry, slack, ratio in (
        (theorem(2 * nu), nu, 0.5),
        (theorem(intra / 2, ">=", quantity="intra_class_cosine.mean"), intra / 2, 0.5),
        (theorem(-1.0, ">=", quantity="intra_class_cosine.mean"), intra + 1, None),
    ):
        (row,) = comparison.verdicts(comparison.guarantees(values, registry(entry)), registry(entry))
        assert row["verdict"] == "holds"
        assert row["slack"] == pytest.approx(slack)
        assert row["ratio"] == (None if ratio is None else pytest.approx(ratio))


def test_the_summary_shows_the_tightest_case_of_each_theorem(random_layer):
    known = registry(
        theorem(lambda v: 0.9 + 0.001 * v["alpha"]),
        FakeTheorem("never", "upper", "loss", "<=", 1.0, needs=("weight_decay",)),
    )
    history = [{"epoch": k, "collapse": measure(**random_layer(seed=k)).to_dict()} for k in range(4)]
    rows = comparison.compare({"key": "run", "history": history}, registry=known)
    first, second = comparison.summary(rows)
    slacks = [row["slack"] / row["bound"] for row in rows if row["theorem"] == "planted"]
    assert first["slack"] == pytest.approx(min(slacks) * first["bound"])
    assert first["epoch"] == int(np.argmin(slacks))
    assert (first["cases"], first["applicable"], first["violated"], first["verdict"]) == (4, 4, 0, "holds")
    assert (second["cases"], second["applicable"], second["verdict"]) == (4, 0, "not applicable")
    assert second["slack"] is None


def test_a_measurement_carries_its_guarantees(random_layer, monkeypatch):
    from theory import registry as theory_registry

    known = registry(theorem(1.0), FakeTheorem("never", "upper", "loss", "<=", 1.0, needs=("weight_decay",)))
    monkeypatch.setattr(theory_registry, "theorems", lambda: known)
    m = measure(**random_layer())
    assert [row["theorem"] for row in m.to_dict()["guarantees"]] == ["planted", "never"]
    assert "weight_decay is required" in str(m)
    assert "planted" in m._repr_html_()


def test_every_quantity_scale_is_known():
    assert {quantity.scale for quantity in metrics.quantities().values()} == {"unit", "loss"}


def test_a_division_by_an_underflow_gives_no_number(values):
    row = only(values, theorem(lambda v: v["L"] / 0))
    assert (row["holds"], row["bound"]) == (None, None)
    assert "division by zero" in row["unmet"][0]


def test_huge_norms_leave_no_warning_and_no_false_verdict(collapsed_layer, recwarn):
    """At T = 2000 the least loss and its price underflow to zero."""
    m = measure(**collapsed_layer(C=4, d=6, alpha=30.0, beta=50.0, noise=1e-3), weight_decay=1e-4)
    assert m.minimum_loss == 0
    assert all(row["holds"] is not False for row in m.guarantees)
    assert [str(w.message) for w in recwarn if issubclass(w.category, RuntimeWarning)] == []


def test_a_violation_keeps_its_notes_on_the_way_to_another_process():
    error = comparison.BoundViolation("stand-in is violated", rows=[{"theorem": "stand-in"}], path=None)
    error.add_note("On worker tcp://host:1")
    back = pickle.loads(pickle.dumps(error))
    assert (str(back), back.rows, back.path) == (str(error), error.rows, None)
    assert back.__notes__ == ["On worker tcp://host:1"]
