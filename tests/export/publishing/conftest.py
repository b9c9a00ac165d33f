"""A tiny measured encoder, and a key that signs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from export.publishing.keys import SigningKey
from ondevice.bundle import Bundle, GateResult, write_manifest
from tests.tiny_models import make_tiny_encoder

GATE = (
    GateResult(measure="cosine_mean", value=0.9991, bound=0.995, data="built-in", n=200, cpu="x86-64 avx2"),
    GateResult(measure="ndcg@10_drop", value=0.001, bound=0.005, data="lamp", n=80, cpu="x86-64 avx2"),
    GateResult(measure="cosine_mean", value=0.9982, bound=0.995, data="built-in", n=200, cpu="x86-64 avx512-vnni"),
    GateResult(measure="file_bytes", value=31337, bound=None, data="built-in", n=1, cpu="x86-64 avx512-vnni"),
)


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., Bundle]:
    """Return a maker of tiny encoder bundles with gate results; other keywords change the manifest."""

    def make(folder: str = "bundle", **fields: object) -> Bundle:
        bundle = make_tiny_encoder(tmp_path / folder)
        given = {"version": "1.2.0", "gate": GATE, "recipe": "int8 of every product", **fields}
        write_manifest(bundle.folder, replace(bundle.manifest, **given))  # type: ignore[arg-type]
        return Bundle.open(bundle.folder, kind="encoder")

    return make


@pytest.fixture(scope="session")
def key() -> SigningKey:
    """Return a fixed key, so that signatures repeat."""
    return SigningKey.from_seed(bytes(range(32)))
