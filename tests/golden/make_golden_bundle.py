"""Make the golden bundle of a release: what this release publishes, and every later one must still install and run.

Run ``python -m tests.golden.make_golden_bundle`` once per release, when its version was raised; commit the archive.
The key is made of 32 known bytes, so it protects nothing and signs nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.publishing.keys import SigningKey
from export.publishing.publication import Notes, Published, publish
from ondevice import __version__
from ondevice.bundle import GateResult, write_manifest
from ondevice.bundle.probes import EncoderProbes, write_probes
from tests.tiny_models import WORDS, make_tiny_encoder, tiny_table

HERE = Path(__file__).parent
NAME, DIM = "golden-encoder", 24
PROBED = (("coffee", "paris"), ("garden", "snow", "horse"))
KEY = SigningKey.from_seed(b"golden bundles of every release!")
GATE = (
    GateResult(measure="cosine_mean", value=0.9991, bound=0.995, data="built-in", n=200, cpu="x86-64 avx2"),
    GateResult(measure="ndcg@10_drop", value=0.0012, bound=0.005, data="lamp", n=80, cpu="x86-64 avx2"),
)
LICENSE = "This model is a table of random numbers. Nobody claims any right in it.\n"


def make_golden_bundle(folder: Path, *, version: str = __version__) -> None:
    """Write the bundle that is published into a new folder: a tiny encoder with made-up gate results."""
    bundle = make_tiny_encoder(folder, name=NAME, dim=DIM, query_prefix="query one", max_tokens=16)
    vectors = tuple(tuple(round(float(number), 4) for number in vector_of(words)) for words in PROBED)
    probes = EncoderProbes(texts=tuple(" ".join(words) for words in PROBED), vectors=vectors, min_cosine=0.9999)
    manifest = replace(
        bundle.manifest,
        files={**bundle.files, "probes": write_probes(folder, probes)},
        version=version,
        gate=GATE,
        recipe="none: a table of random vectors",
        made_from={"table": "5" * 64},
    )
    write_manifest(folder, manifest)


def vector_of(words: Sequence[str]) -> NDArray[np.float32]:
    """Return a passage's vector, worked out by hand: float32[DIM].

    [CLS] and [SEP] are rows of zeros, so it is the direction of the sum of the words' rows.
    """
    table = tiny_table(dim=DIM)
    total = np.sum([table[4 + WORDS.index(word)] for word in words], axis=0)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


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
