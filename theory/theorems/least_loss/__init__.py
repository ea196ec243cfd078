# SPDX-License-Identifier: MIT
"""The least loss that norms or weight decay allow."""
