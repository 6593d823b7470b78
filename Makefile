# Every verb of the project; `make` alone lists them. All of them work without a .venv: the first
# one that needs it makes it (requirements/make_venv.sh), and a later one finds it made.
#
#   ARGS="…"  is passed on: make run ARGS="--data-root ml-1m", make test ARGS="-k towers"

PYTHON_IN_VENV := .venv/bin/python
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help venv run test faults lint format lock test-other-stack clean compile image golden

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: ## set up .venv for this system (nothing to do when it is there)
	@sh requirements/make_venv.sh

# make itself exits with 2 whenever a command fails; the number the runner exited with is in
# make's message ("Error 3"). Scripts that need it call `.venv/bin/python local_runner.py`.
run: venv ## train, check and push a model; ARGS="--help" lists the options
	@$(PYTHON_IN_VENV) local_runner.py $(ARGS)

test: venv ## run the tests; MOVIELENS_ROOT=folder adds those on real data
	@$(PYTHON_IN_VENV) -m pytest $(ARGS)

faults: venv ## kill runs in every component, fill the disk and the like (some need root)
	@$(PYTHON_IN_VENV) -m pytest -m faults tests/faults $(ARGS)

bench: venv ## measure against other recommenders; ARGS="--data-root ml-1m", see docs/benchmarks.md
	@sh requirements/make_venv.sh bench
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

lint: venv ## check style, types and the direction of imports
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@$(PYTHON_IN_VENV) -m mypy
	@$(PYTHON_IN_VENV) .venv/bin/lint-imports

format: venv ## rewrite the sources in the project's style
	@$(PYTHON_IN_VENV) -m ruff check --fix-only .
	@$(PYTHON_IN_VENV) -m ruff format .

compile: venv ## write the pipeline for Kubeflow; ARGS="--image … --pipeline-root …", see --help
	@$(PYTHON_IN_VENV) kubeflow_runner.py compile $(ARGS)

IMAGE ?= two-tower-pipeline:latest
ENGINE ?= docker
image: ## build the image of Kubeflow's steps; IMAGE=name:tag, ENGINE=podman
	$(ENGINE) build --tag $(IMAGE) .

golden: venv ## write the compiled pipeline that the tests compare with again; look at the diff
	@UPDATE_GOLDEN=1 $(PYTHON_IN_VENV) -m pytest -q tests/pipeline/kubeflow/compile/test_compiler.py -k golden
	@git diff --stat -- tests/pipeline/kubeflow/compile/golden

lock: ## resolve requirements/*.in into the lock files; ARGS="--upgrade" for newer versions
	@sh requirements/lock.sh $(ARGS)

test-other-stack: ## run the tests on the stack of the other Debian, in a chroot (root, debootstrap)
	@sh requirements/other_stack.sh $(ARGS)

clean: ## remove .venv and the caches; runs/ stays
	rm -rf .venv .uv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache build *.egg-info
