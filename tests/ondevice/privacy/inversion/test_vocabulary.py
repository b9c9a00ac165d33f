"""Words that say something, and those that a tokenizer gives away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ondevice.privacy.inversion.invented import learned_texts, tried_texts
from ondevice.privacy.inversion.vocabulary import content_words, words_of_tokenizer


def written(folder: Path, vocabulary: object) -> Path:
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    return folder / "tokenizer.json"


def test_small_words_say_nothing() -> None:
    assert content_words("The café in Oslo: my table is at 79098, ok?") == {"cafe", "oslo", "table", "79098"}
    assert content_words("私は毎日走る") == frozenset()


@pytest.mark.parametrize(
    "vocabulary",
    [
        {"##lake": 0, "[PAD]": 1, "coffee": 3, "lake": 2, "the": 4, "ok": 5},
        {"\u0120lake": 2, "\u0120coffee": 3, "ding": 0, "\u0120the": 1},
        [["\u2581", 0.0], ["\u2581lake", -1.5], ["\u2581coffee", -2.0], ["ding", -3.0]],
    ],
)
def test_whole_words_are_taken_from_tokenizers_of_each_kind(tmp_path: Path, vocabulary: object) -> None:
    path = written(tmp_path, vocabulary)
    assert words_of_tokenizer(path, limit=9) == ["lake", "coffee"]
    assert words_of_tokenizer(path, limit=1) == ["lake"]


@pytest.mark.parametrize("vocabulary", [None, 3, [1, 2]])
def test_another_file_gives_no_words(tmp_path: Path, vocabulary: object) -> None:
    assert words_of_tokenizer(written(tmp_path, vocabulary), limit=9) == []
    assert words_of_tokenizer(tmp_path / "none", limit=9) == []


def test_the_attack_is_tried_on_other_texts_than_it_learned() -> None:
    learned, tried = learned_texts(), tried_texts()
    assert len(learned) > 1000
    assert len(tried) > 200
    assert learned == learned_texts()
    both = set(learned) & set(tried)
    assert len(both) < len(tried) / 20  # a few lines of small talk are everybody's
