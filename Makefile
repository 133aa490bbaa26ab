# Every target is one line of Python; `make help` lists them.
PYTHON ?= python3
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help deck check run plan verify preview addon test oldest bench upgrade font clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deck:  ## set up what is missing and leave dist/proofdeck-<version>.apkg
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck build --install

check:  ## report every problem of the answer files, build nothing
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck check

run:  ## run new and changed cells (CARDS="id id" for some only)
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck run --install $(CARDS)

plan:  ## say what is stale and why, run nothing
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck plan

verify:  ## execute every cell and mutant again from nothing and compare with the frozen outputs
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck verify --install

preview:  ## show all cards without Anki on this machine, and what you save as you save it
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck preview --serve

addon:  ## leave dist/proofdeck-<version>.ankiaddon
	@$(PYTHON) -m build_deck.bootstrap build && $(VENV) -m build_deck addon

test:  ## set up what the tests need and pass them all (today's Anki, real browser, real torch)
	@$(PYTHON) -m build_deck.bootstrap dev && $(PYTHON) -m build_deck.bootstrap cells core ref hf && $(VENV) -m pytest -m "not oldest" $(TESTS)

oldest:  ## the add-on's tests in the oldest Anki that it supports, on the Python 3.9 that this Anki came with
	@$(PYTHON) -m build_deck.bootstrap dev && $(PYTHON) -m build_deck.bootstrap anki && $(PYTHON) -m build_deck.bootstrap cells core && $(VENV) -m pytest -m oldest $(TESTS)

bench:  ## measure against peers in the same run
	@$(PYTHON) -m build_deck.bootstrap dev && $(PYTHON) -m build_deck.bootstrap cells core ref hf && $(VENV) -m tests.bench

upgrade:  ## renew the pinned requirements (needs uv; leaves releases of the last ten days alone)
	@$(PYTHON) -m build_deck.pins

font:  ## cut the figures' font again when a character is missing (FULL=/path/to/NotoSansCJK-Regular.ttc)
	@$(PYTHON) -m build_deck.bootstrap dev && $(VENV) -m build_deck.draw.subset $(FULL) source

clean:  ## forget memos and packages; records and environments stay
	@rm -rf .build dist
