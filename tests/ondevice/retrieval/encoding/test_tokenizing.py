"""Tokenizing: pairs that fit are joined as the tokenizers library does, and batches are padded to their longest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE, Unigram

from ondevice.errors import BundleError
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, TextTokenizer, Tokens, batches, padded
from tests.tiny_classifier import write_classifier_tokenizer
from tests.tiny_models import WORDS, write_tiny_tokenizer

PAIRS = [("coffee cake", "tea"), ("coffee", ""), ("", "tea"), ("dog " * 30, "cat " * 30), ("nothing known", "  ")]


@pytest.fixture(params=[True, False], ids=["bert", "roberta"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write_classifier_tokenizer(tmp_path, is_bert=request.param)
    return tmp_path / "tokenizer.json"


def test_pairs_that_fit_are_joined_as_the_library_does(path: Path) -> None:
    made = PairTokenizer(path, model="tiny", max_tokens=100).tokenize(PAIRS)
    library = Tokenizer.from_file(str(path))
    for one, (first, second) in zip(made, PAIRS, strict=True):
        wanted = library.encode(first, second or None)
        assert one == (wanted.ids, wanted.type_ids)


def test_no_input_is_longer_than_allowed_and_none_wastes_room(path: Path) -> None:
    words = [" ".join(WORDS[:n]) for n in (0, 1, 3, 9, 40)]
    pairs = [(first, second) for first in words for second in words]
    library = Tokenizer.from_file(str(path))
    for limit in (6, 7, 12, 33):
        made = PairTokenizer(path, model="tiny", max_tokens=limit).tokenize(pairs)
        whole = [len(library.encode(first, second or None).ids) for first, second in pairs]
        assert [len(one.ids) for one in made] == [min(limit, length) for length in whole]


def test_both_texts_are_heard_however_long_the_other_is(path: Path) -> None:
    coffee, tea = (4 + WORDS.index(word) for word in ("coffee", "tea"))
    for limit in (6, 9, 40):
        pairs = [("coffee " * 50, "tea"), ("coffee", "tea " * 50)]
        for one in PairTokenizer(path, model="tiny", max_tokens=limit).tokenize(pairs):
            assert coffee in one.ids
            assert tea in one.ids


def test_a_single_text_is_cut_with_its_special_tokens_kept(tmp_path: Path) -> None:
    write_tiny_tokenizer(tmp_path / "tokenizer.json")
    tokenizer = TextTokenizer(tmp_path / "tokenizer.json", model="tiny", max_tokens=4)
    assert [len(one.ids) for one in tokenizer.tokenize(["", "tea", "tea tea tea tea"])] == [2, 3, 4]
    assert tokenizer.tokenize(["tea tea tea tea"])[0].ids[-1] == 3


def test_a_tokenizer_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    for kind in (TextTokenizer, PairTokenizer):
        with pytest.raises(BundleError, match="the tokenizer of 'tiny' cannot be loaded"):
            kind(tmp_path / "tokenizer.json", model="tiny", max_tokens=9)


def test_batches_hold_every_place_once_shortest_first() -> None:
    tokens = [Tokens([1] * length, [0] * length) for length in (5, 1, 4, 2, 3)]
    assert list(batches(tokens, batch=2)) == [[1, 3], [4, 2], [0]]
    assert list(batches([], batch=2)) == []


def test_padding_is_masked_and_of_type_nought() -> None:
    feed = padded([Tokens([7, 8, 9], [0, 1, 1]), Tokens([5], [1])])
    np.testing.assert_array_equal(feed["input_ids"], [[7, 8, 9], [5, 0, 0]])
    np.testing.assert_array_equal(feed["token_type_ids"], [[0, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(feed["attention_mask"], [[1, 1, 1], [1, 0, 0]])


def test_a_tokenizer_that_keeps_words_forgets_them(tmp_path: Path) -> None:
    """Byte pairs and unigrams are looked up in a cache of whole words; words of pieces are not."""
    byte_pairs = Tokenizer(BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]))
    unigrams = Tokenizer(Unigram([("a", -1.0), ("b", -1.0), ("ab", -1.5)]))
    for name, tokenizer in (("byte pairs", byte_pairs), ("unigrams", unigrams)):
        tokenizer.save(str(tmp_path / f"{name}.json"))
        texts = TextTokenizer(tmp_path / f"{name}.json", model=name, max_tokens=8)
        before = texts.tokenize(["abba"])
        assert texts.forget()
        assert texts.tokenize(["abba"]) == before
    write_tiny_tokenizer(tmp_path / "tokenizer.json")
    assert not TextTokenizer(tmp_path / "tokenizer.json", model="pieces", max_tokens=8).forget()
