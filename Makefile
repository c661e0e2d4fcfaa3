# Everything from one command; only python3 (3.11 or newer), its venv module and make are needed.
# ARGS is passed on: make test ARGS="-k listener", make demo ARGS="--studies 500"

PYTHON ?= python3
VENV := .venv
WHEELHOUSE ?= wheelhouse
FLASK := $(VENV)/bin/flask --app wsgi
ON_MARIADB := tests/test_audit.py tests/test_mariadb.py tests/test_migrations.py \
    $(addprefix tests/,backup commands exports ingest jobs queries sizes trail web)

# The stamps carry the checksum of what was installed, so a changed pin installs again and nothing else does.
RUNTIME := $(VENV)/.runtime-$(shell cat requirements.txt constraints.txt | cksum | cut -d' ' -f1)
DEVELOPMENT := $(VENV)/.development-$(shell cat requirements.txt requirements-s3.txt requirements-dev.txt constraints.txt | cksum | cut -d' ' -f1)

.PHONY: help run demo test lint test-mariadb bench bench-web bench-export bench-sizes bench-store chaos fuzz hostile \
	simulate audit licences wheelhouse walk

help:  ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: $(RUNTIME)  ## Start everything; Ctrl-C stops it
	@exec $(FLASK) up $(ARGS)

demo: $(RUNTIME)  ## Fill the database with made studies
	@$(FLASK) demo $(ARGS)

test: $(DEVELOPMENT)  ## Run the tests
	@$(VENV)/bin/python -m pytest -n logical --maxprocesses 4 --dist loadfile $(ARGS)

test-mariadb: $(DEVELOPMENT)  ## Run the tests that have a database on MariaDB
	@DATABASES=mariadb $(VENV)/bin/python -m pytest -n logical --maxprocesses 4 --dist loadfile $(or $(ARGS),$(ON_MARIADB))

bench: $(DEVELOPMENT)  ## Measure how fast dose objects become rows
	@$(VENV)/bin/python -m bench $(ARGS)

bench-web: $(DEVELOPMENT)  ## Measure how long pages take with a million studies
	@$(VENV)/bin/python -m bench.web $(ARGS)

bench-export: $(DEVELOPMENT)  ## Measure how fast exports are written
	@$(VENV)/bin/python -m bench.exports $(ARGS)

bench-sizes: $(DEVELOPMENT)  ## Measure how fast heights and weights are imported
	@$(VENV)/bin/python -m bench.sizes $(ARGS)

bench-store: $(DEVELOPMENT)  ## Measure how fast objects come in over the network
	@$(VENV)/bin/python -m bench.store $(ARGS)

simulate: $(DEVELOPMENT)  ## Simulate the queue of a region with measured service times
	@$(VENV)/bin/python -m bench.scale $(ARGS)

chaos: $(DEVELOPMENT)  ## Break a working site on purpose, and see that nothing is lost
	@$(VENV)/bin/python -m chaos $(ARGS)

hostile: $(DEVELOPMENT)  ## Send every hostile value to every parameter of every page
	@HOSTILE=all $(VENV)/bin/python -m pytest -n logical --maxprocesses 4 --dist load tests/web/hostile $(ARGS)

fuzz: $(DEVELOPMENT)  ## Import thousands of damaged objects
	@$(VENV)/bin/python -m tests.fuzz $(ARGS)

lint: $(DEVELOPMENT)  ## Check style, format, types, and what is known to be unsafe
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/bandit --quiet --configfile pyproject.toml --recursive app scp.py worker.py wsgi.py

audit: $(DEVELOPMENT)  ## Ask whether what is installed has known vulnerabilities
	@$(VENV)/bin/python .ci/audit.py

licences: $(DEVELOPMENT)  ## List the licences of what OpenREM needs to run
	@$(VENV)/bin/python -m tests.licences

wheelhouse: | $(VENV)/bin/python  ## Collect what OpenREM needs to run, for a machine without internet
	@$(VENV)/bin/python -m pip wheel --quiet --disable-pip-version-check --wheel-dir $(WHEELHOUSE) -r requirements.txt -r requirements-s3.txt

walk: $(DEVELOPMENT)  ## Do what docs/deploy.md says on a clean Debian (as root, on Linux)
	@$(VENV)/bin/python -m tests.walk $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OpenREM needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
