# Forgecast on a machine with Python 3.11 or later, pip and make. `make` alone lists what can be done.
#
# Everything is installed into .venv beside this file; nothing outside this folder is touched.
# Another Python: `make demo PYTHON=python3.12` (after `make clean` if .venv exists).

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --constraint constraints.txt
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test proofs pages lint format texts docs site bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## Install, build a synthetic plant, judge it, write its report into demo/, and play it at work
	@rm -rf demo
	@$(BIN)/forgecast demo demo --live

test: $(VENV)/.test  ## Run the tests that take under ten seconds each
	@$(BIN)/python -m pytest -m "not slow and not pages" -n $(WORKERS) --dist loadfile

proofs: $(VENV)/.test  ## Run the slow tests: crash proofs, large imports, the wheel
	@$(BIN)/python -m pytest -m "slow and not pages" -n $(WORKERS) --dist loadfile

pages: $(VENV)/.test  ## Run the tests of the pages in a browser (needs Chromium)
	@$(BIN)/python -m pytest -m pages -n $(WORKERS) --dist loadfile

lint: $(VENV)/.lint  ## Check style (ruff) and types (mypy --strict)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.lint  ## Put the source into the one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

texts: $(VENV)/.test  ## Bring new sentences into the Chinese catalogue and list those without Chinese
	@$(BIN)/python -m tests.docs.texts --write

docs: $(VENV)/.test  ## Write docs/reference and docs/pictures anew from what the program says now
	@$(BIN)/python -m tests.docs.reference --write
	@$(BIN)/python -m tests.docs.pictures --write
	@$(BIN)/python -m tests.docs.casting_pictures --write
	@$(BIN)/python -m tests.docs.certificate_pictures --write
	@$(BIN)/python -m tests.docs.melting_pictures --write
	@$(BIN)/python -m tests.docs.quality_pictures --write
	@$(BIN)/python -m tests.docs.genealogy_pictures --write
	@$(BIN)/python -m tests.docs.forging_pictures --write

site: $(VENV)/.test  ## Build the documentation as a site into build/site
	@$(BIN)/python -m sphinx -q -c docs/site . build/site
	@echo "build/site/docs/site/index.html"

bench: $(VENV)/.test  ## Measure every claim of the README's performance table
	@for claim in benchmarks/[a-z]*.py; do echo "== $$claim"; $(BIN)/python "$$claim" || exit 1; done

clean:  ## Remove .venv, caches and the demo
	@rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says what is installed; a changed dependency list makes it old.
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Forgecast into $(VENV) …"
	@$(PIP) --editable '.[play]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Forgecast and what its tests need into $(VENV) …"
	@$(PIP) --editable '.[postgres,test]'
	@touch $@

$(VENV)/.lint: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Forgecast, its test libraries, ruff and mypy into $(VENV) …"
	@$(PIP) --editable '.[test,lint]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Forgecast needs Python 3.11 or later, and '$(PYTHON)' is not that. Try: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
