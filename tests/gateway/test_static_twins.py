"""Built files go out in the compressed form the build left beside them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.staticfiles import StaticFiles

from gateway import static_files
from tests.gateway.api.conftest import Edge, edge, make_edge, seeded

__all__ = ["edge", "make_edge", "seeded"]

pytestmark = pytest.mark.anyio
SCRIPT = b"export const answer = 42\n" * 50
NAME = "/static/assets/room-B1x9kQ2a.js"


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static" / "assets"
    folder.mkdir(parents=True)
    (folder / "room-B1x9kQ2a.js").write_bytes(SCRIPT)
    (folder / "room-B1x9kQ2a.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "small-B1x9kQ2a.css").write_text("a{}")
    monkeypatch.setattr(static_files, "_files", StaticFiles(directory=tmp_path / "static"))
    return folder


async def test_a_compressed_twin_is_given_under_the_files_own_type(edge: Edge) -> None:
    # No brotli twin was built, so the next best is given.
    answer = await edge.client().get(NAME, headers={"accept-encoding": "gzip, br"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert int(answer.headers["content-length"]) < 200
    assert answer.content == SCRIPT


async def test_both_forms_have_etags_of_their_own(edge: Edge) -> None:
    client = edge.client()
    packed = await client.get(NAME, headers={"accept-encoding": "gzip"})
    plain = await client.get(NAME, headers={"accept-encoding": "identity"})

    assert plain.content == SCRIPT
    assert packed.headers["etag"] != plain.headers["etag"]
    again = await client.get(NAME, headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (NAME, {"accept-encoding": "gzip", "range": "bytes=0-5"}, 206),
        ("/static/assets/small-B1x9kQ2a.css", {"accept-encoding": "gzip"}, 200),
        (NAME + ".gz", {}, 404),
        ("/static/assets/nothing-B1x9kQ2a.js", {"accept-encoding": "gzip"}, 404),
    ],
)
async def test_what_has_no_twin_is_given_as_it_is(edge: Edge, path: str, headers: dict[str, str], status: int) -> None:
    answer = await edge.client().get(path, headers=headers)

    assert answer.status_code == status
    assert "content-encoding" not in answer.headers
