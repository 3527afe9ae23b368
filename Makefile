# Darkroom. `make run` and `make test` set everything up themselves; a second call does only the work itself.
SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3.12 python3.11 python3 python; do \
	$$each -c '$(SUITABLE)' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKFLOW ?= workflows/text_to_image.json

.PHONY: setup run test lint format types bench-quick bench-executor bench-reading bench-check bench-sampling bench-starter bench-service bench-jobs bench-crash bench-fuzz serve postgres clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Darkroom needs Python 3.11 or 3.12; none was found. Name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: setup
	$(BIN)/darkroom run $(WORKFLOW)

serve: setup
	$(BIN)/python server.py

test: setup postgres lint types
	$(BIN)/python -m pytest

# The tests of a shared queue need PostgreSQL's programs; they start a server of their own in a temporary folder.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update >/dev/null 2>&1 && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends postgresql >/dev/null 2>&1; } || \
		echo "PostgreSQL is not here and could not be installed: the tests that need it will be skipped"

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
	$(BIN)/python -m benchmarks.executor

bench-reading: setup
	$(BIN)/python -m benchmarks.reading

bench-check: setup
	$(BIN)/python -m benchmarks.check_command

bench-sampling: setup
	$(BIN)/python -m benchmarks.sampling

bench-starter: setup
	$(BIN)/python -m benchmarks.starter_quality

bench-service: setup
	$(BIN)/python -m benchmarks.service

bench-jobs: setup
	$(BIN)/python -m benchmarks.job_store

bench-crash: setup
	$(BIN)/python -m benchmarks.crash

bench-fuzz: setup
	$(BIN)/python -m benchmarks.fuzz

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
