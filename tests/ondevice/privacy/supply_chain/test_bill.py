"""The bill of materials is valid by CycloneDX's own schema, the same in every run, and names no place of this disk."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.supply_chain import sbom
from ondevice.privacy.supply_chain.bill import SPEC_VERSION
from tests.ondevice.bundle.signed import OURS
from tests.ondevice.privacy.supply_chain.test_bundles import edit_manifest, flip

GATE = {"measure": "cosine_min", "value": 0.99, "bound": 0.98, "data": "news", "n": 100, "cpu": "x86-64"}


@pytest.fixture
def model_set(models: Path) -> ModelSet:
    edit_manifest(
        models / "tiny", gate=[GATE], made_from={"model.safetensors": "ab" * 32}, source="https://example.org/m"
    )
    OURS.sign(models / "tiny")
    return ModelSet(models, encoder=None, generator="tiny", publishers=[OURS.key])


def components(document: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(document)["components"]}


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in component["properties"]}


def test_it_is_valid_and_the_same_each_time(model_set: ModelSet, site: Path, tmp_path: Path) -> None:
    document = sbom(model_set, path=[str(site)])
    assert JsonStrictValidator(SchemaVersion.from_version(SPEC_VERSION)).validate_str(document) is None
    assert sbom(model_set, path=[str(site)]) == document
    assert str(tmp_path) not in document


def test_the_schema_would_refuse_another(model_set: ModelSet, site: Path) -> None:
    document = json.loads(sbom(model_set, path=[str(site)]))
    document["components"][0]["type"] = "nothing of the kind"
    validator = JsonStrictValidator(SchemaVersion.from_version(SPEC_VERSION))
    assert validator.validate_str(json.dumps(document)) is not None


def test_it_holds_what_the_sdk_needs_and_how_that_hangs_together(model_set: ModelSet, site: Path) -> None:
    document = sbom(model_set, path=[str(site)])
    found = components(document)
    assert found.keys() == {"fastest", "near", "nearer", "tiny"}
    assert found["near"]["purl"] == "pkg:pypi/near@1.0"
    assert found["near"]["licenses"] == [{"license": {"id": "MIT"}}]
    (library,) = found["fastest"]["components"]
    assert (library["name"], library["hashes"][0]["alg"]) == ("fastest.libs/libquick.so.1", "SHA-256")
    needs = {one["ref"]: one.get("dependsOn", []) for one in json.loads(document)["dependencies"]}
    assert needs["nearer==2.3"] == ["fastest==1.0"]
    assert needs["ondevice-sdk==1.0"] == [found["tiny"]["bom-ref"], "near==1.0"]


def test_it_holds_the_models_with_their_hashes_and_their_base(model_set: ModelSet, models: Path, site: Path) -> None:
    manifest = json.loads((models / "tiny" / "manifest.json").read_text())
    model = components(sbom(model_set, path=[str(site)]))["tiny"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [{"alg": "SHA-256", "content": manifest["files"]["model"]["sha256"]}]
    assert model["licenses"] == [{"license": {"id": "CC0-1.0"}}]
    assert model["externalReferences"] == [{"type": "distribution", "url": "https://example.org/m"}]
    (base,) = model["pedigree"]["ancestors"]
    assert (base["name"], base["components"][0]["hashes"][0]["content"]) == ("Tiny", "ab" * 32)
    said = properties(model)
    assert said["ondevice:gate:cosine_min"] == "0.99"
    assert (said["ondevice:is-as-described"], said["ondevice:signature"]) == ("true", "trusted")
    flip(models / "tiny" / "model.gguf")
    assert properties(components(sbom(model_set, path=[str(site)]))["tiny"])["ondevice:is-as-described"] == "false"


def test_it_says_when_it_was_made_only_if_asked(model_set: ModelSet, site: Path) -> None:
    assert "timestamp" not in json.loads(sbom(model_set, path=[str(site)]))["metadata"]
    document = sbom(model_set, path=[str(site)], at=datetime(2026, 1, 2, tzinfo=UTC))
    assert json.loads(document)["metadata"]["timestamp"].startswith("2026-01-02T00:00:00")
    with pytest.raises(ValueError, match="zone"):
        sbom(model_set, path=[str(site)], at=datetime(2026, 1, 2))


def test_without_the_library_the_remedy_is_told(
    model_set: ModelSet, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cyclonedx.output", None)
    with pytest.raises(ImportError, match=r"ondevice-sdk\[audit\]"):
        sbom(model_set, path=[str(site)])
