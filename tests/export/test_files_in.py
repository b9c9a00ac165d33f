"""Whatever the builder's commands read, a pipe or a device in its place is refused at once, with one of our errors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from export.cli.data_in import read_texts
from export.cli.options import DataSpec
from export.cli.secrets_in import MAX_BYTES, read_passphrase
from export.conversion.gguf.peft_folder import CONFIG_NAME, read_peft
from export.conversion.onnx.layout import read_license as read_card_license
from export.conversion.onnx.layout import read_object
from export.gate.candidate_groups import read_candidate_groups
from export.gate.reading import read_retrieval_data
from export.publishing.keys import load_private_key, read_publisher_key
from export.publishing.licences import read_license
from export.training.documents import read_document_feedback
from ondevice.errors import InputError, OndeviceError

READERS: dict[str, Callable[[Path], object]] = {
    "texts": lambda path: read_texts([DataSpec(kind="text", path=path)]),
    "groups": read_candidate_groups,
    "feedback": read_document_feedback,
    "private key": load_private_key,
    "publisher key": lambda path: read_publisher_key(str(path)),
    "licence": read_license,
    "passphrase": lambda path: read_passphrase(path, is_new=False),
    "settings": read_object,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_only_a_file_is_read(read: Callable[[Path], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OndeviceError):
            read(path)
    with (tmp_path / "sparse").open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(1 << 40)
    with pytest.raises(OndeviceError):
        read(tmp_path / "sparse")


def test_folders_with_a_pipe_inside(tmp_path: Path) -> None:
    for name in (CONFIG_NAME, "README.md", "corpus.jsonl", "queries.jsonl"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(OndeviceError):
        read_peft(tmp_path)
    with pytest.raises(OndeviceError):
        read_retrieval_data(tmp_path)
    assert read_card_license(tmp_path) is None


@pytest.mark.parametrize("sign", "\x0b\x0c\x1c\x85\u2028\r")
def test_nothing_but_a_line_feed_ends_a_passphrase(tmp_path: Path, sign: str) -> None:
    whole = f"a{sign}long secret tail"
    for end in ("", "\n", "\r\n", "\nmore\n"):
        (tmp_path / "words").write_bytes(f"{whole}{end}".encode())
        assert read_passphrase(tmp_path / "words", is_new=True) == whole
    (tmp_path / "words").write_bytes(b"words\r")
    assert read_passphrase(tmp_path / "words", is_new=True) == "words\r"


def test_what_a_shell_puts_on_a_descriptor_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"open sesame\nmore")
    assert read_passphrase(Path(f"/dev/fd/{reader}"), is_new=False) == "open sesame"
    for descriptor in (reader, writer):
        os.close(descriptor)
    with pytest.raises(InputError, match="cannot be read"):
        read_passphrase(Path(f"/dev/fd/{reader}"), is_new=False)


def test_the_longest_passphrase(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"x" * MAX_BYTES + b"\r\nmore")
    assert read_passphrase(tmp_path / "words", is_new=False) == "x" * MAX_BYTES
    (tmp_path / "words").write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="a line of 1 to 4096 bytes"):
        read_passphrase(tmp_path / "words", is_new=False)
