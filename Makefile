# `make` alone prints what there is. Everything is installed into .venv, from pinned and hashed
# lists; stamps in it keep a second run from installing again.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Compiled code is kept: without it, each of the many processes that the tests start, and each
# of pytest's workers, would translate all of our sources again.
export PYTHONDONTWRITEBYTECODE :=
OURS := app bench bpmn connectors forms sla tests tools
CODE := $(wildcard $(OURS))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help:  ## Print this help
	@echo "Peygir: an organisation's service requests, run as the processes it draws itself."
	@echo
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*  ## /\1\t/' \
	  | awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'
	@echo
	@echo "Start with 'make run', then open http://127.0.0.1:8000"

# --- Install ---------------------------------------------------------------------------------

$(BIN)/python:
	@PYTHON=$(PYTHON) tools/make-venv $(VENV)

$(VENV)/.peygir: pyproject.toml setup.cfg $(VENV)/.runtime
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt | $(BIN)/python
	@echo "Installing what Peygir needs (once) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(BIN)/python
	@echo "Installing what the tests need (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: install install-dev
install: $(VENV)/.peygir  ## Install Peygir into .venv

install-dev: install $(VENV)/.dev  ## Install what tests and checks need, too

# --- Use -------------------------------------------------------------------------------------

.PHONY: run clean
run: install  ## Start everything, with demo data: database, web, worker and the rest (Ctrl-C stops)
	@exec $(BIN)/peygir run

clean:  ## Remove what was installed and built; data in var/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache frontend/node_modules
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Check -----------------------------------------------------------------------------------

.PHONY: test lint types contracts check bench chaos tck
test: install-dev  ## Run all tests (FAST=1: only the quick ones; ARGS="-k name" picks)
	@tools/need-chromium $(BIN)/python
	@tools/need-dovecot
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q $(if $(FAST),-m "not slow and not browser") $(ARGS)

lint: install-dev  ## Check style and common mistakes (ruff)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check --quiet $(CODE) || \
	  { echo "Not formatted; run: $(BIN)/ruff format $(CODE)"; exit 1; }

types: install-dev  ## Check types (mypy, strict)
	@$(BIN)/mypy

contracts: install-dev  ## Check which room may import which (import-linter)
	@$(BIN)/lint-imports --config setup.cfg --no-cache

check: lint types contracts test  ## Check style, types, contracts and run all tests

bench: install-dev  ## Measure; one JSON line for each figure (ONLY=name measures one)
	@tools/need-dovecot
	@$(BIN)/python -m bench $(ONLY)

chaos: install-dev  ## 500 complaints while everything dies and partners fail (ARGS="--complaints 50 --kills 20")
	@$(BIN)/python -m tests.chaos $(ARGS)

tck: install-dev  ## Run the DMN TCK against our FEEL and decision tables
	@$(BIN)/python -m tests.tck $(ARGS)

# --- Make what is committed ------------------------------------------------------------------

.PHONY: frontend frontend-check lock messages licences feel-reference support lint-rules connectors
frontend:  ## Build app/static/dist from frontend/ (needs node 18 or newer)
	@tools/need-node
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

frontend-check: frontend  ## Build it again and compare with what is committed
	@changed=$$(git status --porcelain -- app/static/dist) && test -z "$$changed" || \
	  { echo "$$changed"; echo "app/static/dist is not what frontend/ builds."; exit 1; }
	@echo "app/static/dist is what frontend/ builds."

lock: install-dev  ## Pin and hash requirements/*.in again (UPGRADE=1: to the newest versions)
	@for list in runtime wssecurity dev; do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    $(if $(UPGRADE),--upgrade) --custom-compile-command "make lock" \
	    requirements/$$list.in -o requirements/$$list.txt || exit 1; done

messages: install-dev  ## Collect the texts of pages for translation, and compile them
	@$(BIN)/python -m tools.messages

feel-reference: install-dev  ## Write docs/feel-reference.md from the built-in functions
	@$(BIN)/python -m tools.feel_reference > docs/feel-reference.md

licences: install-dev  ## Write docs/licences.md from what is installed
	@$(BIN)/python -m tools.licences > docs/licences.md

support: install-dev  ## Write docs/bpmn-support.md and docs/test-cases.schema.json
	@$(BIN)/python -m tools.support > docs/bpmn-support.md
	@$(BIN)/python -m tools.case_schema > docs/test-cases.schema.json

lint-rules: install-dev  ## Write docs/lint.md from the rules of the lint
	@$(BIN)/python -m tools.lint_rules > docs/lint.md

connectors: install-dev  ## Write docs/connectors.md from the kinds of connectors
	@$(BIN)/python -m tools.connectors > docs/connectors.md
