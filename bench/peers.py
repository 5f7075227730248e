"""What others put messages on screens with, each at its fastest, in the same run; what is not there is named."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.crowd import Crowd
from bench.floor import ITEM_BYTES
from bench.machine import BUILT, HERE, CannotMeasure, cores, on_core
from bench.waiting import until_it_listens
from tests.services.nginx import NoNginx, find_nginx
from tests.services.server import free_port

INSTALL_S = 180.0
# Compiling Centrifugo takes minutes, once; a run that began without it does not wait longer than this.
BUILD_S = 420.0
CENTRIFUGO = "github.com/centrifugal/centrifugo/v6@latest"
NCHAN_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
_SOCKETIO = "/socket.io/?EIO=4&transport=websocket"


@contextmanager
def _running(
    command: Sequence[str | Path],
    port: int,
    protocol: str = "plain",
    paths: tuple[str, str] = ("/room", "/pub"),
    variables: dict[str, str] | None = None,
) -> Iterator[Crowd]:
    with (BUILT / "peers.log").open("ab") as log, on_core(cores()[0]):
        environment = {**os.environ, **(variables or {})}
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=BUILT, env=environment)
    try:
        until_it_listens(port, process)
        with Crowd(port, [process.pid], protocol, item_bytes=ITEM_BYTES, paths=paths) as crowd:
            crowd.publishers(1)
            yield crowd
    finally:
        process.kill()
        process.wait()


# --- Node -------------------------------------------------------------------------------------------------------------


def _packages() -> Path:
    """`node_modules` with what the lock pins."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise CannotMeasure("no node and npm on the path")
    folder = BUILT / "peers"
    lock = HERE / "peers" / "package-lock.json"
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / "peers" / name, folder / name)
        _quietly(["npm", "ci", "--no-audit", "--no-fund"], folder, INSTALL_S, "npm could not fetch ws and socket.io")
        stamp.write_bytes(lock.read_bytes())
    return folder / "node_modules"


@contextmanager
def node_ws() -> Iterator[Crowd]:
    port = free_port()
    words: list[str | Path] = ["node", HERE / "peers" / "node.cjs", str(port), "ws"]
    with _running(words, port, variables={"NODE_PATH": str(_packages())}) as crowd:
        yield crowd


@contextmanager
def socketio() -> Iterator[Crowd]:
    port = free_port()
    words: list[str | Path] = ["node", HERE / "peers" / "node.cjs", str(port), "socketio"]
    paths = (_SOCKETIO, f"{_SOCKETIO}&pub=1")
    with _running(words, port, "socketio", paths, {"NODE_PATH": str(_packages())}) as crowd:
        yield crowd


# --- nginx ------------------------------------------------------------------------------------------------------------


def _nchan_module() -> Path:
    """Installed, or Debian's package unpacked here; it fits only the nginx of the same distribution."""
    unpacked = BUILT / "nchan" / "root"
    for folder in (*NCHAN_MODULES, unpacked / "usr/lib/nginx/modules"):
        if (module := Path(folder) / "ngx_nchan_module.so").exists():
            return module
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise CannotMeasure("no nchan module for nginx (Debian: libnginx-mod-nchan)")
    packages = unpacked.parent
    packages.mkdir(parents=True, exist_ok=True)
    _quietly(["apt-get", "download", "libnginx-mod-nchan"], packages, INSTALL_S, "no package libnginx-mod-nchan")
    for package in packages.glob("*.deb"):
        _quietly(["dpkg", "-x", str(package), "root"], packages, INSTALL_S, f"{package.name} could not be unpacked")
    return unpacked / "usr/lib/nginx/modules/ngx_nchan_module.so"


@contextmanager
def nchan() -> Iterator[Crowd]:
    try:
        nginx = find_nginx()
    except NoNginx as missing:
        raise CannotMeasure("no nginx") from missing
    port, folder = free_port(), BUILT / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    template = (HERE / "peers" / "nchan.conf").read_text(encoding="utf-8")
    for name, value in {"module": _nchan_module(), "folder": folder, "port": port}.items():
        template = template.replace(f"{{{name}}}", str(value))
    (folder / "nginx.conf").write_text(template, encoding="utf-8")
    with _running([nginx, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"], port) as crowd:
        yield crowd


# --- Centrifugo -------------------------------------------------------------------------------------------------------


class CentrifugoBuild:
    """Found, or compiled once: in the background, on the clients' core, awaited when its turn comes."""

    def __init__(self) -> None:
        self.binary = Path(shutil.which("centrifugo") or BUILT / "centrifugo")
        self._work: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        go = shutil.which("go")
        if not self.binary.exists() and go is not None:
            words = ["nice", "-n", "19", go, "install", CENTRIFUGO]
            with (BUILT / "centrifugo.log").open("wb") as log, on_core(cores()[1]):
                variables = {**os.environ, "GOBIN": str(BUILT), "GOFLAGS": "-p=1"}
                self._work = subprocess.Popen(words, stdout=log, stderr=log, env=variables)

    def wait(self) -> Path:
        """Raises `CannotMeasure` with what is missing."""
        if self._work is not None:
            try:
                self._work.wait(BUILD_S)
            except subprocess.TimeoutExpired:
                self.end()
                raise CannotMeasure(f"Centrifugo was not compiled within {BUILD_S:.0f} s") from None
        if not self.binary.exists():
            raise CannotMeasure("no centrifugo on the path, and no Go toolchain that could build it")
        return self.binary

    def end(self) -> None:
        if self._work is not None and self._work.poll() is None:
            self._work.kill()
            self._work.wait()


@contextmanager
def centrifugo(binary: Path) -> Iterator[Crowd]:
    port = free_port()
    variables = {
        "CENTRIFUGO_HTTP_SERVER_PORT": str(port),
        "CENTRIFUGO_HTTP_SERVER_ADDRESS": "127.0.0.1",
        "CENTRIFUGO_CLIENT_INSECURE": "true",
        "CENTRIFUGO_CLIENT_ALLOWED_ORIGINS": "*",
        "CENTRIFUGO_LOG_LEVEL": "error",
        "GOMAXPROCS": "1",
    }
    path = "/connection/websocket"
    with _running([binary], port, "centrifugo", (path, path), variables) as crowd:
        yield crowd


def _quietly(words: Sequence[str], folder: Path, seconds: float, otherwise: str) -> None:
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise CannotMeasure(f"{otherwise} within {seconds:.0f} s") from None
    if done.returncode:
        raise CannotMeasure(f"{otherwise}: {(done.stderr or done.stdout).strip()[-200:]}")
