# SPDX-License-Identifier: MIT
"""Convex programs in CVXPY, one file each: the readable, slower reference for our own solvers."""
