"""`deploy/nginx.conf` in a real nginx before a real server: TLS, sockets, whose address is believed, what is kept."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgpack
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from persistence.migrate import migrate
from tests.services.nginx import Nginx
from tests.services.server import ServerProcess, free_port

pytestmark = pytest.mark.anyio

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
HOST = "wz.example.gov.cn"


class Front:
    """nginx before a server: `base` through TLS, `plain` without, `direct` past nginx."""

    def __init__(self, server: ServerProcess, tls: int, plain: int, folder: Path) -> None:
        self.server, self.tls, self.plain, self.folder = server, tls, plain, folder

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("GET", path, headers)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        url = f"https://127.0.0.1:{self.tls}{path}"
        told = {"host": HOST, **(headers or {})}
        with httpx2.Client(trust_env=False, verify=False) as client:
            return client.request(method, url, headers=told, **more)

    def limited(self) -> str:
        """nginx's log."""
        return (self.folder / "nginx.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    made = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", f"/CN={HOST}", "-keyout", "privkey.pem", "-out", "fullchain.pem"),
    ]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def front(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    migrate(f"sqlite:///{folder / 'wenzheng.db'}")
    settings = {
        "WENZHENG_SERVER__PUBLIC_ORIGIN": f"https://{HOST}",
        "WENZHENG_SERVER__TRUSTED_PROXIES": "127.0.0.1/32",
        "WENZHENG_LIMITS__GUESTS_PER_MINUTE": "3",
    }
    server = ServerProcess(folder, settings=settings).start()
    tls, plain = free_port(), free_port()
    config = folder / "nginx.conf"
    config.write_text(substituted(certificate, folder, server.port, tls, plain), encoding="utf-8")
    try:
        nginx = Nginx(config, tls, folder / "nginx.log")
        assert "test is successful" in nginx.tested()
        with nginx:
            yield Front(server, tls, plain, folder)
    finally:
        assert server.stop() == 0


def substituted(certificate: Path, folder: Path, upstream: int, tls: int, plain: int) -> str:
    """The example with this test's ports and folders; each must be in it exactly as often as expected."""
    text = CONFIG.read_text(encoding="utf-8")
    for found, put, times in (
        ("gateway:8000", f"127.0.0.1:{upstream}", 1),
        ("listen 80;", f"listen 127.0.0.1:{plain};", 1),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl", 1),
        ("/etc/nginx/tls", str(certificate), 2),
        ("/run/nginx.pid", str(folder / "nginx.pid"), 1),
        ("/var/cache/nginx", str(folder), 5),
    ):
        assert text.count(found) == times, found
        text = text.replace(found, put)
    return text


def test_a_page_comes_through_with_its_own_headers(front: Front) -> None:
    through = front.get("/")
    direct = httpx2.get(front.server.base + "/", trust_env=False, headers={"host": HOST})
    assert through.status_code == 200
    for name in ("cache-control", "content-security-policy", "strict-transport-security", "vary"):
        assert through.headers.get(name) == direct.headers.get(name), name
        assert through.headers.get(name)


def test_what_may_be_kept_is_kept_as_long_as_the_application_says(front: Front) -> None:
    page = front.get("/").text
    path = page.split('href="/static/')[1].split('"')[0]
    asset = front.get(f"/static/{path}")
    assert asset.status_code == 200
    assert "immutable" in asset.headers["cache-control"]


def test_without_tls_one_is_sent_to_it(front: Front) -> None:
    answer = httpx2.get(f"http://127.0.0.1:{front.plain}/rooms?x=1", headers={"host": HOST}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/rooms?x=1")


async def hello(front: Front, subprotocol: str, **headers: str) -> Any:
    """The first answer on a socket through nginx."""
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    url = f"wss://{HOST}/ws"
    about: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": front.tls,
        "ssl": unchecked,
        "additional_headers": headers,
    }
    async with connect(url, subprotocols=[Subprotocol(subprotocol)], proxy=None, **about) as socket:
        frame = [{"t": "hello", "id": "1"}]
        as_json = subprotocol.endswith("json")
        await socket.send(orjson.dumps(frame).decode() if as_json else msgpack.packb(frame))
        told = await asyncio.wait_for(socket.recv(), 10)
        return orjson.loads(told) if as_json else msgpack.unpackb(told)


@pytest.mark.parametrize("subprotocol", ["wenzheng.v1.json", "wenzheng.v1.msgpack"])
async def test_a_socket_comes_through(front: Front, subprotocol: str) -> None:
    [welcome] = await hello(front, subprotocol, Origin=f"https://{HOST}")
    assert welcome["t"] == "welcome"


async def test_a_foreign_page_opens_no_socket(front: Front) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await hello(front, "wenzheng.v1.json", Origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_nobody_becomes_another_by_saying_so(front: Front) -> None:
    """The limit is for one address: who claims another one at nginx still counts as the one they have."""
    given = [
        front.ask("POST", "/api/v1/guests", {"x-forwarded-for": f"203.0.113.{number}"}, json={}).status_code
        for number in range(5)
    ]
    assert given.count(201) == 3
    assert given[-1] == 429


def test_what_nginx_says_of_an_address_is_believed(front: Front) -> None:
    """The control of the test above: past nginx, as the proxy that is trusted, the address counts."""
    given = [
        httpx2.post(
            front.server.base + "/api/v1/guests",
            json={},
            headers={"host": HOST, "x-forwarded-for": f"203.0.113.{number}"},
            trust_env=False,
        ).status_code
        for number in range(5)
    ]
    assert given == [201] * 5


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_monitoring_is_not_for_visitors(front: Front, path: str) -> None:
    assert front.get(path).status_code == 404
    assert httpx2.get(front.server.base + path, trust_env=False, headers={"host": HOST}).status_code == 200


def test_too_large_is_refused_before_it_arrives(front: Front) -> None:
    assert front.ask("POST", "/api/v1/guests", content=b"x" * 300_000).status_code == 413


def test_the_log_has_no_query(front: Front) -> None:
    front.get("/?secret=hidden-in-query")
    assert "hidden-in-query" not in front.limited()
    assert "hidden-in-query" not in front.server.log()
