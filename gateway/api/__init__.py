"""The calls of `/api/v1`, one file per group; `gateway/routes.py` lists them."""
