# SPDX-License-Identifier: MIT
"""Soundness testing: can the library be made to say something false?

    mutants      mechanical changes of a statement
    attack       a mutant proved, refuted by an exact witness, or neither; proved and refuted is UNSOUND
    steps        each proof step weakened or left out, by replaying the recorded proof
    hypotheses   each hypothesis dropped: needed (a counterexample), domain (no meaning without it),
                 signs, choice or unnecessary (superfluous), or open
    hunt         the search for counterexamples, in generations of configurations
    campaign     all of it for one theorem, and the score
    reports      kept one file a theorem, so that a campaign can be resumed
    unsettled    what the files say of every hypothesis

``python -m theory.soundness [NAME ...]`` prints the score, with ``--output DIR`` resumably; ``--unsettled``
lists the open hypotheses and ``--settle SECONDS --save`` searches for them alone.  Nothing here is part of
what must be believed, and nothing here touches the kernel: proofs are recorded on the scripts' side, and
every changed step is a step that the kernel takes or refuses.
"""
