"""The city's portal as the tests play it: what it knows of people, signed as its documentation says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

SHARED = "a secret that the city and we share"
PORTAL = "https://id.city.example/login"


def assertion(
    sub: Any = "110101199003071234", *, exp: Any, secret: str = SHARED, alg: str = "HS256", **said: Any
) -> str:
    """A JWT by nothing but the standard; `exp` in seconds."""
    head = _part(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    payload = _part(json.dumps({"sub": sub, "exp": exp} | said).encode())
    mac = hmac.new(secret.encode(), f"{head}.{payload}".encode(), hashlib.sha256).digest()
    return f"{head}.{payload}.{_part(mac)}"


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
