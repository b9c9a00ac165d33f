from __future__ import annotations

import pytest

from ondevice.errors import CorruptError
from ondevice.vault import Vault


@pytest.fixture
def logged(vault: Vault) -> Vault:
    for n in range(4):
        vault.events.append("tested", n=n, name="word-1", flag=True)
    return vault


def change(vault: Vault, statement: str) -> None:
    with vault.database.writing() as connection:
        connection.execute(statement)


def test_entries_come_in_order(logged: Vault) -> None:
    events = logged.events.list()
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.kind for event in events] == ["created"] + ["tested"] * 4
    assert events[-1].details == {"flag": True, "n": 3, "name": "word-1"}
    assert [event.seq for event in logged.events.list(2)] == [4, 5]
    assert logged.events.verify() == logged.events.count() == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET details = '{}' WHERE seq = 3",
        "UPDATE events SET kind = 'other' WHERE seq = 3",
        "UPDATE events SET at_us = at_us + 1 WHERE seq = 3",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events WHERE seq = 5",
        "DELETE FROM events WHERE seq = 1",
        "UPDATE events SET seq = 9 WHERE seq = 5",
        "INSERT INTO events SELECT 6, at_us, kind, details, mac FROM events WHERE seq = 5",
    ],
)
def test_no_change_goes_unseen(logged: Vault, statement: str) -> None:
    change(logged, statement)
    with pytest.raises(CorruptError, match="event log"):
        logged.events.verify()
    assert any(flaw.part == "event log" for flaw in logged.check())


@pytest.mark.parametrize("value", ["free text", "a\nb", "é", "x" * 129])
def test_free_text_is_refused(vault: Vault, value: str) -> None:
    with pytest.raises(ValueError, match="not text"):
        vault.events.append("tested", name=value)
    with pytest.raises(ValueError, match="kind"):
        vault.events.append(value)


def test_entry_belongs_to_the_transaction_it_is_made_in(vault: Vault) -> None:
    def append_and_fail() -> None:
        with vault.database.writing():
            vault.events.append("tested")
            raise KeyError

    with pytest.raises(KeyError):
        append_and_fail()
    assert vault.events.verify() == 1
