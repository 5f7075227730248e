"""The built front end under `/static/`: a file with a hash in its name never changes, others are asked for again."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from gateway.endpoints import Call

FOLDER = Path(__file__).parent / "static"
# As the bundler names them: `room-B1x9kQ2a.js`.
_HASHED = re.compile(r".+[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=0, must-revalidate"


# The folder may be built after the process started, so it need not be there yet.
_files = StaticFiles(directory=FOLDER, check_dir=False)


async def static_file(call: Call, path: str) -> Response:
    """A file of the front end."""
    response = await _files.get_response(path, call.request.scope)
    hashed = _HASHED.fullmatch(path.rpartition("/")[2])
    response.headers["cache-control"] = _FOREVER if hashed else _ASK_AGAIN
    return response
