# One entry for everything. `make report` and `make test` set the environment up by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help setup report test quick lint bench lab explore schema browser words pyam editor lock clean

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(VENV)/.ready  ## .venv with .venv/bin/forecast, from requirements.lock

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

report: setup    ## the default brief, on real evidence
	$(BIN)/forecast report

test: setup      ## lint, types and all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile -rs

browser: setup   ## tests in a real browser alone; screenshots in reports/runs/browser
	$(BIN)/pytest tests/browser -p no:xdist -rs

quick: setup     ## tests without notebooks and PDF
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

bench: setup     ## speed, measured and printed
	$(BIN)/pytest tests/bench -p no:xdist --benchmark-only --benchmark-columns=min,median,rounds

lab: setup       ## JupyterLab on the notebooks
	$(BIN)/forecast lab

explore: setup   ## the explorer without code cells
	$(BIN)/forecast explore

schema: setup    ## params/schema from the records that check params
	$(BIN)/forecast schema

words: setup     ## gather the texts of pages into every catalogue of forecast/languages
	$(BIN)/python -m forecast.languages.extract

pyam: setup      ## pyam in .venv-pyam, an environment of its own: the test that it reads our files then runs
	$(PYTHON) -m venv .venv-pyam
	$(BIN)/uv pip sync --quiet --python .venv-pyam/bin/python --require-hashes tests/pyam/requirements.lock

editor: setup    ## completion and live errors for YAML in JupyterLab; needs Node (npm)
	npm install --no-audit --no-fund --prefix .editor yaml-language-server@1.25.0
	$(BIN)/uv pip install --quiet --python $(BIN)/python jupyterlab-lsp==5.3.0

lock: setup      ## pin every dependency again
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --output-file requirements.lock
	echo pyam-iamc | $(BIN)/uv pip compile --quiet - --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --output-file tests/pyam/requirements.lock

clean:           ## remove the environment and all runs
	rm -rf $(VENV) .venv-pyam .editor reports/runs
