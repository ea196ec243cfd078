# SPDX-License-Identifier: MIT
"""Closed forms of the wider literature, re-derived."""
