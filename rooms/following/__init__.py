"""How later domains follow the log: durable cursors, at least once, in order, never on the path of a post."""
