"""Moving to another encoder: resumable after a kill, and the old vectors stay until the new are complete."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ondevice.bundle import Bundle
from ondevice.errors import ModelMismatchError
from ondevice.passages import ItemText
from ondevice.records import Draft
from ondevice.retrieval.catalog import build_retrievers
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.retrieval.reencode import reencode
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.ondevice.vault.earlier_schema import without_passages
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


def run_until_killed(profile: Path, bundle: Path, *, batch: int, after: int) -> subprocess.CompletedProcess[bytes]:
    """Encode anew in a process that kills itself once so many items are done."""
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
batch, after = map(int, sys.argv[3:])
stop = lambda done, total: done >= after and os.kill(os.getpid(), signal.SIGKILL)
reencode(vault, encoder, batch=batch, on_progress=stop)
"""
    command = [sys.executable, "-c", code, str(profile), str(bundle), str(batch), str(after)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)


def test_a_killed_process_is_gone_on_from(
    profile_path: Path, tmp_path: Path, encoder: Encoder, new_encoder: Encoder
) -> None:
    secret = AppKey(key=bytes(range(32)))
    with Vault.create(profile_path, secret) as vault:
        vault.items.put_many([Draft(text=t) for t in TEXTS], vectors={encoder.id: encoder.encode_passages(TEXTS)})
    killed = run_until_killed(profile_path, tmp_path / "newer", batch=7, after=14)
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


LONG = [". ".join(" ".join(WORDS[at : at + 9]) for at in range(start, start + 20)) for start in range(40)]


def earlier_profile(path: Path, encoder: Encoder) -> list[int]:
    """Make a profile as a release left it that gave each item one vector, and return how many passages each has."""
    texts = [text for pair in zip(LONG, TEXTS, strict=False) for text in pair]
    with Vault.create(path, AppKey(key=bytes(range(32)))) as vault:
        vault.items.put_many([Draft(text=t) for t in texts], vectors={encoder.id: encoder.encode_passages(texts)})
        without_passages(vault)
    return [len(spans) for spans in encoder.split([ItemText(text, 0) for text in texts])]


def test_a_profile_from_before_there_were_passages_gets_them_and_no_short_item_is_encoded_again(
    profile_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = earlier_profile(profile_path, encoder)
    encode, calls = encoder.encode_items, []

    def encode_and_count(items: list[ItemText]) -> object:
        calls.extend(items)
        return encode(items)

    with Vault.open(profile_path, AppKey(key=bytes(range(32)))) as vault:
        before = vault.vectors.load(encoder.id)[1]
        assert search(vault, encoder, TEXTS[4]) == [10], "until then it is searched as ever"
        monkeypatch.setattr(encoder, "encode_items", encode_and_count)
        told: list[tuple[int, int]] = []
        report = reencode(vault, encoder, batch=7, on_progress=lambda done, total: told.append((done, total)))
        assert (report.n_encoded, report.n_dropped) == (30, 0)
        assert len(calls) == 30
        assert told[-1] == (60, 60)
        assert vault.vectors.count(encoder.id) == sum(counts)
        np.testing.assert_allclose(vault.vectors.load(encoder.id)[1], before, atol=1e-6)
        assert reencode(vault, encoder).n_encoded == 0
        assert search(vault, encoder, LONG[29].split(". ")[-1]) == [59], "its last sentence stands in no other"
        assert vault.check() == []


def test_a_split_that_was_killed_is_gone_on_from(profile_path: Path, tiny_bundle: Bundle, encoder: Encoder) -> None:
    counts = earlier_profile(profile_path, encoder)
    killed = run_until_killed(profile_path, tiny_bundle.folder, batch=7, after=28)
    assert killed.returncode == -9, killed.stderr
    with Vault.open(profile_path, AppKey(key=bytes(range(32)))) as vault:
        assert vault.check() == []
        assert len(vault.vectors.unsplit(encoder.id, 99)) == 32
        assert vault.vectors.count(encoder.id) == sum(counts[:28]) + 32
        assert search(vault, encoder, TEXTS[4]) == [10]
        assert reencode(vault, encoder, batch=7).n_encoded == 16
        assert vault.vectors.count(encoder.id) == sum(counts)
