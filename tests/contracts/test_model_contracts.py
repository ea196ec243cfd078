# SPDX-License-Identifier: MIT
"""Every discovered model: known optima, honest failure, bad input refused with the reason."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import NotConverged
from simulations.geometry.models import all_models, solve_model

MODELS = all_models()
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
EXAMPLES = [
    pytest.param(model, example, id=f"{model.name}-{number}")
    for model in MODELS
    for number, example in enumerate(model.examples())
]
REFUSED = [
    pytest.param(model, *case, id=f"{model.name}-{number}")
    for model in MODELS
    for number, case in enumerate(model.refused)
]


@every_model
def test_a_model_says_what_it_solves_and_knows_optima(model):
    assert model.says.endswith(".")
    assert any(character.isdigit() for character in model.source)
    examples = list(model.examples())
    assert len(examples) >= 2
    assert all(example.source for example in examples)


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_known_optima_are_found_and_bounded_from_both_sides(model, example):
    found = model.solve(**example.arguments)
    assert found.status == example.status
    sign = -1.0 if model.maximises else 1.0
    if found.certified:
        assert found.value == pytest.approx(example.value, rel=1e-7, abs=1e-9)
        assert found.gap >= -1e-12 * max(1.0, abs(found.objective))
    if np.isfinite(example.value):
        rounding = 1e-9 * max(1.0, abs(example.value))
        assert sign * found.objective >= sign * example.value - rounding
        assert sign * found.objective - found.gap <= sign * example.value + rounding
    assert (found.certificate != "none") == bool(np.isfinite(found.gap))


@every_model
def test_a_starved_budget_is_reported_and_its_value_refused(model):
    if model.starved is None:
        pytest.skip("solved in closed form: there is no budget to starve")
    found = model.solve(**model.starved)
    assert found.status == "not-converged"
    with pytest.raises(NotConverged, match="max_iterations"):
        _ = found.value


@pytest.mark.parametrize(("model", "arguments", "word"), REFUSED)
def test_bad_input_is_refused_with_the_reason(model, arguments, word):
    with pytest.raises(InputError, match=word):
        model.solve(**arguments)


def test_an_unknown_model_and_an_unknown_argument_are_named():
    with pytest.raises(InputError, match="no-such-model"):
        solve_model("no-such-model")
    if MODELS:
        with pytest.raises(InputError, match="not taken: colour"):
            solve_model(MODELS[0].name, colour="red")
