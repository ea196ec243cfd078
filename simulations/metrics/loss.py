# SPDX-License-Identifier: MIT
"""Cross-entropy and accuracy of the last layer."""

from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _terms(batch: Batch) -> dict:
    correct = batch.decisions == batch.labels
    return {"cross_entropy": batch.losses, "correct": batch.xp.where(correct, 1.0, 0.0 * batch.losses)}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    return {
        "loss": averages.balanced("cross_entropy"),
        "mean_loss": averages.ordinary("cross_entropy"),
        "accuracy": averages.ordinary("correct"),
    }


METRIC = MetricFamily(
    title="Loss",
    order=0,
    quantities=(
        Quantity(
            "loss",
            "E[CE], natural logarithm, class-balanced mean",
            "Pan & Cao 2023, Section 2 (balanced classes)",
            "[0, inf)",
            scale="loss",
        ),
        Quantity("mean_loss", "ordinary mean of CE over samples", "", "[0, inf)", scale="loss"),
        Quantity("accuracy", "fraction of samples with argmax logit = label", "", "[0, 1]"),
    ),
    values=_values,
    widths={"cross_entropy": "1", "correct": "1"},
    terms=_terms,
)
