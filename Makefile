# Every target sets itself up: a virtual environment with the locked packages, and this package editable in it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: book paper test lint published bench peer-errors clean

book: $(READY)  ## train on the embedded data, run every notebook, render, print the page's path
	$(BIN)/python notebooks/run.py embedded
	$(BIN)/jupyter-book build build/embedded/book -n -W --keep-going
	@$(BIN)/python notebooks/run.py check build/embedded/book

paper: $(READY)  ## the same at paper scale from the public files, into book/ and models/
	$(BIN)/python notebooks/run.py paper
	$(MAKE) published

published: $(READY)  ## render the published run as it stands in the repository
	$(BIN)/jupyter-book build book/ -n -W --keep-going
	@$(BIN)/python notebooks/run.py check book

test: $(READY) lint  ## style, types, floors and tests
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) build/peer/.ready  ## measure this project beside its peers, for an hour; leave the machine alone
	$(BIN)/python benchmarks/run.py build/peer/bin/python

peer-errors: $(READY) build/peer/.ready  ## train cgcnn2 on the book's splits, for two hours
	$(BIN)/python benchmarks/errors.py build/peer/bin/python

build/peer/.ready: benchmarks/peer-requirements.txt
	$(PYTHON) -m venv build/peer
	build/peer/bin/python -m pip install --quiet --requirement benchmarks/peer-requirements.txt
	touch $@

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11, or name one: make PYTHON=python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf build book/_build $(VENV)
