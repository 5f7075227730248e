"""The process: command line, settings, start-up and shutdown; the only package that knows every other."""
