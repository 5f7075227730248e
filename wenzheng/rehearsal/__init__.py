"""A load for a server at any address, through the protocol alone: many watch, some ask, one approves."""
