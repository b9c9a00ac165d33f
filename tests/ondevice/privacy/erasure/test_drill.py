"""A drill forgets items of a copy, finds what it looks for beforehand, and whatever a broken erasure leaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy import erasure
from ondevice.privacy.erasure import drill as drills
from ondevice.privacy.erasure.drill import PLANTED_KIND
from ondevice.privacy.erasure.needles import KINDS, LEARNED
from ondevice.privacy.erasure.selection import choose_rows
from ondevice.privacy.findings import Section
from ondevice.records import Draft, Receipt
from ondevice.vault import AppKey, Vault
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.erasure import Erasure
from ondevice.vault.identity import Identity
from ondevice.vault.receipts import Notary
from tests.ondevice.privacy.erasure.conftest import KEY, MARKER, Changing, audited
from tests.ondevice.vault.earlier_schema import without_passages


def codes(section: Section) -> set[str]:
    """Return what is found, and make sure that nothing is shown."""
    assert MARKER not in repr(section)
    return {finding.code.removeprefix("erasure/") for finding in section.findings}


def facts(section: Section) -> dict[str, object]:
    return {fact.name: fact.value for fact in section.facts}


def test_a_sound_profile_passes(profile: Path) -> None:
    steps: list[tuple[int, int]] = []

    def check(subject: object) -> Section:
        subject.on_progress = lambda done, total: steps.append((done, total))  # type: ignore[attr-defined]
        return erasure.check(subject)  # type: ignore[arg-type]

    section = audited(profile, check)
    assert (codes(section), section.verdict) == (set(), "passed")
    told = facts(section)
    assert told["items forgotten in the drill"] == 7
    assert told["learned things that had to go with them"] == 2
    assert told["of them found afterwards"] == 0
    assert told["forged receipts refused"] == 3
    assert steps[-1] == (2, 2)
    (table,) = section.tables
    found = {row[0]: row for row in table.rows}
    assert set(found) == set(KINDS)
    for kind in ("text", "earlier text", "fields", "ids", LEARNED, "vectors"):
        n_needles, n_unique, n_before, n_after = (int(str(value)) for value in found[kind][1:])
        assert 0 < n_unique == n_before <= n_needles, kind
        assert n_after == 0


def test_an_index_of_the_models_at_hand_goes_too(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder="tiny-encoder", generator=None)
    from ondevice import Personalizer

    with Personalizer.create(tmp_path / "p", app_key=KEY, models=models) as me:
        me.add_many([Draft(text=f"coffee and cake at the museum, {MARKER} {n}") for n in range(20)])
        me.search("coffee")
    section = audited(tmp_path / "p", erasure.check, models=models)
    assert codes(section) == set()
    assert facts(section)["through the profile's own encoder and index"] is True
    assert not any("encoder" in line and "at hand" in line for line in section.not_tested)


def test_an_empty_profile_is_drilled_with_planted_items(tmp_path: Path) -> None:
    Vault.create(tmp_path / "p", AppKey(KEY)).close()
    section = audited(tmp_path / "p", erasure.check)
    assert codes(section) == set()
    assert facts(section)["items that the drill added and forgot"] == 3


def test_a_profile_of_an_earlier_release_is_brought_up_to_date_in_the_copy(profile: Path) -> None:
    """Take the profile's last step back, so that it is as an earlier release left it."""
    with Vault.open(profile, AppKey(KEY)) as vault:
        without_passages(vault)
    section = audited(profile, erasure.check)
    assert codes(section) == set()
    assert any(line.startswith("An earlier release wrote the profile last") for line in section.not_tested)


def test_a_profile_of_the_same_words_is_not_accused(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "p", AppKey(KEY)) as vault:
        vault.items.put_many([Draft(text=f"{MARKER} erasure verified request {n % 3}", id=f"i{n}") for n in range(40)])
    assert codes(audited(tmp_path / "p", erasure.check)) == set()


def test_a_sealed_file_that_stays(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SealedFolder, "delete", lambda *_: True)
    monkeypatch.setattr("ondevice.vault.vault.DerivedStore.clear_loose", lambda _: 0)
    found = codes(audited(profile, erasure.check))
    assert {"drill-left", "loose-blob"} <= found


def test_a_forgetting_that_only_says_so(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(self: Erasure, selection: list[str], **_: object) -> Receipt:
        return self._notary.sign(self._profile_id, 1, selection, [])

    monkeypatch.setattr(Erasure, "forget", forget)
    assert {"drill-left", "drill-items", "drill-learned"} <= codes(audited(profile, erasure.check))


def test_words_that_stay_in_keys_of_the_search_index(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.erasure.replace_dead_keys", lambda *_: 0)
    monkeypatch.setattr(drills, "choose_rows", lambda _: list(range(100, 500)))
    found = codes(audited(profile, erasure.check))
    assert {"search-keys", "drill-left", "receipt-unverified"} <= found


def test_pages_that_are_not_wiped(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget without overwriting, and without looking."""
    from ondevice.vault import cipher
    from ondevice.vault.readback import Findings

    set_up = cipher._set_up

    def careless(connection: object, key: bytes, is_reader: bool) -> None:
        set_up(connection, key, is_reader)  # type: ignore[arg-type]
        connection.execute("PRAGMA secure_delete = OFF")  # type: ignore[attr-defined]

    nothing = Findings(n_pages=1, n_texts=0, n_vectors=0, n_in_log=0, n_terms=0, is_control_found=True)
    monkeypatch.setattr(cipher, "_set_up", careless)
    monkeypatch.setattr("ondevice.vault.erasure.read_back", lambda *_: nothing)
    assert {"drill-left", "unused-text"} <= codes(audited(profile, erasure.check))


def test_a_foreign_receipt(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Erasure.forget
    other = Notary(Identity(secrets.token_bytes(32)))

    def forget(self: Erasure, *args: object, **named: object) -> Receipt:
        receipt = own(self, *args, **named)  # type: ignore[arg-type]
        return other.sign(receipt.profile_id, 1, receipt.item_ids, receipt.artifacts)

    monkeypatch.setattr(Erasure, "forget", forget)
    assert codes(audited(profile, erasure.check)) == {"receipt-foreign"}


def test_a_receipt_of_other_items(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Erasure.forget

    def forget(self: Erasure, *args: object, **named: object) -> Receipt:
        receipt = own(self, *args, **named)  # type: ignore[arg-type]
        return self._notary.sign(receipt.profile_id, 1, receipt.item_ids[1:], receipt.artifacts)

    monkeypatch.setattr(Erasure, "forget", forget)
    assert codes(audited(profile, erasure.check)) == {"receipt-foreign"}


def test_forged_receipts_that_pass(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drills, "verify_receipt", lambda *_, **__: True)
    assert codes(audited(profile, erasure.check)) == {"receipt-forged"}


def test_a_scan_that_sees_nothing(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drills, "found_by_place", lambda *_: {})
    assert codes(audited(profile, erasure.check)) == {"drill-blind"}


def test_what_was_wrong_before_is_not_blamed_on_the_drill(profile: Path, changing: Changing) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("UPDATE items SET expires_us = 1 WHERE row = 300")
    section = audited(profile, erasure.check)
    assert [finding.code for finding in section.findings] == ["erasure/expired"]


def test_a_vault_that_refuses_is_told(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ondevice.errors import StorageError

    def forget(*_: object, **__: object) -> Receipt:
        raise StorageError(f"no room for {MARKER}")

    monkeypatch.setattr(Erasure, "forget", forget)
    section = audited(profile, erasure.check)
    assert codes(section) == {"drill-refused"}
    assert section.tables == ()


@pytest.fixture(autouse=True)
def unplanted(profile: Path) -> Iterator[None]:
    """Make sure that nothing of a drill gets into the profile itself."""
    yield
    with Vault.open(profile, AppKey(KEY)) as vault:
        assert vault.items.count_by_kind().get(PLANTED_KIND, 0) == 0


def test_the_same_items_are_chosen_each_time_and_of_every_sort(changing: Changing) -> None:
    with changing() as vault, vault.database.exclusive() as connection:
        chosen = choose_rows(connection)
        assert chosen == choose_rows(connection)
    newest, oldest, learned_from, with_versions = 600, 1, 2, 4
    assert {newest, oldest, learned_from, with_versions} < set(chosen)
