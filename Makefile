# Everything a newcomer needs: `make demo` and `make test`. Only Python 3.10 or later, pip and make must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := demo
# Who is done takes tests over from the other: the slowest stand at the end.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal

.PHONY: demo test test-slow test-schedulers benchmarks audit lint format clean

demo: $(READY)
	$(BIN)/nb2prod convert sample_notebooks/customer_churn.ipynb -o $(DEMO) --force
	@mkdir -p $(DEMO)/work && cp -R sample_notebooks/data $(DEMO)/work/
	@echo; echo "The package runs, with fewer trees than the notebook:"
	cd $(DEMO)/work && ../../$(BIN)/nb2prod run .. -p n_estimators=50
	@echo; echo "Its own tests pass:"
	cd $(DEMO) && ../$(BIN)/python -m pytest -q -p no:cacheprovider
	@echo; echo "Look at $(DEMO)/REPORT.html first, then at $(DEMO)/src/customer_churn/pipeline.py and $(DEMO)/README.md."

# Where CI is set, the slow tests and the real schedulers run as well.
test: lint
	$(PYTEST) $(if $(CI),,-m "not slow")
	$(if $(CI),$(MAKE) test-schedulers)

test-slow: $(READY)
	$(PYTEST) -m slow

# Real schedulers in environments of their own, which uv makes once and keeps in the user's cache.
test-schedulers: $(READY)
	NB2PROD_TEST_SCHEDULERS=1 $(PYTEST) -rs tests/schedulers

# nb2prod beside other tools, each in an environment of its own; fills the tables of docs/benchmarks.md and draws its pictures. Takes an hour or two.
benchmarks: $(READY)
	$(BIN)/python benchmarks/beside.py --docs docs/benchmarks.md

# Known holes in what we build on; asks pypi.org and the npm registry.
audit: $(READY)
	$(BIN)/uv tool run pip-audit --path $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	cd labextension && ../$(BIN)/npm audit --package-lock-only

lint: $(READY)
	$(BIN)/ruff check nb2prod tests
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix nb2prod tests
	$(BIN)/black -q nb2prod tests

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# uv installs in seconds what takes pip minutes; where it cannot be had, pip does the same.
# Some systems have venv without ensurepip: their own pip then puts one into the new environment.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("nb2prod needs Python 3.10 to 3.13, and $(PYTHON) is " + sys.version.split()[0]) if not (3, 10) <= sys.version_info[:2] < (3, 14) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV); }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python $(BIN)/python install -q pip
	@echo "installing into $(VENV) ..."
	@{ $(BIN)/python -m pip install -q --disable-pip-version-check uv && $(BIN)/uv pip install -q --python $(BIN)/python -e '.[test]'; } \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@
