# Everything sets itself up: `make demo` and `make test` need Python >= 3.11, a C/C++ compiler and the package index.
# llama.cpp and hnswlib compile once (some minutes); pip keeps the wheels, so later environments take seconds.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TORCH  := $(VENV)/.torch
DOCS   := $(VENV)/.docs

# Text only: llama.cpp's image support is half of its build time.
export CMAKE_ARGS ?= -DLLAVA_BUILD=OFF
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.PHONY: help setup torch models demo test lint format bench report soak docs lock clean

help:
	@echo "make demo    set up, fetch the default models, answer from a real encrypted history"
	@echo "make test    set up, fetch the default models, run every test"
	@echo "make lint    format check, lint, strict types, import contracts"
	@echo "make format  apply the format and the safe lint fixes"
	@echo "make bench   run the benchmarks and write benchmarks/results/"
	@echo "make report  draw the kept results as pages and pictures: build/report/ (no model is run)"
	@echo "make soak    inject 10,000 faults into real profiles and judge what is left (FAULTS=n SEED=n)"
	@echo "make docs    write the command reference, and build the documentation's site in build/site"
	@echo "make lock    resolve .ci/requirements.lock anew"
	@echo "make clean   remove the environment and caches (never a profile, never the models)"

setup: $(READY)

$(READY): pyproject.toml .ci/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ondevice needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# Only tests and benchmarks train and convert; elsewhere than on a CPU build, PyTorch is gigabytes.
torch: $(TORCH)

$(TORCH): $(READY) .ci/torch.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r .ci/torch.txt
	@touch $@

models: setup
	@$(BIN)/ondevice-models fetch

demo: models
	$(BIN)/ondevice demo

test: models torch
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: models torch
	$(BIN)/python -m benchmarks

report: setup
	$(BIN)/python -m benchmarks.report

FAULTS ?= 10000
SEED   ?= 1

soak: setup
	$(BIN)/python -m benchmarks.faults --faults $(FAULTS) --seed $(SEED)

# The theme announces its successor at each build; a broken link, a lost page or anchor is an error.
docs: $(DOCS)
	$(BIN)/python docs/generate_cli.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "read it at build/site/index.html, or with its search: $(BIN)/python -m http.server --directory build/site"

$(DOCS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $@

lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --constraint .ci/torch.txt --no-emit-package torch \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file .ci/requirements.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
