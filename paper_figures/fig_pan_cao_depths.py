# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), appendix: cosines against weight decay in networks of 3, 6 and 9 layers."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_grid, style
from paper_figures.cosine_grid import Column, Row
from paper_figures.figure import Data, Figure

SWEEP = "synthetic-depths"
FROZEN = f"{SWEEP}-cpu"
TEACHERS = {
    "conic-hull": "conic hulls",
    "mlp3": "MLP3",
    "mlp6": "MLP6",
    "mlp9": "MLP9",
}


def data(context: Any) -> Data:
    """Panels by teacher (rows) and depth of the network (columns); series by last layer and cosine."""
    from simulations import sweeps

    source = cosine_grid.cpu_or_paper(context, SWEEP)
    configs = sweeps.get(SWEEP).configs(source.preset)
    rows = [
        Row(f"{TEACHERS[name]}: cosine", wanted={"dataset": name}, words=name)
        for name in dict.fromkeys(config["dataset"] for config in configs)
    ]
    depths = dict.fromkeys(config["depth"] for config in configs)
    return cosine_grid.data(source, rows, [Column(f"{d} layers", {"depth": d}) for d in depths], SWEEP)


FIGURE = Figure(
    name="pan-cao-depths",
    title="Neural collapse against weight decay in networks of 3, 6 and 9 layers",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, against "
        "weight decay, with batch norm after the last ReLU and without; one row a teacher of four classes in "
        "16 dimensions (conic hulls, random networks), one column a depth of the network that learns it. "
        "Markers are means over classes (pairs of classes) and seeds, with bars of one standard error where "
        "there are several seeds; thin lines and the tint reach to the worst class (pair). Dotted: "
        "exact collapse."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, appendix (teachers x depths x batch norm)",
    cost="nothing is trained: frozen records; with --preset paper, 504 runs of minutes each",
    frozen=(FROZEN,),
    original=(SWEEP,),
    data=data,
    draw=cosine_grid.draw,
    grid=cosine_grid.grid,
    width=style.PAGE_WIDTH,
    height=cosine_grid.height,
)
