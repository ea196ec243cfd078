# SPDX-License-Identifier: MIT
"""Small libraries on disk, a cache of verdicts of their own for the tests, and models with free features."""

import importlib
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

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


class FreeModel:
    """Loss + (weight_decay/2)||W||^2 + (1/2) sum_i v_i ||h_i||^2 + (bias_decay/2)||b||^2, over W, H, b."""

    def __init__(self, counts, weight_decay, feature_decay, *, loss="ce", smoothing=0.0, bias=None, dim=None):
        self.counts, self.C = np.asarray(counts), len(counts)
        self.labels = np.repeat(np.arange(self.C), self.counts)
        self.N, self.dim = len(self.labels), dim or self.C + 1
        self.decay, self.bias, self.loss = weight_decay, bias, loss
        self.feature_decays = np.broadcast_to(feature_decay, self.N)
        onehot = np.eye(self.C)[self.labels]
        self.target = onehot + smoothing * ((1 - onehot) / (self.C - 1) - onehot)

    def split(self, x):
        W = x[: self.C * self.dim].reshape(self.C, self.dim)
        H = x[self.C * self.dim : (self.C + self.N) * self.dim].reshape(self.N, self.dim)
        return W, H, x[(self.C + self.N) * self.dim :]

    def __call__(self, x):
        W, H, b = self.split(x)
        Z = H @ W.T + (b if self.bias is not None else 0.0)
        if self.loss == "ce":
            value = np.mean(logsumexp(Z, axis=1) - (self.target * Z).sum(1))
            slope = (softmax(Z, axis=1) - self.target) / self.N
        else:
            value, slope = 0.5 * np.mean(((Z - self.target) ** 2).sum(1)), (Z - self.target) / self.N
        v = self.feature_decays[:, None]
        value += self.decay / 2 * (W**2).sum() + (v * H**2).sum() / 2
        parts = [(slope.T @ H + self.decay * W).ravel(), (slope @ W + v * H).ravel()]
        if self.bias is not None:
            value += self.bias / 2 * (b**2).sum()
            parts.append(slope.sum(0) + self.bias * b)
        return value, np.concatenate(parts)

    def minimise(self, seed=0, *, nonnegative=False, scale=1.0):
        """The value, W, H and b that L-BFGS reaches from a random start."""
        rng = np.random.default_rng(seed)
        size = (self.C + self.N) * self.dim + (self.C if self.bias is not None else 0)
        start = scale * rng.normal(size=size)
        bounds = None
        if nonnegative:
            bounds = [(None, None)] * (self.C * self.dim) + [(0, None)] * (self.N * self.dim)
            start[self.C * self.dim :] = np.abs(start[self.C * self.dim :])
        options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10}
        found = minimize(self, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return (found.fun, *self.split(found.x))


@pytest.fixture(scope="session")
def free_model():
    """The class of penalised models with free features."""
    return FreeModel
