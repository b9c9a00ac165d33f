"""Whatever stands in a file's place, each importer says so at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_csv, read_jsonl, read_lamp, read_locomo, read_mbox, read_text
from ondevice.importers.locomo_questions import read_locomo_questions
from ondevice.importers.opening import MAX_FILE_BYTES, MAX_JSON_BYTES

READERS: dict[str, Callable[[Path], Iterable[object]]] = {
    "jsonl": read_jsonl,
    "csv": read_csv,
    "text": read_text,
    "mbox": read_mbox,
    "lamp": lambda path: read_lamp(path, user="a"),
    "locomo": read_locomo,
    "questions": read_locomo_questions,
}


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest) -> Callable[[Path], list[object]]:
    return lambda path: list(READERS[request.param](path))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_pipe_is_refused_and_not_waited_for(
    tmp_path: Path, read: Callable[[Path], list[object]], ending: str
) -> None:
    path = tmp_path / f"file{ending}"
    os.mkfifo(path)
    with pytest.raises(InputError, match="is a pipe or a device, not a file"):
        read(path)


def test_a_device_and_a_socket_are_refused(tmp_path: Path, read: Callable[[Path], list[object]]) -> None:
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("zero", "socket"):
            with pytest.raises(InputError, match="is a pipe or a device, not a file"):
                read(tmp_path / name)


def test_a_missing_file_is_not_found(tmp_path: Path, read: Callable[[Path], list[object]]) -> None:
    with pytest.raises(NotFoundError):
        read(tmp_path / "gone")


def test_a_name_that_no_file_system_takes(tmp_path: Path, read: Callable[[Path], list[object]]) -> None:
    with pytest.raises(InputError):
        read(tmp_path / ("x" * 5000))


def test_a_file_with_a_hole_of_many_gigabytes(tmp_path: Path, read: Callable[[Path], list[object]]) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(MAX_JSON_BYTES // 2)
    with pytest.raises(InputError):
        read(path)


def test_a_file_beyond_the_limit_is_refused_by_its_size(tmp_path: Path, read: Callable[[Path], list[object]]) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(InputError, match=r"longer than [0-9]+ bytes"):
        read(path)


def test_no_error_carries_what_a_files_name_could_do_to_a_terminal(
    tmp_path: Path, read: Callable[[Path], list[object]]
) -> None:
    path = tmp_path / os.fsdecode(b"a\x1b[31m\xe2\x80\xaeb\xff\n.md")
    path.write_bytes(b"\xff nothing that any of them takes")
    with pytest.raises(InputError) as caught:
        read(path)
    message = caught.value.message.encode("utf-8").decode()
    assert not {"\x1b", "\u202e", "\n"} & set(message)
