"""The process: command line, settings, start-up and shutdown; the only package that knows every other."""

from __future__ import annotations

__version__ = "0.1.0"
