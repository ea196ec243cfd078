# SPDX-License-Identifier: MIT
"""python -m simulations measure FOLDER: .npy files, features streamed from the disk."""

import json
import tracemalloc

import numpy as np
import pytest

from simulations import measure
from simulations.__main__ import main


def refused(capsys, *argv):
    """The one-line message of a call that must exit 2 and print nothing else."""
    assert main([str(a) for a in argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.fixture
def folder(tmp_path, random_layer):
    path = tmp_path / "net"
    path.mkdir()
    for name, array in {**random_layer(bias=True), "weight_decay": 0.01}.items():
        np.save(path / f"{name}.npy", array)
    return path


def test_a_folder_gives_the_numbers_of_its_arrays(folder, random_layer, capsys):
    assert main(["measure", str(folder), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == measure(**random_layer(bias=True), weight_decay=0.01).to_dict()
    assert err == ""


@pytest.mark.parametrize("name", ["bias", "weight_decay"])
def test_what_is_optional_may_be_absent(name, folder, random_layer, capsys):
    (folder / f"{name}.npy").unlink()
    assert main(["measure", str(folder), "--json"]) == 0
    layer = {**random_layer(bias=True), "weight_decay": 0.01, name: None}
    assert json.loads(capsys.readouterr().out) == measure(**layer).to_dict()


def test_features_stored_by_columns_and_in_float16(folder, random_layer, capsys):
    features = np.asfortranarray(random_layer(bias=True)["features"].astype(np.float16))
    np.save(folder / "features.npy", features)
    assert main(["measure", str(folder), "--json"]) == 0
    layer = {**random_layer(bias=True), "weight_decay": 0.01, "features": features}
    assert json.loads(capsys.readouterr().out) == measure(**layer).to_dict()


def test_memory_does_not_grow_with_the_features(folder, capsys):
    """123 MB of features (zero but for some rows, so that they take no room on the disk), in 30 MB."""
    n, d, C, limit = 120_000, 256, 4, 30_000_000
    assert main(["measure", str(folder), "--json"]) == 0  # loads what stays in memory
    rng = np.random.default_rng(0)
    (folder / "bias.npy").unlink()
    np.save(folder / "labels.npy", np.arange(n) % C)
    np.save(folder / "weight.npy", rng.standard_normal((C, d)))
    features = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float32, (n, d))
    features[:C], features[-2:] = rng.standard_normal((C, d)), 1.0
    features.flush()
    del features
    assert (folder / "features.npy").stat().st_size > 4 * limit
    capsys.readouterr()
    tracemalloc.start()
    try:
        assert main(["measure", str(folder), "--json"]) == 0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit
    assert json.loads(capsys.readouterr().out)["num_samples"] == n


def test_an_infinite_entry_is_found_in_any_slice_without_much_memory(folder, capsys, monkeypatch):
    from simulations.metrics import _inputs

    monkeypatch.setattr(_inputs, "_AT_ONCE", 60)
    features = np.load(folder / "features.npy")
    features[43, 2], features[44, 1] = np.inf, np.nan
    np.save(folder / "features.npy", features)
    message = refused(capsys, "measure", folder)
    assert "features contains 2 NaN or infinite entries, the first at (43, 2)" in message


def test_a_folder_without_the_files_says_which_are_required(tmp_path, capsys):
    message = refused(capsys, "measure", tmp_path)
    assert (
        f"{tmp_path} has no file 'features.npy'. It holds: no .npy file. Required: features.npy, " in message
    )
    assert "labels.npy, weight.npy and optionally bias.npy, weight_decay.npy" in message


def test_missing_and_misspelled_files(folder, capsys):
    (folder / "weight.npy").rename(folder / "weights.npy")
    assert "no file 'weight.npy'; did you mean it by 'weights.npy'?" in refused(capsys, "measure", folder)
    (folder / "weights.npy").rename(folder / "weight.npy")
    (folder / "bias.npy").rename(folder / "biass.npy")
    assert "a file 'biass.npy': did you mean 'bias.npy'?" in refused(capsys, "measure", folder)
    (folder / "biass.npy").rename(folder / "epoch.npy")
    assert main(["measure", str(folder), "--json"]) == 0
    assert "file 'epoch.npy' is not used\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["features", "labels", "weight"])
@pytest.mark.parametrize("keep", [0.0, 0.05, 0.9])
def test_a_truncated_file(name, keep, folder, capsys):
    file = folder / f"{name}.npy"
    content = file.read_bytes()
    file.write_bytes(content[: int(keep * len(content))])
    assert f"{file} " in refused(capsys, "measure", folder)


def test_files_of_another_kind(folder, random_layer, capsys):
    file = folder / "features.npy"
    file.write_text("not an array")
    assert f"{file} is no .npy file" in refused(capsys, "measure", folder)
    np.save(file, random_layer()["features"].astype(object))
    assert "never loaded" in refused(capsys, "measure", folder)
    with file.open("wb") as stream:
        np.savez(stream, **random_layer())
    assert f"{file} is an .npz file; one bare array" in refused(capsys, "measure", folder)
    file.unlink()
    file.mkdir()
    assert f"{file} cannot be read" in refused(capsys, "measure", folder)


def test_wrong_shapes_are_refused_as_in_a_file(folder, capsys):
    np.save(folder / "features.npy", np.zeros((0, 6)))
    assert "features have no rows" in refused(capsys, "measure", folder)
    np.save(folder / "features.npy", np.zeros((60, 5)))
    assert "features have shape (60, 5)" in refused(capsys, "measure", folder)


def test_help_says_that_a_folder_streams(capsys):
    assert main(["measure", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "its features are streamed from the disk and may be larger than the memory" in shown
