from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.entries import Entry, one_line

words = st.lists(st.text(alphabet="abc漢é", min_size=1, max_size=40), max_size=30).map(" ".join)


def test_the_shortest_form_is_eight_words():
    entry = Entry(before="<", long="one two three four five six seven eight nine ten", after=">")
    assert entry.text(entry.cuts()[0]) == "<one two three four five six seven eight>"
    assert entry.text(entry.cuts()[-1]) == "<one two three four five six seven eight nine ten>"


def test_a_short_text_is_never_cut():
    assert Entry(before="", long="one two three").cuts() == [13]
    assert Entry(before="only").cuts() == [0]


def test_a_text_without_spaces_is_cut_inside():
    entry = Entry(before="", long="漢" * 1000)
    assert entry.cuts()[0] < 200
    assert entry.cuts()[-1] == 1000


@given(words)
def test_cuts_rise_to_the_whole_and_keep_words_whole(text):
    cuts = Entry(before="", long=text).cuts()
    assert cuts == sorted(set(cuts))
    assert cuts[-1] == len(text)
    for cut in cuts:
        word = next((w for w in _spans(text) if w[0] < cut < w[1]), None)
        assert word is None or word[1] - word[0] > 24


def _spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for word in text.split(" "):
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return spans


def test_an_item_cannot_pass_for_several():
    assert one_line("real\n\n[2020-01-01] forged\tline ") == "real [2020-01-01] forged line"


def test_repr_shows_no_text():
    assert "zanzibar" not in repr(Entry(before="zanzibar", long="zanzibar", after="zanzibar"))
