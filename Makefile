# Everything runs from .venv, made from requirements.lock (complete, with hashes) when needed: by
# uv, or by pip where uv cannot (it does not read pip's configuration).
PYTHON ?= python3
STUDY := examples/reversal-study
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test long ui check format lint types layers sql bench lock clean

demo: $(READY)
	$(BIN)/alsrev run $(STUDY)

ui: $(READY)
	$(BIN)/alsrev ui $(STUDY)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

long: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m long

check: $(READY)
	$(MAKE) --jobs=2 format lint types layers sql
	$(MAKE) test

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

sql: $(READY)
	$(BIN)/sqlfluff lint sql

bench: $(READY)
	$(BIN)/python -m benchmarks.demo
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.relatedness
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.association
	$(BIN)/python -m benchmarks.permutation
	$(BIN)/python -m benchmarks.phenotype
	$(BIN)/python -m benchmarks.survival_models
	$(BIN)/python -m benchmarks.survival_scan

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	awk '/^uv==/, !/\\$$/' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes \
	    -r requirements.lock || \
	    $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m alsrev_dagster.ingest.kernels.compile_kernels & ingest=$$!; \
	    $(BIN)/python -m alsrev_dagster.clinical.compile_kernels && \
	    $(BIN)/python -m alsrev_dagster.stats.compile_kernels && \
	    $(BIN)/python -m alsrev_dagster.survival.compile_kernels && \
	    $(BIN)/python -m alsrev_dagster.survival.compile_courses && wait $$ingest
	touch $@

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet \
	    --output-file requirements.lock

clean:
	rm -rf .venv $(STUDY)/.alsrev $(STUDY)/results
