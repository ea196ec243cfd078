# SPDX-License-Identifier: MIT
"""Soundness testing: can the library be made to say something false?

    mutants      mechanical changes of a statement
    attack       a mutant proved, refuted by an exact witness, or neither; proved and refuted is UNSOUND
    steps        each proof step weakened or left out, by replaying the recorded proof
    hypotheses   each hypothesis dropped: needed (with a counterexample on file), unnecessary, or open
    campaign     all of it for one theorem, and the score

``python -m theory.soundness [NAME ...]`` prints the score.  Nothing here is part of what must be believed,
and nothing here touches the kernel: proofs are recorded on the scripts' side, and every changed step is a
step that the kernel takes or refuses.
"""
