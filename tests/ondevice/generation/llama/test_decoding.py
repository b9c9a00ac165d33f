from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.llama.decoding import TextPieces


def feed(data: bytes, cuts: list[int], stop: tuple[str, ...] = ()) -> tuple[list[str], TextPieces]:
    text = TextPieces(stop)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [text.push(data[start:end]) for start, end in pairwise(places)]
    return [*pieces, text.finish()], text


@given(st.text(), st.lists(st.integers(0, 200)))
def test_any_split_gives_the_same_text_in_whole_characters(written, cuts):
    written = written.encode("utf-8", "replace").decode()
    pieces, _ = feed(written.encode(), cuts)
    assert "".join(pieces) == written
    assert "\ufffd" not in "".join(pieces) or "\ufffd" in written


@given(
    st.text(alphabet="abé", max_size=30),
    st.lists(st.text(alphabet="abé", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(0, 99)),
)
def test_a_stop_string_never_appears_not_even_in_part(written, stop, cuts):
    pieces, text = feed(written.encode(), cuts, tuple(stop))
    found = [written.find(each) for each in stop if each in written]
    if text.is_stopped:
        assert not any(each in "".join(pieces) for each in stop)
        assert written.startswith("".join(pieces))
    else:
        assert not found
        assert "".join(pieces) == written


def test_what_may_become_a_stop_string_is_held_back():
    text = TextPieces(("</end>",))
    assert text.push(b"fine </e") == "fine "
    assert text.push(b"lf>") == "</elf>"
    assert text.push(b"</en") == ""
    assert text.push(b"d> more") == ""
    assert text.is_stopped
    assert text.push(b"later") == ""
    assert text.finish() == ""


def test_the_earliest_stop_string_counts():
    text = TextPieces(("two", "one"))
    assert text.push(b"zero one two") == "zero "


def test_held_text_comes_at_the_end():
    text = TextPieces(("stop",))
    assert text.push(b"non-st") == "non-"
    assert text.finish() == "st"


def test_half_a_character_at_the_end_is_dropped():
    text = TextPieces(())
    assert text.push("né".encode()[:2]) == "n"
    assert text.finish() == ""


def test_bytes_that_are_no_text_are_replaced():
    text = TextPieces(())
    assert text.push(b"a\xffb") == "a\ufffdb"


def test_an_empty_stop_string_is_refused():
    with pytest.raises(ValueError, match="stop string"):
        TextPieces(("a", ""))
