# Every target sets up what it needs in .venv; a fresh clone needs nothing first but Python 3.11+.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SOURCES := kdviz tests benchmarks scripts notebooks docs/grading
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/*/*.ipynb docs/grading/source/*/*.ipynb)

.PHONY: app lab test check lint format bench clean

app: $(READY)  ## open the lab in the browser
	$(BIN)/python -m kdviz app

lab: $(READY)  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

# Every test, the slow ones and the browser's too. TESTS narrows it: make test TESTS="-m 'not slow'"
test: $(READY)  ## run every test
	$(if $(findstring not browser,$(TESTS)),,$(BIN)/python scripts/find_chromium.py)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: lint  ## what to run after every change: under a minute
	$(BIN)/python -m pytest -q -n auto -m "not slow and not browser"

lint: $(READY)  ## check code and notebooks
	$(BIN)/ruff check $(wildcard $(SOURCES))
	$(BIN)/ruff format --check $(wildcard $(SOURCES))
	$(BIN)/oxlint --quiet kdviz tests
	$(BIN)/nbstripout --verify $(NOTEBOOKS)

format: $(READY)  ## repair what `make lint` can repair
	$(BIN)/ruff check --fix $(wildcard $(SOURCES))
	$(BIN)/ruff format $(wildcard $(SOURCES))
	$(BIN)/nbstripout $(NOTEBOOKS)

bench: $(READY)  ## measure training and combining on this machine
	$(BIN)/python benchmarks/bench_engine.py
	$(BIN)/python benchmarks/bench_page.py
	$(BIN)/python benchmarks/bench_members.py
	$(BIN)/python benchmarks/bench_specialists.py
	$(BIN)/python benchmarks/bench_combine.py

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is newer than everything that decides what is installed.
$(READY): requirements.txt pyproject.toml scripts/setup.sh $(wildcard share/voila/*)
	bash scripts/setup.sh $(PYTHON) $(VENV)
	@touch $@
