from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export.models import FetchOptions, fetch_model, load_registry, parse_registry
from export.models.describing import manifest_of
from export.models.registry import HubSource, IndexSource, PackageSource
from ondevice.bundle import GeneratorSpec
from ondevice.errors import NotFoundError
from tests.tiny_host import registry_json, sha256


def test_the_shipped_registry_has_the_documented_models() -> None:
    registry = load_registry()
    assert list(registry.models) == [
        "smollm2-135m-instruct",
        "bge-small-en-int8",
        "minilm-l6-int8",
        "smollm2-135m-instruct-q4_1",
        "qwen2.5-coder-0.5b-instruct",
        "qwen2.5-coder-1.5b-instruct",
        "minilm-l6-fp32",
        "all-mpnet-base-v2",
        "bert-tiny-splade",
    ]
    assert registry.defaults == ("smollm2-135m-instruct", "bge-small-en-int8")
    for model in registry.models.values():
        assert model.license == ("MIT" if model.name == "bge-small-en-int8" else "Apache-2.0")
        if model.kind != "weights":
            assert manifest_of(model).kind == model.kind


def test_every_shipped_file_can_be_had_and_none_needs_unpickling() -> None:
    for model in load_registry().models.values():
        for file in model.files:
            assert file.path.endswith((".gguf", ".onnx", ".safetensors", ".json", ".txt"))
            assert any(isinstance(source, IndexSource | PackageSource) for source in file.sources)
            for source in file.sources:
                if isinstance(source, HubSource):
                    assert len(source.revision) == 40  # a commit, which cannot change, and no branch


def test_the_default_generator_is_made_from_the_file_that_the_other_one_is() -> None:
    served, reader = load_registry().get("smollm2-135m-instruct").files
    assert reader.role == "reader"
    assert reader.bytes <= 10_000_000
    (original,) = load_registry().get("smollm2-135m-instruct-q4_1").files
    assert served.derivation is not None
    assert served.fetched == original
    assert served.sha256 != original.sha256


def test_the_packaged_reader_is_the_one_that_is_pinned(tmp_path: Path) -> None:
    model = load_registry().get("smollm2-135m-instruct")
    reader = model.files[1]
    alone = replace(model, kind="weights", generator=None, files=(reader,))
    report = fetch_model(alone, tmp_path, options=FetchOptions(folder=tmp_path))
    assert [(file.path, file.origin) for file in report.files] == [("reader.gguf", "package")]
    assert sha256((report.folder / "reader.gguf").read_bytes()) == reader.sha256


def test_parts_stand_in_their_order() -> None:
    (file,) = load_registry().get("qwen2.5-coder-1.5b-instruct").files
    (source,) = [each for each in file.sources if isinstance(each, IndexSource)]
    assert [part.member[-6:] for part in source.parts] == [f"{number:02}.bin" for number in range(1, 23)]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError) as caught:
        load_registry().get("gpt-9")
    assert caught.value.message == "the registry has no model 'gpt-9'"
    assert caught.value.hint is not None
    assert "minilm-l6-int8" in caught.value.hint


def _changed(path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(registry_json())
    *way, last = path.split("/")
    place: Any = changed
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


def _derived(**fields: object) -> dict[str, Any]:
    quantization = {"name": "x", "mixture": "Q8_0", "tensors": {}} | fields
    return {"sha256": "0" * 64, "bytes": 1, "quantization": quantization}


TINY = "models/tiny"
SOURCES = f"{TINY}/files/model/sources"


def test_a_generator_may_say_that_it_reads_notes() -> None:
    section = {"context_tokens": 9, "base": "b"}
    for more, reads in (({}, False), ({"reads_notes": True}, True)):
        changed = registry_json()
        changed["models"]["tiny"] |= {"kind": "generator", "generator": section | more}
        del changed["models"]["tiny"]["encoder"]
        model = parse_registry(changed).models["tiny"]
        assert model.generator is not None
        assert model.generator.reads_notes is reads


def test_a_generator_may_say_how_long_its_prompts_are() -> None:
    changed = registry_json()
    section: dict[str, Any] = {"context_tokens": 9, "base": "b", "prompt_tokens": 7}
    changed["models"]["tiny"] |= {"kind": "generator", "generator": section}
    del changed["models"]["tiny"]["encoder"]
    assert parse_registry(changed).models["tiny"].generator == GeneratorSpec(**section)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("format", 2, "format other than 1"),
        ("more", 1, "the registry has the unknown field 'more'"),
        ("defaults", ["gone"], "defaults name 'gone'"),
        ("wheels/tiny-whole==1.0/bytes", "3", "must be int, not str"),
        ("wheels/nothing", {"sha256": "0" * 64, "bytes": 1}, "names no exact version"),
        (TINY, [], "the model 'tiny' must be an object"),
        (f"{TINY}/kind", "oracle", "unknown kind 'oracle'"),
        (f"{TINY}/license", ..., "the field 'license' of the model 'tiny' is missing"),
        (f"{TINY}/generator", {}, "the unknown field 'generator'"),
        (f"{TINY}/encoder/pooling", "max", "unknown pooling 'max'"),
        (f"{TINY}/encoder/dim", 8.0, "must be int, not float"),
        (f"{TINY}/files/model/path", "../x", "must stay inside its folder"),
        (f"{TINY}/files/model/path", "/x", "must stay inside its folder"),
        (f"{TINY}/files/model/sha256", "ABC", "64 lowercase hex digits"),
        (f"{TINY}/files/model/derived", {"sha256": "0" * 64, "bytes": 1}, "the field 'quantization' of a derivation"),
        (f"{TINY}/files/model/derived", _derived(mixture="Q9"), "there is no mixture 'Q9'"),
        (f"{TINY}/files/model/derived", _derived(more=1), "a quantization has the unknown field 'more'"),
        (SOURCES, [], "has no source"),
        (f"{SOURCES}/0/hub/revision", ..., "the field 'revision' of a hub source is missing"),
        (f"{SOURCES}/0/mirror", {}, "a source has the unknown field 'mirror'"),
        (f"{SOURCES}/1/index/parts/0/wheel", "gone==1", "names the wheel 'gone==1'"),
    ],
)
def test_a_wrong_edit_is_found(path: str, value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_registry(_changed(path, value))
