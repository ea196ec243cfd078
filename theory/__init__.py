# SPDX-License-Identifier: MIT
"""Exact mathematics of neural collapse: executable theorems."""
