# Two commands do everything on a machine that has Python 3.11: `make run` and `make test`.
# `make reliability` is the long form of some of the tests: minutes of crowds and mishaps.
# `make bench` measures how fast it is, beside others, in about a quarter of an hour.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: run test reliability bench clean

# `exec`, so that a signal to make reaches what serves.
run: .venv/serves
	@PORT=$(PORT) exec deploy/run

test: .venv/tests
	@tests/run

reliability: .venv/tests
	@$(BIN)/python -m reliability all

bench: .venv/measures
	@$(BIN)/python -m bench

clean:
	rm -rf .venv data staticfiles .*_cache .hypothesis

# A stamp each, so that the second time takes no time.
.venv/serves: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Evently runs on"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests: requirements-dev.txt requirements-extras.txt .venv/serves
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/measures: requirements-bench.txt .venv/tests
	@echo "Installing what Evently is measured beside"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@
