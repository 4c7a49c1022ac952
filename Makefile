# The two commands are `make run` and `make test`; both set up what they need first.
# PYTHON= names another python of 3.11 or later, ARGS= goes to the program that a target starts.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

bin := .venv/bin
workers ?= auto
N ?= 50

.PHONY: help
help: ## Show these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

.PHONY: run
run: export TRUEPORT_HOME ?= $(CURDIR)/.trueport
run: ## Start TruePort with a demo tenant and sample traffic; ARGS=--once leaves after the table
	@scripts/setup.sh default
	@exec $(bin)/python -m entrypoints.cli.main serve --demo $(ARGS)

.PHONY: test
test: lint ## Run linter, type checker, import rules and all tests; ARGS= goes to pytest
	@$(bin)/python -m scripts.counterparts
	@echo "== tests (pytest)"
	@exec $(bin)/python -m pytest -n $(workers) --maxprocesses 8 --dist worksteal $(ARGS)

.PHONY: lint
lint: ## Run linter, format check, type checker and import rules
	@scripts/setup.sh dev
	@echo "== lint (ruff check)"
	@$(bin)/ruff check --quiet .
	@echo "== format (ruff format --check)"
	@$(bin)/ruff format --check --quiet .
	@echo "== types (mypy --strict)"
	@$(bin)/mypy
	@echo "== import rules (lint-imports)"
	@$(bin)/lint-imports

.PHONY: crash
crash: ## Kill the server in the middle of traffic, N=50 times, and count what was lost or doubled
	@scripts/setup.sh dev
	@exec $(bin)/python -m tests.end_to_end.crash --rounds $(N) $(ARGS)

.PHONY: chaos
chaos: ## Kill, cut, freeze and slow down everything at random, and check that each violation is found once
	@scripts/setup.sh dev
	@exec $(bin)/python -m tests.end_to_end.chaos $(ARGS)

.PHONY: drill
drill: ## Lose all jobs and violations, rebuild them from the buckets, compare, and print the time
	@scripts/setup.sh dev
	@exec $(bin)/python -m tests.end_to_end.drill $(ARGS)

.PHONY: fuzz
fuzz: ## Send N made-up requests to each route, and compare the answers with the OpenAPI documents
	@scripts/setup.sh dev
	@TRUEPORT_FUZZ_EXAMPLES=$(N) exec $(bin)/python -m pytest -q tests/entrypoints/test_described_answers.py $(ARGS)

.PHONY: bench
bench: ## Measure detection and gateway speed
	@scripts/setup.sh default
	@exec $(bin)/python -m benchmarks $(ARGS)

.PHONY: quality
quality: ## Measure detection quality beside peers on labelled files; DATA= names their folder
	@scripts/setup.sh dev
	@exec $(bin)/python -m benchmarks.detection --data "$(DATA)" --encoded $(ARGS)

.PHONY: packages
packages: ## Count what is reported in 50 popular packages, and in the READMEs of 310; needs npm
	@scripts/setup.sh dev
	@$(bin)/python -m benchmarks.detection.readmes
	@exec $(bin)/python -m benchmarks.detection.packages $(ARGS)

.PHONY: lambda
lambda: ## Make dist/platform-backend.zip and dist/trueportai-services.zip for AWS Lambda
	@scripts/setup.sh default
	@exec $(bin)/python -m scripts.lambda_packages

.PHONY: docs
docs: ## Regenerate the OpenAPI documents and the page about rules
	@scripts/setup.sh default
	@$(bin)/python -m entrypoints.cli.main openapi --output docs/openapi $(ARGS)
	@$(bin)/python -m entrypoints.cli.main explain --format markdown > docs/rules.md

.PHONY: lock
lock: ## Refresh requirements/*.txt; ARGS=--upgrade takes newer versions
	@exec scripts/setup.sh lock $(ARGS)

.PHONY: clean
clean: ## Remove the virtual environment, the servers of the tests, caches and builds; the state in .trueport stays
	rm -rf .venv .venv.lock .counterparts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
