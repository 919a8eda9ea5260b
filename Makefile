# The README's commands under short names, and what maintainers need.  All of it works without make.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test lint golden secrets lock bench clean

run:            ## set up, then the main job on seeds/
	$(PYTHON) -m venv .venv && $(BIN)/pip install -q --no-deps -r requirements.lock -e . && $(BIN)/ingest run seeds/ --output clean.jsonl

test:           ## set up, then all tests
	$(PYTHON) -m venv .venv && $(BIN)/pip install -q --no-deps -r requirements-dev.lock -e . && $(BIN)/pytest

lint:           ## style, types, import rules (after make test)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

golden:         ## write tests/cases/*/expected.json anew; review the diff
	$(BIN)/python -m tests.golden

secrets:        ## passwords for docker-compose.yml, once
	sh config/make-secrets.sh

lock:           ## resolve the newest versions in the ranges of pyproject.toml (needs uv)
	uv pip compile -q --upgrade --universal --python-version 3.11 --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile -q --upgrade --universal --python-version 3.11 --no-annotate --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv clean.jsonl .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -exec rm -rf {} +
