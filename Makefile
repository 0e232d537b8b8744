# Everything a person can do here: `make help`. Nothing needs to be exported or activated first.

SHELL := /bin/sh
.DEFAULT_GOAL := help

MONTH  ?= 2021-05
VENV   := .venv
PY     := $(VENV)/bin/python
KIT    := $(VENV)/bin/merchantkit
PIP    := $(PY) -m pip --disable-pip-version-check --no-input
# The lock is remade with this uv; installing from it needs only pip.
UV     := uv==0.13.9

# A process of tests for each core; `make test PYTEST_ARGS='-n 0 …'` runs them in one.
CORES  := -n auto --dist worksteal

# Interpreters to try for .venv, in this order; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= python3.13 python3.12 python3.11 python3

##@ Use

.PHONY: briefings
briefings: $(VENV)/.ready ## Make the demo month's briefings and print where their index is
	@[ -e "$${MERCHANTKIT_HOME:-.}/merchants.duckdb" ] || $(KIT) demo --month $(MONTH)
	@$(KIT) report $(MONTH)

.PHONY: lab
lab: $(VENV)/.ready ## Open JupyterLab on the notebooks
	$(KIT) lab

.PHONY: notebooks
notebooks: $(VENV)/.ready ## Write notebooks/*.ipynb anew from their .py pairs, with outputs
	$(PY) -m tests.notebooks

.PHONY: sample
sample: $(VENV)/.ready ## Remake reports/sample/: one briefing in zh and en, with a picture
	$(PY) -m tests.sample

##@ Check

.PHONY: test
test: $(VENV)/.ready ## Run everything: unit, slow and browser tests, then nbval over notebooks/
	$(PY) -m pytest $(CORES) $(PYTEST_ARGS)
	$(PY) -m pytest --nbval notebooks/ $(PYTEST_ARGS)

.PHONY: quick
quick: $(VENV)/.ready ## Run the tests that are neither slow nor in a browser
	$(PY) -m pytest $(CORES) -m "not slow and not browser" $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/.ready ## Lint and check the format (ruff) and the direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports

.PHONY: types
types: $(VENV)/.ready ## Check types (mypy, strict on merchantkit/)
	$(PY) -m mypy

.PHONY: bench
bench: $(VENV)/.ready ## Measure briefings a second against plain papermill + nbconvert
	$(PY) -m tests.bench
	$(PY) -m tests.bench.phrases

.PHONY: bench-quick
bench-quick: $(VENV)/.ready ## The same with few merchants, in about a minute
	$(PY) -m tests.bench --quick

.PHONY: bench-scale
bench-scale: $(VENV)/.ready ## Measure ten million orders beside plain SQL, and a cluster on loopback
	$(PY) -m tests.bench.scale
	$(PY) -m tests.bench.cluster

##@ Keep

.PHONY: set-up
set-up: $(VENV)/.ready ## Make .venv with the locked dependencies and the kit (the others do it themselves)

.PHONY: lock
lock: $(VENV)/.ready ## Resolve the dependencies anew into requirements.lock
	$(PIP) install --quiet "$(UV)"
	$(VENV)/bin/uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal \
	  --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --quiet --output-file requirements.lock

.PHONY: clean
clean: ## Remove .venv, caches and built files; facts and reports stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find merchantkit tests notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
	find notebooks -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## List what can be done here
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# --- .venv: one stamp for the locked dependencies, one for the kit itself -------------------

# The lock holds a hash of every file, so nothing else can be installed in its stead. pyc files
# are made by the first import that wants them: that is faster than compiling all of them here.
$(VENV)/.locked: requirements.lock
	@python=; \
	for name in $(PYTHON); do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    lacking=$${lacking:-$$name}; \
	    if "$$name" -c 'import ensurepip, venv' 2>/dev/null; then python=$$name; break; fi; \
	  fi; \
	done; \
	if [ -z "$$python" ] && [ -n "$$lacking" ]; then \
	  echo "$$lacking has no venv module. On Debian: sudo apt-get install python3-venv" >&2; exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed; none of these is one: $(PYTHON)." >&2; \
	  echo "On Debian 12 or newer: sudo apt-get install python3 python3-venv;" >&2; \
	  echo "or name one: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version); this takes about a minute."; \
	"$$python" -m venv --clear $(VENV)
	@$(PIP) install --quiet --no-compile --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/.ready: $(VENV)/.locked pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
