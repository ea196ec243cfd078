# SPDX-License-Identifier: MIT
"""The library for readers: mathematics folded back into norms and losses, proofs, LaTeX, HTML, BibTeX.

Nothing here can make a theorem.  ``fold`` writes an expression with the quantities a reader knows and checks
that it stands for exactly the same expression; the rest prints what it returns.
"""
