# SPDX-License-Identifier: MIT
"""The theorems, one a file, each with one ``THEOREM``; ``theory.registry`` finds them."""
