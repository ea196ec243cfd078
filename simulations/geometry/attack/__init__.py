# SPDX-License-Identifier: MIT
"""Attacks on the bounds: the configuration that comes closest to breaking one."""
