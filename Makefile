# Needs make and Python >= 3.11, nothing else. `make` alone prints what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# Written last, so that an installation that was interrupted is taken up again.
READY := .venv/.ready
# An interpreter of your own choice: make PYTHON=/path/to/python
PYTHON ?=
WORKERS ?= 2

.PHONY: help environment report readme study recompute lab test lint clean

help:  ## Print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS=$$'\t' read -r name text; do \
	    printf 'make %-12s %s\n' "$$name" "$$text"; done

environment: $(READY)  ## Make .venv with the pinned versions, if it is not there or out of date

report: $(READY)  ## Check the claims, draw the figures, write build/report/index.html (FULL=1: at full size)
	$(BIN)/kdtheory report $(if $(filter 1 yes true,$(FULL)),--full)

readme: report  ## Write the table of claims in README.md from the evidence of this report
	$(BIN)/python -m kdtheory.report.readme README.md

study: $(READY)  ## Run the registered studies on two processes; finished units are kept (ARGS=name runs one)
	$(BIN)/kdtheory experiments run $(or $(ARGS),--all) --jobs $(WORKERS)

lab: $(READY)  ## Open a demonstration in the browser: NAME=eigenspace, gradient_denoising or break_the_theorem
	$(BIN)/kdtheory lab $(if $(NAME),$(NAME) --open $(ARGS))

test: $(READY)  ## Run the tests on two workers (HYPOTHESIS_PROFILE=dev, ci or deep; WORKERS=n; ARGS='tests/unit -k name')
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

recompute: $(READY)  ## Compute one seed of every study again, and compare it with what is committed
	$(BIN)/python -m pytest -n $(WORKERS) -m recomputed tests/unit/experiments/test_studies.py

lint: $(READY)  ## Check style, format, types and the order of the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

clean:  ## Remove what was built and cached (.venv stays)
	rm -rf build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# A candidate is run, not only looked up: a shim of a version manager may be on the path with nothing behind it.
define find_python
for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
    if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
        echo "$$candidate"; exit 0; \
    fi; \
done; \
echo 'kdtheory needs Python >= 3.11 with the venv module, and found none: install one, or name it with make PYTHON=/path/to/python' >&2; \
exit 1
endef

# PyTorch comes first, by its exact version: pip then prefers a CPU wheel that is already on this machine to a larger one elsewhere.
# Hatchling comes with it, so that the build of kdtheory itself is pinned too.
$(READY): constraints.txt pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    python=$$($(find_python)); \
	    echo "making .venv with $$("$$python" --version)"; \
	    "$$python" -m venv --clear .venv; \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0 hatchling
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[networks,lab,test]'
	@touch $@
