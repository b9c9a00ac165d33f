"""Make the golden bundle of a release: what this release publishes, and every later one must still install and run.

Run ``python -m tests.golden.make_golden_bundle`` once per release, when its version was raised; commit the archive.
The key is made of 32 known bytes, so it protects nothing and signs nothing else.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from export.publishing.keys import SigningKey
from export.publishing.publication import Notes, Published, publish
from ondevice import __version__
from ondevice.bundle import GateResult, write_manifest
from tests.tiny_models import make_tiny_encoder

HERE = Path(__file__).parent
NAME = "golden-encoder"
KEY = SigningKey.from_seed(b"golden bundles of every release!")
GATE = (
    GateResult(measure="cosine_mean", value=0.9991, bound=0.995, data="built-in", n=200, cpu="x86-64 avx2"),
    GateResult(measure="ndcg@10_drop", value=0.0012, bound=0.005, data="lamp", n=80, cpu="x86-64 avx2"),
)
LICENSE = "This model is a table of random numbers. Nobody claims any right in it.\n"


def make_golden_bundle(folder: Path, *, version: str = __version__) -> None:
    """Write the bundle that is published into a new folder: a tiny encoder with made-up gate results."""
    bundle = make_tiny_encoder(folder, name=NAME, dim=24, query_prefix="query one", max_tokens=16)
    manifest = replace(
        bundle.manifest,
        version=version,
        gate=GATE,
        recipe="none: a table of random vectors",
        made_from={"table": "5" * 64},
    )
    write_manifest(folder, manifest)


def publish_golden_bundle(folder: Path, out: Path) -> Published:
    """Publish it with the known key, a licence text and notes."""
    text = out / "LICENSE"
    text.write_text(LICENSE, "utf-8")
    notes = Notes(license_file=text, training_data="nothing", paper="none")
    published = publish(folder, out, key=KEY, notes=notes)
    text.unlink()
    return published


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as draft:
        make_golden_bundle(Path(draft) / "bundle")
        publish_golden_bundle(Path(draft) / "bundle", HERE)
