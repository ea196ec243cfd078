# SPDX-License-Identifier: MIT
"""python -m simulations measure: output, exit statuses, and messages for files that cannot be used."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from simulations import measure
from simulations.__main__ import commands, main


@pytest.fixture
def file(tmp_path, random_layer):
    path = tmp_path / "net.npz"
    np.savez(path, **random_layer(bias=True), weight_decay=0.01)
    return path


def refused(capsys, *argv):
    """The one-line message of a call that must exit 2 and print nothing else."""
    assert main([str(a) for a in argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_json_is_the_measurement(file, random_layer, capsys):
    assert main(["measure", str(file), "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err == ""
    values = json.loads(out)
    assert values == measure(**random_layer(bias=True), weight_decay=0.01).to_dict()
    assert values["weight_decay"] == 0.01
    assert values["has_bias"] is True


def test_plain_output_is_the_table(file, random_layer, capsys):
    assert main(["measure", str(file)]) == 0
    assert capsys.readouterr().out == f"{measure(**random_layer(bias=True), weight_decay=0.01)}\n"


def test_as_a_process_help_imports_nothing_heavy_and_json_is_clean(file):
    script = (
        "import sys; sys.argv = ['simulations', '--help']\n"
        "from simulations.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'cvxpy', 'scipy', 'sympy', 'torchmetrics'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "measure" in shown.stdout
    ran = subprocess.run(
        [sys.executable, "-m", "simulations", "measure", str(file), "--json"], capture_output=True, text=True
    )
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["num_classes"] == 4
    assert ran.stderr == ""


def test_import_and_measuring_arrays_load_neither_torch_nor_cvxpy():
    code = (
        "import sys, simulations, simulations.__main__; "
        "assert not {'numpy', 'torch', 'cvxpy', 'torchmetrics', 'sympy'} & set(sys.modules); "
        "simulations.measure; assert not {'torch', 'cvxpy', 'torchmetrics'} & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_bad_usage_in_a_process_exits_2_with_one_line():
    ran = subprocess.run([sys.executable, "-m", "simulations", "mesure"], capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "unknown command 'mesure': did you mean 'measure'?" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_every_command_describes_itself():
    for name, summary in commands().items():
        assert summary, name


def test_command_help_exits_0(capsys):
    assert main(["measure", "--help"]) == 0
    assert "FILE.npz" in capsys.readouterr().out


def test_bad_usage(capsys, file):
    assert "a command is needed" in refused(capsys)
    assert "FILE.npz" in refused(capsys, "measure")
    assert "--jsn" in refused(capsys, "measure", file, "--jsn")
    assert "no such file" in refused(capsys, "measure", file.with_name("other.npz"))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.99])
def test_a_truncated_file(keep, file, capsys):
    content = file.read_bytes()
    file.write_bytes(content[: int(keep * len(content))])
    assert str(file) in refused(capsys, "measure", file, "--json")


def test_a_corrupt_file(file, capsys):
    content = bytearray(file.read_bytes())
    content[300:400] = bytes(100)
    file.write_bytes(bytes(content))
    assert "cannot be read" in refused(capsys, "measure", file)


def test_text_in_place_of_arrays(file, capsys):
    file.write_text("not an archive")
    assert "pickled Python objects" in refused(capsys, "measure", file)


def test_a_bare_array(tmp_path, capsys):
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert "one bare array" in refused(capsys, "measure", tmp_path / "a.npy")


def test_pickled_objects_are_never_loaded(file, random_layer, capsys):
    layer = random_layer()
    np.savez(file, **{**layer, "features": layer["features"].astype(object)})
    assert "never loaded" in refused(capsys, "measure", file)


@pytest.mark.parametrize("missing", ["features", "labels", "weight"])
def test_a_missing_key(missing, file, random_layer, capsys):
    layer = random_layer()
    layer[missing + "s"] = layer.pop(missing)
    np.savez(file, **layer)
    message = refused(capsys, "measure", file)
    assert f"no array '{missing}'; did you mean it by '{missing}s'?" in message


def test_an_unused_key_is_mentioned(file, random_layer, capsys):
    np.savez(file, **random_layer(bias=True), decay=0.1, biases=0, epoch=3)
    assert main(["measure", str(file), "--json"]) == 0
    err = capsys.readouterr().err
    assert "'decay' is not used (did you mean 'weight_decay'?)" in err
    assert "'epoch' is not used\n" in err
    assert err.count("\n") == 3
    np.savez(file, **{**random_layer(), "labels": np.zeros(3)}, epoch=3)
    assert "labels" in refused(capsys, "measure", file)  # and nothing about epoch


@pytest.mark.parametrize(
    ("name", "meant"),
    [("weight_decya", "weight_decay"), ("Weight_Decay", "weight_decay"), ("biass", "bias"), ("Bias", "bias")],
)
def test_a_misspelled_key_is_refused(name, meant, file, random_layer, capsys):
    np.savez(file, **random_layer(), **{name: 0.1})
    assert f"has an array '{name}': did you mean '{meant}'?" in refused(capsys, "measure", file)


def test_a_missing_key_that_nothing_resembles(file, random_layer, capsys):
    layer = random_layer()
    del layer["weight"]
    np.savez(file, **layer)
    message = refused(capsys, "measure", file)
    assert "has no array 'weight'. It holds: features, labels. Required:" in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": np.zeros((2, 3, 4))}, "features has shape (2, 3, 4); required: (n, d)"),
        ({"labels": np.array([0.5] * 60)}, "labels have real entries"),
        ({"weight_decay": np.array([1.0, 2.0])}, "weight_decay has shape (2,)"),
        ({"weight": np.full((4, 6), np.nan)}, "weight contains 24 NaN"),
        ({"labels": np.array(["a"] * 60)}, "labels has dtype"),
    ],
)
def test_bad_arrays(changes, message, file, random_layer, capsys):
    np.savez(file, **{**random_layer(), **changes})
    assert message in refused(capsys, "measure", file, "--json")


def test_float16_files_are_upcast(file, random_layer, capsys):
    layer = {k: v.astype(np.float16) if k != "labels" else v for k, v in random_layer().items()}
    np.savez(file, **layer)
    assert main(["measure", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == measure(**layer).to_dict()


def test_a_violated_theorem_exits_1_and_saves_the_arrays(file, random_layer, capsys, monkeypatch, tmp_path):
    from theory import registry

    planted = SimpleNamespace(
        name="planted",
        kind="upper",
        measurable=SimpleNamespace(quantity="loss", direction="<=", delta=None, inputs=("C",)),
        unmet=lambda **values: [],
        evaluate=lambda **values: 1e-6,
    )
    monkeypatch.setattr(registry, "theorems", lambda: {"planted": planted})
    assert main(["measure", str(file), "--json", "--save-to", str(tmp_path / "evidence")]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["guarantees"][0]["holds"] is False
    assert err.count("\n") == 1
    saved = tmp_path / "evidence" / "net.violation.npz"
    assert str(saved) in err
    with np.load(saved, allow_pickle=False) as evidence:
        np.testing.assert_array_equal(evidence["features"], random_layer(bias=True)["features"])
        assert json.loads(str(evidence["violations"]))[0]["theorem"] == "planted"
