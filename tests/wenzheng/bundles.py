"""Wheels of what is installed here, so that a bundle can be made and installed without asking any registry."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import io
import re
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from tests.services.server import ROOT

_NOT_IN_WHEELS = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}


def repack_dependencies(folder: Path) -> None:
    """One wheel in `folder` for each locked dependency that this machine has installed."""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            wanted = Requirement(line.removesuffix("\\").strip())
            if wanted.marker is None or wanted.marker.evaluate():
                _repack(importlib.metadata.distribution(wanted.name), folder)


def _repack(installed: importlib.metadata.Distribution, folder: Path) -> None:
    name = re.sub(r"[-_.]+", "_", installed.metadata["Name"])
    tags = re.findall(r"^Tag: (\S+)-(\S+)-(\S+)$", installed.read_text("WHEEL") or "", re.MULTILINE)
    together = "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(folder / f"{name}-{installed.version}-{together}.whl", "w") as wheel:
        for file in installed.files or ():
            # Commands lie outside and are made anew from the entry points.
            if ".." in file.parts or "__pycache__" in file.parts or file.name in _NOT_IN_WHEELS:
                continue
            data = Path(str(file.locate())).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.writerow((file.as_posix(), f"sha256={digest}", len(data)))
            wheel.writestr(file.as_posix(), data)
        place = next(file.parent for file in installed.files or () if file.name == "METADATA")
        wheel.writestr(f"{place.as_posix()}/RECORD", record.getvalue() + f"{place.as_posix()}/RECORD,,\n")
