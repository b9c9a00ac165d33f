import os
import socket

import pytest

from ondevice.safety.regular_files import NotRegularError, TooLongError, open_regular, read_regular


def test_a_regular_file_and_a_link_to_one_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"content"


def test_a_pipe_a_device_a_socket_and_a_folder_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("pipe", "folder", "zero", "socket"):
            with pytest.raises(NotRegularError):
                open_regular(tmp_path / name)


def test_a_missing_file_is_told_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")


def test_no_more_is_read_than_may_be(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular(tmp_path / "file", limit_bytes=5) == b"12345"
    with pytest.raises(TooLongError, match="longer than 4 bytes"):
        read_regular(tmp_path / "file", limit_bytes=4)


def test_a_limit_costs_no_memory(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular(tmp_path / "file", limit_bytes=1 << 50) == b"12345"


def test_a_file_of_many_gigabytes_is_refused_by_what_is_read_of_it(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLongError):
        read_regular(tmp_path / "sparse", limit_bytes=1000)
