# SPDX-License-Identifier: MIT
"""What may be imported by what, and how large the trusted core may grow."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import theory

ROOT = Path(theory.__file__).parent
HEAVY = ("torch", "torchvision", "torchmetrics", "cvxpy", "matplotlib", "scipy", "sklearn")


def loaded_after(*arguments):
    """Names of the heavy packages that a fresh interpreter has loaded after the command."""
    report = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', [m for m in {HEAVY!r} if m in sys.modules]))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", report + "\n".join(arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT.parent,
    )
    assert result.returncode == 0, result.stderr
    line = next(line for line in result.stdout.splitlines() if line.startswith("LOADED"))
    return line.removeprefix("LOADED "), result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("import theory",),
        ("import theory", "theory.theorems()", "theory.get('within-class-variability').statement"),
        (
            "import theory",
            "theory.get('within-class-variability').evaluate(C=4, L=0.01, alpha=3.0, beta=2.0)",
        ),
        (
            "import runpy",
            "sys.argv = ['theory', '--list']",
            "try: runpy.run_module('theory', run_name='__main__')",
            "except SystemExit as stop: assert not stop.code",
        ),
    ],
    ids=["import", "statement", "evaluate", "list"],
)
def test_theory_needs_neither_torch_nor_cvxpy_nor_plotting(arguments):
    assert loaded_after(*arguments)[0] == "[]"


def test_help_needs_no_mathematics_at_all():
    """``python -m theory --help`` answers before SymPy is loaded."""
    command = (
        "import runpy",
        "sys.argv = ['theory', '--help']",
        "try: runpy.run_module('theory', run_name='__main__')",
        "except SystemExit as stop: assert not stop.code",
        "assert 'sympy' not in sys.modules, 'sympy'",
    )
    heavy, output = loaded_after(*command)
    assert heavy == "[]"
    assert "python -m theory" in output


def test_import_theory_loads_no_theorem():
    code = "import theory; assert not [m for m in sys.modules if m.startswith('theory.theorems')]"
    assert loaded_after(code)[0] == "[]"


def test_the_trusted_core_stays_small():
    """What must be believed can be read in an afternoon."""
    lines = {path.name: len(path.read_text().splitlines()) for path in ROOT.glob("*.py")}
    assert lines["kernel.py"] < 400
    assert lines["language.py"] < 200
    assert lines["expressions.py"] < 300
    rules = [len(path.read_text().splitlines()) for path in (ROOT / "rules").glob("*.py")]
    assert max(rules) < 120
    assert sum(rules) + lines["kernel.py"] + lines["language.py"] + lines["expressions.py"] < 1800


def test_only_certificates_import_flint():
    for path in ROOT.rglob("*.py"):
        if "certificates" not in path.parts:
            assert not re.search(r"\bimport flint\b|\bfrom flint\b", path.read_text()), path
