"""Every byte of a database is either part of something that SQLite uses, or told as unused."""

from __future__ import annotations

import pytest

from ondevice.privacy.erasure.anatomy import Anatomy, dissect, varint
from ondevice.privacy.erasure.decrypting import USABLE_BYTES, database_pages
from ondevice.privacy.erasure.leftovers import count_vectors
from ondevice.privacy.erasure.state import opened_keys
from ondevice.privacy.subject import Copy
from ondevice.records import Draft
from tests.ondevice.privacy.erasure.conftest import Changing

SECRET = b"kangaroo secrets"


@pytest.fixture
def pages(changing: Changing, copy: Copy) -> list[bytes]:
    """Return the pages of a profile with long items, and some free."""
    with changing() as vault:
        # Of one length or another, the last page of a row's overflow is not full.
        long = [Draft(text="long text " * (1000 + 30 * number), id=f"long{number}") for number in range(14)]
        vault.items.put_many([*long, Draft(text="gone " * 9000, id="gone")])
        vault.forget(["gone"])
    keys = opened_keys(copy)
    return database_pages(copy.path / f"epoch-{keys.epoch}" / "profile.db", keys.database)


def put(page: bytes, at: int) -> bytes:
    return page[:at] + SECRET + page[at + len(SECRET) :]


def has_secret(found: Anatomy) -> bool:
    return any(SECRET in part for part in found.unused)


def test_whole_rows_are_read_over_their_overflow_pages(pages: list[bytes]) -> None:
    found = dissect(pages)
    assert any(b"long text " * 1390 in payload for payload in found.live)
    assert sum(map(len, found.live)) < len(pages) * USABLE_BYTES
    assert found.n_free > 0
    assert not has_secret(found)


def test_what_is_put_where_nothing_is_used_is_told(pages: list[bytes]) -> None:
    """Put the secret into every run of zeros that is long enough, one at a time: cells have none in this profile."""
    n_unused = 0
    for number, page in enumerate(pages):
        at = page.rfind(bytes(3 * len(SECRET)))
        if at < 0 or number == 0:
            continue
        changed = [*pages[:number], put(page, at + len(SECRET)), *pages[number + 1 :]]
        n_unused += has_secret(dissect(changed))
    assert n_unused > 20


def test_the_tail_of_an_overflow_chain_and_a_lost_page_are_told(pages: list[bytes]) -> None:
    ends = [
        number
        for number, page in enumerate(pages)
        if page[:4] == bytes(4) and b"long text long text" in page and page.endswith(bytes(64))
    ]
    assert ends
    for number in ends:
        changed = [*pages[:number], put(pages[number], USABLE_BYTES - 40), *pages[number + 1 :]]
        assert has_secret(dissect(changed))
    assert has_secret(dissect([*pages, put(bytes(USABLE_BYTES), 500)]))


@pytest.mark.parametrize("start", [8, 100, 2000])
def test_a_free_page_is_told_whole(pages: list[bytes], start: int) -> None:
    trunk = int.from_bytes(pages[0][32:36], "big") - 1
    leaf = int.from_bytes(pages[trunk][8:12], "big") - 1
    changed = [*pages[:leaf], put(b"\x0d" + pages[leaf][1:], start), *pages[leaf + 1 :]]
    assert has_secret(dissect(changed))


@pytest.mark.parametrize(
    ("data", "value", "end"),
    [(b"\x00", 0, 1), (b"\x7f", 127, 1), (b"\x81\x00", 128, 2), (b"\xff" * 9, 2**64 - 1, 9), (b"\x81", 128, 2)],
)
def test_integers_are_read_as_sqlite_writes_them(data: bytes, value: int, end: int) -> None:
    assert varint(data, 0) == (value, end)


def test_a_list_of_places_is_no_vector() -> None:
    assert count_vectors([b"\x03\x38" * 300], b"") == 0
