from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.mail_text import text_of_html, without_quotes


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a<br/>b", "a\nb"),
        ("<script>x = 1</script>kept<style>y</style>", "kept"),
        ("&lt;b&gt; &#8364;", "<b> €"),
        ("<p>never closed", "never closed"),
        ("<!-- gone --><div>  spaced\n  out </div>", "spaced out"),
    ],
)
def test_html_reads_as_a_person_sees_it(html: str, text: str) -> None:
    assert text_of_html(html) == text


@given(st.text())
def test_any_html_can_be_read(html: str) -> None:
    assert "\n\n\n" not in text_of_html(html)


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_words_without_tags_stay(words: str) -> None:
    assert text_of_html(f"<p>{words}</p>") == words


@given(st.lists(st.text(st.characters(exclude_characters="\n")) | st.just("On Monday Ana wrote:"), max_size=8))
def test_no_quoted_line_is_left_and_twice_is_once(lines: list[str]) -> None:
    text = without_quotes("\n".join(lines))
    assert not any(line.lstrip().startswith(">") for line in text.split("\n"))
    assert without_quotes(text) == text


def test_a_sentence_that_only_starts_alike_stays() -> None:
    assert without_quotes("On Monday I wrote a list.\n\n> what list?") == "On Monday I wrote a list."
