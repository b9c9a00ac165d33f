from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.mail.charsets import decoded, decoded_page


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("Schöne Grüße", "utf-8", "us-ascii"),
        ("Schöne Grüße", "utf-8", "iso-8859-1"),
        ("Sie sagte: „Gut“ … 20 €", "cp1252", "iso-8859-1"),
        ("朱镕基先生的喆字", "gbk", "gb2312"),
        ("会议在星期五", "gbk", "x-gbk"),
        ("שלום לכולם", "iso8859-8", "iso-8859-8-i"),
        ("①会議は髙橋さん", "cp932", "shift_jis"),
        ("똠방각하 펲시", "cp949", "ks_c_5601-1987"),
        ("ประชุมวันศุกร์", "cp874", "windows-874"),
        ("Größe", "mac-roman", "x-mac-roman"),
        ("Größe", "cp850", "cp850"),
        ("Grüße & mehr", "utf-7", "utf-7"),
        ("会議", "iso2022_jp", "iso-2022-jp"),
        ("한국어", "iso2022_kr", "iso-2022-kr"),
        ("mañana", "utf-16", "utf-16"),
        ("Žluťoučký kůň", "iso8859-2", "ISO_8859-2:1987"),
        ("Жду в семь", "koi8-r", '"KOI8-R"'),
    ],
)
def test_a_label_means_what_it_means_to_a_browser(text: str, codec: str, label: str) -> None:
    assert decoded(text.encode(codec), label) == text


@pytest.mark.parametrize("label", [None, "", "unknown-8bit", "no-such-set", "x-user-defined", "idna", "base64", "é"])
@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_without_a_usable_label_the_bytes_are_looked_at(label: str | None, codec: str) -> None:
    assert decoded("Schöne Grüße aus Köln".encode(codec), label) == "Schöne Grüße aus Köln"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Привет, завтра встречаемся в семь часов перед входом в театр.", "koi8-r"),
        ("Dobrý den, přijdeme v úterý večer, můžete nám dát klíče od bytu?", "cp1250"),
        ("明日の会議は三時からです。よろしくお願いします。", "shift_jis"),
        ("שלום לכולם, ניפגש מחר בשבע", "cp1255"),
    ],
)
def test_the_guess_knows_other_languages(text: str, codec: str) -> None:
    assert decoded(text.encode(codec), "unknown-8bit") == text
    assert decoded(text.encode(codec), "utf-8") == text


def test_a_broken_character_does_not_make_another_set_of_it() -> None:
    assert decoded("Schöne Grüße aus Köln, bis zum nächsten".encode() + b"\xc3", "utf-8").endswith("nächsten�")


def test_a_page_says_itself_what_it_is_where_its_label_does_not() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset={}"></head>Žluťoučký €'
    assert "Žluťoučký €" in decoded_page(page.format("windows-1250").encode("cp1250"), "us-ascii")
    assert "Žluťoučký €" in decoded_page(page.format("koi8-r").encode("cp1250"), "windows-1250")
    assert "Žluťoučký €" in decoded_page(page.format("utf-16").encode(), None)


@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "gbk", "hz", "utf-16", "utf-7", "iso-2022-cn", "x", "rot13", None]),
)
def test_any_bytes_are_some_text(data: bytes, label: str | None) -> None:
    decoded(data, label).encode("utf-8", "surrogatepass")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_utf_8_stays(text: str) -> None:
    assert decoded(text.encode(), "utf-8") == text.removeprefix("\ufeff")
