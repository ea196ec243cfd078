# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho 2020: NC1-NC4 and their theorems."""
