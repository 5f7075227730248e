"""The protocol from outside: checks written from `docs/protocol.md` alone, for a server at any address."""
