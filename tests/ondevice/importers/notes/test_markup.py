"""What Markdown shows a reader, and nothing that only a program needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.notes.markup import tags_of, words_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[[Ana]] and [[people/Ana|her]]", "Ana and her"),
        ("[[Boiler#Reset]], [[Boiler#^a1]], [[#Reset]]", "Boiler, Reset, Boiler, Reset"),
        ("See ![[plan.png|300]]here, ![[Plan]]", "See here, Plan"),
        ("[the manual](https://e.org/a_(b)) and <https://e.org>", "the manual and <https://e.org>"),
        ("[the [second] one](<a b.md>)", "the [second] one"),
        ("![a red door](door.jpg) ![door.jpg](door.jpg)!", "a red door !"),
        ("[one][a] [two][b]\n\n[a]: https://e.org", "one [two][b]"),
        ("> [!warning]- Hot\n> Do not touch.", "> Hot\n> Do not touch."),
        ("> [!tip]\n> Use gloves.", "> Tip\n> Use gloves."),
        ("a %%hidden%% b <!-- hidden --> c", "a  b  c"),
        ("%%\nhidden\n```\nhidden\n```\n%%\nshown", "shown"),
        ("50 %% never ended", "50 %% never ended"),
        ("==red== and a == b", "red and a == b"),
        ("The code. ^a1-b2\nNext", "The code.\nNext"),
        ("`[[kept]]` ``%%kept%%``", "`[[kept]]` ``%%kept%%``"),
        ("```\n[[kept]] %%kept%%\n```", "```\n[[kept]] %%kept%%\n```"),
        ("~~~\n```\n[[kept]]\n~~~\n[[Ana]]", "~~~\n```\n[[kept]]\n~~~\nAna"),
        ("```\n[[never ended]]", "```\n[[never ended]]"),
        ("- [ ] call [[Ana]]\n- [x] pay", "- [ ] call Ana\n- [x] pay"),
        ("a[^1]\n\n[^1]: the footnote", "a[^1]\n\n[^1]: the footnote"),
        ("a\n\n\n\n\nb", "a\n\nb"),
    ],
)
def test_words(written: str, words: str) -> None:
    assert words_of(written) == words


@given(st.text(st.sampled_from("[]()!|#^%<>-=`~\n ab:"), max_size=200))
def test_nothing_stops_it_and_plain_words_stay(text: str) -> None:
    assert isinstance(words_of(text), str)
    assert all(tag in text for tag in tags_of(text))
    plain = "".join(character for character in text if character in "ab \n")
    assert words_of(plain).split() == plain.split()
