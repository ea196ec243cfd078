# SPDX-License-Identifier: MIT
"""Adding a thing is adding a file; a file without its object stops the collection loudly."""

import sys

import pytest

from simulations import datasets, discovery, losses, networks, sweeps


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "planted_extensions"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "_helper.py").write_text("")
    (folder / "engine.py").write_text("")
    (folder / "good.py").write_text("THING = 'good'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    discovery.discover.cache_clear()
    yield folder
    discovery.discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("planted_extensions")]:
        del sys.modules[name]


def test_a_file_is_found_by_being_there(package):
    assert discovery.discover("planted_extensions", "THING", ("engine",)) == {"good": "good"}


def test_a_file_without_its_object_is_loud(package):
    (package / "forgotten.py").write_text("")
    with pytest.raises(ImportError, match=r"planted_extensions.forgotten defines no THING"):
        discovery.discover("planted_extensions", "THING", ("engine",))


def test_the_shipped_extensions_are_found():
    assert {"digits", "fashion-mnist", "conic-hull", "mlp3", "mlp6", "mlp9", "gaussian-mixture"} <= set(
        datasets.names()
    )
    assert "cross-entropy" in losses.names()
    assert "mlp" in networks.names()
    assert {"synthetic", "digits", "fashion-mnist", "terminal-phase"} <= set(sweeps.names())
