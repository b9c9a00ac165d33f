from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.mail.pages import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a<br/>b<br><br>c", "a\nb\n\nc"),
        ("<table><tr><td>tea</td><td>2 euro</td></tr><tr><td>milk</td></tr></table>", "tea 2 euro\nmilk"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<script>x = 1</script>kept<style>y</style>", "kept"),
        ("&lt;b&gt; &#8364;", "<b> €"),
        ("<p>never closed", "never closed"),
        ("<!-- gone --><div>  spaced\n  out </div>", "spaced out"),
        ("<p>before</p><![ if !supportLists]><p>item</p><![endif]>", "before\n\nitem"),
        ("<p>before</p><![", "before"),
        ("<p>before</p><![foo]><p>after</p>", "before\n\nafter"),
        ("<head><style>p{color:red}</style><body><p>due on 20 March</p>", "due on 20 March"),
        ("<head><title>Invoice<body><p>due on 21 March</p>", "due on 21 March"),
        ("<body><style>p{color:red}<p>due on 22 March</p>", "due on 22 March"),
        ("<body><!-- <p>due on 23 March</p>", "due on 23 March"),
        ("<template><p>due on 24 March</p>", "due on 24 March"),
        ('<div style="display: none">peek</div><p hidden>x</p>seen', "seen"),
        ('Yes.<blockquote type="cite"><p>Tuesday?</p></blockquote>Bo', "Yes.\n\n> Tuesday?\n>\nBo"),
        ("He said:<blockquote>Never again.</blockquote>", "He said:\n\nNever again."),
        ("a\0b", "ab"),
    ],
)
def test_html_reads_as_a_person_sees_it(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "end",
        "<div></x>" * 60_000 + "end",
        "<b><i><p>" * 30_000 + "end",
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">end",
        "<p a='>' " + " ".join(f"b{n}='>'" for n in range(100_000)) + ">end",
        '<img src="data:image/png;base64,' + "A" * 5_000_000 + '">end',
        "<" * 500_000 + " end",
        "<a-" * 300_000 + ">end",
        "<!--" * 300_000 + "-->end",
    ],
    ids=[
        "deep",
        "never closed",
        "formats",
        "attributes",
        "attributes in quotes",
        "image",
        "marks",
        "names",
        "comments",
    ],
)
def test_a_page_made_to_take_for_ever_does_not(html: str) -> None:
    assert "end" in text_of_html(html)


@given(st.text())
def test_any_html_can_be_read(html: str) -> None:
    assert "\n\n\n" not in text_of_html(html)


TAGS = st.sampled_from(
    ["<p>", "</p>", "<div>", "<table>", "<td>", "<b>", "</b>", "<![", "<!--", "<title>", "a", " ", "<"]
)


@given(st.lists(TAGS, max_size=20))
def test_any_heap_of_tags_can_be_read(tags: list[str]) -> None:
    assert text_of_html("".join(tags)) == text_of_html("".join(tags)).strip()


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_words_without_tags_stay(words: str) -> None:
    assert text_of_html(f"<p>{words}</p>") == words
