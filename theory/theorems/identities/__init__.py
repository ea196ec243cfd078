# SPDX-License-Identifier: MIT
"""Exact identities: cross-entropy as a divergence, and what a loss gap is made of."""
