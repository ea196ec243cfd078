# SPDX-License-Identifier: MIT
"""A recorded proof again, with some of its theorems replaced by others."""

from __future__ import annotations

from collections.abc import Mapping

from theory.kernel import Theorem
from theory.soundness.recording import Recorder, nodes


class Broken(Exception):
    """The replayed proof does not go through; the message names the step and the kernel's reason."""


def replay(recorder: Recorder, proof: Theorem, change: Mapping[int, Theorem]) -> Theorem:
    """The end of the proof when the theorems whose ``id`` is a key of ``change`` are replaced.

    Every step that rests on a replaced theorem is made again by the kernel, with the recorded arguments.

    Raises:
        Broken: a step does not follow from the replacements, or was never recorded.
    """
    now = dict(change)
    for number, node in enumerate(nodes(proof), start=1):
        if id(node) in now or not any(id(p) in now for p in node.premises):
            continue
        outcome = _again(recorder, node, now)
        if isinstance(outcome, str):
            raise Broken(f"step {number} ({node.rule}): {outcome}")
        now[id(node)] = outcome
    return now.get(id(proof), proof)


def _again(recorder: Recorder, node: Theorem, now: Mapping[int, Theorem]) -> Theorem | str:
    """One step from replaced premises, or why it fails; remembered, because proofs share their lemmas."""
    key = (id(node), *((id(p), id(now[id(p)])) for p in node.premises if id(p) in now))
    if key not in recorder.replayed:
        call = recorder.call(node)
        try:
            recorder.replayed[key] = "not recorded" if call is None else call.again(now)
        except (TypeError, ValueError) as error:
            recorder.replayed[key] = str(error)
    return recorder.replayed[key]
