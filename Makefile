# Every verb of the project; `make` alone lists them. All of them work without a .venv: the first
# one that needs it creates it (requirements/make_venv.sh), and a later one uses it.
#
#   ARGS="…"  is passed on: make run ARGS="--data-root ml-1m", make test ARGS="-k towers"

PYTHON_IN_VENV := .venv/bin/python
PYTEST := $(PYTHON_IN_VENV) -m pytest
# As many workers as cores and memory allow; the tests of a file stay in one worker, because they
# share what is costly, and the files start in the order that tests/conftest.py gives.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help venv peers run serve bench bench-index bench-run bench-scale bench-serving test test-fast \
	coverage faults test-other-stack conformance lint format compile deploy-check image image-server \
	golden lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Set-up
venv: ## set up .venv for this system (nothing to do when it is there)
	@sh requirements/make_venv.sh

##@ Run
# make itself exits with 2 whenever a command fails; the number the runner exited with is in
# make's message ("Error 3"). Scripts that need it call `.venv/bin/python local_runner.py`.
run: venv ## train, check and push a model; ARGS="--help" lists the options
	@$(PYTHON_IN_VENV) local_runner.py $(ARGS)

serve: venv ## serve the live model over HTTP, with a page; ARGS="--port 8600"
	@$(PYTHON_IN_VENV) local_runner.py serve $(ARGS)

bench-serving: venv ## measure the server; ARGS="--output-root runs", see docs/serving.md
	@$(PYTHON_IN_VENV) -m benchmarks.serving $(ARGS)

bench-index: venv ## measure exact and approximate indexes side by side; ARGS="--help"
	@$(PYTHON_IN_VENV) -m benchmarks.index_kinds $(ARGS)

peers: ## set up .venv-peers for benchmarks: other recommenders that do not go with TFX's packages
	@sh requirements/make_venv.sh peers

bench: venv ## measure against other recommenders; ARGS="--data-root ml-1m", see docs/benchmarks.md
	@sh requirements/make_venv.sh bench
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

bench-run: venv ## compare whole runs of two commits; ARGS="--before HEAD~1 --data-root ml-1m"
	@$(PYTHON_IN_VENV) -m benchmarks.commits $(ARGS)

bench-scale: venv ## measure runs and peers at 1, 5 and 25 million ratings (hours); see docs/scale.md
	@sh requirements/make_venv.sh bench
	@$(PYTHON_IN_VENV) -m benchmarks.scale $(ARGS)

##@ Checks
test: venv ## run the tests; MOVIELENS_ROOT=folder adds those on real data
	@$(PYTEST) $(PARALLEL) $(ARGS)

test-fast: venv ## run the quick ones, after each edit: no runs of the pipeline, no Beam
	@$(PYTEST) $(PARALLEL) --fast -q $(ARGS)

coverage: venv ## run the tests and list the lines that none of them executes
	@$(PYTEST) $(PARALLEL) --cov --cov-report=term --cov-report=html $(ARGS)

faults: venv ## kill runs in every component, fill the disk and the like; SOAK_KILLS=200 for more
	@$(PYTEST) -m faults tests/faults $(ARGS)

test-other-stack: ## run the tests on the stack of the other Debian, in a chroot (root, debootstrap)
	@sh requirements/other_stack.sh $(ARGS)

# ROOM=template takes seconds once it is built; scenarios run whole pipelines. TABLE= leaves the
# table in docs/kubeflow.md as it is.
TABLE ?= 1
conformance: venv ## put the compiled pipeline to Kubeflow's own code; KFP_SOURCE=folder, ROOM=template
	@CONFORMANCE_TABLE=$(TABLE) $(PYTEST) -n 2 --dist loadscope -m conformance \
		tests/conformance/$(ROOM) $(ARGS)

lint: venv ## check style, types and the direction of imports
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@$(PYTHON_IN_VENV) -m mypy
	@$(PYTHON_IN_VENV) .venv/bin/lint-imports

format: venv ## rewrite the sources in the project's style
	@$(PYTHON_IN_VENV) -m ruff check --fix-only .
	@$(PYTHON_IN_VENV) -m ruff format .

##@ Kubeflow
compile: venv ## write the pipeline for Kubeflow; ARGS="--image … --pipeline-root …", see --help
	@$(PYTHON_IN_VENV) kubeflow_runner.py compile $(ARGS)

deploy-check: venv ## check the manifests in deploy/: fields, types, names, rights, kustomize's build
	@$(PYTEST) -q -n 0 tests/deploy $(ARGS)

IMAGE ?= two-tower-pipeline:latest
ENGINE ?= docker
image: ## build the image of Kubeflow's steps; IMAGE=name:tag, ENGINE=podman
	$(ENGINE) build --tag $(IMAGE) .

image-server: ## build the image of the server alone; IMAGE=name:tag, ENGINE=podman
	$(ENGINE) build --target server --tag $(IMAGE) .

golden: venv ## write the compiled pipeline that the tests compare with again; look at the diff
	@UPDATE_GOLDEN=1 $(PYTEST) -q tests/pipeline/kubeflow/compile/test_compiler.py -k golden
	@git diff --stat -- tests/pipeline/kubeflow/compile/golden

##@ Maintenance
lock: ## resolve requirements/*.in into the lock files; ARGS="--upgrade" for newer versions
	@sh requirements/lock.sh $(ARGS)

clean: ## remove .venv and the caches; runs/ stays
	rm -rf .venv .uv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache build *.egg-info
	rm -rf .coverage .coverage.* htmlcov
