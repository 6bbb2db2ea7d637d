# What one does with a fresh copy. Each of these sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
INGREDIENTS := pyproject.toml CMakeLists.txt tools/build_backend.py $(shell find native -name '*.cpp' -o -name '*.h')
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SAY_IF_SLOW := $(BIN)/python tools/native_built.py

.PHONY: demo test check sanitize bench

demo: .venv/ready-to-run
	@$(BIN)/pippin demo

test: .venv/ready-to-develop
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

check: .venv/ready-to-develop
	@$(BIN)/python tools/check.py

sanitize:
	@native/tests/run.sh address,undefined
	@native/tests/run.sh thread

bench: .venv/ready-to-develop
	@$(BIN)/python -m benchmarks

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/ready-to-run: $(INGREDIENTS) | .venv/bin/python
	@echo "Setting up .venv (about a minute, and only when something it is made of has changed) ..."
	@$(INSTALL) --editable .
	@$(SAY_IF_SLOW)
	@touch $@

.venv/ready-to-develop: $(INGREDIENTS) | .venv/bin/python
	@echo "Setting up .venv with everything the tests need (a minute or two, and only when something has changed) ..."
	@$(INSTALL) --editable '.[dev]'
	@$(SAY_IF_SLOW)
	@if command -v npm >/dev/null; then npm --prefix web ci --silent; fi
	@touch .venv/ready-to-run $@
