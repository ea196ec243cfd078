# SPDX-License-Identifier: MIT
"""NeuralCollapse: the numbers of measure() from batches, as a torchmetrics.Metric in two explicit phases.

Half of the metrics compare samples with class means, so the data pass by twice: the first phase sums
features, the second everything that needs the means. Nothing is guessed in between, no d x d matrix is kept.
"""

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.distributed import gather_all_tensors

from simulations import _agreement, comparison, metrics
from simulations.errors import InputError
from simulations.measurement import Measurement, check_means, describe, first_pass, second_pass, swept_pass
from simulations.metrics import _arrays as arrays
from simulations.metrics import _inputs as inputs
from simulations.metrics._statistics import Classifier, FirstSums, Reference

_HOW = "pass all data once (update), call start_second_phase(), pass the same data again, then compute()"


class NeuralCollapse(Metric):
    """Every quantity of ``simulations.measure`` from batches.

        metric = NeuralCollapse(num_classes, feature_dim, weight=head.weight)
        for features, labels in batches: metric.update(features, labels)
        metric.start_second_phase()
        for features, labels in batches: metric.update(features, labels)
        metric.compute()                      # a Measurement

    num_classes C >= 2; feature_dim d; weight (C, d) and bias (C,) or None are copied at construction;
    weight_decay, class_means as for ``measure``; device: where sums are kept, default the weight's (the CPU
    if that has no float64). Sums are float64 whatever ``half()``, ``to(dtype)`` or ``set_dtype`` ask for;
    ``to(device)`` moves them. All state adds up: under torch.distributed both phases reduce over processes
    (call ``start_second_phase`` on every process); elsewhere use ``merge_state``, see there.

    Raises InputError for what ``measure`` rejects, for a phase asked for too early, and by ``compute`` for a
    second pass that saw other features than the first.
    """

    full_state_update = False
    is_differentiable = False
    higher_is_better = None
    seen: Tensor
    terms: Tensor

    def __init__(
        self,
        num_classes: int,
        feature_dim: int,
        *,
        weight: Any,
        bias: Any = None,
        weight_decay: float | None = None,
        class_means: Any = None,
        device: torch.device | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if device is None:
            device = weight.device if isinstance(weight, Tensor) else "cpu"
        place = arrays.float64_device(torch.device(device))
        anchor = torch.zeros(1, dtype=torch.float64, device=place)
        weight, bias = inputs.classifier(weight, bias, reference=anchor)
        if tuple(weight.shape) != (num_classes, feature_dim):
            raise InputError(
                f"weight has shape {tuple(weight.shape)}; required: (num_classes, feature_dim) = "
                f"({num_classes}, {feature_dim})"
            )
        self.num_classes, self.feature_dim = num_classes, feature_dim
        self.weight_decay = inputs.decay(weight_decay)
        self._weight = arrays.to_float64(weight).clone()
        self._bias = None if bias is None else arrays.to_float64(bias).clone()
        self._means = None if class_means is None else arrays.to_float64(check_means(class_means, weight))
        self._device = place
        self._scratch = arrays.Scratch()
        self._first: FirstSums | None = None
        self._reference: Reference | None = None
        for name, shape in self._state_shapes().items():
            default = torch.zeros(shape, dtype=torch.float64, device=place)
            self.add_state(name, default=default, dist_reduce_fx="sum")

    def _state_shapes(self) -> dict[str, tuple[int, ...]]:
        C, d = self.num_classes, self.feature_dim
        again = {"seen": (C,), "features_again": (C, d), "squares_again": (C,)}
        second = {"terms": (C, sum(metrics.state_widths(C, d).values()))}
        return {"counts": (C,), "features": (C, d), "squares": (C,), **again, **second}

    @property
    def phase(self) -> int:
        """1 while class means are summed, 2 while everything else is."""
        return 1 if self._first is None else 2

    def update(self, features: Tensor, labels: Tensor) -> None:
        """Add one batch: features (n, d) of any float dtype and device, labels (n,) integers 0..C-1."""
        features = arrays.like(inputs.unread("features", features), arrays.native(self._weight))
        features, labels = inputs.samples(
            features, labels, classes=self.num_classes, dimension=self.feature_dim
        )
        first: FirstSums | None
        if arrays.is_tensor(features):  # streams of a GPU must not share memory: no scratch
            first = first_pass(features, labels, self.num_classes)
            sums = {} if self._first is None else second_pass(features, labels, self._known())
        elif self._first is None:
            first, sums = first_pass(features, labels, self.num_classes, self._scratch, many=True), {}
        else:
            sums, first = swept_pass(features, labels, self._known(), scratch=self._scratch, again=True)
        assert first is not None
        names = FirstSums._fields if self._first is None else ("seen", "features_again", "squares_again")
        added = dict(zip(names, first, strict=True))
        if sums:
            widths = metrics.state_widths(self.num_classes, self.feature_dim)
            added["terms"] = arrays.namespace(first.counts).concatenate([sums[name] for name in widths], 1)
        for name, value in added.items():
            state = arrays.native(getattr(self, name))
            state += self._tensor(value) if arrays.is_tensor(state) else value

    def _tensor(self, value: Any) -> Tensor:
        """Sums of a batch as a state keeps them."""
        tensor: Tensor = arrays.like(value, self._weight)
        return tensor

    def start_second_phase(self) -> None:
        """Fix the class means from what was passed so far, over all processes, and begin the second pass.

        Raises InputError if a class has no sample yet, if the second phase has begun, or if a process
        measures another classifier than process 0: then all raise, so that none waits for the others.
        """
        if self.phase == 2:
            raise InputError("start_second_phase was called twice; reset() begins a new measurement")
        self._require_one_classifier()
        self.sync(dist_sync_fn=self.dist_sync_fn, process_group=self.process_group)
        try:
            first = FirstSums(*(getattr(self, name).clone() for name in FirstSums._fields))
        finally:
            if self._is_synced:
                self.unsync()
        inputs.present(first.counts)
        self._enter(first)

    def _enter(self, first: FirstSums) -> None:
        """Begin the second phase with these totals; the local sums of the first are not read again."""
        self._first, self._reference = first, None
        self._known()
        # A process without samples takes part too: torchmetrics must not warn that it was not updated.
        self._update_count = max(self._update_count, 1)

    def _require_one_classifier(self) -> None:
        """Under torch.distributed, compare the classifiers of all processes before any sum is exchanged."""
        if self.distributed_available_fn and self.distributed_available_fn():
            gather = self.dist_sync_fn or gather_all_tensors
            mine = _agreement.fingerprint(self.weight_decay, self._fixed(), self._device)
            _agreement.one_classifier(gather(mine, group=self.process_group))

    def _known(self) -> Reference:
        if self._first is None:
            raise InputError(f"class means are not known yet: {_HOW}")
        if self._reference is None:
            self._reference = self._measured(self._first)
        return self._reference

    def _measured(self, first: FirstSums) -> Reference:
        """What the second pass measures against, in the library that does."""
        weight, bias, means = (None if x is None else arrays.native(x) for x in self._fixed())
        totals = FirstSums(*(arrays.native(total) for total in first))
        return Reference(totals, Classifier(weight, bias), weight_decay=self.weight_decay, ncc_means=means)

    def first_phase(self) -> dict[str, Any]:
        """What the first pass alone determines, at any time once every class was seen.

        class_means (C, d), global_mean (d,), feature_norm, weight_norm, T, minimum_loss. Under
        torch.distributed: of this process before ``start_second_phase``, of all after it. Asked for a
        quantity of the second phase, the dictionary raises InputError with what to do.
        """
        from theory import scalars

        first = self._first or FirstSums(*(getattr(self, name) for name in FirstSums._fields))
        inputs.present(first.counts)
        reference = self._reference or self._measured(first)
        known = {
            "class_means": self._tensor(reference.means),
            "global_mean": self._tensor(reference.global_mean),
            "feature_norm": reference.alpha,
            "weight_norm": reference.classifier.beta,
            "T": reference.T,
            "minimum_loss": float(scalars.phi(reference.T, reference.C)),
        }
        return _FirstPhase(known)

    def compute(self) -> Measurement:
        """The Measurement of all batches. Raises InputError unless both phases saw the same data."""
        if self._first is None:
            raise InputError(f"the second phase has not begun: {_HOW}; first_phase() gives what is known")
        reference = self._known()
        again = FirstSums(self.seen, self.features_again, self.squares_again)
        _agreement.same_data(self._first, again, reference.alpha)
        widths = metrics.state_widths(reference.C, reference.d)
        columns = arrays.native(self.terms).T
        sums, end = {}, 0
        for name, width in widths.items():
            sums[name] = columns[end : end + width].T
            end += width
        values = {**describe(reference), **metrics.values(sums, reference)}
        return Measurement(values, comparison.guarantees(values))

    def forward(self, *args: Any, **kwargs: Any) -> None:
        """Same as ``update``: one batch alone has no collapse metrics, so nothing is returned."""
        self.update(*args, **kwargs)

    def merge_state(self, incoming_state: "dict[str, Any] | Metric") -> None:
        """Add the sums of another NeuralCollapse for the same classifier, which saw other samples.

        Both must be in the same phase. In the first, merge everyone into one metric, start its second phase
        and hand the class means out with ``other.adopt_means(metric)``; in the second, merge everyone into
        one and compute. Raises InputError for a different phase, classifier or class means.
        """
        other = incoming_state
        if not isinstance(other, NeuralCollapse):
            raise InputError(f"merge_state needs another NeuralCollapse; received {type(other).__name__}")
        self._require_same_classifier(other)
        if other.phase != self.phase:
            raise InputError(f"cannot merge phase {other.phase} into phase {self.phase}: {_HOW}")
        # Both are in the same phase: without means yet, or with means that must be the same.
        if not _agreement.equal(self._first or (), other._first or ()):
            raise InputError(
                "the two metrics measure against different class means; merge the first phases into one "
                "metric, start its second phase, and call adopt_means(that metric) on every other"
            )
        for name in self._state_shapes():
            setattr(self, name, getattr(self, name) + getattr(other, name).to(self._device))
        self._computed = None
        self._update_count += other._update_count

    def adopt_means(self, other: "NeuralCollapse") -> None:
        """Begin the second phase with the class means of ``other``, which is in its second phase already."""
        self._require_same_classifier(other)
        if other._first is None or self.phase == 2:
            raise InputError(
                "adopt_means needs this metric in phase 1 and the other in phase 2; they are in "
                f"{self.phase} and {other.phase}"
            )
        self._enter(FirstSums(*(total.to(self._device) for total in other._first)))

    def _require_same_classifier(self, other: "NeuralCollapse") -> None:
        if self.weight_decay != other.weight_decay or not _agreement.equal(self._fixed(), other._fixed()):
            raise InputError("the two metrics have different classifiers or weight decay; sums do not add up")

    def _fixed(self) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        return self._weight, self._bias, self._means

    def reset(self) -> None:
        """Forget all samples and return to the first phase; the classifier stays."""
        super().reset()
        self._first = self._reference = None

    def set_dtype(self, dst_type: str | torch.dtype) -> "NeuralCollapse":
        """Does nothing: sums stay in float64, because lower precision would drown nearly collapsed values."""
        return self

    def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> "NeuralCollapse":
        """Follow moves between devices, ignore changes of dtype. (torch.nn.Module calls this in to() etc.)"""
        asked = fn(torch.zeros(1, dtype=torch.float32, device=self._device)).device
        self._device = arrays.float64_device(asked)
        for name, shape in self._state_shapes().items():
            setattr(self, name, getattr(self, name).to(self._device))
            self._defaults[name] = torch.zeros(shape, dtype=torch.float64, device=self._device)
        self._weight = self._weight.to(self._device)
        self._bias = None if self._bias is None else self._bias.to(self._device)
        self._means = None if self._means is None else self._means.to(self._device)
        if self._first is not None:
            self._first = FirstSums(*(total.to(self._device) for total in self._first))
        self._reference = self._computed = None
        return self


class _FirstPhase(dict[str, Any]):
    """What ``first_phase`` returns; a quantity of the second phase is answered with what to do."""

    def __missing__(self, name: str) -> Any:
        if name in metrics.quantities():
            raise InputError(f"{name} needs the second phase: {_HOW}")
        raise KeyError(name)
