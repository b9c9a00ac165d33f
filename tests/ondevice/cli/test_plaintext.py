"""The scan finds what is readable, and only that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ondevice.cli.plaintext import scan_for_text


def test_readable_text_is_found_in_both_encodings(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"\x00...telescope...\x00")
    (tmp_path / "b").write_bytes("telescope".encode("utf-16-le"))
    (tmp_path / "c").write_bytes(bytes(range(256)) * 100)
    scan = scan_for_text(tmp_path, ["telescope", "a red sofa"])
    assert (scan.n_files, scan.n_found, scan.n_pieces) == (3, 2, 1)
    assert scan.n_bytes == sum(
        path.stat().st_size for path in (tmp_path / "deep" / "a", tmp_path / "b", tmp_path / "c")
    )


def test_short_words_prove_nothing_and_are_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a red sofa")
    assert scan_for_text(tmp_path, ["a red sofa"]).n_found == 0


def test_a_phrase_of_short_words_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x01we all go to the sea on May 3\x02")
    scan = scan_for_text(tmp_path, ["we all go to the sea on May 3"])
    assert scan.n_pieces == scan.n_found == 3


@pytest.mark.parametrize("at", range(9))
def test_a_word_is_found_wherever_it_lies(tmp_path: Path, at: int) -> None:
    (tmp_path / "a").write_bytes(bytes(at) + b"telescope")
    (tmp_path / "b").write_bytes(b"tel"[: at % 4])
    assert scan_for_text(tmp_path, ["telescope"]).n_found == 1


def test_what_a_scan_finds_is_what_looking_for_each_piece_finds(tmp_path: Path) -> None:
    chance = random.Random(1)
    words = {"".join(chance.choices("ab", k=6)) for _ in range(40)}
    data = "".join(chance.choices("ab", k=300)).encode()
    (tmp_path / "a").write_bytes(data)
    assert scan_for_text(tmp_path, words).n_found == sum(word.encode() in data for word in words) > 10
