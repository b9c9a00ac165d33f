"""A folder of installed packages, as an installer leaves it, with what each asks for and its record."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def install(
    site: Path,
    name: str,
    version: str = "1.0",
    *,
    needs: Sequence[str] = (),
    extras: Sequence[str] = (),
    licence: str = "MIT",
    files: Mapping[str, bytes] | None = None,
    origin: Mapping[str, object] | None = None,
    has_record: bool = True,
) -> Path:
    """Write a package into ``site`` and return its information's folder."""
    module = name.replace("-", "_")
    information = f"{module}-{version}.dist-info"
    about = [f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"]
    about += [f"License-Expression: {licence}\n"] if licence else []
    about += [f"Provides-Extra: {extra}\n" for extra in extras] + [f"Requires-Dist: {need}\n" for need in needs]
    written = {f"{module}/__init__.py": b"ANSWER = 42\n"} if files is None else dict(files)
    written[f"{information}/METADATA"] = "".join(about).encode()
    if origin is not None:
        written[f"{information}/direct_url.json"] = json.dumps(origin).encode()
    for path, data in written.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
    if has_record:
        lines = [f"{path},{hash_of(data)},{len(data)}\n" for path, data in written.items()]
        (site / information / "RECORD").write_text("".join(lines) + f"{information}/RECORD,,\n")
    return site / information


def hash_of(data: bytes, algorithm: str = "sha256") -> str:
    """Return a hash as a record has it."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    return f"{algorithm}={digest}"


def make_site(site: Path) -> Path:
    """Write the SDK with two packages that it needs, and one that it does not."""
    install(site, "ondevice-sdk", needs=["Near>=1", "far; extra == 'more'"], extras=["more"], licence="Apache-2.0")
    install(site, "near", needs=["nearer[fast]==2.*"])
    install(site, "nearer", "2.3", extras=["fast"], needs=["fastest; extra == 'fast'", "never; sys_platform == 'none'"])
    install(site, "fastest", files={"fastest.py": b"QUICK = True\n", "fastest.libs/libquick.so.1": b"\x7fELF quick"})
    install(site, "stranger")
    return site
