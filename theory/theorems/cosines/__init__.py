# SPDX-License-Identifier: MIT
"""Cosines within a class, and of a sample with its classifier row."""
