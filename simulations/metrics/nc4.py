# SPDX-License-Identifier: MIT
"""NC4, simplification to nearest class centre: the network decides as the nearest class mean would."""

from simulations.metrics import _arrays as arrays
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _terms(batch: Batch) -> dict:
    reference, xp = batch.reference, batch.xp
    # argmin_c ||h - m_c||^2 = argmax_c <h - mu_G, m_c - mu_G> - ||m_c - mu_G||^2 / 2
    # and <h - mu_G, m> = <h - mu_y, m> + <mu_y - mu_G, m>
    centres = reference.ncc_means - reference.global_mean
    own = (reference.means - reference.global_mean) @ centres.T - 0.5 * (centres**2).sum(axis=1)
    closeness = batch.centre_products(centres) + arrays.rows_at(own, batch.labels)
    differs = batch.decisions != xp.argmax(closeness, axis=1)
    return {"differs": xp.where(differs, 1.0, 0.0 * batch.margins)}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    return {"nc4.ncc_mismatch": averages.ordinary("differs")}


METRIC = MetricFamily(
    title="NC4  nearest class centre",
    order=7,
    quantities=(
        Quantity(
            "nc4.ncc_mismatch",
            "fraction of samples with argmax logit != argmin_c ||h - mu_c||",
            "Papyan, Han & Donoho 2020, Figure 7 (there: test data, training means)",
            "[0, 1]",
            "0",
        ),
    ),
    values=_values,
    widths={"differs": "1"},
    terms=_terms,
)
