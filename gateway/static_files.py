"""The built front end under `/static/`: a file with a hash in its name never changes, others are asked for again."""

from __future__ import annotations

import re
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from gateway.encodings import accepted
from gateway.endpoints import Call

FOLDER = Path(__file__).parent / "static"
# As the bundler names them: `room-B1x9kQ2a.js`.
_HASHED = re.compile(r".+[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=0, must-revalidate"
# The build leaves compressed twins of these beside them: `web/compress.ts`.
_WITH_TWINS = frozenset({".js", ".css", ".svg", ".json"})
_TWINS = {"br": ".br", "gzip": ".gz"}


# The folder may be built after the process started, so it need not be there yet.
_files = StaticFiles(directory=FOLDER, check_dir=False)


async def static_file(call: Call, path: str) -> Response:
    """A file of the front end."""
    if Path(path).suffix in _TWINS.values():
        raise HTTPException(404)  # a twin without its name in the headers would be taken for what it is not
    compressible = Path(path).suffix in _WITH_TWINS
    response = await _twin(call, path) if compressible else None
    if response is None:
        response = await _files.get_response(path, call.request.scope)
    if compressible:
        response.headers.add_vary_header("Accept-Encoding")
    hashed = _HASHED.fullmatch(path.rpartition("/")[2])
    response.headers["cache-control"] = _FOREVER if hashed else _ASK_AGAIN
    return response


async def _twin(call: Call, path: str) -> Response | None:
    headers = call.request.headers
    # A range counts bytes of the file itself.
    if "range" in headers:
        return None
    for encoding, suffix in _TWINS.items():
        if accepted(headers.get("accept-encoding", ""), (encoding,)) is None:
            continue
        try:
            response = await _files.get_response(path + suffix, call.request.scope)
        except HTTPException:
            continue
        if response.status_code == 200:
            response.headers["content-encoding"] = encoding
            response.headers["content-type"] = _type(path)
        return response
    return None


def _type(path: str) -> str:
    kind = guess_type(path)[0] or "text/plain"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
