# All of it is in dev.py, which needs nothing but Python 3.11; these are its names.
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help env run test lint bench soak web lock clean

help run lint web lock clean env:
	@exec $(PYTHON) dev.py $@

test bench soak:
	@exec $(PYTHON) dev.py $@ $(ARGS)
