# Two commands do everything: make build, make test. While you work: make quick. make help lists the rest.

RAW := $(or $(RAW),$(HEALTH_RAW),data/raw)
DB := $(or $(DB),$(HEALTH_DB),warehouse/customer_health.duckdb)
SEEDS := $(or $(SEEDS),$(HEALTH_SEEDS),seeds)
DBT_FLAGS ?=
PYTEST_FLAGS ?=
VALIDATE_FLAGS ?=
AUDIT_FLAGS ?=
BENCH_FLAGS ?=
DEMO_FLAGS ?=
PYTHON ?=

# dbt is given an absolute path, so that views over the raw files work from any folder. The word none is
# no path: the raw tables are in the database already, and HEALTH_SOURCES names them.
absolute = $(if $(filter /% none,$(1)),$(1),$(CURDIR)/$(1))
export HEALTH_RAW := $(call absolute,$(RAW))
export HEALTH_DB := $(DB)
export HEALTH_SEEDS := $(SEEDS)

# Nobody's ~/.dbt is read, and nothing is sent anywhere.
export DBT_PROJECT_DIR := $(CURDIR)
export DBT_PROFILES_DIR := $(CURDIR)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

BIN := .venv/bin
UV_VERSION := 0.13.9
DEMO_RAW := $(CURDIR)/data/raw
# The raw tables of HEALTH_RAW: files, and folders that hold files however deep, as many tools write them.
raw_tables = cd "$$HEALTH_RAW" 2>/dev/null && find -L . -name '*.parquet' -type f | cut -d / -f 2 \
	| sed 's/[.]parquet$$//' | sort -u | paste -s -d , -
# The demo has enough leavers for a verdict, and is scored each Sunday, which is a seventh of the rows. Your own
# company is scored each day, unless HEALTH_SCORE_CADENCE says otherwise.
is_demo = [ "$$HEALTH_RAW" = "$(DEMO_RAW)" ] && [ -f "$(DEMO_RAW)/manifest.json" ]
SQL_FOLDERS = $(wildcard models tests analyses snapshots)
LINTED ?= $(SQL_FOLDERS)

.DEFAULT_GOAL := help
.PHONY: help build validate check-worlds check-demo bench quick test lint lint-text lint-sql venv lock audit clean raw-data check-seeds

help:
	@echo "make build   build the warehouse: environment, demo data if there is none, dbt build, summary"
	@echo "             RAW=dir DB=file SEEDS=dir choose another company, DBT_FLAGS='…' goes to dbt"
	@echo "             RAW=none: the raw tables are in the database, HEALTH_SOURCES names those you have"
	@echo "make validate  hold the scores against who left: DB=file, VALIDATE_FLAGS='--horizon quarter'"
	@echo "make check-worlds  hold the validation against generated worlds whose true risk is known (minutes)"
	@echo "make check-demo  the demo's verdict on twenty seeds (long; goes on where it was stopped)"
	@echo "make bench   time, memory and disk of builds, on generated worlds (long; BENCH_FLAGS='--worlds 1:500')"
	@echo "make quick   what a change most often breaks, in about two minutes: changed SQL, unit tests, Python"
	@echo "make test    lint, dbt tests and unit tests, pytest (PYTEST_FLAGS='…' goes to pytest: '-n 0' on one process)"
	@echo "make lint    ruff over Python, sqlfluff over models, tests and analyses, rendered by dbt"
	@echo "make venv    only the Python environment, in .venv"
	@echo "make lock    resolve requirements.in again into requirements.lock (needs the package index)"
	@echo "make audit   hold the locked packages against known vulnerabilities (needs the network; 2: not judged)"
	@echo "make clean   remove .venv and target/; data and warehouses stay"

build: check-seeds venv raw-data
	@$(BIN)/python scripts/check_warehouse.py
	@echo "== scorecard"; \
	said=$$($(BIN)/python scripts/scorecard.py check) || { echo "$$said" >&2; exit 1; }; \
	echo "$$said" | sed 's/^/   /'
	@[ "$$HEALTH_RAW" = none ] && sources=$$HEALTH_SOURCES || sources=$$($(raw_tables)) && \
	echo "== raw data: $(if $(filter none,$(RAW)),tables of the database,$(RAW))" && \
	echo "   sources: $${sources:-the whole contract}" && \
	demo=$$({ $(is_demo); } && echo --demo || true) && \
	export HEALTH_SCORE_CADENCE="$${HEALTH_SCORE_CADENCE:-$${demo:+week}}" && \
	echo "== dbt build into $(if $(filter-out duckdb,$(HEALTH_TARGET)),$(HEALTH_TARGET),$(DB))" && \
	export HEALTH_SOURCES="$$sources" && \
	{ [ -t 1 ] || export DBT_USE_COLORS=false; } && \
	began=$$(date +%s) && \
	{ $(BIN)/dbt build --exclude-resource-type unit_test $(DBT_FLAGS) || { \
	    status=$$?; $(BIN)/python scripts/check_warehouse.py --since $$began; exit $$status; \
	}; } && \
	$(BIN)/python scripts/summarise_build.py $$demo

# What a change most often breaks; tests/quick.py says what that is.
quick: venv
	@$(BIN)/python tests/quick.py $(PYTEST_FLAGS)

test: lint
	@echo "== pytest"
	@$(BIN)/python -m pytest -ra -n 2 tests $(PYTEST_FLAGS)

# A verdict is no error of make. The script itself ends with it: docs/validation.md.
validate: venv
	@$(BIN)/python scripts/validate_scores.py --any-verdict $(VALIDATE_FLAGS)

# The validation judged: docs/validation.md says what is measured.
check-worlds: venv
	@$(BIN)/python -m pytest -ra tests/test_known_truth.py --full-worlds $(PYTEST_FLAGS)

# The same demo with other seeds: docs/validation.md holds the table that it prints.
check-demo: venv
	@$(BIN)/python scripts/check_demo.py $(DEMO_FLAGS)

# docs/performance.md says what is measured, and what it was.
bench: venv
	@$(BIN)/python scripts/benchmark.py $(BENCH_FLAGS)

lint: lint-text lint-sql

lint-text: venv
	@echo "== ruff"
	@$(BIN)/ruff check --quiet scripts tests
	@echo "== line length"
	@! grep -rnE '^.{101,}' --include='*.sql' $(SQL_FOLDERS) macros | cut -c 1-100 | grep . || { \
	    echo "error: these lines are longer than 100 columns." >&2; exit 1; \
	}

# Linting renders the models through dbt, which needs a database file but nothing in it.
lint-sql: venv
	@echo "== sqlfluff"
	@mkdir -p target/lint && \
	HEALTH_DB="$(CURDIR)/target/lint/lint.duckdb" HEALTH_SEEDS=seeds \
	DBT_TARGET_PATH="$(CURDIR)/target/lint" DBT_LOG_PATH="$(CURDIR)/target/lint" \
	$(BIN)/sqlfluff lint --processes 2 $$([ -t 2 ] || echo --disable-progress-bar) $(LINTED)

# The lock file is copied into .venv when everything is installed: equal files mean a finished one.
venv:
	@cmp -s requirements.lock .venv/requirements.lock || { \
	    python=; \
	    for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	        if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	            python=$$candidate; break; \
	        fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "error: Python 3.11 or newer is needed and was not found." >&2; \
	        echo "       Install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
	        exit 1; \
	    fi; \
	    echo "== Python environment: .venv from $$($$python --version), about half a minute"; \
	    $$python -m venv --clear .venv && \
	    $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps \
	        --require-hashes --only-binary :all: -r requirements.lock && \
	    cp requirements.lock .venv/requirements.lock; \
	}

# dbt writes compiled seeds beside its target folder joined with the seed's path, so a path that leads
# out of the project would overwrite the CSV files themselves.
check-seeds:
	@case "/$$HEALTH_SEEDS/" in \
	    //*|*/../*) \
	        echo "error: SEEDS=$$HEALTH_SEEDS must be a folder inside the project, such as seeds." >&2; \
	        echo "       Copy the folder here, or link to it: ln -s /the/folder my_seeds" >&2; \
	        exit 1;; \
	esac; \
	[ -d "$$HEALTH_SEEDS" ] || { \
	    echo "error: SEEDS=$$HEALTH_SEEDS is not a folder." >&2; exit 1; \
	}

raw-data: venv
	@[ "$$HEALTH_RAW" != none ] || exit 0; \
	if [ "$$HEALTH_RAW" = "$(DEMO_RAW)" ] && [ -z "$$($(raw_tables))" ]; then \
	    echo "== demo company: data/raw is empty, generating it"; \
	    $(BIN)/python scripts/generate_raw.py --out data/raw || exit 1; \
	fi; \
	[ -n "$$($(raw_tables))" ] || { \
	    echo "error: no Parquet files in $$HEALTH_RAW" >&2; \
	    echo "       Put one <table>.parquet per table of docs/raw_contract.md there, import your own" >&2; \
	    echo "       files with scripts/import_raw.py, or run make build without RAW for the demo." >&2; \
	    exit 1; \
	}

lock:
	@echo "== resolving requirements.in with uv $(UV_VERSION)"
	@python=$$(command -v $(BIN)/python python3.11 python3 | head -n 1) && \
	$$python -m venv target/lock && \
	target/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
	    uv==$(UV_VERSION) && \
	for name in requirements requirements.audit requirements.client; do \
	    target/lock/bin/uv pip compile --quiet --system-certs --universal --python-version 3.11 \
	        --only-binary :all: --override requirements.overrides \
	        --no-emit-package dbt-core-experimental-parser \
	        --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	        --output-file $$name.lock $$name.in || exit 1; \
	    echo "   $$name.lock: $$(grep -c '==' $$name.lock) packages"; \
	done

# Has an environment of its own: what it needs is no part of the project. The exit status is the verdict:
# 0 nothing known, 1 a known vulnerability, 2 could not be judged. Of make itself: 2 for both.
audit:
	@python=$$(command -v $(BIN)/python python3.11 python3 | head -n 1) && \
	$$python -m venv --clear target/audit && \
	target/audit/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps \
	    --require-hashes --only-binary :all: -r requirements.audit.lock || { \
	    echo "could not be judged: pip-audit cannot be installed; is the package index within reach?" >&2; \
	    exit 2; \
	}; \
	target/audit/bin/python scripts/audit_dependencies.py $(AUDIT_FLAGS)

clean:
	rm -rf .venv target
