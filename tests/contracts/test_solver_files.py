# SPDX-License-Identifier: MIT
"""One file is one solver: found, named, chosen among several, and held to its contract."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

import simulations
from simulations import discovery, losses
from simulations.__main__ import main
from simulations.errors import InputError
from simulations.geometry import solve_conic, solvers


@pytest.fixture
def add_file(tmp_path, monkeypatch):
    """add_file(package, name, text): for one test, one more file in a package of extensions."""
    known = set(sys.modules)

    def add(package, name, text):
        folder = tmp_path / package.__name__
        if not folder.exists():
            folder.mkdir()
            monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        (folder / f"{name}.py").write_text(text)
        discovery.discover.cache_clear()

    yield add
    discovery.discover.cache_clear()
    for name in set(sys.modules) - known:
        if name.startswith((f"{solvers.__name__}.", f"{losses.__name__}.")):
            del sys.modules[name]


DOUBLED_LOSS = """
from simulations.losses.cross_entropy import CrossEntropy
class Doubled(CrossEntropy):
    name = "doubled"
    def value(self, **data): return 2 * super().value(**data)
    def gradient(self, **data): return 2 * super().gradient(**data)
    def conic(self, cvxpy, **data): return 2 * super().conic(cvxpy, **data)
LOSS = Doubled()
"""
# Twice the loss with decay 2 a is twice the problem with decay a.
DOUBLED_SOLVER = """
from dataclasses import replace
from simulations.geometry.solvers import Planted, Solver
from simulations.geometry.solvers.factorised_cross_entropy import SOLVER as single
def solve(problem):
    halved = replace(
        problem, weight_decay=problem.weight_decay / 2, feature_decay=problem.feature_decay / 2
    )
    found = single.solve(halved)
    return replace(found, lower_bound=2 * found.lower_bound)
SOLVER = Solver(name="twice", loss="doubled", says="Twice.", solve=solve, planted=lambda: [],
                starved={"max_iterations": 1})
"""
PROBLEM = {"counts": (20, 10, 5), "weight_decay": 2e-3, "feature_decay": 2e-3}
COMMAND = ["solve", "--counts", "20,10,5", "--weight-decay", "2e-3", "--feature-decay", "2e-3"]


def test_one_new_file_is_a_new_solver_chosen_by_its_loss(add_file, capsys):
    add_file(losses, "doubled", DOUBLED_LOSS)
    with pytest.raises(InputError, match="no solver handles"):
        simulations.solve(loss="doubled", **PROBLEM)
    add_file(solvers, "twice", DOUBLED_SOLVER)
    single = simulations.solve(**{**PROBLEM, "weight_decay": 1e-3, "feature_decay": 1e-3})
    double = simulations.solve(loss="doubled", **PROBLEM)
    reference = solve_conic(loss="doubled", **PROBLEM)
    assert single.status == double.status == reference.status == "optimal"
    assert double.value == pytest.approx(2 * single.value, rel=1e-12)
    assert double.value == pytest.approx(reference.value, abs=1e-6)
    assert main([*COMMAND, "--loss", "doubled", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == pytest.approx(double.value, rel=1e-12)
    assert "twice" in solvers.names()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1", "forgotten defines no SOLVER"),
        ("SOLVER = {'name': 'dictionary'}", "SOLVER is a dict"),
        ("from simulations.geometry.solvers.factorised_cross_entropy import SOLVER", "already that of"),
    ],
)
def test_a_file_without_its_own_SOLVER_is_loud(add_file, text, complaint):
    add_file(solvers, "forgotten", text)
    with pytest.raises(ImportError, match=complaint):
        simulations.solve(**PROBLEM)


def test_a_helper_begins_with_an_underscore(add_file):
    add_file(solvers, "_helper", "x = 1")
    assert "factorised-cross-entropy" in solvers.names()


@pytest.mark.parametrize(
    ("flag", "wrong", "nearest"),
    [
        ("--loss", "cross-entorpy", "did you mean 'cross-entropy'"),
        ("--solver", "factorized-cross-entropy", "did you mean 'factorised-cross-entropy'"),
    ],
)
def test_an_unknown_name_exits_2_with_the_nearest_in_one_line(flag, wrong, nearest, capsys):
    assert main([*COMMAND, flag, wrong]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert nearest in err
    assert err.count("\n") == 1


@pytest.fixture
def rival(monkeypatch):
    """rival(candidate or None, default): a second solver for cross-entropy, there for one test."""

    def add(change=None, default=False):
        first = replace(solvers.choose("cross-entropy"), default=True)

        def work(problem):
            return replace(first.solve(problem), **(change or {}))

        second = replace(first, name="rival", solve=work, default=default)
        monkeypatch.setattr(solvers, "all_solvers", lambda: [first, second])

    return add


def test_of_two_solvers_the_default_is_used_and_the_other_is_named(rival):
    rival()
    assert solvers.choose("cross-entropy").name != "rival"
    assert solvers.choose("cross-entropy", "rival").name == "rival"
    with pytest.raises(InputError, match="is for the loss 'cross-entropy'"):
        solvers.choose("doubled", "rival")


def test_two_defaults_are_refused_until_one_is_named(rival):
    rival(default=True)
    with pytest.raises(InputError, match="exactly one must be"):
        simulations.solve(**PROBLEM)
    assert simulations.solve(**PROBLEM, solver="rival").status == "optimal"


@pytest.mark.parametrize("bound", [-np.inf, np.nan, 0.0, np.inf, 1e3])
@pytest.mark.parametrize(("settled", "status"), [(False, "not-converged"), (True, "uncertified")])
def test_no_solver_can_claim_success_without_a_gap(rival, bound, settled, status):
    """The optimum itself, with a bound that does not certify it, or that lies above it and is no bound."""
    rival({"lower_bound": bound, "settled": settled})
    assert simulations.solve(**PROBLEM, solver="rival").status == status


GOOD = solvers.all_solvers()[0]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": "Has Spaces"}, "lower-case"),
        ({"loss": ""}, "words are required"),
        ({"says": " "}, "words are required"),
        ({"solve": None}, "function"),
        ({"planted": ()}, "function"),
        ({"starved": {}}, "max_iterations"),
    ],
)
def test_a_SOLVER_that_breaks_the_contract_cannot_be_made(change, complaint):
    with pytest.raises(InputError, match=complaint):
        replace(GOOD, **change)
