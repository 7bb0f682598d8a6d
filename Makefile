# Everything a fresh machine needs is a target here; `make` alone lists them.
# The work is done by small scripts in tools/, each readable alone. All paths are relative: a clone may lie anywhere.

PYTHON := .venv/bin/python
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test test-full test-tools bench lint format lock licences web-test wheel clean
.NOTPARALLEL:

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | while IFS='|' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

run: .venv/.installed-run ## install, build the web app, start on 127.0.0.1 and write a sample note
	@.venv/bin/auscult up

test: .venv/.installed-dev test-tools lint web-test ## everything CI checks, in less than 25 minutes on 2 cores
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not full"

test-full: .venv/.installed-dev test-tools lint web-test ## every kill point, size and soak; writes docs/test-report.md
	@mkdir -p artefacts
	@status=0; $(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --junitxml=artefacts/junit.xml || status=$$?; \
		$(PYTHON) tools/test_report.py artefacts/junit.xml docs/test-report.md || status=$$?; exit $$status

test-tools: ## install what the tests need from the system: Chromium, PostgreSQL, Mosquitto, Redis, Devanagari fonts
	@sh tools/test_tools.sh

bench: .venv/.installed-dev test-tools ## measure, and print each figure beside its baseline
	@$(PYTHON) -m bench

lint: .venv/.installed-dev ## style, types, the arrows of the architecture, licences
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -m mypy tools
	@.venv/bin/lint-imports --no-logo
	@$(PYTHON) tools/licences.py --quiet

format: .venv/.installed-dev ## put the code into the one style
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

web-test: .venv/.installed-dev
	@$(PYTHON) tools/web.py

wheel: .venv/.installed-run ## build a wheel that has the web app in it, into artefacts/
	@$(PYTHON) -c 'from auscult.web_build import ensure_built; ensure_built(print)'
	@"$$(sh tools/uv.sh)" build --quiet --wheel --out-dir artefacts

licences: .venv/.installed-run ## list the licence of every runtime package; stop at one that is not permitted
	@$(PYTHON) tools/licences.py

lock: .venv/.installed-dev ## pin every version again after a change of pyproject.toml (UPGRADE=1: to the newest)
	@$(PYTHON) tools/lock.py $(if $(UPGRADE),--upgrade)

clean: ## remove what was installed and built, never data
	rm -rf .venv .tools .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis artefacts web/dist web/node_modules

.venv/.installed-run: requirements.lock requirements-uv.lock pyproject.toml tools/install.sh
	@sh tools/install.sh run

.venv/.installed-dev: requirements-dev.lock requirements-uv.lock pyproject.toml tools/install.sh
	@sh tools/install.sh dev
