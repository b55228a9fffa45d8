# Every target sets up what it needs, in .venv. PYTHON=/path/to/python3.12 chooses the interpreter.
.PHONY: help test databases lint demo bench bench-stores schema docs test-lowest constraints clean
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
IN_VENV := $(BIN)/python
PIP := $(IN_VENV) -m pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install --constraint constraints.txt

SUPPORTED := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python $(SUPPORTED) && echo $$python && break; done)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

test: lint databases ## everything that CI checks: lint, then the tests
	$(IN_VENV) -m pytest --numprocesses auto --dist worksteal $(PYTEST)

lint: $(VENV)/test ## ruff, mypy and import-linter
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m mypy
	$(BIN)/lint-imports --no-logo

databases: $(IN_VENV) ## PostgreSQL and MariaDB for the tests, where root may install Debian's packages
	@$(IN_VENV) -m tests.databases.install

demo: $(VENV)/package ## onboard examples/spain on a store of its own, and see a region change refused
	@PATH="$(abspath $(BIN)):$$PATH" examples/demo.sh

bench: $(VENV)/bench ## measure aliconf beside check-jsonschema and octoDNS; some minutes
	$(IN_VENV) -m benchmarks.run

bench-stores: $(VENV)/bench $(VENV)/test databases ## measure the connector store on all three databases; some minutes
	$(IN_VENV) -m benchmarks.stores

schema: $(VENV)/package ## write schemas/
	$(BIN)/aliconf schema --write schemas/

docs: $(VENV)/package ## write the pages of docs/ that come from the source
	$(IN_VENV) -m docs.generate
	$(IN_VENV) -m docs.rules_page

test-lowest: $(VENV)-lowest/test databases ## the tests, with the lowest versions that pyproject.toml allows
	$(VENV)-lowest/bin/python -m pytest --numprocesses auto --dist worksteal $(PYTEST)

constraints: $(IN_VENV) ## renew constraints.txt with the newest versions
	rm -rf $(VENV)-newest
	$(IN_VENV) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip --quiet install --editable '.[test,bench]'
	$(VENV)-newest/bin/python -m pip list --format freeze --exclude aliconf --exclude pip \
		--exclude setuptools > constraints.txt
	rm -rf $(VENV)-newest

clean: ## remove everything that make has made
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-newest build dist benchmarks/.work
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(IN_VENV):
	@test -n '$(PYTHON)' && $(PYTHON) $(SUPPORTED) || { \
		echo 'aliconf needs Python 3.11 or later; name one: make PYTHON=/path/to/python3.11' >&2; \
		exit 1; }
	@echo 'Setting up $(VENV), once …'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Stamps: one for each set of packages, renewed when the versions asked for change.
$(VENV)/package: $(IN_VENV) pyproject.toml constraints.txt
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/test: $(IN_VENV) pyproject.toml constraints.txt
	@$(INSTALL) --editable '.[test]'
	@touch $@ $(VENV)/package

$(VENV)/bench: $(IN_VENV) pyproject.toml constraints.txt
	@$(INSTALL) --editable '.[bench]'
	@touch $@ $(VENV)/package

$(VENV)-lowest/test: $(IN_VENV) pyproject.toml .ci/lowest.py
	@$(IN_VENV) -m venv --clear $(VENV)-lowest
	@$(IN_VENV) .ci/lowest.py > $(VENV)-lowest/constraints.txt
	@$(VENV)-lowest/bin/python -m pip --quiet --disable-pip-version-check install \
		--constraint $(VENV)-lowest/constraints.txt --editable '.[test]'
	@touch $@
