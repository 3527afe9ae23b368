# Darkroom. `make run` and `make test` set everything up themselves; a second call does only the work itself.
PYTHON ?= $(shell command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKFLOW ?= workflows/text_to_image.json

.PHONY: setup run test lint format types bench-quick bench-executor bench-reading bench-check bench-sampling bench-starter clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Darkroom needs Python 3.11 or newer, this is " + sys.version'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: setup
	$(BIN)/darkroom run $(WORKFLOW)

test: setup lint types
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup
	$(BIN)/python -m mypy

bench-quick: bench-executor bench-reading bench-check

bench-executor: setup
	$(BIN)/python benchmarks/executor.py

bench-reading: setup
	$(BIN)/python benchmarks/reading.py

bench-check: setup
	$(BIN)/python benchmarks/check_command.py

bench-sampling: setup
	$(BIN)/python benchmarks/sampling.py

bench-starter: setup
	$(BIN)/python benchmarks/starter_quality.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
