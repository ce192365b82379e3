# make demo    set everything up and show the product with a real year of purchases
# make test    set everything up and run the tests
# make check   lint, types, import contracts, translations and templates
# make bench   measure; ONLY=engine runs one
# make fuzz    hold the engine against its reference on many more stories; STORIES=200000
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export KIZUNA_HOME ?= $(CURDIR)/.home

.PHONY: env assets demo test check bench fuzz pictures references chromium format words clean

env: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[demo,dev]'
	@touch $@

assets: env
	@$(BIN)/python web/build_hook.py

demo: assets
	@$(BIN)/kizuna demo

test: assets chromium
	$(BIN)/pytest --numprocesses 2 --dist loadgroup $(ARGS)

check: assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m kizuna.web.words check

bench: assets
	$(BIN)/python -m benchmarks $(ONLY)

fuzz: env
	KIZUNA_FUZZ=$(or $(STORIES),200000) $(BIN)/pytest --numprocesses auto tests/engine $(ARGS)

# Keep what every screen looks like now as its reference; look at tests/references/ before you commit it.
references: assets chromium
	KIZUNA_REFERENCES=write $(BIN)/pytest --numprocesses 2 tests/web/test_faces.py -k test_page

pictures: assets chromium
	PYTHONPATH=tests $(BIN)/python docs/make_pictures.py

# The browser tests drive the system's Chromium. Where the package manager may be called, it is installed here.
chromium:
	@if command -v $${KIZUNA_CHROMIUM:-chromium} chromium-browser google-chrome >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 chromium fonts-noto-cjk >/dev/null; \
	else \
	  echo "The browser tests need Chromium and a Japanese font: sudo apt-get install chromium fonts-noto-cjk"; \
	fi

format: env
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

words: env
	$(BIN)/python -m kizuna.web.words update

clean:
	rm -rf .venv .home web/node_modules src/kizuna/web/static
