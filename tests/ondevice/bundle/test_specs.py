"""The kinds of model: what each says, what it must say, and that what is older stays what it was."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import (
    AdapterSpec,
    Bundle,
    EncoderSpec,
    FileEntry,
    GateResult,
    GeneratorSpec,
    Kind,
    Manifest,
    PersonaSpec,
    ProjectorSpec,
    SelectorSpec,
    SupportSpec,
    parse_manifest,
    write_manifest,
)
from ondevice.bundle.gains import PopulationGain
from ondevice.errors import ManifestError

HASH = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
OLD_ENCODER = """{"format": 1, "kind": "encoder", "name": "minilm-l6-int8", "version": "1", "license": "Apache-2.0",
 "source": "sentence-transformers/all-MiniLM-L6-v2, int8 ONNX", "files": {
  "model": {"path": "model.onnx", "bytes": 22928619,
            "sha256": "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"},
  "tokenizer": {"path": "tokenizer.json", "bytes": 466247,
                "sha256": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"}},
 "encoder": {"dim": 384, "pooling": "mean", "is_normalized": false, "max_tokens": 256,
             "query_prefix": "", "passage_prefix": ""}}"""
OLD_GENERATOR = """{"format": 1, "kind": "generator", "name": "smollm2-135m-instruct", "version": "1",
 "license": "Apache-2.0", "source": "HuggingFaceTB/SmolLM2-135M-Instruct, Q4_1 GGUF",
 "files": {"model": {"path": "model.gguf", "bytes": 98362432, "sha256": "%s"}},
 "generator": {"context_tokens": 8192, "base": "SmolLM2-135M-Instruct"}}"""


def made(folder: Path, kind: Kind, section: object, *, files: tuple[str, ...] = ("model",), **more: Any) -> Manifest:
    folder.mkdir(exist_ok=True)
    entries = {}
    for role in files:
        (folder / f"{role}.bin").write_bytes(role.encode())
        entries[role] = FileEntry.measure(folder, f"{role}.bin")
    sections: dict[str, Any] = {kind: section}
    return Manifest(kind=kind, name="m", version="1", license="MIT", source="", files=entries, **sections, **more)


QUERY_SIDE = EncoderSpec(dim=3, pooling="mean", is_normalized=True, max_tokens=9, passages="base-0123456789ab")
CHOICE = SelectorSpec(max_tokens=9, pool=("none", "mine"), k=2, margin=0.5)
SUPPORT = SupportSpec(intercept=1.5, likelihood=4.0, overlap=0.0, least=0.25)
GAIN = PopulationGain(mean=0.25, mean_error=0.125, variance=0.5, item_variance=2.0, users=40)
GAINS = {"LaMP_4": {"rag": GAIN, "both": replace(GAIN, mean=-1.0)}, "chat": {"rag": GAIN}}
PERSONA = PersonaSpec(
    n_in=3,
    n_out=4,
    n_rows=2,
    n_task_rows=1,
    rank=2,
    encoder="base-0123456789ab",
    bases=(HASH,),
    tasks=("chat", "LaMP_1"),
    temperature=0.05,
    null_score=-1.5,
    gain=3.0,
    max_items=64,
)
ADAPTER = AdapterSpec(bases=(HASH, "0" * 64), architecture="llama", rank=8, alpha=16.0)


@pytest.mark.parametrize(
    ("kind", "section", "files"),
    [
        ("selector", SelectorSpec(max_tokens=256), ("model", "tokenizer")),
        ("selector", SelectorSpec(max_tokens=9, pool=("none", "mine"), k=2, margin=0.5), ("model", "tokenizer")),
        ("selector", replace(CHOICE, default="mine", lead_pre=0.25, lead_post=1.0), ("model", "tokenizer")),
        ("selector", replace(CHOICE, cut="evenly"), ("model", "tokenizer")),
        ("encoder", QUERY_SIDE, ("model", "tokenizer")),
        ("encoder", replace(QUERY_SIDE, unrelated=0.385), ("model", "tokenizer")),
        ("projector", ProjectorSpec(n_in=3, n_out=4), ("model",)),
        ("adapter", ADAPTER, ("model", "card", "license", "probes")),
        ("generator", GeneratorSpec(context_tokens=9, base="b", reads_notes=True), ("model",)),
        ("generator", GeneratorSpec(context_tokens=9, base="b", support=SUPPORT), ("model", "reader")),
        ("generator", GeneratorSpec(context_tokens=9, base="b", prompt_tokens=9), ("model",)),
        ("generator", GeneratorSpec(context_tokens=9, base="b", gains=GAINS), ("model",)),
        ("adapter", replace(ADAPTER, prompt_tokens=768), ("model",)),
        ("persona", PERSONA, ("model", "rows", "map")),
    ],
)
def test_every_kind_round_trips(tmp_path: Path, kind: Kind, section: object, files: tuple[str, ...]) -> None:
    gate = (
        GateResult(measure="cosine_min", value=0.9987, bound=0.995, data="lamp", n=800, cpu="x86-64 avx2"),
        GateResult(measure="bytes", value=5.0, bound=None, data="", n=0, cpu=""),
    )
    manifest = made(
        tmp_path / "m",
        kind,
        section,
        files=files,
        gate=gate,
        recipe="int8",
        paper="doi",
        training_data="texts",
        made_from={"weights.safetensors": HASH},
    )
    write_manifest(tmp_path / "m", manifest)
    bundle = Bundle.open(tmp_path / "m", kind=kind)
    assert bundle.manifest == manifest
    assert getattr(bundle, kind) == section


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (OLD_ENCODER, "minilm-l6-int8-5a1fc3feea74"),
        (OLD_GENERATOR % HASH, "smollm2-135m-instruct-8106445fb2db"),
        (
            (OLD_GENERATOR % HASH).replace(
                '"files": {', '"files": {"extra": {"path": "extra.bin", "bytes": 3, "sha256": "%s"},' % ("ab" * 32)
            ),
            "smollm2-135m-instruct-a95774802f73",
        ),
    ],
    ids=["encoder", "generator", "generator with a file of its own"],
)
def test_a_manifest_of_the_first_release_is_read_and_keeps_its_id(text: str, id: str) -> None:
    manifest = parse_manifest(text.encode())
    assert manifest.id == id
    assert manifest.to_json() == json.loads(text)


def test_what_only_tells_about_a_model_is_not_part_of_its_id(tmp_path: Path) -> None:
    bare = made(tmp_path / "m", "adapter", ADAPTER)
    told = made(tmp_path / "m", "adapter", ADAPTER, files=("model", "card", "license", "probes"), recipe="f16")
    other = made(tmp_path / "m", "adapter", AdapterSpec(bases=(HASH,), architecture="llama", rank=8, alpha=16.0))
    assert told.id == bare.id
    assert other.id != bare.id


def change(value: dict[str, Any], path: str, to: object) -> bytes:
    *parents, last = path.split(".")
    at: Any = value
    for name in parents:
        at = at[int(name) if isinstance(at, list) else name]
    at[last] = to
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        ("adapter.bases", [], "one sha-256 or more"),
        ("adapter.bases", ["x"], "one sha-256 or more"),
        ("adapter.bases", [1], "texts only"),
        ("adapter.bases", HASH, "must be list, not str"),
        ("adapter.rank", 0, "rank 0 must be 1"),
        ("adapter.alpha", "1", "must be float, not str"),
        ("adapter.alpha", 10**400, "must be a finite number"),
        ("adapter.alpha", 0, "alpha 0.0 more than 0"),
        ("adapter.surprise", 1, "unknown field 'surprise'"),
        ("selector", {"max_tokens": 9}, "unknown field 'selector'"),
        ("gate", {}, "must be list, not dict"),
        ("gate", None, "must be list, not NoneType"),
        ("gate.0.surprise", 1, "unknown field 'surprise'"),
        ("gate.0.value", None, "must be float, not NoneType"),
        ("gate.0.bound", "1", "must be float, not str"),
        ("gate.0.n", -1, "count of 0 or more"),
        ("gate.0.n", True, "must be int, not bool"),
        ("recipe", 1, "must be str, not int"),
        ("made_from", {"a": "b"}, "made_from must give"),
        ("made_from", {"a": 1}, "must be str, not int"),
        ("probes", {}, "unknown field 'probes'"),
    ],
)
def test_a_wrong_field_is_refused(tmp_path: Path, path: str, to: object, message: str) -> None:
    gate = (GateResult(measure="a", value=1.0, bound=None, data="", n=0, cpu=""),)
    value = json.loads(json.dumps(made(tmp_path / "m", "adapter", ADAPTER, gate=gate).to_json()))
    assert parse_manifest(json.dumps(value).encode()).gate == gate
    with pytest.raises(ManifestError, match=message):
        parse_manifest(change(value, path, to))


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(ManifestError, match="finite"):
            GateResult(measure="a", value=number, bound=None, data="", n=0, cpu="")
        with pytest.raises(ManifestError, match="finite"):
            GateResult(measure="a", value=1.0, bound=number, data="", n=0, cpu="")


@pytest.mark.parametrize(
    ("kind", "section", "later"),
    [
        ("selector", SelectorSpec(max_tokens=9), {"pool", "k", "margin", "default", "lead_pre", "lead_post"}),
        ("selector", CHOICE, {"default", "cut"}),
        ("encoder", replace(QUERY_SIDE, passages=None), {"passages"}),
        ("generator", GeneratorSpec(context_tokens=9, base="b"), {"reads_notes", "support", "prompt_tokens", "gains"}),
        ("adapter", ADAPTER, {"prompt_tokens"}),
    ],
)
def test_fields_that_came_later_leave_older_ids_as_they_were(
    tmp_path: Path, kind: Kind, section: object, later: set[str]
) -> None:
    manifest = made(tmp_path / "m", kind, section, files=("model", "tokenizer"))
    assert not later & set(manifest.to_json()[kind])
    files = {role: entry.sha256 for role, entry in manifest.files.items()}
    identity: dict[str, Any] = {"kind": kind, "files": files, "encoder": None, "generator": None}
    identity[kind] = manifest.to_json()[kind]
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    assert manifest.id == f"m-{sha256(canonical).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("kind", "section", "change_to", "message"),
    [
        ("encoder", QUERY_SIDE, {"passages": ""}, "passages must be the id"),
        ("encoder", QUERY_SIDE, {"passages": None}, "must be str, not NoneType"),
        (
            "selector",
            SelectorSpec(max_tokens=9),
            {"pool": ["none", "bm25"]},
            "'k' of the section 'selector' is missing",
        ),
        ("selector", SelectorSpec(max_tokens=9), {"k": 2}, "unknown field 'k'"),
        ("selector", SelectorSpec(max_tokens=9), {"pool": []}, "two retrievers or more"),
        ("selector", CHOICE, {"pool": ["a"]}, "two retrievers or more"),
        ("selector", CHOICE, {"pool": ["a", "a"]}, "each once"),
        ("selector", CHOICE, {"k": 0}, "k 0 must be 1"),
        ("selector", CHOICE, {"margin": 1.5}, "margin 1.5"),
        ("selector", CHOICE, {"lead_post": -0.1}, "lead_post -0.1"),
        ("selector", CHOICE, {"default": "yours"}, "default must be a retriever of the pool"),
        ("selector", CHOICE, {"cut": "middle"}, "cut must be one of end, evenly"),
        ("selector", CHOICE, {"cut": "end"}, "cut is left out where it is 'end'"),
        ("selector", SelectorSpec(max_tokens=9), {"cut": "evenly"}, "unknown field 'cut'"),
    ],
)
def test_pools_and_passages_without_a_meaning_are_refused(
    tmp_path: Path, kind: Kind, section: object, change_to: dict[str, Any], message: str
) -> None:
    value = json.loads(json.dumps(made(tmp_path / "m", kind, section, files=("model", "tokenizer")).to_json()))
    value[kind] |= change_to
    with pytest.raises(ManifestError, match=message):
        parse_manifest(json.dumps(value).encode())


def test_a_generator_that_reads_notes_says_so_and_is_another_model(tmp_path: Path) -> None:
    plain = made(tmp_path / "m", "generator", GeneratorSpec(context_tokens=9, base="b"))
    reads = replace(plain, generator=GeneratorSpec(context_tokens=9, base="b", reads_notes=True))
    assert reads.to_json()["generator"] == {"context_tokens": 9, "base": "b", "reads_notes": True}
    assert reads.id != plain.id
    for value, message in ((False, "left out where it is false"), (1, "must be bool"), (None, "must be bool")):
        with pytest.raises(ManifestError, match=message):
            parse_manifest(change(plain.to_json(), "generator.reads_notes", value))


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("generator", 0, "prompt_tokens 0 must be between 1 and context_tokens 9"),
        ("generator", 10, "prompt_tokens 10 must be between"),
        ("generator", -1, "prompt_tokens -1"),
        ("generator", "768", "must be int, not str"),
        ("generator", True, "must be int, not bool"),
        ("generator", 7.0, "must be int, not float"),
        ("generator", None, "must be int, not NoneType"),
        ("adapter", 0, "prompt_tokens 0 must be 1 or more"),
        ("adapter", None, "must be int, not NoneType"),
    ],
)
def test_a_longest_prompt_that_no_model_has_is_refused(tmp_path: Path, kind: Kind, value: object, message: str) -> None:
    section = ADAPTER if kind == "adapter" else GeneratorSpec(context_tokens=9, base="b")
    known = json.loads(json.dumps(made(tmp_path / "m", kind, section).to_json()))
    with pytest.raises(ManifestError, match=message):
        parse_manifest(change(known, f"{kind}.prompt_tokens", value))


def test_a_model_that_learned_shorter_prompts_is_another_model(tmp_path: Path) -> None:
    plain = made(tmp_path / "m", "generator", GeneratorSpec(context_tokens=9, base="b"))
    short = replace(plain, generator=GeneratorSpec(context_tokens=9, base="b", prompt_tokens=5))
    assert short.to_json()["generator"] == {"context_tokens": 9, "base": "b", "prompt_tokens": 5}
    assert short.id != plain.id


def test_sizes_no_model_has_are_refused() -> None:
    with pytest.raises(ManifestError, match="max_tokens 4 must be 5"):
        SelectorSpec(max_tokens=4)
    with pytest.raises(ManifestError, match="n_in 0 and n_out 1"):
        ProjectorSpec(n_in=0, n_out=1)


def test_the_support_rises_with_what_speaks_for_an_answer_and_stays_a_share() -> None:
    spec = SupportSpec(intercept=0.0, likelihood=2.0, overlap=1.0, least=0.5)
    assert spec.of(0.0, 0.0) == 0.5
    assert spec.of(-0.5, 1.0) == 0.5
    assert spec.of(-0.1, 1.0) > spec.of(-0.4, 1.0) > spec.of(-0.4, 0.5)
    assert 0 < spec.of(-1e6, 0.0) < spec.of(1e6, 1.0) < 1


def test_weights_that_overflow_support_nothing() -> None:
    huge = SupportSpec(intercept=1e308, likelihood=-1e308, overlap=-1e308, least=0.5)
    assert huge.of(-10.0, 0.0) == pytest.approx(1.0)
    assert SupportSpec(intercept=-1e308, likelihood=-1e308, overlap=0.0, least=0.5).of(-10.0, 0.0) > 0.5
    neither = SupportSpec(intercept=0.0, likelihood=-1e308, overlap=-1e308, least=0.5)
    assert neither.of(-10.0, 10.0) < 1e-9, "infinite for and against is no number"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("least", 1.0, "least support 1.0 must be 0 or more and less than 1"),
        ("least", -0.1, "least support -0.1"),
        ("overlap", 10**400, "must be a finite number"),
        ("likelihood", "1", "must be float, not str"),
        ("surprise", 1, "unknown field 'surprise'"),
    ],
)
def test_a_support_that_means_nothing_is_refused(tmp_path: Path, field: str, value: object, message: str) -> None:
    generator = GeneratorSpec(context_tokens=9, base="b", support=SUPPORT)
    known = json.loads(json.dumps(made(tmp_path / "m", "generator", generator).to_json()))
    assert parse_manifest(json.dumps(known).encode()).generator == generator
    with pytest.raises(ManifestError, match=message):
        parse_manifest(change(known, f"generator.support.{field}", value))
    with pytest.raises(ManifestError, match="finite"):
        SupportSpec(intercept=float("nan"), likelihood=1.0, overlap=1.0, least=0.5)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("rag.mean", 101.0, "the gain of 'rag': the mean gain 101.0 and its error 0.125 must be within 100 nats"),
        ("rag.mean", 10**400, "must be a finite number"),
        ("rag.mean", "1", "must be float, not str"),
        ("rag.mean_error", -0.1, "error not negative"),
        ("rag.variance", -0.1, "the variance -0.1 must be between 0 and 10000"),
        ("rag.variance", 1e300, "the variance 1e[+]300"),
        ("rag.item_variance", 0, "the item variance 0.0 between 1e-09"),
        ("rag.users", 1, "1 users tells of no population"),
        ("rag.users", 2.5, "must be int, not float"),
        ("rag.users", True, "must be int, not bool"),
        ("rag.luck", 1, "unknown field 'luck'"),
        ("rag", None, "must be dict, not NoneType"),
        ("none", {"mean": 0}, "'mean_error' of the gain of 'none' is missing"),
    ],
)
def test_gains_that_no_population_has_are_refused(tmp_path: Path, path: str, value: object, message: str) -> None:
    generator = GeneratorSpec(context_tokens=9, base="b", gains=GAINS)
    known = json.loads(json.dumps(made(tmp_path / "m", "generator", generator).to_json()))
    with pytest.raises(ManifestError, match=message):
        parse_manifest(change(known, f"generator.gains.LaMP_4.{path}", value))


@pytest.mark.parametrize(
    ("gains", "message"),
    [
        ({}, "gains must name a task or more"),
        ({"": GAINS["chat"]}, "gains must name a task or more"),
        ({"a b": GAINS["chat"]}, "gains must name a task or more"),
        ({"chat": {}}, "the gains of 'chat': the gains of retrieval, 'rag', are missing"),
        ({"chat": {"both": GAIN}}, "'rag', are missing"),
        ({"chat": {"rag": GAIN, "none": GAIN}}, "no way of answering 'none': choose of rag, adapter, both, contrast"),
    ],
)
def test_gains_of_no_task_or_way_are_refused(gains: dict[str, dict[str, PopulationGain]], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        GeneratorSpec(context_tokens=9, base="b", gains=gains)


def test_a_gain_that_is_no_number_is_refused() -> None:
    for field in ("mean", "mean_error", "variance", "item_variance"):
        changed: dict[str, Any] = {field: float("nan")}
        with pytest.raises(ValueError, match="nan"):
            replace(GAIN, **changed)


@pytest.mark.parametrize(
    ("unrelated", "why"),
    [("0", "left out where it is 0"), ("1", "less than 1"), ("-0.1", "0 or more"), ("true", "not bool")],
)
def test_a_cosine_of_unrelated_texts_leaves_room_and_is_said_in_one_way(unrelated: str, why: str) -> None:
    said = OLD_ENCODER.replace('"passage_prefix": ""', f'"passage_prefix": "", "unrelated": {unrelated}')
    with pytest.raises(ManifestError, match=why):
        parse_manifest(said.encode())
