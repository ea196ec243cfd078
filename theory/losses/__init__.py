# SPDX-License-Identifier: MIT
"""Symmetric losses, one a file: the scalar reduction phi(t), its slope and its dual, symbolically."""
