"""Forget items of a copy, as an app does, and look for them in every byte that is left."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ondevice.bundle.model_set import ModelSet
from ondevice.errors import OndeviceError
from ondevice.personalizer.personalizer import Personalizer
from ondevice.privacy.erasure.needles import Haystack, count_kinds, learned_needles, needles_of, unique_among
from ondevice.privacy.erasure.scanning import found_by_place
from ondevice.privacy.erasure.selection import choose_rows
from ondevice.privacy.erasure.state import State, connected, opened_keys, state_of
from ondevice.privacy.subject import Copy
from ondevice.records import Receipt
from ondevice.vault.identity import Identity
from ondevice.vault.receipts import Notary, verify_receipt

N_FORGED = 3
PLANTED_KIND = "drill"
_LETTERS = "bcdfghjkmnprtvw"
_N_PLANTED = 3
_QUERY = "what happened lately"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """What came of it.

    Args:
        n_chosen: Items of the user's that were forgotten in the copy.
        n_planted: Items that the drill itself had put there.
        n_learned: Things learned of them, which had to go too.
        with_encoder: Whether an index of the profile's own encoder was in memory and sealed.
        needles: What was looked for, by kind.
        unique: What of it no other item holds, so that it must be gone.
        before: What of that was found before.
        after: What of that was found afterwards, by kind and place.
        n_learned_left: Learned things that were still there.
        n_items_left: Forgotten items that the profile still knows.
        is_verified: Whether the receipt says that nothing was found.
        is_genuine: Whether the receipt is signed with the profile's own key, and names exactly the forgotten items.
        n_forged_taken: Forged receipts that were taken for genuine, of :data:`N_FORGED`.
        seconds: How long the forgetting took, reading everything back included.
        state: What lies in the copy afterwards.
    """

    n_chosen: int
    n_planted: int
    n_learned: int
    with_encoder: bool
    needles: Counter[str]
    unique: Counter[str]
    before: Counter[str]
    after: Counter[tuple[str, str]]
    n_learned_left: int
    n_items_left: int
    is_verified: bool
    is_genuine: bool
    n_forged_taken: int
    seconds: float
    state: State


def forget_in(copy: Copy, models: ModelSet) -> Drill:
    """Forget some items of a copy, close it, and look.

    Raises:
        OndeviceError: If the copy cannot be opened, or the vault refuses to forget.
    """
    keys = opened_keys(copy)
    file = copy.path / f"epoch-{keys.epoch}" / "profile.db"
    with connected(file, keys) as connection:
        chosen = choose_rows(connection)
    learned_text = _words(40)
    models, with_encoder = _prepared(copy, models, learned_text)
    with connected(file, keys) as connection:
        sql = "SELECT row FROM items WHERE kind = ? ORDER BY row DESC LIMIT ?"
        planted = [row for (row,) in connection.execute(sql, (PLANTED_KIND, _N_PLANTED)).fetchall()]
        rows = [*chosen, *planted]
        needles = [*needles_of(connection, rows), *learned_needles(learned_text)]
        unique = unique_among(needles, connection, rows)
        age = _age(connection.execute("SELECT name, secret FROM identity").fetchall())
    haystack = Haystack(unique)
    before = {needle for found in found_by_place(copy.path, keys, haystack, age).values() for needle in found}
    with _open(copy, models) as me:
        ids = _ids(me, rows)
        learned = [artifact.name for artifact in me.vault.lineage.artifacts_of(ids)]
        if with_encoder:
            me.search(_QUERY)
        pinned = me.vault.receipt_key
        started = time.perf_counter()
        receipt = me.forget(ids)
        seconds = time.perf_counter() - started
        n_learned_left = sum(artifact.name in learned for artifact in me.vault.lineage.list())
        n_items_left = len(_ids(me, rows))
    state = state_of(copy)
    with connected(file, keys) as connection:
        age = _age(connection.execute("SELECT name, secret FROM identity").fetchall())
    after = found_by_place(copy.path, keys, haystack, age)
    return Drill(
        n_chosen=len(chosen),
        n_planted=len(planted),
        n_learned=len(learned),
        with_encoder=with_encoder,
        needles=count_kinds(needles),
        unique=count_kinds(unique),
        before=count_kinds(before),
        after=Counter((needle.kind, place) for place, found in after.items() for needle in found),
        n_learned_left=n_learned_left,
        n_items_left=n_items_left,
        is_verified=receipt.verified,
        is_genuine=verify_receipt(receipt, public_key=pinned) and set(receipt.item_ids) == set(ids),
        n_forged_taken=sum(verify_receipt(forged, public_key=pinned) for forged in _forged(receipt)),
        seconds=seconds,
        state=state,
    )


def _prepared(copy: Copy, models: ModelSet, learned: str) -> tuple[ModelSet, bool]:
    """Put items of our own into the copy, with an index over all; return the models that were at hand for it."""
    none = ModelSet(models.folder, encoder=None, generator=None)
    try:
        with _open(copy, models) as me:
            _plant(me, learned)
            me.search(_QUERY)
        return models, models.encoder is not None
    except OndeviceError:
        # Without its models a profile is still to be forgotten in.
        pass
    with _open(copy, none) as me:
        _plant(me, learned)
    return none, False


def _open(copy: Copy, models: ModelSet) -> Personalizer:
    return Personalizer.over(copy.open(), models=models)


def _ids(me: Personalizer, rows: Sequence[int]) -> list[str]:
    """Return the ids of the items in these rows, expired ones included."""
    wanted = set(rows)
    with me.vault.database.reading() as connection:
        known = connection.execute("SELECT row, id FROM items").fetchall()
    return [item_id for row, item_id in known if row in wanted]


def _plant(me: Personalizer, learned: str) -> None:
    """Add items with everything that an item can have; something learned rests on them."""
    added = [
        me.add(
            f"{_words(12)}",
            kind=PLANTED_KIND,
            fields={"title": _words(3)},
            metadata={"tag": _words(1), "of": [_words(1)]},
        )
        for _ in range(_N_PLANTED)
    ]
    me.items.update(added[0].id, text=_words(12))
    me.vault.derived.put(PLANTED_KIND, PLANTED_KIND, learned.encode(), item_ids=[added[0].id, added[1].id])


def _words(count: int) -> str:
    return " ".join("".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(count))


def _age(secrets_of: Sequence[tuple[str, bytes]]) -> bytes:
    return bytes(dict(secrets_of).get("caches", b""))


def _forged(receipt: Receipt) -> tuple[Receipt, ...]:
    """Return receipts that the profile never gave: changed ones, and one signed by somebody else."""
    other = Notary(Identity(secrets.token_bytes(32)))
    return (
        replace(receipt, item_ids=receipt.item_ids[:-1]),
        replace(receipt, artifacts=receipt.artifacts[:-1]),
        other.sign(receipt.profile_id, int(receipt.at.timestamp() * 1_000_000), receipt.item_ids, receipt.artifacts),
    )
