# make demo    a plain program, analysed, rewritten, run on the embedded runtime, compared with the original
# make test    what CI runs: ruff, mypy --strict, the layers, pytest
# Each makes .venv if there is none, and installs into it only when pyproject.toml changed, or what is compiled.

VENV   ?= .venv
PYTHON ?= $(shell .ci/pythons | head -n 1)
BIN    := $(VENV)/bin
READY  := $(VENV)/.faasify-installed
TESTS  ?= tests

.PHONY: demo test test-all mutants bench paper lint pytest install rie clean

demo: $(READY)
	@$(BIN)/python examples/demo.py

test: lint pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: $(READY)
	$(BIN)/python -m pytest -q -n 2 $(TESTS)

test-all:
	@set -e; for python in $$(.ci/pythons); do \
	    version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "== Python $$version ($$python)"; \
	    $(MAKE) --no-print-directory pytest VENV=.venvs/$$version PYTHON=$$python; \
	done

mutants: $(READY)
	$(BIN)/python -m tests.mutants -o paper/results/mutants.json
	$(BIN)/python paper/render.py

bench: $(READY)
	$(BIN)/python paper/bench/bench.py --busy -o paper/results/bench.json
	$(BIN)/python paper/render.py

paper: $(READY)
	$(BIN)/python paper/render.py

install: $(READY)

# AWS's own runtime client and emulator, which tests/test_fidelity.py holds the handlers against. They have many dependencies: kept apart.
RIE := .venvs/rie

rie:
	test -x $(RIE)/bin/python || $(PYTHON) -m venv $(RIE)
	$(RIE)/bin/python -m pip install --quiet --disable-pip-version-check awslambdaric aws-sam-cli

$(READY): pyproject.toml hatch_build.py faasify/runtime/unit/_integers.c
	@test -n "$(PYTHON)" || { echo "faasify: needs Python 3.11, 3.12 or 3.13 (with venv); none was found: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .venvs build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis faasify/runtime/unit/*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
