"""The socket engine and the three pieces around uvicorn: HTTP limits, dispatch by path, an orderly end."""
