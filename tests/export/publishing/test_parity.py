from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from export.errors import ConversionError
from export.publishing.keys import SigningKey
from export.publishing.parity import ParityData, measure_bundle, record
from export.publishing.publication import publish
from ondevice.bundle import Bundle, GateResult
from ondevice.bundle.archive import unpack
from ondevice.errors import ModelMismatchError, NotFoundError
from tests.tiny_llm import make_model, write_base, write_lora
from tests.tiny_persona import make_tiny_persona

Measured = Callable[..., Bundle]


def test_results_replace_those_of_the_same_measure_data_and_cpu(measured: Measured) -> None:
    bundle = measured()
    first = bundle.manifest.gate[0]
    again, elsewhere = replace(first, value=0.998), replace(first, cpu="arm64 dotprod")
    manifest = record(bundle.folder, [again, elsewhere])
    assert manifest.gate == (*bundle.manifest.gate[1:], again, elsewhere)
    opened = Bundle.open(bundle.folder, kind="encoder")
    assert (opened.manifest, opened.id) == (manifest, bundle.id)


def test_what_is_signed_stays_as_it_is(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    bundle = measured()
    archive = publish(bundle.folder, tmp_path / "out", key=key).archive
    (tmp_path / "signed").mkdir()
    unpack(archive, tmp_path / "signed")
    before = (tmp_path / "signed" / "manifest.json").read_bytes()
    with pytest.raises(ConversionError, match="is signed"):
        record(tmp_path / "signed", bundle.manifest.gate)
    assert (tmp_path / "signed" / "manifest.json").read_bytes() == before


def test_an_adapter_is_measured_on_a_base_of_its_own(tmp_path: Path) -> None:
    from export.conversion.about import About
    from export.conversion.gguf.adapter import convert_adapter

    model = make_model("llama")
    write_base(model, tmp_path / "base")
    write_base(make_model("llama", seed=4), tmp_path / "stranger")
    write_lora(model, tmp_path / "peft")
    texts = ["five boats and a rose garden"]
    convert_adapter(tmp_path / "peft", tmp_path / "base", tmp_path / "out", About(name="a", version="1"), texts=texts)
    seen: list[tuple[int, int]] = []
    data = ParityData(texts=texts, base=tmp_path / "base")
    results = measure_bundle(
        tmp_path / "out", tmp_path / "peft", data=data, on_progress=lambda *step: seen.append(step)
    )
    assert [result.measure for result in results if not result.measure.endswith("_worst")] == [
        "logits_cosine",
        "logits_cosine_unadapted",
    ]
    assert results[0].value > 0.999
    assert seen[-1] == (2, 2)
    with pytest.raises(ModelMismatchError, match="none of those"):
        measure_bundle(tmp_path / "out", tmp_path / "peft", data=replace(data, base=tmp_path / "stranger"))
    with pytest.raises(ConversionError, match="for encoders only"):
        measure_bundle(tmp_path / "out", tmp_path / "peft", data=replace(data, emulate="haswell"))
    with pytest.raises(ConversionError, match="on its base"):
        measure_bundle(tmp_path / "out", tmp_path / "peft", data=ParityData())


def test_nothing_there_is_nothing_measured(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        measure_bundle(tmp_path / "gone", tmp_path, data=ParityData())


def test_a_result_is_kept_as_it_came(measured: Measured) -> None:
    bundle = measured(gate=())
    result = GateResult(measure="cosine_mean", value=0.9, bound=None, data="x", n=1, cpu="x86-64 avx")
    assert record(bundle.folder, [result]).gate == (result,)


def test_a_persona_is_measured_against_what_its_training_wrote(tmp_path: Path) -> None:
    persona = make_tiny_persona(tmp_path / "persona", encoder="tiny", bases=("a" * 64,))
    with pytest.raises(ConversionError, match="the persona's folder lacks projector"):
        measure_bundle(persona.folder, tmp_path, data=ParityData())
