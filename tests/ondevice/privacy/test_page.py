"""The page: whatever the report says is text in it, it loads nothing, and it is genuine only as it was signed."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from ondevice.errors import InputError
from ondevice.privacy import seal_of, verify_page
from ondevice.privacy.page import page_of
from ondevice.privacy.page_seal import sealed
from ondevice.privacy.report import digest_of
from tests.made_up_checks import SIGNATORY, STRANGER, finding, report, section

HOSTILE = (
    "<script>alert(1)</script><img src=https://x.example onerror=alert(1)>\" onload='x' "
    '--> <!-- & &lt; <meta name="ondevice-audit" content="profile=00"> javascript:x \x1b[31m \u202e \ud800 \n'
)
ADDRESSED = {"href", "src", "srcset", "data", "action", "poster", "background", "xlink:href"}


class Read(HTMLParser):
    """Which elements and attributes a browser would see, and what it would show."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.headings: list[int] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page() -> bytes:
    return sealed(page_of(report()), SIGNATORY)


def test_hostile_words_are_shown_and_do_nothing() -> None:
    hostile = section("at-rest", finding("high", HOSTILE, code=HOSTILE), text=HOSTILE)
    plain = section("at-rest", finding("high"))
    words = Read(page_of(report(hostile)))
    assert words.elements == Read(page_of(report(plain))).elements
    assert {name for name, _ in words.attributes} == {name for name, _ in Read(page_of(report(plain))).attributes}
    assert "<script>alert(1)</script>" in words.text
    assert not {"\x1b", "\u202e", "\ud800"} & set(words.text)
    assert words.open == []
    assert seal_of(sealed(page_of(report(hostile)), SIGNATORY)).profile_id == report().profile_id


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = page_of(report(section("at-rest", finding(text=HOSTILE))))
    read = Read(text)
    allowed = {
        "a",
        "body",
        "caption",
        "circle",
        "code",
        "dd",
        "desc",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
    }
    allowed |= {"h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "p", "polyline", "pre"}
    allowed |= {
        "section",
        "span",
        "strong",
        "style",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "title",
        "tr",
    }
    assert set(read.elements) <= allowed | {"ul"}
    assert all(value and value.startswith("#") for name, value in read.attributes if name in ADDRESSED)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "style"]
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in re.findall(r'Policy" content="([^"]*)"', text)[0].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == f"'sha256-{fingerprint}'"


def test_every_link_leads_somewhere_and_headings_have_an_order() -> None:
    text = page_of(report())
    read = Read(text)
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {str(value)[1:] for name, value in read.attributes if name == "href"} <= set(ids)
    assert {
        str(value) for name, value in read.attributes if name == "aria-labelledby" for value in str(value).split()
    } <= set(ids)
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(read.headings, read.headings[1:], strict=False))
    assert {"header", "main", "footer"} <= set(read.elements)


def test_the_outcome_comes_first_and_what_was_not_tested_is_there() -> None:
    shown = Read(page_of(report(section("at-rest", finding("high", "keys.json is open")), section("b", text="not me"))))
    words = shown.text[shown.text.index("Privacy audit of a profile", 200) :]
    assert words.index("A promise does not hold") < words.index("Overview") < words.index("keys.json is open")
    assert "It cannot prove that nothing is." in words
    assert "not me" in words[words.rindex("What was not tested") :]


def test_a_page_says_whose_it_is_and_which_report_belongs_to_it(page: bytes) -> None:
    seal = seal_of(page)
    assert verify_page(page, public_key=SIGNATORY.public_key)
    assert (seal.profile_id, seal.made_at, seal.verdict) == (report().profile_id, report().made_at, "noted")
    assert seal.report_sha256 == digest_of(report())
    assert seal.public_key == SIGNATORY.public_key


def test_a_changed_byte_anywhere_is_noticed(page: bytes) -> None:
    for place in range(len(page)):
        changed = page[:place] + bytes([page[place] ^ 1]) + page[place + 1 :]
        assert not verify_page(changed), place
    for other in (page[1:], page[:-1], page + b"\n", page + page, b" " + page, page.replace(b"\n", b"\r\n"), b""):
        assert not verify_page(other)


def test_another_key_s_page_is_noticed_by_who_knows_the_right_one() -> None:
    forged = sealed(page_of(report(signatory=STRANGER)), STRANGER)
    assert verify_page(forged)
    assert not verify_page(forged, public_key=SIGNATORY.public_key)


def test_a_report_s_signature_is_none_of_a_page(page: bytes) -> None:
    seal = seal_of(page)
    swapped = page.replace(seal.signature.encode(), report().signature.encode())
    assert seal_of(swapped).signature == report().signature
    assert not verify_page(swapped)


def test_what_is_no_page_is_told() -> None:
    for other in (b"", b"<!doctype html>", b"<" * 500, page_of(report()).encode()):
        with pytest.raises(InputError, match="not an audit's page"):
            seal_of(other)
