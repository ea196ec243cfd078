# SPDX-License-Identifier: MIT
"""Side-by-side timings against named alternatives: the same problem, the same tolerance, the same machine.

Ratios are reported, never asserted. One file is one benchmark: a docstring and `run() -> list[Row]`.
"""
