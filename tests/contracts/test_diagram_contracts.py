# SPDX-License-Identifier: MIT
"""Every discovered phase diagram: shapes agree, every boundary is certified from both sides."""

import numpy as np
import pytest

import theory
from simulations.errors import InputError
from simulations.geometry.phases import all_diagrams, phase_diagram

every_diagram = pytest.mark.parametrize("diagram", all_diagrams(), ids=lambda diagram: diagram.name)


@every_diagram
def test_a_diagram_is_complete_and_its_boundaries_are_certified(diagram):
    assert diagram.says.endswith(".")
    data = diagram.compute(**diagram.quick)
    shape = (len(data.y.values), len(data.x.values))
    assert data.phase.shape == data.certified.shape == data.order.shape == shape
    assert set(np.unique(data.phase)) <= set(range(len(data.phases)))
    assert len(np.unique(data.phase)) >= 2, "a diagram of one phase shows nothing"
    assert np.all(np.diff(data.x.values) > 0)
    assert np.all(np.diff(data.y.values) > 0)
    assert data.boundaries
    for boundary in data.boundaries:
        assert boundary.x.shape == boundary.y.shape
        assert boundary.theorem is None or boundary.theorem in theory.theorems()
        assert boundary.certified, [crossing for crossing in boundary.crossings if not crossing.holds]
        for crossing in boundary.crossings:
            assert crossing.below < crossing.y < crossing.above
            assert crossing.phase_below != crossing.phase_above
            assert crossing.evidence_below
            assert crossing.evidence_above


@every_diagram
def test_a_boundary_in_the_wrong_place_is_seen(diagram):
    data = diagram.compute(**{**diagram.quick, **diagram.wrong})
    for boundary in data.boundaries:
        assert boundary.crossings
        assert not any(crossing.holds for crossing in boundary.crossings), boundary.label


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="no-such-diagram"):
        phase_diagram("no-such-diagram")
    for diagram in all_diagrams():
        with pytest.raises(InputError, match="colour"):
            phase_diagram(diagram.name, colour="red")
