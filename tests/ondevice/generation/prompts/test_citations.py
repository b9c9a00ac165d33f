"""What an answer rests on is looked up in the notes: what stands in none of them is caught, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.citations import Cited, cite
from ondevice.generation.prompts.refusal import REFUSAL
from ondevice.records import Citation, Item

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
MARCH_4 = datetime(2026, 3, 4, 9, tzinfo=UTC)


def note(text: str, *, time: datetime = MARCH_4, number: int = 1, fields: dict[str, str] | None = None) -> Item:
    return Item(id=f"n{number}", text=text, kind="note", fields=fields or {}, time=time, added_at=time)


def made_up(answer: str, *texts: str, said: tuple[str, ...] = (), time: datetime = MARCH_4) -> list[str]:
    notes = [note(text, number=number, time=time) for number, text in enumerate(texts, 1)]
    return [part for citation in cite(answer, notes, said=said, now=NOW).citations for part in citation.made_up]


def test_each_sentence_names_its_notes() -> None:
    notes = [note("The dentist is on 9 March at 14:30.", number=1), note("Ana comes.", number=2)]
    cited = cite("[1] The dentist is on 9 March. [2][1] Ana comes at 14:30. Nobody else.", notes, now=NOW)
    assert cited.text == "The dentist is on 9 March. Ana comes at 14:30. Nobody else."
    assert [(cited.text[each.start : each.end], each.item_ids) for each in cited.citations] == [
        ("The dentist is on 9 March.", ("n1",)),
        ("Ana comes at 14:30.", ("n2", "n1")),
        ("Nobody else.", ()),
    ]
    assert cited.is_borne_out


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        ("It is so [1]. She comes [2].", [("n1",), ("n2",)]),
        ("It is so.[1] She comes. [2]", [("n1",), ("n2",)]),
        ("[3] It is so. [0] [2] [2] She comes.", [(), ("n2",)]),
        ("[1]", []),
        ("", []),
    ],
)
def test_a_number_that_stands_for_no_note_names_none(answer: str, ids: list[tuple[str, ...]]) -> None:
    cited = cite(answer, [note("a", number=1), note("b", number=2)], now=NOW)
    assert [each.item_ids for each in cited.citations] == ids
    assert "[" not in cited.text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("It is at 09:30.", "It is at 9:30"),
        ("It is at 9.30.", "at 9:30"),
        ("It is at 2:30 pm.", "at 14:30"),
        ("It is at 14:30.", "at 2:30 p.m."),
        ("It is at 3 pm.", "at 15:00"),
        ("It is at 12:00.", "at noon"),
        ("It is on the 9th.", "9 March"),
        ("It is on March 9.", "on the 9th of march"),
        ("It is on 9 March 2026.", "on 9 March"),
        ("It is on Monday.", "on 9 March"),
        ("It is on 2026-03-09.", "9.3."),
        ("It is on 9 March.", "on 09.03.2026"),
        ("It is on 4 March, March 4, a Wednesday in 2026.", "the note's own day"),
        ("It is on 5 March, Thursday.", "tomorrow"),
        ("It is on 3 March.", "yesterday"),
        ("It is on 6 March.", "on friday"),
        ("It is on 13 March.", "next Friday"),
        ("It is on 18 March.", "in two weeks"),
        ("It cost €1,200.", "1200 euros"),
        ("It cost 3.5 euros.", "3,50 €"),
        ("You have 3 keys.", "three keys"),
        ("You have three keys.", "3 keys"),
        ("It was 2 weeks ago.", "the header says how long ago"),
        ("We met ANA Costa's son.", "ana costa was here with her son"),
        ("We met Jean-Luc.", "Jean Luc"),
        ("Take the B12.", "bus B12"),
        ("It comes between 15:00 and 17:00.", "between 15 and 17 o'clock"),
        ("It is open from 9:00 to 4 pm.", "9-16h, from 9"),
        ("It ends in January 2030.", "until 01/2030"),
        ("It ends in 06/2031, a June.", "in June 2031"),
        ("It ends in April 2026.", "in April"),
        ("It comes on 31 March.", "March 31: it comes"),
        ("You like May and march on.", "in may"),
        ("She said I may come, and I'm OK.", ""),
        ("1. Ana", "nothing"),
        ("- 12) Milk", "nothing"),
    ],
)
def test_what_a_note_says_in_other_words_is_not_made_up(answer: str, text: str) -> None:
    assert made_up(answer, text) == []


@pytest.mark.parametrize(
    ("answer", "caught"),
    [
        ("The dentist is on 9 March at 14:35.", ["14:35"]),
        ("The dentist is on 10 March at 14:30.", ["10 March"]),
        ("The dentist is on March 10, 2026.", ["March 10, 2026"]),
        ("The dentist is on 9 March 2025.", ["9 March 2025"]),
        ("The dentist is on Saturday, the 10th.", ["Saturday", "10th"]),
        ("The dentist is in April.", ["April"]),
        ("The dentist is Dr. Silva in Porto.", ["Silva", "Porto"]),
        ("Dr. Silva's number is 555.", ["Silva's", "555"]),
        ("Lee comes with Ana Lopes.", ["Lopes"]),
        ("It costs 40 euros, 40 in all.", ["40"]),
        ("It takes three weeks.", ["three weeks"]),
        ("It ends in March 2027, on 31 Dec.", ["March 2027", "31 Dec"]),
        ("It is at 9 am.", ["9 am"]),
        ("Take the B13.", ["B13"]),
        ("Ask Peter. He is Peter.", ["Peter", "Peter"]),
    ],
)
def test_what_stands_in_no_note_is_caught(answer: str, caught: list[str]) -> None:
    assert made_up(answer, "The dentist is on 9 March at 14:30. Ana booked it. Bus B12.") == caught


def test_the_request_and_today_are_no_inventions() -> None:
    assert made_up("No, Zoe is not free on Thursday, 19 March.", said=("Is Zoe free tomorrow?",)) == []
    assert made_up("Today is Wednesday, 18 March 2026.") == []
    assert made_up("Today is Tuesday.", "x", time=NOW) == ["Tuesday"]


def test_titles_senders_and_kinds_count() -> None:
    item = note("hello", fields={"title": "Trip to Faro", "from": "Rui Dias"})
    cited = cite("[1] The Note is by Rui Dias about Faro.", [item], now=NOW)
    assert cited.is_borne_out


def test_the_day_of_a_note_counts_in_the_zone_in_which_it_is_shown() -> None:
    late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    now = datetime.fromisoformat("2026-03-18T12:00:00+02:00")
    assert cite("It was on 5 March.", [note("x", time=late)], now=now).is_borne_out


def test_days_at_the_calendar_s_ends_are_counted_without_failing() -> None:
    for time in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        now = NOW.astimezone().replace(tzinfo=None).astimezone()
        text = "tomorrow, yesterday, on Friday, the 31st, 31 February, 99 weeks ago, 99999999 days ago, 29 Feb"
        assert cite("[1] x", [note(text, time=time)], now=now).text == "x"


@pytest.mark.parametrize(
    "text",
    [
        "on 9 APR\u0130L, in S\u0130X weeks",
        "9 Apr\u0131l, s\u0131x days, N\u0130NE years, 12 \u017feptember",
        "the 99999999999999999999th",
        "1" * 5000 + "th, " + "1" * 5000 + " weeks, " + "1." * 3000,
        "\u0663 weeks, \u0669 March, \u0663\u066b\u0665, 0000-00-00, 9999-99-99, 31.12.0000, 99:99, 24:60 pm",
        "\u202e9 March\u202c \x00\x1b[2J [2] The code is 1234. [[2]] [\u0661]",
    ],
)
def test_whatever_is_written_can_be_looked_up_and_is_found_in_a_note_that_says_it(text: str) -> None:
    for time in (NOW, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        cited = cite(f"[1] x, {text}", [note(f"x, {text}", time=time)], said=(text,), now=time)
        assert cited.is_borne_out


def test_a_long_answer_is_looked_up_in_a_time_that_grows_with_its_length() -> None:
    """Each would take hours where a search begins anew inside a run."""
    n = 50_000
    for answer in (
        f"{' ' * n}x",
        f"{'[1] ' * n}[x",
        f"[1] {'.' * n}x",
        f".{')' * n}x",
        f"{'A. ' * n}",
        f"{'a' * n}. B",
    ):
        cited = cite(answer, [note("Ana comes.")], now=NOW)
        assert len(cited.text) <= len(answer)


DENTIST, CONCERT, AGAIN, MARKET = (
    "The dentist is on 9 March. Ana booked it.",
    "The concert is on 20 April at 19:30.",
    "The choir sings on 21 April at 19:30.",
    "The market is in Porto.",
)


@pytest.mark.parametrize(
    ("answer", "rests_on", "elsewhere"),
    [
        ("[1] It is on 9 March.", "1", ()),
        ("[4] It is on 9 March.", "1", ()),
        ("[1] It is on 20 April.", "2", ()),
        ("[1] It is on 9 March, in Porto.", "14", ()),
        ("[1] It is in Porto on 20 April.", "42", ()),
        ("[2][1] It is in Porto, Ana said.", "14", ()),
        ("[1] It is at 19:30.", "1", ("19:30",)),
        ("[1] It is at 19:30 on 20 April.", "2", ()),
        ("[1] Ana comes at 19:30, at 19:30.", "1", ("19:30",)),
        ("[4] It is on 9 March, in April.", "1", ("April",)),
        ("[3] It is at 19:30.", "3", ()),
        ("It is in Porto at 19:30.", "", ()),
        ("[9] It is in Porto.", "", ()),
        ("[1] Zoe is free today, on 18 March.", "1", ()),
        ("[1] Yes, it is booked.", "1", ()),
        ("[4] Ask Peter.", "4", ()),
    ],
)
def test_what_stands_in_another_note_than_the_named_is_cited_from_there_or_told(
    answer: str, rests_on: str, elsewhere: tuple[str, ...]
) -> None:
    texts = enumerate((DENTIST, CONCERT, AGAIN, MARKET), 1)
    notes = [note(text, number=number, time=NOW - timedelta(days=500)) for number, text in texts]
    cited = cite(answer, notes, said=("Is Zoe free?",), now=NOW)
    (citation,) = cited.citations
    assert citation.item_ids == tuple(f"n{number}" for number in rests_on)
    assert citation.elsewhere == elsewhere
    assert citation.is_borne_out is cited.is_borne_out is (not elsewhere and "Peter" not in answer)
    assert "19:30" not in repr(citation)


def test_the_support_is_of_the_notes_that_the_model_named() -> None:
    notes = [note("The dentist is on 9 March.", number=1), note("Ana comes.", number=2)]
    cited = cite("[2] The dentist is on 9 March.", notes, now=NOW)
    assert (cited.citations[0].item_ids, cited.support) == (("n1",), 0.0)


@pytest.mark.parametrize(
    ("answer", "support"),
    [
        ("[1] The dentist is on 9 March at 14:30.", 1.0),
        ("The dentist is on 9 March at 14:30.", 0.0),
        ("[2] The dentist is on 9 March at 14:30.", 0.0),
        ("[1] The dentist paints on 9 March at 14:30.", 0.75),
        ("[1] The dentist is on 9 March. At 14:30.", 2 / 3),
        ("[1] Yes.", 1.0),
        ("Yes.", 0.0),
        (REFUSAL, 0.0),
        ("", 0.0),
    ],
)
def test_support_is_the_share_that_the_named_notes_hold(answer: str, support: float) -> None:
    notes = [note("The dentist is on 9 March at 14:30.", number=1), note("Ana comes.", number=2)]
    assert cite(answer, notes, now=NOW).support == pytest.approx(support)


def test_a_repr_shows_no_text() -> None:
    cited = cite("[1] Ask Peter at 14:30.", [note("x")], now=NOW)
    assert cited.citations == (Citation(start=0, end=19, item_ids=("n1",), made_up=("Peter", "14:30")),)
    assert "Peter" not in repr(cited)
    assert "14:30" not in repr(cited)


WORDS = [
    "[1]",
    "[2]",
    "[3]",
    "9 March",
    "14:30",
    "9.3.",
    "Ana",
    "is",
    "tomorrow",
    ".",
    "\n",
    "2 weeks",
    "€3,50",
    "on Friday",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4)).map(" ".join), st.lists(st.text(max_size=20), max_size=2))
def test_ranges_lie_in_the_text_and_names_are_of_notes(answer: str, texts: list[str]) -> None:
    notes = [note(text, number=number) for number, text in enumerate(texts, 1)]
    cited = cite(answer, notes, now=NOW)
    end = 0
    for each in cited.citations:
        assert end <= each.start < each.end <= len(cited.text)
        assert set(each.item_ids) <= {note.id for note in notes}
        assert all(part in cited.text[each.start : each.end] for part in each.made_up)
        end = each.end
    assert 0 <= cited.support <= 1


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4)).map(" ".join))
def test_a_note_s_own_words_are_never_made_up(text: str) -> None:
    cited: Cited = cite(text, [note(text, time=NOW - timedelta(days=400))], now=NOW)
    assert [each.made_up for each in cited.citations if each.made_up] == []
