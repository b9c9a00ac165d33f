"""Splitting long texts into passages: nothing is left out, nothing is too long, and sentences stay whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.passages import Span
from ondevice.retrieval.encoding.splitting import HEAD_TOKENS, OVERLAP_TOKENS, PASSAGE_TOKENS, SHORT_TOKENS, passages_of

WORDS = st.sampled_from(["a", "word", "Longer", "end.", "End!", "line\n", "x" * 30, "日本。"])


def starts_of(text: str) -> list[int]:
    """Return where a tokenizer of whole words would begin its tokens."""
    return [at for at, char in enumerate(text) if not char.isspace() and (not at or text[at - 1].isspace())]


def tokens_in(span: Span, starts: list[int]) -> int:
    return sum(span.start <= start < span.end for start in starts)


SENTENCES = [f"Sentence {number} has seven words in it." for number in range(200)]


@pytest.mark.parametrize("n_read", [SHORT_TOKENS, 2 * SHORT_TOKENS])
def test_a_short_text_is_one_passage(n_read: int) -> None:
    text = "word " * SHORT_TOKENS
    assert passages_of(text, starts_of(text), n_read, 0) == ([Span(0, len(text))], "")


def test_a_long_text_is_short_passages_of_whole_sentences_that_overlap_behind_its_beginning() -> None:
    text = " ".join(SENTENCES)
    starts = starts_of(text)
    (first, *spans), head = passages_of(text, starts, 300, 0)
    assert (first, head) == (Span(0, starts[300]), "")
    assert spans[0].start == 0
    assert spans[-1].end == len(text)
    for span in spans:
        assert text[span.start :].startswith("Sentence")
        assert text[: span.end].rstrip().endswith(".")
        assert PASSAGE_TOKENS - 7 <= tokens_in(span, starts) <= PASSAGE_TOKENS or span == spans[-1]
    for before, span in pairwise(spans):
        assert 0 < tokens_in(Span(span.start, before.end), starts) <= OVERLAP_TOKENS


def test_an_encoder_that_reads_all_of_a_longer_text_gets_its_passages_too() -> None:
    text = "word " * (SHORT_TOKENS + 1)
    (first, *spans), _ = passages_of(text, starts_of(text), 1000, 0)
    assert first == Span(0, len(text))
    assert len(spans) > 1


def test_fields_go_along_but_not_more_of_them_than_leaves_room() -> None:
    title = "A title of five words"
    text = f"{title}\n{' '.join(SENTENCES)}"
    assert passages_of(text, starts_of(text), 254, len(title))[1] == title
    long = "word " * 500
    assert passages_of(f"{long}\nend", starts_of(f"{long}\nend"), 254, len(long))[1].split() == ["word"] * HEAD_TOKENS


def test_an_encoder_that_hardly_reads_anything_reads_the_beginning_alone() -> None:
    text = "word " * 500
    assert passages_of(text, starts_of(text), 6, 0) == ([Span(0, 30)], "")


@settings(max_examples=40)
@given(
    text=st.lists(WORDS, min_size=1, max_size=300).map(" ".join),
    n_read=st.integers(1, 70) | st.just(300),
    n_head=st.integers(0, 40),
)
def test_passages_hold_every_token_and_none_is_longer_than_can_be_read(text: str, n_read: int, n_head: int) -> None:
    starts = starts_of(text)
    (first, *spans), _ = passages_of(text, starts, n_read, min(n_head, len(text)))
    assert first.start == 0
    if spans:
        assert {start for start in starts if any(span.start <= start < span.end for span in spans)} == set(starts)
        assert all(tokens_in(span, starts) <= min(n_read, PASSAGE_TOKENS) for span in spans)
        assert spans == sorted(set(spans))
    else:
        assert n_read < 14 or len(starts) <= n_read
