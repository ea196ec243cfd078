# SPDX-License-Identifier: MIT
"""NC3, self-duality: the classifier and the centred class means are the same matrix up to scale."""

from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    weight, means = reference.classifier.weight, reference.centred_means
    sizes = [float((x * x).sum()) ** 0.5 for x in (weight, means)]
    if not all(sizes):
        return {"nc3.self_duality": None}
    return {"nc3.self_duality": float(((weight / sizes[0] - means / sizes[1]) ** 2).sum())}


METRIC = MetricFamily(
    title="NC3  self-duality",
    order=6,
    quantities=(
        Quantity(
            "nc3.self_duality",
            "|| W/||W||_F - M/||M||_F ||_F^2, raw W, rows of M = mu_c - mu_G",
            "Papyan, Han & Donoho 2020, Figure 5",
            "[0, 4]",
            "0",
        ),
    ),
    values=_values,
)
