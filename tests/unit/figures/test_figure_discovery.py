# SPDX-License-Identifier: MIT
"""Adding a figure is adding one file; a file without its object is an error, never a missing figure."""

import pytest

from paper_figures import discovery
from paper_figures.figure import Figure

GOOD = """
from paper_figures.figure import Figure
FIGURE = Figure(name={name!r}, title="t", caption="c", source="s", cost="c", data=lambda context: {{}},
                draw=lambda axes, data: None)
"""


def test_one_new_file_is_one_new_figure(tmp_path):
    (tmp_path / "fig_new.py").write_text(GOOD.format(name="new"))
    assert list(discovery.figures(tmp_path)) == ["new"]


def test_a_file_without_FIGURE_is_an_error(tmp_path):
    (tmp_path / "fig_empty.py").write_text("x = 1\n")
    with pytest.raises(discovery.FigureError, match=r"fig_empty\.py has no FIGURE"):
        discovery.figures(tmp_path)


def test_a_FIGURE_of_another_type_is_an_error(tmp_path):
    (tmp_path / "fig_wrong.py").write_text("FIGURE = {'name': 'wrong'}\n")
    with pytest.raises(discovery.FigureError, match="FIGURE is a dict"):
        discovery.figures(tmp_path)


def test_a_name_taken_twice_is_an_error(tmp_path):
    for stem in ("fig_a", "fig_b"):
        (tmp_path / f"{stem}.py").write_text(GOOD.format(name="same"))
    with pytest.raises(discovery.FigureError, match="already taken"):
        discovery.figures(tmp_path)


def test_an_unknown_name_says_the_nearest():
    with pytest.raises(discovery.UnknownFigure, match="did you mean 'papyan-nc'"):
        discovery.select(["papyan"])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": "Has Spaces"}, "lower-case"),
        ({"caption": " "}, "empty caption"),
        ({"cost": ""}, "empty cost"),
        ({"theorems": "loss-gap-identity"}, "tuple of names"),
        ({"draw": None}, "must be a function"),
    ],
)
def test_a_figure_that_breaks_the_contract_cannot_be_made(change, complaint):
    good = {
        "name": "x",
        "title": "t",
        "caption": "c",
        "source": "s",
        "cost": "c",
        "data": dict,
        "draw": print,
    }
    with pytest.raises(ValueError, match=complaint):
        Figure(**{**good, **change})
