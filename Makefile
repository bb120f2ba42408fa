# People and CI call the same targets. Each sets up what it needs, in .venv, and does so once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
VENV_ORIGINAL := .venv-original
NO_KERNEL := "No C kernel could be compiled: sodeval computes in numpy, slower, with the same results."
INPUTS := pyproject.toml constraints.txt hatch_build.py evaluation/sodeval/_kernels.c

.NOTPARALLEL:
.PHONY: help setup demo test test-original check docs bench clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: $(VENV)/.dev  ## everything for developing, in .venv

demo: $(VENV)/.demo  ## the whole way on a few photographs, from a dataset to a leaderboard: demo/index.html
	$(BIN)/bdstr demo --out demo

test: setup  ## all tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-original: $(VENV_ORIGINAL)/.made  ## the tests of the extra "original", in .venv-original (5 GB)
	$(VENV_ORIGINAL)/bin/python -m pytest tests/original tests/builders/test_originals.py

check: setup  ## lint, format, types, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers auto
	$(BIN)/lint-imports

docs: $(VENV)/.docs  ## the documentation as pages that open from the disk: site-docs/index.html
	$(BIN)/python docs/pages.py

bench: setup  ## speed, side by side with what people use now: writes docs/performance.md
	$(BIN)/python -m benchmarks.performance

clean:  ## remove what was built and installed
	rm -rf $(VENV) $(VENV_ORIGINAL) dist build site-docs .cache demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f evaluation/sodeval/_kernels.*so evaluation/sodeval/_kernels.*pyd

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); expected Python 3.11 or newer;" \
	       "name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) -m venv failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.demo: $(VENV)/.made $(INPUTS)
	@echo "Installing into $(VENV) ..."
	@$(PIP) -e ".[demo,train]"
	@$(BIN)/python -c "import sodeval._kernels" 2>/dev/null || echo $(NO_KERNEL)
	@touch $@

$(VENV)/.dev: $(VENV)/.made $(INPUTS)
	@echo "Installing the tools for developing into $(VENV) ..."
	@$(PIP) --no-compile -e ".[dev]"
	@$(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib > /dev/null 2>&1 || true  # some files are no Python 3
	@$(BIN)/python -c "import sodeval._kernels" 2>/dev/null || echo $(NO_KERNEL)
	@touch $(VENV)/.demo $@

$(VENV)/.docs: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing what builds the documentation into $(VENV) ..."
	@$(PIP) -e ".[docs]"
	@touch $@

$(VENV_ORIGINAL)/.made: pyproject.toml constraints.txt constraints-original.txt
	@$(PYTHON) -m venv --clear $(VENV_ORIGINAL)
	@echo "Installing the packages of the models' authors into $(VENV_ORIGINAL) ..."
	@$(VENV_ORIGINAL)/bin/python -m pip --disable-pip-version-check install --quiet \
	  -c constraints.txt -c constraints-original.txt -e ".[original]" beartype hypothesis pytest
	@$(VENV_ORIGINAL)/bin/python -W ignore -c "import segment_anything, groundingdino.models"  # else all is skipped
	@touch $@
