from __future__ import annotations

from ondevice.records import Draft
from ondevice.vault.content import checked
from ondevice.vault.dedupe import Recognizer
from ondevice.vault.identity import Identity


def test_digest_says_nothing_without_the_secret() -> None:
    content = checked(Draft(text="a text that could be guessed"))
    mine, theirs = (Recognizer(Identity(bytes([n]) * 32)).digest_of(content) for n in (1, 2))
    assert mine != theirs
    assert len(mine) == 32


def test_digest_is_as_the_format_says() -> None:
    """Pinned: another digest would make every item of older profiles unknown."""
    recognizer = Recognizer(Identity(b"\x01" * 32))
    content = checked(Draft(text="Zoë", kind="mail", fields={"b": 1.5, "a": "é"}))
    assert recognizer.digest_of(content).hex() == "142106d02ae453babc85261a23594b5f87d4f65ffdb350634277da16f9786c4b"


def test_no_two_contents_run_together() -> None:
    recognizer = Recognizer(Identity(b"\x01" * 32))
    drafts = [
        Draft(text="ab", kind="c"),
        Draft(text="a", kind="bc"),
        Draft(text="x", fields={"a": 1}),
        Draft(text="x", fields={"a": 1.0}),
        Draft(text="x", fields={"a": "1"}),
        Draft(text="x", fields={"a": True}),
        Draft(text='x","{}'),
    ]
    assert len({recognizer.digest_of(checked(draft)) for draft in drafts}) == len(drafts)
