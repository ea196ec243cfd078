# SPDX-License-Identifier: MIT
"""Cut: from G, A |- B and D |- A conclude G, D |- B."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from typing import Any

from theory.expressions import Relation, applied_functions, is_index, sort_of, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.rules.common import same_relation


def infer(premise: Theorem, *lemmas: Theorem) -> Inference:
    """Remove from ``premise`` every hypothesis that one of ``lemmas`` proves."""
    remaining: set[Relation] = set(premise.hypotheses)
    for lemma in lemmas:
        proved = {a for a in remaining if _proves(lemma, a)}
        if not proved:
            raise KernelError(f"{lemma.conclusion} is not a hypothesis of {premise}")
        remaining = (remaining - proved) | lemma.hypotheses
    return Inference(premise.conclusion, frozenset(remaining), "hypothesis proved")


def _proves(lemma: Theorem, hypothesis: Relation) -> bool:
    """Whether the lemma proves the hypothesis, for every value of the indices the hypothesis quantifies.

    Those indices are matched with free indices of the lemma that none of its own hypotheses mentions.
    """
    if _named(lemma.relation) != _named(hypothesis):
        return False  # the comparison of normal forms below takes long
    free = {i for i in lemma.relation.free_symbols if is_index(i)}
    fixed = {i for a in lemma.hypotheses for i in a.free_symbols}
    general = sorted(free - fixed - hypothesis.free_symbols, key=lambda i: i.name)
    for choice in permutations(general, len(hypothesis.over)):
        if any(sort_of(a) != sort_of(b) for a, b in zip(hypothesis.over, choice, strict=True)):
            continue
        renaming = dict(zip(hypothesis.over, choice, strict=True))
        if same_relation(lemma.relation, hypothesis.instance().map(lambda e, r=renaming: substitute(e, r))):  # type: ignore[misc]
            return True
    return False


@lru_cache(maxsize=4096)
def _named(relation: Relation) -> frozenset[Any]:
    """The functions and the symbols other than indices that a relation speaks of."""
    gap = relation.rhs - relation.lhs
    return frozenset(applied_functions(gap)) | {x for x in gap.free_symbols if not is_index(x)}
