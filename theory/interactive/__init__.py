# SPDX-License-Identifier: MIT
"""Proofs one step at a time, with a verdict on each: ``assume``, ``claim`` ... ``by`` ..., ``qed``.

    from theory.interactive import Proof

    proof = Proof("two squares")
    bound = proof.assume(le(x**2 + y**2, 1), "unit disc")
    square = proof.claim(le(0, (x - y) ** 2), "a square").by()
    last = proof.claim(le(2 * x * y, 1), "add them").by({bound: 1, square: 1})
    proof.qed(le(2 * x * y, 1))

Every step shows itself at once: in a notebook as a row with rendered LaTeX, in a terminal as text.  A step
that does not follow raises nothing: its row says UNDECIDED and why, or REFUTED with exact numbers that meet
the hypotheses and make the claim false.  Building on such a step raises ``ProofError``, which names it.

    proof        Proof: numbers the steps, qed, attack, explain
    step         Step: claim, verdict, reason
    applying     from what was written after ``by`` to a rule of the kernel
    rows         steps as text and as Markdown
    counterexamples   exact configurations against a claim

Nothing here is part of what must be believed: only ``theory.kernel`` makes theorems, and ``qed`` compares
what it made with the statement.
"""

from theory.interactive.counterexamples import Attack, attack
from theory.interactive.proof import Proof
from theory.interactive.step import ProofError, Step

__all__ = ["Attack", "Proof", "ProofError", "Step", "attack"]
