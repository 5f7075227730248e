"""Long runs and large audiences; never part of `make test`."""
