# SPDX-License-Identifier: MIT
"""The rules of inference, one a file.  Each has ``infer(*premises, ...) -> Inference``; see ``kernel.RULES``."""
