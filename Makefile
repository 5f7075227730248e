# All of it is in dev.py, which needs nothing but Python 3.11; these are its names.
PYTHON ?= python3
ARGS ?=

# `exec`, so that a signal make forwards reaches the server itself. It ends with 0 and so does make, unless make was sent
# the signal too: then it waits for the server and dies of it, as GNU make always does.

.DEFAULT_GOAL := help
.PHONY: help env run test lint bench soak simulate shots web lock bundle clean

help run lint web lock bundle clean env:
	@exec $(PYTHON) dev.py $@

test bench soak simulate shots:
	@exec $(PYTHON) dev.py $@ $(ARGS)
