# SPDX-License-Identifier: MIT
"""Many samples are measured in one sweep: the same numbers, to the digits of the second implementation."""

import numpy as np
import pytest

from simulations import InputError, measurement
from simulations.measurement import evaluate
from simulations.metrics import _sweep

EPS = float(np.finfo(float).eps)


@pytest.fixture
def swept(monkeypatch):
    """evaluate(...) by sweeps of a few rows, however few the samples are."""
    begun = []

    class Watched(_sweep.SweptBatch):
        def __init__(self, *args, **kwargs):
            begun.append(1)
            super().__init__(*args, **kwargs)

    def run(rows=7, **data):
        C, d = data["weight"].shape
        with monkeypatch.context() as patch:
            patch.setattr(measurement, "_MANY", 0)
            patch.setattr(measurement, "_CHUNK", rows * max(C, d))
            patch.setattr(measurement, "_GROUP", 2 * rows * C)
            patch.setattr(_sweep, "SweptBatch", Watched)
            values = evaluate(**data)
        assert len(begun) == -(-len(data["labels"]) // (2 * rows))
        begun.clear()
        return values

    return run


def differences(found, expected, rel):
    """Names of the values that differ by more than ``rel``."""
    return [name for name, value in expected.items() if not _same(found[name], value, rel)]


def _same(found, expected, rel):
    return found is None if expected is None else found == pytest.approx(expected, rel=rel, abs=rel)


@pytest.mark.parametrize("case", [{}, {"bias": True}, {"C": 2, "d": 5}, {"C": 5, "d": 3, "bias": True}])
def test_every_value_is_right(case, swept, random_layer, naive):
    data = {**random_layer(**case), "weight_decay": 0.02}
    assert differences(swept(**data), naive(**data), 1e-13) == []


@pytest.mark.parametrize(("noise", "offset"), [(1e-6, 0.0), (1e-2, 1e3), (1e-5, 1e2)])
def test_as_many_digits_as_without_a_sweep(noise, offset, swept, collapsed_layer, naive):
    data = collapsed_layer(noise=noise)
    data["features"] = (data["features"] + offset).astype(np.float32)
    exact, plain, found = naive(**data), evaluate(**data), swept(**data)
    for name, value in exact.items():
        off = abs(plain[name] - value)
        assert abs(found[name] - value) <= 4 * off + 64 * EPS * abs(value) + 1e-15, name


def test_samples_near_the_origin_and_near_the_global_mean(swept, random_layer, naive):
    data = random_layer(n=40)
    rows, labels = data["features"], data["labels"]
    rows[5], rows[9], rows[13] = 0.0, 1e-9 * rows[9], 1e-12 * rows[13]
    middle = np.mean([rows[labels == c].mean(axis=0) for c in range(4)], axis=0)
    rows -= middle  # so that the same three are near the global mean of what follows
    rows[20] = 1e-10 * rows[20]
    expected = naive(**data)
    found = swept(**data)
    assert differences(found, expected, 1e-12) == []
    shifted = {**data, "features": rows + middle}
    assert differences(swept(**shifted), naive(**shifted), 1e-7) == []


def test_equal_class_means_and_means_of_other_data(swept, random_layer):
    data = random_layer()
    same = {**data, "features": np.ones_like(data["features"])}
    assert differences(swept(**same), evaluate(**same), 1e-13) == []
    other = {**data, "class_means": np.roll(data["weight"], 1, axis=0)}
    assert differences(swept(**other), evaluate(**other), 1e-13) == []
    assert swept(**other)["nc4.ncc_mismatch"] != swept(**data)["nc4.ncc_mismatch"]


def test_features_mostly_zero_and_logits_beyond_exponentials(swept, random_layer):
    data = random_layer(n=200)
    data["features"][10:] = 0.0
    assert differences(swept(**data), evaluate(**data), 1e-12) == []
    data = random_layer()
    data["weight"] = 400.0 * data["weight"]
    expected, found = evaluate(**data), swept(**data)
    assert expected["loss"] > 100
    assert all(
        found[name] == pytest.approx(value, rel=1e-12, abs=1e-12) for name, value in expected.items() if value
    )


def test_families_alone_and_bad_entries(swept, random_layer):
    data = random_layer()
    everything = swept(**data)
    some = swept(**data, only=("nc1", "nc4", "row_cosine"))
    assert {"nc1.cdnv", "row_cosine_centred.mean"} <= some.keys() < everything.keys()
    assert differences(some, {name: everything[name] for name in some}, 1e-14) == []
    data["features"][17, 2] = np.nan
    with pytest.raises(InputError, match=r"1 NaN or infinite entries, the first at \(17, 2\)"):
        swept(**data)


def test_records_of_training_are_measured_as_they_were():
    """Frozen records are made again to the last bit; none of them is large enough for a sweep."""
    from simulations.sweeps import frozen

    entries = [
        row["num_samples"] * row["feature_dim"]
        for name in frozen.names()
        for record in frozen.records(name, guarantees="none")
        for row in [record.final["collapse"]]
    ]
    assert entries
    assert max(entries) < measurement._MANY
