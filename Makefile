# make demo   the quickstart on SQLite, from nothing: virtual environment, install, generate, push, run
# make test   the whole test suite
# make check  format, lint, types, generated code up to date
# make help   the rest

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CODE := generator templates runtime tests examples benchmarks

.PHONY: help demo test check format types bench goldens clean

help:
	@sed -n 's/^# //p' Makefile; echo "make format | types | bench | goldens | clean"

$(INSTALLED): pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "infra-gen needs Python 3.11 or later, and \"$(PYTHON)\" is older or not there. Say which to use: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)
	@rm -f examples/quickstart/shop.db*
	$(BIN)/infra-gen generate
	$(BIN)/infra-gen db push
	$(BIN)/python examples/quickstart/main.py
	$(BIN)/python examples/quickstart/main_sync.py

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(INSTALLED)
	$(BIN)/black --check --quiet $(CODE) || { echo "Not formatted: run make format" >&2; exit 1; }
	$(BIN)/ruff check $(CODE)
	$(MAKE) --no-print-directory types
	$(BIN)/infra-gen validate
	$(BIN)/infra-gen format --check
	$(BIN)/infra-gen generate --check
	$(BIN)/infra-gen check examples

types: $(INSTALLED)
	$(BIN)/mypy
	$(BIN)/pyright --level error --pythonpath $(BIN)/python

format: $(INSTALLED)
	$(BIN)/ruff check --quiet --fix $(CODE) || true
	$(BIN)/black --quiet $(CODE)
	$(BIN)/infra-gen format

bench: $(VENV)/.peers
	$(BIN)/python -m benchmarks comparison --write $(ARGS)
	$(BIN)/python -m benchmarks

$(VENV)/.peers: $(INSTALLED) benchmarks/comparison/peers/prisma/package.json
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python -m benchmarks.comparison.peers.prisma
	@touch $@

goldens: $(INSTALLED)
	$(BIN)/python -m pytest --update-goldens -q $(ARGS)

clean:
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
