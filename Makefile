# Every target sets itself up: a virtual environment with the locked packages, and this package editable in it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The data of 'make paper': paper is the published run, and full adds the file of the Materials Project's snapshot of 2018.
DATA ?= paper
EXTRAS := paper,parquet,cluster,book,test
# How uv chooses versions within what pyproject.toml allows, for test-lowest and test-newest.
RESOLUTION_lowest := lowest-direct
RESOLUTION_newest := highest
# There, packages may deprecate what others still use. With the locked versions every warning is an error.
PATIENCE := -W default::DeprecationWarning -W default::PendingDeprecationWarning -W default::FutureWarning

.PHONY: help book paper page published browser sphinx test lint pytest coverage trust test-lowest test-newest wheel conda lock bench bench-gpu peer-errors ranges potentials clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(READY)  ## train on the embedded data, run every notebook, render, print the page's path
	$(BIN)/python notebooks/run.py embedded
	$(BIN)/jupyter-book build build/embedded/book -n -W --keep-going
	@$(BIN)/python notebooks/run.py check build/embedded/book

paper: $(READY)  ## the same at paper scale from the public files, into book/ and models/; DATA=full takes more of them
ifeq ($(DATA),full)
	$(BIN)/python notebooks/run.py full
	$(BIN)/jupyter-book build build/full/book -n --keep-going
	@$(BIN)/python notebooks/run.py check build/full/book
else ifeq ($(DATA),paper)
	$(BIN)/python notebooks/run.py paper
	$(BIN)/python benchmarks/card.py  # lists the files that it published
	$(MAKE) published
else
	@echo "error: DATA=$(DATA): give DATA=full, or leave DATA out" >&2; exit 2
endif

page: $(READY)  ## make a page of one notebook: make page NOTEBOOK=mp_coordination PARAMETERS="-p dataset folder"
	@$(BIN)/python notebooks/run.py page $(NOTEBOOK) $(PARAMETERS)

published: $(READY)  ## render the published run as it stands in the repository
	$(BIN)/jupyter-book build book/ -n -W --keep-going
	@$(BIN)/python notebooks/run.py check book

browser: published  ## open every page of the published book in a browser; installs Playwright for it
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[browser]"
	$(BIN)/python -m pytest tests/browser $(OPTIONS)

sphinx: $(READY)  ## render the published run by Sphinx alone, the way out of Jupyter Book 1
	$(BIN)/jupyter-book config sphinx book/
	PYTHONPATH=book/_ext:$$PYTHONPATH $(BIN)/sphinx-build -n -W --keep-going -q book build/sphinx
	@rm book/conf.py
	@echo "the book: $(CURDIR)/build/sphinx/index.html"

test: lint pytest  ## style, types, import contracts and tests

lint: $(READY)  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: $(VENV)/.triton  ## tests alone; make pytest OPTIONS='-m "not slow"' leaves out those of more than ten seconds
	$(BIN)/python -m pytest $(OPTIONS)

coverage: $(VENV)/.triton  ## tests, and the share of the lines of each wing that they run, recorded beside the campaigns
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(OPTIONS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage json --quiet -o build/coverage/lines.json
	$(BIN)/python -m tests.trust.lines build/coverage/lines.json

trust: $(READY)  ## run the campaigns of tests/trust and record what they found, for an hour
	$(BIN)/python -m pytest -m trust $(OPTIONS)

test-lowest: build/lowest/.ready  ## tests with the lowest versions that pyproject.toml allows
	build/lowest/bin/python -m pytest $(PATIENCE) $(OPTIONS)

test-newest: build/newest/.ready  ## tests with the newest versions that pyproject.toml allows
	build/newest/bin/python -m pytest $(PATIENCE) $(OPTIONS)

wheel: $(READY)  ## build a wheel into build/wheel
	rm -rf build/lib  # setuptools would pack files of an earlier build too
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .

conda:  ## follow environment.yml with conda: train there, and run a notebook on the embedded data
	conda env create --quiet --yes --prefix build/conda --file environment.yml
	conda run --prefix build/conda cgcnn train perovskites-embedded --epochs 1 --training-size 50
	conda run --prefix build/conda papermill notebooks/perovskite_elements.ipynb build/conda.ipynb \
		-p epochs 1 -p n_seeds 1 -p results build/conda-results

lock:  ## write requirements.lock and environment.yml anew; UPGRADE="numpy pandas" or UPGRADE=all moves versions
	$(PYTHON) .ci/lock.py $(UPGRADE)

bench: $(READY) build/peer/.ready  ## measure this project beside its peers, for an hour; leave the machine alone
	$(BIN)/python benchmarks/run.py build/peer/bin/python

bench-gpu: $(READY)  ## measure the networks on the GPU of this machine, in minutes
	$(BIN)/python benchmarks/gpu_pack.py build/gpu
	$(BIN)/python benchmarks/gpu.py build/gpu
	cp build/gpu/gpu.json benchmarks/gpu.json

peer-errors: $(READY) build/peer/.ready  ## train cgcnn2 on the book's splits: minutes on a GPU, days on two cores
	$(BIN)/python benchmarks/errors.py all build/peer/bin/python

ranges: $(READY)  ## measure the intervals and the words of the published runs, for half an hour
	$(BIN)/python benchmarks/ranges.py
	$(BIN)/python benchmarks/other_cells.py
	$(BIN)/python benchmarks/missing.py
	$(BIN)/python benchmarks/card.py

potentials: $(READY)  ## let universal potentials read the book's crystals, for half an hour; installs them for it
	$(BIN)/python -m pip install --quiet ".[potentials]"
	$(BIN)/python benchmarks/potentials.py

clean:  ## remove what the targets made, the environments too
	rm -rf build book/_build $(VENV)

build/peer/.ready: benchmarks/peer-requirements.txt
	$(PYTHON) -m venv build/peer
	build/peer/bin/python -m pip install --quiet --requirement benchmarks/peer-requirements.txt
	touch $@

build/lowest/.ready build/newest/.ready: build/%/.ready: pyproject.toml
	$(PYTHON) -m venv build/$*
	build/$*/bin/python -m pip install --quiet uv
	build/$*/bin/uv pip install --quiet --python build/$*/bin/python --resolution $(RESOLUTION_$*) --editable ".[$(EXTRAS)]"
	touch $@

# The tests interpret the kernels of a GPU. Where torch's build for CUDA has brought Triton, pip leaves it as it is.
$(VENV)/.triton: $(READY)
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[gpu-tests]"
	touch $@

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11, or name one: make PYTHON=python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
