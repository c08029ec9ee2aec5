# One command each: `make demo` shows the agent at work, `make test` proves it. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test laws fuzz fuzz-follow lint types format goldens docs check bench bench-delivery bench-follow lab clean

demo: $(READY)  ## the real agent on a log that is being written, rotated, and killed in the middle
	@$(BIN)/python -m demo

test: $(READY)  ## all tests
	$(BIN)/pytest

laws: $(READY)  ## what holds of every log, tried at each line and byte of every case: some minutes
	WMTLS_LAWS=all $(BIN)/pytest tests/laws

SECONDS ?= 60
FUZZ = $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["fuzz"])'

fuzz: $(READY)  ## coverage-guided fuzzing of each dialect and of framing, SECONDS (60) for each
	$(FUZZ) | xargs $(BIN)/pip install --quiet --disable-pip-version-check
	for target in jsse jsse_legacy ibm iaik framing; do $(BIN)/python -m tests.fuzz $$target --seconds $(SECONDS) || exit 1; done

SCHEDULES ?= 10000

fuzz-follow: $(READY)  ## random schedules of rolls, truncations, kills and looks against an exact account: some minutes
	$(BIN)/python -m tests.schedules --schedules $(SCHEDULES)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

check: lint types test

goldens: $(READY)  ## tests/formats/golden, made anew: read the difference before it is committed
	WMTLS_GOLDENS=write $(BIN)/pytest -q tests/formats/test_goldens.py

docs: $(READY)  ## docs/diagnoses.md, made from the catalogue
	$(BIN)/python -c 'from agent.knowledge import reference; print(reference.page(), end="")' > docs/diagnoses.md

bench: $(READY)  ## MB/s of `explain` beside grep and mtail, and memory against bytes of hostile logs
	$(BIN)/python bench/explain.py
	$(BIN)/python -m bench.growth --megabytes 8

bench-delivery: $(READY)  ## what reaches a receiver: how soon, whether all of it through kills and chaos, at what cost
	$(BIN)/python -m bench.delivery

bench-follow: $(READY)  ## what following costs and that it loses nothing: schedules, kills, latency, idle CPU; some minutes
	$(BIN)/python -m bench.follow

lab: $(READY)  ## real handshakes by the Java installations that are here, under the real wrapper, labelled and scored
	rm -rf build/lab
	$(BIN)/python -m tests.lab make build/lab --size small
	$(BIN)/python -m tests.lab score build/lab

# The group `dev` of pyproject.toml, for pip versions that do not read groups (Debian 12's is one).
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --editable . --requirement $(VENV)/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
