# brandpulse: `make demo` shows it, `make test` checks it, `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A machine with a card gets an environment of its own: onnxruntime-gpu stands in for onnxruntime there.
GPU_VENV := $(if $(shell command -v nvidia-smi 2>/dev/null),.venv-gpu,$(VENV))
SECONDS ?=
DATA ?= $(if $(REVIEWS_DATA),$(REVIEWS_DATA)/reviews.parquet)
DATA_FLAGS = $(DATA:%=--data %)
RUN ?= runs/default
TEACHER ?= minilm
SOFT_LABELS = $(if $(filter-out none,$(TEACHER)),$(RUN)/teacher/soft_labels.parquet)
CHAOS_REVIEWS ?= 3000000

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev demo test check bench test-gpu bench-gpu train chaos lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## what the demo needs, in .venv (no torch)

install-dev: $(VENV)/installed-dev ## everything, for tests and training (torch: about 5 GB)

demo: install ## Kafka, a story of reviews, the workers and a live table; SECONDS=60 ends by itself
	$(BIN)/brandpulse demo $(if $(SECONDS),--seconds $(SECONDS))

test: check ## check, then every test, the bounded chaos test among them (under 40 minutes on 2 cores)
	$(BIN)/pytest --durations=15

check: install-dev ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy stream export training tests
	$(BIN)/lint-imports

bench: install-dev ## the benchmarks, written to docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

test-gpu: $(GPU_VENV)/installed-dev ## the model on an NVIDIA card against the CPU; without one: why not
	$(GPU_VENV)/bin/python -m pytest tests/gpu -m gpu -s

bench-gpu: $(GPU_VENV)/installed-dev ## its speed there, written to docs/benchmarks.md
	$(GPU_VENV)/bin/python -m tests.benchmarks.gpu --write

train: $(RUN)/report/report.md ## from DATA="files with text and stars" to a bundle and its report in RUN; TEACHER=none is quicker

# Each step goes on where it was interrupted; a teacher's soft labels are written once.
$(RUN)/teacher/soft_labels.parquet: | install-dev need-data
	$(BIN)/python -m training teach $(DATA_FLAGS) --out $(@D) $(if $(wildcard $(@D)/checkpoint.pt),--resume)

$(RUN)/student/report.json: $(SOFT_LABELS) | install-dev need-data
	$(BIN)/python -m training fit $(DATA_FLAGS) $(SOFT_LABELS:%=--soft-labels %) --out $(@D) \
		$(if $(wildcard $(@D)/checkpoint.pt),--resume)

$(RUN)/bundle/manifest.json: $(RUN)/student/report.json
	$(BIN)/python -m export --checkpoint $(<D) --out $(@D)

$(RUN)/report/report.md: $(RUN)/bundle/manifest.json
	$(BIN)/python -m training evaluate --bundle $(<D) $(DATA_FLAGS) --run $(RUN)/student \
		$(SOFT_LABELS:%=--soft-labels %) --out $(@D)
	$(BIN)/python -m training behave --bundle $(<D) --out $(@D)/behaviour.md

.PHONY: need-data
need-data:
	@test -n "$(DATA)" || { echo "which reviews? make train DATA=reviews.parquet" >&2; exit 2; }

chaos: install-dev ## the chaos test, large; CHAOS_REVIEWS=3000000
	CHAOS_REVIEWS=$(CHAOS_REVIEWS) $(BIN)/pytest tests/chaos -m chaos --durations=5 -s

lock: install-dev ## write the versions in use to constraints.txt
	$(BIN)/pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==[^ ]+$$' > constraints.txt

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again when the dependencies change, not at every call.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "brandpulse needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			"Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[cpu,broker,parquet,history]'
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[cpu,broker,parquet,history,postgres,training,report,export,dev]'
	@touch $@ $(VENV)/installed

.venv-gpu/installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-gpu
	.venv-gpu/bin/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[broker,parquet,dev]' 'onnxruntime-gpu[cuda,cudnn]>=1.20'
	@touch $@
