# Everything a person or CI runs. `make run` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
export PYTHONHASHSEED := 0

.PHONY: run test test-postgres check bench torture fuzz stateful screenshots validate validate-recommended \
	validate-estimates textsets mutants clean

run: $(VENV)/.run
	$(PY) -m dashboard serve

test: $(VENV)/.test
	@sh scripts/chromium.sh
	@sh scripts/servers.sh
	$(MAKE) --no-print-directory check
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(PY) -m pytest -m alone || [ $$? = 5 ]  # 5: there is none

# What storage and services are tested for, on PostgreSQL; `make test` runs a short selection.
ON_POSTGRES := $(addprefix tests/services/test_,labeling.py verification.py runs.py records.py \
	downloads.py downloads_formats.py experiments.py changes.py marks.py dataset.py importing.py \
	desk.py reports.py explanations.py transfer.py) tests/storage

test-postgres: $(VENV)/.test
	@sh scripts/servers.sh
	SLUICE_TEST_DATABASE=postgresql $(PY) -m pytest $(ON_POSTGRES)

check: $(VENV)/.test
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

# The tables of the README. Everything runs side by side in one go; trust ratios.
bench: $(VENV)/.test
	$(PY) -m bench $(BENCH)

# Kill -9 at random moments while labeling goes on; `make test` runs a short form.
torture: $(VENV)/.test
	$(PY) -m tests.torture $(TORTURE)

# Every route and callback with wrong requests: FUZZ="--inputs 5000 --seed 7".
fuzz: $(VENV)/.test
	$(PY) -m tests.fuzz $(FUZZ)

# Histories nobody thought of against a model of a few lines, so many: SLUICE_STATEFUL=500.
stateful: $(VENV)/.test
	SLUICE_STATEFUL=$${SLUICE_STATEFUL:-2000} $(PY) -m pytest tests/services/test_stateful.py

# What the README claims of preset, estimates and stop advice.
validate: validate-recommended validate-estimates

validate-recommended: $(VENV)/.test
	$(PY) scripts/recommended.py

# Coverage of every estimate and the stop advice: ESTIMATES="--texts FOLDER --cache FOLDER".
validate-estimates: $(VENV)/.test
	$(PY) scripts/estimates.py $(ESTIMATES)

# The table of data sets in the README; the text sets are looked for in ../shared/data, or in
# SLUICE_TEXTS. About an hour on two cores.
textsets: $(VENV)/.test
	$(PY) scripts/textsets.py $(TEXTSETS)

mutants: $(VENV)/.test
	$(PY) tests/mutants.py

screenshots: $(VENV)/.test
	@sh scripts/chromium.sh
	$(PY) scripts/screenshots.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sluice needs Python 3.11 or later; name one with: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# In one go: pip looks everything up once.
$(VENV)/.test: $(VENV)/bin/python requirements.txt requirements-test.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-test.txt
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
