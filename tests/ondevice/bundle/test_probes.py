"""Probes as a file: what is written is what is read, and what probes nothing is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import Bundle, Kind, read_manifest, write_manifest
from ondevice.bundle.probes import (
    EncoderProbes,
    GeneratorProbes,
    Probes,
    ProjectorProbes,
    SelectorProbes,
    parse_probes,
    read_probes,
    write_probes,
)
from ondevice.errors import ManifestError
from tests.ondevice.bundle.signed import make_bundle

ENCODER = EncoderProbes(texts=("a cup", "caf\u00e9"), vectors=((1.0, 0.0), (0.6, 0.8)), min_cosine=0.99)
SELECTOR = SelectorProbes(pairs=(("a", "b"), ("c", "")), scores=(1.5, -2.0), tolerance=0.1)
PROJECTOR = ProjectorProbes(vectors=((1.0, 2.0),), projected=((3.0, 4.0, 5.0),), min_cosine=1.0)
GENERATOR = GeneratorProbes(prompt="The sky is", answer=" blue", log_likelihood=(-0.5, -1.25), tolerance=0.05)
CASES: list[tuple[Kind, Probes]] = [
    ("encoder", ENCODER),
    ("selector", SELECTOR),
    ("projector", PROJECTOR),
    ("generator", GENERATOR),
    ("adapter", GENERATOR),
]


@pytest.mark.parametrize(("kind", "probes"), CASES)
def test_what_is_written_is_what_is_read(tmp_path: Path, kind: Kind, probes: Probes) -> None:
    entry = write_probes(tmp_path, probes)
    assert entry.path == "probes.json"
    assert parse_probes(kind, (tmp_path / "probes.json").read_bytes()) == probes


def test_a_bundle_s_probes_are_its_own_kind_s(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "tiny")
    assert read_probes(Bundle.open(folder, kind="generator")) is None
    manifest = read_manifest(folder)
    entry = write_probes(folder, GENERATOR)
    write_manifest(folder, replace(manifest, files={**manifest.files, "probes": entry}))
    bundle = Bundle.open(folder, kind="generator")
    assert read_probes(bundle) == GENERATOR
    assert bundle.id == manifest.id
    entry = write_probes(folder, ENCODER)
    write_manifest(folder, replace(manifest, files={**manifest.files, "probes": entry}))
    with pytest.raises(ManifestError, match="'prompt' of the probes is missing"):
        read_probes(Bundle.open(folder, kind="generator"))


def test_probes_too_long_are_not_read(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "tiny")
    manifest = read_manifest(folder)
    entry = replace(write_probes(folder, GENERATOR), bytes=(4 << 20) + 1)
    bundle = Bundle(folder=folder, manifest=replace(manifest, files={**manifest.files, "probes": entry}))
    with pytest.raises(ManifestError, match="its probes have 4194305 bytes"):
        read_probes(bundle)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("encoder", {"format": 2}, "another format"),
        ("encoder", {"surprise": 1}, "unknown field 'surprise'"),
        ("encoder", {"texts": "ab"}, "must be list, not str"),
        ("encoder", {"texts": [1, 2]}, "texts only"),
        ("encoder", {"texts": ["a"]}, "1 inputs and 2 results"),
        ("encoder", {"texts": [], "vectors": []}, "0 inputs and 0 results"),
        ("encoder", {"vectors": [[1], [1, 2]]}, "of one length"),
        ("encoder", {"vectors": [[], []]}, "of one length"),
        ("encoder", {"vectors": [["1"], [2]]}, "list of numbers"),
        ("encoder", {"vectors": [[True], [2]]}, "list of numbers"),
        ("encoder", {"vectors": [[10**400], [2]]}, "list of numbers"),
        ("encoder", {"vectors": [1, 2]}, "list of numbers"),
        ("encoder", {"min_cosine": 1.1}, "bound"),
        ("encoder", {"min_cosine": -1}, "bound"),
        ("selector", {"pairs": [["a"], ["b", "c"]]}, "pairs of texts only"),
        ("selector", {"pairs": [["a", 1], ["b", "c"]]}, "pairs of texts only"),
        ("selector", {"scores": [1]}, "2 inputs and 1 results"),
        ("selector", {"scores": [], "pairs": []}, "0 inputs and 0 results"),
        ("selector", {"tolerance": 0}, "bound"),
        ("projector", {"projected": []}, "1 inputs and 0 results"),
        ("projector", {"vectors": [[]]}, "of one length"),
        ("generator", {"answer": ""}, "empty answer"),
        ("generator", {"log_likelihood": []}, "of one length"),
        ("generator", {"tolerance": -1}, "bound"),
    ],
)
def test_probes_that_probe_nothing_are_refused(
    tmp_path: Path, kind: Kind, change: dict[str, Any], message: str
) -> None:
    write_probes(tmp_path, dict(CASES)[kind])
    value = json.loads((tmp_path / "probes.json").read_bytes())
    with pytest.raises(ManifestError, match=message):
        parse_probes(kind, json.dumps({**value, **change}).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": NaN}', b"\xff"])
def test_what_is_no_probes_file_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_probes("encoder", data)


@pytest.mark.parametrize("make", [lambda: replace(GENERATOR, log_likelihood=(float("nan"),))])
def test_numbers_that_are_none_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ManifestError, match="finite"):
        make()
