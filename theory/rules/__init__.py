# SPDX-License-Identifier: MIT
"""The rules of inference, one a file, each with ``infer(...) -> Inference``; see ``kernel.RULES``."""
