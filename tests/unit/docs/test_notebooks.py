# SPDX-License-Identifier: MIT
"""The notebooks run from top to bottom, and what is committed of them is fit to be read."""

import ast
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[3] / "notebooks").glob("*.ipynb"))
# An absolute path of some machine, in an output: of a home, a temporary or a working folder, or of Windows.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|opt|work|Users|var|mnt)/|[A-Z]:\\\\")


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel that is this interpreter, whatever is installed on the machine, and a home of its own."""
    spec = tmp_path / "jupyter" / "kernels" / "this-python"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "this Python", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOKS[0].parents[1]))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    return "this-python"


def test_there_are_notebooks():
    expected = {"from_definitions_to_the_sharp_bound", "prove_your_own_theorem"}
    assert {path.stem for path in NOTEBOOKS} >= expected | {"attack_a_claim", "certify_your_network"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, kernel, tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    client = NotebookClient(
        notebook, kernel_name=kernel, timeout=120, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    errors = [text for text in streams(notebook, "stderr") if "Error" in text or "Traceback" in text]
    assert not errors
    assert not list(folder.iterdir()), "a notebook leaves files behind"


def streams(notebook, name):
    """The text of every output stream of that name."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == name:
                yield output.text


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_outputs_are_readable(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "commit the notebook executed, from top to bottom"
    assert any(cell.outputs for cell in code_cells(notebook))
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert not MACHINE_PATH.search(text_of(output)), f"an output names a machine's folder: {output}"
            formula = output.get("data", {}).get("text/latex", "")
            assert "#" not in formula, (
                "MathJax refuses '#': restate the theorem with named indices, or print it"
            )
    assert path.stat().st_size < 200_000, "commit light outputs"


def text_of(output):
    """Everything of an output but its pictures."""
    data = {kind: value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")}
    return json.dumps([output.get("text", ""), data])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_and_never_define(path):
    """Library code belongs to the packages: nothing is defined but a closure that an optimiser calls."""
    source = "\n".join(cell.source for cell in code_cells(nbformat.read(path, as_version=4)))
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, definitions)]
    assert names in ([], ["objective"])


def test_machine_paths_are_recognised():
    for path in ("/home/someone/x.py", '"/tmp/x"', "C:\\\\Users\\\\x"):
        assert MACHINE_PATH.search(path)
    for text in ("theory/theorems/x.py", "a/b", "C/(C-1)", "1/home"):
        assert not MACHINE_PATH.search(text)
