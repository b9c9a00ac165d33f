"""Moving to another encoder: resumable after a kill, and the old vectors stay until the new are complete."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ondevice.errors import ModelMismatchError
from ondevice.passages import ItemText
from ondevice.retrieval.catalog import build_retrievers
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.retrieval.reencode import reencode
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.tiny_models import WORDS, make_tiny_encoder

ROOT = Path(__file__).parents[3]
TEXTS = [f"{first} {second}" for first in WORDS[20:35] for second in WORDS[40:42]]


@pytest.fixture
def new_encoder(tmp_path: Path) -> Iterator[Encoder]:
    with Encoder.open(make_tiny_encoder(tmp_path / "newer", name="newer", dim=16, seed=11)) as opened:
        yield opened


def search(vault: Vault, encoder: Encoder, query: str) -> list[int]:
    index = VectorIndex(vault.vectors, vault.sealed, encoder.id, encoder.dim)
    try:
        hits = build_retrievers(vault, lambda: encoder, index)["dense"].retrieve(query, k=1)
        index.save()
    finally:
        index.close()
    return [row for row, _ in hits]


def test_every_item_gets_the_new_vector_and_the_old_ones_go(
    vault: Vault, encoder: Encoder, new_encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    rows = add(TEXTS, encoder)
    assert search(vault, encoder, TEXTS[4]) == [rows[4]]
    with pytest.raises(ModelMismatchError, match="30 of 30 items"):
        search(vault, new_encoder, TEXTS[4])
    seen: list[tuple[int, int]] = []
    report = reencode(vault, new_encoder, batch=12, on_progress=lambda done, total: seen.append((done, total)))
    assert (report.encoder_id, report.n_encoded, report.n_dropped) == (new_encoder.id, 30, 30)
    assert seen == [(12, 30), (24, 30), (30, 30)]
    assert vault.vectors.encoders() == {new_encoder.id: 30}
    assert f"index-{encoder.id}" not in vault.sealed.names()
    assert search(vault, new_encoder, TEXTS[4]) == [rows[4]]
    with pytest.raises(ModelMismatchError):
        search(vault, encoder, TEXTS[4])


def test_again_there_is_nothing_to_do(vault: Vault, new_encoder: Encoder, add: Callable[..., list[int]]) -> None:
    add(TEXTS[:3], new_encoder)
    report = reencode(vault, new_encoder)
    assert (report.n_encoded, report.n_dropped) == (0, 0)


class StopError(Exception):
    """Raised by a test to interrupt."""


def test_an_interruption_leaves_the_old_encoder_whole_and_loses_no_batch(
    vault: Vault, encoder: Encoder, new_encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    rows = add(TEXTS, encoder)

    def stop(done: int, total: int) -> None:
        if done >= 20:
            raise StopError

    with pytest.raises(StopError):
        reencode(vault, new_encoder, batch=10, on_progress=stop)
    assert vault.vectors.encoders() == {encoder.id: 30, new_encoder.id: 20}
    assert search(vault, encoder, TEXTS[29]) == [rows[29]]
    with pytest.raises(ModelMismatchError, match="10 of 30 items"):
        search(vault, new_encoder, TEXTS[0])
    assert reencode(vault, new_encoder, batch=10).n_encoded == 10
    assert vault.vectors.encoders() == {new_encoder.id: 30}


def test_a_killed_process_is_gone_on_from(
    profile_path: Path, tmp_path: Path, encoder: Encoder, new_encoder: Encoder
) -> None:
    secret = AppKey(key=bytes(range(32)))
    with Vault.create(profile_path, secret) as vault:
        from ondevice.records import Draft

        vault.items.put_many([Draft(text=t) for t in TEXTS], vectors={encoder.id: encoder.encode_passages(TEXTS)})
    code = """
import os, signal, sys
from pathlib import Path
from ondevice.bundle import Bundle
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.reencode import reencode
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), AppKey(key=bytes(range(32))))
encoder = Encoder.open(Bundle.open(Path(sys.argv[2]), kind="encoder"))
reencode(vault, encoder, batch=7, on_progress=lambda done, total: done >= 14 and os.kill(os.getpid(), signal.SIGKILL))
"""
    command = [sys.executable, "-c", code, str(profile_path), str(tmp_path / "newer")]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr
    with Vault.open(profile_path, secret) as vault:
        assert vault.vectors.encoders() == {encoder.id: 30, new_encoder.id: 14}
        assert reencode(vault, new_encoder, batch=7).n_encoded == 16
        assert vault.vectors.encoders() == {new_encoder.id: 30}
        assert search(vault, new_encoder, TEXTS[8]) == [9]


def test_what_is_forgotten_or_changed_meanwhile_gets_no_vector_of_its_old_text(
    vault: Vault, encoder: Encoder, new_encoder: Encoder, add: Callable[..., list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = add(["coffee cake", "train", "guitar"], encoder)
    items = vault.items.get_rows(rows)
    encode, calls = new_encoder.encode_items, []

    def encode_while_others_write(texts: list[ItemText]) -> object:
        calls.append(texts)
        if len(calls) == 1:
            vault.items.update(items[rows[1]].id, text="piano")
        if len(calls) == 2:
            vault.forget([items[rows[2]].id])
        return encode(texts)

    monkeypatch.setattr(new_encoder, "encode_items", encode_while_others_write)
    assert reencode(vault, new_encoder, batch=2).n_encoded == 2
    assert [[each.text for each in texts] for texts in calls] == [
        ["coffee cake", "train"],
        ["piano", "guitar"],
        ["piano"],
    ]
    found, matrix, _ = vault.vectors.load(new_encoder.id)
    assert found.tolist() == rows[:2]
    assert matrix.tolist() == new_encoder.encode_passages(["coffee cake", "piano"]).tolist()


def test_a_batch_of_nothing_is_misuse(vault: Vault, new_encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="batch must be at least 1"):
        reencode(vault, new_encoder, batch=0)
