from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.mail.quotes import answers, passes_on, without_quotes

INTRODUCTIONS = [
    "On Mon, 27 May 2024 at 10:00,\nAna <ana@example.org> wrote:",
    "Am 27.05.2024 um 10:00 schrieb Ana:",
    "Le lun. 27 mai 2024 à 10:00, Ana <ana@example.org> a écrit :",
    "El lun, 27 may 2024 a las 10:00, Ana (<ana@example.org>) escribió:",
    "Il giorno lun 27 mag 2024 alle ore 10:00 Ana <ana@example.org> ha scritto:",
    "Em seg., 27 de mai. de 2024 às 10:00, Ana escreveu:",
    "Op ma 27 mei 2024 om 10:00 schreef Ana:",
    "pon., 27 maj 2024 o 10:00 Ana <ana@example.org> napisał(a):",
    "27 мая 2024, 10:00, Ana <ana@example.org> написал:",
    "2024年5月27日(月) 10:00 Ana <ana@example.org>:",
    "Ana <ana@example.org> 于2024年5月27日周一 10:00写道\uff1a",
    "Den mån 27 maj 2024 kl 10:00 skrev Ana <ana@example.org>:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_line_that_introduces_a_quote_goes_with_it(introduction: str) -> None:
    text = f"Yes, Tuesday works.\n\n{introduction}\n\n> Tuesday?\n> Ana\n\nLena"
    assert without_quotes(text) == "Yes, Tuesday works.\n\nLena"
    unmarked = f"Yes, Tuesday works.\n\n{introduction.replace(chr(10), ' ')}\n\nTuesday?\nAna"
    assert without_quotes(unmarked, is_reply=True) == "Yes, Tuesday works."
    assert without_quotes(unmarked) == unmarked


@pytest.mark.parametrize(
    "sentence",
    ["On Monday I wrote a list.", "Here are the figures for 2024:", "What my mother always said:", "I meant this one:"],
)
def test_a_sentence_of_the_mail_itself_stays(sentence: str) -> None:
    assert without_quotes(f"{sentence}\n\n> what list?") == sentence


HEADS = [
    "From: Ana <ana@example.org>\nSent: Monday, 27 May 2024 10:00\nTo: Lena\nSubject: Tuesday",
    "________________________________\nVon: Ana\nGesendet: Montag, 27. Mai 2024 10:00\nAn: Lena\nBetreff: Dienstag",
    "*De :* Ana\n*Envoyé :* lundi 27 mai 2024\n*À :* Lena\n*Objet :* mardi",
    "De: Ana\nEnviado el: lunes, 27 de mayo\nPara: Lena\nAsunto: martes",
    "发件人: Ana\n发送时间: 2024年5月27日 10:00\n收件人: Lena\n主题: 星期二",
    "-----Original Message-----\nFrom: Ana",
    "-----Ursprüngliche Nachricht-----\nVon: Ana",
]


@pytest.mark.parametrize("head", HEADS)
def test_what_outlook_puts_below_a_reply_goes_and_what_is_passed_on_stays(head: str) -> None:
    text = f"Works for me.\n\n{head}\n\nShall we meet on Tuesday?"
    assert without_quotes(text, is_reply=True) == "Works for me."
    assert without_quotes(text) == text


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ----------",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
    ],
)
def test_a_forwarded_mail_stays_whole_with_what_it_quotes(marker: str) -> None:
    text = f"FYI\n\n{marker}\nFrom: Rail\n\nSeat 41.\n\n> which seat?"
    assert without_quotes(f"> gone\n{text}", is_reply=True) == text
    quoted = f"FYI\n\n{marker}\n\n> From: Rail\n>\n> Seat 41."
    assert without_quotes(quoted) == f"FYI\n\n{marker}\n\nFrom: Rail\n\nSeat 41."


def test_a_mail_that_apple_mail_passes_on_stays_and_what_a_reply_quotes_of_one_does_not() -> None:
    quoted = "> \n> Begin forwarded message:\n> \n> From: Rail\n> \n> Seat 41."
    assert without_quotes(f"FYI\n\n{quoted}") == "FYI\n\nBegin forwarded message:\n\nFrom: Rail\n\nSeat 41."
    assert without_quotes(f"Thanks!\n\nOn 2 Mar 2026 at 10:00, Bo wrote:\n\n{quoted}") == "Thanks!"
    assert without_quotes(f"Thanks!\n\n> Bo:\n{quoted}") == "Thanks!"


@pytest.mark.parametrize(
    ("subject", "is_forward", "is_reply"),
    [
        ("Fwd: Ticket", True, False),
        ("WG: Karte", True, False),
        ("TR : Billet", True, False),
        ("Re: Fwd: Ticket", False, True),
        ("AW: Karte", False, True),
        ("RE[2]: Ticket", False, True),
        ("回复\uff1a票", False, True),
        ("Ticket", False, False),
        ("Report: numbers", False, False),
        ("", False, False),
    ],
)
def test_subjects_tell_a_reply_from_what_is_passed_on(subject: str, is_forward: bool, is_reply: bool) -> None:
    assert (passes_on(subject), answers(subject)) == (is_forward, is_reply)


LINES = st.text(st.characters(exclude_characters="\n"), max_size=20) | st.sampled_from(
    ["On Monday Ana wrote:", "> a", "", "Am 27.05.2024 um 10:00 schrieb Ana:", "x@y.de 2024:"]
)


@given(st.lists(LINES, max_size=8))
def test_no_quoted_line_is_left_and_twice_is_once(lines: list[str]) -> None:
    text = without_quotes("\n".join(lines))
    assert not any(line.lstrip().startswith(">") for line in text.split("\n"))
    assert without_quotes(text) == text


def test_long_lines_and_many_lines_take_no_longer_than_their_length() -> None:
    assert without_quotes("On " + "a@b 2024 10:00 " * 100_000 + ":\n> b", is_reply=True)
    assert without_quotes("From: a\n" * 20_000 + "- " * 100_000, is_reply=True)
