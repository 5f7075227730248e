"""The words every package shares: ids, clock, refusals, permissions, text hygiene. Standard library only."""
