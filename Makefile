# `make demo` and `make test` set up everything they need in .venv and do their job.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test coverage campaign mutation lint types docs claims bench lock wheel clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV): this takes about a minute, once"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@

demo: $(READY)  ## the main job: simulations, an adversary's campaign, a game, some claims; files under out/
	$(BIN)/ttkem simulate --max-scale 9 --out out
	$(BIN)/ttkem simulate --demo-trace --real --out out
	$(BIN)/ttkem attack --budget 30000 --out out
	$(BIN)/ttkem agree game cycle:4 --prover random --seed 1 --audit --out out
	$(BIN)/ttkem verify path-3 crashes cycles safe-not-derivable --show

test: $(READY)  ## the tests a newcomer runs: every part and every layer, in a few minutes
	$(BIN)/python -m pytest -n $(JOBS)

coverage: $(READY)  ## the thorough tests too, with branch coverage of the libraries (100 %)
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" --cov --cov-report=term

campaign: $(READY)  ## the slow campaigns in full
	$(BIN)/python -m pytest -n $(JOBS) -m slow

mutation: $(READY)  ## every change to trusted code must be noticed by a test
	$(BIN)/python -m pytest -n $(JOBS) -m "slow or not slow" tests/quality -k mutated

lint: $(READY)  ## style, formatting, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)  ## mypy: the libraries strictly, and what is not annotated in the tests
	$(BIN)/mypy

docs: $(READY)  ## the documentation, under docs/_build
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

claims: $(READY)  ## check all claims and write their tables anew, into docs/claims.md
	$(BIN)/ttkem verify --out docs
	$(BIN)/python docs/claims_table.py

bench: $(READY)  ## benchmarks, as ratios within one run
	$(BIN)/python -m pytest benchmarks/bench_*.py -o python_files="bench_*.py" -q -s --benchmark-columns=median,iqr,rounds

wheel: $(READY)  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps -w dist .

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
lock: $(READY)  ## pin the newest dependencies anew, hashes and all
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --upgrade --extra dev --extra plot -o requirements/dev.lock pyproject.toml
	sed -n 's/^\([^ #][^ ]*==[^\\]*[^ \\]\) *\\*$$/\1/p' requirements/dev.lock | sed 's/\[[a-z,]*\]==/==/' > $(VENV)/pinned.txt
	$(COMPILE) -c $(VENV)/pinned.txt -o requirements/runtime.lock pyproject.toml
	$(COMPILE) -c $(VENV)/pinned.txt -o requirements/peers.lock requirements/peers.in
	cd requirements/npm && npm install --package-lock-only --no-audit --no-fund --legacy-peer-deps \
		--omit-lockfile-registry-resolved

clean:  ## remove what was set up and built
	rm -rf $(VENV) build dist out docs/_build .coverage .pytest_cache .mypy_cache .ruff_cache
