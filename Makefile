.DEFAULT_GOAL := help
.PHONY: help env env-dev ingest demonstration reports test lint lab bench lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the reports need (a minute or two, once) ..."
	@test -e $(VENV)/dev.stamp || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the tests and JupyterLab need (a few minutes, once) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

env: $(VENV)/run.stamp ## Create the environment for the reports from the lock

env-dev: $(VENV)/dev.stamp ## Create the environment for tests and JupyterLab from the lock

ingest: env ## Bring the sample data into the warehouse
	@$(BIN)/analytics ingest parameters/sources/*.yaml

demonstration: ingest ## Release the demonstration of a research package, where there is none
	@$(BIN)/analytics dataset demonstrate parameters/datasets/requests/ou-students-demonstration.yaml

reports: demonstration ## Set everything up and publish every due report to outputs/site
	@$(BIN)/analytics run --due

test: env-dev ## Set everything up and run every check and test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest

lint: env-dev ## Format and lint the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lab: env-dev ## Open JupyterLab on the first exploration notebook
	@$(BIN)/jupyter lab notebooks/explore/01_first_look.ipynb

bench: env-dev ## Measure cost side by side with named peers
	@$(BIN)/python -m benchmarks

lock: ## Resolve the locks again (needs uv)
	@printf 'hatchling\neditables\n' | uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o requirements.lock
	@printf 'hatchling\neditables\n' | uv pip compile pyproject.toml - --all-extras -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o requirements-dev.lock

clean: ## Remove everything that can be made again, published reports included
	@rm -rf outputs/runs outputs/site outputs/warehouse outputs/datasets .pytest_cache .mypy_cache .ruff_cache
