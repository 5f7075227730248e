"""Benchmarks: each compares two ways in one run, because the ratio travels and the number does not."""
