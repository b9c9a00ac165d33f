"""The user's page loads nothing, runs nothing, is sound HTML, and holds words of the user's only where asked for."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from ondevice.learned.inventory import take_inventory
from ondevice.privacy.inventory.markup import escaped, size, table
from ondevice.privacy.inventory.page import page_of
from ondevice.privacy.inventory.texts import texts_of
from ondevice.records import Draft
from ondevice.vault import Vault

VOID = {"meta", "br", "link", "img", "input", "hr"}
RUNS_OR_LOADS = {"script", "iframe", "object", "embed", "img", "link", "form", "base", "svg", "audio", "video"}
HOSTILE = (
    "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)></div></article></main>"
    '"\'><a href="javascript:alert(1)">heliotrope</a> &lt;b&gt; \N{RIGHT-TO-LEFT OVERRIDE}\x1b[2J <!-- ]]> </style>'
)


class Page(HTMLParser):
    """What a page is made of; an element that is closed wrongly is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> list[str]:
        return [value for _, each, value in self.attributes if each == name]


@pytest.fixture
def full(vault: Vault) -> Vault:
    """Return a profile with something in every section, all of it hostile."""
    vault.items.put_many(
        [
            Draft(
                text=HOSTILE,
                id="x",
                kind="</td>heliotrope",
                fields={"<b>heliotrope": "<i>heliotrope"},
                metadata={"</p>heliotrope": ["heliotrope", 1]},
                expires_at=datetime.now(UTC) + timedelta(days=1),
            ),
            Draft(text="over", expires_at=datetime(2026, 1, 1, tzinfo=UTC)),
        ]
    )
    vault.items.update("x", text=HOSTILE + " again")
    vault.derived.put("adapter", "heliotrope", b"weights", item_ids=["x", "i1"])
    vault.derived.put("summary", "chat", b"<b>short</b>", item_ids=["i2"])
    vault.derived.put("summary", "gone", b"not any more", item_ids=["i1"])
    vault.forget(["i1"])
    return vault


def made(vault: Vault, *, with_texts: bool) -> str:
    return b"".join(page_of(take_inventory(vault), texts_of(vault) if with_texts else None)).decode()


@pytest.mark.parametrize("with_texts", [False, True])
def test_it_is_sound_and_inert(full: Vault, with_texts: bool) -> None:
    text = made(full, with_texts=with_texts)
    page = Page(text)
    assert not RUNS_OR_LOADS & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "style", "srcset")]
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert all(link.startswith("#") and link[1:] in ids for link in page.all("href"))
    assert set(page.all("aria-labelledby")) <= set(ids)
    assert {character for character in text if ord(character) < 32} == {"\n"}
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert text.startswith("<!doctype html>")


@pytest.mark.parametrize("with_texts", [False, True])
def test_readers_find_their_way(full: Vault, with_texts: bool) -> None:
    page = Page(made(full, with_texts=with_texts))
    assert page.tags["h1"] == page.tags["main"] == page.tags["title"] == 1
    assert page.tags["table"] == page.tags["caption"] == page.tags["thead"] > 0
    assert all(tag != "th" or name != "scope" or value in ("row", "col") for tag, name, value in page.attributes)
    assert len(page.all("scope")) == page.tags["th"]
    assert page.all("lang") == ["en"]
    assert len(page.all("tabindex")) == page.tags["table"]


def test_the_policy_lets_the_style_pass_and_nothing_else(full: Vault) -> None:
    text = made(full, with_texts=False)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    rules = policy[1].split("; ")
    assert rules == ["default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'", "form-action 'none'"]
    assert not re.search(r"url\(|@import|https?:", text)


def test_without_texts_nothing_of_the_users_is_on_it(full: Vault) -> None:
    text = made(full, with_texts=False)
    assert "heliotrope" not in text
    assert "None of your texts is on it" in text
    assert "(1 more kinds)" in text


def test_with_texts_all_of_it_is_there_word_for_word(full: Vault) -> None:
    page = Page(made(full, with_texts=True))
    shown = "".join(page.words)
    assert "This page is not encrypted." in shown
    plain = HOSTILE.replace("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{REPLACEMENT CHARACTER}").replace(
        "\x1b", "\N{REPLACEMENT CHARACTER}"
    )
    assert shown.count(plain) == 2
    assert f"{plain} again" in shown
    for each in ("</td>heliotrope", "<b>heliotrope: <i>heliotrope", "</p>heliotrope: heliotrope, 1"):
        assert each in shown
    assert shown.count("</p>heliotrope: heliotrope, 1") == 2  # what stood with the earlier wording too
    assert "<b>short</b>" in shown
    assert "not any more" not in shown
    assert page.tags["article"] == full.items.count() + 1 == 6


def test_it_says_how_things_stand(full: Vault) -> None:
    shown = "".join(Page(made(full, with_texts=False)).words)
    for sentence in (
        "holds 5 items, from",
        "4 items stay until you delete them.",
        "1 item will expire, the first on",
        "1 item expired.",
        "items were deleted",
        "all of them fit together",
        "a key that an app holds",
        "Article 17, erasure",
    ):
        assert sentence in shown


def test_a_log_that_was_changed_is_told(full: Vault) -> None:
    with full.database.writing() as connection:
        connection.execute("UPDATE events SET kind = 'exported' WHERE seq = 1")
    assert "somebody changed it" in made(full, with_texts=False)


def test_an_empty_profile_has_a_page_too(vault: Vault) -> None:
    vault.forget([f"i{number}" for number in range(5)])
    assert "holds no items" in "".join(Page(made(vault, with_texts=False)).words)
    assert "".join(Page(made(vault, with_texts=True)).words).count("There is nothing.") == 2


def test_pieces() -> None:
    assert escaped("<a href='x'>&\"") == "&lt;a href=&#x27;x&#x27;&gt;&amp;&quot;"
    assert [size(n) for n in (0, 999, 1000, 999_949, 1_500_000, 2_000_000_000)] == [
        *("0 bytes", "999 bytes", "1.0 kB", "999.9 kB", "1.5 MB", "2.0 GB"),
    ]
    cells = Page(table("one", "A <b>", ("what", "number"), (("x", 1234), ("y", None), ("z", True)))).words
    assert [each for each in cells if each.strip()] == [
        *("A <b>", "what", "number", "x", "1,234", "y", "\N{EN DASH}", "z", "True"),
    ]
