# Everything sets itself up: `make demo` and `make test` need Python >= 3.11, a C/C++ compiler and the package index.
# llama.cpp compiles once (some minutes), for the tests hnswlib too; pip keeps the wheels, so later environments take
# seconds. `make demo PREBUILT=1` compiles nothing: it takes a finished llama.cpp.
# What is set up already is not looked at again, see tools/set_up.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SET_UP := $(PYTHON) -m tools.set_up --venv $(VENV)
DEMO   := $(if $(PREBUILT),prebuilt,demo)

# Text only: llama.cpp's image support is half of its build time. Without Intel's tiles (AMX): GCC before 13 compiles
# them wrongly, and the process ends with an illegal instruction.
NO_TILES := -U__AMX_INT8__
export CMAKE_ARGS ?= -DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS=$(NO_TILES) -DCMAKE_CXX_FLAGS=$(NO_TILES)
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.PHONY: help setup torch models demo test test-prebuilt lint format bench report soak docs lock wheels release clean

help:
	@echo "make demo    set up what it needs, fetch the default models, answer from a real encrypted history;"
	@echo "             with PREBUILT=1 by a finished llama.cpp, and without a compiler"
	@echo "make test    set up all the rest, run every test"
	@echo "make test-prebuilt   run the language model's tests again, on the finished llama.cpp"
	@echo "make lint    format check, lint, strict types, import contracts"
	@echo "make format  apply the format and the safe lint fixes"
	@echo "make bench   run the benchmarks and write benchmarks/results/"
	@echo "make report  draw the kept results as pages and pictures: build/report/ (no model is run)"
	@echo "make soak    inject 10,000 faults into real profiles and judge what is left (FAULTS=n SEED=n)"
	@echo "make docs    write the command reference, and build the documentation's site in build/site"
	@echo "make lock    resolve the files of pinned packages in .ci anew"
	@echo "make wheels  ask the package index which systems can install everything without a compiler"
	@echo "make release build both distributions into dist/, check them, and try them in an environment of their own"
	@echo "make clean   remove the environment and caches (never a profile, never the models)"

setup:
	@$(SET_UP) dev

# Only tests and benchmarks train and convert; elsewhere than on a CPU build, PyTorch is gigabytes.
torch:
	@$(SET_UP) dev torch

models:
	@$(SET_UP) $(DEMO) models

demo:
	@$(SET_UP) --then "the demonstration" $(DEMO) models
	@$(BIN)/ondevice demo

test:
	@$(SET_UP) --then "the tests" dev torch models
	$(BIN)/python -m pytest

# One test compares with the compiled package's own Python, which the finished one has not.
test-prebuilt:
	@$(SET_UP) --then "the tests" dev torch models
	ONDEVICE_LLAMA=prebuilt $(BIN)/python -m pytest tests/ondevice/generation tests/ondevice/adaptation \
		tests/export/conversion/gguf tests/export/models \
		--deselect tests/ondevice/generation/test_default_model.py::test_greedy_text_is_that_of_the_reference_binding

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench:
	@$(SET_UP) --then "the benchmarks" dev torch models
	$(BIN)/python -m benchmarks

report: setup
	$(BIN)/python -m benchmarks.report

FAULTS ?= 10000
SEED   ?= 1

soak: setup
	$(BIN)/python -m benchmarks.faults --faults $(FAULTS) --seed $(SEED)

# The theme announces its successor at each build; a broken link, a lost page or anchor is an error.
docs: setup
	$(BIN)/python docs/generate_cli.py
	$(BIN)/python docs/generate_audit_codes.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "read it at build/site/index.html, or with its search: $(BIN)/python -m http.server --directory build/site"

# The demonstration's packages are some of the others, in the same versions.
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml export/pyproject.toml ondevice_integrations/pyproject.toml \
	--no-emit-package ondevice-sdk --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --extra dev --extra train --extra ray --extra mcp --extra server --constraint .ci/torch.txt --no-emit-package torch --output-file .ci/requirements.lock
	$(COMPILE) --extra compiled --constraint .ci/requirements.lock --output-file .ci/demo.lock
	$(COMPILE) --extra prebuilt --constraint .ci/requirements.lock --output-file .ci/prebuilt.lock

wheels: setup
	$(BIN)/python -m tools.wheels

release: setup
	$(BIN)/python -m pip install --quiet build twine
	$(BIN)/python -m tools.release

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
