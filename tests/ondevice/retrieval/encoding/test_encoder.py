"""The encoder: known vectors of the real model, and every promise on a tiny one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ondevice.bundle import Bundle, FileEntry, read_manifest, write_manifest
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.passages import ItemText
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_models import WORDS, make_tiny_encoder, tiny_table


def vector_of(words: str) -> np.ndarray:
    """Compute by hand what the tiny encoder must say: the mean of the words and two zero specials, scaled to 1."""
    table = tiny_table()
    summed = sum(table[4 + WORDS.index(word)] for word in words.split())
    return np.asarray(summed / np.linalg.norm(summed))


def rewritten(bundle: Bundle, **spec: object) -> Bundle:
    """Return the same files under a manifest whose encoder section differs."""
    assert bundle.encoder is not None
    files = {role: FileEntry.measure(bundle.folder, entry.path) for role, entry in bundle.files.items()}
    changed = replace(bundle.manifest, files=files, encoder=replace(bundle.encoder, **spec))  # type: ignore[arg-type]
    write_manifest(bundle.folder, changed)
    return Bundle.open(bundle.folder, kind="encoder")


def test_the_real_models_canonical_vector(default_models: Path) -> None:
    with Encoder.open(Bundle.open(default_models / "bge-small-en-int8", kind="encoder")) as encoder:
        vectors = encoder.encode_queries(["This is an example sentence", "hello world"])
        np.testing.assert_allclose(vectors[0, :5], [-0.0396, -0.0008, 0.0287, -0.0270, -0.0108], atol=3e-3)
        np.testing.assert_allclose(vectors[1, :5], [0.0135, -0.0200, 0.0113, -0.0742, 0.0077], atol=3e-3)
        assert (encoder.dim, vectors.shape) == (384, (2, 384))
        cat, kitten, tax = encoder.encode_passages(["the cat sleeps", "a kitten naps", "income tax return"])
        assert cat @ kitten > cat @ tax + 0.2


def test_the_mean_of_the_words_by_hand(encoder: Encoder) -> None:
    out = encoder.encode_passages(["coffee cake", "Train to Paris"])
    np.testing.assert_allclose(out, [vector_of("coffee cake"), vector_of("train to paris")], atol=1e-6)
    assert out.dtype == np.float32


@pytest.mark.parametrize("token_types", [True, False])
def test_a_graph_that_pools_itself_gives_the_same(tmp_path: Path, token_types: bool) -> None:
    bundle = make_tiny_encoder(tmp_path, pooling="none", token_types=token_types)
    with Encoder.open(bundle) as encoder:
        out = encoder.encode_passages(["coffee cake", "train"])
    np.testing.assert_allclose(out, [vector_of("coffee cake"), vector_of("train")], atol=1e-6)


def test_every_vector_has_length_one(encoder: Encoder) -> None:
    out = encoder.encode_passages([" ".join(WORDS[: n + 1]) for n in range(40)])
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


def test_order_and_vectors_do_not_depend_on_the_batch(encoder: Encoder) -> None:
    texts = [" ".join(WORDS[n % 7 : n % 7 + 1 + (n * 5) % 11]) for n in range(50)]
    one_by_one = np.concatenate([encoder.encode_passages([text]) for text in texts])
    for batch in (1, 3, 32, 50, 500):
        np.testing.assert_allclose(encoder.encode_passages(texts, batch=batch), one_by_one, atol=1e-6)


def test_progress_counts_up_to_the_total(encoder: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode_passages(["coffee"] * 10, batch=4, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_nothing_in_is_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, 32)
    assert encoder.encode_queries([]).shape == (0, 32)


def test_each_verb_has_its_own_prefix(tmp_path: Path) -> None:
    with Encoder.open(make_tiny_encoder(tmp_path, query_prefix="query ", passage_prefix="passage ")) as encoder:
        np.testing.assert_allclose(encoder.encode_queries(["tea"]), [vector_of("query tea")], atol=1e-6)
        np.testing.assert_allclose(encoder.encode_passages(["tea"]), [vector_of("passage tea")], atol=1e-6)


def test_a_long_text_is_cut_at_max_tokens(tmp_path: Path) -> None:
    with Encoder.open(make_tiny_encoder(tmp_path, max_tokens=5)) as encoder:
        long, kept = encoder.encode_passages(["coffee tea cake lunch dinner", "coffee tea cake"])
    np.testing.assert_allclose(long, kept, atol=1e-6)


def test_any_text_at_all_gets_a_finite_vector(encoder: Encoder) -> None:
    texts = ["", " ", "\x00", "\ud800 half", "🙂" * 50, "a" * 100_000, "\n\t", "ไม่มีช่องว่าง"]
    assert np.isfinite(encoder.encode_passages(texts)).all()


def test_the_id_is_the_bundles(encoder: Encoder, tiny_bundle: Bundle) -> None:
    assert encoder.id == tiny_bundle.id
    assert repr(encoder) == f"Encoder({tiny_bundle.id!r}, dim=32)"


def test_a_graph_of_another_dimension_is_refused_when_opened(tmp_path: Path) -> None:
    bundle = rewritten(make_tiny_encoder(tmp_path), dim=48)
    with pytest.raises(ModelMismatchError, match="vectors of 32 numbers, its manifest says 48"):
        Encoder.open(bundle)


def test_a_pooling_that_does_not_fit_the_graph_is_refused(tmp_path: Path) -> None:
    bundle = rewritten(make_tiny_encoder(tmp_path), pooling="none")
    with pytest.raises(ModelMismatchError, match="does not fit its manifest"):
        Encoder.open(bundle)


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    make_tiny_encoder(tmp_path)
    model = tmp_path / "model.onnx"
    poisoned = model.read_bytes().replace(tiny_table()[4 + WORDS.index("poem")].tobytes(), b"\x00\x00\xc0\x7f" * 32)
    model.write_bytes(poisoned)
    bundle = rewritten(Bundle(folder=tmp_path, manifest=read_manifest(tmp_path)))
    with Encoder.open(bundle) as encoder:
        encoder.encode_passages(["coffee"])
        with pytest.raises(BundleError, match="not finite") as caught:
            encoder.encode_passages(["coffee poem"])
    assert "poem" not in str(caught.value)


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_no_model_is_a_bundle_error(tmp_path: Path, broken: str) -> None:
    bundle = make_tiny_encoder(tmp_path)
    (tmp_path / broken).write_bytes(b"not a model")
    with pytest.raises(BundleError, match="cannot be loaded"):
        Encoder.open(rewritten(bundle))


def test_a_batch_of_nothing_is_misuse(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="batch must be 1 or more"):
        encoder.encode_passages(["a"], batch=0)


def test_use_after_close_is_misuse(tiny_bundle: Bundle) -> None:
    encoder = Encoder.open(tiny_bundle)
    encoder.close()
    with pytest.raises(ValueError, match="closed"):
        encoder.encode_queries(["tea"])


LONG = ". ".join(" ".join(WORDS[n % 50 : n % 50 + 7]) for n in range(30))


def test_a_short_item_is_encoded_as_one_passage_and_a_long_one_begins_as_it_would_alone(encoder: Encoder) -> None:
    titled = f"coffee cake\n{LONG}"
    made = encoder.encode_items([ItemText("train", 0), ItemText(titled, 11), ItemText("", 0)])
    assert made.n_items == 3
    assert made.items.tolist() == [0, *[1] * (len(made.items) - 2), 2]
    assert made.spans[0].tolist() == [0, 5]
    whole = encoder.encode_passages(["train", titled, ""])
    np.testing.assert_allclose(made.vectors[[0, 1, -1]], whole, atol=1e-6)
    assert encoder.split([ItemText(titled, 11)]) == [[tuple(span) for span in made.spans[1:-1].tolist()]]


def test_each_further_passage_is_encoded_with_the_title_and_the_prefix(tmp_path: Path) -> None:
    bundle = make_tiny_encoder(tmp_path, passage_prefix="passage ")
    with Encoder.open(bundle) as encoder:
        titled = f"coffee cake\n{LONG}"
        made = encoder.encode_items([ItemText(titled, 11)])
        assert len(made.spans) > 4
        for (start, end), vector in list(zip(made.spans.tolist(), made.vectors, strict=True))[1:]:
            alone = encoder.encode_passages([f"coffee cake\n{titled[start:end]}"])[0]
            np.testing.assert_allclose(vector, alone, atol=1e-6)
            assert len(titled[start:end].split()) < 62
        assert made.spans[-1, 1] == len(titled)


def test_half_an_emoji_and_other_scripts_do_not_shift_the_places(encoder: Encoder) -> None:
    text = "\ud83d 日本 ﬁ é " + LONG
    spans = encoder.split([ItemText(text, 0)])[0]
    assert spans[-1].end == len(text)
    assert all(text[start - 1].isspace() for start, _ in spans[2:])
