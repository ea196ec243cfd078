# SPDX-License-Identifier: MIT
"""Small libraries on disk, and a cache of verdicts of their own for the tests."""

import importlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

GOOD = """
from theory.entry import Entry, Statement
from theory.expressions import le
from theory.proving import visible
from theory.symbols import T

def claim():
    return Statement(le(0, T))

def prove():
    return visible(le(0, T))

THEOREM = Entry(
    name="{name}", title="A title", kind="upper", source="a test (2026)", says="T is not negative.",
    statement_of=claim, prove=prove, uses={uses},
)
"""


@pytest.fixture(autouse=True)
def kept_verdicts(tmp_path, monkeypatch):
    """The folder in which this test's verdicts are kept."""
    place = tmp_path / "kept"
    monkeypatch.setenv("THEORY_CACHE", str(place))
    return place


class SmallLibrary:
    """A folder of theorem files, as the only one or added to the real ones."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def write(self, file, text):
        path = self.folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def good(self, file, *uses, name=None):
        name = name or Path(file).stem.replace("_", "-")
        return self.write(file, GOOD.format(name=name, uses=uses))

    def change(self, file, old, new):
        path = self.folder / file
        assert old in path.read_text()
        return self.write(file, path.read_text().replace(old, new))

    def run(self, *arguments, before=""):
        """``python -m theory`` in a fresh process that has this folder as its only one."""
        code = (
            "import sys, theory.theorems as package\n"
            f"package.__path__[:] = [{str(self.folder)!r}]\n"
            "from theory.__main__ import main\n"
            f"{before}\n"
            "if __name__ == '__main__':\n"
            f"    status = main({list(arguments)!r})\n"
            "    print('sympy loaded:', 'sympy' in sys.modules, file=sys.stderr)\n"
            "    sys.exit(status)\n"
        )
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def small(tmp_path):
    """An empty library in a folder of its own."""
    return SmallLibrary(tmp_path / "library")


@pytest.fixture
def added(small, monkeypatch):
    """A function that adds the small library's folder to the real ones (or takes their place)."""
    import theory.theorems as package
    from theory import registry

    before = set(sys.modules)

    def add(*, alone=False):
        real = [] if alone else list(package.__path__)
        monkeypatch.setattr(package, "__path__", [*real, str(small.folder)])
        importlib.invalidate_caches()
        registry.library.cache_clear()
        return registry.library()

    yield add
    for name in set(sys.modules) - before:
        if name.startswith("theory.theorems."):
            del sys.modules[name]
    monkeypatch.undo()
    registry.library.cache_clear()
