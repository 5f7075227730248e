"""Everything between a fresh clone and a running server, with the standard library only: `python3 dev.py help`.

The Makefile calls it; where `make` is missing it does the same alone. What is up to date is never done again: stamps
hold the hash of what each step was made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
CACHE = ROOT / ".cache"
WEB = ROOT / "web"
STATIC = ROOT / "gateway" / "static"
RUNTIME, DEV, NODE = "requirements.lock", "requirements-dev.lock", "requirements-node.lock"
BUILD = "requirements-build.lock"
BUNDLED = {
    "deploy/install.sh": "install.sh",
    "deploy/nginx.conf": "nginx.conf",
    "deploy/wenzheng.service": "wenzheng.service",
    "config.toml": "config.toml",
    "docs/operations.md": "operations.md",
    "LICENSE": "LICENSE",
}
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)

HELP = """\
make run     the server with a live demo room on http://127.0.0.1:8000 (PORT=9000 make run for another port)
make test    all tests: SQLite, a real PostgreSQL, Redis and browser (ARGS='-k name' for some of them)
make lint    style, types, import contracts, TypeScript
make bench   the table of performance, beside the floor and the peers, in about ten minutes;
             writes bench/results/ (ARGS=quick in two; ARGS='fanout joins' for some parts; bench/README.md)
make soak    four processes, 1,000 viewers and random faults for 10 minutes (DURATION=60 for seconds);
             ARGS=one: one process and no faults; ARGS=desk, ARGS=keys: moderators at work
make simulate   a city in simulated time while things break (SEEDS=10000 for so many different stories)
make shots   pictures of every screen and state into shots/ (ARGS='portal room-live' for some of them)
make web     builds the front end
make lock    renews the locked versions of every dependency
make bundle  one file with everything for a machine of this kind without network, into dist/
make clean   removes what was built here; your data in data/ stays
Without make: python3 dev.py run, and so on."""


class Stop(Exception):
    """One sentence for whoever typed the command."""


# --- the Python side --------------------------------------------------------------------------------------------------


def environment(lock: str) -> None:
    """`.venv` with what `lock` pins, by hash; the development lock includes all of the runtime one."""
    wanted = digest(ROOT / lock)
    stamp = VENV / ".installed"
    held = stamp.read_text().split() if stamp.exists() else []
    if held and (BIN / "python").exists() and held[-1] in {wanted, digest(ROOT / DEV)}:
        return
    if not (BIN / "python").exists():
        make_venv()
    packages = sum(line[:1].isalnum() for line in (ROOT / lock).read_text().splitlines())
    install(lock, f"Python packages ({packages}) into .venv")
    link_checkout()
    stamp.write_text(f"{lock} {wanted}\n")


def make_venv() -> None:
    try:
        import ensurepip  # noqa: F401 - Debian ships venv without it
        import venv
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Stop(
            f"this Python cannot make a virtual environment. Debian and Ubuntu: apt-get install python{version}-venv"
        ) from None
    say("virtual environment in .venv")
    venv.EnvBuilder(with_pip=True, clear=VENV.exists(), symlinks=True).create(VENV)


def install(lock: str, what: str) -> None:
    """With uv where there is one; pip where uv is missing or knows less about this network than pip's settings do."""
    uv = shutil.which("uv")
    by_hash = ["install", "--require-hashes", "-r", str(ROOT / lock)]
    if uv and attempt([uv, "pip", *by_hash, "--quiet", "--python", str(BIN / "python")], what):
        return
    run([str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", *by_hash], what)


def link_checkout() -> None:
    """What an editable install does, without a build: the checkout on the path and the `wenzheng` command."""
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([str(BIN / "python"), "-c", asked], text=True).strip())
    (site / "wenzheng-checkout.pth").write_text(f"{ROOT}\n")
    command = BIN / "wenzheng"
    command.write_text(
        f"#!{BIN / 'python'}\nimport sys\n\nfrom wenzheng.cli import main\n\nif __name__ == '__main__':\n"
        "    sys.exit(main())\n"
    )
    command.chmod(0o755)


# --- the front end ----------------------------------------------------------------------------------------------------


def front_end() -> None:
    """`gateway/static`, built from `web/` and the message catalogues."""
    if not (WEB / "package.json").exists():
        return
    sources = digest(*source_files())
    stamp = CACHE / "web.stamp"
    if (STATIC / "manifest.json").exists() and stamp.exists() and stamp.read_text() == sources:
        return
    tools = node_tools()
    node_modules(tools)
    run(["npm", "run", "build", "--silent"], "front end", cwd=WEB, path=tools)
    CACHE.mkdir(exist_ok=True)
    stamp.write_text(sources)


def source_files() -> list[Path]:
    made = {"node_modules", "dist"}
    inside = [path for path in WEB.rglob("*") if made.isdisjoint(path.relative_to(WEB).parts) and path.is_file()]
    return sorted(inside + list((ROOT / "gateway" / "locales").glob("*.json")))


def node_modules(tools: Path) -> None:
    """What `web/package-lock.json` pins."""
    wanted = digest(WEB / "package-lock.json")
    stamp = WEB / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    run(["npm", "ci", "--no-audit", "--no-fund"], "front-end packages into web/node_modules", cwd=WEB, path=tools)
    stamp.write_text(wanted)


def node_tools() -> Path:
    """The folder of `node` and `npm`: the system's if new enough, else the wheel's in `.venv`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return Path(node).parent
    if not (BIN / "npm").exists():
        install(NODE, "Node, because there is none of {}.{} or newer here".format(*OLDEST_NODE))
    return BIN


def node_version(node: str) -> tuple[int, ...]:
    try:
        said = subprocess.check_output([node, "--version"], text=True, timeout=30)
        return tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return (0, 0)


# --- commands ---------------------------------------------------------------------------------------------------------


def serve() -> None:
    environment(RUNTIME)
    front_end()
    port = os.environ.get("PORT", "8000")
    # Replaces this process, so that a signal to it is a signal to the server.
    become([str(BIN / "wenzheng"), "serve", "--demo", "--crowd", "--port", port])


def web() -> None:
    environment(RUNTIME)
    front_end()


def test(arguments: list[str]) -> None:
    environment(DEV)
    front_end()
    # The browser tests take axe-core from there.
    node_modules(node_tools())
    # Here it may take its minutes; inside a test it would run into that test's time limit.
    run([str(BIN / "python"), "-m", "tests.services.chromium"], "Chromium for the browser tests")
    run([str(BIN / "python"), "-m", "tests.services.redis_binaries"], "Redis for the tests")
    run([str(BIN / "python"), "-m", "tests.services.nginx"], "nginx for the proxy's tests")
    workers = os.environ.get("WENZHENG_TEST_WORKERS", "2")
    become([str(BIN / "python"), "-m", "pytest", "-n", workers, *arguments])


def lint() -> None:
    environment(DEV)
    node_modules(node_tools())
    checks = [
        ("style", ["ruff", "check", "."], ROOT),
        ("format", ["ruff", "format", "--check", "."], ROOT),
        ("types", ["mypy"], ROOT),
        ("import contracts", ["lint-imports", "--no-logo"], ROOT),
        ("TypeScript", ["npm", "run", "check", "--silent"], WEB),
    ]
    failed = []
    for name, command, where in checks:
        say(name)
        found = dict(os.environ, PATH=os.pathsep.join([str(BIN), str(node_tools()), os.environ.get("PATH", "")]))
        if subprocess.run(command, cwd=where, env=found, check=False).returncode:
            failed.append(name)
    if failed:
        raise Stop("not clean: " + ", ".join(failed))
    say("all clean")


def bench(arguments: list[str]) -> None:
    environment(DEV)
    front_end()
    become([str(BIN / "python"), "-m", "bench", *arguments])


def soak(arguments: list[str]) -> None:
    environment(DEV)
    front_end()
    runs = {"one": "soak", "desk": "review_desk", "keys": "review_keys"}
    module = f"tests.load.{runs.get(''.join(arguments[:1]), 'soak_cluster')}"
    become([str(BIN / "python"), "-m", module, *arguments])


def simulate(arguments: list[str]) -> None:
    environment(DEV)
    become([str(BIN / "python"), "-m", "tests.simulation", os.environ.get("SEEDS", "1000"), *arguments])


def shots(arguments: list[str]) -> None:
    environment(DEV)
    front_end()
    node_modules(node_tools())
    become([str(BIN / "python"), "-m", "tests.e2e.shots", *arguments])


def lock() -> None:
    """Hashes and markers, no addresses: the same lock works behind any mirror."""
    environment(DEV)
    uv = shutil.which("uv") or str(BIN / "uv")
    if not Path(uv).exists():
        run([str(BIN / "python"), "-m", "pip", "install", "uv"], "uv, which resolves the locks")
    run([uv, "lock", "--upgrade"], "newest allowed versions")
    plain = [uv, "export", "--frozen", "--no-header", "--no-emit-project", "--format", "requirements-txt", "--quiet"]
    run([*plain, "--no-default-groups", "-o", RUNTIME], RUNTIME)
    run([*plain, "--no-default-groups", "--group", "dev", "-o", DEV], DEV)
    run([*plain, "--only-group", "node", "-o", NODE], NODE)
    run([*plain, "--only-group", "build", "-o", BUILD], BUILD)
    run(["npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved"], "web", cwd=WEB)


def bundle() -> None:
    """The locked wheels, ours with the front end in it, and what installs them, for machines that reach no registry."""
    environment(DEV)
    front_end()
    folder = ROOT / "dist" / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    python = str(BIN / "python")
    download = ["-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--require-hashes"]
    run([python, *download, "--only-binary", ":all:", "-r", RUNTIME, "-d", str(wheels)], "locked wheels")
    run([python, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], "our wheel")
    packed = pack(folder, ROOT / "dist")
    say(f"{packed.relative_to(ROOT)}: {packed.stat().st_size // 1024**2} MiB, sha256 {file_digest(packed)}")


def pack(folder: Path, into: Path) -> Path:
    """`folder`, which holds `wheels/`, completed and as one archive that unpacks into a folder of its name."""
    for source, target in BUNDLED.items():
        shutil.copyfile(ROOT / source, folder / target)
    asked = "import sys, platform as p; print('%s-%s-py%d%d' % (sys.platform, p.machine(), *sys.version_info[:2]))"
    platform = subprocess.check_output([str(BIN / "python"), "-c", asked], text=True).strip()
    (folder / "PLATFORM").write_text(platform + "\n")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = "".join(f"{file_digest(path)}  {path.relative_to(folder)}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums)
    version = next((folder / "wheels").glob("wenzheng-*.whl")).name.split("-")[1]
    name = f"wenzheng-{version}-{platform}"
    packed = into / f"{name}.tar.gz"
    # Wheels are compressed already.
    with tarfile.open(packed, "w:gz", compresslevel=1) as archive:
        archive.add(folder, name, filter=nobodys)
    return packed


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built it is nobody's business and no owner of files elsewhere."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def clean() -> None:
    for made in (VENV, CACHE, STATIC, WEB / "node_modules", ROOT / ".mypy_cache", ROOT / ".ruff_cache", ROOT / "dist"):
        shutil.rmtree(made, ignore_errors=True)


# --- helpers ----------------------------------------------------------------------------------------------------------


def digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def say(line: str) -> None:
    print(f"» {line}", flush=True)


def attempt(command: list[str], what: str, cwd: Path = ROOT, path: Path | None = None) -> bool:
    """Runs `command` with its output in a log, saying every few seconds that it still does."""
    CACHE.mkdir(exist_ok=True)
    log = CACHE / "last.log"
    found = dict(os.environ, PATH=os.pathsep.join([str(path), os.environ.get("PATH", "")])) if path else None
    started = time.monotonic()
    print(f"» {what} ", end="", flush=True)
    with log.open("wb") as output:
        try:
            worker = subprocess.Popen(command, cwd=cwd, env=found, stdout=output, stderr=subprocess.STDOUT)
        except OSError:
            print("failed", flush=True)
            return False
        while True:
            try:
                code = worker.wait(timeout=2)
                break
            except subprocess.TimeoutExpired:
                print(".", end="", flush=True)
            except BaseException:
                worker.terminate()
                raise
    print(f" {time.monotonic() - started:.0f} s" if code == 0 else " failed", flush=True)
    return code == 0


def run(command: list[str], what: str, cwd: Path = ROOT, path: Path | None = None) -> None:
    if not attempt(command, what, cwd, path):
        log = CACHE / "last.log"
        tail = log.read_text(errors="replace").splitlines()[-30:] if log.exists() else []
        raise Stop("\n".join([*tail, f"that was: {' '.join(command)}"]))


def become(command: list[str]) -> None:
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def newer_python() -> str | None:
    return next((found for minor in range(20, 10, -1) if (found := shutil.which(f"python3.{minor}"))), None)


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0] if arguments else "help"), arguments[1:]
    commands = {
        "help": lambda: print(HELP),
        "env": lambda: environment(DEV),
        "run": serve,
        "test": lambda: test(rest),
        "lint": lint,
        "bench": lambda: bench(rest),
        "soak": lambda: soak(rest),
        "simulate": lambda: simulate(rest),
        "shots": lambda: shots(rest),
        "web": web,
        "lock": lock,
        "bundle": bundle,
        "clean": clean,
    }
    if command not in commands:
        print(HELP, file=sys.stderr)
        return 2
    if sys.version_info < OLDEST_PYTHON and command != "help":
        if other := newer_python():
            os.execv(other, [other, str(Path(__file__)), *arguments])  # noqa: S606
        print("Python 3.11 or newer is needed; this is " + sys.version.split()[0], file=sys.stderr)
        return 1
    try:
        commands[command]()
    except Stop as why:
        print(why, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
