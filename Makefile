# SPDX-License-Identifier: MIT
# `make help` lists the targets. Everything runs inside .venv, pinned by constraints.txt.
SHELL := /bin/bash
PYTHON ?= python3
PRESET ?= quick
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One thread per process: the sweeps parallelise over processes.
export OMP_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0

.DEFAULT_GOAL := help
.PHONY: help figures test verify soundness library bench clean setup

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## create .venv and install everything, pinned

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is required, this is " + sys.version.split()[0] + "; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	touch $(READY)

figures: $(READY)  ## train, measure, draw every figure and the report (PRESET=quick|paper)
	$(BIN)/python -m paper_figures --preset $(PRESET)

verify: $(READY)  ## prove or certify every theorem anew, and check the stored certificates with other code
	$(BIN)/python -m theory --no-cache
	$(BIN)/python -m theory.recheck

soundness: $(READY)  ## mutate every theorem and change every proof step (an hour; NAMES="..." for some)
	$(BIN)/python -m theory.soundness $(NAMES)

library: $(READY)  ## the theorems with their proofs as LaTeX, PDF, HTML and BibTeX, in library/
	$(BIN)/python -m theory --output library

test: $(READY)  ## format, lint, types, import rules and every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(READY)  ## side-by-side timings against named alternatives
	$(BIN)/python -m benchmarks

clean:  ## remove figures, records and caches (keeps .venv)
	rm -rf paper_figures/output records library .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
