# SPDX-License-Identifier: MIT
"""One file per command: a docstring whose first line is the help, add_arguments(parser), run(args) -> int."""
