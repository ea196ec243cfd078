# SPDX-License-Identifier: MIT
"""Pan & Cao 2023: their statements, their route, and what our bounds imply of them."""
