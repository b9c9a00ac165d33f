from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from export.conversion.about import About
from export.conversion.onnx.bundling import row_of
from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.encoder import convert_encoder
from export.conversion.onnx.encoder_bench import EncoderBench, set_up_encoder
from export.conversion.onnx.recipes import recipe_named
from export.conversion.onnx.reference import TorchEncoder
from export.conversion.onnx.search import OnnxTrial, search
from export.conversion.trials import Preference, best_within
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from export.gate.retrieval_data import RetrievalData
from ondevice.bundle import Bundle
from ondevice.bundle.probes import EncoderProbes, read_probes
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_checkpoints import edit_json, make_tiny_checkpoint, write_json

LOOSE = Bounds(cosine_mean_min=0.95)
SOME = tuple(recipe_named(name) for name in ("fp32", "int8-dynamic", "int8-smooth"))


def choose(trials: list[OnnxTrial], *, prefer: Preference = "speed") -> OnnxTrial:
    return best_within(trials, nearest_by=EncoderBench.nearest_by, prefer=prefer)


def test_a_converted_bundle_gives_the_originals_vectors(
    tiny_folder: Path, tmp_path: Path, tiny_data: RetrievalData
) -> None:
    source = shutil.copytree(tiny_folder, tmp_path / "source")
    write_json(source / "config_sentence_transformers.json", {"prompts": {"query": "query ", "passage": "passage "}})
    seen: list[tuple[int, int]] = []
    manifest = convert_encoder(
        source,
        tmp_path / "out",
        About(name="tiny", version="1.0", license="CC0-1.0"),
        recipe="int8-smooth",
        data=[tiny_data],
        bounds=LOOSE,
        report=tmp_path / "report",
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]
    assert "| int8-smooth |" in (tmp_path / "report" / "report.md").read_text("utf-8")
    bundle = Bundle.open(tmp_path / "out", kind="encoder")
    assert bundle.encoder == manifest.encoder
    assert manifest.made_from == read_checkpoint(source).files
    assert manifest.recipe is not None
    assert manifest.recipe.startswith("int8-smooth: ")
    assert {"cosine_mean", "ndcg@10_drop", "speed_ratio"} <= {result.measure for result in manifest.gate}
    assert next(each.bound for each in manifest.gate if each.measure == "cosine_mean") == 0.95
    assert (tmp_path / "out" / "tokenizer.json").read_bytes() == (source / "tokenizer.json").read_bytes()
    reference = TorchEncoder.open(read_checkpoint(source), source / "tokenizer.json")
    texts = ["the dog in the garden", "tea and cake"]
    with Encoder.open(bundle, threads=1) as encoder:
        for verb in ("encode_queries", "encode_passages"):
            found, wanted = getattr(encoder, verb)(texts), getattr(reference, verb)(texts)
            assert np.einsum("nd,nd->n", found, wanted).min() > 0.98


def test_the_probes_are_the_originals_vectors(tiny_folder: Path, tmp_path: Path) -> None:
    convert_encoder(
        tiny_folder,
        tmp_path / "out",
        About(name="tiny", version="1", license="CC0-1.0"),
        recipe="int8-dynamic",
        bounds=LOOSE,
    )
    bundle = Bundle.open(tmp_path / "out", kind="encoder")
    probes = read_probes(bundle)
    assert isinstance(probes, EncoderProbes)
    reference = TorchEncoder.open(read_checkpoint(tiny_folder), tiny_folder / "tokenizer.json")
    np.testing.assert_allclose(np.array(probes.vectors), reference.encode_passages(probes.texts), atol=1e-5)
    with Encoder.open(bundle, threads=1) as encoder:
        cosines = np.einsum("nd,nd->n", encoder.encode_passages(probes.texts), np.array(probes.vectors))
    assert cosines.min() >= probes.min_cosine


def test_the_search_measures_all_and_takes_what_is_preferred(
    tiny_folder: Path, tmp_path: Path, tiny_data: RetrievalData
) -> None:
    bench = set_up_encoder(
        read_checkpoint(tiny_folder), tmp_path, texts=tiny_data.passages, data=[tiny_data], threads=1
    )
    trials = search(bench, LOOSE, recipes=SOME)
    assert [trial.recipe.name for trial in trials] == [recipe.name for recipe in SOME]
    assert all(trial.fault is None and trial.speed is not None for trial in trials)
    assert trials[0].value("cosine_mean") == pytest.approx(1.0, abs=1e-6)
    assert trials[0].value("ndcg@10_drop") == pytest.approx(0.0, abs=1e-9)
    assert trials[1].n_bytes < trials[0].n_bytes
    assert choose(trials, prefer="size").recipe.name in ("int8-dynamic", "int8-smooth")
    fastest = max(trials, key=lambda trial: trial.speed.per_s if trial.speed else 0.0)
    chosen = choose(trials)
    assert chosen.speed is not None
    assert fastest.speed is not None
    assert chosen.speed.per_s >= 0.95 * fastest.speed.per_s
    assert set(row_of(EncoderBench, trials[0])) >= {"recipe", "cosine", "ndcg@10_drop", "texts_per_s", "MB"}


def test_a_recipe_outside_its_bounds_is_tried_with_less(tiny_folder: Path, tmp_path: Path) -> None:
    texts = ["the dog and the cat", "rain and snow in the garden", "tea", "two pianos and a guitar on the lake"]
    bench = set_up_encoder(read_checkpoint(tiny_folder), tmp_path, texts=texts, threads=1)
    trials = search(bench, Bounds(cosine_mean_min=1.5), recipes=SOME[1:2])
    assert [trial.recipe.name for trial in trials] == [
        "int8-dynamic",
        "int8-dynamic-but-1",
        "int8-dynamic-but-2",
        "int8-dynamic-but-4",
    ]
    assert [len(trial.recipe.excluded) for trial in trials] == [0, 1, 2, 4]
    assert all(trial.speed is None for trial in trials)
    with pytest.raises(ParityError, match=r"none of 4 recipes holds.*cosine_mean"):
        choose(trials)


def test_nothing_is_left_of_a_conversion_outside_its_bounds(tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParityError, match="cosine_mean"):
        convert_encoder(
            tiny_folder,
            tmp_path / "deep" / "out",
            About(name="tiny", version="1", license="CC0-1.0"),
            recipe="int4-blocks",
            bounds=Bounds(cosine_mean_min=0.99999),
        )
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_licence_must_come_from_somewhere(tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="no licence"):
        convert_encoder(tiny_folder, tmp_path / "out", About(name="tiny", version="1"), recipe="fp32")


def test_a_tokenizer_with_more_tokens_than_the_model_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    edit_json(folder / "config.json", vocab_size=20)
    with pytest.raises(ConversionError, match="tokens, but the model has 20"):
        convert_encoder(folder, tmp_path / "out", About(name="tiny", version="1", license="CC0-1.0"), recipe="fp32")
    assert not (tmp_path / "out").exists()


def test_a_vocabulary_becomes_a_fast_tokenizer(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = make_tiny_checkpoint(tmp_path / "tiny")
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    words = sorted(ids, key=lambda word: ids[word])
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join([*words[:-1], "[MASK]"]) + "\n")
    convert_encoder(folder, tmp_path / "out", About(name="tiny", version="1", license="CC0-1.0"), recipe="fp32")
    made = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert made.encode("the dog").tokens == ["[CLS]", "the", "dog", "[SEP]"]


def test_a_checkpoint_that_lowercases_gets_a_tokenizer_that_does(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, normalizers

    folder = make_tiny_checkpoint(tmp_path / "tiny")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.save(str(folder / "tokenizer.json"))
    edit_json(folder / "sentence_bert_config.json", do_lower_case=True)
    convert_encoder(folder, tmp_path / "out", About(name="tiny", version="1", license="CC0-1.0"), recipe="fp32")
    made = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert made.encode("The DOG").tokens == ["[CLS]", "the", "dog", "[SEP]"]
