# Python that makes .venv (3.11 to 3.13): make book PYTHON=python3.12
PYTHON ?= python3
PORT ?= 8000
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup book epub pdf lite test test-numpy colab links screenshots lab serve clean distclean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; \
	do printf 'make %-10s %s\n' "$$name" "$$text"; done

setup: ## make or update .venv with the pinned packages (the others do this first)
	@$(PYTHON) tools/setup_env.py

book: setup ## run the notebooks and build the site into _build/html
	@$(VENV) tools/book.py

epub: setup ## the book as _build/epub/*.epub
	@$(VENV) tools/book.py --kind epub

pdf: setup ## the book as _build/latex/*.pdf (needs TeX)
	@$(VENV) tools/book.py --kind pdf

lite: setup ## the labs that run in the browser, each tried there, into _build/lite (needs Chromium)
	@$(VENV) tools/lite.py $(if $(PYODIDE),--pyodide "$(PYODIDE)")

test: setup ## every check: style, book, tests, notebooks, exercises
	@$(VENV) tools/check.py

colab: book ## run each notebook alone, with Colab's packages (needs a network; minutes)
	@$(VENV) tools/colab.py

NUMPY := $(patsubst dlcore/scratch/%.py,tests/test_%.py,$(wildcard dlcore/scratch/*.py))
# torch warns of Python 3.13.0, and a warning is an error in the tests.
test-numpy: ## the tests of dlcore.scratch on another Python: make test-numpy PYTHON=python3.13
	@DLCORE_VENV=.venv-$(notdir $(PYTHON)) $(PYTHON) tools/setup_env.py
	@.venv-$(notdir $(PYTHON))/bin/python -m pytest -q -n 2 --dist loadscope \
	  -W "ignore:Guards may run slower:RuntimeWarning" \
	  tests/test_parity.py tests/test_shapes.py tests/test_models.py $(filter $(NUMPY),$(wildcard tests/test_*.py))

links: ## list the links to other hosts and ask each (needs a network)
	@$(VENV) tools/links.py --check

screenshots: ## pictures of the built site for the README (needs Chromium)
	@$(VENV) tools/screenshots.py

# Its terminals find this python; Jupyter wants to be told that root (in a container) is meant.
lab: setup ## open the notebooks in JupyterLab
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(VENV) -m jupyterlab --notebook-dir=. \
	  --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

SITE := html
serve: ## show the built site on http://127.0.0.1:8000 (another: PORT=9000; make lite: SITE=lite)
	@test -f _build/$(SITE)/index.html || { echo "no site yet: run make book first" >&2; exit 1; }
	$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/$(SITE)

clean: ## remove the site and all caches, keep .venv
	rm -rf _build .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too, and its like
	rm -rf .venv .venv-*
